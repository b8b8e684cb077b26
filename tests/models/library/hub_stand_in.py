"""A hub on loopback that the real client believes: repositories in memory, two servers (hub and CDN), faults on demand.

    hub = StandIn()
    hub.add("owner/name", {"model.gguf": data}, gated=True)
    hub.fail("drop", after=100_000)          # the next body ends early
    Connection(endpoint=hub.endpoint)
    hub.requests                             # what was asked, in order

How it answers is in hub_answers.py. Nothing of it outlives `close`.
"""

import hashlib
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import ThreadingHTTPServer
from typing import Any, Literal

COMMIT = "a" * 39 + "1"
GOOD_TOKEN = "hf_good"
Where = Literal["api", "resolve", "get", "any"]  # the JSON; the address of a file; its bytes; whichever comes first
Kind = Literal[
    "status",  # answers `status` with `headers`
    "stall",  # silent for `seconds` before it answers
    "drop",  # ends the connection after `after` bytes of the body
    "reset",  # the same, by a reset instead of an end
    "silence",  # silent for `seconds` after `after` bytes
    "short",  # a whole answer that has `amount` bytes too few, and says so
    "long",  # the same with bytes too many
    "endless",  # as long, and without its length
    "ignore_range",  # the whole file although a part was asked for
    "flip",  # one byte, at `at` in the file, is another
    "expired",  # this signed link is dead from now on (403)
    "page",  # a web page with status 200, as a network that wants a sign-in sends
    "body",  # answers `status` with `headers` and `body`, whatever was asked for
]


@lru_cache(maxsize=64)
def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class Repo:
    """A repository. files may be changed while it is served. hashed: whether the hub knows the sha256 of its files."""

    id: str
    files: dict[str, bytes]
    gated: bool = False
    private: bool = False
    commit: str = COMMIT
    tags: list[str] = field(default_factory=lambda: ["gguf"])
    gguf: dict[str, Any] | None = None
    downloads: int = 10
    likes: int = 1
    hashed: bool = True
    updated: str = "2026-01-02T00:00:00.000Z"

    def lfs(self, name: str) -> bool:
        return self.hashed and (name.endswith((".gguf", ".safetensors", ".bin")) or ".gguf.part" in name)


@dataclass
class Account:
    """The owner of a token, and the gated or private repositories that it opens."""

    name: str
    access: set[str] = field(default_factory=set)


@dataclass
class Fault:
    """Something that goes wrong `times` times. then: called when it strikes, as in changing a file."""

    kind: Kind
    where: Where
    times: int = 1
    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    after: int = 0
    seconds: float = 0.0
    amount: int = 1
    at: int = 0
    then: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Request:
    """One request and its status. server: "hub" or "cdn". range: as in "bytes=5-", or empty."""

    server: str
    method: str
    path: str
    range: str
    authorization: str
    status: int
    user_agent: str = ""


class Server(ThreadingHTTPServer):
    """Its threads are joined when it closes; the connections that they wait on are shut before."""

    daemon_threads = False
    request_queue_size = 64

    def __init__(self, handler: type, name: str) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.name = name
        self.connections: set[socket.socket] = set()
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, name=f"stand-in {name}"
        )
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""

    def close(self) -> None:
        self.shutdown()
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it is gone already
        self.server_close()
        self._thread.join()


class StandIn:
    """The hub. speed: bytes a second of a body, 0 for no limit. delay: seconds before every answer in JSON."""

    def __init__(self, page_size: int = 100) -> None:
        from tests.models.library.hub_answers import handler_for

        self.repos: dict[str, Repo] = {}
        self.accounts = {GOOD_TOKEN: Account("tester")}
        self.faults: list[Fault] = []
        self.requests: list[Request] = []
        self.speed = 0.0
        self.delay = 0.0
        self.page_size = page_size
        self.closing = threading.Event()  # ends every stall
        self.expired: set[str] = set()  # signatures of dead links
        self.links = 0
        self._lock = threading.Lock()
        self.main, self.cdn = Server(handler_for(self), "hub"), Server(handler_for(self), "cdn")

    @property
    def endpoint(self) -> str:
        return self.main.url

    def add(self, id: str, files: Mapping[str, bytes], **fields: Any) -> Repo:  # noqa: A002
        """Put a repository there; fields: the other fields of Repo."""
        self.repos[id] = Repo(id, dict(files), **fields)
        return self.repos[id]

    def fail(self, kind: Kind, where: Where = "get", **how: Any) -> Fault:
        """Let something go wrong; how: the other fields of Fault. Several strike in the order of their coming."""
        fault = Fault(kind, where, **how)
        with self._lock:
            self.faults.append(fault)
        return fault

    def strike(self, where: Where) -> Fault | None:
        """The fault that is due here, used up once."""
        with self._lock:
            due = (fault for fault in self.faults if fault.times > 0 and fault.where in {where, "any"})
            if (fault := next(due, None)) is not None:
                fault.times -= 1
        if fault is not None:
            fault.then()
        return fault

    def link(self, digest: str) -> str:
        """A signed address of a file's bytes."""
        with self._lock:
            self.links += 1
            return f"{self.cdn.url}/cdn/{digest}?signature={self.links}"

    def blob(self, digest: str) -> bytes | None:
        contents: Iterable[bytes] = (data for repo in self.repos.values() for data in repo.files.values())
        return next((data for data in contents if sha256(data) == digest), None)

    def note(self, request: Request) -> None:
        with self._lock:
            self.requests.append(request)

    def ranges(self) -> list[str]:
        """The Range of every request for a file's bytes, in order; empty where the whole was asked for."""
        return [request.range for request in self.requests if request.server == "cdn"]

    def close(self) -> None:
        self.closing.set()
        self.main.close()
        self.cdn.close()
