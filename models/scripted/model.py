"""A scripted model: fixed odds, no file, for tests, screenshots and demos.

It writes one story (story.py): the length of the page decides the position in it. Its speed and faults are set in its
"path", as in `scripted:?rate=200&die_after=5`; see Script.
"""

from __future__ import annotations

import copy
import hashlib
import os
import threading
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import parse_qsl

import numpy as np

from models.engine.events import ModelFacts
from models.errors import ModelError, Stopped
from models.library import memory
from models.library.load_options import LoadOptions
from models.library.model_ref import ModelRef
from models.sampling.knobs import Sampling
from models.sampling.stages import Candidates, Logits, Stage
from models.scripted import story
from models.worker.language_model import OffloadPlan, Rows
from models.worker.snapshots import State
from resources.language import tr

CHUNK = 64
DEVICE, NO_DEVICE = "Scripted0", tr("no model, fixed odds")
NO_DEVICE_REASON = tr("A script needs no device.")
PROMPT_SPEED = 8.0  # how many times faster a prompt is read than text is written


@dataclass(frozen=True, slots=True)
class Script:
    """The parameters in a path. rate: tokens a second, 0 = without delay. die_after, stall_after, raise_after: the
    token at which the process aborts, hangs and ignores Stop, or Python raises an exception; -1 never. load_seconds:
    duration of a load. fail: loading fails. chat: it claims to be a chat model. streams: the most that write at once.
    broken: the number of a stream in its wave whose odds are NaN behind its second token; -1 for none. layers: on a
    pretended device, 0 for none; with more layers there, loading fails (fail_above), aborts the process (die_above), or
    the first evaluation aborts it (die_used_above). heat: the odds are those at that temperature. letters: 1 for a
    vocabulary without words, only letters and signs. heal: the end of a typed text may be taken back; else not, since
    the odds do not depend on what was typed.
    """

    rate: float = 0.0
    die_after: int = -1
    stall_after: int = -1
    raise_after: int = -1
    load_seconds: float = 0.0
    fail: int = 0
    chat: int = 0
    streams: int = memory.STREAMS
    broken: int = -1
    layers: int = 0
    fail_above: int = 1_000
    die_above: int = 1_000
    die_used_above: int = 1_000
    heat: float = 1.0
    letters: int = 0
    heal: int = 0

    @classmethod
    def named(cls, path: str) -> Script:
        """The script of a path. Raises ModelError for an unknown parameter."""
        script = ModelRef(path).script
        try:
            asked = dict(parse_qsl(script, strict_parsing=bool(script)))
            kinds: dict[str, type[int] | type[float]] = {
                f.name: float if f.type == "float" else int for f in fields(cls)
            }
            values: dict[str, Any] = {name: kinds[name](value) for name, value in asked.items()}
        except (KeyError, ValueError) as error:
            raise ModelError(tr("“{path}” is no script: {error}.").format(path=path, error=error)) from error
        return cls(**values)


class ScriptedModel:
    """A loaded script (worker/language_model.py documents the methods)."""

    def __init__(
        self,
        path: str,
        options: LoadOptions,
        progress: Callable[[float], bool],
        layers: int = 0,
        streams: int = memory.STREAMS,
    ) -> None:
        """streams: the most that write at once."""
        self._script = Script.named(path)
        self._layers, self._most_streams = layers, min(streams, self._script.streams)
        self._wanted = threading.Event()
        self.heals = bool(self._script.heal)
        self._load(progress)
        self._vocabulary = story.letters() if self._script.letters else story.vocabulary()
        self._ids = {shown: token for token, shown in reversed(list(enumerate(self._vocabulary)))}
        self._longest = max(map(len, self._vocabulary))
        self._kinds = np.array([story.kind_of(shown) for shown in self._vocabulary])
        self._spaced = np.array([shown.startswith(b" ") for shown in self._vocabulary])
        self._story = self.tokenize(story.STORY, True) + array("i", [story.END])
        self._cache = array("i")
        self._page = self
        self._streams: dict[int, array[int]] = {}
        self._evaluated = 0
        self.control = array("i", [token for token in story.CONTROL if token != story.END])
        self.facts = self._facts(path, options)

    @property
    def vocabulary(self) -> int:
        return self.facts.vocabulary

    def tokenize(self, text: str, first: bool) -> array[int]:  # noqa: ARG002  (no leading spaces here)
        data, ids, position = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode(), array("i"), 0
        while position < len(data):
            ends = range(min(len(data), position + self._longest), position, -1)
            end = next(end for end in ends if self._ids.get(data[position:end], -1) > story.IMAGE)
            ids.append(self._ids[data[position:end]])
            position = end
        return ids

    def token_bytes(self, token: int) -> bytes:
        return self._vocabulary[token]

    def is_unknown(self, token: int) -> bool:
        return not 0 <= token < self.facts.vocabulary

    def ends_text(self, token: int) -> bool:
        return token == story.END

    def truncate(self, tokens: int) -> int:
        del self._cache[tokens:]
        return len(self._cache)

    @property
    def truncates(self) -> bool:
        return True

    def state(self, sequence: int = 0) -> State:
        raise NotImplementedError("this model truncates")

    def go_back(self, tokens: int, state: State | None, sequence: int = 0) -> None:  # noqa: ARG002
        del (self._streams[sequence] if sequence else self._cache)[tokens:]

    def restore(self, tokens: int, state: State) -> int:
        raise NotImplementedError("this model truncates")

    def read(self, ids: Sequence[int]) -> None:
        self.evaluate(ids)

    def evaluate(self, ids: Sequence[int]) -> Logits:
        self._take_time(len(ids))
        self._cache.extend(ids)
        return self._logits(self._cache)

    def peek(self, tokens: int, ids: Sequence[int]) -> Logits:
        self._take_time(0)
        return self._logits(self._cache[:tokens] + array("i", ids))

    def evaluate_each(self, ids: Sequence[int]) -> Rows:
        start = len(self._cache)
        self.evaluate(ids)
        return np.stack([self._logits(self._cache[: start + index + 1]) for index in range(len(ids))])

    def wipe(self) -> None:
        self._cache, self._streams = array("i"), {}

    def shares(self) -> bool:
        return True

    def fork(self, streams: int) -> None:
        self._streams = {sequence: array("i", self._cache) for sequence in range(1, streams + 1)}

    def step(self, rows: Sequence[tuple[int, int]], width: int) -> Rows:  # noqa: ARG002  (all widths are as fast)
        self._take_time(1)
        for sequence, token in rows:
            self._streams[sequence].append(token)
        return np.stack([self._logits_of_stream(sequence) for sequence, _ in rows])

    def team(self, rows: int) -> int:  # noqa: ARG002
        return 1

    def adopt(self, sequence: int) -> None:
        self._cache = self._streams[sequence] if sequence else self._cache
        self._streams = {}

    def stages(self, sampling: Sampling) -> list[Stage]:
        """Top-k, top-p and min-p; other stages are not scripted."""
        made: list[Stage] = []
        if sampling.top_k > 0:
            made.append(CutStage("top-k", lambda p: min(sampling.top_k, len(p))))
        if sampling.top_p < 1:
            made.append(CutStage("top-p", lambda p: int(np.searchsorted(p.cumsum(), sampling.top_p)) + 1))
        if sampling.min_p > 0:
            made.append(CutStage("min-p", lambda p: int((p >= sampling.min_p * p[0]).sum())))
        return made

    def open_second(self, room: int, outputs: int) -> ScriptedModel:  # noqa: ARG002
        second = copy.copy(self)  # with the same stop
        second._cache, second._page = array("i"), self
        return second

    def copy(self, held: int, tokens: int, state: State | None) -> int:  # noqa: ARG002
        self._cache = self._page._cache[:tokens]
        return len(self._cache)

    def ask_stop(self, wanted: bool) -> None:
        if wanted:
            self._wanted.set()
        else:
            self._wanted.clear()

    def close(self) -> None:
        """Does nothing: there is no memory to free."""

    # ---------------------------------------------------------------------------------------------- the odds

    def _logits_of_stream(self, sequence: int) -> Logits:
        ids, written = self._streams[sequence], len(self._streams[sequence]) - len(self._cache)
        broken = sequence == self._script.broken + 1 and written >= 2
        return np.full(len(self._vocabulary), np.nan, np.float32) if broken else self._logits(ids)

    def _logits(self, ids: array[int]) -> Logits:
        """The logits after these tokens: the story's next word, words of its kind, a long tail."""
        length = len(ids)
        position = max(0, length - 1) % len(self._story)
        expected = self._story[position]
        seed = hashlib.blake2b(ids[max(0, length - 3) : length].tobytes() + bytes([position & 255])).digest()
        chance = np.random.default_rng(int.from_bytes(seed[:8], "little"))
        logits = chance.normal(-9.0, 1.2, len(self._vocabulary)).astype(np.float32)
        alike = (self._kinds == self._kinds[expected]) & (self._spaced == self._spaced[expected]) & (self._kinds >= 0)
        logits[alike] += 3.0 + chance.gamma(3.0, 0.8, int(alike.sum())).astype(np.float32)
        logits[len(story.CONTROL) : len(story.CONTROL) + 256 + len(story.BROKEN)] -= 6.0
        logits[expected] = logits.max() + chance.uniform(0.0, 3.0)
        return logits / np.float32(self._script.heat)

    # ---------------------------------------------------------------------------------------------- time and faults

    def _take_time(self, tokens: int) -> None:
        if tokens == 1:
            self._evaluated += 1
        self._fail()
        if self._script.rate:
            self._wanted.wait(tokens / self._script.rate / (PROMPT_SPEED if tokens > 1 else 1.0))
        if self._wanted.is_set():
            raise Stopped

    def _fail(self) -> None:
        if self._evaluated == self._script.die_after or self._layers > self._script.die_used_above:
            os.write(2, b"GGML_ASSERT(scripted) failed: it was told to die here\n")
            os.abort()
        if self._evaluated == self._script.raise_after:
            raise RuntimeError("it was told to raise this here")
        while self._evaluated == self._script.stall_after:
            time.sleep(0.1)

    def _load(self, progress: Callable[[float], bool]) -> None:
        steps = 50 if self._script.load_seconds else 1
        for step in range(steps + 1):
            if not progress(step / steps):
                raise Stopped
            self._wanted.wait(self._script.load_seconds / steps)
        if self._layers > self._script.die_above:
            os.write(2, b"GGML_ASSERT(scripted) failed: too many layers on the device\n")
            os.abort()
        if self._layers > self._script.fail_above:
            raise ModelError(tr("The scripted device is full."))
        if self._script.fail:
            raise ModelError(tr("The script says that this model cannot be loaded."))

    def _heat(self) -> str:
        """Its temperature, "" for the usual one."""
        return "" if self._script.heat == 1 else f"{self._script.heat:g}"

    def _name(self) -> str:
        name = tr("The Lighthouse in letters (scripted)") if self._script.letters else tr("The Lighthouse (scripted)")
        return f"{name} {self._heat()}".rstrip()

    def _facts(self, path: str, options: LoadOptions) -> ModelFacts:
        return ModelFacts(
            path=path,
            name=self._name(),
            fingerprint=hashlib.sha256(b"".join(self._vocabulary) + self._heat().encode()).hexdigest(),
            architecture="scripted",
            parameters=len(self._story),
            size=sum(map(len, self._vocabulary)),
            vocabulary=len(self._vocabulary),
            layers=max(self._script.layers, 1),
            context=options.context or 2_048,
            trained_context=8_192,
            threads=1,
            offloaded=self._layers,
            device=tr("{device}: {layers} of {all} layers").format(
                device=DEVICE, layers=self._layers, all=self._script.layers
            )
            if self._layers
            else NO_DEVICE,
            bos=story.BEGINNING,
            batch=CHUNK,
            streams=self._most_streams,
            widths=tuple(range(1, self._most_streams + 1)),
            chat=bool(self._script.chat),
        )


@dataclass(frozen=True, slots=True)
class PreparedModel:
    """A checked script, about to be loaded (worker/language_model.py documents it)."""

    path: str
    options: LoadOptions
    plan: OffloadPlan
    streams: int = memory.STREAMS

    @classmethod
    def named(cls, path: str, options: LoadOptions, streams: int = memory.STREAMS) -> PreparedModel:
        """The script of a path. Raises ModelError for an unknown parameter."""
        layers = Script.named(path).layers
        asked = -1 if options.gpu_layers < 0 else min(options.gpu_layers, layers)
        key = path if layers else ""
        plan = OffloadPlan(DEVICE if layers else "", asked, layers, layers, NO_DEVICE_REASON, key)
        return cls(path, options, plan, streams)

    def open(self, layers: int, progress: Callable[[float], bool]) -> ScriptedModel:
        return ScriptedModel(self.path, self.options, progress, layers, self.streams)


class CutStage:
    """A stage that leaves the most likely candidates. count: how many, given their probabilities, highest first."""

    def __init__(self, name: str, count: Callable[[np.ndarray[tuple[int], np.dtype[np.float32]]], int]) -> None:
        self.name = name
        self._count = count

    def apply(self, candidates: Candidates) -> None:
        rows = candidates.rows[: candidates.size]
        rows[:] = rows[np.argsort(-rows["logit"], kind="stable")]
        weights = np.exp(rows["logit"] - rows["logit"][0])
        candidates.size, candidates.sorted = self._count(weights / weights.sum()), True

    def accept(self, token: int) -> None:
        """Does nothing: the stage has no state."""

    def reset(self) -> None:
        """Does nothing, as `accept`."""

    def close(self) -> None:
        """Does nothing: there is no memory to free."""
