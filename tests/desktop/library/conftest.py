"""A fake hub that answers at once, for tests of the library's tabs."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from desktop.library.fit_summary import FitSummary
from desktop.qt.background import Background
from models.library.downloadable import Downloadable, Listed, RemoteFile, Repository
from models.library.hub.address import Address
from models.library.hub.errors import HubError
from models.library.hub.search import Filters


def listed(name: str, *, gated: bool = False, tags: tuple[str, ...] = ("gguf",)) -> Listed:
    return Listed(name, 12_345, 6, gated, "2026-01-02", "mit", tags, ())


def item(repo: str, quantisation: str, size: int) -> Downloadable:
    return Downloadable(repo, "a" * 40, quantisation, (RemoteFile(f"model.{quantisation}.gguf", size, "0" * 64),))


class Hub:
    """Every repository has two items, except those with "missing" or "empty" in their names. Records all requests."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.batches = 3
        self.fails_at = -1  # the batch that fails

    def search(self, query: str, filters: Filters) -> Iterator[tuple[Listed, ...]]:
        if query == "down":
            raise HubError("The hub cannot be reached.")
        for batch in range(self.batches):
            if batch == self.fails_at:
                raise HubError("The hub is out of order.")
            self.asked.append(f"{query} {batch}")
            yield tuple(listed(f"someone/{query}-{batch * 30 + number}B") for number in range(30))

    def open(self, wanted: Address) -> Repository:
        name = wanted.repo
        self.asked.append(name)
        if "missing" in name:
            raise HubError(f"There is no {name}.")
        items = () if "empty" in name else (item(name, "Q4_K_M", 100_000_000), item(name, "Q8_0", 200_000_000))
        return Repository(listed(name), "a" * 40, items, parameters=160_000_000)

    def judge(self, repository: Repository) -> Iterator[tuple[Downloadable, FitSummary]]:
        for one in repository.items:
            yield one, FitSummary(f"{one.quantisation} fits", "weights, cache and working memory")


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def background(qapp: QApplication) -> Iterator[Background]:
    background = Background((HubError,))
    yield background
    background.close()
