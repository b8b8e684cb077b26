"""How much one opening of a page's file may read and build in memory, by the file's size.

A file that this program wrote stays far below it; one whose index names a row a thousand times, or whose blobs unpack
without end, is refused when it goes beyond. Knows no SQLite.
"""

from desktop.pagefile.encoding import BlobError
from resources.language import tr

ROOM = 64 * 2**20  # bytes that any file may come to
GROWTH = 10  # bytes in memory for each byte of the file; steps of undo come to 5, texts to 3, readings to 2
OBJECT = 256  # bytes of a chunk, a fork or an operation, beside what it holds
_READINGS = 8  # rows of alternatives for each byte of the file: equal ones are packed to four in a byte
_MORE_READINGS = 2**20


class Budget:
    """size: bytes of the file. left: bytes that may still be spent."""

    def __init__(self, size: int) -> None:
        self.left = ROOM + GROWTH * size
        self.readings = _MORE_READINGS + _READINGS * size

    def spend(self, count: int) -> None:
        """That many bytes come into memory. Raises BlobError where it is more than a file of this size can hold."""
        self.left -= count
        if self.left < 0:
            raise BlobError(tr("it holds more than a file of its size can"))
