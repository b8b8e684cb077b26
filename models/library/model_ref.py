"""What names a model that can be opened: its file, or a script with fixed odds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_SCRIPTED = "scripted:"


@dataclass(frozen=True, slots=True)
class ModelRef:
    """text: a file's path, or "scripted:?rate=200" and the like (models/scripted)."""

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
        """What the script is asked for ("rate=200"); nothing for a file."""
        return self.text.removeprefix(_SCRIPTED).lstrip("?") if self.is_scripted else ""
