"""Values: how the hub is reached (endpoint, proxy, token, offline), and the ledger of the hosts contacted.

Every network access goes through a Connection, so that `offline` is checked in one place.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

HUGGING_FACE = "https://huggingface.co"
LONGEST_ADDRESS = 2_000  # code points of an endpoint or a proxy


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact with a host. when: seconds since 1970. why: a phrase, as in "search for gemma"."""

    when: float
    host: str
    why: str


class Ledger:
    """Records every contact of this run, in order. Any thread may call."""

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
    """How the hub is reached. endpoint: its address, without a slash at the end. proxy: an address, "" for the
    environment's. token: the user's, sent to the endpoint only; "" for none. offline: nothing is contacted.
    """

    endpoint: str = HUGGING_FACE
    proxy: str = ""
    token: str = field(default="", repr=False)
    offline: bool = False
    ledger: Ledger = field(default_factory=Ledger, compare=False)
