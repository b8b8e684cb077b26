"""The table of libraries that a window needs."""

import sys
from pathlib import Path

import pytest

from desktop.terminal import libraries
from desktop.terminal.libraries import Library


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux leaves this to its user")
def test_what_the_loader_does_not_find_is_missing() -> None:
    one, two = Library("liba.so.1", "liba1"), Library("libb.so.2", "libb2")
    assert libraries.missing((one, two), loads=lambda file: file == "liba.so.1") == (two,)
    assert libraries.missing((Library("libc.so.6", "libc6"), Library("libnone-such.so.9", "none")))[0].package == "none"


def test_packages_are_named_once() -> None:
    assert libraries.packages((Library("a", "x"), Library("b", "y"), Library("c", "x"))) == ("x", "y")


def test_fonts(tmp_path: Path) -> None:
    assert not libraries.has_font((str(tmp_path), str(tmp_path / "none")))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "Some.ttf").touch()
    assert libraries.has_font((str(tmp_path),))
