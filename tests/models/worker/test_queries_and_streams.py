"""Looks between streams: what a fresh model answers, and the page keeps its cache."""

from pathlib import Path

import pytest

from models.engine.requests import Draws
from models.library.load_options import LoadOptions
from tests.models import tiny_kinds
from tests.models.asking import looping, opened, scored, write_streams
from tests.models.worker.test_query_context import WILD, cut, logits, look, page, read_anew


@pytest.mark.parametrize("kind", ["llama", "gemma3", "jamba", "mamba"])
def test_looks_between_streams(kind: str, tmp_path: Path) -> None:
    path = tiny_kinds.writing(tmp_path, kind)
    options = LoadOptions(context=512, threads=1)
    with opened(path, options) as model, opened(path, options) as other:
        text = page(model, 250)
        with looping(model) as loop:
            write_streams(loop, text, draws=[Draws(s) for s in range(4)], length=20, sampling=WILD)
            held = loop._cache.held
            for place in (250, 200, 100, 249, 30, 220):
                _, _, ended = look(loop, cut(text, place))
                assert ended.evaluated <= model.facts.batch
                assert logits(loop) == read_anew(other, cut(text, place))
            scored(loop, text)
            assert loop._cache.held == held
