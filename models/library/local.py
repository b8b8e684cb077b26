"""What the models on this machine say of themselves: kind and a few facts, out of their headers.

A header that was read is remembered until its file changes, so that listing the models again costs next to nothing.
"""

import functools
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from models.library import verdicts
from models.library.header import Header, HeaderError, read_whole
from models.library.kind import Verdict, kind
from models.library.places import Places
from models.library.sources import LocalModel, Summary, local_models, never


def described_models(
    places: Places, environment: Mapping[str, str] = os.environ, stopped: Callable[[], bool] = never
) -> Iterator[LocalModel]:
    """Every model on this machine, described as it is found: some milliseconds to a tenth of a second each at first."""
    said = verdicts.read(places)
    for model in local_models(places, environment, stopped):
        yield describe(model, said)


def describe(model: LocalModel, said: Mapping[str, Verdict]) -> LocalModel:
    """That model with its kind and summary, or its problem. said: what the user said of which fingerprint."""
    try:
        header = _header(model.path, model.size, model.path.stat().st_mtime_ns)
    except OSError as error:
        return replace(model, problem=f"{model.name} cannot be read: {error.strerror or error}.")
    except HeaderError as error:
        return replace(model, problem=str(error))
    found = kind(header, model.repo, verdicts.said_of(model.path, said))
    return replace(model, kind=found, summary=_summary(header))


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
