"""Every colour is valid, the odds are readable in both themes, and an exported page has its own colours."""

import re
from dataclasses import asdict

import pytest

from resources.colours import DARK, LIGHT, Colours, as_styles
from tests.desktop.contrast import contrast


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_every_ink_can_be_read(colours: Colours) -> None:
    for ink in (colours.text, colours.quiet, colours.dim, colours.warning):
        assert contrast(ink, colours.ground) >= 4.5, ink
    assert contrast(colours.on_final, colours.final) >= 4.5
    for ground in (*colours.strip, colours.selected):
        assert contrast(colours.text, ground) >= 4.5
    for ink in (colours.quiet, colours.dim):
        assert contrast(ink, colours.selected) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_bars_stand_out(colours: Colours) -> None:
    assert contrast(colours.final, colours.ground) >= 3
    assert contrast(colours.final, colours.raw) >= 2
    assert contrast(colours.raw, colours.ground) >= 1.5


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_every_colour_is_one(colours: Colours) -> None:
    values = [value for name, value in asdict(colours).items() if name not in ("name", "dark")]
    flat = [one for value in values for one in (value if isinstance(value, tuple) else (value,))]
    assert all(re.fullmatch("#(?:[0-9a-f]{2})?[0-9a-f]{6}", one) for one in flat)


def test_styles_of_an_exported_page() -> None:
    styles = dict(re.findall(r"--(\w+): ([^;]+);", as_styles(LIGHT)))
    assert styles["paper"] == LIGHT.paper and styles["ink"] == LIGHT.ink and styles["heat"] == "244 186 151"
    assert styles.keys() == dict(re.findall(r"--(\w+): ([^;]+);", as_styles(DARK))).keys()
