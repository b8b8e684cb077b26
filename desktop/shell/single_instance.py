"""One window for one folder of pages: a second start hands its files to the first and ends.

A local socket whose name is made from the user and the folder; nothing goes over a network. A first instance that does
not answer within two seconds is left alone, and the second opens a window of its own. Knows nothing of what files are.
"""

import getpass
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from PySide6.QtCore import QDeadlineTimer, QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from models.library.outside_json import parse

PATIENCE = 2_000  # milliseconds that the first instance has to answer
LARGEST = 4 * 2**20  # bytes of a message
_HEARD, _YOURS = b"heard\n", b"yours\n"  # the first has read the files; they are the first's, and the second ends


class SingleInstance(QObject):
    """`files_received` carries the files of a later start, a list of Path, empty where it named none: the window is to
    come forward."""

    files_received = Signal(object)

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        """home: the folder that one instance has to itself."""
        super().__init__(parent)
        self._home = home
        self._name = socket_name(home)
        self._server: QLocalServer | None = None
        self._received: dict[QLocalSocket, bytes] = {}

    @property
    def first(self) -> bool:
        """Whether later starts hand their files to this process."""
        return self._server is not None

    def take_or_hand_over(self, paths: Sequence[Path]) -> bool:
        """Whether this process is to open a window: the first one is, and one whose forerunner does not answer. False
        where a forerunner has taken the files."""
        deadline = QDeadlineTimer(PATIENCE)
        if _handed_over(self._name, paths, deadline):
            return False
        if deadline.hasExpired():
            return True  # there is one, and it hangs
        return not self._handed_to_rival(paths, deadline)

    def _handed_to_rival(self, paths: Sequence[Path], deadline: QDeadlineTimer) -> bool:
        """Become the first; if another start has just done so, hand the files to that one."""
        try:
            self._home.mkdir(parents=True, exist_ok=True)
        except OSError:
            return False  # nothing can be kept here: the window says so
        lock = QLockFile(str(self._home / "instance.lock"))
        lock.setStaleLockTime(0)  # it is stale when its process is gone, never by its age
        if not lock.tryLock(max(0, deadline.remainingTime())):
            return _handed_over(self._name, paths, deadline)
        try:
            if _handed_over(self._name, paths, deadline):
                return True
            if not deadline.hasExpired():
                self._listen()
        finally:
            lock.unlock()
        return False

    def close(self) -> None:
        """Later starts open windows of their own."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            server.deleteLater()

    # -------------------------------------------------------------------------------------------- the first

    def _listen(self) -> None:
        """Nobody answers to the name: what a killed process left of it is put away."""
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        QLocalServer.removeServer(self._name)
        if server.listen(self._name):
            server.newConnection.connect(self._greet)
            self._server = server
        else:
            server.deleteLater()  # no place for a socket: every start opens its own window

    def _greet(self) -> None:
        assert self._server is not None
        while socket := self._server.nextPendingConnection():
            self._received[socket] = b""
            socket.readyRead.connect(lambda socket=socket: self._read(socket))
            socket.disconnected.connect(lambda socket=socket: self._forget(socket))
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        message = self._received.get(socket, b"") + bytes(socket.readAll().data())
        self._received[socket] = message
        if len(message) > LARGEST:
            socket.abort()
        elif message.endswith(b"\n" + _YOURS):  # not sent by one that grew tired of waiting, and opens them itself
            socket.disconnectFromServer()
            if (files := _files(message.removesuffix(_YOURS))) is not None:
                self.files_received.emit(files)
        elif message.endswith(b"\n"):
            socket.write(_HEARD)
            socket.flush()

    def _forget(self, socket: QLocalSocket) -> None:
        self._received.pop(socket, None)
        socket.deleteLater()


def socket_name(home: Path, environment: Mapping[str, str] = os.environ) -> str:
    """The same for the same user and folder, and short enough for every system."""
    told = os.fsencode(f"{getpass.getuser()}\0{home.absolute()}")
    name = f"inkfall-{hashlib.sha256(told).hexdigest()[:20]}"
    sandbox, shared = environment.get("FLATPAK_ID"), environment.get("XDG_RUNTIME_DIR")
    # Every start in a Flatpak has temporary files of its own; this folder they have in common.
    return f"{shared}/app/{sandbox}/{name}" if sandbox and shared else name


def _handed_over(name: str, paths: Sequence[Path], deadline: QDeadlineTimer) -> bool:
    """Whether an instance that answers to the name has taken the files, before the deadline."""
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(max(1, deadline.remainingTime())):
        return False
    socket.write(_message(paths))
    answer = b""
    while answer != _HEARD and socket.waitForReadyRead(max(1, deadline.remainingTime())):
        answer += bytes(socket.readAll().data())
    if answer != _HEARD:
        socket.abort()
        return False
    socket.write(_YOURS)
    return socket.waitForBytesWritten(PATIENCE) or not socket.bytesToWrite()


def _message(paths: Sequence[Path]) -> bytes:
    """JSON, whose escapes hold any file name; names that are no paths (scripted:) stay as they are."""
    names = [str(path) if ":" in path.parts[0] else str(path.absolute()) for path in paths if path.parts]
    return json.dumps({"files": names}).encode("ascii") + b"\n"


def _files(message: bytes) -> list[Path] | None:
    """The files in a message; None where it is none."""
    try:
        found = parse(message)
    except ValueError:
        return None
    names = cast("dict[str, object]", found).get("files") if isinstance(found, dict) else None
    if not isinstance(names, list):
        return None
    return [Path(name) for name in cast("list[object]", names) if isinstance(name, str)]
