"""What the models on this machine say of themselves: kind and a few facts, out of their headers.

A header that was read is remembered until its file changes, so that listing the models again costs next to nothing.
"""

import functools
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from models.library import kind_overrides
from models.library.app_dirs import AppDirs
from models.library.header import Header, HeaderError, UnusableError
from models.library.kind import KindFinding, ModelKind, kind, said
from models.library.local_models import LocalModel, Summary, local_models, never
from models.library.model_files import read_whole
from resources.language import tr
from resources.reasons import told


def described_models(
    dirs: AppDirs, environment: Mapping[str, str] = os.environ, stopped: Callable[[], bool] = never
) -> Iterator[LocalModel]:
    """Every model on this machine, described as it is found: some milliseconds to a tenth of a second each at first."""
    overruled = kind_overrides.read(dirs)
    for model in local_models(dirs, environment, stopped):
        yield describe(model, overruled)


def describe(model: LocalModel, overruled: Mapping[str, ModelKind]) -> LocalModel:
    """That model with its kind and summary, or its problem. The user's verdicts are by fingerprint (verdicts.read)."""
    try:
        found, summary, obstacle = _looked_into(model.path, model.repo, model.size, model.path.stat().st_mtime_ns)
    except OSError as error:
        return replace(
            model,
            problem=tr("{name} cannot be read: {reason}.").format(name=model.name, reason=told(error)),
        )
    except HeaderError as error:
        return replace(model, problem=str(error), damaged=not isinstance(error, UnusableError))
    if obstacle:
        return replace(model, problem=obstacle, summary=summary)
    verdict = kind_overrides.said_of(model.path, overruled)
    return replace(model, kind=said(verdict) if verdict else found, summary=summary)


def _summary(header: Header) -> Summary:
    return Summary(header.architecture, header.parameters, header.text("general.license"))


@functools.lru_cache(maxsize=1_000)
def _looked_into(path: Path, repo: str, _size: int, _changed: int) -> tuple[KindFinding, Summary, str]:
    """What the header of a file in that state says: its kind, a few facts, why it cannot write (mostly empty)."""
    header = read_whole(path)
    return kind(header, repo), _summary(header), header.obstacle
