"""What the models on this machine say of themselves: kind and a few facts, out of their headers.

A header that was read is remembered until its file changes, so that listing the models again costs next to nothing.
"""

import functools
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from models.library import verdicts
from models.library.header import Header, HeaderError, read_whole
from models.library.kind import Kind, Verdict, kind
from models.library.places import Places
from models.library.sources import LocalModel, local_models, never


@dataclass(frozen=True, slots=True)
class Summary:
    """A few facts of a header. licence: an id as in "apache-2.0". 0 and empty: it does not say."""

    name: str
    architecture: str
    parameters: int
    quantisation: str
    layers: int
    context: int
    licence: str


@dataclass(frozen=True, slots=True)
class Described:
    """A model on this machine with what its header says; or, where that is damaged, with the sentence that tells so."""

    model: LocalModel
    kind: Kind
    summary: Summary | None
    problem: str = ""


def described_models(
    places: Places, environment: Mapping[str, str] = os.environ, stopped: Callable[[], bool] = never
) -> Iterator[Described]:
    """Every model on this machine, described as it is found: some milliseconds to a tenth of a second each at first."""
    said = verdicts.read(places)
    for model in local_models(places, environment, stopped):
        yield describe(model, said)


def describe(model: LocalModel, said: Mapping[str, Verdict]) -> Described:
    """What is known of that model. said: what the user said of which fingerprint (verdicts.read)."""
    try:
        state = model.path.stat()
        header = _header(model.path, model.size, state.st_mtime_ns)
    except (HeaderError, OSError) as error:
        reason = str(error) if isinstance(error, HeaderError) else f"{model.name} cannot be read."
        return Described(model, Kind("unknown", "Its header cannot be read.", "unknown"), None, reason)
    return Described(model, kind(header, model.repo, verdicts.said_of(model.path, said)), _summary(header))


def _summary(header: Header) -> Summary:
    return Summary(
        header.name,
        header.architecture,
        header.parameters,
        header.quantisation,
        header.layers,
        header.trained_context,
        header.text("general.license"),
    )


@functools.lru_cache(maxsize=256)
def _header(path: Path, _size: int, _changed: int) -> Header:
    """The header of a file in that state."""
    return read_whole(path)
