"""The engine's spans as rows of the token table.

A span gives text, tokens and readings; the hash that a row is bound to is filled in later (prefix_hash.py).
"""

from collections.abc import Sequence

import numpy as np

from desktop.page import utf16
from desktop.page.alternatives import AlternativesTable
from desktop.page.token_reading import store
from desktop.page.token_table import NOTHING, ROW, UNREAD, TokenRows, joined
from models.engine.events import Span


def rows_of(spans: Sequence[Span], kind: int, source: int, table: AlternativesTable, fingerprint: str) -> TokenRows:
    """The rows of spans that follow one another; starts from the first span, `bound` is 0. The run of a healed span
    begins with the healed text. kind, source: of the rows with a reading. The readings' alternatives go into the table.
    """
    counts = [1 if has_no_reading(span) else len(span.readings) for span in spans]
    lengths = [utf16.length(span.healed + span.text) for span in spans]
    rows: TokenRows = np.zeros(sum(counts), ROW)
    rows["source"], rows["row"], rows["id"] = source, -1, -1
    rows["gate"] = rows["learned"] = NOTHING
    rows["kind"] = np.repeat([UNREAD if has_no_reading(span) else kind for span in spans], counts)
    rows["length"] = np.repeat(lengths, counts)
    rows["start"] = np.repeat(np.cumsum(lengths) - lengths, counts)
    rows["parts"] = np.repeat(counts, counts)
    rows["part"] = [part for count in counts for part in range(count)]
    readings = [reading for span in spans if not has_no_reading(span) for reading in span.readings]
    if readings:
        store(readings, rows, rows["kind"] == kind, table, fingerprint)
    return rows


def has_no_reading(span: Span) -> bool:
    """Whether no whole token spells the span's text: a stop string cut it."""
    return span.cut or not span.readings


def forget_reading(rows: TokenRows) -> None:
    """Make the first run text without a reading: the tokens that it should have joined are gone from the page."""
    first = rows["start"] == 0
    rows["kind"][first], rows["id"][first], rows["row"][first] = UNREAD, -1, -1


def join_run(old: TokenRows, rows: TokenRows) -> TokenRows:
    """All rows, the old ones and the first run of the new ones as one run."""
    table = joined([old, rows])
    run = table[: len(old) + int(rows["parts"][0])]
    run["start"], run["length"] = 0, rows["length"][0]
    run["part"], run["parts"] = np.arange(len(run)), len(run)
    return table
