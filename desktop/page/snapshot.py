"""The text of a page as it was at one moment, for any thread.

Nothing is copied before it is read: the page's chunks are lent, and copied where they change meanwhile. Knows nothing
of tokens.
"""

from dataclasses import dataclass

from desktop.page import utf16
from desktop.page.chunk import Chunk


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Units of chunks, each with how many of its bytes there were: it may only grow."""

    parts: tuple[tuple[bytearray, int], ...]

    @classmethod
    def of(cls, chunks: list[Chunk]) -> "Snapshot":
        for chunk in chunks:
            chunk.lent = True
        return cls(tuple((chunk.units, len(chunk.units)) for chunk in chunks))

    def units(self) -> bytes:
        """Two bytes a unit."""
        return b"".join([units[:size] for units, size in self.parts])

    def text(self) -> str:
        """Lone surrogates survive."""
        return utf16.decode(self.units())
