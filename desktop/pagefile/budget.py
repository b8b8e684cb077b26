"""How much one opening of a page's file may read and build in memory, by the file's size.

A file that Inkfall wrote stays far below it. A file whose index names a row a thousand times, or whose blobs unpack
without end, is refused when it exceeds it. Imports no SQLite.
"""

from desktop.pagefile.encoding import BlobError
from resources.language import tr

ROOM = 64 * 2**20  # bytes that any file may take in memory
GROWTH = 10  # bytes in memory for each byte of the file; undo steps take 5, texts 3, readings 2
OBJECT = 256  # bytes of a chunk, a fork or an operation, without its content
_READINGS = 8  # rows of alternatives for each byte of the file: equal ones are packed to four in a byte
_MORE_READINGS = 2**20


class Budget:
    """size: bytes of the file. left: bytes that may still be spent. readings: rows of alternatives that the file may
    claim to hold."""

    def __init__(self, size: int) -> None:
        self.left = ROOM + GROWTH * size
        self.readings = _MORE_READINGS + _READINGS * size

    def spend(self, count: int) -> None:
        """Count that many bytes that come into memory. Raises BlobError where they are more than a file of this size
        can hold."""
        self.left -= count
        if self.left < 0:
            raise BlobError(tr("it holds more than a file of its size can"))
