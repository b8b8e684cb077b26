"""Extra flips of the coin at a place of the page: asked beside what is there, and written nowhere. No Qt.

Their numbers are named by the place (models/sampling/coin.py): they move no generation's draws, and the same place
gives the same ones again.
"""

import math
from collections.abc import Iterator

from desktop.generation.model_slot import ModelSlot
from desktop.generation.query import Query
from desktop.generation.sent_prefix import prefix_for
from desktop.page.choosing import Coin
from desktop.page.grammar_place import fed_at_coin
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.page.token_table import GENERATED
from models.sampling.mirostat import state_after
from models.sampling.readings import Reading

STEP = 4_096  # units of the page that are looked through at once


class FlipQuery(Query):
    """Flips a coin `count` times, from its flip number `first` on, with the odds and settings that were recorded."""

    sees_like_writing = False

    def __init__(self, page: Page, slot: ModelSlot, coin: Coin, seed: int, first: int, count: int) -> None:
        """seed: of the numbers, where nothing was drawn at the place."""
        source, odds = coin.source, _recorded(coin.reading)
        fed = fed_at_coin(page, coin)
        prefix = prefix_for(page, slot.model, source.sampling, source.n_keep, coin.place.start, fed)
        job = slot.engine.flips(
            prefix.with_tokens([reading.token for reading in coin.before]),
            source.sampling,
            seed if source.seed is None else source.seed,
            source.take,
            place=page.prefix_hash(coin.place.start) + len(coin.before),
            first=first,
            count=count,
            listed=tuple(odds),
            recorded=tuple(odds.values()),
            gate=coin.reading.gate,
            n_keep=source.n_keep,
            healed="" if coin.before else source.healed,
            fed=fed,
            mu=state_after(source.sampling, _finals_before(page, coin)) if source.sampling.mirostat else None,
        )
        super().__init__(page, prefix, job)


def _recorded(reading: Reading) -> dict[int, float]:
    """The tokens whose probabilities after the chain are known."""
    found = dict(zip(reading.alternatives.ids, reading.alternatives.final, strict=True))
    if not reading.is_look:
        found[reading.token] = reading.final
    return {token: math.exp(nats) for token, nats in found.items() if token >= 0 and not math.isnan(nats)}


def _finals_before(page: Page, coin: Coin) -> Iterator[float]:
    """The log-probabilities, after the chain, of the tokens that the same generation drew before this one; nats."""
    yield from (reading.final for reading in coin.before)
    yield from _finals(page, coin.source, coin.place.start)


def _finals(page: Page, source: Source, end: int) -> Iterator[float]:
    """The same of the tokens that end at that position of the page, in units, the newest first."""
    while end > 0:
        start = max(0, end - STEP)
        rows = page.tokens(start, end)
        for row in reversed(rows[rows["start"] >= start]):
            if row["kind"] != GENERATED or not page.sources[int(row["source"])].is_same_generation(source):
                return
            yield float(row["final"])
        end = start
