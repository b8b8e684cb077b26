"""The odds panel can be read in both looks."""

import pytest

from desktop.odds.colours import DARK, LIGHT, OddsColours
from tests.desktop.contrast import contrast


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_every_ink_can_be_read(colours: OddsColours) -> None:
    for ink in (colours.text, colours.quiet, colours.dim, colours.warning):
        assert contrast(ink, colours.ground) >= 4.5, ink
    assert contrast(colours.on_final, colours.final) >= 4.5
    for ground in (*colours.strip, colours.selected):
        assert contrast(colours.text, ground) >= 4.5
    for ink in (colours.quiet, colours.dim):
        assert contrast(ink, colours.selected) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_bars_stand_out(colours: OddsColours) -> None:
    assert contrast(colours.final, colours.ground) >= 3
    assert contrast(colours.final, colours.raw) >= 2
    assert contrast(colours.raw, colours.ground) >= 1.5
