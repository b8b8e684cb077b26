"""Editors of values that others may change meanwhile: which of them a hand has changed, and which follow. No Qt."""

from collections.abc import Callable, Container, Mapping
from typing import Any

_ELSE = object()  # no value is this one


class Form:
    """One editor a name. What an editor makes of the value that it was given (rounded, cut short) is no change."""

    def __init__(self) -> None:
        self._read: dict[str, Callable[[], Any]] = {}
        self._show: dict[str, Callable[[Any], object]] = {}
        self._shown: dict[str, Any] = {}  # what each showed when it was filled

    def add(self, name: str, read: Callable[[], Any], show: Callable[[Any], object]) -> None:
        """read: the editor's value now. show: fills it."""
        self._read[name], self._show[name] = read, show

    def follow(self, values: Mapping[str, Any], anew: Container[str] = ()) -> None:
        """These are the values now: an editor that no hand has changed since it was filled shows its own. anew: those
        that show it in any case."""
        changed = self.changes
        for name in self._read:
            if name in changed and name not in anew:
                self._shown[name] = values[name]
            else:
                self._show[name](values[name])
                self._shown[name] = self._read[name]()

    def choose(self, values: Mapping[str, Any]) -> None:
        """Show these values as though a hand had chosen each."""
        for name in self._read:
            self._show[name](values[name])
            self._shown[name] = _ELSE

    @property
    def changes(self) -> dict[str, Any]:
        """The values that a hand has changed."""
        now = {name: self._read[name]() for name in self._shown}
        return {name: value for name, value in now.items() if value != self._shown[name]}
