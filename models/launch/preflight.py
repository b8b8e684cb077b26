"""A file's vocabulary is tried in a process of its own before the file is first loaded: llama.cpp dies of some damaged
ones, and the model that is loaded must not die with it.

A sound file is remembered, by its place, size and date, and by its fingerprint for the day it is moved; so a known one
costs a look at its date. Knows nothing of devices, and reads no weights.
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

SOUND, REFUSED, NOT_OURS = 0, 3, 4  # exit codes; not ours: no model that can write, and loading says so itself
STALL = 30.0  # seconds without any work done
TEXTS = (
    "The lighthouse keeper had not spoken.\n\n\tA 1,234.5 % — “한글” é ü 🙂 \0 \x7f",
    " ",
    "\ud7ff\ue000￿",
    "a" * 300,
)


class Unsound(ModelError):  # noqa: N818 (its text is one sentence for the user)
    """The file is not to be loaded."""


def check(
    path: Path,
    notes: LaunchCache,
    log: Path,
    wanted: Callable[[], bool],
    verdicts: tuple[BackendStatus, ...] | None = None,
    stall: float = STALL,
) -> None:
    """Return where the file may be loaded. log: where the process writes. wanted: false to give up. verdicts: of
    llama.cpp's backends. Raises Unsound, or CalledOff.
    """
    if is_known(path, notes):
        return
    outcome = _run(path, log, wanted, stall, verdicts)
    if outcome.exit_code == SOUND:
        remember(path, notes)
    elif outcome.exit_code != NOT_OURS:
        raise Unsound(sentence(path, outcome))


def sentence(path: Path, outcome: ProcessOutcome) -> str:
    """Why it may not be loaded."""
    words = "" if outcome.hung else outcome.last_words
    return _why(outcome, words).format(name=path.name, words=words)


def _why(outcome: ProcessOutcome, words: str) -> str:
    """The sentence, with a place for the file's name and for llama.cpp's last words."""
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


# ------------------------------------------------------------------------------------------------ what is known


def is_known(path: Path, notes: LaunchCache) -> bool:
    """Whether that very file, or one with the same content, was found sound with this llama.cpp."""
    try:
        if notes.get(_place(path)) == _look(path) or path == starter.carried():
            return True
        known = notes.get(_content(path)) is not None
    except (OSError, ValueError):  # ValueError: no file can have that name
        return False
    if known:
        notes.put(_place(path), _look(path))
    return known


def remember(path: Path, notes: LaunchCache) -> None:
    """That file is sound."""
    try:
        notes.put(_content(path), {"sound": True})
        notes.put(_place(path), _look(path))
    except OSError:
        return


def _place(path: Path) -> str:
    return f"checked {path.absolute()}".encode("utf-8", "backslashreplace").decode()


def _content(path: Path) -> str:
    return f"sound {fingerprint(path)} {_version()}"


def _look(path: Path) -> Note:
    found = path.stat()
    return {"size": found.st_size, "changed": found.st_mtime_ns, "version": _version()}


def _version() -> str:
    from importlib import metadata  # not before a model is opened: a window opens without it

    try:
        return metadata.version("llama-cpp-python")
    except metadata.PackageNotFoundError:
        return ""


# ------------------------------------------------------------------------------------------------ the process


def _run(
    path: Path, log: Path, wanted: Callable[[], bool], stall: float, verdicts: tuple[BackendStatus, ...] | None
) -> ProcessOutcome:
    """How the process ended. Raises CalledOff."""
    try:
        process = ChildProcess(main, str(path), str(log), verdicts, name="inkfall check", log=log)
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


def main(_pipe: object, path: str, log: str, verdicts: tuple[BackendStatus, ...] | None) -> None:
    """What the process runs. No graphics: a vocabulary needs none."""
    from models.library.header import HeaderError
    from models.library.model_files import read_whole

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    redirect(log)
    trusted_backends.trust(verdicts and tuple(one for one in verdicts if one.family == ggml_backends.CPU))
    try:
        header = read_whole(path)
        if header.obstacle:
            sys.exit(NOT_OURS)
    except HeaderError:
        sys.exit(NOT_OURS)
    try:
        from models.llamacpp import binding
    except (ImportError, OSError, RuntimeError):  # llama.cpp's library is broken, and no file to blame
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
