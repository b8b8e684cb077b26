"""The histogram: bars stand over the names of their classes."""

from collections.abc import Sequence

import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from desktop.overview.histogram import BARS_HEIGHT, Histogram
from resources.colours import LIGHT

STEP = 60  # pixels from class to class


def painted(qtbot: QtBot, model: Sequence[int], own: Sequence[int]) -> QImage:
    histogram = Histogram()
    qtbot.addWidget(histogram)
    histogram.show_counts("Rank", ("1", "10"), ("1", "10"), model, own)
    histogram.resize(2 * STEP, histogram.sizeHint().height())
    return histogram.grab().toImage()


@pytest.mark.parametrize(("own", "width"), [((0, 0), STEP - 4), ((1, 3), STEP / 2 - 2)])
def test_a_bar_is_as_broad_as_its_class_unless_there_are_two(qtbot: QtBot, own: Sequence[int], width: float) -> None:
    image = painted(qtbot, (4, 4), own)
    row = image.height() - BARS_HEIGHT // 2 - (image.height() - BARS_HEIGHT) // 2
    inked = [x for x in range(STEP) if image.pixelColor(x, row) == QColor(LIGHT.ink)]
    assert len(inked) == pytest.approx(width, abs=2) and inked[0] == 0
