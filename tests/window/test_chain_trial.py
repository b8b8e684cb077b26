"""A change of the samplers shows at once what it makes of the token in view, and changes nothing on the page."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.shell.status import StatusBar
from models.engine.prefix import TextPiece
from models.engine.requests import Look, Rechain
from models.library import memory
from models.sampling.knobs import NEUTRAL, Sampling
from tests.models import tiny

TRIAL = "with these settings"


def written(hand: Any, **sampling: Any) -> None:
    hand.sets(length=8, sampling=Sampling(ignore_eos=True, **sampling))
    hand.types("Once upon")
    hand.writes()
    hand.program.editor.set_caret(len("Once upon") + 2)
    hand.until(lambda: view(hand) is not None)
    hand.qtbot.wait(50)


def view(hand: Any) -> Any:
    return hand.program.odds.view


def tries(hand: Any, **changes: Any) -> Any:
    """Change samplers, and wait for the trial."""
    before = view(hand)
    recipe = hand.program.recipe
    hand.sets(sampling=replace(recipe.sampling, **changes))
    hand.until(lambda: TRIAL in view(hand).state and view(hand) is not before)
    hand.until(lambda: not hand.program.session.beside.chains.busy)
    hand.qtbot.wait(40)
    return view(hand)


@pytest.fixture
def asked(hand: Any, monkeypatch: pytest.MonkeyPatch) -> list[type]:
    """The kinds of looks that the engine is asked for."""
    kinds: list[type] = []
    engine = hand.program.pump.engine
    ask = engine._ask

    def noting(order: Any) -> int:
        kinds.append(type(order(0).request))
        return ask(order)

    monkeypatch.setattr(engine, "_ask", noting)
    return kinds


def test_the_bars_follow_a_sampler_and_the_page_stays(hand: Any, asked: list[type]) -> None:
    written(hand)
    recorded, text = view(hand), hand.text
    reading = hand.program.page.readings_at(hand.program.focus.place().start)[0].reading
    asked.clear()
    first = tries(hand, top_k=2)
    kept = sum(row.final_share for row in first.rows[:2])
    assert kept == pytest.approx(1, abs=1e-5) and {row.cut for row in first.rows[2:-1]} == {"top-k"}
    assert first.effect.startswith("2 tokens left · ") and first.token == recorded.token
    assert first.draw == recorded.draw and [row.raw for row in first.rows] == [row.raw for row in recorded.rows]
    second = tries(hand, top_k=3)
    assert second.effect.startswith("3 tokens left · ")
    assert asked == [Look, Rechain]
    now = hand.program.page.readings_at(hand.program.focus.place().start)[0].reading
    assert now == reading and hand.text == text


def test_it_ends_with_the_old_settings(hand: Any) -> None:
    written(hand)
    recorded = view(hand)
    tries(hand, temperature=0.3)
    hand.sets(sampling=replace(hand.program.recipe.sampling, temperature=1.0))
    hand.until(lambda: view(hand) == recorded)


def test_it_ends_where_another_token_comes_into_view(hand: Any) -> None:
    written(hand)
    tries(hand, min_p=0.2)
    hand.program.editor.set_caret(len(hand.text))
    hand.until(lambda: TRIAL not in view(hand).state)
    hand.program.editor.set_caret(len("Once upon") + 2)
    hand.qtbot.wait(80)
    assert TRIAL not in view(hand).state
    tries(hand, min_p=0.3)


def test_it_ends_where_the_text_before_it_changes(hand: Any) -> None:
    written(hand)
    tries(hand, min_p=0.2)
    hand.program.page.write(0, 4, "Once")
    hand.until(lambda: TRIAL not in view(hand).state)
    changed = tries(hand, min_p=0.3)
    assert "outdated" not in changed.state


def test_many_moves_are_few_requests_and_the_last_counts(hand: Any, asked: list[type]) -> None:
    written(hand)
    asked.clear()
    for step in range(60):
        hand.sets(sampling=replace(hand.program.recipe.sampling, top_k=60 - step))
    hand.until(lambda: view(hand).effect.startswith("1 token left"))
    assert asked[0] is Look and asked.count(Rechain) < 30


def test_the_odds_of_the_next_token_change_with_it(hand: Any) -> None:
    written(hand)
    hand.program.editor.set_caret(len(hand.text))
    hand.ctrl(Qt.Key.Key_L)
    hand.until(lambda: view(hand).token == "")
    assert "tokens left" in view(hand).effect
    hand.sets(sampling=replace(hand.program.recipe.sampling, top_k=1))
    hand.until(lambda: view(hand).effect.startswith("1 token left"))
    assert view(hand).rows[0].final == "100 %" and view(hand).state == "next token (not chosen yet)"
    before = hand.text
    hand.program.preview.put(0, write_on=False)
    hand.until(lambda: hand.text != before)
    chosen = hand.program.page.readings_at(len(before))[0]
    assert chosen.source.sampling.top_k == 1 and chosen.reading.final == 0


def test_a_choice_among_tried_odds_is_recorded_with_those_settings(hand: Any) -> None:
    written(hand)
    shown = tries(hand, temperature=0.5)
    other = next(number for number, row in enumerate(shown.rows) if not row.chosen)
    start = hand.program.focus.place().start
    hand.program.preview.put(other, write_on=False)
    hand.until(lambda: TRIAL not in view(hand).state)
    chosen = hand.program.page.readings_at(start)[0]
    assert chosen.source.sampling.temperature == 0.5 and chosen.source.kind == "chosen"
    assert math.exp(chosen.reading.final) == pytest.approx(shown.rows[other].final_share, abs=1e-5)


def test_the_line_of_the_chain_does_it_too(hand: Any) -> None:
    """With real keys, in the line above the table."""
    written(hand)
    box = hand.program.chain.boxes["top_k"]
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Up)
    hand.until(lambda: view(hand).effect.startswith("1 token left"))
    label = hand.program.odds._effect
    assert (
        label.isVisible() and "Kullback-Leibler" in label.accessibleDescription() and label.text() == view(hand).effect
    )


def test_settings_that_leave_nothing_are_a_sentence(hand: Any) -> None:
    written(hand)
    recorded, said = view(hand), list[str]()
    hand.program.trial.message.connect(said.append)
    size = hand.program.session.state.model.vocabulary
    hand.sets(sampling=replace(hand.program.recipe.sampling, bias=tuple(f"id:{token}=-inf" for token in range(size))))
    hand.until(lambda: bool(said))
    assert "is banned" in said[0] and hand.program.window.findChild(StatusBar).isVisible()
    assert view(hand) == recorded
    tries(hand, bias=(), top_k=2)


def test_where_the_logits_are_gone_the_model_looks_again(hand: Any, asked: list[type]) -> None:
    written(hand)
    tries(hand, top_k=2)
    for _ in range(memory.KEPT_LOGITS + 1):
        hand.program.pump.engine.look([TextPiece("x")], NEUTRAL)
    asked.clear()
    assert tries(hand, top_k=3).effect.startswith("3 tokens left")
    assert asked == [Rechain, Look]


def test_it_works_beside_what_is_written(hand: Any) -> None:
    """Of a pinned token, while the model writes."""
    written(hand)
    hand.opens("scripted:?rate=60")
    hand.sets(length=None)
    hand.ctrl(Qt.Key.Key_Return)
    hand.until(lambda: hand.program.session.state.writing)
    hand.program.focus.pin(len("Once upon") + 1)
    hand.until(lambda: view(hand).state.startswith("pinned"))
    length = len(hand.text)
    assert "pinned" in tries(hand, top_k=2).state
    hand.until(lambda: len(hand.text) > length)
    hand.press(Qt.Key.Key_Escape)
    hand.program.session.stop()
    hand.until_ready()


def at_end(hand: Any) -> Any:
    """The view of the last token."""
    before = view(hand)
    hand.program.editor.set_caret(len(hand.text))
    hand.until(lambda: view(hand) is not before)
    hand.qtbot.wait(50)
    return view(hand)


def bars(shown: Any) -> list[tuple[str, str, float]]:
    return [(row.token, row.cut, round(row.final_share, 3)) for row in shown.rows[:-1]]


@pytest.mark.parametrize(
    ("steered", "moved"),
    [
        ({"mirostat": 2, "mirostat_tau": 1.0, "mirostat_eta": 0.9}, {"mirostat_eta": 0.5}),
        ({"min_p": 0.001, "adaptive_target": 0.9, "adaptive_decay": 0.5}, {"presence_penalty": 0.00001}),
    ],
)
def test_a_sampler_that_learns_has_what_it_had_learned(hand: Any, steered: Any, moved: Any) -> None:
    """What is moved changes nothing at this token, so the trial shows what the engine showed."""
    written(hand, temperature=2.0, **steered)
    recorded = at_end(hand)
    reading = hand.program.page.readings_at(hand.program.focus.place().start)[0].reading
    assert math.isfinite(reading.learned)
    assert bars(tries(hand, **moved)) == bars(recorded)


def test_xtc_has_the_gate_that_was_drawn_behind_a_choice_too(hand: Any, tmp_path: Path) -> None:
    """A look without one applies XTC only at probability 1."""
    hand.opens(str(tiny.make(tmp_path / "llama.gguf", "llama")))
    written(hand, xtc_probability=0.999, xtc_threshold=0.001)
    recorded, start = view(hand), hand.program.focus.place().start
    gate = hand.program.page.readings_at(start)[0].reading.gate
    assert gate < 0.999 and "xtc" in {row.cut for row in recorded.rows}
    other = next(number for number, row in enumerate(recorded.rows) if not row.chosen)
    hand.program.preview.put(other, write_on=False)
    hand.until(lambda: view(hand).rows[other].chosen)
    chosen = hand.program.page.readings_at(start)[0]
    assert chosen.source.kind == "chosen" and chosen.reading.gate == gate
    before, tried = ({row[0]: row for row in bars(one)} for one in (recorded, tries(hand, presence_penalty=0.00001)))
    assert len(both := before.keys() & tried.keys()) > 5 and all(before[token] == tried[token] for token in both)
