"""Encoding and decoding restore every bit."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.page import utf16
from desktop.page.alternatives import WIDTH, AlternativesBlock
from desktop.page.sources import Source
from desktop.page.token_table import NOTHING, ROW
from desktop.pagefile import encoding, packing
from desktop.pagefile.encoding import BlobError
from desktop.pagefile.values import Facts, View
from models.engine.conditions import Conditions
from models.sampling.knobs import Sampling


@given(st.integers(0, 60), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_rows_of_any_bits(count: int, seed: int) -> None:
    rows = np.frombuffer(np.random.default_rng(seed).bytes(count * ROW.itemsize), ROW).copy()
    back = encoding.unpack_rows(encoding.pack_rows(rows))
    assert len(back) == count and back.dtype == ROW
    assert all(back[name].tobytes() == rows[name].tobytes() for name in ROW.names or ())


def test_rows_that_are_no_numbers() -> None:
    rows = np.zeros(4, ROW)
    rows["draw"] = [np.nan, -np.nan, -0.0, 0.1]
    rows["final"] = [-np.inf, np.inf, np.nan, -0.0]
    back = encoding.unpack_rows(encoding.pack_rows(rows))
    assert all(back[name].tobytes() == rows[name].tobytes() for name in ROW.names or ())


@pytest.mark.parametrize(
    ("gate", "left", "form"),
    [
        (NOTHING, 0, encoding.FORM),
        (0.25, 0, encoding.WITH_STATE),
        (0.0, 0, encoding.WITH_STATE),
        (NOTHING, 40, encoding.WITH_EFFECT),
        (0.25, 40, encoding.WITH_BOTH),
    ],
)
def test_rows_have_only_the_columns_that_say_something(gate: float, left: int, form: int) -> None:
    rows = np.zeros(3, ROW)
    rows["gate"] = rows["learned"] = NOTHING
    rows["gate"][1], rows["left"][2] = gate, left
    packed = encoding.pack_rows(rows)
    back = encoding.unpack_rows(packed)
    assert packed[0] == form and all(back[name].tobytes() == rows[name].tobytes() for name in ROW.names or ())


@given(st.integers(0, 40), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_alternatives_of_any_bits(count: int, seed: int) -> None:
    chance = np.random.default_rng(seed)

    def table(kind: type[np.generic]) -> np.ndarray:
        return np.frombuffer(chance.bytes(count * WIDTH * np.dtype(kind).itemsize), kind).reshape(count, WIDTH)

    rows = AlternativesBlock(7, table(np.int32), table(np.float32), table(np.float32), table(np.uint8))
    back = encoding.unpack_alternatives(7, encoding.pack_alternatives(rows))
    assert back.first == 7 and len(back) == count
    assert [array.tobytes() for array in back.arrays] == [array.tobytes() for array in rows.arrays]


@given(st.binary(max_size=60).filter(lambda data: len(data) % 2 == 0))
def test_text_of_any_units(units: bytes) -> None:
    assert encoding.unpack_text(encoding.pack_text(units)) == units
    assert encoding.pack_text(utf16.encode("été")) == "été".encode()


@pytest.mark.parametrize("blob", [b"", b"\x02", b"\x01", b"\x01no zlib", b"\x01" + encoding.zlib.compress(b"123")])
def test_invalid_blobs(blob: bytes) -> None:
    with pytest.raises(BlobError):
        encoding.unpack_rows(blob)
    with pytest.raises(BlobError):
        encoding.unpack_alternatives(0, blob)


def test_invalid_texts_and_numbers() -> None:
    with pytest.raises(BlobError):
        encoding.unpack_text(b"\xff")
    for blob in (b"1234567", b"12345678"):
        with pytest.raises(BlobError):
            encoding.unpack_pairs(blob)


def test_sources_views_and_facts() -> None:
    sampling = Sampling(temperature=0.5, stop=("a", "é\ud800"), bias=(" b=-inf", "id:3=0.5"))
    source = Source("f", "read", 7, sampling, 2**70, 3, 4)
    assert packing.source_from(packing.to_json(source)) == source
    conditions = Conditions("b1", "CPU (AVX2), 2 threads", 3, 2, 512, "q8_0", "on", 64, (1, 4, 8))
    source = Source("f", retry=2, banned=(7, 9))
    assert packing.source_from(packing.to_json(source)) == source
    with pytest.raises(BlobError):
        packing.source_from('{"fingerprint": "f", "banned": ["7"]}')
    source = Source("f", stream=3, rows=5, width=8, exact=True, sha256="0" * 64, conditions=conditions)
    assert packing.source_from(packing.to_json(source)) == source
    assert packing.view_from(packing.to_json(View(1, 2, 3, False))) == View(1, 2, 3, False)
    assert packing.facts_from(packing.to_json(Facts("t", "l", 1, 2, 3, "m", 0.5, 1.5))) == Facts(
        "t", "l", 1, 2, 3, "m", 0.5, 1.5
    )


def test_the_header_is_called_keep_in_the_file() -> None:
    stored = packing.to_json(Source("f", n_keep=7))
    assert json.loads(stored)["keep"] == 7 and "n_keep" not in stored
    assert packing.source_from('{"fingerprint": "f", "keep": 7, "n_keep": 9}') == Source("f", n_keep=7)


def test_fields_of_a_later_program_are_ignored() -> None:
    assert packing.source_from('{"fingerprint": "f", "mood": 1, "sampling": {"top_k": 3, "luck": 2}}') == Source(
        "f", sampling=Sampling(top_k=3)
    )
    assert packing.facts_from('{"title": "t", "stars": 5}') == Facts("t")
    assert packing.source_from('{"fingerprint": "f", "conditions": {"threads": 2, "moon": 1}}') == Source(
        "f", conditions=Conditions(threads=2)
    )
    for text in ('{"fingerprint": "f", "conditions": {"widths": ["1"]}}', '{"fingerprint": "f", "width": "1"}'):
        with pytest.raises(BlobError):
            packing.source_from(text)
    for text in ("{", "[]", '"x"', "{}", None, 5):
        with pytest.raises(BlobError):
            packing.source_from(text)
