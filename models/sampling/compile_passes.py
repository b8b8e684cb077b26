"""Compiles passes.c into the library that passes.py opens: `python -m models.sampling.compile_passes`.

The set-up runs it. Without a C compiler numpy does the same work, more slowly. Imports the standard library only.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

SOURCE = Path(__file__).with_name("passes.c")
LIBRARY = SOURCE.with_name("libpasses" + {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so"))
COMPILERS = ("cc", "gcc", "clang")
# No -ffast-math: it would change the order of sums, and how the whole process rounds, llama.cpp too.
OPTIONS = ("-O3", "-fno-math-errno", "-fno-trapping-math", "-shared", "-fPIC", "-fvisibility=hidden")
OPENMP = ("-fopenmp",), ()  # with it where the compiler has it


def main() -> None:
    if not compile_to(LIBRARY, found_compilers()):
        sys.stdout.write("The passes over a vocabulary were not compiled: numpy does them, and is slower.\n")


def found_compilers() -> list[str]:
    """The C compilers of this machine; the one that CC names is first."""
    names = (os.environ.get("CC", ""), *COMPILERS)
    return [path for name in names if name and (path := shutil.which(name))]


def compile_to(library: Path, compilers: Sequence[str]) -> bool:
    """Write the library with the first compiler that can. Where none can, no older library stays there."""
    fresh = library.with_suffix(f".{os.getpid()}")
    for compiler, openmp in itertools.product(compilers, OPENMP):
        command = [compiler, *OPTIONS, *openmp, "-o", fresh, SOURCE, "-lm"]
        if subprocess.run(command, check=False, capture_output=True).returncode == 0:
            fresh.replace(library)
            return True
    library.unlink(missing_ok=True)
    return False


if __name__ == "__main__":
    main()
