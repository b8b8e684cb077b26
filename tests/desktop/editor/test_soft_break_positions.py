"""Soft breaks against a plain list of characters."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from desktop.editor.soft_breaks import SoftBreaks

SOFT = "|"
marked = st.text(alphabet="ab|", max_size=30)


def breaks_of(view: str) -> SoftBreaks:
    breaks = SoftBreaks()
    breaks.last = len(view.replace(SOFT, ""))
    breaks.add(np.array([at for at, character in enumerate(view) if character == SOFT], np.int64))
    return breaks


@given(marked)
def test_a_view_position_counts_the_characters_of_the_page_before_it(view: str) -> None:
    breaks = breaks_of(view)
    assert [breaks.page(at) for at in range(len(view) + 1)] == [
        len(view[:at].replace(SOFT, "")) for at in range(len(view) + 1)
    ]


@given(marked)
def test_a_page_position_is_both_sides_of_its_soft_breaks(view: str) -> None:
    breaks = breaks_of(view)
    for position in range(len(view.replace(SOFT, "")) + 1):
        same = [at for at in range(len(view) + 1) if len(view[:at].replace(SOFT, "")) == position]
        assert (breaks.view(position, after=False), breaks.view(position)) == (same[0], same[-1])
        both = np.array([position], np.int64)
        assert (breaks.views(both, after=False)[0], breaks.views(both, after=True)[0]) == (same[0], same[-1])


@given(marked, st.data())
def test_a_replacement_takes_the_breaks_inside_and_moves_those_behind(view: str, data: st.DataObject) -> None:
    breaks = breaks_of(view)
    start = data.draw(st.integers(0, len(view)))
    removed = data.draw(st.integers(0, len(view) - start))
    added = data.draw(st.integers(0, 5))
    breaks.replaced(start, removed, added)
    after = view[:start] + "x" * added + view[start + removed :]
    assert breaks.positions.tolist() == [at for at, character in enumerate(after) if character == SOFT]


@given(marked, st.data())
def test_room_is_made_for_new_breaks(view: str, data: st.DataObject) -> None:
    breaks = breaks_of(view)
    places = [at for at in range(len(view)) if view[at] != SOFT]
    cuts = sorted(data.draw(st.sets(st.sampled_from(places)))) if places else []
    placed = breaks.make_room(np.array(cuts, np.int64))
    after = "".join("!" * (at in cuts) + character for at, character in enumerate(view))
    assert placed.tolist() == [at for at, character in enumerate(after) if character == "!"]
    assert breaks.positions.tolist() == [at for at, character in enumerate(after) if character in "!|"]


def test_soft_breaks_within_a_range() -> None:
    breaks = breaks_of("ab|cd|ef")
    assert breaks.count(0, 6) == 2
    assert breaks.within(1, 6).tolist() == [1, 4]
    assert breaks.at(2) and not breaks.at(3)
    assert len(breaks) == 2


@given(marked, st.integers(0, 50), st.integers(-60, 120))
def test_a_part_of_a_page_is_counted_from_its_start_and_ends_at_its_ends(view: str, first: int, position: int) -> None:
    whole, part = breaks_of(view), breaks_of(view)
    part.first, part.last = first, first + whole.last
    held = min(max(position, part.first), part.last)
    assert part.view(position) == whole.view(held - first)
    assert part.page(part.view(held)) == held
    assert part.holds(position) == (held == position)
