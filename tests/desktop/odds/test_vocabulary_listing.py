"""The whole vocabulary, sorted, filtered and copied, against Python's own sorting."""

import csv
import io
import math
import random
from collections.abc import Callable

import numpy as np
import pytest

from desktop.odds.vocabulary_listing import HEAD, Column, Kept, Listing, Texts, as_csv, escaped
from models.sampling.knobs import STAGES

SIZE = 400
CUT = 1 + STAGES.index("top-k")


def listing(seed: int = 3) -> Listing:
    chance = random.Random(seed)
    spelt = [
        bytes(chance.choice(b' aAbB\n,"\\\xe2\x82\xac\xff') for _ in range(chance.randrange(1, 40)))
        for _ in range(SIZE)
    ]
    spelt[5], spelt[6], spelt[7] = b"the", b" the", b"The"
    ids = chance.sample(range(SIZE), SIZE)
    raw = np.sort(np.array([math.log(chance.choice((0.001, 0.002, chance.random() / SIZE))) for _ in ids], np.float32))
    cut = np.array([chance.choice((0, 0, CUT)) for _ in ids], np.uint8)
    final = np.where(cut > 0, np.float32(-np.inf), np.array([-chance.random() * 9 for _ in ids], np.float32))
    texts = Texts(b"".join(spelt), np.cumsum([len(one) for one in spelt]))
    return Listing(texts, np.array(ids), raw[::-1].copy(), final, cut, 2.5)


KEYS: dict[Column, Callable[[Listing, int], object]] = {
    Column.TOKEN: lambda made, row: made.texts.of(int(made.ids[row])),
    Column.RAW: lambda made, row: float(made.raw[row]),
    Column.FINAL: lambda made, row: float(made.final[row]),
    Column.RANK: lambda made, row: sum(other > made.raw[row] for other in made.raw) + 1,
    Column.CUT: lambda made, row: int(made.cut[row]),
    Column.ID: lambda made, row: int(made.ids[row]),
}


@pytest.mark.parametrize("column", Column)
@pytest.mark.parametrize("falling", [False, True])
def test_every_order_is_python_s(column: Column, falling: bool) -> None:
    made = listing()
    found = [KEYS[column](made, row) for row in made.rows(column, falling).tolist()]
    if column is Column.TOKEN:  # the first bytes decide, and then the length
        found = [(one[:32], len(one)) for one in found]  # type: ignore[index]
    assert found == sorted(found, reverse=falling)  # type: ignore[type-var]
    assert sorted(made.rows(column, falling).tolist()) == list(range(SIZE))


@pytest.mark.parametrize("text", ["the", "THE", " ", "€", "\n", "a,b", "no token has this"])
def test_a_filter_finds_what_a_loop_finds(text: str) -> None:
    made = listing()
    wanted = {row for row in range(SIZE) if text.encode().lower() in made.texts.of(int(made.ids[row])).lower()}
    assert set(made.rows(Column.RAW, True, text).tolist()) == wanted
    left = made.rows(Column.RAW, True, text, Kept.LEFT)
    cut = made.rows(Column.RAW, True, text, Kept.CUT)
    assert set(left.tolist()) | set(cut.tolist()) == wanted
    assert not made.cut[left].any() and made.cut[cut].all()


def test_a_match_over_two_tokens_is_none() -> None:
    texts = Texts(b"abcd", np.array([2, 4]))
    assert texts.with_text("bc").tolist() == [False, False] and texts.with_text("cd").tolist() == [False, True]


def test_ranks_are_shared_by_equals() -> None:
    made = listing()
    assert made.ranks.tolist() == [KEYS[Column.RANK](made, row) for row in range(SIZE)]


def test_the_copy_is_csv_that_reads_back() -> None:
    made = listing()
    rows = made.rows(Column.ID, False).tolist()
    text = as_csv(made, rows)
    assert text.count("\r\n") == SIZE + 1 and "\n" not in text.replace("\r\n", "")
    head, *lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert tuple(head) == HEAD and len(lines) == SIZE
    for row, cells in zip(rows, lines, strict=True):
        token, number, raw, final, rank, cut = cells
        assert unescaped(token) == made.texts.of(int(number)) and int(number) == made.ids[row]
        assert math.log(float(raw)) == pytest.approx(float(made.raw[row]), abs=1e-5)
        assert (final == "") == (cut == "top-k") == bool(made.cut[row]) and int(rank) == made.ranks[row]
        assert token.isprintable()


def unescaped(shown: str) -> bytes:
    out, at = b"", 0
    plain = {"n": b"\n", "r": b"\r", "t": b"\t", "\\": b"\\"}
    while at < len(shown):
        if shown[at] != "\\":
            out, at = out + shown[at].encode(), at + 1
        elif shown[at + 1] == "x":
            out, at = out + bytes([int(shown[at + 2 : at + 4], 16)]), at + 4
        else:
            out, at = out + plain[shown[at + 1]], at + 2
    return out


@pytest.mark.parametrize(
    ("token", "shown"), [(b" a", " a"), (b"\n", "\\n"), (b"\x00", "\\x00"), (b"\xe2", "\\xe2"), (b"\\n", "\\\\n")]
)
def test_invisible_bytes_are_escapes(token: bytes, shown: str) -> None:
    assert escaped(token) == shown
