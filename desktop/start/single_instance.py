"""One window for one folder of pages: a second start hands its files to the first and ends.

A local socket in the session's own folder, else in that of the pages; nothing goes over a network, and both sides look
whether the other one is of the same user. A first instance that does not answer within two seconds is left alone, and
the second opens a window of its own. Knows nothing of what files are.
"""

import getpass
import hashlib
import json
import os
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import cast

from PySide6.QtCore import QDeadlineTimer, QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from desktop.start.same_user import is_this_user
from models.library.outside_json import parse
from models.library.permissions import make_folder

PATIENCE = 2_000  # milliseconds that the first instance has to answer
LARGEST = 4 * 2**20  # bytes of a message
LONGEST = 90  # bytes of a socket's path: no system holds more than 104, and Qt makes it in a folder beside it
_HEARD, _YOURS = b"heard\n", b"yours\n"  # the first has read the files; they are the first's, and the second ends


class SingleInstance(QObject):
    """`files_received` carries the files of a later start, a list of Path, empty where it named none: the window is to
    come forward."""

    files_received = Signal(object)

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        """home: the folder that one instance has to itself."""
        super().__init__(parent)
        self._home = home
        self._places = socket_places(home)
        self._held = ExitStack()
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
        if self._handed_over(paths, deadline):
            return False
        if deadline.hasExpired():
            return True  # there is one, and it hangs
        return not self._handed_to_rival(paths, deadline)

    def _handed_to_rival(self, paths: Sequence[Path], deadline: QDeadlineTimer) -> bool:
        """Become the first; if another start has just done so, hand the files to that one."""
        try:
            make_folder(self._home)
        except OSError:
            return False  # nothing can be kept here: the window says so
        lock = QLockFile(str(self._home / "instance.lock"))
        lock.setStaleLockTime(0)  # it is stale when its process is gone, never by its age
        if not lock.tryLock(max(0, deadline.remainingTime())):
            return self._handed_over(paths, deadline)
        try:
            if self._handed_over(paths, deadline):
                return True
            if not deadline.hasExpired():
                self._listen()
        finally:
            lock.unlock()
        return False

    def _handed_over(self, paths: Sequence[Path], deadline: QDeadlineTimer) -> bool:
        return any(_handed_over(place, paths, deadline) for place in self._places)

    def close(self) -> None:
        """Later starts open windows of their own."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            server.deleteLater()
        self._held.close()

    # -------------------------------------------------------------------------------------------- the first

    def _listen(self) -> None:
        """Nobody answers anywhere: what a killed process left is put away. Where no place holds a socket, every start
        opens its own window."""
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        if any(self._listens(server, place) for place in self._places):
            server.newConnection.connect(self._greet)
            self._server = server
        else:
            server.deleteLater()

    def _listens(self, server: QLocalServer, place: str) -> bool:
        try:
            name = self._held.enter_context(_short(place))
        except OSError:
            return False
        QLocalServer.removeServer(name)
        return server.listen(name)

    def _greet(self) -> None:
        assert self._server is not None
        while socket := self._server.nextPendingConnection():
            if not is_this_user(int(socket.socketDescriptor())):
                socket.abort()
                socket.deleteLater()
                continue
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


def socket_places(
    home: Path, environment: Mapping[str, str] = os.environ, platform: str = sys.platform
) -> tuple[str, ...]:
    """Where the socket of that folder may be, the best first: the same for every start of the same user."""
    told = os.fsencode(f"{_user()}\0{home.absolute()}")
    name = f"inkfall-{hashlib.sha256(told).hexdigest()[:20]}"
    if platform == "win32":
        return (name,)  # of a pipe, which lies in no folder
    session = environment.get("TMPDIR" if platform == "darwin" else "XDG_RUNTIME_DIR", "")
    if sandbox := environment.get("FLATPAK_ID"):
        session = session and f"{session}/app/{sandbox}"  # every start in a Flatpak has its own, but for this one
    beside = str(home.absolute() / "instance")
    return (f"{session}/{name}", beside) if session.startswith("/") else (beside,)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # the system does not know this user
        return str(os.getuid())


@contextmanager
def _short(place: str) -> Generator[str]:
    """That place by a name which a socket can have. Raises OSError."""
    if len(os.fsencode(place)) <= LONGEST or not sys.platform.startswith("linux"):
        yield place
        return
    folder, name = os.path.split(place)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{handle}/{name}"
    finally:
        os.close(handle)


def _handed_over(place: str, paths: Sequence[Path], deadline: QDeadlineTimer) -> bool:
    """Whether an instance of this user that answers there has taken the files, before the deadline."""
    socket = QLocalSocket()
    try:
        with _short(place) as name:
            socket.connectToServer(name)
            connected = socket.waitForConnected(max(1, deadline.remainingTime()))
    except OSError:
        return False  # there is no such folder
    if not connected or not is_this_user(int(socket.socketDescriptor())):
        socket.abort()
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
