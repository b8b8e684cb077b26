"""How far a grammar was followed at a place of the page: it begins at a generation's first token, and where the writer
chose a token in it and the model goes on, it goes on, too. No Qt.
"""

import numpy as np

from desktop.page.choosing import Chosen, Coin, Place
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.page.token_table import GENERATED, TokenRows, ends
from models.sampling.knobs import Sampling

STEP = 4_096  # units of the page that are looked through at once
_LOST = "\ufffd"  # stands for bytes that are no character


def fed_at(page: Page, place: Place, sampling: Sampling) -> int:
    """The bytes before a place that the grammar of these settings was fed."""
    if not sampling.grammar:
        return 0
    run = page.readings_at(place.start) if place.token is not None else ()
    begun = sum(len(one.reading.bytes) for one in run[: place.part])
    if place.part >= len(run):
        writing = page.generation_end == place.start and not page.awaiting
        return begun + _fed_before(page, place.start, sampling.grammar, inside=writing)
    source = run[place.part].source
    if source.kind == "chosen":
        return begun + _fed_before(page, place.start, sampling.grammar, inside=True)
    if source.kind != "generated" or source.sampling.grammar != sampling.grammar:
        return 0
    return begun + source.fed + _spelt(page, _begin(page, place.start, source), place.start)


def fed_at_coin(page: Page, coin: Coin) -> int:
    """The same where a coin was, or would be, flipped under the settings that it has."""
    source = coin.source
    if not source.sampling.grammar or source.kind != "generated":
        return fed_at(page, coin.place, source.sampling)
    start = coin.place.start
    begun = sum(len(one.bytes) for one in coin.before)
    return source.fed + _spelt(page, _begin(page, start, source), start) + begun


def fed_behind(page: Page, place: Place, what: Chosen | str, sampling: Sampling) -> int:
    """The same behind what the writer puts there."""
    if not sampling.grammar or place.token is None:
        return 0
    spelt = what.encode("utf-8", "replace") if isinstance(what, str) else what.reading.bytes
    whole = place if isinstance(what, Chosen) else Place(place.start, 0, place.token)
    return fed_at(page, whole, sampling) + len(spelt)


def fed_at_end(page: Page, position: int, sampling: Sampling) -> int:
    """The same where a generation begins: none, unless the writer chose the token before."""
    return _fed_before(page, position, sampling.grammar, inside=False) if sampling.grammar else 0


def fed_since(page: Page, end: int) -> int:
    """The bytes of the page since the generation began that wrote the last token before `end`, in units."""
    found = _last(page, end)
    if found is None:
        return 0
    source = page.sources[int(found["source"][-1])]
    return _spelt(page, _begin(page, end, source), end)


def _fed_before(page: Page, position: int, grammar: str, *, inside: bool) -> int:
    """inside: what stands at the position belongs to the generation before it."""
    end = position
    while (rows := _last(page, end)) is not None and int(ends(rows)[-1]) == end:
        source = page.sources[int(rows["source"][-1])]
        if source.kind != "chosen":
            if not inside or source.sampling.grammar != grammar:
                return 0
            return source.fed + _spelt(page, _begin(page, end, source), position)
        end, inside = int(rows["start"][-1]), True
    return 0


def _last(page: Page, end: int) -> TokenRows | None:
    """The rows of the last run that a model wrote before that position; None where there is none."""
    while end > 0:
        start = max(0, end - STEP)
        rows = page.tokens(start, end)
        rows = rows[(rows["kind"] == GENERATED) & (ends(rows) <= end)]
        if len(rows):
            return rows[rows["start"] == rows["start"][-1]]
        end = start
    return None


def _begin(page: Page, end: int, source: Source) -> int:
    """Where the generation begins that wrote the last token before `end`; text that the writer put in between does not
    end it."""
    begin = end
    while end > 0:
        start = max(0, end - STEP)
        rows = page.tokens(start, end)
        rows = rows[(rows["kind"] == GENERATED) & (rows["start"] >= start)]
        numbers, of = np.unique(rows["source"], return_inverse=True)
        found = [page.sources[int(number)] for number in numbers]
        chosen = np.array([one.kind == "chosen" for one in found], np.bool_)[of]
        mine = np.array([one.is_same_generation(source) for one in found], np.bool_)[of] & ~chosen
        others = np.flatnonzero(~mine & ~chosen)
        since = int(others[-1]) + 1 if len(others) else 0
        written = rows["start"][since:][mine[since:]]
        begin = int(written[0]) if len(written) else begin
        if len(others):
            return begin
        end = start
    return begin


def _spelt(page: Page, start: int, end: int) -> int:
    """The bytes of a part of the page as the model has read it."""
    text = page.text(start, end)
    if _LOST not in text:
        return len(text.encode("utf-8", "surrogatepass"))
    count, at = 0, start
    for row_start, row_end in _runs(page, start, end):
        count += len(page.text(at, row_start).encode("utf-8", "surrogatepass"))
        count += sum(len(one.reading.bytes) for one in page.readings_at(row_start))
        at = row_end
    return count + len(page.text(at, end).encode("utf-8", "surrogatepass"))


def _runs(page: Page, start: int, end: int) -> list[tuple[int, int]]:
    rows = page.tokens(start, end)
    rows = rows[(rows["kind"] == GENERATED) & (rows["part"] == 0) & (rows["start"] >= start)]
    return list(zip(rows["start"].tolist(), ends(rows).tolist(), strict=True))
