"""Another thread saves what the window notes of a model, before the window has closed."""

import threading
from typing import Any

import pytest

from models.library import installed


def test_the_last_model_is_noted_off_the_gui_thread(hand: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[tuple[str, bool]] = []

    def remember(path: str, _places: object) -> None:
        noted.append((path, threading.current_thread() is threading.main_thread()))

    monkeypatch.setattr(installed, "remember", remember)
    hand.opens("scripted:?rate=1900")
    hand.program.window.close()
    assert noted[-1] == ("scripted:?rate=1900", False)
