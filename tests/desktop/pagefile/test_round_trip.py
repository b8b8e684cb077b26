"""After any changes of a page, its file gives the same page back."""

import random
from pathlib import Path

import pytest

from desktop.page.page import Page
from desktop.pagefile.store import create_page
from desktop.pagefile.values import Facts, View
from tests.desktop.page.writing import leave_a_fork_inside_another
from tests.desktop.pagefile.walking import LIMITS, Walk, put_on, reopened, same, shown


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("seed", range(14))
def test_a_page_comes_back_as_it_was(tmp_path: Path, seed: int, several: bool) -> None:
    chance = random.Random(seed)
    walk = Walk(tmp_path / "page.inkfall", chance, several)
    for _ in range(chance.choice([3, 20, 40, 60])):
        walk.step()
        if chance.random() < 0.4:
            walk.take()
        if chance.random() < 0.5:
            walk.write()
    walk.save()
    walk.store.close()
    assert [path.name for path in tmp_path.iterdir()] == ["page.inkfall"]
    walk.page.end_generation()
    page, opened = reopened(walk.path)
    assert (opened.view, opened.facts) == (View(walk.taken), Facts("a title", tokens=walk.taken))
    assert opened.sentence == "" and opened.store is not None
    same(walk.page, page)


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("seed", (*range(10), 73))
def test_it_goes_on_after_it_was_opened(tmp_path: Path, seed: int, several: bool) -> None:
    """Opened again and again, in the middle of everything, and walked on: no difference to one that stayed open."""
    chance = random.Random(1_000 + seed)
    walk = Walk(tmp_path / "page.inkfall", chance, several)
    for _ in range(4):
        for _ in range(chance.randint(1, 30)):
            walk.step()
            if chance.random() < 0.3:
                walk.save()
        walk.machine.end()
        walk.save()
        walk.store.close()
        page, opened = reopened(walk.path)
        assert opened.store is not None
        assert shown(page) == shown(walk.page)
        page.listeners[:], page.growth_listeners[:] = walk.page.listeners, walk.page.growth_listeners
        walk.machine.page = page
        walk.store, walk.tracker = opened.store, opened.tracker
        walk.machine.check_all()
    walk.machine.teardown()


def test_a_fork_that_is_undone_comes_back_where_it_was(tmp_path: Path) -> None:
    walk = Walk(tmp_path / "page.inkfall", random.Random(3))
    walk.machine.page = page = Page(lambda: 0.0, LIMITS)
    leave_a_fork_inside_another(page)
    while page.can_undo:
        page.undo()
    walk.save()
    walk.store.close()
    same(page, reopened(walk.path)[0])


def test_nothing_new_is_no_delta(tmp_path: Path) -> None:
    walk = Walk(tmp_path / "page.inkfall", random.Random(3))
    walk.save()
    view, facts = View(walk.taken), Facts("a title", tokens=walk.taken)
    assert walk.tracker.take(walk.page.contents, view, facts) is None
    walk.store.close()
    _, opened = reopened(walk.path)
    assert opened.tracker.take(opened.contents, view, facts) is None
    assert opened.tracker.take(opened.contents, View(9), facts) is not None


@pytest.mark.parametrize("seed", range(4))
def test_the_whole_page_goes_to_another_file(tmp_path: Path, seed: int) -> None:
    """Rows never read from the first file are written to the second, too."""
    chance = random.Random(2_000 + seed)
    walk = Walk(tmp_path / "one.inkfall", chance)
    for _ in range(40):
        walk.step()
    walk.machine.end()
    walk.save()
    walk.store.close()
    _, opened = reopened(walk.path)
    other = Walk(tmp_path / "two.inkfall", chance)
    opened.tracker.forget()
    delta = opened.tracker.take(opened.contents, View(), Facts())
    assert delta is not None and delta.whole
    other.store.write([delta])
    other.store.close()
    same(walk.page, reopened(other.path)[0])
    same(reopened(walk.path)[0], put_on(opened))


def test_undone_steps_survive_a_round_trip(tmp_path: Path) -> None:
    """A long generation goes and comes back without being written or read again; so do long deletions, of which two
    became one step."""
    walk = Walk(tmp_path / "page.inkfall", random.Random(5))
    walk.machine.end()
    for _ in range(12):
        walk.machine.stream([(" long word", 1, False)] * 4)
    walk.machine.end()
    walk.save()
    for change in (walk.page.undo, walk.page.redo, walk.page.undo):
        change()
        walk.take()
        assert len(walk.waiting[-1].whole_chunks) <= 2 and len(walk.waiting[-1].contents) <= 2
        walk.write()
    walk.store.close()
    page, opened = reopened(walk.path)
    assert opened.store is not None
    page.redo()
    last = page.contents.path.chunks.parts[-4:]
    assert all(chunk.unread for chunk in last)
    assert page.text().endswith(" long word" * 48) and not any(page.stale(page.tokens(0, page.length)))
    for _ in range(2):
        page.write(30, 200, "", joins=True)
        delta = opened.tracker.take(opened.contents, View(), Facts())
        assert delta is not None and len(delta.whole_chunks) <= 4  # the edges
        opened.store.write([delta])
    assert len(page.contents.undo) == 3
    opened.store.close()
    again = reopened(walk.path)[0]
    same(page, again)
    while again.undo():
        pass
    assert again.length == 0


def test_rows_not_read_yet_come_from_the_new_file(tmp_path: Path) -> None:
    """The page went on in another file; the former one is deleted."""
    walk = Walk(tmp_path / "one.inkfall", random.Random(7))
    for _ in range(60):
        walk.step()
    walk.machine.end()
    walk.save()
    walk.store.close()
    page, opened = reopened(walk.path)
    messages: list[str] = []
    opened.reader.on_message = messages.append
    opened.tracker.forget()
    store = create_page(tmp_path / "two.inkfall")
    for place in (View(1), View(2)):
        delta = opened.tracker.take(page.contents, place, Facts())
        assert delta is not None
        store.write([delta])
    opened.reader.close()
    walk.path.unlink()
    assert shown(page) == shown(walk.page)
    assert not messages
    store.close()
