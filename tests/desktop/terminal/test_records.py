"""The lines of JSON, field by field."""

import base64
import json
import math
from array import array

import pytest

from desktop.terminal import records
from models.engine.events import Ended, ModelFacts, Span, Started
from models.sampling.knobs import STAGES, Sampling
from models.sampling.readings import Alternatives, ChainEffect, Reading

CUT = STAGES.index("top-k") + 1


def reading(token: int = 7, data: bytes = b" the", raw: float = -0.5) -> Reading:
    alternatives = Alternatives(
        array("i", [3, 7, 9]),
        array("f", [-0.25, -0.5, -9.0]),
        array("f", [-0.5, -1.0, -math.inf]),
        bytes([0, 0, CUT]),
        (b"a", b" the", b"\xff"),
    )
    return Reading(token, data, raw, 2, 1.5, -1.0, 0.75, 0.6, 0.9, alternatives, effect=ChainEffect(2, 0.5, 1.25))


def ended(**changes: float) -> Ended:
    given = {"tokens": 5, "evaluated": 3, "first": 0.5, "total": 2.5, "used": 8, **changes}
    return Ended(job=1, reason="length", **given)  # type: ignore[arg-type]


FACTS = ModelFacts(
    path="/m/x.gguf", name="X", fingerprint="f", architecture="llama", parameters=1, size=2, vocabulary=3, layers=4,
    context=512, trained_context=1024, threads=2, offloaded=0, device="CPU, 2 threads", bos=1, batch=64,
)  # fmt: skip


def test_the_start() -> None:
    prefix = Started(job=1, prompt=array("i", [1, 5, 6]), dropped=0, unseen=0, reused=0, exact=True)
    record = records.start(FACTS, prefix, records.settings(Sampling(top_k=40), seed=9, max_tokens=None))
    assert record["type"] == "start" and record["model"] == "X" and record["path"] == "/m/x.gguf"
    assert record["prompt_tokens"] == [1, 5, 6]
    assert (record["context"], record["device"], record["threads"]) == (512, "CPU, 2 threads", 2)
    assert record["settings"]["top_k"] == 40 and record["settings"]["temperature"] == 1.0
    assert record["settings"]["seed"] == 9 and record["settings"]["max_tokens"] is None
    assert json.loads(records.line(record))["settings"]["stop"] == []


def test_a_token() -> None:
    (record,) = records.tokens(Span(" the", (reading(),)), top=10)
    assert record["type"] == "token" and record["id"] == 7 and record["text"] == " the"
    assert base64.b64decode(record["bytes"]) == b" the"
    assert (record["logprob"], record["rank"], record["entropy"]) == (-0.5, 2, 1.5)
    assert (record["final"], record["draw"], record["low"], record["high"]) == (-1.0, 0.75, 0.6, 0.9)
    assert record["chain"] == {"left": 2, "held": 0.5, "divergence": 1.25}
    assert record["top"] == [
        {"id": 3, "text": "a", "logprob": -0.25, "final": -0.5, "cut": None},
        {"id": 7, "text": " the", "logprob": -0.5, "final": -1.0, "cut": None},
        {"id": 9, "text": "\ufffd", "logprob": -9.0, "final": None, "cut": "top-k"},
    ]


def test_the_chosen_token_below_the_top_is_included() -> None:
    assert [entry["id"] for entry in records.alternatives(reading(9), 1)] == [3, 9]


def test_a_character_of_several_tokens_belongs_to_the_last_one() -> None:
    parts = [reading(data=byte) for byte in (b"\xea", b"\xb0", b"\x80")]
    found = list(records.tokens(Span("가", tuple(parts)), top=0))
    assert [record["text"] for record in found] == ["", "", "가"]
    assert b"".join(base64.b64decode(record["bytes"]) for record in found).decode() == "가"


def test_nan_and_infinities_become_null() -> None:
    strange = Reading(1, b"x", -math.inf, 9, math.nan, -math.inf, math.nan, math.nan, math.nan, reading().alternatives)
    text = records.line(records.token(strange, "x", 3))
    assert not any(word in text for word in ("NaN", "Infinity"))
    record = json.loads(text)
    assert all(record[name] is None for name in ("logprob", "entropy", "final", "draw", "low", "high", "chain"))
    with pytest.raises(ValueError, match="JSON"):
        records.line({"x": math.nan})


def test_the_end() -> None:
    record = records.end(ended())
    assert record["type"] == "end" and record["reason"] == "length" and record["tokens"] == 5
    assert record["tokens_per_second"] == 2.0  # 4 tokens behind the first in 2 seconds
    assert records.end(ended(tokens=1))["tokens_per_second"] is None
    assert records.end(ended(tokens=0, first=math.nan))["seconds_to_first"] is None


def test_totals() -> None:
    found = records.totals([reading(raw=-math.log(2)), reading(raw=-math.log(8))])
    assert found["bits"] == pytest.approx(4.0)
    assert found["bytes"] == 8 and found["tokens"] == 2
    assert found["bits_per_byte"] == pytest.approx(0.5)
    assert found["perplexity"] == pytest.approx(4.0)
    assert records.totals([])["perplexity"] is None
    assert records.totals([reading(raw=-math.inf)])["perplexity"] is None
    assert records.totals([reading(raw=-1e5)])["perplexity"] is None


def test_lines_keep_every_character_and_stay_lines() -> None:
    text = records.line({"x": "é\n\u2028🙂"})
    assert text.count("\n") == 1 and text.endswith("\n") and "é" in text
    assert json.loads(text) == {"x": "é\n\u2028🙂"}


def test_names_of_stages() -> None:
    """A file may have one of a later version."""
    assert [records.stage(cut) for cut in (0, CUT, len(STAGES), len(STAGES) + 1, 255)] == [
        None,
        "top-k",
        STAGES[-1],
        None,
        None,
    ]
