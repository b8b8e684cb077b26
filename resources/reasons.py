"""Why the system refused something, as the end of a sentence in the language spoken. What only the system has words
for stays in its words."""

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
    """In small letters, without a full stop: `no space left on device`. otherwise: where the system said nothing; the
    error's kind without it."""
    said = error.strerror
    if said and error.errno in _KNOWN and said == os.strerror(error.errno):
        return _KNOWN[error.errno]
    return (said or otherwise or type(error).__name__).lower()


def told(error: Exception) -> str:
    """The same, in the letters that the system has it in where that is English; of another error its own words."""
    if not isinstance(error, OSError) or not error.strerror:
        return str(error)
    return error.strerror if SPOKEN == SOURCE else reason(error)
