"""How the hub is reached: endpoint, proxy, token, offline; and the ledger of which hosts were contacted, and why.

Values and a list; opens no connection itself. Nothing of the network is used but through a Connection, so that
`offline` refuses everything at one place.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

HUGGING_FACE = "https://huggingface.co"
LONGEST_ADDRESS = 2_000  # characters of an endpoint or a proxy


@dataclass(frozen=True, slots=True)
class Contact:
    """A host was contacted. when: seconds since the epoch. why: a phrase, as in "search for gemma"."""

    when: float
    host: str
    why: str


class Ledger:
    """Every contact of this run, in order; may be noted from any thread."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._contacts: list[Contact] = []

    def note(self, host: str, why: str) -> None:
        with self._lock:
            self._contacts.append(Contact(self._clock(), host, why))

    def contacts(self) -> tuple[Contact, ...]:
        with self._lock:
            return tuple(self._contacts)


@dataclass(frozen=True, slots=True)
class Connection:
    """endpoint: where the hub is, without a slash at its end. proxy: an address, or empty for the environment's. token:
    the user's own, sent to the endpoint only; empty for none. offline: nothing is contacted.
    """

    endpoint: str = HUGGING_FACE
    proxy: str = ""
    token: str = field(default="", repr=False)
    offline: bool = False
    ledger: Ledger = field(default_factory=Ledger, compare=False)
