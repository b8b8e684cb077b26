"""Finds out which user's process is at the other end of a local socket. No Qt."""

import os
import socket
import struct
import sys

_LOCAL_PEERCRED = 1  # macOS; the answer begins with a version and the user id


def is_this_user(descriptor: int) -> bool:
    """Whether the other end belongs to the user of this process. Always true on Windows, whose pipe admits no other."""
    return sys.platform == "win32" or user_of(descriptor) == os.geteuid()


def user_of(descriptor: int) -> int:
    """The user id of the other end; -1 if it is gone."""
    try:
        with socket.socket(fileno=os.dup(descriptor)) as end:
            if sys.platform == "darwin":
                return struct.unpack_from("II", end.getsockopt(0, _LOCAL_PEERCRED, 76))[1]
            return struct.unpack("iii", end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1]
    except OSError:
        return -1
