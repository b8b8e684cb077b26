"""A lock on an open file, so that two programs do not write one download. However its program dies, it is gone then."""

import errno
import sys
from typing import BinaryIO

NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}  # what file systems that know none say

if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 60  # beyond every file: a lock there keeps nobody from reading

    def lock(file: BinaryIO) -> bool:
        """Whether nobody else has it; then it is ours until the file is closed."""
        position = file.tell()
        file.seek(_FAR)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            file.seek(position)
        return True

else:
    import fcntl

    def lock(file: BinaryIO) -> bool:
        """Whether nobody else has it, as far as the file system can tell; then it is ours until the file is closed."""
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
        return True
