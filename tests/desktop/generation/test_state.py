"""The sentence about the next slide of the context."""

from dataclasses import replace

import pytest

from desktop.generation.state import Phase, SessionState
from models.worker.tokens import next_slide
from tests.desktop.conftest import FACTS

STATE = SessionState(Phase.READY, model=replace(FACTS, bos=2, context=512, batch=64), used=393, dropped=0)


def test_the_next_slide_is_announced() -> None:
    assert STATE.tokens == 392
    assert STATE.next_slide == "In 120 tokens the context moves on: 386 tokens will be read again."


def test_its_seconds_are_shown_once_the_speed_is_measured() -> None:
    assert replace(STATE, reading_speed=500.0).next_slide.endswith("386 tokens will be read again, about 0.8 s.")
    assert replace(STATE, reading_speed=1.0).next_slide.endswith("about 386 s.")


def test_a_full_window_slides_with_the_next_token() -> None:
    assert replace(STATE, used=512).next_slide.startswith("With the next token the context moves on:")


def test_the_header_is_not_read_again() -> None:
    words = replace(STATE, n_keep=191).next_slide
    assert words.startswith("In 120 tokens the context moves on: ")
    read = next_slide(392, 0, 2, 512, 191, 64).read
    assert read < 386 - 100
    assert f"{read} tokens will be read again" in words


@pytest.mark.parametrize("state", [SessionState(), replace(STATE, used=0)])
def test_without_a_count_there_is_no_sentence(state: SessionState) -> None:
    assert state.next_slide == ""
    assert state.tokens == 0
