"""The places of ids below their tokens: none covers another, and one that has no room is left out."""

import random

from desktop.editor.token_labels import GAP, HIDDEN, Placed, Wanted, place

END = 400.0


def in_order(*sizes: tuple[float, float]) -> list[Wanted]:
    """Boxes side by side. sizes: widths of box and id."""
    wanted: list[Wanted] = []
    left = 0.0
    for box, width in sizes:
        wanted.append(Wanted(left, left + box, width))
        left += box
    return wanted


def test_each_id_begins_below_its_token_where_there_is_room() -> None:
    assert place(in_order((40, 30), (40, 30)), 2, END) == [Placed(0, 0.0), Placed(0, 40.0)]


def test_an_id_wider_than_its_token_sends_the_next_one_to_another_row() -> None:
    assert place(in_order((10, 30), (40, 30), (40, 10)), 2, END) == [Placed(0, 0.0), Placed(1, 10.0), Placed(0, 50.0)]


def test_an_id_moves_to_the_right_below_its_own_box_only() -> None:
    assert place(in_order((20, 30), (40, 30)), 1, END) == [Placed(0, 0.0), Placed(0, 30 + GAP)]
    assert place(in_order((20, 30), (10, 30)), 1, END)[1].row == HIDDEN


def test_the_last_id_of_a_line_does_not_pass_its_end() -> None:
    (placed,) = place([Wanted(END - 5, END, 30)], 2, END)
    assert placed == Placed(0, END - 30)


def test_no_two_ids_overlap_whatever_their_widths() -> None:
    chance = random.Random(5)
    for _ in range(200):
        wanted = in_order(*((chance.uniform(2, 60), chance.uniform(5, 60)) for _ in range(chance.randrange(1, 30))))
        end = wanted[-1].right + chance.choice([0, 5, 2_000])
        taken: dict[int, float] = {}
        for one, placed in zip(wanted, place(wanted, 2, end), strict=True):
            if placed.row == HIDDEN:
                continue
            assert placed.left >= taken.get(placed.row, float("-inf"))
            assert placed.left < one.right and placed.left + one.width <= max(end, one.width) + 1e-6
            taken[placed.row] = placed.left + one.width
