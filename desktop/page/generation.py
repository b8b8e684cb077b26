"""A generation on a page, from the request for it to its end: what insertion.py (text put into the shown branch) and
continuations.py (a branch of its own) share.

Until its first span comes nothing changes on the page, nor in its history.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from desktop.page import utf16
from desktop.page.core import PageCore
from desktop.page.history import Step
from desktop.page.prefix_hash import PrefixHash
from desktop.page.sources import Source
from desktop.page.span_rows import has_no_reading, rows_of
from desktop.page.token_table import GENERATED, TokenRows, any_generated, ends
from models.engine.events import Span
from models.engine.requests import StepWidth
from models.sampling.readings import Reading


@dataclass(slots=True, eq=False)
class Awaited:
    """Where a generation will begin. at: a position in the text as it was just after the step `after` (None: before
    the first step). replaced: id of the fork whose shown branch gives way to a new one; None where none does."""

    at: int
    after: Step | None
    replaced: int | None = None

    def position(self, core: PageCore) -> int:
        """The place on the page as it is now. An insertion at the place pushes it right."""
        fork = core.branch.find(self.replaced)
        return fork.position if fork else core.history.carried(self.at, self.after)


class Generation(ABC):
    """One generation: `append` puts the engine's spans on the page, until `close`. stream: its number among those that
    were requested together, 0 first."""

    def __init__(self, core: PageCore, source: Source, at: int, stream: int = 0) -> None:
        """at: the position where it begins."""
        self.stream = stream
        self._core = core
        self._source = source
        self._prefix = PrefixHash(core.branch.hash_before(at), at)
        self._closed = False

    # -------------------------------------------------------------------------------------------- what it is

    @property
    def is_open(self) -> bool:
        """Whether `append` still puts anything on the page."""
        return not self._closed

    @property
    @abstractmethod
    def awaited(self) -> bool:
        """Whether nothing of it has come yet."""

    @property
    def has_begun(self) -> bool:
        """Whether something has come of it, or of one that was requested with it."""
        return not self.awaited

    @property
    @abstractmethod
    def is_shown(self) -> bool:
        """Whether its text is on the shown branch, or will begin there."""

    @property
    @abstractmethod
    def step(self) -> Step | None:
        """The undo step that grows, or after which recorded operations move; None where none does."""

    @property
    @abstractmethod
    def is_newest(self) -> bool:
        """Whether the next undo takes it back, or what it waits for has not begun."""

    @property
    @abstractmethod
    def end(self) -> int:
        """Where its next token goes, as a position on the page that shows its branch: after whatever the writer typed
        exactly there."""

    @property
    def is_edited(self) -> bool:
        """Whether the text before its next token is not what the model has read and written."""
        return not self.awaited and self._hash_before(self.end) != self._prefix.hash

    @property
    def read(self) -> tuple[int, int]:
        """The units before its next token on its branch, and the hash of text and tokens there, as the model has read
        and written them."""
        return self._prefix.units, self._prefix.hash

    @property
    def branch(self) -> tuple[int, int] | None:
        """The ids of its fork and of its branch; None before the first token, and where it has none of its own."""
        return None

    # -------------------------------------------------------------------------------------------- what it does

    def rebind(self) -> None:
        """The model has read the page as it is now: bind its next tokens to that."""
        end = self.end
        self._prefix = PrefixHash(self._hash_before(end), end)

    def close(self) -> None:
        """Nothing more comes; one that wrote nothing leaves the page and its history as they were."""
        self._closed = True
        if self in self._core.generations:
            self._core.generations.remove(self)

    def append(
        self,
        spans: Sequence[Span],
        window: int | None = None,
        step: StepWidth | None = None,
        exact: bool | None = None,
        apart: bool = False,
    ) -> None:
        """Put spans at its end; after `close` they are ignored. window: tokens of the prefix that the model no longer
        sees. step: the one that gave their odds. exact: as in Source. None: as before. apart: where the writer has
        changed the page since the last span, they begin a new undo step."""
        if self._closed or not spans:
            return
        if self.awaited:
            self._open(spans[0])
        elif apart:
            self._begin_step()
        self._source = _changed(self._source, window, step, exact)
        rest = list(spans)
        while rest and not self._closed:  # a listener may close it
            size = 1 if rest[0].healed else next((i for i, span in enumerate(rest) if i and span.absorbed), len(rest))
            self._source = replace(self._source, healed=rest[0].healed)
            self._grow(rest[:size])
            rest = rest[size:]

    @abstractmethod
    def _open(self, first: Span) -> None:
        """The first span is about to be put on the page."""

    @abstractmethod
    def _begin_step(self) -> None:
        """What comes is a new undo step, unless its own is the newest."""

    @abstractmethod
    def _grow(self, spans: list[Span]) -> None:
        """Put spans, of which only the first may absorb tokens, at the end; a healed one comes alone."""

    @abstractmethod
    def _hash_before(self, end: int) -> int:
        """The hash of text and tokens before a position on the page that shows its branch."""

    def _as_rows(self, spans: Sequence[Span]) -> tuple[TokenRows, bytes]:
        """The rows of the spans, unbound and with starts from the first span, and their units."""
        core, fingerprint = self._core, self._source.fingerprint
        rows = rows_of(spans, GENERATED, core.sources.index(self._source), core.alternatives, fingerprint)
        for row, reading in zip(rows, _readings(spans), strict=True):
            if reading and reading.retry.number:
                retry = reading.retry
                row["source"] = core.sources.index(replace(self._source, retry=retry.number, banned=retry.banned))
        return rows, utf16.encode("".join(span.text for span in spans))

    def _healed(self, end: int, span: Span) -> bytes:
        """The units before `end`, on the shown branch, that the span's first token spells, too; none where the writer
        touched them."""
        units, chunks = utf16.encode(span.healed), self._core.chunks
        start = end - (len(units) >> 1)
        if start < 0 or chunks.units(start, end) != units:
            return b""
        rows = chunks.rows(start, end)  # a run that reaches across the end is dissolved, or another branch's
        return b"" if any_generated(rows[ends(rows) <= end]) else units

    def _bind(self, rows: TokenRows, units: bytes, healed: bytes) -> None:
        """Bind rows to what the model has read before them, and let them begin where the healed units do. units: of the
        spans; healed: before them, which belong to the first run, too."""
        if healed:
            self._prefix.retreat(rows[:0], healed)
        self._prefix.advance(rows, healed + units)
        rows["start"] -= len(healed) >> 1

    def _unfinished(self, end: int, span: Span) -> TokenRows:
        """The unfinished run before `end`, on the shown branch, that the span's first tokens join; no rows where the
        writer touched it."""
        rows = self._core.chunks.rows(end - 1, end) if end else self._core.chunks.rows(0, 0)
        if len(rows) != span.absorbed or int(ends(rows)[0]) != end or rows["kind"][0] != GENERATED:
            return rows[:0]
        same_model = self._core.sources[int(rows["source"][0])].fingerprint == self._source.fingerprint
        return rows if same_model else rows[:0]


def _readings(spans: Sequence[Span]) -> Iterator[Reading | None]:
    """The reading of each row; None where it has none."""
    for span in spans:
        yield from (None,) if has_no_reading(span) else span.readings


def _changed(source: Source, window: int | None, step: StepWidth | None, exact: bool | None) -> Source:
    """The source with other values where they are given."""
    return replace(
        source,
        window=source.window if window is None else window,
        rows=source.rows if step is None else step.rows,
        width=source.width if step is None else step.width,
        exact=source.exact if exact is None else exact,
    )
