"""Odds at 500 random positions of three texts, against llama.cpp called directly: in the same shapes, and in others."""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from models.engine.events import Looked
from models.engine.prefix import TextPiece
from models.engine.requests import Look
from models.library.load_options import LoadOptions
from models.llamacpp.model import LlamaModel
from models.sampling.knobs import NEUTRAL
from models.sampling.readings import Alternatives
from models.worker.loop import Loop
from tests.models import straight, tiny
from tests.models.asking import NO_PATCH, looping, opened

TEXTS = {
    "Latin": "Gallia est omnis divisa in partes tres, quarum unam incolunt Belgae, aliam Aquitani, tertiam qui ipsorum "
    "lingua Celtae, nostra Galli appellantur. Hi omnes lingua, institutis, legibus inter se differunt. ",
    "Korean": "동해물과 백두산이 마르고 닳도록 하느님이 보우하사 우리나라 만세. 무궁화 삼천리 화려 강산 대한 사람 "
    "대한으로 길이 보전하세.\n",
    "code": "def gcd(a: int, b: int) -> int:\n\twhile b:\n\t\ta, b = b, a % b\n\treturn abs(a)  # “Euclid”\n\n\n"
    "for (int i = 0; i < 10; ++i) { total += x[i] * y[i]; }\n",
}
POSITIONS = 500
ROOM = 480  # tokens that are read


@dataclass(frozen=True, slots=True)
class Case:
    """A position of a text: its first code points, the tokens that spell them, and the odds that a look gives."""

    ids: array[int]
    found: Alternatives


@pytest.fixture(params=tiny.ARCHITECTURES)
def path(request: pytest.FixtureRequest, tiny_models: dict[str, Path]) -> Path:
    return tiny_models[request.param]


@pytest.fixture
def model(path: Path) -> Iterator[LlamaModel]:
    with opened(path, LoadOptions(context=512, threads=1)) as model:
        yield model


def ids_of(model: LlamaModel, text: str) -> array[int]:
    return array("i", [model.facts.bos] if model.facts.bos >= 0 else []) + model.tokenize(text, True)


def cases(model: LlamaModel, loop: Loop) -> Iterator[Case]:
    chance = random.Random(15)
    for number in range(POSITIONS // len(tiny.ARCHITECTURES) + 1):  # of each architecture
        text = list(TEXTS.values())[number % len(TEXTS)] * 2
        prefix = text[: chance.randrange(1, len(text))]
        while len(ids := ids_of(model, prefix)) > ROOM:
            prefix = prefix[: len(prefix) // 2]
        looked = loop.look(Look(1, NO_PATCH, NEUTRAL, 20), (TextPiece(prefix),), 0.0)
        yield Case(ids, next(event.reading.alternatives for event in looked if isinstance(event, Looked)))


def test_they_are_llama_cpp_s_own(path: Path, model: LlamaModel) -> None:
    """In the same chunks within 1e-5. In one batch, and token by token, 99 % of the 20 most likely within 0.02: flash
    attention adds numbers of 16 bits up in another order.
    """
    apart = differences(path, model)
    assert np.quantile(apart, 0.99) < 0.02 and np.median(apart) < 1e-5


def test_with_all_numbers_of_32_bits_they_depend_on_no_shape(path: Path) -> None:
    with opened(path, LoadOptions(context=512, threads=1, cache_type="f32")) as model:
        assert np.quantile(differences(path, model), 0.99) < 1e-3


def differences(path: Path, model: LlamaModel) -> list[float]:
    """The odds in other shapes, compared with those in the same shapes, which are llama.cpp's own. Nats."""
    chunk, apart = model.facts.batch, list[float]()
    with looping(model) as loop, straight.straight(path, 1, cache=model.facts.cache_type) as reference:
        for number, case in enumerate(cases(model, loop)):
            rest = len(case.ids) % chunk or chunk
            shapes = [chunk] * ((len(case.ids) - rest) // chunk) + [rest]
            same = reference.logits(case.ids, shapes)[-1]
            assert np.allclose(case.found.raw, same[list(case.found.ids)], atol=1e-5, rtol=0)
            assert list(case.found.ids) == np.argsort(-same, kind="stable")[:20].tolist()
            other = [1] * len(case.ids) if number % 8 == 0 else [len(case.ids)]
            apart += np.abs(reference.logits(case.ids, other)[-1][list(case.found.ids)] - case.found.raw).tolist()
    return apart
