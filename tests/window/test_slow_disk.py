"""A disk that hangs: the window works on, whatever is done with pages there, and nothing is lost when it is back."""

import io
import os
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from desktop.pagefile.unopened import text_of
from desktop.pagefile.values import SUFFIX, PageFileError

LOOKS = ("stat", "lstat", "listdir", "scandir", "mkdir", "rename", "replace", "unlink", "link", "open", "readlink")


class SlowDisk:
    """A folder that hangs while its gate is shut. asked: how the GUI thread came to use it."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.asked: list[str] = []
        self._folder = str(folder)
        for name in LOOKS:
            patch.setattr(os, name, self._slow(getattr(os, name)))
        patch.setattr(io, "open", self._slow(io.open))

    def _slow(self, look: Callable[..., Any]) -> Callable[..., Any]:
        def slow(*args: Any, **kwargs: Any) -> Any:
            if args and isinstance(args[0], str | os.PathLike) and os.fspath(args[0]).startswith(self._folder):
                if threading.current_thread() is threading.main_thread():
                    self.asked.append(f"{look.__name__}\n{''.join(traceback.format_stack(limit=8))}")
                else:
                    self.gate.wait(30)
            return look(*args, **kwargs)

        return slow


def texts(folder: Path) -> set[str]:
    """The texts of all page files; one may be renamed meanwhile."""
    found: set[str] = set()
    for path in folder.rglob(f"*{SUFFIX}"):
        with suppress(PageFileError):
            found.add(text_of(path))
    return found


def test_a_disk_that_hangs_does_not_block_the_window(
    start: Callable[[], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand = start()
    program, open_page = hand.program, hand.program.open_page
    hand.until(lambda: open_page.at_rest)
    hand.types("one")
    assert open_page.save() == ""
    first, folder = open_page.path, program.home.pages
    disk = SlowDisk(folder, monkeypatch)
    disk.gate.clear()
    hand.types(" more")
    for command in ("save_page", "duplicate_page", "new_page"):
        program.window.actions_[command].trigger()
    hand.types("two")
    program.pages.panel.rename_requested.emit(first, "First")
    program.pages.panel.search_requested.emit("more")
    program.pages.refresh()
    open_page.rename("Second")
    open_page.open(first)
    program.open_last_page()
    hand.types(", and on")
    program.page_dialogs._save_as(folder / f"here{SUFFIX}")
    hand.qtbot.wait(300)
    hand.types(", still")
    program.window.actions_["trash_page"].trigger()
    hand.types("three")
    program.pages.trash(first)
    hand.qtbot.wait(300)
    assert hand.text == "three"
    assert disk.asked == []
    disk.gate.set()
    hand.until(lambda: open_page.at_rest and open_page.safe and {"one more", "two, and on, still"} <= texts(folder))
    program.export_print.export_to(tmp_path / "three.txt")
    hand.until(lambda: (tmp_path / "three.txt").exists())
    assert open_page.save() == "" and "three" in texts(folder)
    hand.until(lambda: first.name in {path.name for path in (folder / "trash").iterdir()})
    disk.asked.clear()
    open_page.open(next(path for path in folder.glob(f"*{SUFFIX}") if text_of(path) == "one more"))
    hand.until(lambda: hand.text == "one more")
    assert not [asked for asked in disk.asked if "test_slow_disk" not in asked.splitlines()[-2]]


def test_a_second_page_of_the_same_minute_gets_the_next_name(start: Callable[[], Any]) -> None:
    hand = start()
    hand.types("one")
    again = start()
    again.program.open_page.new()
    again.types("two")
    assert again.program.open_page.save() == ""
    third = start()
    third.program.open_page.new()
    third.types("three")
    assert third.program.open_page.save() == ""
    assert texts(third.program.home.pages) == {"one", "two", "three"}


def test_models_are_looked_for_while_the_page_goes_on(
    start: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    hand = start()
    program = hand.program
    hand.until(lambda: program.open_page.at_rest)
    home = program.home
    home.data.mkdir(parents=True, exist_ok=True)
    home.last_model.write_text("scripted:")
    disk = SlowDisk(home.data, monkeypatch)
    disk.gate.clear()
    program.models.open_usual()
    program.library.open()
    hand.types("on")
    hand.qtbot.wait(300)
    assert disk.asked == [] and hand.text == "on"
    disk.gate.set()
    hand.until(lambda: program.library._instance is not None)
    library = program.library.instance
    disk.gate.clear()
    for page in range(library.window.tabs.count()):
        library.window.tabs.setCurrentIndex(page)
        hand.qtbot.wait(50)
    assert disk.asked == []
    disk.gate.set()
