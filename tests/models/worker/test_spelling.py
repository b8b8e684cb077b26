"""The bytes of a vocabulary in one piece, and the tokens that begin with given ones, against a loop over all."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from models.engine.events import VocabularyRead
from models.engine.requests import Vocabulary
from models.library.load_options import LoadOptions
from models.scripted.model import ScriptedModel
from models.worker import spelling
from models.worker.language_model import LanguageModel
from models.worker.spelling import Spelling
from tests.models import tiny
from tests.models.asking import always, looping, opened


def whole(model: LanguageModel) -> Spelling:
    made = Spelling(model)
    while not made.is_whole:
        made.spell_some()
    return made


def by_hand(model: LanguageModel, start: bytes) -> list[int]:
    apart = {token for token in range(model.vocabulary) if token in model.control or model.ends_text(token)}
    return [one for one in range(model.vocabulary) if one not in apart and model.token_bytes(one).startswith(start)]


@pytest.mark.parametrize("kind", tiny.ARCHITECTURES)
def test_every_beginning_of_every_token(kind: tiny.Architecture, tmp_path: Path) -> None:
    with opened(tiny.make(tmp_path / f"{kind}.gguf", kind), LoadOptions(context=64, threads=1)) as model:
        check(model)


def test_every_beginning_of_a_scripted_token() -> None:
    check(ScriptedModel("scripted:", LoadOptions(), always))


def check(model: LanguageModel) -> None:
    made, chance = whole(model), random.Random(1)
    spelt = [model.token_bytes(token) for token in range(model.vocabulary)]
    assert bytes(made.data) == b"".join(spelt) and made.ends[-1] == sum(map(len, spelt))
    starts = {one[:end] for one in chance.sample(spelt, 60) for end in (1, 2, len(one))}
    for start in sorted(starts | {b"nothing like it", b"\xff", spelt[0] + b"x", spelt[-1] + b"\0"}):
        assert made.beginning_with(start).tolist() == by_hand(model, start)


def test_it_keeps_few_answers_and_they_stay_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spelling, "_MOST_KNOWN", 2)
    model = ScriptedModel("scripted:", LoadOptions(), always)
    made = whole(model)
    for start in (b"t", b" t", b"a", b"t", b" t"):
        assert made.beginning_with(start).tolist() == by_hand(model, start)


def test_a_vocabulary_is_the_same_whether_it_was_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spelling, "AT_A_TIME", 7)
    found: list[VocabularyRead] = []
    for prepared in (0, 3, 10_000):
        with looping(ScriptedModel("scripted:", LoadOptions(), always)) as loop:
            for _ in range(prepared):
                if not loop.prepare():
                    break
            read = next(iter(loop.vocabulary(Vocabulary(1), 0.0)))
        assert isinstance(read, VocabularyRead)
        found.append(read)
    assert found[0] == found[1] == found[2] and len(found[0].data) == found[0].ends[-1]
