"""Real llama.cpp: exact numbers, tokens and their bytes, the cache, and refused files."""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelError, Stopped
from models.launch.in_process import open_model
from models.library import kind_overrides, memory
from models.library.app_dirs import app_dirs
from models.library.load_options import LoadOptions
from models.library.model_files import read_whole
from models.sampling.knobs import NEUTRAL, Sampling
from models.sampling.readings import Reading
from models.worker.loop import Loop
from tests.models.asking import Answer, always, looping, opened, scored, write
from tests.models.straight import Rows, Straight, straight
from tests.models.tiny import make

PAGE = "once upon a time the river was by the house and she had that on with as he. " * 6


WILD = Sampling(temperature=5, ignore_eos=True)  # the tiny models are sure of themselves


@contextmanager
def both(path: Path) -> Iterator[tuple[Loop, Straight]]:
    """Our loop, and llama.cpp asked straight with as many threads."""
    with opened(path) as backend, looping(backend, beside=True) as loop, straight(path, backend.facts.threads) as other:
        yield loop, other


def canonical(tokens: int, chunk: int) -> list[int]:
    """The batch sizes in which a prefix of that length is read."""
    return [chunk] * (tokens // chunk) + ([tokens % chunk] if tokens % chunk else [])


def readings(answer: Answer) -> list[Reading]:
    return [reading for span in answer.spans for reading in span.readings]


def assert_equal_odds(found: list[Reading], rows: Rows, within: float) -> None:
    """raw, alternatives and rank of each reading against a row of log-probabilities."""
    assert len(found) == len(rows)
    for reading, row in zip(found, rows, strict=True):
        assert reading.raw == pytest.approx(row[reading.token], abs=within)
        assert list(reading.alternatives.raw) == pytest.approx(row[list(reading.alternatives.ids)].tolist(), abs=within)
        entropy = -(np.exp(row) * row).sum() / math.log(2)
        assert reading.entropy == pytest.approx(entropy, abs=max(within, 1e-4) * 20)


def check_writing(loop_answer: Answer, chunk: int, other: Straight) -> None:
    ids = [*loop_answer.started.prompt, *loop_answer.ids]
    count = len(loop_answer.ids)
    shapes = canonical(len(ids) - count, chunk) + [1] * (count - 1)
    rows = other.logits(ids[:-1], shapes)
    assert_equal_odds(readings(loop_answer), rows[-count:], 1e-5)


def test_raw_odds_of_writing_are_llama_cpps_own_in_the_same_shapes(tiny_model: Path) -> None:
    with both(tiny_model) as (loop, other):
        check_writing(write(loop, PAGE, length=40, sampling=WILD), loop.model.facts.batch, other)


@pytest.mark.starter
def test_the_starters_raw_odds_are_llama_cpps_own_in_the_same_shapes(starter: Path) -> None:
    with both(starter) as (loop, other):
        check_writing(write(loop, PAGE, length=24, top=20), loop.model.facts.batch, other)


def check_scores(result: Answer, other: Straight) -> None:
    ids = list(result.started.prompt)
    rows = other.logits(ids, canonical(len(ids), memory.OUTPUTS), every=True)
    assert_equal_odds(readings(result), rows[:-1], 1e-5)


def test_scores_are_llama_cpps_own_in_the_same_shapes(tiny_model: Path) -> None:
    with both(tiny_model) as (loop, other):
        check_scores(scored(loop, PAGE), other)


@pytest.mark.starter
def test_the_starters_scores_are_llama_cpps_own_in_the_same_shapes(starter: Path) -> None:
    with opened(starter) as backend, looping(backend) as loop, straight(starter, backend.facts.threads) as other:
        check_scores(scored(loop, PAGE[:300]), other)


def test_32_bit_odds_hardly_depend_on_the_shape(tiny_model: Path) -> None:
    with opened(tiny_model) as backend, looping(backend) as loop:
        found = write(loop, PAGE, length=40, top=20, sampling=WILD)
        with straight(tiny_model, 1) as other:
            ids = [*found.started.prompt, *found.ids]
            apart: list[float] = []
            for shapes in ([len(ids)], [1] * len(ids), canonical(len(ids), 7)):
                rows = other.logits(ids, shapes, every=True)[len(found.started.prompt) - 1 : -1]
                for reading, row in zip(readings(found), rows, strict=True):
                    apart += abs(row[list(reading.alternatives.ids)] - np.array(reading.alternatives.raw)).tolist()
    assert np.mean(np.array(apart) < 0.01) >= 0.99
    assert max(apart) < 0.05


# ------------------------------------------------------------------------------------------------ the same text again


def check_same_text(path: Path, page: str, changed: str, sampling: Sampling) -> None:
    with opened(path) as backend, looping(backend, beside=True) as loop:
        first = write(loop, page, length=30, sampling=sampling)
        assert write(loop, page, length=30, sampling=sampling).ids == first.ids  # written again with the same seed
        assert write(loop, page, length=30, sampling=sampling, take=1).ids != first.ids
        write(loop, changed, length=5)
        undone = write(loop, page, length=30, sampling=sampling)
        assert undone.ids == first.ids
        assert undone.started.exact
        scored(loop, page)
        assert write(loop, page, length=30, sampling=sampling).ids == first.ids
    with opened(path) as backend, looping(backend) as loop:
        assert write(loop, page, length=30, sampling=sampling).ids == first.ids  # in a fresh context, without threads


def test_the_same_seed_gives_the_same_text(tiny_model: Path) -> None:
    check_same_text(tiny_model, PAGE, PAGE.replace("river", "time"), WILD)


@pytest.mark.starter
def test_the_same_seed_gives_the_same_text_with_the_starter(starter: Path) -> None:
    check_same_text(starter, PAGE, PAGE.replace("river", "castle", 1), NEUTRAL)


def test_writing_in_two_goes_is_writing_in_one(tiny_model: Path) -> None:
    with opened(tiny_model) as backend, looping(backend, beside=True) as loop:
        whole = write(loop, PAGE, length=30, sampling=WILD)
        half = write(loop, PAGE, length=15, sampling=WILD)
        rest = write(loop, PAGE, half.piece, length=15, first=15, sampling=WILD)
        assert half.ids + rest.ids == whole.ids
        assert rest.ended.evaluated == 1


def test_the_window_slides_in_a_real_context(tiny_model: Path) -> None:
    with opened(tiny_model, LoadOptions(context=64)) as backend, looping(backend) as loop:
        answer = write(loop, "once upon a time", length=150, sampling=WILD)
        assert answer.ended.tokens == 150
        assert answer.ended.used <= 64


def test_the_edge_of_the_window_is_in_the_pages_code_points(tiny_llama: Path) -> None:
    page = "the house — 한 🌊 " * 40  # its first token shows a space that the page does not have
    with opened(tiny_llama, LoadOptions(context=64)) as backend, looping(backend) as loop:
        start = write(loop, page, length=1).started
        seen = b"".join(map(backend.token_bytes, start.prompt[1:])).decode("utf-8", "ignore")
    assert start.dropped
    assert page[start.unseen :].endswith(seen)
    assert len(page) - start.unseen - len(seen) in (0, 1)  # a character on the edge is seen in part


# ------------------------------------------------------------------------------------------------ tokens


def test_text_behind_text_gets_no_false_space(tiny_llama: Path) -> None:
    with opened(tiny_llama) as backend:
        first = b"".join(map(backend.token_bytes, backend.tokenize("the house", True)))
        later = b"".join(map(backend.token_bytes, backend.tokenize("the house", False)))
        assert (first, later) == (b" the house", b"the house")


@pytest.mark.parametrize("text", ["", " ", "the", " the house", "\n\n", "é한🌊", "a\0b", "<s></s>", "\r\n", "\u202eعر"])
def test_the_bytes_of_a_text_behind_text_are_its_own(tiny_model: Path, text: str) -> None:
    with opened(tiny_model) as backend:
        assert b"".join(map(backend.token_bytes, backend.tokenize(text, False))) == text.encode()


def test_half_characters_are_read_as_replacement_characters(tiny_model: Path) -> None:
    with opened(tiny_model) as backend:
        ids = backend.tokenize("a\ud800b", False)
        assert b"".join(map(backend.token_bytes, ids)).decode() == "a\ufffdb"


def test_scoring_a_page_with_a_false_space_gives_the_page(tiny_model: Path) -> None:
    with opened(tiny_model) as backend, looping(backend) as loop:
        whole = scored(loop, "the house by the river").text
        assert "the house by the river".endswith(whole)
        if backend.facts.bos >= 0:
            assert whole == "the house by the river"


def test_no_token_is_without_bytes_and_control_tokens_show_their_names(tiny_model: Path) -> None:
    with opened(tiny_model) as backend:
        assert all(backend.token_bytes(token) for token in range(backend.facts.vocabulary))
        names = {backend.token_bytes(token) for token in backend.control}
        assert b"<unused0>" in names
        assert not any(backend.ends_text(token) for token in backend.control)


def test_gemmas_image_token_is_masked_and_its_newlines_are_not(tiny_models: dict[str, Path]) -> None:
    with opened(tiny_models["gemma3"]) as backend:
        names = {backend.token_bytes(token) for token in backend.control}
        assert b"<start_of_image>" in names
        assert b"\n\n" not in names


@pytest.mark.starter
def test_the_starters_control_tokens(starter: Path) -> None:
    with opened(starter) as backend:
        names = {backend.token_bytes(token) for token in backend.control}
        assert {b"<start_of_image>", b"<unused0>", b"<bos>", b"<mask>", b"[multimodal]"} <= names
        assert {b"\n", b"\n\n", b"<h1>", b"<eos>", b"<end_of_turn>"}.isdisjoint(names)
        assert backend.facts.bos == 2
        assert not backend.facts.chat


def test_a_model_in_several_files_is_counted_as_a_whole(tmp_path: Path) -> None:
    first = make(tmp_path / "big.gguf", "llama", split=8)
    header = read_whole(first)
    assert header.parts > 2
    with opened(first) as backend:
        assert backend.facts.parameters == header.parameters
        assert backend.facts.size == sum(part.stat().st_size for part in tmp_path.iterdir())
    max(tmp_path.iterdir()).unlink()
    with pytest.raises(ModelError, match="is not beside it"), opened(first):
        pass


def test_the_users_mark_of_its_kind_decides(tiny_model: Path) -> None:
    with opened(tiny_model) as backend:
        known = backend.facts.fingerprint
        assert not backend.facts.chat
    kind_overrides.overrule(known, "chat", app_dirs())
    try:
        with opened(tiny_model) as backend:
            assert backend.facts.chat
    finally:
        kind_overrides.overrule(known, None, app_dirs())


# ------------------------------------------------------------------------------------------------ the cache


def test_truncate_returns_how_many_tokens_are_left(tiny_model: Path) -> None:
    with opened(tiny_model) as backend:
        ids = backend.tokenize(PAGE, True)[:64]
        backend.evaluate(ids)
        assert backend.truncate(100) == 64
        assert backend.truncate(10) == 10
        assert backend.truncate(0) == 0


def test_an_abandoned_evaluation_leaves_the_cache_as_it_was(tiny_model: Path) -> None:
    with opened(tiny_model) as backend:
        ids = backend.tokenize(PAGE, True)[:64]
        backend.evaluate(ids[:32])
        again = backend.evaluate(ids[32:]).copy()
        backend.truncate(32)
        backend.ask_stop(True)
        with pytest.raises(Stopped):
            backend.evaluate(ids[32:])
        backend.ask_stop(False)
        assert np.array_equal(backend.evaluate(ids[32:]), again)


# ------------------------------------------------------------------------------------------------ what is refused


def test_a_load_can_be_cancelled(tiny_model: Path) -> None:
    with pytest.raises(Stopped):
        open_model(tiny_model, LoadOptions(), lambda _fraction: False)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (LoadOptions(context=10**6), "at most 512 tokens"),
        (LoadOptions(device="CUDA7"), "no device called “CUDA7”"),
    ],
)
def test_options_that_cannot_be_met_get_a_sentence(tiny_llama: Path, options: LoadOptions, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        open_model(tiny_llama, options, always)


@pytest.mark.parametrize("damage", ["empty", "truncated head", "truncated weights", "no gguf", "folder", "missing"])
def test_files_that_are_no_model_get_a_sentence(tiny_llama: Path, tmp_path: Path, damage: str) -> None:
    path, good = tmp_path / "ünï cødé.gguf", tiny_llama.read_bytes()
    if damage == "folder":
        path.mkdir()
    elif damage != "missing":
        content = {"empty": b"", "truncated head": good[:500], "truncated weights": good[:-500], "no gguf": b"x" * 999}
        path.write_bytes(content[damage])
    with pytest.raises(ModelError) as refused:
        open_model(path, LoadOptions(), always)
    assert str(refused.value).endswith(".")
    assert "\n" not in str(refused.value)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_gets_a_sentence(tiny_llama: Path, tmp_path: Path) -> None:
    path = tmp_path / "closed.gguf"
    path.write_bytes(tiny_llama.read_bytes())
    path.chmod(0)
    with pytest.raises(ModelError, match="may not be read"):
        open_model(path, LoadOptions(), always)


def test_a_path_with_spaces_and_letters_of_all_kinds_opens(tiny_llama: Path, tmp_path: Path) -> None:
    path = tmp_path / "mödel für 모두.gguf"
    path.write_bytes(tiny_llama.read_bytes())
    with opened(path) as backend, looping(backend) as loop:
        assert write(loop, "once", length=3, sampling=NEUTRAL).ended.tokens >= 0
        assert backend.facts.path == str(path)


def test_fingerprints_differ_between_files(tiny_llama: Path, tmp_path: Path) -> None:
    from models.library.fingerprint import fingerprint

    data = bytearray(tiny_llama.read_bytes())
    same, other = tmp_path / "same.gguf", tmp_path / "other.gguf"
    same.write_bytes(data)
    data[len(data) // 2] ^= 1
    other.write_bytes(data)
    assert fingerprint(tiny_llama) == fingerprint(same) != fingerprint(other)
