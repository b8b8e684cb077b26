"""The text of a page as it was at one moment, for any thread.

Nothing is copied when it is made: the page's chunks are lent, and the page copies those that it changes meanwhile.
"""

from dataclasses import dataclass

from desktop.page import utf16
from desktop.page.chunk import Chunk


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """parts: the units of each chunk, and how many of its bytes there were; a chunk may grow meanwhile."""

    parts: tuple[tuple[bytearray, int], ...]

    @classmethod
    def of(cls, chunks: list[Chunk]) -> "Snapshot":
        for chunk in chunks:
            chunk.lent = True
        return cls(tuple((chunk.units, len(chunk.units)) for chunk in chunks))

    def units(self) -> bytes:
        """The units, two bytes each."""
        return b"".join([units[:size] for units, size in self.parts])

    def text(self) -> str:
        """The text. Lone surrogates survive."""
        return utf16.decode(self.units())
