"""Measures requests about a page, from a thousand tokens to a million: `python -m tests.performance.asking [largest]`.

For a generated page and for a typed one: CPU milliseconds of the GUI thread to make the request, bytes over the pipe
for the first request and for one after a key press at the end and at the beginning, milliseconds of the child to make
tokens and a window (the starter's vocabulary). Whole: the whole page is sent, without a horizon. A script, not a test:
it prints and asserts nothing.
"""

import pickle
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine import prefix
from models.engine.prefix import Piece
from models.library import starter
from models.library.load_options import LoadOptions
from models.llamacpp.model import LlamaModel
from models.worker.tokens import Tokens, window
from tests.desktop.page.conftest import WHOLE
from tests.models.asking import opened
from tests.performance.page import filled

SIZES = (1_000, 10_000, 100_000, 1_000_000)
CONTEXT = 8_192
SENTENCE = "It was a quiet house by the river, and nobody had been there for a year.\n"
UNITS = 4  # of a token, about
HERE = Path(__file__).resolve().parents[2] / ".data" / "models"
MODEL = "model"


@dataclass
class Child:
    """The other side of the pipe."""

    backend: LlamaModel
    held: tuple[Piece, ...] = ()
    tokens: Tokens = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = Tokens(self.backend)

    def take(self, pieces: tuple[Piece, ...]) -> tuple[int, float]:
        """Bytes of the request, and seconds to the window."""
        wanted = prefix.joined(pieces)
        sent = pickle.dumps(prefix.difference(self.held, wanted), pickle.HIGHEST_PROTOCOL)
        begun = time.thread_time()
        self.held = prefix.apply(pickle.loads(sent), self.held)
        window(self.tokens.of(self.held), 2, CONTEXT)
        return len(sent), time.thread_time() - begun


def row(page: Page, ask: Callable[[], tuple[Piece, ...]], backend: LlamaModel) -> str:
    child, cells = Child(backend), list[str]()
    for change in (None, page.length, 9):
        if change is not None:
            page.write(change, 0, "x")
        begun = time.thread_time()
        pieces = ask()
        taken = time.thread_time() - begun
        size, seconds = child.take(pieces)
        cells += [f"{1000 * taken:.1f}", f"{size:,}", f"{1000 * seconds:.1f}"]
    return " ".join(f"{cell:>10}" for cell in cells)


def by_a_person(size: int) -> Page:
    page = Page()
    page.write(0, 0, SENTENCE * (size * UNITS // len(SENTENCE)))
    return page


def main(largest: int) -> None:
    model = starter.installed(HERE) or starter.install(HERE)
    print(" " * 28 + "".join(f"{when:>33}" for when in ("first", "key at the end", "key at the beginning")))
    print(" " * 28 + "".join(f"{head:>11}" for head in ("ms", "bytes", "child ms") * 3))
    with opened(model, LoadOptions(context=512, threads=1)) as backend:
        for size in (size for size in SIZES if size <= largest):
            pages = (filled(size, random.Random(size), Source(MODEL))[0], by_a_person(size))
            for page, who in zip(pages, ("model", "person"), strict=True):
                page.end_generation()
                page.prefix_hash(page.length)
                whole = row(page, lambda page=page: page.excerpt(None, MODEL, WHOLE).pieces, backend)
                print(f"{size:>10,} {who:>7} {'whole':>8} {whole}")
                excerpt = row(page, lambda page=page: page.excerpt(None, MODEL, CONTEXT).pieces, backend)
                print(f"{size:>10,} {who:>7} {'horizon':>8} {excerpt}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIZES[-1])
