"""Seeds, stop strings and changed samplers as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.generation.recipe import (
    Recipe,
    SeedError,
    format_stops,
    off_neutral_words,
    parse_seed,
    parse_stops,
)
from models.engine.limits import SEED
from models.sampling.knobs import Sampling


@pytest.mark.parametrize(
    ("typed", "seed"),
    [
        ("", None),
        ("  ", None),
        ("42", 42),
        (" 1,000,000 ", 1_000_000),
        ("+7", 7),
        ("0", 0),
        (f"{SEED.high:,}", SEED.high),
    ],
)
def test_a_seed_is_parsed(typed: str, seed: int | None) -> None:
    assert parse_seed(typed) == seed


@pytest.mark.parametrize("typed", ["-1", str(SEED.high + 1), "9" * 90, "-" + "9" * 90])
def test_a_seed_out_of_range_gets_the_range(typed: str) -> None:
    with pytest.raises(SeedError, match="from 0 to 18,446,744,073,709,551,615"):
        parse_seed(typed)


@pytest.mark.parametrize("typed", ["abc", "0x10", "1e5", "--1", "٣"])
def test_text_that_is_no_number_gets_a_sentence(typed: str) -> None:
    with pytest.raises(SeedError, match="whole number"):
        parse_seed(typed)


@given(st.text(max_size=60))
def test_any_text_is_a_seed_in_range_or_gets_a_sentence(typed: str) -> None:
    try:
        seed = parse_seed(typed)
    except SeedError as error:
        assert str(error).endswith(".")
    else:
        assert seed is None or 0 <= seed <= SEED.high


def test_escapes_of_stop_strings() -> None:
    assert parse_stops("\\n\\n\nUser:\n\n a\\tb\n\\\\n\n\\q") == ("\n\n", "User:", " a\tb", "\\n", "\\q")


def test_no_stop_string_is_empty_or_twice() -> None:
    assert parse_stops("a\n\na\nb") == ("a", "b")


def test_a_code_point_beyond_unicode_stands_for_itself() -> None:
    assert parse_stops("\\UFFFFFFFF") == ("\\UFFFFFFFF",)


@given(st.lists(st.text(st.characters(exclude_categories=()), min_size=1, max_size=20), unique=True, max_size=6))
def test_stop_strings_are_read_back_as_they_were(stops: list[str]) -> None:
    written = format_stops(tuple(stops))
    assert parse_stops(written) == tuple(stops)
    assert all(character == "\n" or character.isprintable() for character in written)


def test_changed_samplers_are_named() -> None:
    assert off_neutral_words(Sampling()) == "All samplers off"
    assert off_neutral_words(Sampling(temperature=0.7, top_p=0.9)) == "Changed: temperature, top-p"
    assert off_neutral_words(Sampling(dry_multiplier=1.0, dry_base=2.0)) == "Changed: DRY multiplier"
    assert off_neutral_words(Sampling(allow_control=True)) == "Changed: “no control tokens” is off"
    assert off_neutral_words(Sampling(stop=("x",), ignore_eos=True)) == "All samplers off"


def test_neutral_leaves_the_stop_strings() -> None:
    recipe = Recipe(Sampling(temperature=0.0, xtc_threshold=0.2, stop=("x",), ignore_eos=True), length=5, seed=3)
    assert recipe.neutral() == Recipe(Sampling(stop=("x",), ignore_eos=True), length=5, seed=3)
