"""Whatever happens on a page, its file gives the same page back."""

import random
from pathlib import Path

import pytest

from desktop.pagefile.values import Facts, View
from tests.desktop.pagefile.walking import Walk, put_on, reopened, same, shown


@pytest.mark.parametrize("seed", range(14))
def test_a_page_comes_back_as_it_was(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    walk = Walk(tmp_path / "page.inkfall", chance)
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


@pytest.mark.parametrize("seed", range(10))
def test_it_goes_on_after_it_was_opened(tmp_path: Path, seed: int) -> None:
    """Opened again and again, in the middle of everything, and walked on: no difference to one that stayed open."""
    chance = random.Random(1_000 + seed)
    walk = Walk(tmp_path / "page.inkfall", chance)
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
        page.listeners[:] = walk.page.listeners
        walk.machine.page = page
        walk.store, walk.tracker = opened.store, opened.tracker
        walk.machine.check_all()
    walk.machine.teardown()


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
    """What was never read from the first file comes into the second all the same."""
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
