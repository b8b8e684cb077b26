"""Sampler presets: saved, renamed and deleted by name; damaged ones harm no others."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.sampling import presets
from models.sampling.knobs import NEUTRAL, Sampling
from models.sampling.presets import BUILT_IN, Preset, PresetError

WILD = Sampling(temperature=1.4, min_p=0.1, bias=(" the=-inf",), banned=("delve",), dry_breakers=(".",))


def names(texts: tuple[str, ...]) -> list[str]:
    return [preset.name for preset in presets.own(texts)]


def test_built_in_presets_are_allowed_and_each_differs() -> None:
    assert BUILT_IN[0].sampling.checked() == NEUTRAL
    assert len({preset.sampling.checked() for preset in BUILT_IN}) == len(BUILT_IN)
    assert all(preset.source and preset.key for preset in BUILT_IN)


def test_saved_settings_come_back_without_what_belongs_to_the_text() -> None:
    texts = presets.saved((), "  My  wild one ", Sampling(1.4, stop=("END",), ignore_eos=True, no_healing=True))
    assert presets.own(texts) == [Preset("My wild one", Sampling(temperature=1.4))]
    present = Sampling(stop=("x",), top_k=3, no_healing=True)
    assert presets.own(texts)[0].applied(present) == Sampling(temperature=1.4, stop=("x",), no_healing=True)
    assert presets.own(presets.saved((), "w", WILD)) == [Preset("w", WILD)]


def test_a_preset_that_an_earlier_version_saved_with_healing_off_leaves_it_as_it_is() -> None:
    [saved] = presets.own(('{"name": "old", "sampling": {"top_k": 3, "no_healing": true}}',))
    assert saved.applied(NEUTRAL) == Sampling(top_k=3)


def test_the_same_name_is_saved_in_place_whatever_its_capitals() -> None:
    texts = presets.saved(presets.saved((), "one", WILD), "two", NEUTRAL)
    texts = presets.saved(texts, "ONE", Sampling(top_k=7))
    assert presets.own(texts) == [Preset("ONE", Sampling(top_k=7)), Preset("two", NEUTRAL)]


def test_renamed_and_deleted() -> None:
    texts = presets.saved(presets.saved((), "one", WILD), "two", NEUTRAL)
    assert names(presets.renamed(texts, "one", "One")) == ["One", "two"]
    assert names(presets.renamed(texts, "one", "three")) == ["three", "two"]
    assert names(presets.without(texts, "ONE")) == ["two"]
    assert presets.without(texts, "none such") == texts
    with pytest.raises(PresetError, match="There is a preset “Two” already"):
        presets.renamed(texts, "one", "Two")


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "neutral", "LLAMA.CPP"])
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(PresetError):
        presets.saved((), name, WILD)
    with pytest.raises(PresetError):
        presets.renamed(presets.saved((), "one", WILD), "one", name)


def test_found_by_name_or_by_the_key_of_a_built_in_one() -> None:
    texts = presets.saved((), "Wild", WILD)
    assert presets.found(" wild", texts) == Preset("Wild", WILD)
    assert presets.found("llama.CPP", texts) == BUILT_IN[1]
    assert presets.found("other", texts) is None
    assert presets.like(WILD, texts) == Preset("Wild", WILD)
    assert presets.like(Sampling(stop=("x",)), texts) == BUILT_IN[0]
    assert presets.like(Sampling(top_k=3), texts) is None


def test_what_a_later_version_wrote_stays() -> None:
    held = {"name": "new", "colour": 3, "sampling": {"top_k": 5, "luck": 2, "temperature": "hot"}}
    texts = (json.dumps(held), "not JSON", "[]")
    assert presets.own(texts) == [Preset("new", Sampling(top_k=5))]
    texts = presets.renamed(texts, "new", "newer")
    assert json.loads(texts[0]) == {**held, "name": "newer"} and texts[1:] == ("not JSON", "[]")
    texts = presets.saved(texts, "newer", Sampling(min_p=0.5))
    assert json.loads(texts[0]) == {"name": "newer", "colour": 3, "sampling": {"luck": 2, "min_p": 0.5}}


@given(st.lists(st.text(max_size=30), max_size=4).map(tuple), st.text(max_size=70), st.text(max_size=70))
def test_any_texts_and_names(texts: tuple[str, ...], name: str, new: str) -> None:
    try:
        texts = presets.saved(texts, name, WILD)
    except PresetError:
        return
    found = presets.found(name, texts)
    assert found is not None and found.sampling == WILD
    assert presets.found(name, presets.without(texts, found.name)) is None
