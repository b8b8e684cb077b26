"""JSON from outside: a value or a ValueError, for any text."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.start.language_choice import of_settings
from models.library.download.layout import targets
from models.library.download.sidecar import Sidecar
from models.library.downloadable import Downloadable, RemoteFile
from models.library.json_file import read_json
from models.library.outside_json import DEEPEST, LARGEST, MOST, parse
from models.llamacpp import backend_packs

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
)


@given(VALUES)
def test_valid_json_is_unchanged(value: object) -> None:
    assert parse(json.dumps(value)) == value
    assert parse(json.dumps(value).encode()) == value


@given(st.binary() | st.text())
def test_anything_is_a_value_or_a_value_error(text: str | bytes) -> None:
    try:
        parse(text)
    except ValueError:
        return


@pytest.mark.parametrize(
    "text",
    [
        "[" * 1_000_000,
        "[" * 1_000_000 + "]" * 1_000_000,
        '{"a":' * 300 + "1" + "}" * 300,
        "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1),
        "[" + "0," * MOST + "0]",
        "[" + "[]," * MOST + "[]]",
        '"' + "x" * LARGEST + '"',
        '"' + '\\"' * 1_000_000,
        '"' + "\\" * 1_000_001,
        "[" * 100 + '"' + '\\"' * 1_000_000,
        b"\xff",
        b"\x00[",
        "",
        "\ufeff[]",
    ],
)
def test_json_beyond_the_bounds_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError):
        parse(text)


def test_brackets_in_strings_are_not_depth() -> None:
    text = '["' + "[{" * 10_000 + '", "\\"[[[[' + "[" * 100 + '"]'
    assert parse(text) == json.loads(text)
    assert parse("[" * DEEPEST + "]" * DEEPEST) is not None


def test_numbers_that_are_none() -> None:
    text = f"[NaN, Infinity, -Infinity, 1e999, -1e999, {'9' * 5_000}, -{'9' * 40}, {2**70}, 1e3]"
    assert parse(text) == [None] * 7 + [2**70, 1_000.0]


def test_of_a_key_that_comes_twice_the_last_one_counts() -> None:
    assert parse('{"a": 1, "a": "\\ud800"}') == {"a": "\ud800"}


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 900 + "1" + "}" * 900, " " * (LARGEST + 1), "[1]", "9" * 5_000]
)
def test_a_file_of_our_own_that_is_damaged_holds_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "list.json"
    path.write_text(text)
    assert read_json(path) == {}


NESTED = ["[" * 100_000, '{"ggml":' * 900 + "1" + "}" * 900, "9" * 5_000, "\ud800"]


@pytest.mark.parametrize("text", NESTED)
def test_a_pack_a_sidecar_and_a_language_say_nothing_then(tmp_path: Path, text: str) -> None:
    path = tmp_path / backend_packs.MANIFEST
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    assert backend_packs.made_for(tmp_path / "libggml-cuda.so") == ""
    assert of_settings(path) == ""
    file = RemoteFile("m.gguf", 5, "")
    (target,) = targets(Downloadable("o/m", "a" * 40, "", (file,), ""), tmp_path)
    target.sidecar.parent.mkdir(parents=True, exist_ok=True)
    target.sidecar.write_bytes(path.read_bytes())
    assert not Sidecar(target, "o/m", "a" * 40).read().ours
