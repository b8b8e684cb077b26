"""A page as lines of JSON, with every reading; a token has the fields that `inkfall complete --json` prints
(docs/export.md).

Contains no NaN or Infinity, and lone surrogates only as escapes.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from desktop.exporting.export_facts import ExportFacts
from desktop.exporting.tokens import Text, Token, layer_tokens, parts
from desktop.page.contents import Contents
from desktop.page.sources import Source
from desktop.terminal import records

FORMAT = 1


def lines(contents: Contents, facts: ExportFacts) -> Iterator[bytes]:
    """The page, line by line: the header, then text and tokens in order, each source before its first token, the
    layers, the end."""
    yield line(header(facts))
    written: set[int] = set()
    tokens = characters = 0
    for part in parts(contents):
        if isinstance(part, Token):
            if part.number not in written:
                written.add(part.number)
                yield line(source(part.number, part.source))
            tokens += 1
        characters += len(part.text)
        yield line(record(part))
    for number, layer in enumerate(contents.layers.values()):
        yield line({"type": "layer", "layer": number, "fingerprint": layer.fingerprint, "model": layer.name})
        for start, token in layer_tokens(contents, layer):
            if token.number not in written:
                written.add(token.number)
                yield line(source(token.number, token.source))
            yield line({**record(token), "type": "reading", "layer": number, "start": start})
    yield line({"type": "end", "tokens": tokens, "characters": characters})


def header(facts: ExportFacts) -> Mapping[str, Any]:
    """The first line: facts of the page."""
    return {
        "type": "page",
        "format": FORMAT,
        "title": facts.title,
        "model": facts.model,
        "created": _time(facts.created),
        "modified": _time(facts.modified),
    }


def source(number: int, source: Source) -> Mapping[str, Any]:
    """The source with that number on the page."""
    return {
        "type": "source",
        "source": number,
        "kind": source.kind,
        "fingerprint": source.fingerprint,
        "window": source.window,
        "keep": source.n_keep,
        "settings": asdict(source.sampling),
        "seed": source.seed,
        "take": source.take,
        "first": source.first,
        "stream": source.stream,
        "rows": source.rows,
        "width": source.width,
        "exact": source.exact,
        "retry": source.retry,
        "banned": list(source.banned),
        "fed": source.fed,
        "sha256": source.sha256,
        "conditions": asdict(source.conditions),
    }


def record(part: Text | Token) -> Mapping[str, Any]:
    """Text, or a token with its reading."""
    if isinstance(part, Text):
        return {"type": "text", "text": part.text, "by": "model" if part.generated else "writer"}
    token = records.token(part.reading, part.text, len(part.reading.alternatives.ids))
    return {**token, "kind": part.source.kind, "source": part.number, "stale": part.stale}


def line(record: Mapping[str, Any]) -> bytes:
    """The record as one line of UTF-8. Lone surrogates become escapes, which every JSON reader understands."""
    try:
        return records.line(record).encode()
    except UnicodeEncodeError:
        return (json.dumps(record, allow_nan=False) + "\n").encode("ascii")


def _time(seconds: float) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds else None
