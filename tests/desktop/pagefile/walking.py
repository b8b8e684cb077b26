"""A page that is changed at random while it is saved, and a comparison of all visible parts of two pages."""

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np

from desktop.page.chunks import Limits
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.pagefile.delta import Delta
from desktop.pagefile.opening import Opened, open_page
from desktop.pagefile.store import Store, create_page
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.values import Facts, View
from tests.desktop.page.test_continuations_against_oracle import TreeMachine
from tests.desktop.page.test_continuations_against_oracle import walk as walk_tree
from tests.desktop.page.test_layers_against_oracle import some_spans
from tests.desktop.page.test_page_against_oracle import SOME_TEXTS, PageMachine, walk

LIMITS = Limits(units=16, tokens=5)


class Walk:
    """A machine of the oracle's on a page that has a file. several: whether several generations may be open at once."""

    def __init__(self, path: Path, chance: random.Random, several: bool = False) -> None:
        self.machine = TreeMachine() if several else PageMachine()
        self.chance = chance
        self.readers = random.Random(7)  # its own, for models that read: walks of a seed stay what they were
        self.path = path
        self.store: Store = create_page(path)
        self.tracker = Tracker()
        self.waiting: list[Delta] = []
        self.taken = 0
        self.machine.begin(chance.choice(SOME_TEXTS))

    @property
    def page(self) -> Page:
        return self.machine.page

    def step(self) -> None:
        if self.readers.random() < 0.1:
            self.read_by(self.readers.choice(("model C", "model D")))
        if isinstance(self.machine, TreeMachine):
            walk_tree(self.machine, self.chance)
        else:
            walk(self.machine, self.chance)

    def read_by(self, model: str) -> None:
        """A model that writes nothing reads a stretch of the page, if there is any text."""
        if self.page.length:
            start = self.readers.choice((0, self.readers.randrange(self.page.length)))
            spans = some_spans(self.page.text(start, start + 40), self.readers, self.machine.next_token)
            self.machine.next_token += 200
            self.page.layers.add(start, spans, Source(model, "read"), model.title())

    def take(self) -> None:
        self.taken += 1
        delta = self.tracker.take(self.page.contents, View(self.taken), Facts("a title", tokens=self.taken))
        assert delta is not None
        self.waiting.append(delta)

    def write(self) -> None:
        self.store.write(self.waiting)
        self.waiting.clear()

    def save(self) -> None:
        self.take()
        self.write()


LAYERS_SEEN = 10  # steps of a history


def reopened(path: Path) -> tuple[Page, Opened]:
    opened = open_page(path, LIMITS)
    return put_on(opened), opened


def put_on(opened: Opened) -> Page:
    page = Page(lambda: 0.0, LIMITS)
    page.put(opened.contents)
    return page


def shown(page: Page, layers: bool = True) -> tuple[object, ...]:
    """All visible parts of a page. layers: false leaves out the readings of its layers, which take longest."""
    rows = page.tokens(0, page.length)
    readings = [page.readings_at(start) for start in sorted(set(rows["start"].tolist()))]
    forks = page.forks(), page.last_generation()
    read = [(one.fingerprint, one.name, _in_layer(page, one.fingerprint) if layers else []) for one in page.layers]
    columns = [np.ascontiguousarray(rows[name]).tobytes() for name in rows.dtype.names or ()]
    return page.text(), columns, page.stale(rows).tolist(), readings, forks, page.can_undo, page.can_redo, read


def _in_layer(page: Page, model: str) -> list[str]:
    """The readings of a layer, in words: NaN, which a draw is there, does not equal itself."""
    starts = sorted(set(page.layers.rows(model, 0, page.length)["start"].tolist()))
    return [repr(page.layers.readings_at(start, model)) for start in starts]


def every_branch(page: Page) -> list[tuple[object, ...]]:
    """The page with each branch of each fork shown in turn, and as it is again at the end."""
    seen: list[tuple[object, ...]] = []
    for fork in page.forks():
        for branch in fork.branches:
            if any(f.id == fork.id for f in page.forks()):
                page.switch(fork.id, branch.id)
                seen.append(shown(page))
    return seen


def history(page: Page) -> list[tuple[object, ...]]:
    """The page at every step of its history: all undone, then all done again. The readings of layers at some steps."""
    seen: list[tuple[object, ...]] = []
    for turn in (page.redo, page.undo, page.redo):
        can: Callable[[], bool] = (lambda: page.can_undo) if turn == page.undo else (lambda: page.can_redo)
        while can():
            turn()
            seen.append(shown(page, layers=not len(seen) % LAYERS_SEEN))
    return seen


def same(one: Page, other: Page) -> None:
    """Nothing tells them apart. Both are changed by looking."""
    assert shown(one) == shown(other)
    for look in (history, every_branch, history):
        for mine, theirs in zip(look(one), look(other), strict=True):
            assert mine == theirs
