"""The table of libraries that a window needs."""

import sys
from pathlib import Path

import pytest

from desktop.terminal import libraries
from desktop.terminal.libraries import Library


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux leaves this to its user")
def test_libraries_that_do_not_load_are_missing() -> None:
    one, two = Library("liba.so.1", "liba1"), Library("libb.so.2", "libb2")
    assert libraries.missing((one, two), loads=lambda file: file == "liba.so.1") == (two,)
    assert libraries.missing((Library("libc.so.6", "libc6"), Library("libnone-such.so.9", "none")))[0].package == "none"


def test_each_display_needs_its_own() -> None:
    x11, wayland, any_display = ({"DISPLAY": ":0"}, {"WAYLAND_DISPLAY": "wayland-0"}, {})
    assert libraries.for_display(x11) == libraries.CORE + libraries.X11
    assert libraries.for_display({**x11, **wayland}) == libraries.CORE + libraries.X11
    assert libraries.for_display(wayland) == libraries.CORE + libraries.WAYLAND
    assert libraries.for_display({"QT_QPA_PLATFORM": "offscreen"}) == libraries.CORE
    assert libraries.for_display(any_display) == libraries.WINDOW


def test_packages_are_named_once() -> None:
    assert libraries.packages((Library("a", "x"), Library("b", "y"), Library("c", "x"))) == ("x", "y")


def test_fonts(tmp_path: Path) -> None:
    assert not libraries.has_font((str(tmp_path), str(tmp_path / "none")))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "Some.ttf").touch()
    assert libraries.has_font((str(tmp_path),))
