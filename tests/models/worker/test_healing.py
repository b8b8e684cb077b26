"""Token healing against an exhaustive search over the vocabulary, on real llama.cpp with random weights."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.engine.events import Distributed, Event, Flipped, Healed, Looked, Sampled, Started
from models.engine.prefix import Piece, TextPiece, TokenPiece
from models.engine.requests import Distribution, Draws, Flips, Look, Rechain, Replayed
from models.errors import ModelError
from models.library.load_options import LoadOptions
from models.llamacpp import model as llama_model
from models.llamacpp.model import LlamaModel
from models.sampling.knobs import NEUTRAL, STAGES, Sampling
from models.sampling.place_state import PlaceState
from models.worker.healing import TIMES
from models.worker.loop import Loop
from tests.models import tiny_kinds
from tests.models.asking import NO_PATCH, Answer, always, as_pieces, looping, opened, write, write_streams

CUT = 1 + STAGES.index("healing")
PLAIN = Sampling(no_healing=True)
WORDS = "the house once upon a time he was at the river and this they had on with had for sh"
CASES = 200


@pytest.fixture(scope="module", params=tiny_kinds.WRITING)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaModel]:
    path = tiny_kinds.writing(tmp_path_factory.mktemp("healing"), request.param)
    with opened(path, LoadOptions(context=256, threads=1)) as model:
        yield model


@pytest.fixture
def llama(tiny_llama: Path) -> Iterator[Loop]:
    with opened(tiny_llama, LoadOptions(context=256, threads=1)) as model, looping(model) as loop:
        yield loop


def asked(loop: Loop, *pieces: Piece | str, sampling: Sampling = NEUTRAL) -> tuple[Healed | None, Distributed]:
    """The whole distribution of the next token, and whether it was healed."""
    events = list(loop.queries.distribution(Distribution(5, NO_PATCH, sampling), as_pieces(pieces), 0.0))
    found = next(event for event in events if isinstance(event, Distributed))
    return healed_in(events), found


def healed_in(events: list[Event] | tuple[Event, ...]) -> Healed | None:
    return next((event for event in events if isinstance(event, Healed)), None)


def drawable(model: LlamaModel) -> set[int]:
    hidden = set(model.control)
    return {token for token in range(model.vocabulary) if token not in hidden and not model.ends_text(token)}


def by_hand(loop: Loop, model: LlamaModel, text: str) -> tuple[str, dict[int, float]]:
    """The end of a text that is taken back, "" for none, and the log-probability of every token that may come then: a
    search over the whole vocabulary."""
    ids = model.tokenize(text, True)
    typed = next(
        index
        for index in reversed(range(len(ids)))
        if is_text(b"".join(map(model.token_bytes, ids[index:])).removeprefix(b"" if index else b" "))
    )
    spelt = b"".join(map(model.token_bytes, ids[typed:]))
    tail = (spelt if typed or text.encode().endswith(spelt) else spelt[1:]).decode()
    head = text.removesuffix(tail)
    if not text.endswith(tail) or (not head and model.facts.bos < 0):
        return "", {}
    _, found = asked(loop, *([head] if head else []), sampling=PLAIN)
    raw = dict(zip(found.ids, found.raw, strict=True))
    longer = [
        token
        for token in drawable(model)
        if model.token_bytes(token).startswith(spelt) and model.token_bytes(token) != spelt
    ]
    if max((raw[token] for token in longer), default=-math.inf) <= raw[ids[typed]] + math.log(TIMES):
        return "", {}
    total = math.log(sum(math.exp(raw[token]) for token in longer))
    return tail, {token: raw[token] - total for token in longer}


def is_text(data: bytes) -> bool:
    try:
        return bool(data.decode())
    except UnicodeDecodeError:
        return False


def test_healing_is_an_exhaustive_search_over_the_vocabulary(model: LlamaModel) -> None:
    chance, healed = random.Random(5), 0
    with looping(model) as loop:
        for _ in range(CASES // len(tiny_kinds.WRITING) + 1):
            start = chance.randrange(len(WORDS) - 12)
            text = WORDS[start : start + chance.randrange(1, 12)] + chance.choice(["", "", " ", "가", "!"])
            tail, expected = by_hand(loop, model, text)
            event, found = asked(loop, text)
            assert (event.text if event else "") == tail
            if event is None:
                continue
            healed += 1
            final = dict(zip(found.ids, found.final, strict=True))
            assert {token for token, nats in final.items() if nats > -math.inf} == set(expected)
            assert all(final[token] == pytest.approx(nats, abs=2e-3) for token, nats in expected.items())
            others = drawable(model) - set(expected)
            assert all(cut == CUT for token, cut in zip(found.ids, found.cut, strict=True) if token in others)
    assert healed  # else nothing was tried


def test_what_is_written_is_drawn_from_the_same_odds(model: LlamaModel) -> None:
    with looping(model) as loop:
        text = next(text for text in cuts() if asked(loop, text)[0])
        event, found = asked(loop, text)
        answer = write(loop, text, length=8, top=3)
        assert event is not None and healed_in(answer.events) == Healed(1, event.text, event.prompt, True)
        span, *rest = answer.spans
        first = span.readings[0]
        assert span.healed == event.text and not any(span.healed for span in rest)
        spelt = b"".join(reading.bytes for span in answer.spans for reading in span.readings)
        assert spelt.decode("utf-8", "replace").lstrip() == (event.text + answer.text).lstrip()
        final = dict(zip(found.ids, found.final, strict=True))
        assert first.final == pytest.approx(final[first.token], abs=2e-3)
        assert first.low <= first.draw < first.high
        assert set(first.alternatives.cut) <= {0, CUT, 1 + STAGES.index("control")}
        again = write(loop, text, length=8, top=3)
        assert again.ids == answer.ids and again.spans == answer.spans


def cuts() -> Iterator[str]:
    for end in range(4, len(WORDS)):
        yield WORDS[:end]


def test_one_stream_of_several_is_the_single_stream(model: LlamaModel) -> None:
    with looping(model) as loop:
        text = next(text for text in cuts() if asked(loop, text)[0])
        alone = write(loop, text, length=1)
        several = write_streams(loop, text, length=1, draws=[Draws(7), Draws(8), Draws(9)])
        assert several.stream(0).spans == alone.spans
        assert {span.healed for span in several.spans} == {alone.spans[0].healed} != {""}


@pytest.mark.parametrize("kind", tiny_kinds.WRITING)
def test_streams_in_turn_are_healed_each(kind: str, tmp_path: Path) -> None:
    """With one sequence in the context, there is none to try the shorter prefix in."""
    alone = llama_model.prepare(tiny_kinds.writing(tmp_path, kind), LoadOptions(context=256, threads=1), streams=1)
    model = alone.open(0, always)
    with looping(model) as loop:
        text = next(text for text in cuts() if asked(loop, text)[0])
        event, _ = asked(loop, text)
        single = write(loop, text, length=2)
        several = write_streams(loop, text, length=2, draws=[Draws(7), Draws(8), Draws(9)])
        healed = [event for event in several.events if isinstance(event, Healed)]
        assert event is not None and [one.text for one in healed] == [event.text]
        assert several.stream(0).spans == single.spans
        assert {several.stream(number).spans[0].healed for number in range(3)} == {event.text}
    model.close()


def test_odds_at_a_healed_place_are_those_of_its_draw(llama: Loop) -> None:
    """A look, another chain and the list of all tokens, where the text before it is not healed anew."""
    text = next(text for text in cuts() if asked(llama, text)[0])
    answer = write(llama, text, length=1, top=10)
    (reading,), healed = answer.spans[0].readings, answer.spans[0].healed
    bare, state = replace(NEUTRAL, no_healing=True), PlaceState(healed=healed)
    pieces = as_pieces([text.removesuffix(healed)])
    jobs = (
        *llama.look(Look(1, NO_PATCH, bare, 10, 0, state, reading.token), pieces, 0.0),
        *llama.rechain(Rechain(2, 1, bare, 10, token=reading.token), 0.0),
        *llama.distribution(Distribution(3, NO_PATCH, bare, texts=10, state=state), pieces, 0.0),
        *llama.look(Look(4, NO_PATCH, bare, 10, 0, state), pieces, 0.0),
    )
    look, again, undrawn = (event.reading for event in jobs if isinstance(event, Looked))
    assert look.alternatives.ids == again.alternatives.ids == reading.alternatives.ids
    assert look.alternatives.cut == again.alternatives.cut == reading.alternatives.cut
    assert look.final == again.final == pytest.approx(reading.final, abs=1e-3)
    (whole,) = (event for event in jobs if isinstance(event, Distributed))
    assert sum(code == 0 for code in whole.cut) == sum(nats > -math.inf for nats in asked(llama, text)[1].final)
    assert [whole.ids[index] for index in whole.listed] == list(undrawn.alternatives.ids)


def test_extra_flips_choose_among_the_same_tokens(llama: Loop) -> None:
    text = next(text for text in cuts() if asked(llama, text)[0])
    event, found = asked(llama, text)
    assert event is not None
    final = {token: math.exp(nats) for token, nats in zip(found.ids, found.final, strict=True) if nats > -math.inf}
    head = text.removesuffix(event.text)
    listed = tuple(list(found.ids)[:10])
    recorded = tuple(final.get(token, 0.0) for token in listed)
    for odds in ((), recorded):
        job = Flips(
            3, NO_PATCH, NEUTRAL, 9, count=400, listed=listed, recorded=odds, state=PlaceState(healed=event.text)
        )
        events = list(llama.flips(job, as_pieces([head]), 0.0))
        (flipped,) = [event for event in events if isinstance(event, Flipped)]
        came = {token for token, count in zip(flipped.ids, flipped.counts, strict=True) if count}
        assert came and came <= set(final)
        for token, share in zip(flipped.ids, flipped.shares, strict=True):
            assert share == pytest.approx(final.get(token, 0.0), abs=2e-3)


def test_a_banned_string_at_a_healed_place_is_drawn_around(llama: Loop) -> None:
    text = next(text for text in cuts() if asked(llama, text)[0])
    plain = write(llama, text, length=1)
    (first,) = plain.spans
    assert first.text
    again = write(llama, text, length=1, sampling=Sampling(banned=(first.healed + first.text,)))
    (other,) = again.spans
    reading = other.readings[0]
    assert other.healed == first.healed and other.text != first.text and reading.retry.number == 1
    assert reading.bytes.decode().endswith(other.healed + other.text)
    listed = dict(zip(reading.alternatives.ids, reading.alternatives.cut, strict=True))
    assert listed.get(plain.ids[0], CUT + 1) != CUT


def test_what_was_typed_is_not_banned(llama: Loop) -> None:
    text = next(text for text in cuts() if asked(llama, text)[0])
    plain = write(llama, text, length=1)
    typed = plain.spans[0].healed
    later = plain.text.lower().count(typed.lower())
    banned = write(llama, text, length=1, sampling=Sampling(banned=(typed,)))
    assert not later and banned.ids == plain.ids and banned.spans[0].healed == typed


def test_a_look_heals_and_another_chain_keeps_to_it(llama: Loop) -> None:
    text = next(text for text in cuts() if asked(llama, text)[0])
    events = list(llama.queries.look(Look(3, NO_PATCH, NEUTRAL), as_pieces([text]), 0.0))
    looked = next(event.reading for event in events if isinstance(event, Looked))
    assert isinstance(events[0], Started) and healed_in(events)
    written = write(llama, text, length=1, top=10).spans[0].readings[0]
    shared = set(looked.alternatives.ids) & set(written.alternatives.ids)
    assert len(shared) >= 9  # the one drawn may come on top
    (greedy, *_) = llama.queries.rechain(Rechain(4, 3, Sampling(temperature=0)), 0.0)
    assert isinstance(greedy, Looked)
    (kept,) = [
        id_
        for id_, cut in zip(greedy.reading.alternatives.ids, greedy.reading.alternatives.cut, strict=True)
        if not cut
    ] or [-1]
    assert kept in (-1, write(llama, text, length=1, sampling=Sampling(temperature=0)).ids[0])
    (over,) = llama.queries.rechain(Rechain(5, 3, PLAIN), 0.0)
    assert getattr(over, "reason", "") == "not kept"  # without healing the next token is another one


def test_a_natural_end_costs_no_bit(llama: Loop) -> None:
    natural = [text for text in cuts() if not asked(llama, text)[0]]
    assert natural
    for text in natural[:12]:
        with looping(llama.model) as fresh:
            plain = write(fresh, text, length=6, sampling=PLAIN)
        with looping(llama.model) as fresh:
            assert write(fresh, text, length=6).spans == plain.spans


def test_nothing_is_taken_back_from_a_sampled_token(llama: Loop) -> None:
    ids = llama.model.tokenize("once upon a ti", True)
    assert healed_in(write(llama, TokenPiece(ids), length=2).events) is None
    mixed = write(llama, TokenPiece(ids), TextPiece("me"), length=2)
    healed = healed_in(mixed.events)
    assert healed is None or healed.prompt[-len(ids) :] == ids


def test_the_next_request_reads_nothing_again(llama: Loop) -> None:
    """The prefix that the page sends afterwards has the sampled token in place of the text that it spells."""
    text = next(text for text in cuts() if asked(llama, text)[0])
    answer = write(llama, text, length=4)
    head = text.removesuffix(answer.spans[0].healed)
    more = write(llama, head, answer.piece, length=4)
    assert more.started.reused >= len(more.started.prompt) - 1
    assert more.started.prompt[: len(answer.ids) * -1 or None] == getattr(healed_in(answer.events), "prompt", None)


def test_without_healing_or_where_bias_bans_all_the_typed_token_stays(llama: Loop) -> None:
    text = next(text for text in cuts() if asked(llama, text)[0])
    assert healed_in(write(llama, text, length=2, sampling=PLAIN).events) is None
    event, found = asked(llama, text)
    assert event is not None
    kept = [token for token, nats in zip(found.ids, found.final, strict=True) if nats > -math.inf]
    bans = tuple(f"id:{token}=-inf" for token in kept)
    assert asked(llama, text, sampling=Sampling(bias=bans))[0] is None
    some = asked(llama, text, sampling=Sampling(bias=bans[:1]))[1]
    cut = dict(zip(some.ids, some.cut, strict=True))
    assert cut[kept[0]] == 1 + STAGES.index("bias")


def test_a_stop_string_does_not_meet_what_was_typed(llama: Loop) -> None:
    text = next(text for text in cuts() if asked(llama, text)[0])
    plain = write(llama, text, length=3)
    typed = plain.spans[0].healed.strip() or plain.spans[0].healed
    stopped = write(llama, text, length=3, sampling=Sampling(stop=(text[-3:],)))
    assert typed and stopped.spans[0] == plain.spans[0]


def test_a_healed_text_is_taken_again_with_the_same_numbers(model: LlamaModel) -> None:
    with looping(model) as loop:
        text = next(text for text in cuts() if asked(loop, text)[0])
        answer = write(loop, text, length=4)
        healed = healed_in(answer.events)
        assert healed is not None
        prompt = healed.prompt[1:] if model.facts.bos >= 0 else healed.prompt
    with looping(model) as fresh:
        again = write_streams(
            fresh, TokenPiece(prompt), length=4, draws=[Draws(7)], replayed=[Replayed(answer.ids, healed=healed.text)]
        )
    assert again.spans == answer.spans


def test_several_stages_work_on_what_healing_leaves(llama: Loop) -> None:
    text = next(text for text in cuts() if asked(llama, text)[0])
    for sampling in (
        Sampling(temperature=0),
        Sampling(temperature=0.7, top_k=3, top_p=0.9, min_p=0.02),
        Sampling(typical=0.5, repeat_penalty=1.5, dry_multiplier=1.0),
        Sampling(mirostat=2),
        Sampling(xtc_probability=1.0, xtc_threshold=0.05),
    ):
        event, found = asked(llama, text, sampling=sampling)
        assert event is not None
        spelt = {llama.model.token_bytes(t) for t, nats in zip(found.ids, found.final, strict=True) if nats > -math.inf}
        assert spelt and all(event.text in data.decode("utf-8", "replace") for data in spelt)
        total = float(np.exp(np.asarray(found.final, np.float64)).sum())
        assert total == pytest.approx(1.0, abs=1e-4)
        first = write(llama, text, length=2, sampling=sampling).spans[0].readings[0]
        assert first.bytes in spelt


def test_settings_out_of_bounds_fail_as_before(llama: Loop) -> None:
    with pytest.raises(ModelError):
        write(llama, "once upon a ti", sampling=Sampling(bias=("id:99999=1",)))
    with pytest.raises(ModelError):
        write(llama, "once upon a ti", sampling=Sampling(temperature=99))


def test_a_long_page_whose_window_slides_heals(llama: Loop) -> None:
    page = "once upon a time the river was by the house and she had that on with as he " * 20
    text = next(page + text for text in cuts() if asked(llama, page + text)[0])
    answer = write(llama, text, length=3)
    assert answer.spans[0].healed and answer.started.dropped
    assert isinstance(answer, Answer) and [event for event in answer.events if isinstance(event, Sampled)]
