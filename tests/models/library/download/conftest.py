"""Models on the stand-in hub, a folder for them, and a clock that advances only by waits."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from models.library.download.conditions import Conditions
from models.library.download.fetch import fetch
from models.library.download.progress import Progress
from models.library.downloadable import Downloadable, RemoteFile, Split
from models.library.hub.connection import Connection
from tests.models.library.conftest import Recipe
from tests.models.library.hub_stand_in import COMMIT, StandIn, sha256

MEGABYTE = 1_000_000


class Time:
    """A clock that only `wait` moves; waited: every wait, in seconds."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.waited: list[float] = []

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds


@dataclass
class Shop:
    """A hub, the folder that models go to, and the conditions of the download."""

    hub: StandIn
    folder: Path
    time: Time
    conditions: Conditions
    model: bytes

    def offer(self, *, name: str = "a-Q4_K_M.gguf", content: bytes | None = None, hashed: bool = True) -> Downloadable:
        """One file in the repository owner/name."""
        return self.offer_files({name: self.model if content is None else content}, hashed=hashed)

    def offer_files(
        self, files: dict[str, bytes], split: Split = "", hashed: bool = True, **fields: bool
    ) -> Downloadable:
        self.hub.add("owner/name", files, hashed=hashed, **fields)
        remote = (RemoteFile(name, len(data), sha256(data) if hashed else "") for name, data in files.items())
        return Downloadable("owner/name", COMMIT, "Q4_K_M", tuple(remote), split)

    def connection(self, token: str = "") -> Connection:
        return Connection(endpoint=self.hub.endpoint, token=token)

    def values(self, item: Downloadable, token: str = "") -> list[Progress]:
        """All that the download says until its end."""
        return list(fetch(item, self.folder, self.connection(token), self.conditions))

    def left(self) -> list[str]:
        """The names of all files in the folder."""
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture
def make_model(sound: Recipe) -> Callable[[int], bytes]:
    """Sound GGUF files of about that many bytes, with noise behind them; the same ones each time."""

    def make(size: int, seed: int = 7) -> bytes:
        head = sound.encode()
        return head + random.Random(seed).randbytes(max(0, size - len(head)))

    return make


@pytest.fixture
def shop(hub: StandIn, tmp_path: Path, make_model: Callable[[int], bytes]) -> Shop:
    time = Time()
    conditions = Conditions(
        patience=10.0, attempts=4, spare=1 * MEGABYTE, clock=lambda: time.now, wait=time.wait, chance=lambda: 1.0
    )
    return Shop(hub, tmp_path / "models", time, conditions, make_model(3 * MEGABYTE))
