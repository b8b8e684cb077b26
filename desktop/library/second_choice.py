"""Asks for a second model: lists the models of this machine, and forecasts their memory off the GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.qt.background import Background
from desktop.qt.file_dialogs import FileDialogs
from desktop.qt.one_dialog import open_one
from models.library.app_dirs import AppDirs
from models.library.load_options import LoadOptions
from resources.language import tr

if TYPE_CHECKING:
    from desktop.library.second_dialog import Purpose
    from desktop.library.second_models import SecondModelChoice
    from models.engine.events import ModelFacts
    from models.library.fit import Machine

LIST, JUDGE, FILE = "models to compare with", "forecasts", "forecast of a file"


def ask_machine() -> Machine:
    """The machine's memory as it is now, devices included; takes about a second."""
    from models.launch.device_probe import machine  # not before it is asked for: a window opens without it

    return machine()


class SecondChoice(QObject):
    """`compare_chosen` carries the path of a model to compare with; `reading_chosen` one that is to read the page, and
    whether it takes turns with the loaded one."""

    compare_chosen = Signal(str)
    reading_chosen = Signal(str, bool)

    def __init__(self, home: AppDirs, files: FileDialogs, window: QWidget) -> None:
        super().__init__(window)
        self.machine: Callable[[], Machine] = ask_machine  # called off the GUI thread
        self._home, self._files, self._window = home, files, window
        self._background = Background((OSError,), self)

    def open(self, purpose: Purpose, first: ModelFacts | None, recent: Iterable[str], options: LoadOptions) -> None:
        """Ask for a model. first: the loaded one. recent: paths of those opened last. options: of the load."""
        from desktop.library import second_models
        from desktop.library.second_dialog import SecondModelDialog

        dialog = open_one(self._window, "second model", lambda: SecondModelDialog(purpose, self._window))
        if dialog is None:
            return
        known, background = tuple(recent), self._background

        def judge(lane: str, choices: tuple[SecondModelChoice, ...]) -> None:
            judged = lambda: second_models.judged(choices, first, options, self.machine)  # noqa: E731
            background.stream(lane, judged, dialog.put_one, lambda: None, dialog.say)

        def put(choices: tuple[SecondModelChoice, ...]) -> None:
            dialog.put(choices)
            judge(JUDGE, choices)

        def add(path: Path) -> None:
            choice = second_models.of_file(str(path))
            dialog.add(choice)
            judge(FILE, (choice,))

        dialog.chosen.connect(lambda path, in_turns: self._chosen(purpose, path, in_turns))
        dialog.file_requested.connect(lambda: self._ask_for_file(add))
        dialog.finished.connect(lambda _result: self._forget())
        background.run(LIST, lambda: second_models.choices(self._home, known, first), put, dialog.say)

    def close(self) -> None:
        self._background.close()

    def _ask_for_file(self, then: Callable[[Path], object]) -> None:
        self._files.open("models", tr("Open model"), self._home.models, tr("Models") + " (*.gguf)", then)

    def _forget(self) -> None:
        """The dialog is gone: what is still found out about its models is dropped."""
        for lane in (LIST, JUDGE, FILE):
            self._background.cancel(lane)

    def _chosen(self, purpose: Purpose, path: str, in_turns: bool) -> None:
        if purpose == "compare" and not in_turns:
            self.compare_chosen.emit(path)
        else:
            self.reading_chosen.emit(path, in_turns)
