"""Finds in a page's file what models wrote on the branch that is shown, so that it can be evaluated again.

A generation may have begun with a cache that held earlier generations as they were written, token by token. Evaluated
again in the order of the text, it finds the cache as it was then, unless something else was written in between.
"""

from __future__ import annotations

import itertools
import tempfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from desktop.page.choosing import Place
from desktop.page.grammar_place import fed_at
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.page.token_table import GENERATED, TokenRows, ends
from desktop.pagefile.connecting import MAGIC
from desktop.pagefile.open_files import first_bytes
from desktop.pagefile.opening import open_page
from desktop.pagefile.unopened import copy_page
from desktop.pagefile.values import PageFileError
from desktop.terminal.exit_status import TerminalError
from desktop.terminal.writing import NO_IDS, NOT_TOLD, Stream, Writing, numbers
from models.engine.conditions import Conditions
from models.engine.prefix import Piece, TokenPiece
from models.engine.requests import Draws, StepWidth
from models.sampling.coin import Retry
from resources.language import tr


@dataclass(slots=True)
class Run:
    """Tokens in a row that one generation wrote, under one source but for window, steps and retries. stale: the
    text before has changed since. begun: the tokens before them that begin their first character, which others wrote or
    chose.
    """

    source: Source
    rows: TokenRows
    steps: tuple[StepWidth, ...]
    retries: tuple[Retry, ...]
    stale: bool
    begun: array[int]

    @property
    def start(self) -> int:
        return int(self.rows["start"][0])


def is_page(path: Path) -> bool:
    """Whether the file is a page, by its first bytes."""
    try:
        return first_bytes(path, len(MAGIC)) == MAGIC
    except OSError:
        return False


def of_page(path: Path) -> list[Writing]:
    """What models wrote on the page, in the order of the text. The file is not changed. Raises TerminalError."""
    with tempfile.TemporaryDirectory(prefix="inkfall-") as folder:
        try:
            copy = Path(folder) / path.name
            copy_page(path, copy)
            opened = open_page(copy)
        except PageFileError as error:
            raise TerminalError(str(error)) from error
        page = Page()
        page.put(opened.contents)
        try:
            return [_writing(page, run) for run in _runs(page)]
        finally:
            opened.reader.close()
            if opened.store:
                opened.store.close()


def _runs(page: Page) -> Iterator[Run]:
    rows = page.tokens(0, page.length)
    stale = page.stale(rows)
    sources = [page.sources[int(number)] for number in rows["source"]]
    keys: list[Any] = [
        (replace(source, window=0, rows=0, width=0, retry=0, banned=(), healed=""), bool(is_stale))
        if kind == GENERATED and source.kind != "chosen"  # what the writer chose is given
        else None
        for source, is_stale, kind in zip(sources, stale, rows["kind"].tolist(), strict=True)
    ]
    breaks = [0, *(i for i in range(1, len(rows)) if keys[i] != keys[i - 1] or _gap(rows, i)), len(rows)]
    for first, last in itertools.pairwise(breaks):
        if first < last and keys[first] is not None:
            some = sources[first:last]
            steps = tuple(StepWidth(max(source.rows, 1), max(source.width, 1)) for source in some)
            retries = tuple(Retry(source.retry, source.banned) for source in some)
            begun = array("i", rows["id"][first - int(rows["part"][first]) : first].tolist())
            yield Run(some[0], rows[first:last], steps, retries, bool(stale[first]), begun)


def _gap(rows: TokenRows, index: int) -> bool:
    """Whether text without a token lies before that row."""
    return bool(rows["start"][index] > ends(rows)[index - 1])


def _writing(page: Page, run: Run) -> Writing:
    source, rows = run.source, run.rows
    fed = _fed(page, run)
    reach = max(source.conditions.context, source.sampling.repeat_last_n, source.sampling.dry_last_n, fed)
    pieces: tuple[Piece, ...] = page.excerpt(run.start, source.fingerprint, reach, source.n_keep).pieces
    if run.begun:
        pieces = (*pieces, TokenPiece(run.begun))
    columns = zip(*(rows[name].tolist() for name in ("raw", "final", "entropy")), strict=True)
    stream = Stream(
        Draws(source.seed or 0, source.take, source.first),
        array("i", rows["id"].tolist()),
        tuple(numbers(values, single=True) for values in columns),
        run.steps,
        retries=run.retries,
        healed=source.healed,
    )
    return Writing(
        source.fingerprint,
        source.conditions,
        lambda _bos: pieces,
        replace(source.sampling, stop=()),
        source.n_keep,
        (stream,),
        single=True,
        fed=fed,
        obstacle=_obstacle(run),
        doubt="" if source.exact else tr("the text before it had not been read anew"),
    )


def _fed(page: Page, run: Run) -> int:
    """The bytes before the run that its grammar was fed."""
    token, part = int(run.rows["id"][0]), int(run.rows["part"][0])
    return fed_at(page, Place(run.start, part, token), run.source.sampling)


def _obstacle(run: Run) -> str:
    if run.source.conditions == Conditions():
        return tr("it is not recorded how it was made")
    if (run.rows["id"] < 0).any():
        return NO_IDS
    if any(np.isnan(run.rows[name]).any() for name in ("raw", "final", "entropy")):
        return NOT_TOLD
    return tr("the text before it was edited") if run.stale else ""
