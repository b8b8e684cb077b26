"""Reads the pieces a GGUF header is made of, never past the end of the file and never more than it must.

Knows the encoding (numbers, strings, arrays), not what the keys mean. Nothing here trusts a number in the file: every
length is compared with what is left of it before a byte is read. The file is read, not mapped: one that shrinks
meanwhile is an error here and not a bus error.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from resources.language import tr

MAX_STRING = 16 << 20
MAX_ARRAY = 64 << 20
MAX_KEPT = 64 << 20  # bytes of all texts that one reading keeps in memory
STRING, ARRAY, BOOL = 8, 9, 7
NUMBERS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<B", 10: "<Q", 11: "<q", 12: "<d"}
WINDOW = 1 << 20  # bytes looked at together while walking over an array of strings

Value = int | float | bool | str


class Damaged(Exception):  # noqa: N818  (a state of the file, told on in header.py's words)
    """The bytes cannot be a GGUF header; says what is wrong with them, without the file's name."""


class Unknown(Damaged):
    """The bytes may well be in order, but this program does not know them."""


class CutShort(Damaged):
    """The file ends before what its header announces."""


@dataclass(frozen=True, slots=True)
class StoredArray:
    """An array that was not read: its items' type number, how many there are, where the first one is in the file."""

    kind: int
    count: int
    offset: int


class ByteSource(Protocol):
    """What a header is read from: an open file, or one far away that is fetched as far as it is read."""

    def seek(self, offset: int, /) -> int: ...

    def read(self, length: int, /) -> bytes: ...


class Reader:
    """Walks over an open file of a known size (bytes) from its beginning."""

    def __init__(self, file: ByteSource, size: int) -> None:
        self.file = file
        self.size = size
        self.position = 0
        self.kept = 0

    def move(self, position: int) -> None:
        """Go on reading at that offset, in bytes. Raises CutShort behind the end."""
        if position > self.size:
            raise CutShort(tr("the file ends inside its header"))
        self.file.seek(position)
        self.position = position

    def take(self, length: int) -> bytes:
        """The next bytes, exactly so many. Raises CutShort where the file ends before."""
        if length > self.size - self.position:
            raise CutShort(tr("the file ends inside its header"))
        data = self.file.read(length)
        if len(data) != length:
            raise CutShort(tr("the file became shorter while it was read"))
        self.position += length
        return data

    def number(self, kind: int) -> int | float | bool:
        """One number of a type that is in NUMBERS."""
        code = NUMBERS[kind]
        value = struct.unpack(code, self.take(struct.calcsize(code)))[0]
        return bool(value) if kind == BOOL else value

    def unsigned(self, kind: int = 10) -> int:
        return int(self.number(kind))

    def raw_string(self) -> bytes:
        """The bytes of a text behind its length. Raises CutShort, or Damaged where it claims to be too long."""
        length = self.unsigned()
        if length > MAX_STRING:
            raise Damaged(tr("a text in its header claims to be {length:,} bytes long").format(length=length))
        return self.take(length)

    def string(self) -> str:
        """A text, with U+FFFD for what is no UTF-8. Raises CutShort, or Damaged where all texts are too long."""
        data = self.raw_string()
        self.kept += len(data)
        if self.kept > MAX_KEPT:
            raise Damaged(tr("the texts in its header are too long"))
        return data.decode("utf-8", errors="replace")

    def value(self) -> Value | StoredArray:
        """A value behind its type number. Arrays are walked over, not read. Raises CutShort or Damaged."""
        kind = self.unsigned(4)
        if kind == STRING:
            return self.string()
        if kind == ARRAY:
            return self._array()
        if kind not in NUMBERS:
            raise Damaged(tr("its header has a value of the unknown type {kind}").format(kind=kind))
        return self.number(kind)

    def _array(self) -> StoredArray:
        kind, count = self.unsigned(4), self.unsigned()
        if count > MAX_ARRAY:
            raise Damaged(tr("a list in its header claims to have {count:,} entries").format(count=count))
        found = StoredArray(kind, count, self.position)
        if kind == STRING:
            self._skip_strings(count)
        elif kind in NUMBERS:
            self.move(self.position + count * struct.calcsize(NUMBERS[kind]))
        else:
            raise Damaged(tr("its header has a list of the unknown type {kind}").format(kind=kind))
        return found

    def _skip_strings(self, count: int) -> None:
        """Go past that many strings without making any of them."""
        if 8 * count > self.size - self.position:
            raise CutShort(tr("the file ends inside its header"))
        unpack, window, start, at = struct.Struct("<Q").unpack_from, b"", self.position, self.position
        for _ in range(count):
            if at + 8 - start > len(window):
                self.move(at)
                start, window = at, self.take(min(WINDOW, self.size - at))
                if len(window) < 8:
                    raise CutShort(tr("the file ends inside its header"))
            length = unpack(window, at - start)[0]
            if length > MAX_STRING:
                raise Damaged(tr("a text in its header claims to be {length:,} bytes long").format(length=length))
            at += 8 + length
        self.move(at)

    def items(self, array: StoredArray) -> Iterator[Value | bytes]:
        """The items of an array that was walked over; strings as their bytes."""
        self.move(array.offset)
        for _ in range(array.count):
            yield self.raw_string() if array.kind == STRING else self.number(array.kind)
