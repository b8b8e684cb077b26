"""Extra flips asked of a slot: with the settings and the place that the odds come from."""

import math
from array import array
from dataclasses import replace
from typing import Any

import pytest

from desktop.generation.extra_flips import FlipQuery
from desktop.generation.model_slot import ModelSlot
from desktop.page.choosing import Chosen, Coin, Place
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Span
from models.engine.prefix import TextPiece, TokenPiece
from models.sampling.knobs import Sampling
from models.sampling.place_state import FRESH, PlaceState
from tests.desktop.conftest import reading_of, span_of

MIROSTAT = Sampling(mirostat=2, mirostat_tau=3.0, mirostat_eta=0.2)
DRAWN = Source("f", sampling=Sampling(temperature=0.5), seed=9, take=2, first=4, n_keep=3)


@pytest.fixture
def page() -> Page:
    page = Page()
    page.write(0, 0, "Once")
    return page


def write(page: Page, source: Source, *texts: str) -> None:
    generation = page.begin_generation(source)
    generation.append([span_of(text) for text in texts], 0)
    page.end_generation()


def coin_at(page: Page, position: int) -> Coin:
    one = page.readings_at(position)[0]
    return Coin(Place(one.start, 0, one.reading.token), one.reading, one.source)


def asked(engine: Any, page: Page, slot: ModelSlot, coin: Coin, **about: int) -> dict[str, Any]:
    FlipQuery(page, slot, coin, **({"seed": 0, "first": 0, "count": 1} | about))
    return engine.last("flips")[1]


def test_a_drawn_token_s_coin_has_its_seed_chain_and_text(page: Page, slot: ModelSlot, engine: Any) -> None:
    write(page, DRAWN, " upon", " a")
    coin = coin_at(page, len("Once upon"))
    about = asked(engine, page, slot, coin, seed=1, first=6, count=100)
    assert about["pieces"] == (TextPiece("Once"), TokenPiece(array("i", [5])))
    assert (about["seed"], about["take"], about["first"], about["count"]) == (9, 2, 6, 100)
    assert (about["sampling"], about["n_keep"], about["state"]) == (DRAWN.sampling, 3, FRESH)
    assert about["listed"] == (2, 0) and about["recorded"] == pytest.approx((math.exp(-0.5), math.exp(-2)))


def test_where_nothing_was_drawn_it_has_the_seed_that_is_given(page: Page, slot: ModelSlot, engine: Any) -> None:
    look = Coin(Place(4), replace(reading_of("x"), token=-1), Source("f", "read"))
    about = asked(engine, page, slot, look, seed=77)
    assert (about["seed"], about["take"], about["pieces"]) == (77, 0, (TextPiece("Once"),))


def test_a_healed_coin_chooses_among_the_same_tokens(page: Page, slot: ModelSlot, engine: Any) -> None:
    healed = replace(DRAWN, healed="ce")
    generation = page.begin_generation(healed)
    generation.append([replace(span_of("centre"), text="ntre", healed="ce"), span_of(" of")], 0)
    page.end_generation()
    about = asked(engine, page, slot, coin_at(page, len("Once")))
    assert about["pieces"] == (TextPiece("On"),) and about["state"].healed == "ce"
    behind = asked(engine, page, slot, coin_at(page, len("Oncentre ")))
    assert behind["state"].healed == ""


def test_each_place_has_its_own_name_and_keeps_it(page: Page, slot: ModelSlot, engine: Any) -> None:
    write(page, DRAWN, " upon", " a", " time")
    places = [asked(engine, page, slot, coin_at(page, at))["place"] for at in (4, 9, 11)]
    assert len(set(places)) == 3
    page.write(page.length, 0, "!")  # behind them
    assert [asked(engine, page, slot, coin_at(page, at))["place"] for at in (4, 9, 11)] == places
    page.write(0, 4, "Twice")
    assert asked(engine, page, slot, coin_at(page, 5))["place"] != places[0]


def test_a_token_inside_a_character_comes_behind_those_before_it(page: Page, slot: ModelSlot, engine: Any) -> None:
    begins = replace(reading_of("x", token=31), bytes=b"\xed\x95")
    coin = Coin(Place(4, 1, 32), reading_of("y", token=32), DRAWN, (begins,))
    about = asked(engine, page, slot, coin)
    assert about["pieces"] == (TextPiece("Once"), TokenPiece(array("i", [31])))
    first = asked(engine, page, slot, Coin(Place(4, 0, 31), begins, DRAWN))
    assert about["place"] != first["place"]


def test_the_state_that_was_recorded_goes_with_it(page: Page, slot: ModelSlot, engine: Any) -> None:
    """Of the place, whichever token stands there now."""
    steered = replace(DRAWN, sampling=replace(MIROSTAT, xtc_probability=0.5))
    drawn = replace(reading_of(" upon"), gate=0.75, learned=4.5)
    generation = page.begin_generation(steered)
    generation.append([span_of(" so"), Span(" upon", (drawn,))], 0)
    page.end_generation()
    coin = coin_at(page, len("Once so "))
    assert asked(engine, page, slot, coin)["state"] == PlaceState(mu=4.5, gate=0.75)
    assert asked(engine, page, slot, coin_at(page, len("Once ")))["state"] == FRESH
    page.choose(coin.place, Chosen(coin.reading.instead(1), coin.source))
    chosen = coin_at(page, len("Once so"))
    assert chosen.source.kind == "chosen" and chosen.reading.token == 0
    assert asked(engine, page, slot, chosen)["state"] == PlaceState(mu=4.5, gate=0.75)


def test_a_token_chosen_at_a_healed_place_is_flipped_among_the_same(page: Page, slot: ModelSlot, engine: Any) -> None:
    generation = page.begin_generation(replace(DRAWN, healed="ce"))
    drawn = reading_of("centre")
    others = replace(drawn.alternatives, texts=(b"centre", b"cell"))
    generation.append([Span("ntre", (replace(drawn, alternatives=others),), healed="ce")], 0)
    page.end_generation()
    coin = coin_at(page, len("On"))
    page.choose(coin.place, Chosen(coin.reading.instead(1), coin.source))
    assert page.text() == "Oncell"
    about = asked(engine, page, slot, coin_at(page, len("On")))
    assert about["pieces"] == (TextPiece("On"),) and about["state"].healed == "ce"
