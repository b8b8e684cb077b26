"""A page as lines of JSON, with every reading: a token as `inkfall complete --json` prints it, for the whole page
(docs/export.md).

Never NaN, Infinity or half a character that no UTF-8 has. Knows nothing of files.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from desktop.exporting.about import ExportFacts
from desktop.exporting.tokens import Text, Token, parts
from desktop.page.contents import Contents
from desktop.page.sources import Source
from desktop.terminal import records

FORMAT = 1


def lines(contents: Contents, about: ExportFacts) -> Iterator[bytes]:
    """The page, line by line: what it is, its sources where they first occur, text and tokens in order, the end."""
    yield line(header(about))
    told: set[int] = set()
    tokens = characters = 0
    for part in parts(contents):
        if isinstance(part, Token):
            if part.number not in told:
                told.add(part.number)
                yield line(source(part.number, part.source))
            tokens += 1
        characters += len(part.text)
        yield line(record(part))
    yield line({"type": "end", "tokens": tokens, "characters": characters})


def header(about: ExportFacts) -> Mapping[str, Any]:
    """The first line: what the page is called and who wrote on it last."""
    return {
        "type": "page",
        "format": FORMAT,
        "title": about.title,
        "model": about.model,
        "created": _time(about.created),
        "modified": _time(about.modified),
    }


def source(number: int, told: Source) -> Mapping[str, Any]:
    """Who wrote or read the tokens that name this number."""
    return {
        "type": "source",
        "source": number,
        "kind": told.kind,
        "fingerprint": told.fingerprint,
        "window": told.window,
        "keep": told.n_keep,
        "settings": asdict(told.sampling),
        "seed": told.seed,
        "take": told.take,
        "first": told.first,
    }


def record(part: Text | Token) -> Mapping[str, Any]:
    """Text, or a token with what was said of it."""
    if isinstance(part, Text):
        return {"type": "text", "text": part.text, "by": "model" if part.generated else "writer"}
    told = records.token(part.reading, part.text, len(part.reading.alternatives.ids))
    return {**told, "kind": part.source.kind, "source": part.number, "stale": part.stale}


def line(record: Mapping[str, Any]) -> bytes:
    """The record as one line of UTF-8. Lone surrogates become escapes, which every reader of JSON takes."""
    try:
        return records.line(record).encode()
    except UnicodeEncodeError:
        return (json.dumps(record, allow_nan=False) + "\n").encode("ascii")


def _time(seconds: float) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds else None
