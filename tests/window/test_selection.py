"""The Selection panel in the real window: its key, what it counts, the legend's sum, and the next start."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

Key = Qt.Key


def panel_of(hand: Any) -> Any:
    return hand.program.selection.panel


def report_of(hand: Any) -> Any:
    """The Report that the panel shows, or None."""
    return panel_of(hand)._report


def written(hand: Any) -> None:
    hand.sets(length=30, seed=2)
    hand.types("Once upon a time")
    hand.writes()


def counted(hand: Any) -> int:
    report = report_of(hand)
    return report.all.tokens if report is not None and report.done else -1


def test_it_counts_the_page_and_what_is_selected(hand: Any) -> None:
    written(hand)
    assert report_of(hand) is None  # nothing is counted while it is hidden
    hand.ctrl(Key.Key_6)
    tokens = hand.program.page.token_count
    assert tokens > 10
    hand.until(lambda: counted(hand) == tokens)
    assert report_of(hand).model.tokens == tokens and report_of(hand).own.tokens == 0
    hand.program.editor.setFocus()
    hand.program.editor.select(16, 40)
    hand.until(lambda: 0 < counted(hand) < tokens)
    assert panel_of(hand)._heading.text() == "Selected text"
    hand.press(Key.Key_Right)
    hand.until(lambda: counted(hand) == tokens)
    hand.writes()
    hand.until(lambda: counted(hand) == hand.program.page.token_count > tokens)
    hand.ctrl(Key.Key_6)
    assert not panel_of(hand).isVisible()


def test_ones_own_words_are_counted_apart(hand: Any) -> None:
    written(hand)
    hand.press(Key.Key_L, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier)
    hand.ctrl(Key.Key_6)
    hand.until(lambda: counted(hand) > 0 and report_of(hand).own.tokens > 0)
    report = report_of(hand)
    assert report.all.tokens == report.model.tokens + report.own.tokens


def test_the_sum_in_the_legend_opens_it(hand: Any) -> None:
    written(hand)
    hand.program.window.resize(1500, 760)
    hand.ctrl(Key.Key_H)
    legend = hand.program.colouring.legend
    tokens = hand.program.page.token_count
    hand.until(lambda: legend.accessible_value().endswith(f"a token · {tokens} tokens"))
    hand.program.editor.select(16, 40)
    hand.until(lambda: legend.accessible_value().startswith("Selection: "))
    hand.until(lambda: legend.sum.isVisible())
    hand.qtbot.mouseClick(legend.sum, Qt.MouseButton.LeftButton)
    assert panel_of(hand).isVisible()
    hand.qtbot.mouseClick(legend.sum, Qt.MouseButton.LeftButton)
    assert panel_of(hand).isVisible()


def test_the_statistics_are_copied_and_the_longest_run_selected(hand: Any) -> None:
    written(hand)
    hand.ctrl(Key.Key_6)
    hand.until(lambda: counted(hand) > 0)
    hand.qtbot.mouseClick(panel_of(hand).copy_csv, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text().startswith("statistic,all,model,own\ntokens,")
    report = report_of(hand)
    if report.all.longest:
        hand.qtbot.mouseClick(panel_of(hand).longest, Qt.MouseButton.LeftButton)
        assert hand.program.editor.page_selection() == (report.all.longest_start, report.all.longest_end)


def test_the_classes_of_ranks_are_the_users(hand: Any) -> None:
    written(hand)
    hand.ctrl(Key.Key_6)
    hand.until(lambda: counted(hand) > 0)
    hand.program.preferences.change(rank_classes=(5, 2, 3))
    hand.until(lambda: panel_of(hand)._classes == (2, 3, 5))
    hand.until(lambda: counted(hand) > 0)
    assert "up to 3" in panel_of(hand).histograms[0]._names


def test_the_next_start_shows_it_again(start: Callable[[], Any]) -> None:
    first = start()
    first.opens("scripted:?rate=2000")
    written(first)
    first.ctrl(Key.Key_6)
    second = start()
    second.program.window.resize(1180, 760)  # the screen offscreen is narrow
    second.until(panel_of(second).isVisible)
    second.until(lambda: counted(second) == second.program.page.token_count > 10)
    second.ctrl(Key.Key_N)  # another page
    second.until(lambda: counted(second) == 0)
