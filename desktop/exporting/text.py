"""A page as plain text in UTF-8. Knows nothing of files."""

from collections.abc import Iterator

from desktop.page import utf16
from desktop.page.contents import Contents

_UNITS = 65_536


def blocks(contents: Contents) -> Iterator[bytes]:
    """The page's text, block by block. Lone surrogates, which no file can hold, become U+FFFD."""
    chunks = contents.path.chunks
    kept = b""  # half of a surrogate pair, whose other half is in the next block
    for start in range(0, len(chunks), _UNITS):
        units = kept + chunks.units(start, min(start + _UNITS, len(chunks)))
        kept = units[-2:] if len(units) > 1 and 0xD8 <= units[-1] <= 0xDB else b""
        yield utf16.whole(utf16.decode(units.removesuffix(kept))).encode()
    if kept:
        yield utf16.whole(utf16.decode(kept)).encode()
