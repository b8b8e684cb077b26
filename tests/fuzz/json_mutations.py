"""Mutations of a JSON value: other types, other sizes, duplicate keys, depth, invalid numbers."""

import json
import random
from typing import Any

DEEP = 100_000
WILD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**53, 2**63, 2**64, -(2**64), 0.5, 1e308, "", "x", "\0", "\ud800", "\u202e",
    "a" * 5_000,
    "<h1>", "../../x", "\x1b[2J", [], {}, [[]], [None], [1, "x", {}], {"a": {}}, {"": ""}, "2026-13-45", "9" * 400,
)  # fmt: skip
RAW = (
    "NaN", "Infinity", "-Infinity", "1e999", "9" * 25, "9" * 6_000, "[" * DEEP, "[" * DEEP + "]" * DEEP, '{"a":' * DEEP,
    '{"a":' * 500 + "1" + "}" * 500, "[" * 900 + "]" * 900, "[" + "[]," * 300_000 + "1]", "[" + "0," * 2_000_000 + "0]",
    "{" + ",".join(f'"{number}":0' for number in range(100_000)) + "}", '"' + "\\u0041" * 100_000 + '"',
    '"\\ud800"', '"\\',
    '{"a":1,"a":[]}', "", "nul", "[1,]", "\ufeff[]", '"' + '\\"' * 50_000,
)  # fmt: skip


def spoilt(chance: random.Random, value: Any) -> str:
    """The value as JSON, in which something is another."""
    mark = "\ue000 here \ue000"
    for _ in range(chance.choice((1, 1, 2, 5))):
        value = _changed(chance, value, chance.choice(WILD))
    if chance.random() < 0.4:
        text = json.dumps(_changed(chance, value, mark))
        return text.replace(json.dumps(mark), chance.choice(RAW), 1)
    if chance.random() < 0.05:
        return chance.choice(RAW)
    return json.dumps(value)


def _changed(chance: random.Random, value: Any, new: Any) -> Any:
    """The same with one part changed: replaced, taken away, renamed, or come many times."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(list(value))
        how = chance.random()
        if how < 0.1:
            return {name: part for name, part in value.items() if name != key}
        if how < 0.15:
            return {**value, str(new)[:50]: value[key]}
        return {**value, key: _changed(chance, value[key], new)}
    if isinstance(value, list) and value and chance.random() < 0.9:
        place = chance.randrange(len(value))
        if chance.random() < 0.05:
            return value * chance.choice((2, 300))
        return [*value[:place], _changed(chance, value[place], new), *value[place + 1 :]]
    return new
