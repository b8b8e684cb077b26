"""Makes the lines of JSON that scripts read: one object for the start, one for every token, one for the end.

NaN and infinities, which JSON lacks, become null, and so does whatever the runner does not know
(models/sampling/readings.py).
"""

import base64
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from desktop.terminal.streams import CONTROL
from models.engine.conditions import Conditions
from models.engine.events import Ended, Healed, ModelFacts, Sampled, Span, Started
from models.sampling.knobs import STAGES, Sampling
from models.sampling.readings import ChainEffect, Reading

Record = Mapping[str, Any]
CONDITIONS = ("fingerprint", *(field.name for field in fields(Conditions)))
ESCAPED = re.compile(rf"{CONTROL.pattern}|[\ud800-\udfff]")  # control characters, and surrogates


def number(value: float) -> float | None:
    """The number, or None (null in JSON) if it is not finite."""
    return value if math.isfinite(value) else None


def line(record: Record) -> str:
    """The record as one line of JSON, with control characters escaped. Raises ValueError for NaN and infinities."""
    text = json.dumps(record, ensure_ascii=False, allow_nan=False)
    return ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def conditions(facts: ModelFacts) -> dict[str, Any]:
    """What the numbers depend on beside the text: they are the same to the bit only where all of this is the same."""
    found = asdict(Conditions.of(facts))
    return {"fingerprint": facts.fingerprint, **found, "widths": list(facts.widths)}


def start(facts: ModelFacts, prefix: Started, settings: Record) -> Record:
    """The first record: the model, the conditions, the prompt's tokens, and the settings."""
    model = {
        "model": facts.name,
        "path": facts.path,
        "architecture": facts.architecture,
        **conditions(facts),
    }
    return {
        "type": "start",
        **model,
        "prompt_tokens": list(prefix.prompt),
        "dropped": prefix.dropped,
        "exact": prefix.exact,
        "streams": prefix.streams,
        "settings": settings,
    }


def healed(event: Healed) -> Record:
    """The record behind the start where typed text ended inside a token: its end, with which the first token begins,
    and the prompt's tokens without it."""
    return {"type": "healed", "text": event.text, "prompt_tokens": list(event.prompt), "exact": event.exact}


def settings(sampling: Sampling, **others: int | None) -> Record:
    """Every knob by its field's name, and the other values that determine the text."""
    return {**asdict(sampling), **others}


def tokens(span: Span, top: int) -> Iterator[Record]:
    """One record for each token of a span. The last one has the span's text, the others an empty text."""
    last = len(span.readings) - 1
    for index, reading in enumerate(span.readings):
        yield token(reading, span.text if index == last else "", top)


def sampled(event: Sampled, top: int) -> Iterator[Record]:
    """One record for each token that was written, with the continuation and the step that it comes from."""
    step = {"stream": event.stream, "rows": event.rows, "width": event.width}
    return ({**record, **step} for span in event.spans for record in tokens(span, top))


def token(reading: Reading, text: str, top: int) -> Record:
    """The reading of one token: log-probabilities in nats, entropy, the draw with its interval, and what the chain made
    of the whole distribution; of a token that was not drawn first at its place, which draw it was, and the ids banned
    there.
    """
    retry = {"retry": reading.retry.number, "banned": list(reading.retry.banned)} if reading.retry.number else {}
    return {
        "type": "token",
        "id": known(reading.token),
        "text": text,
        "bytes": base64.b64encode(reading.bytes).decode("ascii"),
        "logprob": number(reading.raw),
        "rank": reading.rank or None,
        "entropy": number(reading.entropy),
        "final": number(reading.final),
        "draw": number(reading.draw),
        "low": number(reading.low),
        "high": number(reading.high),
        "chain": chain(reading.effect) if reading.effect else None,
        **retry,
        "top": list(alternatives(reading, top)),
    }


def chain(effect: ChainEffect) -> dict[str, Any]:
    """What the sampler chain makes of the distribution; divergence in bits (readings.ChainEffect)."""
    return {"left": effect.left, "held": effect.held, "divergence": effect.divergence}


def known(token: int) -> int | None:
    """The id, or None (null in JSON) if it is not known."""
    return token if token >= 0 else None


def alternatives(reading: Reading, top: int) -> Iterator[Record]:
    """The `top` most likely tokens, most likely first, and the chosen one if it is listed below them."""
    found, chosen = reading.alternatives, reading.chosen
    for index, identity in enumerate(found.ids):
        if index < top or index == chosen:
            yield {
                "id": known(identity),
                "text": found.texts[index].decode("utf-8", errors="replace"),
                "logprob": number(found.raw[index]),
                "final": number(found.final[index]),
                "cut": stage(found.cut[index]),
            }


def stage(cut: int) -> str | None:
    """The name of the stage that cut a token; None if none did, or if it is a stage of a later version."""
    return STAGES[cut - 1] if 0 < cut <= len(STAGES) else None


def end(ended: Ended) -> Record:
    """The last record: why writing ended, and times in seconds from the request."""
    return {
        "type": "end",
        "stream": ended.stream,
        "reason": ended.reason,
        "tokens": ended.tokens,
        "tokens_per_second": number(speed(ended)),
        "evaluated": ended.evaluated,
        "seconds_to_first": number(ended.first),
        "seconds": number(ended.total),
        "used": ended.used,
    }


def total(ends: Sequence[Ended], width: int) -> Record:
    """The record behind the last end: all streams together. width: rows of the widest step."""
    written = [ended for ended in ends if ended.tokens]
    seconds = max((ended.total for ended in written), default=0.0) - min((e.first for e in written), default=0.0)
    after_the_first = sum(ended.tokens - 1 for ended in written)
    return {
        "type": "total",
        "streams": len(ends),
        "tokens": sum(ended.tokens for ended in ends),
        "tokens_per_second": number(after_the_first / seconds) if after_the_first and seconds > 0 else None,
        "width": width,
    }


def speed(ended: Ended) -> float:
    """Tokens per second after the first one, whose time is the prompt's; NaN with fewer than two tokens."""
    seconds = ended.total - ended.first
    return (ended.tokens - 1) / seconds if ended.tokens > 1 and seconds > 0 else math.nan


def totals(readings: Sequence[Reading]) -> Record:
    """The total bits, bits per byte and perplexity of a text, from the raw log-probabilities of its tokens; null where
    not all of these are known. unknown: the number of tokens whose are not."""
    nats = -math.fsum(reading.raw for reading in readings)
    size = sum(len(reading.bytes) for reading in readings)
    bits = nats / math.log(2)
    mean = nats / len(readings) if readings else math.nan
    return {
        "tokens": len(readings),
        "bytes": size,
        "unknown": sum(math.isnan(reading.raw) for reading in readings),
        "bits": number(bits),
        "bits_per_byte": number(bits / size) if size else None,
        "perplexity": number(math.exp(mean)) if mean < 700 else None,
    }
