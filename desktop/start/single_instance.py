"""Makes the program a single instance for each data folder: a second start sends its files to the first and ends.

They talk over a local socket in the session's runtime folder, else in the data folder; both ends check that the other
belongs to the same user. If the first instance does not answer within two seconds, the second opens its own window.
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
LONGEST = 90  # bytes of a socket's path: systems allow as few as 104, and Qt adds a temporary folder to it
_HEARD, _YOURS = b"heard\n", b"yours\n"  # the first: I have read the files; the second: you open them, I end


class SingleInstance(QObject):
    """`files_received` carries the files of a later start, a list of Path (empty if it named none): open them and bring
    the window forward."""

    files_received = Signal(object)

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        """home: the data folder; each has one instance."""
        super().__init__(parent)
        self._home = home
        self._addresses = socket_addresses(home)
        self._held = ExitStack()
        self._server: QLocalServer | None = None
        self._received: dict[QLocalSocket, bytes] = {}

    @property
    def first(self) -> bool:
        """Whether this process receives the files of later starts."""
        return self._server is not None

    def take_or_hand_over(self, paths: Sequence[Path]) -> bool:
        """Become the first instance, or send the files to it. Returns whether this process is to open a window: True
        if it is the first or the first does not answer, False if the first has taken the files. Blocks for at most
        two seconds."""
        deadline = QDeadlineTimer(PATIENCE)
        if self._handed_over(paths, deadline):
            return False
        if deadline.hasExpired():
            return True  # the first instance hangs
        return not self._handed_to_rival(paths, deadline)

    def _handed_to_rival(self, paths: Sequence[Path], deadline: QDeadlineTimer) -> bool:
        """Become the first instance. If another start has just become it, send the files there and return True."""
        try:
            make_folder(self._home)
        except OSError:
            return False  # nothing can be written here: the window reports that
        lock = QLockFile(str(self._home / "instance.lock"))
        lock.setStaleLockTime(0)  # a lock is stale only when its process is gone
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
        return any(_handed_over(address, paths, deadline) for address in self._addresses)

    def close(self) -> None:
        """Stop receiving: later starts open their own windows."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            server.deleteLater()
        self._held.close()

    # -------------------------------------------------------------------------------------------- the first

    def _listen(self) -> None:
        """Listen at the first address that works, in place of a socket that a killed process left. If none works,
        every start opens its own window."""
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        if any(self._listens(server, address) for address in self._addresses):
            server.newConnection.connect(self._accept)
            self._server = server
        else:
            server.deleteLater()

    def _listens(self, server: QLocalServer, address: str) -> bool:
        try:
            name = self._held.enter_context(_short(address))
        except OSError:
            return False
        QLocalServer.removeServer(name)
        return server.listen(name)

    def _accept(self) -> None:
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
        elif message.endswith(b"\n" + _YOURS):  # a second start that gave up waiting opens the files itself
            socket.disconnectFromServer()
            if (files := _files(message.removesuffix(_YOURS))) is not None:
                self.files_received.emit(files)
        elif message.endswith(b"\n"):
            socket.write(_HEARD)
            socket.flush()

    def _forget(self, socket: QLocalSocket) -> None:
        self._received.pop(socket, None)
        socket.deleteLater()


def socket_addresses(
    home: Path, environment: Mapping[str, str] = os.environ, platform: str = sys.platform
) -> tuple[str, ...]:
    """The socket addresses for a data folder, best first. Every start of the same user gets the same."""
    key = os.fsencode(f"{_user()}\0{home.absolute()}")
    name = f"inkfall-{hashlib.sha256(key).hexdigest()[:20]}"
    if platform == "win32":
        return (name,)  # the name of a pipe
    session = environment.get("TMPDIR" if platform == "darwin" else "XDG_RUNTIME_DIR", "")
    if sandbox := environment.get("FLATPAK_ID"):
        session = session and f"{session}/app/{sandbox}"  # all starts of a Flatpak share this folder alone
    beside = str(home.absolute() / "instance")
    return (f"{session}/{name}", beside) if session.startswith("/") else (beside,)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # the system does not know this user
        return str(os.getuid())


@contextmanager
def _short(address: str) -> Generator[str]:
    """Yield the address, or a short path for the same file if it is too long for a socket. Raises OSError."""
    if len(os.fsencode(address)) <= LONGEST or not sys.platform.startswith("linux"):
        yield address
        return
    folder, name = os.path.split(address)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{handle}/{name}"
    finally:
        os.close(handle)


def _handed_over(address: str, paths: Sequence[Path], deadline: QDeadlineTimer) -> bool:
    """Send the files to the instance at that address. Returns whether one of this user took them in time."""
    socket = QLocalSocket()
    try:
        with _short(address) as name:
            socket.connectToServer(name)
            connected = socket.waitForConnected(max(1, deadline.remainingTime()))
    except OSError:
        return False  # the folder does not exist
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
    """The files as one line of ASCII JSON, absolute; names that are no paths (scripted:) stay as they are."""
    names = [str(path) if ":" in path.parts[0] else str(path.absolute()) for path in paths if path.parts]
    return json.dumps({"files": names}).encode("ascii") + b"\n"


def _files(message: bytes) -> list[Path] | None:
    """The files in a message; None if it is malformed."""
    try:
        found = parse(message)
    except ValueError:
        return None
    names = cast("dict[str, object]", found).get("files") if isinstance(found, dict) else None
    if not isinstance(names, list):
        return None
    return [Path(name) for name in cast("list[object]", names) if isinstance(name, str)]
