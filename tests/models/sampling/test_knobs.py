"""The settings: neutral by default, and refused with a sentence if out of bounds."""

from dataclasses import fields, replace
from typing import Any

import pytest

from models.sampling.knobs import NEUTRAL, STAGES, Sampling

KNOBS = [knob for knob in fields(Sampling) if "low" in knob.metadata]


def test_the_default_is_neutral_and_every_default_within_its_bounds() -> None:
    assert NEUTRAL.neutral
    assert NEUTRAL.checked() is NEUTRAL


@pytest.mark.parametrize("knob", KNOBS, ids=lambda knob: knob.name)
def test_each_bound_is_allowed_and_values_beyond_are_refused(knob: Any) -> None:
    low, high = knob.metadata["low"], knob.metadata["high"]
    for value in (low, high):
        replace(NEUTRAL, **{knob.name: value}).checked()
    for value in (low - 1, high + 1):
        with pytest.raises(
            ValueError, match=rf"^{knob.metadata['label']} must lie between .*, not -?[\d.]+ \(--.*\)\.$"
        ):
            replace(NEUTRAL, **{knob.name: value}).checked()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("temperature", float("nan"), "must lie between 0 and 5, not nan"),
        ("temperature", "hot", "must be a number, not 'hot'"),
        ("top_k", 40.5, "must be a whole number, not 40.5"),
        ("mirostat", True, "must be a number, not True"),
        ("ignore_eos", 1, "must be true or false, not 1"),
        ("stop", ("a", 1), "must be a tuple of texts"),
        ("stop", "END", "must be a tuple of texts"),
        ("dry_breakers", ("x" * 41,), "^DRY breakers are too many, or too long"),
        ("dry_breakers", ("x",) * 101, "^DRY breakers are too many, or too long"),
        ("bias", ("{the}",), r"^A bias is TEXT=NUMBER or id:123=NUMBER, not “\{the\}”\.$"),
        ("bias", ("=1",), "A bias is TEXT=NUMBER"),
        ("bias", ("the=x",), "A bias is TEXT=NUMBER"),
        ("bias", ("the=nan",), "A bias is TEXT=NUMBER"),
        ("bias", ("the=inf",), "between -100 and 100 nats, or is -inf, not inf"),
        ("grammar", "root ::= (", r"^Line 1 of the grammar: A group has no closing bracket\.$"),
        ("grammar", 'root ::= "{}"{2,1}', r"^Line 1 of the grammar: A repetition has its larger number first\.$"),
        ("grammar", None, "Grammar must be a text, not None"),
        ("bias", ("id:7=-101",), "between -100 and 100 nats, or is -inf, not -101"),
    ],
)
def test_invalid_values_of_a_field_are_refused(name: str, value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(NEUTRAL, **{name: value}).checked()


def test_windows_and_rates_alone_change_nothing() -> None:
    assert Sampling(repeat_last_n=8, dry_base=2.0, mirostat_tau=3.0, stop=("x",), ignore_eos=True).neutral
    assert Sampling(temperature_exponent=2.0, adaptive_decay=0.5, dry_breakers=(), adaptive_target=-0.5).neutral
    assert Sampling(adaptive_target=0.0).off_neutral() == ("adaptive_target",)
    assert Sampling(adaptive_target=0.5, mirostat=2).off_neutral() == ("mirostat",)
    assert Sampling(temperature=0.9, top_k=40).off_neutral() == ("temperature", "top_k")


def test_stages_keep_their_places() -> None:
    """Files hold these numbers."""
    assert STAGES[:4] == ("control", "penalties", "dry", "top-n-sigma")
    assert STAGES[8:] == ("xtc", "temperature", "mirostat", "bias", "banned", "healing", "grammar")
