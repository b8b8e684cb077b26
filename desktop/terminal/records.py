"""The lines of JSON that scripts read: one object for the start, one for every token, one for the end.

Numbers that JSON has no word for (NaN, infinities) become null. Knows nothing of where the objects go.
"""

import base64
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from desktop.terminal.streams import CONTROL
from models.engine.events import Ended, ModelFacts, Span, Started
from models.sampling.knobs import STAGES, Sampling
from models.sampling.readings import Alternatives, Reading

Record = Mapping[str, Any]
ESCAPED = re.compile(rf"{CONTROL.pattern}|[\ud800-\udfff]")  # and what UTF-8 has no bytes for


def number(value: float) -> float | None:
    """The number, or None (null) where it is none."""
    return value if math.isfinite(value) else None


def line(record: Record) -> str:
    """The record as one line, of which a terminal obeys nothing but the line end. Refuses what is no JSON."""
    said = json.dumps(record, ensure_ascii=False, allow_nan=False)
    return ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", said) + "\n"


def start(facts: ModelFacts, prefix: Started, settings: Record) -> Record:
    """The first line: which model, what it read, and with which settings."""
    about = {
        "model": facts.name,
        "path": facts.path,
        "fingerprint": facts.fingerprint,
        "architecture": facts.architecture,
        "context": facts.context,
        "device": facts.device,
        "threads": facts.threads,
    }
    return {
        "type": "start",
        **about,
        "prompt_tokens": list(prefix.prompt),
        "dropped": prefix.dropped,
        "exact": prefix.exact,
        "settings": settings,
    }


def settings(sampling: Sampling, **others: int | None) -> Record:
    """Every knob by its field's name, and what else decides the text."""
    return {**asdict(sampling), **others}


def tokens(span: Span, top: int) -> Iterator[Record]:
    """One record for each token of a span, whose text stands at its last one: all texts together are the text."""
    last = len(span.readings) - 1
    for index, reading in enumerate(span.readings):
        yield token(reading, span.text if index == last else "", top)


def token(reading: Reading, text: str, top: int) -> Record:
    """What the model said about one token, and how its coin fell."""
    return {
        "type": "token",
        "id": reading.token,
        "text": text,
        "bytes": base64.b64encode(reading.bytes).decode("ascii"),
        "logprob": number(reading.raw),
        "rank": reading.rank,
        "entropy": number(reading.entropy),
        "final": number(reading.final),
        "draw": number(reading.draw),
        "low": number(reading.low),
        "high": number(reading.high),
        "top": list(alternatives(reading.alternatives, top)),
    }


def alternatives(found: Alternatives, top: int) -> Iterator[Record]:
    """The most likely tokens, most likely first (and the chosen one, where it ranks behind them)."""
    for index, identity in enumerate(found.ids):
        if index < top or index == len(found.ids) - 1:
            yield {
                "id": identity,
                "text": found.texts[index].decode("utf-8", errors="replace"),
                "logprob": number(found.raw[index]),
                "final": number(found.final[index]),
                "cut": stage(found.cut[index]),
            }


def stage(cut: int) -> str | None:
    """The name of the stage that cut a token, None where it was kept, or where a later version's stage cut it."""
    return STAGES[cut - 1] if 0 < cut <= len(STAGES) else None


def end(ended: Ended) -> Record:
    """The last line: why it ended and how fast it was. Seconds count from the request, first to its first token."""
    return {
        "type": "end",
        "reason": ended.reason,
        "tokens": ended.tokens,
        "tokens_per_second": number(speed(ended)),
        "evaluated": ended.evaluated,
        "seconds_to_first": number(ended.first),
        "seconds": number(ended.total),
        "used": ended.used,
    }


def speed(ended: Ended) -> float:
    """Tokens per second behind the first one (its time is the prompt's); NaN with fewer than two."""
    seconds = ended.total - ended.first
    return (ended.tokens - 1) / seconds if ended.tokens > 1 and seconds > 0 else math.nan


def totals(readings: Sequence[Reading]) -> Record:
    """Bits in all, bits a byte and perplexity of a text, from the raw log-probabilities of its tokens."""
    nats = -math.fsum(reading.raw for reading in readings)
    size = sum(len(reading.bytes) for reading in readings)
    bits = nats / math.log(2)
    mean = nats / len(readings) if readings else math.nan
    return {
        "tokens": len(readings),
        "bytes": size,
        "bits": number(bits),
        "bits_per_byte": number(bits / size) if size else None,
        "perplexity": number(math.exp(mean)) if mean < 700 else None,
    }
