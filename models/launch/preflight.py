"""Tries a file's vocabulary in a process of its own before the file is first loaded: llama.cpp aborts on some damaged
ones, and must not end the model that is already loaded.

A sound file is remembered by path, size and date, and by its fingerprint in case it is moved; so a known file costs one
stat call. No weights are read.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from models.engine.requests import BackendStatus
from models.errors import ModelError
from models.launch.child_process import ChildProcess, redirect
from models.launch.launch_cache import LaunchCache, Note
from models.launch.process_outcome import ProcessOutcome
from models.launch.watchdog import CalledOff as CalledOff
from models.library import starter
from models.library.fingerprint import fingerprint
from models.llamacpp import ggml_backends, trusted_backends
from resources.language import tr
from resources.reasons import reason

SOUND, REFUSED, NOT_OURS = 0, 3, 4  # exit codes; not ours: loading reports by itself why this is no model that writes
STALL = 30.0  # seconds without work
TEXTS = (
    "The lighthouse keeper had not spoken.\n\n\tA 1,234.5 % — “한글” é ü 🙂 \0 \x7f",
    " ",
    "\ud7ff\ue000￿",
    "a" * 300,
)


class Unsound(ModelError):  # noqa: N818 (its message is one sentence for the user)
    """The file must not be loaded."""


def check(
    path: Path,
    notes: LaunchCache,
    log: Path,
    wanted: Callable[[], bool],
    statuses: tuple[BackendStatus, ...] | None = None,
    stall: float = STALL,
) -> None:
    """Return if the file may be loaded. log: the file for the process's output. wanted: polled, false to stop.
    statuses: of llama.cpp's backends. stall: seconds without work after which the process counts as hung. Raises
    Unsound, or CalledOff.
    """
    if is_known(path, notes):
        return
    outcome = _run(path, log, wanted, stall, statuses)
    if outcome.exit_code == SOUND:
        remember(path, notes)
    elif outcome.exit_code != NOT_OURS:
        raise Unsound(sentence(path, outcome))


def sentence(path: Path, outcome: ProcessOutcome) -> str:
    """Why the file may not be loaded: one sentence for the user."""
    words = "" if outcome.hung else outcome.last_words
    return _why(outcome, words).format(name=path.name, words=words)


def _why(outcome: ProcessOutcome, words: str) -> str:
    """The sentence, with placeholders for the file's name and llama.cpp's last words."""
    if outcome.hung:
        return tr("“{name}” was not loaded: reading its vocabulary came to a standstill.")
    if outcome.was_killed:
        return tr(
            "“{name}” was not loaded: the process that tries it was killed, by hand or because memory ran out; "
            "try again."
        )
    if outcome.lacked_instruction:
        return tr(
            "“{name}” was not loaded: llama.cpp was built for another processor; this one lacks an instruction it uses."
        )
    if outcome.exit_code == REFUSED and words:
        return tr("“{name}” was not loaded: llama.cpp does not understand it (llama.cpp last said: {words}).")
    if outcome.exit_code == REFUSED:
        return tr("“{name}” was not loaded: llama.cpp does not understand it.")
    if words:
        return tr(
            "“{name}” was not loaded: llama.cpp ends when it reads its vocabulary, which is damaged "
            "(llama.cpp last said: {words}); download or copy it again."
        )
    return tr(
        "“{name}” was not loaded: llama.cpp ends when it reads its vocabulary, which is damaged; download or copy it "
        "again."
    )


# ------------------------------------------------------------------------------------------------ known files


def is_known(path: Path, notes: LaunchCache) -> bool:
    """Whether this file, or one with the same content, was found sound with this llama.cpp."""
    try:
        if notes.get(_path_key(path)) == _file_state(path) or path == starter.carried():
            return True
        known = notes.get(_content_key(path)) is not None
    except (OSError, ValueError):  # ValueError: no file can have that name
        return False
    if known:
        notes.put(_path_key(path), _file_state(path))
    return known


def remember(path: Path, notes: LaunchCache) -> None:
    """Store that the file is sound. Does nothing if the file cannot be read."""
    try:
        notes.put(_content_key(path), {"sound": True})
        notes.put(_path_key(path), _file_state(path))
    except OSError:
        return


def _path_key(path: Path) -> str:
    return f"checked {path.absolute()}".encode("utf-8", "backslashreplace").decode()


def _content_key(path: Path) -> str:
    return f"sound {fingerprint(path)} {_version()}"


def _file_state(path: Path) -> Note:
    stat = path.stat()
    return {"size": stat.st_size, "changed": stat.st_mtime_ns, "version": _version()}


def _version() -> str:
    from importlib import metadata  # not before a model is opened: a window opens without it

    try:
        return metadata.version("llama-cpp-python")
    except metadata.PackageNotFoundError:
        return ""


# ------------------------------------------------------------------------------------------------ the process


def _run(
    path: Path, log: Path, wanted: Callable[[], bool], stall: float, statuses: tuple[BackendStatus, ...] | None
) -> ProcessOutcome:
    """Run the process. Returns how it ended. Raises CalledOff, or Unsound if it cannot be started."""
    try:
        process = ChildProcess(main, str(path), str(log), statuses, name="inkfall check", log=log)
    except OSError as error:
        why = reason(error, str(error))
        raise Unsound(
            tr("“{name}” was not loaded: the process that tries it cannot be started ({reason}).").format(
                name=path.name, reason=why
            )
        ) from error
    try:
        return process.wait(wanted, stall)
    finally:
        process.end()


def main(_pipe: object, path: str, log: str, statuses: tuple[BackendStatus, ...] | None) -> None:
    """The process's entry point. Uses no graphics device: a vocabulary needs none."""
    from models.library.header import HeaderError
    from models.library.model_files import read_whole

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    redirect(log)
    trusted_backends.trust(statuses and tuple(one for one in statuses if one.family == ggml_backends.CPU))
    try:
        header = read_whole(path)
        if header.obstacle:
            sys.exit(NOT_OURS)
    except HeaderError:
        sys.exit(NOT_OURS)
    try:
        from models.llamacpp import binding
    except (ImportError, OSError, RuntimeError):  # llama.cpp's library is broken, not the file
        sys.exit(NOT_OURS)
    from models.llamacpp.vocabulary import Vocabulary

    binding.log_to_stderr()
    parameters = binding.lib.llama_model_default_params()
    parameters.vocab_only = True
    model = binding.lib.llama_model_load_from_file(os.fsencode(path), parameters)
    if not model:
        sys.exit(REFUSED)
    vocabulary = Vocabulary(binding.lib.llama_model_get_vocab(model), header)
    for text in TEXTS:
        for token in vocabulary.tokenize(text, True):
            vocabulary.token_bytes(token)
    vocabulary.control()
    binding.lib.llama_model_free(model)
