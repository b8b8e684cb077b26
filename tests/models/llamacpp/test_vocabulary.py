"""Real vocabularies and how they change a text: ▁, <unk>, Unigram, tokens that are never split, the start of a text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from gguf import GGUFWriter

from models.library.model_info import Beginning, model_info
from models.sampling.knobs import Sampling
from tests.models.asking import looping, opened, scored, write
from tests.models.tiny import make

WILD = Sampling(temperature=3)
Change = Callable[[GGUFWriter], object]


def unigram(writer: GGUFWriter) -> None:
    """The same tokens as a Unigram vocabulary, which folds runs of blanks."""
    writer.add_tokenizer_model("t5")
    writer.add_remove_extra_whitespaces(True)


def check_all_is_read(path: Path, text: str) -> None:
    """Every token has a reading, and together they are the text, in one go and in pieces."""
    with opened(path) as backend, looping(backend) as loop:
        found = scored(loop, text)
        assert found.text == text
        assert found.ended.tokens == sum(len(span.readings) for span in found.spans)
        blank = (
            backend.token_bytes(found.started.prompt[1]) == b" " and len(found.started.prompt) > 1 + found.ended.tokens
        )
        assert found.ended.tokens == len(found.started.prompt) - 1 - blank
        half = len(text) // 2
        assert scored(loop, text[:half], text[half:]).text == text
        assert write(loop, text, length=3, sampling=WILD).started.unseen == 0


TEXTS = ["a▁b", "▁", "▁▁ ▁the house▁", "the ▁ river", "a▁\n▁b", "한▁한"]


@pytest.mark.parametrize("text", TEXTS)
def test_a_sentence_piece_blank_is_read_as_the_page_has_it(tiny_llama: Path, text: str) -> None:
    check_all_is_read(tiny_llama, text)


@pytest.mark.parametrize("text", TEXTS)
def test_and_by_other_vocabularies(tiny_models: dict[str, Path], text: str) -> None:
    check_all_is_read(tiny_models["gemma3"], text)
    with opened(tiny_models["gpt2"]) as backend, looping(backend) as loop:
        assert text.endswith(scored(loop, text).text)


UNKNOWN = ["a☃b", "☃", "☃☃ the", "the ☃ house ☃☃ by the ☃river", "<unk> ☃ <unk>", "a▁☃", "the house by the 東京 river"]


@pytest.mark.parametrize("text", [*UNKNOWN, *TEXTS, "the   house", "the\n\nhouse", " the house ", "the house"])
def test_a_unigram_vocabulary(tmp_path: Path, text: str) -> None:
    path = make(tmp_path / "a.gguf", "llama", bytewise=False, extra=unigram)
    with opened(path) as backend, looping(backend) as loop:
        found, later = scored(loop, text).text, scored(loop, text, " the").text
        assert text.endswith(found) and later.endswith(" the")
        assert len(found) >= len(text) - 1 - len(text) + len(text.lstrip(" ▁\n"))


# ------------------------------------------------------------------------------------------------ never cut


@pytest.fixture(scope="module")
def with_newlines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("added") / "a.gguf", "llama", added=("\n", "\n\n", "<|x|>", "    "))


@pytest.mark.parametrize(
    "text", ["a\n\nb\nc", "\na", "a\n", "\n\n\n", "the\nhouse", "a<|x|>b <|x|> c", "<|x|>", "a    b", "☃\n☃", "a\n b"]
)
def test_no_blank_comes_behind_a_token_that_is_never_cut(with_newlines: Path, text: str) -> None:
    check_all_is_read(with_newlines, text)
    with opened(with_newlines) as backend:
        shown = b"".join(map(backend.token_bytes, backend.tokenize(text, True)))
        assert shown in (text.encode(), b" " + text.encode())
        assert b"".join(map(backend.token_bytes, backend.tokenize(text, False))) == text.encode()


def test_the_longest_is_found_first(with_newlines: Path) -> None:
    with opened(with_newlines) as backend:
        names = [backend.token_bytes(token) for token in backend.tokenize("a\n\n\nb", False)]
        assert names[-3:] == [b"\n\n", b"\n", b"b"]


# ------------------------------------------------------------------------------------------------ where a text begins


def without(*keys: str, adds: bool | None = True) -> Change:
    def change(writer: GGUFWriter) -> None:
        for key in keys:
            writer.kv_data[0].pop(f"tokenizer.ggml.{key}")
        if adds is not None:
            writer.add_add_bos_token(adds)

    return change


def test_a_byte_level_vocabulary_that_names_no_beginning_gets_none(tmp_path: Path) -> None:
    path = make(tmp_path / "a.gguf", "gpt2", extra=without("bos_token_id"))
    assert model_info(path).beginning == Beginning(False, -1, "")
    with opened(path) as backend, looping(backend) as loop:
        assert backend.facts.bos == -1
        assert write(loop, "the", length=1).started.prompt == backend.tokenize("the", True)


def test_a_beginning_beyond_the_vocabulary_is_none(tmp_path: Path) -> None:
    path = make(tmp_path / "a.gguf", "gpt2", extra=lambda writer: (writer.add_bos_token_id(9_999), without()(writer)))
    with opened(path) as backend:
        assert backend.facts.bos == -1


def test_one_that_is_named_is_put_in_front(tmp_path: Path) -> None:
    path = make(tmp_path / "a.gguf", "gpt2", extra=without())
    with opened(path) as backend:
        assert backend.token_bytes(backend.facts.bos) == b"<|endoftext|>"
        assert model_info(path).beginning == Beginning(True, backend.facts.bos, "<|endoftext|>")


def test_a_sentence_piece_vocabulary_has_its_own(tmp_path: Path) -> None:
    with opened(make(tmp_path / "a.gguf", "llama", extra=without("bos_token_id"))) as backend:
        assert backend.facts.bos == 1


def test_an_ordinary_token_ends_no_text_where_no_end_is_named(tmp_path: Path) -> None:
    with opened(make(tmp_path / "a.gguf", "gpt2", extra=without("eos_token_id", adds=False))) as backend:
        assert not backend.ends_text(11)
        assert [
            backend.token_bytes(token) for token in range(backend.facts.vocabulary) if backend.ends_text(token)
        ] in (
            [],
            [b"<|endoftext|>"],
        )
    with opened(make(tmp_path / "b.gguf", "gpt2")) as backend:
        ends = [backend.token_bytes(token) for token in range(backend.facts.vocabulary) if backend.ends_text(token)]
        assert ends == [b"<|endoftext|>"]


def test_an_end_that_is_named_ends_a_text_whatever_kind_it_is_of(tmp_path: Path) -> None:
    with opened(make(tmp_path / "a.gguf", "gpt2", extra=lambda writer: writer.add_eos_token_id(40))) as backend:
        assert backend.ends_text(40)
