"""The panel of the selection's statistics: what it shows, copies and selects."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from desktop.overview.selection_panel import SelectionPanel
from desktop.overview.selection_words import as_csv, as_text
from desktop.page.statistics import BARS, Report, Statistics
from resources.colours import DARK, LIGHT, Colours

CLASSES = (10, 100, 1_000)
MODEL = Statistics(100, 200.0, 400, 100, 300, 7, 30, 52, (60, 30, 5, 3, 2), (0,) * 9 + (100,), (10,) * BARS)
OWN = Statistics(1, 9.0, 4, 1, 70, 0, 0, 0, (0, 0, 1, 0, 0), (1,) + (0,) * 9, (1,) + (0,) * 9)
REPORT = Report(MODEL, MODEL, OWN)


@pytest.fixture
def panel(qtbot: QtBot) -> SelectionPanel:
    panel = SelectionPanel()
    qtbot.addWidget(panel)
    panel.resize(340, 620)
    panel.show()
    panel.show_report(REPORT, "Whole page", CLASSES)
    return panel


def words_of(panel: SelectionPanel) -> list[list[str]]:
    return [[fact.text() for fact in facts] for facts in panel._facts]


def test_it_shows_all_the_models_and_ones_own(panel: SelectionPanel) -> None:
    assert words_of(panel)[0] == ["100", "100", "1"] and words_of(panel)[5] == ["4.00", "4.00", "512.00"]
    assert panel._heading.text() == "Whole page"
    assert "Perplexity, Yours: 512.00" in [fact.accessible_name() for facts in panel._facts for fact in facts]


def test_it_tells_that_it_still_counts(panel: SelectionPanel) -> None:
    panel.show_report(Report(MODEL, MODEL, OWN, done=False), "Whole page", CLASSES)
    assert "counting" in panel._heading.text() and not panel.copy_csv.isEnabled()
    panel.show_report(REPORT, "Whole page", CLASSES)
    assert panel.copy_csv.isEnabled()


def test_copies(panel: SelectionPanel, qtbot: QtBot) -> None:
    for button, text in (
        (panel.copy_text, as_text(REPORT, "Whole page", CLASSES)),
        (panel.copy_csv, as_csv(REPORT, CLASSES)),
    ):
        with qtbot.waitSignal(panel.copied):
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert QApplication.clipboard().text() == text


def test_the_longest_run_can_be_selected(panel: SelectionPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.select_requested) as asked:
        qtbot.keyClick(panel.longest, Qt.Key.Key_Space)
    assert asked.args == [30, 52]
    panel.show_report(Report(OWN, Statistics(), OWN), "Selected text", CLASSES)
    assert not panel.longest.isEnabled()


def test_without_statistics_nothing_can_be_copied(panel: SelectionPanel) -> None:
    panel.show_report(None, "Whole page", CLASSES)
    assert not panel.copy_text.isEnabled() and words_of(panel)[3] == ["–"] * 3
    assert panel.histograms[0].accessible_value() == ""


def test_a_histogram_tells_its_classes(panel: SelectionPanel) -> None:
    ranks, fractions, entropies = panel.histograms
    assert ranks.accessible_value() == (
        "1: model 60, yours 0; up to 10: model 30, yours 0; up to 100: model 5, yours 1; "
        "up to 1,000: model 3, yours 0; beyond: model 2, yours 0"
    )
    assert fractions.accessible_value().endswith("0.9–1.0: model 100, yours 0")
    point = QPoint(ranks.width() - 4, 40)
    QApplication.sendEvent(entropies, QHelpEvent(QEvent.Type.ToolTip, point, entropies.mapToGlobal(point)))
    assert QToolTip.text() == "9 bits and more: model 10, yours 0"
    QToolTip.hideText()


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_bars_are_as_high_as_their_share(panel: SelectionPanel, colours: Colours) -> None:
    panel.set_colours(colours)
    ranks = panel.histograms[0]
    image = ranks.grab().toImage()
    step = image.width() / 5
    full = [
        sum(image.pixelColor(round(step * place + step / 5), y).name() == colours.ink for y in range(image.height()))
        for place in range(5)
    ]
    assert full == sorted(full, reverse=True) and full[0] > 1.5 * full[1] > 4 * full[2] > 0 and full[4] >= 1
    assert colours.text in {
        image.pixelColor(round(2.75 * step), y).name() for y in range(image.height())
    }  # the only word of one's own


@pytest.mark.parametrize("width", [200, 340, 600])
def test_it_fits_any_width(panel: SelectionPanel, width: int) -> None:
    panel.resize(width, 500)
    assert not panel.grab().isNull() and panel.minimumSizeHint().width() <= 340
