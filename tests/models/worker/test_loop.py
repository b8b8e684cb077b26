"""The inference loop on the scripted backend: its events, their order, and that no drawn token is lost."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from models.engine.events import Ended, Evaluated, Event, Looked, Sampled, Scored, Started
from models.engine.prefix import Gap, TextPiece, TokenPiece
from models.engine.requests import Draws, Generate, Look, Score
from models.errors import ModelError, Stopped
from models.library.load_options import LoadOptions
from models.sampling.knobs import NEUTRAL, Sampling
from models.sampling.stages import Logits
from models.scripted import story
from models.scripted.model import ScriptedModel
from models.worker.loop import Loop
from tests.models.asking import NO_PATCH, Answer, always, as_pieces, looping, scored, write

GREEDY = Sampling(temperature=0)


@pytest.fixture(params=[False, True], ids=["inline", "beside"])
def loop(request: pytest.FixtureRequest) -> Iterator[Loop]:
    with looping(ScriptedModel("scripted:", LoadOptions(), always), beside=request.param) as made:
        yield made


def test_the_most_likely_text_is_the_story_to_its_end(loop: Loop) -> None:
    answer = write(loop, "The old", sampling=GREEDY, length=None)
    assert "The old" + answer.text == story.STORY
    assert answer.ended.reason == "end of text"


def test_no_span_is_half_a_character_and_bytes_spell_the_text(loop: Loop) -> None:
    answer = write(loop, "The old", sampling=GREEDY, length=None)
    for span in answer.spans:
        assert b"".join(reading.bytes for reading in span.readings).decode() == span.text
    assert "🌊" in answer.text
    assert any(len(span.readings) > 2 for span in answer.spans)  # 등대: one token straddles two characters


def test_a_character_cut_by_the_length_is_flushed_and_absorbed_when_writing_goes_on(loop: Loop) -> None:
    before, after = story.STORY.split(" 🌊")
    first = write(loop, before, sampling=GREEDY, length=1)
    assert first.text == " \ufffd"
    rest = write(loop, before, first.piece, sampling=GREEDY, length=1)
    assert rest.spans[0].text == " 🌊"
    assert rest.spans[0].absorbed == 1
    assert after.startswith(",")


def test_end_of_text_is_shown_and_passed_where_it_is_ignored(loop: Loop) -> None:
    answer = write(loop, "The old", sampling=Sampling(temperature=0, ignore_eos=True), length=230)
    assert answer.ended.reason == "length"
    assert "<eos>The old lighthouse" in answer.text


def test_a_stop_string_ends_the_text_before_it(loop: Loop) -> None:
    answer = write(loop, "The old", sampling=Sampling(temperature=0, stop=("every even",)), length=None)
    assert answer.text == " lighthouse keeper climbed the stairs "
    assert answer.ended.reason == "stop string"
    assert write(loop, "The old", sampling=GREEDY, length=3).text == " lighthouse keeper climbed"


def test_text_held_back_for_a_stop_string_is_not_lost_at_the_end(loop: Loop) -> None:
    answer = write(loop, "The old", sampling=Sampling(temperature=0, stop=("climbed the hill",)), length=4)
    assert answer.text == " lighthouse keeper climbed the"
    assert len(answer.ids) == 4


class Failing(ScriptedModel):
    """Fixed odds with an evaluation that fails after a number of others."""

    def __init__(self, failure: BaseException, after: int) -> None:
        super().__init__("scripted:", LoadOptions(), always)
        self._failure, self._left = failure, after

    def evaluate(self, ids: Sequence[int]) -> Logits:
        if self._left == 0:
            raise self._failure
        self._left -= 1
        return super().evaluate(ids)


FAILURES = [ModelError("no"), MemoryError(), OSError("gone"), Stopped()]


BEFORE, BEHIND = story.STORY.split(" 🌊")
NEAR = BEFORE[:-12], BEFORE[-12:] + " 🌊" + BEHIND


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
@pytest.mark.parametrize("stop", ["", NEAR[1][6:16], NEAR[1][2:10] + "?", NEAR[1][9:15] + "?"])
def test_every_drawn_token_is_yielded_before_the_failure(failure: Exception, stop: str) -> None:
    """Evaluations fail after whole characters, half ones, and text that may become a stop string."""
    sampling = Sampling(temperature=0, stop=(stop,))
    with looping(ScriptedModel("scripted:", LoadOptions(), always)) as loop:
        drawn = write(loop, NEAR[0], sampling=GREEDY, length=16).ids
        whole = write(loop, NEAR[0], sampling=sampling, length=16)
        first = -(-len(whole.started.prompt) // loop.model.facts.batch)
    for after in range(1, 12):
        events: list[Event] = []
        with looping(Failing(failure, first + after - 1), beside=after % 2 == 0) as loop:
            job = Generate(1, NO_PATCH, sampling, 16, (Draws(7),), 5)
            try:
                for event in loop.generate(job, as_pieces([NEAR[0]]), 0.0):
                    events.append(event)
            except Exception as error:  # noqa: BLE001
                assert error is failure
        answer = Answer(tuple(events))
        if whole.ended.reason == "stop string" and after >= whole.ended.tokens:
            assert answer.ended.reason == "stop string" and answer.text == whole.text
        else:
            assert answer.ids == drawn[:after]
            assert isinstance(events[-1], Ended) == isinstance(failure, Stopped)


def test_a_page_that_fails_under_way_is_read_up_to_there() -> None:
    backend = ScriptedModel("scripted:", LoadOptions(), always)
    with looping(backend) as loop:
        size = backend.facts.batch
        whole = scored(loop, "The old lighthouse 🌊" * size)
    with looping(Failing(ModelError("no"), 2)) as loop:
        events: list[Event] = []
        with pytest.raises(ModelError):
            for event in loop.queries.score(Score(1, NO_PATCH, 5), as_pieces(["The old lighthouse 🌊" * size]), 0.0):
                events.append(event)
    assert Answer(tuple(events)).ids == whole.ids[: 2 * size]


def test_length_zero_writes_nothing(loop: Loop) -> None:
    answer = write(loop, "The old", length=0)
    assert (answer.text, answer.ended.reason, answer.ended.tokens) == ("", "length", 0)


def test_an_empty_page_starts_from_the_first_token_alone(loop: Loop) -> None:
    answer = write(loop, sampling=GREEDY, length=2)
    assert list(answer.started.prompt) == [story.BEGINNING]
    assert answer.text == "The old"


def test_an_empty_page_without_a_first_token_is_refused_in_a_sentence(loop: Loop) -> None:
    backend = loop.model
    assert isinstance(backend, ScriptedModel)
    backend.facts = replace(backend.facts, bos=-1)
    with pytest.raises(ModelError, match="empty"):
        write(loop)


def test_steps_write_the_same_as_one_long_generation_without_reading_again(loop: Loop) -> None:
    whole = write(loop, "The old", length=12)
    written = TokenPiece(write(loop, "The old", length=1).ids)
    for step in range(1, 12):
        one = write(loop, "The old", written, length=1, first=step)
        assert one.ended.evaluated == 1
        written = TokenPiece(written.ids + one.ids)
    assert written.ids == whole.ids


def test_draws_differ_by_take_and_repeat_by_seed(loop: Loop) -> None:
    one, again, other = (write(loop, "The old", take=take, length=30) for take in (0, 0, 1))
    assert one.ids == again.ids
    assert one.ids != other.ids


def test_an_edit_reads_again_from_its_chunk_on_and_undoing_it_gives_the_same_text(loop: Loop) -> None:
    words = ["boat "] * 500
    page = "".join(words)
    first = write(loop, page)
    total = len(first.started.prompt)
    words[400] = "ship "
    edited = write(loop, "".join(words))
    changed = next(
        i for i, (a, b) in enumerate(zip(first.started.prompt, edited.started.prompt, strict=False)) if a != b
    )
    assert edited.started.reused == changed // 64 * 64
    assert edited.ended.evaluated == len(edited.started.prompt) - edited.started.reused
    assert edited.started.exact
    back = write(loop, page)
    assert back.ids == first.ids
    assert back.ended.evaluated < total


def test_regenerating_reads_nothing(loop: Loop) -> None:
    write(loop, "boat " * 100)
    again = write(loop, "boat " * 100, take=1)
    assert (again.ended.evaluated, again.started.exact) == (0, True)


def test_going_on_behind_generated_text_says_that_a_fresh_read_would_differ(loop: Loop) -> None:
    first = write(loop, "boat " * 100)
    assert first.started.exact
    assert not write(loop, "boat " * 100, first.piece, first=16).started.exact


def test_looking_draws_nothing_and_leaves_the_odds_ready(loop: Loop) -> None:

    events = list(loop.queries.look(Look(3, NO_PATCH, NEUTRAL, 10), as_pieces(["The old"]), 0.0))
    assert [type(event) for event in events] == [Started, Looked, Ended]
    looked = events[1]
    assert isinstance(looked, Looked)
    assert looked.reading.token == -1
    assert len(looked.reading.alternatives.ids) == 10
    again = list(loop.queries.look(Look(4, NO_PATCH, NEUTRAL, 10), as_pieces(["The old"]), 0.0))[-1]
    assert isinstance(again, Ended) and again.evaluated == 0


def test_the_window_slides_and_a_fresh_read_of_the_page_sees_the_same_one() -> None:
    with looping(ScriptedModel("scripted:", LoadOptions(context=64), always)) as loop:
        answer = write(loop, "boat " * 10, length=150)
        sampled = [event for event in answer.events if isinstance(event, Sampled)]
        assert answer.ended.tokens == 150 == len(answer.ids)
        assert {event.dropped for event in sampled} == {0, 15, 30, 45, 60, 75, 90, 105}
        assert all(event.used <= 64 for event in sampled)
        again = write(loop, "boat " * 10, answer.piece, length=1)
        assert again.started.dropped == sampled[-1].dropped == 105
        seen = b"".join(map(loop.model.token_bytes, again.started.prompt[1:])).decode()
    assert len(again.started.prompt) == answer.ended.used
    assert again.started.unseen == sampled[-1].unseen > 0
    assert ("boat " * 10 + answer.text)[again.started.unseen :] == seen


def test_a_page_longer_than_the_context_reports_what_it_dropped() -> None:
    with looping(ScriptedModel("scripted:", LoadOptions(context=64), always)) as loop:
        answer = write(loop, "boat " * 300, length=4)
        prompt = answer.started
        assert len(prompt.prompt) <= 64
        assert prompt.dropped + len(prompt.prompt) - 1 == len(loop.model.tokenize("boat " * 300, True))


def test_progress_is_reported_for_a_long_prompt(loop: Loop) -> None:

    answer = write(loop, "boat " * 200, length=1)
    done = [event.done for event in answer.events if isinstance(event, Evaluated)]
    assert len(done) > 2
    assert all(later - earlier <= 64 for earlier, later in pairwise(done))
    assert done[-1] == len(answer.started.prompt)


def test_stopping_between_chunks_and_going_on(loop: Loop) -> None:
    page = as_pieces(["boat " * 300])

    events: list[Event] = []
    for event in loop.generate(Generate(1, NO_PATCH, NEUTRAL, 5, (Draws(7),)), page, 0.0):
        events.append(event)
        if isinstance(event, Evaluated):
            loop.model.ask_stop(True)
    stopped = Answer(tuple(events))
    assert (stopped.ended.reason, stopped.text) == ("stopped", "")
    loop.model.ask_stop(False)
    after = write(loop, "boat " * 300, length=5)
    assert after.started.reused == 64
    assert after.ended.reason == "length"


def test_stopping_loses_no_token_that_was_drawn(loop: Loop) -> None:

    whole = write(loop, "The old", length=40)
    events: list[Event] = []
    for event in loop.generate(Generate(1, NO_PATCH, NEUTRAL, 40, (Draws(7),)), as_pieces(["The old"]), 0.0):
        events.append(event)
        if isinstance(event, Sampled) and len(events) > 5:
            loop.model.ask_stop(True)
    stopped = Answer(tuple(events))
    loop.model.ask_stop(False)
    count = len(stopped.ids)
    assert stopped.ended.reason == "stopped"
    assert stopped.ended.tokens == count > 0
    assert stopped.ids == whole.ids[:count]
    rest = write(loop, "The old", stopped.piece, first=count, length=40 - count)
    assert stopped.ids + rest.ids == whole.ids


def test_not_asking_for_the_next_event_cancels(loop: Loop) -> None:

    stream = loop.generate(Generate(1, NO_PATCH, NEUTRAL, None, (Draws(7),)), as_pieces(["The old"]), 0.0)
    assert isinstance(next(stream), Started)
    assert isinstance(next(stream), Sampled)
    stream.close()
    assert write(loop, "The old", sampling=GREEDY, length=2).text == " lighthouse keeper"


def test_scoring_gives_every_token_of_the_page_once(loop: Loop) -> None:
    page = story.STORY
    result = scored(loop, page)
    assert result.text == page
    assert next(event.offset for event in result.events if isinstance(event, Scored)) == 0
    assert result.ids == loop.model.tokenize(page, True)
    assert result.ended.reason == "done"


def test_scores_go_on_where_the_last_ones_ended(loop: Loop) -> None:
    place = 0
    for event in scored(loop, story.STORY).events:
        if isinstance(event, Scored):
            assert event.offset == place
            place += sum(len(span.text) for span in event.spans)
    assert place == len(story.STORY)


@pytest.mark.parametrize("context", [64, 100, 101, 102, 103, 120])
def test_a_window_that_begins_inside_a_character_is_scored_from_the_next_whole_one(context: int) -> None:
    page = "🌊등대" * 40  # bytes and broken tokens all over
    with looping(ScriptedModel("scripted:", LoadOptions(context=context), always)) as loop:
        result = scored(loop, page)
        offset = next(event.offset for event in result.events if isinstance(event, Scored))
        assert page[offset:] == result.text
        assert "\ufffd" not in result.text


@pytest.mark.parametrize("page", ["\ud800 half", "a\0b", "a\r\nb\r\n", "عربي", "\u200d\u200d"])
def test_strange_text_is_read_and_scored(loop: Loop, page: str) -> None:
    assert scored(loop, page).text == page.replace("\ud800", "\ufffd")
    assert write(loop, TextPiece(page), length=3).ended.tokens == 3


@pytest.mark.parametrize("n_keep", [1, 7, 20, 500])
def test_the_pages_beginning_stays_in_the_window(n_keep: int) -> None:
    with looping(ScriptedModel("scripted:", LoadOptions(context=64), always)) as loop:
        answer = write(loop, "boat " * 10, length=150, n_keep=n_keep)
        sampled = [event for event in answer.events if isinstance(event, Sampled)]
        page = list(loop.model.tokenize("boat " * 10, True) + answer.ids)
        again = write(loop, "boat " * 10, answer.piece, length=1, n_keep=n_keep).started
        shown = [loop.model.token_bytes(token) for token in page]
    head = min(n_keep, 31)
    assert again.dropped == sampled[-1].dropped > 0
    assert list(again.prompt) == [story.BEGINNING, *page[:head], *page[head + again.dropped :]]
    assert again.kept == sampled[-1].kept == len(b"".join(shown[:head]).decode("utf-8", "ignore"))
    assert again.unseen == len(b"".join(shown[: head + again.dropped]).decode("utf-8", "ignore"))
    assert all(event.used <= 64 for event in sampled)


def test_the_header_is_not_read_again_when_the_window_slides() -> None:
    with looping(ScriptedModel("scripted:", LoadOptions(context=256), always)) as loop:
        answer = write(loop, "boat " * 150, length=200, n_keep=127)
    first = next(place for place, event in enumerate(answer.events) if isinstance(event, Sampled))
    slid = [event for event in answer.events[first:] if isinstance(event, Evaluated)]
    assert slid
    assert all(event.read == event.done - 128 for event in slid)  # the header and its BOS fill two evaluations


def test_a_slide_reports_progress_and_can_be_stopped_in_the_middle() -> None:
    page = as_pieces(["boat " * 150])
    with looping(ScriptedModel("scripted:", LoadOptions(context=256), always)) as loop:
        events: list[Event] = []
        for event in loop.generate(Generate(1, NO_PATCH, NEUTRAL, None, (Draws(7),)), page, 0.0):
            events.append(event)
            if isinstance(event, Evaluated) and any(isinstance(one, Sampled) for one in events):
                assert 0 < event.done < event.total
                loop.model.ask_stop(True)
        stopped = Answer(tuple(events))
        loop.model.ask_stop(False)
        assert stopped.ended.reason == "stopped"
        assert isinstance(events[-2], Evaluated)
        rest = write(loop, "boat " * 150, stopped.piece, first=len(stopped.ids), length=3)
        whole = write(loop, "boat " * 150, length=len(stopped.ids) + 3)
    assert stopped.ids + rest.ids == whole.ids


def test_a_page_with_a_gap_is_written_on_as_if_it_were_there() -> None:
    head, lost, tail = (array("i", [300 + i % 40 for i in range(count)]) for count in (30, 400, 150))
    with looping(ScriptedModel("scripted:", LoadOptions(context=64), always)) as loop:
        whole = write(loop, TokenPiece(head + lost + tail), length=40, n_keep=9)
        gapped = write(loop, TokenPiece(head), Gap(400), TokenPiece(tail), length=40, n_keep=9)
        assert gapped.ids == whole.ids
        assert gapped.started.prompt == whole.started.prompt
        assert gapped.started.dropped == whole.started.dropped
        shown = b"".join(map(loop.model.token_bytes, lost)).decode()
        assert gapped.started.unseen == whole.started.unseen - len(shown)


def test_after_a_gap_the_end_is_scored_with_offsets_of_the_sent_text() -> None:
    text = "🌊등대 boat. " * 60
    with looping(ScriptedModel("scripted:", LoadOptions(context=100), always)) as loop:
        result = scored(loop, Gap(5_000), text)
    offset = next(event.offset for event in result.events if isinstance(event, Scored))
    assert text[offset:] == result.text
    assert result.started.dropped > 5_000
