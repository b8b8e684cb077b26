"""Tokens as lines of text: for the clipboard, and for a screen reader. No Qt."""

import math
from collections.abc import Iterator

from desktop.odds import words
from desktop.odds.visible import hexadecimal
from desktop.page.page import Page
from desktop.page.token_split import TokenSplit
from desktop.page.token_table import UNREAD
from resources.language import tr

MOST = 10_000  # tokens that are copied at once
_BYTES = 64  # of one token that are copied

_Placed = tuple[int, str]  # where the run of a token begins, and its line


def lines(page: Page, split: TokenSplit, start: int, end: int) -> list[str]:
    """A line for each token that reaches into [start, end) of the page, in order: for the first of them, where they are
    more than MOST. split: the tokens of text that no model has read."""
    read = list(_read(page, start, end))
    covered = {begins for begins, _ in read}
    unread = [
        (run.start, line_of(token, data))
        for run in split.between(start, end)
        if run.start not in covered
        for token, data in run.tokens
    ]
    return [line for _, line in sorted(read + unread, key=lambda placed: placed[0])][: MOST + 1]


def _read(page: Page, start: int, end: int) -> Iterator[_Placed]:
    rows = page.tokens(start, end)
    rows = rows[rows["kind"] != UNREAD][: MOST + 1]  # one more than is copied, so that it shows
    columns = (rows[name].tolist() for name in ("start", "id", "source", "rank", "raw"))
    for begins, token, source, rank, raw in zip(*columns, strict=True):
        data = page.alternatives.bytes_of(token, page.sources[source].fingerprint)
        yield begins, line_of(token, data, rank, raw)


def line_of(token: int, data: bytes, rank: int = 0, raw: float = math.nan) -> str:
    """`id 860 · bytes 20 74 68 65 · rank 3 · 4.1 %`; rank and share are left out where not known. raw: nats."""
    parts = [
        tr("id {id}").format(id=token if token >= 0 else words.NOT_KNOWN),
        tr("bytes {bytes}").format(bytes=hexadecimal(data, _BYTES)),
    ]
    if rank > 0:
        parts.append(tr("rank {rank:,}").format(rank=rank))
    if not math.isnan(raw):
        parts.append(words.percent(words.probability(raw)))
    return " · ".join(parts)
