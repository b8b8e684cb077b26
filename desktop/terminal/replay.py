"""`inkfall replay`: evaluates again what `inkfall complete --json` wrote, and says whether every number is the same.

Each stream takes the tokens that it wrote, in the same chunks and widths as then.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from desktop.terminal import records, texts
from desktop.terminal.exit_status import DONE, INTERRUPTED, TerminalError
from desktop.terminal.running import Running, running
from models.engine.events import Ended, ModelFacts, Sampled
from models.engine.prefix import TokenPiece
from models.engine.requests import Draws, Replayed
from models.library.app_dirs import app_dirs
from models.library.load_options import LoadOptions
from models.sampling.knobs import Sampling
from models.sampling.readings import Reading
from resources.language import tr

SUMMARY = tr("evaluate again what complete --json wrote, and compare every number")
DIFFERENT = 3  # the exit status where the numbers differ, or cannot be compared
COMPARED = ("logprob", "final", "entropy")  # nats, nats, bits
NOT_EVALUATED = ("length", "context full")  # how a stream ends whose last token the model did not evaluate
IN_START = {"path", "dropped", "prompt_tokens", "settings", *records.CONDITIONS}
IN_SETTINGS, IN_TOKEN, IN_END = {"seed", "keep"}, {"id", "stream", *COMPARED}, {"stream", "reason", "tokens"}
NOT_TOLD = tr("the model does not tell every log-probability and entropy")
KNOBS = {field.name for field in dataclasses.fields(Sampling)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "recording", metavar="F", help=tr("a file of what complete --json printed; - for standard input")
    )
    help_ = tr("a GGUF file or the name of an installed model, in place of the one that is named there")
    parser.add_argument("--model", "-m", default="", metavar="M", help=help_)


@dataclass(frozen=True, slots=True)
class Recording:
    """What was printed: the start, and for each stream its tokens and its end."""

    start: Mapping[str, Any]
    tokens: tuple[tuple[Mapping[str, Any], ...], ...]
    ends: tuple[Mapping[str, Any], ...]

    @property
    def streams(self) -> int:
        return len(self.ends)

    @property
    def obstacle(self) -> str:
        """Why it cannot be replayed; "" if it can."""
        if self.start["dropped"]:
            return tr("the prompt did not fit into the context, and not all of it is recorded")
        if self.streams > 1 and any(len(t) != end["tokens"] for t, end in zip(self.tokens, self.ends, strict=True)):
            return tr("the tokens of a stop string are not recorded")
        return ""

    @property
    def not_known(self) -> str:
        """Why its numbers cannot be compared, where the model that wrote did not tell them all; "" if it did."""
        tokens = [token for stream in self.tokens for token in stream]
        if any(token["id"] is None for token in tokens):
            return tr("the ids of the tokens are not recorded")
        if any(token[name] is None for token in tokens for name in COMPARED):
            return NOT_TOLD
        return ""


@dataclass(frozen=True, slots=True)
class Difference:
    """The first number that differs. stream and token count from 0. amount: nats, or bits of the entropy."""

    stream: int
    token: int
    name: str
    amount: float


def run(options: argparse.Namespace) -> int:
    """Run the command; return the exit status."""
    recording = read(texts.from_file(options.recording))
    if why := recording.obstacle or recording.not_known:
        return _say(tr("not comparable: {why}").format(why=why), DIFFERENT)
    with running(app_dirs()) as engine:
        facts = engine.load(options.model or recording.start["path"], load_options(recording.start), app_dirs())
        if made_with := other_conditions(recording.start, facts):
            return _say(tr("not comparable: made with {conditions}").format(conditions=made_with), DIFFERENT)
        readings = replayed(engine, facts, recording)
        if engine.interrupted():
            return INTERRUPTED
    if any(map(lacks_numbers, (reading for stream in readings for reading in stream))):
        return _say(tr("not comparable: {why}").format(why=NOT_TOLD), DIFFERENT)
    found = difference(recording, readings)
    return _say(*((tr("identical"), DONE) if found is None else (_words(found), DIFFERENT)))


def _say(words: str, status: int) -> int:
    sys.stdout.write(f"{words}\n")
    return status


def _words(found: Difference) -> str:
    if found.name == "tokens":
        return tr("differs: continuation {stream} ends at another token").format(stream=found.stream + 1)
    return tr("differs: continuation {stream}, token {token:,}: {name} by {amount:.6f}").format(
        stream=found.stream + 1, token=found.token + 1, name=found.name, amount=found.amount
    )


# ------------------------------------------------------------------------------------------------ reading


def read(text: str) -> Recording:
    """Read the lines of JSON. Raises TerminalError if they are not what `complete --json` prints, to the end."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for record in _records(text):
        found.setdefault(record["type"], []).append(record)
    starts, ends, tokens = found.get("start", []), found.get("end", []), found.get("token", [])
    try:
        if len(starts) != 1 or not ends or IN_START - set(starts[0]) or IN_SETTINGS - set(starts[0]["settings"]):
            raise KeyError
        if any(IN_TOKEN - set(token) for token in tokens) or any(IN_END - set(end) for end in ends):
            raise KeyError
        by_stream = sorted(ends, key=lambda end: int(end["stream"]))
        streams = [tuple(t for t in tokens if t["stream"] == number) for number in range(len(ends))]
        if [end["stream"] for end in by_stream] != list(range(len(ends))) or sum(map(len, streams)) != len(tokens):
            raise KeyError
    except (KeyError, TypeError, ValueError) as error:
        raise TerminalError(tr("This is not what complete --json prints.")) from error
    return Recording(starts[0], tuple(streams), tuple(by_stream))


def _records(text: str) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(filter(None, text.splitlines()), 1):
        try:
            record = json.loads(line)
            if not isinstance(record["type"], str):
                raise TypeError
        except (ValueError, KeyError, TypeError) as error:
            raise TerminalError(
                tr("Line {number:,} is not a record of complete --json.").format(number=number)
            ) from error
        yield record


def load_options(start: Mapping[str, Any]) -> LoadOptions:
    """The load options that give the conditions of the recording."""
    return LoadOptions(
        context=start["context"],
        threads=start["threads"],
        gpu_layers=start["offloaded"],
        cache_type=start["cache_type"],
        flash_attention=start["flash_attention"],
    )


def other_conditions(start: Mapping[str, Any], facts: ModelFacts) -> str:
    """The conditions of the recording that are others here, as words; "" if all are the same."""
    here = records.conditions(facts)
    return ", ".join(str(start[name]) for name in here if start[name] != here[name])


# ------------------------------------------------------------------------------------------------ replaying


def replayed(engine: Running, facts: ModelFacts, recording: Recording) -> list[list[Reading]]:
    """The readings of every stream's tokens, evaluated again. Raises TerminalError."""
    start = recording.start
    settings = start["settings"]
    knobs: dict[str, Any] = {name: value for name, value in settings.items() if name in KNOBS - {"stop"}}
    sampling = Sampling(**knobs)
    again = [
        Replayed(array("i", [token["id"] for token in tokens]), end["reason"] not in NOT_EVALUATED)
        for tokens, end in zip(recording.tokens, recording.ends, strict=True)
    ]
    draws = [Draws(settings["seed"], take) for take in range(recording.streams)]
    prefix = [TokenPiece(array("i", start["prompt_tokens"][1 if facts.bos >= 0 else 0 :]))]
    length = max(len(one.ids) for one in again)
    job = engine.engine.generate_streams(prefix, sampling, length, draws, 1, settings["keep"], again)
    readings: list[list[Reading]] = [[] for _ in draws]
    for event in engine.follow(job):
        if isinstance(event, Sampled):
            readings[event.stream] += [reading for span in event.spans for reading in span.readings]
        elif isinstance(event, Ended) and event.sentence:
            raise TerminalError(event.sentence)
    return readings


def lacks_numbers(reading: Reading) -> bool:
    """Whether a number that is compared is not known."""
    return any(map(math.isnan, (reading.raw, reading.final, reading.entropy)))


def difference(recording: Recording, readings: Sequence[Sequence[Reading]]) -> Difference | None:
    """The first difference, in the order of the tokens' places; None where every number is the same."""
    found: list[Difference] = []
    for stream, (tokens, again) in enumerate(zip(recording.tokens, readings, strict=True)):
        for place, (token, reading) in enumerate(zip(tokens, again, strict=False)):
            here = records.token(reading, "", 0)
            name = next((name for name in COMPARED if token[name] != here[name]), "")
            if name:
                amount = abs((token[name] or 0.0) - (here[name] or 0.0))
                found.append(Difference(stream, place, name, amount))
                break
        else:
            if len(tokens) != len(again):
                found.append(Difference(stream, min(len(tokens), len(again)), "tokens", 0.0))
    return min(found, key=lambda one: (one.token, one.stream), default=None)
