"""The odds of a second real model beside those of the first: same tokens, other tokens, moves and deaths."""

import math
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from desktop.generation.recipe import Recipe
from desktop.generation.state import Phase
from desktop.odds.focus import Focus
from desktop.odds.panel import OddsPanel
from desktop.presenters.odds_beside import OddsBeside
from models.sampling.knobs import Sampling
from models.sampling.readings import Reading
from tests.desktop.generation.test_second_model import RECIPE, TEXT, Pair
from tests.models import tiny


class Compared(Pair):
    """The pair with an odds panel that compares."""

    def __init__(self, folder: Path, qtbot: QtBot) -> None:
        super().__init__(folder, qtbot)
        self.panel, self.focus = OddsPanel(), Focus(self.page)
        qtbot.addWidget(self.panel)
        self.panel.resize(300, 700)
        self.focus.view_changed.connect(self.panel.show_view)
        self.first.looked.connect(self.focus.show_look)
        self.beside = OddsBeside(self.panel, self.focus, self.page, self.first, self.second, lambda: Recipe(top=10))

    def opens(self, first: str | Path, second: str | Path, length: int = 20) -> None:
        """Open both, let the first write, and compare."""
        self.open(self.first, first)
        self.open(self.second, second)
        self.first.write(Recipe(length=length, seed=7, sampling=Sampling(ignore_eos=True)))
        self.until(lambda: self.first.state.phase is Phase.READY)
        self.beside.compare(self.second.state.model)

    def close(self) -> None:
        self.beside.compare(None)
        super().close()

    def goes(self, position: int) -> None:
        self.focus.move_caret(position)
        self.until(lambda: bool(self.line) and "…" not in self.column)

    @property
    def line(self) -> str:
        """The sentence, while it is about the place that is shown."""
        return self.panel._beside.text() if self.panel._beside.isEnabled() else ""

    @property
    def column(self) -> list[str]:
        rows = self.panel._rows
        return [second.words if (second := rows.second(row)) else "" for row in range(rows.rowCount())]


@pytest.fixture
def compared(tmp_path: Path, qtbot: QtBot) -> Iterator[Compared]:
    compared = Compared(tmp_path, qtbot)
    yield compared
    compared.close()


def percent(words: str) -> float:
    return float(words.removeprefix("< ").removesuffix(" %"))


def test_same_tokens_have_a_divergence(compared: Compared) -> None:
    compared.opens("scripted:", "scripted:?heat=2")
    compared.goes(len(TEXT) + 9)
    reading = compared.focus.shown().reading  # pyright: ignore[reportOptionalMemberAccess]
    raw = compared.beside._first_odds
    assert raw is not None
    hot = raw / 2 - np.log(np.exp(raw / 2).sum())  # the script's logits at temperature 2
    expected = float((np.exp(raw) * (raw - hot)).sum() / math.log(2))
    assert compared.line == f"Same tokens. Divergence: {expected:.2f} bits" and expected > 0.05
    for token, words in zip(reading.alternatives.ids, compared.column, strict=False):
        assert percent(words) == pytest.approx(100 * math.exp(hot[token]), abs=0.06)


@pytest.mark.parametrize("second", ["scripted:?heat=2", "gpt2"])
def test_it_says_that_the_first_odds_are_outdated(compared: Compared, tmp_path: Path, second: str) -> None:
    model = str(tiny.make(tmp_path / "second.gguf", "gpt2")) if second == "gpt2" else second
    compared.opens("scripted:", model)
    compared.page.write(0, 0, "Other. ")
    compared.goes(len("Other. ") + len(TEXT) + 9)
    compared.until(lambda: compared.line.endswith("First column: outdated"))
    assert compared.line.startswith("Different tokens" if second == "gpt2" else "Same tokens. Divergence: ")


def test_what_is_likely_to_the_second_only_stands_below(compared: Compared, tmp_path: Path) -> None:
    first, second = (tiny.make(tmp_path / f"{seed}.gguf", "llama", seed=seed) for seed in (1, 3))
    compared.opens(first, second)
    added: list[dict[int, Reading]] = []
    compared.beside.rows_added.connect(added.append)
    compared.goes(int(compared.page.tokens(len(TEXT), compared.page.length)["start"][3]) + 1)
    compared.until(lambda: compared.line.startswith("Same tokens") and bool(added and added[-1]))
    view, rows, shown = compared.panel.view, compared.panel._rows, compared.focus.shown()
    own, other = compared.beside._first_odds, compared.beside._second_odds
    assert view is not None and shown is not None and own is not None and other is not None
    listed = {row.id for row in view.rows}
    ranked = np.argsort(-other, kind="stable")
    expected = [int(token) for token in ranked[:10] if token not in listed][:5]
    more = [rows.row(number) for number in range(len(view.rows), rows.rowCount())]
    assert [row.id for row in more] == expected and all(row.second for row in more)
    for number, token in enumerate(expected, len(view.rows)):
        assert percent(rows.row(number).raw) == pytest.approx(100 * math.exp(own[token]), abs=0.06)
        assert percent(compared.column[number]) == pytest.approx(100 * math.exp(other[token]), abs=0.06)
        one = added[-1][number]
        assert (one.token, one.rank) == (token, 1 + int((own > own[token]).sum())) and one.chosen is not None
        choice = compared.focus.choice(one)
        assert choice is not None and choice.chosen.reading.token == token
    compared.beside.compare(None)
    assert rows.rowCount() == len(view.rows) and added[-1] == {}


def test_the_death_of_the_second_is_said_and_the_next_move_asks_again(compared: Compared) -> None:
    compared.opens("scripted:", "scripted:?heat=2")
    starts = compared.page.tokens(len(TEXT), compared.page.length)["start"].tolist()
    compared.goes(starts[3] + 1)
    pid = compared.second._pump.engine.pid  # pyright: ignore[reportOptionalMemberAccess]
    assert pid is not None
    sentences: list[str] = []
    compared.second.died.connect(sentences.append)
    os.kill(pid, signal.SIGSTOP)  # so that it does not answer before it dies
    compared.focus.move_caret(starts[7] + 1)
    compared.until(lambda: compared.second.asking)
    os.kill(pid, signal.SIGKILL)
    compared.until(lambda: bool(sentences))
    assert compared.line == f"Second model: {sentences[0]}" and "…" not in compared.column
    compared.qtbot.wait(200)
    assert not compared.second.asking and compared.line.endswith(sentences[0])  # not again and again by itself
    compared.goes(starts[11] + 1)
    compared.until(lambda: compared.line.startswith("Same tokens"))


def test_a_model_beside_itself_does_not_diverge(compared: Compared) -> None:
    compared.opens("scripted:", "scripted:?rate=5000")
    compared.goes(len(TEXT) + 9)
    assert compared.line == "Same tokens. Divergence: 0.00 bits"
    rows = compared.panel._rows
    assert [rows.row(row).raw for row in range(rows.rowCount())] == compared.column


def test_other_tokens_have_the_bits_of_the_same_characters(compared: Compared) -> None:
    compared.opens("scripted:", "scripted:?letters=1")
    compared.goes(len(TEXT) + 9)
    shown = compared.focus.shown()
    assert shown is not None
    own = -shown.reading.raw / math.log(2)
    text = compared.page.text(shown.start, shown.start + shown.length).replace(" ", "␣")
    assert compared.line.startswith(f"Different tokens. “{text}”: first {own:.2f} bits, second ")
    assert not list(compared.page.layers)  # looking changes no page
    compared.second.score(RECIPE)
    compared.until(lambda: compared.second.state.phase is Phase.READY)
    (layer,) = compared.page.layers
    rows = compared.page.layers.rows(layer.fingerprint, shown.start, shown.start + shown.length)
    bits = -float(rows["raw"].astype(np.float64).sum()) / math.log(2)
    assert float(compared.line.rpartition("second ")[2].removesuffix(" bits")) == pytest.approx(bits, abs=0.011)


@pytest.mark.parametrize("same", [True, False])
def test_real_models(compared: Compared, tmp_path: Path, same: bool) -> None:
    first = tiny.make(tmp_path / "llama.gguf", "llama")
    second = tiny.make(tmp_path / "second.gguf", "llama" if same else "gpt2", seed=3)
    compared.opens(first, second)
    rows = compared.page.tokens(len(TEXT), compared.page.length)
    for position in (int(rows["start"][3]) + 1, int(rows["start"][9]) + 1):
        compared.goes(position)
        if same:
            assert compared.line.startswith("Same tokens. Divergence: ") and "∞" not in compared.line
            own = len(compared.panel.view.rows)  # pyright: ignore[reportOptionalMemberAccess]
            assert sum(map(percent, compared.column[:own])) == pytest.approx(100, abs=1)
        else:
            assert compared.line.startswith("Different tokens")
    text = compared.page.text()
    assert text and not list(compared.page.layers)


def test_the_next_token_and_a_page_that_the_first_did_not_write(compared: Compared) -> None:
    compared.opens("scripted:", "scripted:?letters=1")
    compared.first.look(RECIPE)
    compared.until(lambda: compared.line == "Different tokens: no divergence")
    compared.open(compared.second, "scripted:?heat=2")
    compared.beside.compare(compared.second.state.model)
    compared.until(lambda: compared.line.startswith("Same tokens"))
    compared.open(compared.first, "scripted:?letters=1")
    compared.goes(len(TEXT) + 3)
    compared.until(lambda: compared.line == "The first odds are of a model that is not loaded.")


def test_only_the_last_place_is_asked_about(compared: Compared) -> None:
    compared.opens("scripted:", "scripted:?letters=1&rate=2000")
    compared.goes(len(TEXT) + 2)
    asked: list[object] = []
    compared.second.distributed.connect(lambda query, _event: asked.append(query))
    for position in range(len(TEXT) + 3, len(TEXT) + 40):
        compared.focus.move_caret(position)
        compared.qtbot.wait(5)
    compared.until(lambda: "…" not in compared.column and bool(compared.line))
    assert len(asked) <= 2


def test_an_edit_and_the_end_of_comparing(compared: Compared) -> None:
    compared.opens("scripted:", "scripted:?heat=2")
    compared.goes(len(TEXT) + 9)
    compared.page.write(0, 4, "twice")
    compared.until(lambda: "…" in compared.column)
    compared.until(lambda: "…" not in compared.column)
    compared.beside.compare(None)
    assert not compared.panel._rows.compares and compared.panel._beside.isHidden()
    compared.focus.move_caret(len(TEXT) + 3)
    compared.qtbot.wait(200)
    assert not compared.panel._rows.compares


def test_what_is_written_is_the_same_with_a_comparison(compared: Compared, tmp_path: Path) -> None:
    """Asking for whole distributions costs the first model nothing of what it has read."""
    first, second = tiny.make(tmp_path / "a.gguf", "llama"), tiny.make(tmp_path / "b.gguf", "llama", seed=3)
    (tmp_path / "alone").mkdir()
    alone = Pair(tmp_path / "alone", compared.qtbot)
    alone.open(alone.first, first)
    once = alone.write(), alone.write()
    alone.close()
    compared.open(compared.first, first)
    compared.open(compared.second, second)
    compared.beside.compare(compared.second.state.model)
    begun = compared.write()
    for position in (len(TEXT) + 9, len(TEXT) + 3):
        compared.goes(position)
    assert (begun, compared.write()) == once
