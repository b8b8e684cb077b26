"""The caret's position after the program changes the page."""

import pytest

from desktop.editor.caret import Caret


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ((5, 5), (5, 0, 3), (5, 5)),  # text comes at the caret: it stays
        ((5, 5), (4, 0, 3), (8, 8)),
        ((5, 5), (6, 0, 3), (5, 5)),
        ((2, 5), (5, 0, 3), (2, 5)),  # at the end of a selection: not in it
        ((5, 2), (5, 0, 3), (5, 2)),
        ((2, 5), (2, 0, 3), (5, 8)),  # at its start: neither
        ((5, 2), (2, 0, 3), (8, 5)),
        ((5, 5), (3, 4, 1), (3, 3)),  # what it stood in is gone
        ((7, 7), (3, 4, 1), (4, 4)),
        ((3, 3), (3, 4, 1), (3, 3)),
        ((2, 9), (3, 4, 0), (2, 5)),
    ],
)
def test_after_a_change(before: tuple[int, int], change: tuple[int, int, int], after: tuple[int, int]) -> None:
    assert Caret(*before).after(*change) == Caret(*after)


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ((5, 5), (5, 0, 3), (8, 8)),
        ((5, 5), (3, 2, 4), (7, 7)),
        ((4, 4), (5, 0, 3), (4, 4)),
        ((4, 4), (3, 2, 4), (3, 3)),
        ((2, 5), (5, 0, 3), (2, 5)),  # a selection is not a caret
    ],
)
def test_a_caret_goes_along(before: tuple[int, int], change: tuple[int, int, int], after: tuple[int, int]) -> None:
    assert Caret(*before).after(*change, along=True) == Caret(*after)
