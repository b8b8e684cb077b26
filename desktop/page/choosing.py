"""The writer's choice of what stands at a place: another token of the distribution there, or any text.

What stood there, with all that models wrote behind it, stays as a branch; the first text behind it that no model wrote,
and all that follows, stands behind the choice, too. Behind what was put before other text, that is all that stood there
before. In the place of a token to come the choice is only inserted. Either is one undo step, which grows where the
model writes on.
"""

from dataclasses import dataclass, replace

import numpy as np

from desktop.page import utf16
from desktop.page.alternatives import known_id
from desktop.page.branches import Branches
from desktop.page.chunks import Chunks
from desktop.page.core import PageCore
from desktop.page.edit import Change, Edit, Mark, Operation, Switch
from desktop.page.forks import Content, Fork
from desktop.page.history import Step
from desktop.page.insertion import Growth, Insertion
from desktop.page.queries import rows as rows_at
from desktop.page.sources import Source
from desktop.page.span_rows import join_run, rows_of
from desktop.page.token_table import GENERATED, READ, TokenRows, ends
from models.engine.events import Span
from models.sampling.place_state import FRESH, PlaceState
from models.sampling.readings import Reading


@dataclass(frozen=True, slots=True)
class Place:
    """Where something can be put. start: of the run that stands there, or where the next token would begin; in units.
    part: index of the token in its run. token: its id, as in readings.Reading; None where no token stands there.
    healed: the writer's text from there on, which the next token was asked to begin with. state: what was recorded
    there."""

    start: int
    part: int = 0
    token: int | None = None
    healed: str = ""
    state: PlaceState = FRESH


@dataclass(frozen=True, slots=True)
class Chosen:
    """A token that the writer chose. reading: of it; source: of that reading."""

    reading: Reading
    source: Source


@dataclass(frozen=True, slots=True)
class Coin:
    """What was, or would be, flipped at a place. place: of the token. reading, source: of its odds. before: the
    readings of the tokens of the same character before it."""

    place: Place
    reading: Reading
    source: Source
    before: tuple[Reading, ...] = ()

    @property
    def state(self) -> PlaceState:
        """What was recorded there."""
        return state_of(self.reading, self.source, len(self.before))


def state_of(reading: Reading, source: Source, part: int) -> PlaceState:
    """What a reading and its source tell of the place. part: of the token, in its run."""
    return PlaceState.of(reading, source.sampling, "" if part else source.healed)


class WritingOn(Insertion):
    """A generation behind what the writer chose, in the same undo step."""

    def __init__(self, core: PageCore, source: Source, growth: Growth) -> None:
        super().__init__(core, source, growth.end)
        self._place = growth


def choose(core: PageCore, place: Place, what: Chosen | str, goes_on: bool) -> Growth | None:
    """Put that there, and end behind it. goes_on: a generation follows: a fork is made for it, so that it can be
    written again. None, and no change, where the page has another token there now, or nothing would be put."""
    run = _run_at(core, place)
    if run is None:
        return None
    typed = utf16.length(place.healed)
    end = place.start + typed if place.token is None else _end_of_writing(core, run, place.part)
    units, rows = _passage(core, place, run, what, kept=end < len(core.branch))
    spelt = typed if len(units) > 2 * typed and units.startswith(utf16.encode(place.healed)) else 0
    start, units = place.start + spelt, units[2 * spelt :]
    rows["start"] -= spelt
    if not units:
        return None
    core.drop_redo()
    if not goes_on and isinstance(what, Chosen) and (shown := _show_branch(core, place, run, what)):
        return shown
    step = Step("generation")
    core.history.push(step)
    replaces = place.token is not None or typed > spelt
    fork = _fork(core, start, step) if replaces else core.branch.fork_at(start)
    operations = _switch(core, fork, end) if fork is not None and replaces else []
    operations.append(Edit(start, 0, units, rows, after_fork=fork.id if fork else 0))
    growth = Growth(step, fork.id if fork else 0, start + (len(units) >> 1))
    if goes_on:
        behind = core.branch.new_fork(growth.end)
        behind.writes, growth.fork, core.generation_fork = True, behind.id, behind.id
        operations.append(Mark(behind, growth.end))
    change = Change(start, end - start, len(units) >> 1, "generation")
    core.apply_as(operations, change, step.operations.append)
    return growth


def _run_at(core: PageCore, place: Place) -> TokenRows | None:
    """The rows of the run that stands there, none for the next token; None where the page has changed."""
    if place.token is None:
        typed, there = utf16.encode(place.healed), 0 <= place.start <= len(core.branch)
        same = there and core.chunks.units(place.start, place.start + (len(typed) >> 1)) == typed
        return core.chunks.rows(0, 0) if same else None
    run = rows_at(core.chunks, place.start, place.start + 1)
    found = len(run) > place.part and int(run["start"][0]) == place.start
    return run if found and known_id(int(run["id"][place.part])) == known_id(place.token) else None


def _show_branch(core: PageCore, place: Place, run: TokenRows, chosen: Chosen) -> Growth | None:
    """Show the branch that begins with these tokens; None where there is none."""
    if place.token is None or chosen.reading.token < 0:
        return None
    tokens = [*run["id"][: place.part].tolist(), chosen.reading.token]
    branches = Branches(core)
    found = branches.at(place.start, tokens)
    if found is None:
        return None
    before = core.branch.fork(found[0]).active
    branches.switch(*found)
    if before != found[1]:
        core.left = *found, before
    shown = rows_at(core.chunks, place.start, place.start + 1)
    newest = core.history.newest or Step("switch")
    return Growth(newest, found[0], int(ends(shown)[0]) if len(shown) else place.start)


def _end_of_writing(core: PageCore, run: TokenRows, part: int) -> int:
    """Where the text ends that models wrote in one go with a token. What was put before other text ends with its
    generation: a model may have written the text behind, too, which stood there already."""
    end, source = int(ends(run)[0]), core.sources[int(run["source"][part])]
    if not source.inserted:
        return _end_of_models_text(core.chunks, end)
    if source.kind == "chosen":  # what goes on behind it is of another source
        behind = rows_at(core.chunks, end, end + 1)
        if not len(behind) or int(behind["start"][0]) != end:
            return end
        source = core.sources[int(behind["source"][0])]
        if not source.inserted:
            return end
    return Branches(core).end_of_generation(end, source)


def _end_of_models_text(chunks: Chunks, end: int) -> int:
    """Where the text ends that models wrote from `end` on, without other text between."""
    for chunk, base in chunks.over(end, len(chunks)):
        rows = chunk.rows[int(chunk.rows["start"].searchsorted(np.int32(max(0, end - base)), "left")) :]
        lasts = np.concatenate([[end - base], ends(rows)])
        stops = np.flatnonzero((rows["start"] > lasts[:-1]) | (rows["kind"] == READ))
        end = base + int(lasts[stops[0] if len(stops) else -1])
        if len(stops) or end < base + len(chunk):
            return end
    return end


def _passage(core: PageCore, place: Place, run: TokenRows, what: Chosen | str, kept: bool) -> tuple[bytes, TokenRows]:
    """Units and rows to put there. A token that only ends a character brings the tokens that begin it. kept: text
    stands behind it."""
    if isinstance(what, str):
        return utf16.encode(what), core.chunks.rows(0, 0)
    spelt = what.reading.bytes.decode("utf-8", "replace")
    healed = place.healed if place.token is None else "" if place.part else what.source.healed
    healed = healed if spelt.startswith(healed) else ""
    source = replace(what.source, kind="chosen", seed=None, take=0, first=0, stream=0, inserted=kept, healed=healed)
    number, before = core.sources.index(source), run[: place.part].copy()
    spelt = [core.alternatives.bytes_of(int(row["id"]), core.sources[int(row["source"])].fingerprint) for row in before]
    text = b"".join((*spelt, what.reading.bytes)).decode("utf-8", "replace")
    if not text:
        return b"", before
    rows = rows_of([Span(text, (what.reading,))], GENERATED, number, core.alternatives, source.fingerprint)
    if len(before):
        before["source"][before["kind"] == READ], before["kind"] = number, GENERATED
        rows = join_run(before, rows)
    rows["bound"] = run["bound"][0] if len(run) else core.branch.hash_before(place.start)
    return utf16.encode(text), rows


def _fork(core: PageCore, start: int, step: Step) -> Fork:
    """The fork at the place, which is made where there is none."""
    fork = core.branch.fork_at(start)
    if fork is None:
        fork = core.branch.new_fork(start)
        step.operations.append(core.branch.apply(Mark(fork, start, whole=True), None))
    core.chosen_fork = fork.id
    return fork


def _switch(core: PageCore, fork: Fork, end: int) -> list[Operation]:
    """What shows a new branch of the fork, with a copy of the text from `end` on and without the forks in it."""
    operations: list[Operation] = []
    behind = core.chunks.copy(end)
    branch = core.branch.new_branch(fork)
    core.left = fork.id, branch.id, fork.active
    operations.append(Switch(fork.id, branch.id))
    if len(behind):
        operations.append(Edit(fork.position, 0, b"", after_fork=fork.id, passage=Content(behind)))
    return operations
