"""Falls back to fewer streams after a child died while it wrote several: from 16 to 8, 4 and 1.

The launch cache remembers for a week how many are left, by model and load options.
"""

from __future__ import annotations

from dataclasses import astuple, replace
from pathlib import Path

from models.engine.requests import Load
from models.launch.launch_cache import LaunchCache
from models.launch.offload_fallback import REMEMBERED
from models.library import memory
from models.library.fingerprint import fingerprint


def fewer(streams: int) -> int | None:
    """How many to try after a death with that many at once; None where no fewer can be tried."""
    return next((count for count in memory.STREAM_COUNTS if count < streams), None)


def remember(load: Load, now: float) -> None:
    """Remember the streams of that load. now: seconds since 1970. Does nothing where there is no cache, or no file."""
    if load.notes and (key := _key(load)):
        LaunchCache(Path(load.notes)).put(key, {"streams": load.streams, "when": round(now)})


def remembered(load: Load, now: float) -> Load:
    """The load with no more streams than are remembered. now: seconds since 1970."""
    key = _key(load) if load.notes else ""
    note = (LaunchCache(Path(load.notes)).get(key) if key else None) or {}
    streams, when = note.get("streams"), note.get("when")
    if not (isinstance(streams, int) and isinstance(when, int) and streams in memory.STREAM_COUNTS):
        return load
    return replace(load, streams=min(load.streams, streams)) if 0 <= now - when + 1 < REMEMBERED else load


def _key(load: Load) -> str:
    """The launch cache's key for this model with these options; "" where its file cannot be read."""
    try:
        model = load.model.text if load.model.is_scripted else fingerprint(Path(load.model.text))
    except (OSError, ValueError):  # ValueError: no file can have that name
        return ""
    return f"streams {model} | {' '.join(map(str, astuple(load.options)))}"
