"""Records that a model cannot take again are refused in a sentence, before llama.cpp gets them."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from models.engine.prefix import TokenPiece
from models.engine.requests import Draws, Look, Replayed, StepWidth
from models.errors import ModelError
from models.library.load_options import LoadOptions
from models.llamacpp.model import LlamaModel
from models.sampling.coin import Retry
from models.sampling.knobs import NEUTRAL
from tests.models.asking import NO_PATCH, looping, opened, write, write_streams

IDS = array("i", [40, 50, 60])
STEPS = (StepWidth(1, 1), StepWidth(3, 4), StepWidth(2, 2))


@pytest.fixture
def model(tiny_llama: Path) -> Iterator[LlamaModel]:
    with opened(tiny_llama, LoadOptions(context=256, threads=1)) as model:
        yield model


@pytest.mark.parametrize("step", [(5_000, 5_000), (17, 17), (3, 2), (0, 1), (1, 0), (-1, 4), (1, 2**40)])
def test_steps_that_no_context_has(model: LlamaModel, step: tuple[int, int]) -> None:
    replayed = Replayed(IDS, True, (*STEPS[:2], StepWidth(*step)))
    with looping(model) as loop:
        with pytest.raises(ModelError, match="cannot take here"):
            write_streams(loop, "once", draws=[Draws(1)], replayed=[replayed])
        assert len(write_streams(loop, "once", draws=[Draws(1)], replayed=[Replayed(IDS, True, STEPS)]).ids) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"ids": array("i", [40, 99_999, 60])},
        {"ids": array("i", [40, -1, 60])},
        {"retries": (Retry(), Retry(2, (7, 10**12)), Retry())},
    ],
)
def test_tokens_that_the_model_does_not_have(model: LlamaModel, wrong: dict[str, object]) -> None:
    replayed = replace(Replayed(IDS), **wrong)  # type: ignore[arg-type]
    with looping(model) as loop, pytest.raises(ModelError, match="does not have"):
        write_streams(loop, "once", draws=[Draws(1)], replayed=[replayed])


@pytest.mark.parametrize("wrong", [{"steps": STEPS[:2]}, {"retries": (Retry(),)}])
def test_fewer_steps_than_tokens(model: LlamaModel, wrong: dict[str, object]) -> None:
    replayed = replace(Replayed(IDS), **wrong)  # type: ignore[arg-type]
    with looping(model) as loop, pytest.raises(ModelError, match="cannot take here"):
        write_streams(loop, "once", draws=[Draws(1)], replayed=[replayed])


@pytest.mark.parametrize("token", [-1, 99_999, 2**31 - 1])
def test_a_prefix_with_other_tokens(model: LlamaModel, token: int) -> None:
    piece = TokenPiece(array("i", [40, token, 50]))
    with looping(model) as loop:
        with pytest.raises(ModelError, match="does not have"):
            write(loop, piece, length=1)
        with pytest.raises(ModelError, match="does not have"):
            list(loop.look(Look(1, NO_PATCH, NEUTRAL), (piece,), 0.0))
        assert write(loop, "once", length=2).ids
