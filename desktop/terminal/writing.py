"""What a model wrote, with all that is needed to evaluate it again: the same tokens, chunks and steps, and the numbers
that they had.

recording.py and page_writings.py find it, replay.py compares.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import cast

import numpy as np

from desktop.terminal.exit_status import TerminalError
from desktop.terminal.running import Running
from models.engine.conditions import Conditions
from models.engine.events import Ended, ModelFacts, Sampled
from models.engine.prefix import Piece
from models.engine.requests import Draws, Replayed, StepWidth
from models.library.load_options import LoadOptions
from models.sampling.coin import Retry
from models.sampling.knobs import Sampling
from models.sampling.readings import Reading
from resources.language import tr

COMPARED = ("logprob", "final", "entropy")  # nats, nats, bits
NO_IDS = tr("the ids of the tokens are not recorded")
NOT_TOLD = tr("the model does not tell every log-probability and entropy")
Numbers = tuple[float | None, ...]  # those of one token, in the order of COMPARED; None where not known


@dataclass(frozen=True, slots=True)
class Stream:
    """The tokens of one stream and their numbers. steps, last_evaluated, retries, healed: as in requests.Replayed."""

    draws: Draws
    ids: array[int]
    numbers: tuple[Numbers, ...]
    steps: tuple[StepWidth, ...]
    last_evaluated: bool = False
    retries: tuple[Retry, ...] = ()
    healed: str = ""

    def replayed(self, *, alone: bool) -> Replayed:
        """The stream, to be taken again. alone: without the streams that wrote beside it."""
        return Replayed(self.ids, self.last_evaluated, self.steps if alone else (), self.retries, self.healed)


@dataclass(frozen=True, slots=True)
class Writing:
    """The streams of one request. prefix: its pieces, given whether the model has a beginning-of-text token. whole: all
    tokens of all streams are known, so that they can be evaluated together; else each is evaluated alone. single: the
    numbers were kept in 32 bits. fed: as in requests.Generate. obstacle: why it cannot be evaluated again; "" if it
    can. doubt: why other numbers would prove nothing; "" if they would.
    """

    fingerprint: str
    conditions: Conditions
    prefix: Callable[[bool], Sequence[Piece]]
    sampling: Sampling
    n_keep: int
    streams: tuple[Stream, ...]
    whole: bool = True
    single: bool = False
    fed: int = 0
    obstacle: str = ""
    doubt: str = ""

    @property
    def tokens(self) -> int:
        return sum(len(stream.ids) for stream in self.streams)

    @property
    def options(self) -> LoadOptions:
        """The load options that give its conditions."""
        made = self.conditions
        return LoadOptions(
            context=made.context,
            threads=made.threads,
            gpu_layers=made.offloaded,
            cache_type=made.cache_type,
            flash_attention=made.flash_attention,
        )

    @property
    def alone(self) -> bool:
        """Whether streams that wrote beside others are evaluated without them."""
        beside_others = any(step.rows > 1 for stream in self.streams for step in stream.steps)
        return beside_others and (len(self.streams) == 1 or not self.whole)

    @property
    def reservation(self) -> str:
        """Why other numbers would prove nothing; "" if they would. On a device a row depends on those beside it
        (docs/engine.md).
        """
        beside_others = any(step.rows > 1 for stream in self.streams for step in stream.steps)
        if self.doubt or (beside_others and any(retry.number for stream in self.streams for retry in stream.retries)):
            return self.doubt or tr("tokens of a banned string were taken back beside other continuations")
        if not (self.alone and self.conditions.offloaded):
            return ""
        return tr("on a device the numbers depend on the continuations beside it")

    def other_conditions(self, facts: ModelFacts) -> str:
        """Its conditions that are others here, as words; "" if all are the same."""
        if self.fingerprint != facts.fingerprint:
            return self.fingerprint
        here = Conditions.of(facts)
        then = asdict(self.conditions)
        return ", ".join(_shown(value) for name, value in then.items() if value != getattr(here, name))

    def again(self, engine: Running, facts: ModelFacts) -> list[list[Numbers]]:
        """The numbers of every stream's tokens, evaluated again by the model that is loaded. Raises TerminalError."""
        if not self.alone:
            return self._together(engine, facts, self.streams)
        return [numbers for one in self.streams for numbers in self._together(engine, facts, (one,), alone=True)]

    def _together(
        self, engine: Running, facts: ModelFacts, streams: Sequence[Stream], *, alone: bool = False
    ) -> list[list[Numbers]]:
        job = engine.engine.generate_streams(
            self.prefix(facts.bos >= 0),
            self.sampling,
            max(len(stream.ids) for stream in streams),
            [stream.draws for stream in streams],
            1,
            self.n_keep,
            [stream.replayed(alone=alone) for stream in streams],
            fed=self.fed,
        )
        found: list[list[Numbers]] = [[] for _ in streams]
        for event in engine.follow(job):
            if isinstance(event, Sampled):
                found[event.stream] += [self._numbers(reading) for span in event.spans for reading in span.readings]
            elif isinstance(event, Ended) and event.sentence:
                raise TerminalError(event.sentence)
        return found

    def _numbers(self, reading: Reading) -> Numbers:
        return numbers((reading.raw, reading.final, reading.entropy), self.single)


def _shown(value: object) -> str:
    return f"[{', '.join(map(str, cast('tuple[object, ...]', value)))}]" if isinstance(value, tuple) else str(value)


def numbers(values: Sequence[float], single: bool = False) -> Numbers:
    """The numbers of one token. single: round them to 32 bits."""
    exact = (float(np.float32(value)) if single else value for value in values)
    return tuple(None if math.isnan(value) else value for value in exact)


@dataclass(frozen=True, slots=True)
class Difference:
    """The first number that differs. stream and token count from 0. amount: nats, or bits of the entropy."""

    stream: int
    token: int
    name: str
    amount: float

    @property
    def words(self) -> str:
        if self.name == "tokens":
            return tr("differs: continuation {stream} ends at another token").format(stream=self.stream + 1)
        return tr("differs: continuation {stream}, token {token:,}: {name} by {amount:.6f}").format(
            stream=self.stream + 1, token=self.token + 1, name=self.name, amount=self.amount
        )


def difference(writing: Writing, found: Sequence[Sequence[Numbers]]) -> Difference | None:
    """The first difference, in the order of the tokens' places; None where every number is the same."""
    differences: list[Difference] = []
    for number, (stream, again) in enumerate(zip(writing.streams, found, strict=True)):
        for place, (then, now) in enumerate(zip(stream.numbers, again, strict=False)):
            if then != now:
                which = next(index for index, pair in enumerate(zip(then, now, strict=True)) if pair[0] != pair[1])
                amount = abs((then[which] or 0.0) - (now[which] or 0.0))
                differences.append(Difference(number, place, COMPARED[which], amount))
                break
        else:
            if len(stream.numbers) != len(again):
                differences.append(Difference(number, min(len(stream.numbers), len(again)), "tokens", 0.0))
    return min(differences, key=lambda one: (one.token, one.stream), default=None)
