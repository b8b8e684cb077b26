"""llama.cpp reserves logits for as many rows as the page's context asks for, and ends the process where more are asked
for: every call gets as many as it needs."""

from pathlib import Path

import numpy as np
import pytest

from models.launch.in_process import open_model
from models.library import memory
from models.library.load_options import LoadOptions
from models.llamacpp.model import LlamaModel
from tests.models import tiny_kinds
from tests.models.asking import always

IDS = [3 + place % 200 for place in range(2 * memory.CPU_CHUNK)]


def opened(path: Path) -> LlamaModel:
    model = open_model(path, LoadOptions(context=512, threads=1), always)
    assert isinstance(model, LlamaModel)
    return model


@pytest.mark.parametrize("kind", ["llama", "gemma3", *tiny_kinds.RECURRENT])
def test_every_call_has_its_rows(kind: str, tmp_path: Path) -> None:
    model = opened(tiny_kinds.writing(tmp_path, kind))
    chunk, streams = model.facts.batch, model.facts.streams
    model.read(IDS[:chunk])
    alone = model.evaluate(IDS[chunk:]).copy()  # a whole chunk, with logits at its end
    assert np.isfinite(alone).all()
    for width in model.facts.widths:
        model.fork(streams)
        rows = model.step([(stream, IDS[stream]) for stream in range(1, width + 1)], width)
        assert rows.shape == (width, model.vocabulary) and np.isfinite(rows).all()
    model.fork(streams)
    assert np.isfinite(model.step([(1, 5)], max(model.facts.widths))).all()  # fillers have rows too
    model.adopt(0)
    for outputs in (1, memory.OUTPUTS):
        second = model.open_second(512, outputs)
        second.read(IDS[:chunk])
        assert np.isfinite(second.evaluate(IDS[chunk:])).all()
        second.truncate(0)
        each = second.evaluate_each(IDS[:outputs])
        assert each.shape == (outputs, model.vocabulary) and np.isfinite(each).all()
    model.close()
