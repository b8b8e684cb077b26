"""The odds panel can be read in both looks."""

import pytest

from desktop.odds.colours import DARK, LIGHT, OddsColours


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


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio of two colours."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.040_45 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
