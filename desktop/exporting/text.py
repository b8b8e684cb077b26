"""A page as plain text in UTF-8."""

from collections.abc import Iterator

from desktop.page import utf16
from desktop.page.contents import Contents

_UNITS = 65_536  # of a block, UTF-16


def blocks(contents: Contents) -> Iterator[bytes]:
    """The page's text, block by block. Lone surrogates, which UTF-8 cannot encode, become U+FFFD."""
    chunks = contents.path.chunks
    high = b""  # the first half of a surrogate pair; the second is in the next block
    for start in range(0, len(chunks), _UNITS):
        units = high + chunks.units(start, min(start + _UNITS, len(chunks)))
        high = units[-2:] if len(units) > 1 and 0xD8 <= units[-1] <= 0xDB else b""
        yield utf16.whole(utf16.decode(units.removesuffix(high))).encode()
    if high:
        yield utf16.whole(utf16.decode(high)).encode()
