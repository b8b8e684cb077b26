"""Switching pages while something runs: nothing of the former page stays behind."""

import os
import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from desktop.generation.session import SHOW_NUMBERS_AFTER
from desktop.pagefile.store import Store
from desktop.pagefile.unopened import text_of
from desktop.pagefile.values import DiskFullError
from models.sampling.knobs import Sampling

Key = Qt.Key


def saved(hand: Any) -> None:
    """Wait until all that was typed is on the disk."""
    assert hand.program.open_page.save() == ""
    hand.until(lambda: hand.program.open_page.at_rest)


def two_pages(hand: Any) -> tuple[Path, Path]:
    """Two saved pages, "first" and "second"; the second is open."""
    hand.types("first")
    first = hand.program.open_page.path
    hand.ctrl(Key.Key_N)
    hand.types("second")
    saved(hand)
    return first, hand.program.open_page.path


def pages(hand: Any) -> list[str]:
    """The texts of all page files."""
    return sorted(text_of(path) for path in hand.program.home.pages.glob("*.inkfall"))


def test_the_models_edge_on_the_former_page_is_forgotten(hand: Any) -> None:
    hand.program.preferences.change(context=128)
    hand.opens("scripted:?rate=1900")
    hand.sets(length=None)
    hand.types("Once")
    hand.ctrl(Key.Key_Return)
    hand.until(lambda: hand.program.session.state.dropped > 0)
    hand.ctrl(Key.Key_N)
    state = hand.program.session.state
    assert (state.used, state.dropped, state.next_slide) == (0, 0, "")
    assert hand.program.editor.marks.current.unseen == 0


def test_tokens_and_speed_are_those_of_the_page_in_view(hand: Any) -> None:
    status = hand.program.window.status

    def shown() -> tuple[str, str]:
        hand.qtbot.wait(2 * SHOW_NUMBERS_AFTER)
        return status.words()["Context"].split(" of ")[0], status.words()["Speed"]

    hand.opens("scripted:?rate=200")
    hand.sets(length=30, sampling=Sampling(ignore_eos=True))
    hand.types("Once upon a time")
    assert shown() == ("about 5", "")  # one of them stands before the page
    hand.writes()
    (first, speed), read = shown(), hand.program.session.state.tokens
    assert first.isdecimal() and speed
    hand.sets(length=50)
    hand.writes(Key.Key_R)
    second, _ = shown()
    assert int(second) == int(first) + 20
    hand.alt(Key.Key_Left)
    assert shown()[0] == first
    assert f"{read} token" in status._counts.toolTip() and "about" not in status._counts.toolTip()
    hand.alt(Key.Key_Right)
    hand.types("!")
    about = shown()[0]
    assert about == f"about {int(second) + 1}"
    assert "about" in status._counts.toolTip()
    page = hand.program.open_page.path
    saved(hand)
    hand.ctrl(Key.Key_N)
    assert shown() == ("0", "")
    hand.program.open_page.open(page)
    hand.until(lambda: hand.text.startswith("Once"))
    assert shown()[0].startswith("about ") and shown()[1] == ""
    hand.ctrl(Key.Key_Z)
    assert shown()[0] == second
    while hand.program.page.can_undo:
        hand.ctrl(Key.Key_Z)
    assert shown()[0] == "0"


def test_the_open_page_asked_for_again_stays_as_it_is(hand: Any) -> None:
    _first, second = two_pages(hand)
    hand.program.editor.set_caret(3)
    hand.program.open_page.open(second)
    hand.types("X")
    assert hand.text == "secXond"


def test_the_open_page_is_known_by_any_name(hand: Any, tmp_path: Path) -> None:
    _first, second = two_pages(hand)
    link = tmp_path / "link.inkfall"
    link.symlink_to(second)
    hand.types(", typed")
    hand.program.open_page.open(link)
    hand.types(" late")
    hand.until(lambda: not hand.program.open_page.busy)
    hand.types(" and later")
    saved(hand)
    assert hand.text == "second, typed late and later"
    assert pages(hand) == ["first", "second, typed late and later"]
    assert hand.program.window.notice.sentence == ""


def test_back_to_the_open_page_before_another_has_come(hand: Any) -> None:
    first, second = two_pages(hand)
    hand.program.open_page.open(first)
    hand.program.open_page.open(second)
    hand.types(", on")
    hand.until(lambda: not hand.program.open_page.busy)
    hand.types(" and on")
    saved(hand)
    assert hand.text == "second, on and on"
    assert pages(hand) == ["first", "second, on and on"]


def test_a_file_named_from_where_the_program_was_started(hand: Any, tmp_path: Path) -> None:
    first, _second = two_pages(hand)
    hand.program.open_page.open(Path(os.path.relpath(first)))
    hand.until(lambda: hand.text == "first")
    remembered = Path(hand.program.preferences.value.page)
    assert remembered.is_absolute()
    assert remembered.samefile(first)


def test_new_page_held_down(hand: Any) -> None:
    hand.types("words")
    for _ in range(30):
        hand.ctrl(Key.Key_N)
    hand.types("more")
    saved(hand)
    assert pages(hand) == ["more", "words"]
    assert not any(path.stem.endswith(" 9") for path in hand.program.home.pages.glob("*.inkfall"))


def test_a_page_removed_twice(hand: Any) -> None:
    _first, second = two_pages(hand)
    hand.types(", unsaved")
    hand.program.pages.trash(second)
    hand.program.pages.trash(second)
    hand.until(lambda: not second.exists())
    hand.until(lambda: hand.program.open_page.at_rest)
    hand.qtbot.wait(500)
    assert pages(hand) == ["first"]
    assert [text_of(path) for path in (hand.program.home.pages / "trash").glob("*.inkfall")] == ["second, unsaved"]
    assert hand.program.window.notice.sentence == "Moved to trash."


def test_a_page_that_just_left_is_renamed_and_removed(hand: Any) -> None:
    _first, second = two_pages(hand)
    for wish in ("rename", "trash"):
        hand.program.open_page.open(second)
        hand.until(lambda: hand.text.startswith("second"))
        hand.types("!")
        hand.ctrl(Key.Key_N)
        if wish == "rename":
            hand.program.pages.panel.rename_requested.emit(second, "A title")
        else:
            hand.program.pages.trash(second)
        hand.until(lambda: hand.program.open_page.at_rest)
        hand.qtbot.wait(400)
        assert hand.program.window.notice.sentence == ("" if wish == "rename" else "Moved to trash.")
    assert pages(hand) == ["first"]


def test_words_are_those_of_the_page_that_is_open(hand: Any) -> None:
    first, _second = two_pages(hand)
    hand.program.editor.insertPlainText(" word" * 50)
    hand.until(lambda: hand.program.open_page.facts().words > 40)
    hand.program.editor.insertPlainText(" word" * 50)
    hand.qtbot.wait(950)
    hand.program.open_page.open(first)
    hand.until(lambda: hand.text == "first")
    seen: list[int] = []
    hand.program.counts.counted.connect(lambda counted: seen.append(counted.words))
    hand.qtbot.wait(1200)
    assert set(seen) <= {1}
    assert hand.program.open_page.facts().words == 1


def test_hits_of_the_former_page_are_gone(hand: Any) -> None:
    first, _second = two_pages(hand)
    hand.program.editor.insertPlainText("\nneedle" * 20)
    hand.program.editor.select(0, hand.program.page.length)
    hand.ctrl(Key.Key_F)
    hand.qtbot.keyClicks(hand.program.find_bar.words, "needle")
    hand.program.open_page.open(first)
    hand.until(lambda: hand.text == "first")
    hand.qtbot.wait(500)
    assert hand.program.editor.page_selection()[1] <= 5
    hand.program.find_bar.words.setText("first")
    hand.until(lambda: len(hand.program.finder.hits_in(0, hand.program.page.length)[0]) == 1)


def test_a_pipe_and_a_device_are_no_texts(hand: Any, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path, Path("/dev/zero")):
        hand.program.window.notice.clear()
        hand.program.open_page.open(path)
        hand.until(lambda: not hand.program.open_page.busy, 5)
        assert path.name in hand.program.window.notice.sentence


def test_a_name_that_was_taken_meanwhile(hand: Any) -> None:
    path = hand.program.open_page.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("someone else's")
    hand.types("mine")
    hand.until(lambda: hand.program.open_page.has_file and hand.program.open_page.safe)
    saved(hand)
    assert path.read_text() == "someone else's"
    assert text_of(hand.program.open_page.path) == "mine"


def test_a_hit_that_came_to_nothing_leaves_no_place(hand: Any, tmp_path: Path) -> None:
    hand.program.open_page.open(tmp_path / "none.inkfall", 400)
    hand.until(lambda: not hand.program.open_page.busy)
    places: list[int] = []
    hand.program.open_page.position_requested.connect(places.append)
    hand.types("x")
    hand.ctrl(Key.Key_N)
    assert places == []


def test_half_a_sign_in_the_first_line(hand: Any) -> None:
    hand.program.page.write(0, 0, "\n" * 399 + "\U0001f600 and \ud800")
    saved(hand)
    assert hand.program.open_page.has_file


def test_switching_fast_while_the_model_writes(hand: Any) -> None:
    first, second = two_pages(hand)
    hand.opens("scripted:?rate=400")
    hand.sets(length=None)
    for turn in range(12):
        hand.ctrl(Key.Key_Return)
        hand.qtbot.wait(15 * (turn % 5))
        hand.program.open_page.open((first, second)[turn % 2])
        hand.program.open_page.open((first, second)[(turn + turn // 3) % 2])
        hand.qtbot.wait(10 * (turn % 4))
    hand.press(Key.Key_Escape)
    hand.until(lambda: not hand.program.open_page.busy)
    hand.until_ready()
    saved(hand)
    texts = pages(hand)
    assert len(texts) == 2
    assert texts[0].startswith("first")
    assert texts[1].startswith("second")
    assert hand.program.window.notice.sentence == ""


def test_closing_while_a_page_is_opened(hand: Any) -> None:
    first, second = two_pages(hand)
    hand.types(" end")
    hand.program.open_page.open(first)
    hand.program.window.close()
    hand.qtbot.wait(100)
    assert text_of(second) == "second end"


def test_asked_once_whether_to_close(hand: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    hand.types("precious")
    monkeypatch.setattr(type(hand.program.open_page), "close", lambda _open_page: "No room.")
    for _ in range(3):
        assert not hand.program.window.close()
    assert len([box for box in hand.program.window.findChildren(QMessageBox) if box.isVisible()]) == 1
    for box in hand.program.window.findChildren(QMessageBox):
        box.close()
    monkeypatch.undo()


def test_export_of_a_page_whose_file_was_taken_away(hand: Any, tmp_path: Path) -> None:
    hand.types("words")
    saved(hand)
    hand.program.open_page.path.unlink()
    hand.types(" and more")
    hand.program.export_print.export_to(tmp_path / "out.txt")
    messages: list[str] = []
    hand.program.export_print.finished.connect(messages.append)
    hand.until(lambda: bool(messages))
    assert (tmp_path / "out.txt").read_text() == "words and more"


def test_export_while_the_model_writes(hand: Any, tmp_path: Path) -> None:
    hand.writes_on(rate=300, units=60)
    before = hand.text
    hand.program.export_print.export_to(tmp_path / "out.txt")
    hand.until(lambda: (tmp_path / "out.txt").exists())
    hand.until(lambda: "Exported" in hand.program.window.status.words()["State"])
    assert (tmp_path / "out.txt").read_text().startswith(before)
    hand.press(Key.Key_Escape)
    hand.until_ready()


def test_a_copy_of_an_empty_page(hand: Any) -> None:
    hand.program.window.actions_["duplicate_page"].trigger()
    hand.qtbot.wait(300)
    assert "longer there" not in hand.program.window.notice.sentence


def test_a_page_that_cannot_be_saved_is_not_exported_as_it_was(
    hand: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand.types("words")
    saved(hand)
    monkeypatch.setattr(Store, "write", full)
    hand.types(" and more")
    hand.until(lambda: not hand.program.open_page.safe)
    hand.program.export_print.export_to(tmp_path / "out.txt")
    assert "not exported" in hand.program.window.notice.sentence
    assert not (tmp_path / "out.txt").exists()
    monkeypatch.undo()
    hand.until(lambda: hand.program.open_page.safe)


def full(*_arguments: object) -> None:
    raise DiskFullError("The disk is full.")


def test_a_page_is_not_opened_while_it_goes_to_the_trash(hand: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = two_pages(hand)
    pages, open_page = hand.program.pages, hand.program.open_page
    gate, trash = threading.Event(), pages.store.trash

    def slow_trash(path: Path) -> Path:
        gate.wait(10)
        return trash(path)

    monkeypatch.setattr(pages.store, "trash", slow_trash)
    pages.trash(first)
    open_page.open(first)
    hand.qtbot.wait(200)
    gate.set()
    hand.until(lambda: not first.exists() and open_page.at_rest)
    assert open_page.path == second and hand.text == "second"
    hand.types(", on")
    assert open_page.save() == "" and text_of(second) == "second, on"
