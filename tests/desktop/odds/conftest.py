"""Readings to show: made from shares and token bytes, with the coin laid out as the engine lays it."""

import math
from array import array
from collections.abc import Callable, Sequence
from typing import Literal

import pytest
from pytestqt.qtbot import QtBot

from desktop.odds.panel import OddsPanel
from desktop.page.sources import Source
from desktop.page.token_reading import TokenReading
from models.sampling.knobs import STAGES
from models.sampling.readings import Alternatives, ChainEffect, Reading

Known = Sequence[tuple[bytes, float]]


def make_reading(
    known: Known,
    chosen: int = 0,
    *,
    cut: dict[int, str] | None = None,
    draw: float | None = None,
    token: int | None = None,
) -> Reading:
    """known: bytes and raw shares, likeliest first. cut: places and the stages that cut them."""
    cut = cut or {}
    kept = 1.0 - sum(share for place, (_, share) in enumerate(known) if place in cut)
    finals = [0.0 if place in cut else share / kept for place, (_, share) in enumerate(known)]
    low = sum(
        share
        for place, share in enumerate(finals)
        if share > finals[chosen] or (share == finals[chosen] and place < chosen)
    )
    high = low + finals[chosen]
    return Reading(
        token=1000 + chosen if token is None else token,
        bytes=known[chosen][0],
        raw=logarithm(known[chosen][1]),
        rank=chosen + 1,
        entropy=3.4142,
        final=logarithm(finals[chosen]),
        draw=(low + high) / 2 if draw is None else draw,
        low=low,
        high=high,
        alternatives=Alternatives(
            ids=array("i", range(1000, 1000 + len(known))),
            raw=array("f", [logarithm(share) for _, share in known]),
            final=array("f", map(logarithm, finals)),
            cut=bytes(STAGES.index(cut[place]) + 1 if place in cut else 0 for place in range(len(known))),
            texts=tuple(text for text, _ in known),
        ),
        effect=ChainEffect(len(known), 0.75, 0.5),
    )


def on_page(reading: Reading, stale: bool = False, kind: Literal["generated", "read"] = "generated") -> TokenReading:
    """The reading of a token on a page."""
    return TokenReading(reading, Source("model", kind=kind), stale, start=0, length=1, text="x")


def logarithm(share: float) -> float:
    return math.log(share) if share > 0 else -math.inf


STORY: Known = (
    (b" harbour", 0.2811),
    (b" sea", 0.17),
    (b" water", 0.0921),
    (b" old", 0.061),
    (b" lighthouse", 0.05),
    (b" ship", 0.031),
    (b" night", 0.0144),
    (b"\n", 0.009),
    (b" wind", 0.0021),
    (b" sailors", 0.000_06),
)


@pytest.fixture
def reading() -> Callable[..., Reading]:
    return make_reading


@pytest.fixture
def story() -> Known:
    return STORY


@pytest.fixture
def panel(qtbot: QtBot) -> OddsPanel:
    panel = OddsPanel()
    qtbot.addWidget(panel)
    panel.resize(300, 700)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel
