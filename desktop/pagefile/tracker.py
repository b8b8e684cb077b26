"""Finds what is new on a page: compares it with what was taken last.

Runs on the GUI thread, often: what did not change is recognised without examining it, and what did is lent, not copied.
Imports neither SQLite nor files.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from desktop.page.alternatives import BLOCK, AlternativesTable
from desktop.page.chunk import Chunk
from desktop.page.chunks import Chunks
from desktop.page.contents import Contents
from desktop.page.edit import Edit, Mark, Operation
from desktop.page.forks import Content, Fork
from desktop.page.history import Step
from desktop.page.layer_table import Layer
from desktop.page.sources import Source, Sources
from desktop.pagefile.delta import (
    REDO,
    UNDO,
    ContentPart,
    Delta,
    ForkPart,
    Inherited,
    LayerPart,
    OperationPart,
    Piece,
    StepPart,
    WholeChunk,
    WrittenFile,
)
from desktop.pagefile.history_steps import Difference, Stack
from desktop.pagefile.numbers import Numbers
from desktop.pagefile.values import Facts, View

ROWS_HERE = 256  # chunks whose rows stay in memory although the file has them
LEAVING = 8  # chunks that release their rows at once: each takes 0.2 ms


@dataclass(slots=True, eq=False)
class _Changes:
    """What a take has found so far."""

    pieces: list[Piece] = field(default_factory=list[Piece])
    whole_chunks: list[WholeChunk] = field(default_factory=list[WholeChunk])
    contents: list[ContentPart] = field(default_factory=list[ContentPart])
    forks: list[ForkPart] = field(default_factory=list[ForkPart])
    gone_chunks: tuple[int, ...] = ()
    gone_contents: tuple[int, ...] = ()
    gone_forks: tuple[int, ...] = ()
    steps: list[StepPart] = field(default_factory=list[StepPart])


class Tracker:
    """Follows one page. Where a file exists, the tracker has the numbers of the page's parts in it, and the serial
    of its last delta."""

    def __init__(self, numbers: Numbers | None = None, serial: int = 0) -> None:
        self._numbers = numbers or Numbers()
        self._serial = serial
        self._clear()

    def _clear(self) -> None:
        self._whole = True
        self._root: Content | None = None
        self._root_forks: list[Fork] = []
        self._hidden: tuple[Content, ...] = ()  # in which a generation was open at the last take
        self._contents: dict[Content, ContentPart] = {}
        self._forks: dict[Fork, ForkPart] = {}
        self._undo, self._redo = Stack(), Stack()
        self._growing = self._dropped_steps = False
        self._sources = self._alternatives = 0
        self._layers: dict[Layer, int] = {}  # rows of each at the last take
        self._rest: tuple[object, ...] = ()
        self._sent: list[Delta] = []
        self._moved = False  # by now the file has all of the page

    def forget(self) -> None:
        """Make the next take the whole page, for another file, which is empty."""
        self._numbers = Numbers()
        self._clear()

    def resume(self, contents: Contents, view: View, facts: Facts) -> None:
        """Take the page's state as already taken: it is as its file is."""
        self._whole = False
        self._sources, self._alternatives = len(contents.sources), len(contents.alternatives)
        self.take(contents, view, facts)
        self._serial -= 1
        self._sent.clear()

    def take(self, contents: Contents, view: View, facts: Facts) -> Delta | None:
        """What is new since the last take; None where nothing is. Deltas are to be written in order, each once."""
        self._release(contents)
        undo, redo = self._take_steps(contents)
        changes = _Changes()
        structural = self._structural(contents, undo, redo)
        if structural:
            self._walk(contents, changes)
        else:
            self._look_at_growing([contents.path, *self._hidden, *contents.hidden], changes)
        self._hidden = contents.hidden
        for stack, difference in ((UNDO, undo), (REDO, redo)):
            changes.steps += self._step_parts(stack, difference)
        delta = self._delta(contents, view, facts, changes, (undo.kept, redo.kept))
        if delta is not None:
            self._serial, self._whole = delta.serial, False
            self._sent.append(delta)
        return delta

    # -------------------------------------------------------------------------------------------- steps

    def _take_steps(self, contents: Contents) -> tuple[Difference, Difference]:
        growing = contents.growing
        lengths = len(self._undo.taken), len(self._redo.taken)
        undo = self._undo.take(contents.undo, _index(contents.undo, growing))
        if growing is not None or self._growing:
            self._redo.firm = 0
        redo = self._redo.take(contents.redo, 0 if growing is not None else len(contents.redo))
        self._growing = growing is not None
        self._dropped_steps = undo.kept < lengths[0] or redo.kept < lengths[1]
        return undo, redo

    def _step_parts(self, stack: int, difference: Difference) -> Iterator[StepPart]:
        for changed in difference.changed:
            parts = tuple(map(self._operation_part, changed.operations))
            yield StepPart(stack, changed.place, changed.step.kind, changed.first, parts)

    def _operation_part(self, operation: Operation) -> OperationPart:
        match operation:
            case Mark():
                return OperationPart(operation, self._numbers.forks[operation.fork])
            case Edit(passage=Content() as passage):
                return OperationPart(operation, self._numbers.contents[passage])
            case _:
                return OperationPart(operation)

    # -------------------------------------------------------------------------------------------- the tree

    def _structural(self, contents: Contents, undo: Difference, redo: Difference) -> bool:
        """Whether a branch, a fork or a content may have come, gone or changed sides."""
        if self._whole or undo.structural or redo.structural or contents.path is not self._root:
            return True
        ids = (contents.next_id, contents.written)
        return self._rest[2:4] != ids or contents.path.forks != self._root_forks

    def _look_at_growing(self, growing: Sequence[Content], changes: _Changes) -> None:
        """Compare the shown branch and those that a generation grows on or did: nothing else can have changed."""
        gone: set[int] = set()
        for content in dict.fromkeys(growing):
            before = set(self._contents[content].chunks)
            part = self._content_part(content, changes)
            gone |= before.difference(part.chunks)
        changes.gone_chunks = self._drop_chunks(gone)

    def _walk(self, contents: Contents, changes: _Changes) -> None:
        """Compare all contents and forks that can be reached, and drop the others."""
        links = [*self._undo.links(), *self._redo.links()]
        growing = {contents.path, *self._hidden, *contents.hidden}
        seen_contents: set[Content] = set()
        seen_forks: set[Fork] = set()
        forks = [link.fork for link in links if isinstance(link, Mark)]
        todo = [contents.path, *self._passages()]
        while todo or forks:
            if forks:
                fork = forks.pop()
                if fork not in seen_forks:
                    seen_forks.add(fork)
                    self._fork_part(fork, changes)
                    todo += (branch.tail for branch in fork.branches if branch.tail is not None)
                continue
            content = todo.pop()
            if content not in seen_contents:
                seen_contents.add(content)
                # no other branch changes, nor a passage
                if content in growing or content not in self._contents:
                    self._content_part(content, changes)
                forks += content.forks
        self._root = contents.path
        self._sweep(seen_contents, seen_forks, changes)

    def _passages(self) -> list[Content]:
        """The passages that were removed from the page, and that undo or redo brings back."""
        links = (*self._undo.links(), *self._redo.links())
        return [link.passage for link in links if isinstance(link, Edit) and link.passage is not None]

    def _sweep(self, contents: set[Content], forks: set[Fork], changes: _Changes) -> None:
        changes.gone_contents = tuple(self._numbers.contents.pop(c) for c in [*self._contents] if c not in contents)
        changes.gone_forks = tuple(self._numbers.forks.pop(f) for f in [*self._forks] if f not in forks)
        self._contents = {content: part for content, part in self._contents.items() if content in contents}
        self._forks = {fork: part for fork, part in self._forks.items() if fork in forks}
        used = {number for part in self._contents.values() for number in part.chunks}
        changes.gone_chunks = self._drop_chunks(self._numbers.chunks.keys() - used)

    def _drop_chunks(self, numbers: set[int]) -> tuple[int, ...]:
        for number in numbers:
            del self._numbers.chunks[number]
        return tuple(sorted(numbers))

    def _content_part(self, content: Content, changes: _Changes) -> ContentPart:
        self._look_at_chunks(content.chunks, changes)
        chunks = tuple([chunk.number for chunk in content.chunks.parts])
        forks = tuple([(self._numbers.of_fork(fork), fork.position) for fork in content.forks])
        part = self._contents.get(content)
        same = part is not None and part.straddling is content.straddling
        if part is None or not same or part.chunks != chunks or part.forks != forks:
            number = self._numbers.of_content(content)
            part = ContentPart(number, chunks, forks, content.straddling, content.before)
            self._contents[content] = part
            changes.contents.append(part)
        self._root_forks = list(content.forks) if content is self._root else self._root_forks
        return part

    def _fork_part(self, fork: Fork, changes: _Changes) -> None:
        known = self._forks.get(fork)
        if known is not None and len(fork.branches) == len(known.branches) == 1 and fork.writes == known.writes:
            return  # the usual case, and there may be thousands
        tails = ((b.id, self._numbers.of_content(b.tail) if b.tail is not None else 0) for b in fork.branches)
        part = ForkPart(self._numbers.of_fork(fork), fork.id, fork.active, fork.writes, tuple(tails))
        if known != part:
            self._forks[fork] = part
            changes.forks.append(part)

    def _look_at_chunks(self, chunks: Chunks, changes: _Changes) -> None:
        known = self._numbers.chunks
        for chunk in chunks.parts:
            if known.get(chunk.number) is not chunk:
                self._lend(chunk, changes)
            elif chunk.count > chunk.saved_rows or len(chunk.units) != 2 * chunk.saved_units:
                unit, row = chunk.saved_units, chunk.saved_rows
                rows = chunk.rows[row:].copy()
                changes.pieces.append(Piece(chunk.number, unit, bytes(chunk.units[2 * unit :]), row, rows))
                chunk.mark_saved(chunk.number)

    def _lend(self, chunk: Chunk, changes: _Changes) -> None:
        number = self._numbers.new_chunk(chunk)
        rows = chunk.unread or chunk.rows
        chunk.lent = True
        changes.whole_chunks.append(WholeChunk(number, len(chunk), chunk.units, rows))

    # -------------------------------------------------------------------------------------------- the delta

    def _delta(
        self, contents: Contents, view: View, facts: Facts, changes: _Changes, kept_steps: tuple[int, int]
    ) -> Delta | None:
        table = contents.alternatives
        growing = None if contents.growing is None else self._undo.firm
        ended = tuple(contents.ended)
        rest = (view, facts, contents.next_id, contents.written, contents.touched, growing, ended)
        sources, alternatives = len(contents.sources), len(table)
        gone_layers = self._gone_layers(contents)
        layers = tuple(self._layer_parts(contents))
        new = (
            self._dropped_steps
            or any(
                (
                    changes.pieces,
                    changes.whole_chunks,
                    changes.gone_chunks,
                    changes.contents,
                    changes.forks,
                    changes.gone_contents,
                )
            )
            or bool(changes.steps or changes.gone_forks or layers or gone_layers)
            or (rest, sources, alternatives) != (self._rest, self._sources, self._alternatives)
        )
        if not new:
            return None
        inherited = self._inherited(table)
        first = inherited.count if inherited else self._alternatives
        delta = Delta(
            serial=self._serial + 1,
            whole=self._whole,
            view=view,
            facts=facts,
            root=self._numbers.contents[contents.path],
            next_id=contents.next_id,
            written=contents.written,
            touched=contents.touched,
            growing=growing,
            ended=ended,
            pieces=tuple(changes.pieces),
            whole_chunks=tuple(changes.whole_chunks),
            gone_chunks=changes.gone_chunks,
            contents=tuple(changes.contents),
            gone_contents=changes.gone_contents,
            forks=tuple(changes.forks),
            gone_forks=changes.gone_forks,
            kept_steps=kept_steps,
            steps=tuple(changes.steps),
            first_source=self._sources,
            sources=_tail(contents.sources, self._sources),
            names=tuple(table.names_here() if self._whole else table.take_names()),
            alternatives=tuple(table.rows(_block_of(first, alternatives), alternatives)),
            alternatives_end=alternatives,
            layers=layers,
            gone_layers=gone_layers,
            inherited=inherited,
        )
        self._rest, self._sources, self._alternatives = rest, sources, alternatives
        return delta

    def _layer_parts(self, contents: Contents) -> Iterator[LayerPart]:
        for layer in contents.layers.values():
            first, count = self._layers.get(layer, 0), len(layer.table)
            if layer not in self._layers or count > first:
                self._layers[layer] = count
                rows = tuple(layer.table.parts(first, count))
                yield LayerPart(self._numbers.of_layer(layer), layer.fingerprint, layer.name, first, rows, count)

    def _gone_layers(self, contents: Contents) -> tuple[int, ...]:
        gone = [layer for layer in self._layers if contents.layers.get(layer.fingerprint) is not layer]
        for layer in gone:
            del self._layers[layer]
        return tuple(self._numbers.layers.pop(layer) for layer in gone)

    def _inherited(self, table: AlternativesTable) -> Inherited | None:
        kept, count = table.kept
        return Inherited(kept, count // BLOCK * BLOCK) if self._whole and kept is not None else None

    # -------------------------------------------------------------------------------------------- memory

    def _release(self, contents: Contents) -> None:
        """Release from memory what the file has."""
        file: WrittenFile | None = None
        while self._sent and self._sent[0].receipt.file is not None:
            delta = self._sent.pop(0)
            file = delta.receipt.file
            self._moved = self._moved or delta.whole
            if file is not None:
                contents.alternatives.saved(delta.alternatives_end, file)
                self._layers_saved(delta.layers, file)
        if file is not None and not self._sent:
            self._read_from(file)
            passages = [chunk for passage in self._passages() for chunk in passage.chunks.parts]
            self._leave_rows([*passages, *contents.path.chunks.parts], file)

    def _layers_saved(self, parts: Sequence[LayerPart], file: WrittenFile) -> None:
        layers = {number: layer for layer, number in self._numbers.layers.items()} if parts else {}
        for part in parts:
            layer, saved = layers.get(part.number), file.layer(part.fingerprint)
            if layer is not None and saved is not None:
                layer.table.saved(part.count, saved)

    def _read_from(self, file: WrittenFile) -> None:
        """The unread parts of the former file are in this one now: release the former."""
        for number, chunk in self._numbers.chunks.items() if self._moved else ():
            if chunk.unread is not None:
                chunk.unload(file.unread(number, chunk.count, chunk.unread.covered, chunk.unread.total))
        self._moved = False

    def _leave_rows(self, chunks: list[Chunk], file: WrittenFile) -> None:
        here = [chunk for chunk in chunks if chunk.unread is None and chunk.count]
        leaving = LEAVING
        for chunk in here[: max(0, len(here) - ROWS_HERE)]:
            whole = chunk.saved_units == len(chunk) and chunk.saved_rows == chunk.count
            if chunk.used:
                chunk.used = False
            elif whole and self._numbers.chunks.get(chunk.number) is chunk and leaving:
                leaving -= 1
                chunk.unload(file.unread(chunk.number, chunk.count, chunk.covered, chunk.total))


def _index(undo: Sequence[Step], growing: Step | None) -> int:
    """How many steps are firm: those below the one that grows, or below the newest, which typing may extend."""
    if growing is None:
        return max(0, len(undo) - 1)
    return next(place for place in reversed(range(len(undo))) if undo[place] is growing)


def _block_of(first: int, end: int) -> int:
    """The first row to be handed over: a block that is full now replaces its pieces."""
    block = first // BLOCK * BLOCK
    return block if end >= block + BLOCK else first


def _tail(sources: Sources, first: int) -> tuple[Source, ...]:
    return tuple(sources[index] for index in range(first, len(sources)))
