"""Words of an imaginary model, for tests of the page."""

from array import array
from collections.abc import Callable

import pytest

from desktop.page.chunks import Limits
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Span
from models.sampling.readings import Alternatives, Reading

MakeSpan = Callable[..., Span]
WHOLE = 2**40  # tokens: the reach of an excerpt that is the whole page


def reading(token: int, spelt: bytes) -> Reading:
    """A reading of a token that drew second of three."""
    found = Alternatives(
        array("i", [token + 1_000, token, token + 2_000]),
        array("f", [-0.5, -1.5, -3.0]),
        array("f", [-0.4, -1.25, float("-inf")]),
        bytes([0, 0, 5]),
        (b"first", spelt, b"third"),
    )
    return Reading(token, spelt, -1.5, 2, 1.75, -1.25, 0.7, 0.625, 0.875, found)


@pytest.fixture
def span() -> MakeSpan:
    """span(text, token, …): a span whose bytes are shared out among the tokens, one byte each and the rest to the
    last."""

    def make(text: str, *tokens: int, absorbed: int = 0, cut: bool = False, behind: int = 0) -> Span:
        spelt = text.encode()[behind:]
        parts = [spelt[i : i + 1] for i in range(len(tokens) - 1)] + [spelt[len(tokens) - 1 :]]
        return Span(text, tuple(map(reading, tokens, parts)), absorbed, cut)

    return make


@pytest.fixture
def source() -> Source:
    return Source("model A", seed=1)


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def page(clock: Clock) -> Page:
    """A page of very small chunks, so that short tests meet their edges."""
    return Page(clock, Limits(units=16, tokens=6))
