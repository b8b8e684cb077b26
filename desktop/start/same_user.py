"""Whose process is at the other end of a local socket. No Qt."""

import os
import socket
import struct
import sys

_LOCAL_PEERCRED = 1  # of macOS, whose answer begins with a version and the user


def is_this_user(descriptor: int) -> bool:
    """Whether it is of the user whose process this is. On Windows a pipe lets nobody else in."""
    return sys.platform == "win32" or user_of(descriptor) == os.geteuid()


def user_of(descriptor: int) -> int:
    """The number of that user, as the system knows it; -1 where there is nobody any more."""
    try:
        with socket.socket(fileno=os.dup(descriptor)) as end:
            if sys.platform == "darwin":
                return struct.unpack_from("II", end.getsockopt(0, _LOCAL_PEERCRED, 76))[1]
            return struct.unpack("iii", end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1]
    except OSError:
        return -1
