"""A reference to a model that can be opened: a file's path, or a script with fixed odds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_SCRIPTED = "scripted:"


@dataclass(frozen=True, slots=True)
class ModelRef:
    """A reference to a model. text: a file's path, or a script as in "scripted:?rate=200" (models/scripted)."""

    text: str

    @classmethod
    def of(cls, named: str | Path | ModelRef) -> ModelRef:
        return named if isinstance(named, ModelRef) else cls(str(named))

    def __str__(self) -> str:
        return self.text

    @property
    def is_scripted(self) -> bool:
        return self.text.startswith(_SCRIPTED)

    @property
    def script(self) -> str:
        """The script's parameters ("rate=200"); "" for a file."""
        return self.text.removeprefix(_SCRIPTED).lstrip("?") if self.is_scripted else ""
