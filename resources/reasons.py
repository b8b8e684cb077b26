"""Reasons for system errors, in the interface's language where it has one, else in the system's words."""

import errno
import os

from resources.language import SOURCE, SPOKEN, tr

_KNOWN = {
    errno.EACCES: tr("permission denied"),
    errno.EPERM: tr("operation not permitted"),
    errno.ENOENT: tr("no such file or directory"),
    errno.EEXIST: tr("file exists"),
    errno.ENOTDIR: tr("not a directory"),
    errno.EISDIR: tr("is a directory"),
    errno.ENOTEMPTY: tr("directory not empty"),
    errno.ENOSPC: tr("no space left on device"),
    errno.EDQUOT: tr("disk quota exceeded"),
    errno.EFBIG: tr("file too large"),
    errno.EROFS: tr("read-only file system"),
    errno.EIO: tr("input/output error"),
    errno.ENAMETOOLONG: tr("file name too long"),
    errno.EMFILE: tr("too many open files"),
    errno.ENOMEM: tr("cannot allocate memory"),
}


def reason(error: OSError, otherwise: str = "") -> str:
    """The reason, to end a sentence: lower case, without a full stop, as in `no space left on device`. otherwise: used
    if the system gave no message; without it the error's type.
    """
    message = error.strerror
    if message and error.errno in _KNOWN and message == os.strerror(error.errno):
        return _KNOWN[error.errno]
    return (message or otherwise or type(error).__name__).lower()


def message_of(error: Exception) -> str:
    """The same, in the system's own spelling if the interface is English; of any other error its message."""
    if not isinstance(error, OSError) or not error.strerror:
        return str(error)
    return error.strerror if SPOKEN == SOURCE else reason(error)
