"""A form whose values may change elsewhere while it is open: distinguishes the user's changes from the values that it
was given. No Qt."""

from collections.abc import Callable, Container, Mapping
from typing import Any

_OTHER = object()  # equal to no value


class Form:
    """Editors by the names of their values. A value that an editor rounds or shortens when it is set is no change."""

    def __init__(self) -> None:
        self._read: dict[str, Callable[[], Any]] = {}
        self._show: dict[str, Callable[[Any], object]] = {}
        self._shown: dict[str, Any] = {}  # each editor's value right after it was set

    def add(self, name: str, read: Callable[[], Any], show: Callable[[Any], object]) -> None:
        """Add an editor. read: returns its value. show: sets its value."""
        self._read[name], self._show[name] = read, show

    def follow(self, values: Mapping[str, Any], anew: Container[str] = ()) -> None:
        """Set the values of all editors that the user has not changed. anew: names that are set in any case."""
        changed = self.changes
        for name in self._read:
            if name in changed and name not in anew:
                self._shown[name] = values[name]
            else:
                self._show[name](values[name])
                self._shown[name] = self._read[name]()

    def choose(self, values: Mapping[str, Any]) -> None:
        """Set all editors as if the user had chosen each value."""
        for name in self._read:
            self._show[name](values[name])
            self._shown[name] = _OTHER

    @property
    def changes(self) -> dict[str, Any]:
        """The values that the user has changed."""
        now = {name: self._read[name]() for name in self._shown}
        return {name: value for name, value in now.items() if value != self._shown[name]}
