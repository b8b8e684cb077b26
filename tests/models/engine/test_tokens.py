"""The window over a page that outgrows the context."""

from array import array

from hypothesis import given
from hypothesis import strategies as st

from models.engine.tokens import dropped, window


@given(st.integers(0, 5_000), st.integers(1, 600))
def test_the_window_fits_and_slides_in_steps_of_a_quarter(tokens: int, context: int) -> None:
    left_out = dropped(tokens, context)
    step = max(1, context // 4)
    assert tokens - left_out <= context
    assert left_out % step == 0
    assert left_out == 0 or tokens - (left_out - step) > context  # not a step more than needed


def test_the_window_keeps_the_end_of_the_page_behind_the_first_token() -> None:
    page = array("i", range(100, 150))
    seen = window(page, bos=2, context=33)
    assert seen.ids[0] == 2
    assert list(seen.ids[1:]) == list(page[seen.dropped :])
    assert seen.dropped == 24


def test_without_a_first_token_the_window_is_the_page() -> None:
    assert list(window(array("i", [5, 6]), bos=-1, context=8).ids) == [5, 6]
