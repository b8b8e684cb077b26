"""Downloads packages at the version and hash that requirements.lock names, with the pip of this Python."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
LLAMA = "llama-cpp-python"


def entry(locked: str, name: str) -> str:
    """The lines of a lock that name a package's version and its hashes. Raises LookupError without them."""
    found = re.search(rf"^{re.escape(name)}==\S+.*(\n +--hash=.*)+", locked, re.MULTILINE)
    if found is None:
        raise LookupError(f"{LOCK.name} does not name {name} with a hash.")
    return found[0].removesuffix("\\").rstrip() + "\n"


def download(names: Sequence[str], folder: Path, *options: str) -> None:
    """Put those packages into `folder`, without what they need. options: pip's. Raises CalledProcessError."""
    locked = LOCK.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as temporary:
        wanted = Path(temporary, "wanted.txt")
        wanted.write_text("".join(entry(locked, name) for name in names), encoding="utf-8")
        python = Path(sys.base_prefix, "bin", "python3")  # an environment that uv made has no pip
        pip = [python, "-m", "pip", "--disable-pip-version-check", "download", "-q", "--no-deps", "--require-hashes"]
        subprocess.run([*pip, "-r", wanted, "-d", folder, *options], check=True)


def download_llama(folder: Path) -> Path:
    """The source package of llama-cpp-python, which carries llama.cpp's: a .tar.gz in `folder`. Raises
    CalledProcessError.
    """
    download([LLAMA], folder, "--no-binary", LLAMA)
    return next(folder.glob("llama_cpp_python-*.tar.gz"))
