"""A listener that raises costs no text, no step and no other listener; its error is reported."""

import random
from collections.abc import Iterator
from itertools import count

import pytest
from pytestqt.exceptions import capture_exceptions

from desktop.page.edit import Change
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Span
from tests.desktop.page.conftest import MakeSpan
from tests.desktop.page.writing import write_spans

STEPS = ("write", "write", "write", "many", "undo", "undo", "redo", "begin", "again", "append", "append", "end", "turn")
STEPS += ("read", "all", "put")


class Raiser:
    """A listener that raises at every n-th call."""

    def __init__(self, every: int) -> None:
        self._every, self._calls = every, count(1)
        self.raised = 0

    def __call__(self, change: Change) -> None:
        if next(self._calls) % self._every == 0:
            self.raised += 1
            raise ValueError(f"mistake {self.raised}")


class Reader:
    """A listener that builds the text from the changes, and compares it with the page each time."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.heard = ""
        self.undoable: list[bool] = []

    def __call__(self, change: Change) -> None:
        inserted = self._page.text(change.start, change.start + change.units)
        self.heard = self.heard[: change.start] + inserted + self.heard[change.start + change.removed :]
        assert self.heard == self._page.text()
        self.undoable.append(self._page.can_undo)


def act(page: Page, chance: random.Random, make: MakeSpan, ids: Iterator[int]) -> None:
    """One thing that a writer or a model does."""
    length = page.length
    start = chance.randint(0, length)
    match chance.choice(STEPS):
        case "write":
            page.write(start, min(chance.randint(0, 3), length - start), chance.choice(("ab", "c", "", "d\n")), True)
        case "many":
            page.write_many([(place, 1, "xy") for place in range(0, length - 1, 2)])
        case "turn":
            _ = page.previous_branch() or page.next_branch()
        case "all":
            page.write(0, length, "other text")
        case "put":
            page.put(page.contents)
        case "undo":
            page.undo()
        case "redo":
            page.redo()
        case of_the_model:
            generate(page, of_the_model, [make(chance.choice((" one", "two")), next(ids)) for _ in range(3)])


def generate(page: Page, what: str, spans: list[Span]) -> None:
    source = Source("model A")
    match what:
        case "begin":
            page.begin_generation(source)
        case "again":
            page.regenerate(source)
        case "append":
            write_spans(page, spans)
        case "read":
            page.add_readings(0, spans, Source("model B", "read"))
        case _:
            page.end_generation()


def walk(seed: int, every: int, make: MakeSpan) -> tuple[Page, int, list[object]]:
    """The page after many steps, what was raised, and what stood on it after each and on the way back and forth."""
    chance, ids, page = random.Random(seed), count(1), Page(lambda: 0.0)
    reader, raiser = Reader(page), Raiser(every)
    page.listeners += [raiser, reader, Raiser(every + 1)] if every else [reader]
    seen: list[object] = []

    def look() -> None:
        assert reader.heard == page.text()
        rows = page.tokens(0, page.length)
        seen.append((page.text(), rows["id"].tolist(), page.forks(), page.can_undo, page.can_redo, page.generation_end))

    for _ in range(60):
        act(page, chance, make, ids)
        look()
    page.end_generation()
    for flip in (page.undo, page.redo, page.undo):
        while page.can_redo if flip == page.redo else page.can_undo:
            flip()
            look()
    return page, raiser.raised, seen


@pytest.mark.parametrize("every", [1, 2, 3, 7])
@pytest.mark.parametrize("seed", range(8))
def test_a_page_is_the_same_when_listeners_fail(seed: int, every: int, span: MakeSpan) -> None:
    _, _, expected = walk(seed, 0, span)
    with capture_exceptions() as caught:
        _, raised, seen = walk(seed, every, span)
    assert seen == expected
    assert raised and f"mistake {raised}" in {str(error) for _, error, _ in caught}
    assert {kind for kind, _, _ in caught} == {ValueError}


def test_a_step_is_there_when_its_change_is_heard(page: Page, span: MakeSpan, source: Source) -> None:
    reader = Reader(page)
    redoable: list[bool] = []
    page.listeners += [reader, lambda _change: redoable.append(page.can_redo)]
    page.write(0, 0, "a")
    page.undo()
    page.redo()
    page.undo()
    page.begin_generation(source)
    write_spans(page, [span("b", 1)])
    assert reader.undoable == [True, False, True, False, True]
    assert redoable == [False, True, False, True, False]
