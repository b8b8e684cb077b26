"""Checks grammars for the sampling panel, off the GUI thread and in a process that may die."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop.qt.background import Background
from models.launch import grammar_check
from models.launch.grammar_check import Verdict


class GrammarCheck(QObject):
    """`checked` carries the text, and a sentence on its mistake, "" for none. A newer text makes an older one stale."""

    checked = Signal(str, str)

    def __init__(self, check: Callable[[str], Verdict] = grammar_check.check, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._check = check
        self._background = Background(parent=self)

    def ask(self, text: str) -> None:
        """Check that text."""
        self._background.run(
            "grammar", lambda: self._check(text), lambda verdict: self.checked.emit(text, verdict.told)
        )

    def close(self) -> None:
        """Wait for a check that runs; what it finds is dropped."""
        self._background.close()
