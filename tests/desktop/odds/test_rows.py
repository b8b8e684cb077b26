"""From a reading to the view that the panel shows."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.odds.rows import EVERYTHING_ELSE, OddsView, Segment, view_of_look, view_of_token
from models.sampling.knobs import Sampling
from models.sampling.readings import ChainEffect, Reading
from tests.desktop.odds.conftest import on_page

Maker = Callable[..., Reading]
Known = Sequence[tuple[bytes, float]]


def facts(view: OddsView) -> dict[str, str]:
    return {fact.label: f"{fact.value} {fact.note}".strip() for fact in view.facts}


def test_every_fact_of_a_token_is_shown(reading: Maker, story: Known) -> None:
    view = view_of_token([on_page(reading(story, 2))], "pinned", 262_144)
    assert view.token == "␣water"
    assert view.state == "pinned"
    assert facts(view) == {
        "Probability": "9.2 % 1 in 11",
        "Surprisal": "3.44 bits",
        "Rank": "3 of 262,144",
        "Entropy": "3.41 bits",
        "Effective choices": "10.7",
        "Token id": "1002 20 77 61 74 65 72",
        "Drawn": "0.497 in 0.451 to 0.543",
    }


def test_rows_are_in_the_models_order_and_end_with_everything_else(reading: Maker, story: Known) -> None:
    view = view_of_token([on_page(reading(story, 1))], "newest", 100)
    assert [row.id for row in view.rows] == [*range(1000, 1010), EVERYTHING_ELSE]
    assert [row.chosen for row in view.rows] == [False, True] + 9 * [False]
    assert view.rows[-1].raw_share == pytest.approx(1 - sum(share for _, share in story), abs=1e-6)
    assert not view.odds_changed


def test_cut_rows_name_their_stage_and_have_no_coin(reading: Maker, story: Known) -> None:
    view = view_of_token([on_page(reading(story, 0, cut={3: "top-p", 9: "control"}))], "newest", 100)
    assert (view.rows[3].cut, view.rows[3].final, view.rows[3].final_share) == ("top-p", "cut", 0.0)
    assert view.rows[9].cut == "control"
    assert view.odds_changed
    assert view.rows[0].final_share > view.rows[0].raw_share


def test_nothing_else_is_left_where_all_the_rest_was_cut(reading: Maker) -> None:
    known = [(b"a", 0.3), (b"b", 0.2), (b"c", 0.1), (b"d", 0.05), (b"e", 0.35)]
    view = view_of_token([on_page(reading(known, 0, cut={3: "top-k"}))], "newest", 100)
    assert view.rows[-1].final == "0 %"
    assert view.rows[-1].final_share == 0


def test_a_stale_reading_says_so(reading: Maker, story: Known) -> None:
    view = view_of_token([on_page(reading(story), stale=True)], "hovering", 100)
    assert view.stale
    assert view.state == "under the mouse · outdated: earlier text was edited"


def test_a_look_has_no_token_and_no_draw(reading: Maker, story: Known) -> None:
    view = view_of_look(reading(story, token=-1, draw=math.nan), 100)
    assert view.token == ""
    assert view.state == "next token (not chosen yet)"
    assert set(facts(view)) == {"Entropy", "Effective choices"}
    assert not any(row.chosen for row in view.rows)


def test_text_that_was_only_read_was_not_drawn(reading: Maker, story: Known) -> None:
    only_read = replace(reading(story), draw=math.nan, low=math.nan, high=math.nan)
    view = view_of_token([on_page(only_read, kind="read")], "caret", 100)
    assert facts(view)["Drawn"] == "your text: nothing was drawn"
    assert view.strip[0].token == "␣harbour"


def test_a_character_of_several_tokens_has_a_view_for_each(reading: Maker) -> None:
    known = [(b"\xed\x95", 0.5), (b"\x9c", 0.25)]
    several = [on_page(reading(known, 0)), on_page(reading(known, 1))]
    pinned = view_of_token(several, "pinned", 100)
    assert [part.token for part in pinned.parts] == ["<0xED><0x95>", "<0x9C>"]
    assert (pinned.part, pinned.token, pinned.state) == (0, "<0xED><0x95>", "pinned · token 1 of 2")
    assert view_of_token(several, "newest", 100).token == "<0x9C>"


def test_the_strip_has_the_coins_order(reading: Maker, story: Known) -> None:
    view = view_of_token([on_page(reading(story, 2))], "newest", 100)
    chosen = next(segment for segment in view.strip if segment.chosen)
    assert chosen.token == "␣water"
    assert chosen.low < view.draw < chosen.high
    assert covers_the_strip(view.strip)


def test_where_unknown_tokens_lie_before_the_chosen_one_only_its_stretch_is_cut(reading: Maker, story: Known) -> None:
    moved = replace(reading(story, 1), low=0.6, high=0.77, draw=0.7)
    view = view_of_token([on_page(moved)], "newest", 100)
    assert [(segment.token, segment.chosen) for segment in view.strip] == [("", False), ("␣sea", True), ("", False)]
    assert covers_the_strip(view.strip)


def test_a_chosen_token_far_down_keeps_its_recorded_stretch(reading: Maker) -> None:
    known = [(b"a", 0.4), (b"b", 0.3), (b"rare", 0.001)]
    far = replace(reading(known, 2), low=0.912_3, high=0.913_3, draw=0.913)
    view = view_of_token([on_page(far)], "newest", 100)
    chosen = next(segment for segment in view.strip if segment.chosen)
    assert (chosen.low, chosen.high) == (0.912_3, 0.913_3)
    assert covers_the_strip(view.strip)


def covers_the_strip(strip: Sequence[Segment]) -> bool:
    """True where the segments lie end to end from 0 to 1 (up to what 32-bit shares add up to)."""
    ends = [0.0, *(segment.high for segment in strip)]
    gaps = [abs(segment.low - end) for segment, end in zip(strip, ends, strict=False)]
    return max(gaps) < 1e-5 and abs(ends[-1] - 1.0) < 1e-5


shares = st.lists(st.floats(0, 1), min_size=1, max_size=12).map(
    lambda weights: [weight / max(sum(weights), 1.0) for weight in weights]
)


@given(known=shares, data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # the fixture is a plain function
def test_no_remainder_is_negative_and_no_number_is_nan(reading: Maker, known: list[float], data: st.DataObject) -> None:
    chosen = data.draw(st.integers(0, len(known) - 1))
    view = view_of_token([on_page(reading([(b"x", share) for share in known], chosen))], "newest", 1000)
    assert all(0.0 <= row.raw_share <= 1.0 and 0.0 <= row.final_share <= 1.0 for row in view.rows)
    assert all(0.0 <= segment.low <= segment.high <= 1.0 + 1e-6 for segment in view.strip)
    assert "nan" not in view.spoken().lower()


def test_the_effect_of_the_chain_in_words(reading: Maker, story: Known) -> None:
    made = replace(reading(story), effect=ChainEffect(40, 0.931, 0.4219))
    view = view_of_look(replace(made, token=-1), 262_144)
    assert view.effect == "40 tokens left · held 93.1 % · moved 0.42 bits"
    assert view.effect_help.startswith("Tokens left after sampling: 40 of 262,144. Before it they held 93.1 %")
    one = view_of_look(replace(made, token=-1, effect=ChainEffect(1, 1.0, 0.0)), 0)
    assert one.effect == "1 token left · held 100 % · moved 0.00 bits" and "sampling: 1. Before" in one.effect_help
    assert view_of_look(replace(made, effect=None), 9).effect == ""


def test_samplers_that_are_off_have_no_line_unless_they_are_tried(reading: Maker, story: Known) -> None:
    """A newcomer, who has not touched a sampler, reads nothing about them."""
    nothing, healed = ChainEffect(255_894, 0.999_999, 0.000_001), ChainEffect(12, 0.25, 2.0)

    def effect(found: ChainEffect, sampling: Sampling, tried: int | None = None) -> str:
        one = on_page(replace(reading(story), effect=found))
        return view_of_token([replace(one, source=replace(one.source, sampling=sampling))], "caret", 9, tried).effect

    assert effect(nothing, Sampling()) == ""
    assert effect(nothing, Sampling(), tried=0).startswith("255,894 tokens left")
    assert effect(nothing, Sampling(min_p=0.001)).startswith("255,894 tokens left")
    assert effect(healed, Sampling()).startswith("12 tokens left · held 25.0 % · moved 2.00 bits")


def test_a_trial_is_shown_of_the_part_that_it_is_about(reading: Maker, story: Known) -> None:
    readings = [on_page(reading(story, chosen)) for chosen in range(3)]
    view = view_of_token(readings, "newest", 9, 1)
    assert view.part == 1 and "with these settings" in view.state
    assert ["with these settings" in part.state for part in view.parts] == [False, True, False]
    assert "with these settings" in view_of_token(readings[:1], "caret", 9, 0).state
