"""Checks the values of the sampling settings against their declarations (knobs.py)."""

from dataclasses import Field
from typing import Any, cast

from models.sampling import bias
from models.sampling.grammar import gbnf
from resources.language import tr

MOST_STOPS, LONGEST_STOP = 1_000, 100_000  # texts of a setting; characters (code points) of one


def complaint(knob: Field[Any], value: object) -> str:
    """Check a field's value: what is wrong with it, as a sentence with placeholders; "" if it is allowed."""
    if "low" not in knob.metadata:
        return _kind_complaint(knob, value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return tr("{name} must be a number, not {value!r} (--{flag}).")
    if isinstance(knob.default, int) and not isinstance(value, int):
        return tr("{name} must be a whole number, not {value:g} (--{flag}).")
    low, high = knob.metadata["low"], knob.metadata["high"]
    if low <= value <= high:
        return ""
    return tr("{name} must lie between {low:g} and {high:g}, not {value:g} (--{flag}).")


def _kind_complaint(knob: Field[Any], value: object) -> str:
    if isinstance(knob.default, bool):
        return "" if isinstance(value, bool) else tr("{name} must be true or false, not {value!r} (--{flag}).")
    if isinstance(knob.default, str):
        return _grammar_complaint(value)
    if not isinstance(value, tuple) or not all(isinstance(text, str) for text in cast("tuple[object, ...]", value)):
        return tr("{name} must be a tuple of texts, not {value!r} (--{flag}).")
    texts = cast("tuple[str, ...]", value)
    most, longest = knob.metadata.get("most", MOST_STOPS), knob.metadata.get("high", LONGEST_STOP)
    if len(texts) > most or any(len(text) > longest for text in texts):
        return tr("{name} are too many, or too long (--{flag}).")
    return _bias_complaint(texts) if knob.name == "bias" else ""


def _grammar_complaint(value: object) -> str:
    if not isinstance(value, str):
        return tr("{name} must be a text, not {value!r} (--{flag}).")
    try:
        _ = gbnf.parse(value) if value else None
    except gbnf.GrammarError as error:
        return error.told.replace("{", "{{").replace("}", "}}")
    return ""


def _bias_complaint(entries: tuple[str, ...]) -> str:
    for entry in entries:
        try:
            bias.parse(entry)
        except ValueError as error:
            return str(error).replace("{", "{{").replace("}", "}}")  # the caller fills in placeholders
    return ""
