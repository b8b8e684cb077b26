"""At every slide, the model is given exactly the header and the page's tokens from the edge on."""

from pathlib import Path

import pytest

from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Span
from models.library.load_options import LoadOptions
from models.scripted.model import ScriptedModel
from tests.desktop.conftest import reading_of
from tests.desktop.generation.sliding import write_long
from tests.desktop.page.writing import write_spans
from tests.models import tiny
from tests.models.asking import always, opened

PARTS = ("The house by the river. ", " And then 한 🌊\n\n", "  once more:")


@pytest.fixture(scope="module", params=tiny.ARCHITECTURES)
def tiny_model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model of each architecture."""
    return tiny.make(tmp_path_factory.mktemp("tiny") / f"tiny-{request.param}.gguf", request.param)


@pytest.mark.parametrize("n_keep", [0, 5, 1_000])
def test_a_tiny_model_is_given_the_pages_tokens_at_every_slide(tiny_model: Path, n_keep: int) -> None:
    with opened(tiny_model, LoadOptions(context=96, threads=1)) as backend:
        written = write_long(backend, 360, n_keep, PARTS)
        assert written.slides >= 6
        written.check(n_keep)


@pytest.mark.parametrize("n_keep", [0, 40])
def test_a_page_beyond_the_horizon_has_the_windows_that_it_would_have(n_keep: int) -> None:
    """The page is so long that most of it is only counted."""
    backend = ScriptedModel("scripted:", LoadOptions(context=128), always)
    page = Page()
    page.begin_generation(Source(backend.facts.fingerprint))
    write_spans(page, [span_of(piece, backend) for piece in ["lighthouse", " keeper", " climbed"] * 5_000])
    page.end_generation()
    written = write_long(backend, 300, n_keep, (" the", "") * 2, page)
    sent = page.excerpt(None, backend.facts.fingerprint, 128, n_keep)
    assert sent.horizon > 60_000
    assert sum(len(piece) for piece in sent.pieces) < 12_000
    assert written.slides >= 3
    written.check(n_keep)


def span_of(text: str, backend: ScriptedModel) -> Span:
    ids = backend.tokenize(text, False)
    assert len(ids) == 1
    return Span(text, (reading_of(text, ids[0]),))


@pytest.mark.starter
def test_the_starter_is_given_the_pages_tokens_at_every_slide(starter: Path) -> None:
    n_keep = 32
    with opened(starter, LoadOptions(context=256, threads=1)) as backend:
        written = write_long(backend, 700, n_keep, ("", " And then"))
        assert written.slides >= 6
        written.check(n_keep)
