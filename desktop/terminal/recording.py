"""Reads what `inkfall complete --json` printed, so that it can be evaluated again."""

from __future__ import annotations

import dataclasses
import json
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from desktop.terminal import records
from desktop.terminal.exit_status import TerminalError
from desktop.terminal.writing import COMPARED, NO_IDS, NOT_TOLD, Stream, Writing
from models.engine.conditions import Conditions
from models.engine.prefix import Gap, Piece, TokenPiece
from models.engine.requests import Draws, StepWidth
from models.sampling.coin import Retry
from models.sampling.knobs import TEXTS, Sampling
from models.sampling.readings import UNKNOWN_ID
from models.worker.tokens import header_tokens
from resources.language import tr

NOT_EVALUATED = ("length", "context full")  # how a stream ends whose last token the model did not evaluate
IN_START = {"path", "dropped", "prompt_tokens", "settings", *records.CONDITIONS}
IN_SETTINGS, IN_END = {"seed", "keep"}, {"stream", "reason", "tokens"}
IN_TOKEN = {"id", "stream", "rows", "width", *COMPARED}
KNOBS = {field.name for field in dataclasses.fields(Sampling)} - {"stop"}

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Recording:
    """What was printed. path: of the model's file."""

    path: str
    writing: Writing


def read(text: str) -> Recording:
    """Read the lines of JSON. Raises TerminalError if they are not what `complete --json` prints, to the end."""
    found: dict[str, list[Record]] = {}
    for record in _records(text):
        found.setdefault(record["type"], []).append(record)
    try:
        (start,) = found.get("start", [])
        for healed in found.get("healed", []):
            start = {**start, "prompt_tokens": healed["prompt_tokens"], "healed": str(healed["text"])}
        ends, tokens = found.get("end", []), found.get("token", [])
        _check(start, ends, tokens)
        return Recording(str(start["path"]), _writing(start, sorted(ends, key=lambda end: int(end["stream"])), tokens))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise TerminalError(tr("This is not what complete --json prints.")) from error


def _records(text: str) -> Iterator[Record]:
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


def _check(start: Record, ends: Sequence[Record], tokens: Sequence[Record]) -> None:
    """Raise KeyError where something is missing."""
    if not ends or IN_START - set(start) or IN_SETTINGS - set(start["settings"]):
        raise KeyError
    if any(IN_TOKEN - set(token) for token in tokens) or any(IN_END - set(end) for end in ends):
        raise KeyError
    numbers = sorted(int(end["stream"]) for end in ends)
    if numbers != list(range(len(ends))) or any(token["stream"] not in numbers for token in tokens):
        raise KeyError


def _writing(start: Record, ends: Sequence[Record], tokens: Sequence[Record]) -> Writing:
    settings = start["settings"]
    written = [[token for token in tokens if token["stream"] == end["stream"]] for end in ends]
    missing = [end for end, some in zip(ends, written, strict=True) if len(some) != end["tokens"]]
    lost = any(end["reason"] != "stop string" for end in missing)
    knobs: dict[str, Any] = {name: value for name, value in settings.items() if name in KNOBS}
    knobs |= {name: tuple(knobs[name]) for name in TEXTS if name in knobs}
    made: dict[str, Any] = {field.name: start[field.name] for field in dataclasses.fields(Conditions)}
    made["widths"] = tuple(start["widths"])
    return Writing(
        fingerprint=str(start["fingerprint"]),
        conditions=Conditions(**made),
        prefix=_prefix(start),
        sampling=Sampling(**knobs),
        n_keep=int(settings["keep"]),
        streams=tuple(
            _stream(some, end, Draws(int(settings["seed"]), take), start.get("healed", ""))
            for take, (some, end) in enumerate(zip(written, ends, strict=True))
        ),
        whole=not missing,
        obstacle=tr("tokens are missing from the recording") if lost else _not_known(tokens),
    )


def _not_known(tokens: Sequence[Record]) -> str:
    """Why the numbers cannot be compared, where the model that wrote did not tell them all; "" if it did."""
    if any(token["id"] is None for token in tokens):
        return NO_IDS
    return NOT_TOLD if any(token[name] is None for token in tokens for name in COMPARED) else ""


def _stream(tokens: Sequence[Record], end: Record, draws: Draws, healed: str) -> Stream:
    return Stream(
        draws,
        array("i", [UNKNOWN_ID if token["id"] is None else token["id"] for token in tokens]),
        tuple(tuple(token[name] for name in COMPARED) for token in tokens),
        tuple(StepWidth(int(token["rows"]), int(token["width"])) for token in tokens),
        end["reason"] not in NOT_EVALUATED,
        tuple(Retry(int(token.get("retry", 0)), tuple(map(int, token.get("banned", ())))) for token in tokens),
        healed,
    )


def _prefix(start: Record) -> Callable[[bool], list[Piece]]:
    """The prompt, with a gap for the tokens that the window did not hold, given whether its first token was not sent.
    Raises ValueError, OverflowError and TypeError.
    """
    ids, dropped = array("i", start["prompt_tokens"]), int(start["dropped"])
    keep, context = int(start["settings"]["keep"]), int(start["context"])
    if min(dropped, keep, context) < 0:
        raise ValueError

    def pieces(bos: bool) -> list[Piece]:
        sent = ids[1 if bos else 0 :]
        if not dropped:
            return [TokenPiece(sent)]
        head = header_tokens(keep, context - (1 if bos else 0))
        return [TokenPiece(sent[:head]), Gap(dropped), TokenPiece(sent[head:])]

    return pieces
