"""Makes a folder that brings the tests on a graphics device to a machine without network and Qt: make gpu-bundle.

    .venv/bin/python -m tests.gpu.bundle FOLDER [--python 3.12]

The folder gets llama.cpp's source of the locked version, trimmed to what builds for a processor, CUDA and Vulkan, with
llama_cpp's Python files (source.tar.xz), and the packages that such a machine lacks (wheels). tests/gpu/offline.sh uses
it.
"""

from __future__ import annotations

import argparse
import io
import shutil
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

from tests.locked_packages import download, download_llama

MOST = 40_000_000  # bytes of the folder
LACKING = ("gguf", "platformdirs", "pytest-timeout", "pyyaml")  # numpy, psutil, pytest and huggingface_hub are there
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
LLAMA = PurePosixPath("vendor/llama.cpp")
BUILT = ("CMakeLists.txt", "LICENSE", "cmake", "include", "src", "ggml")
BACKENDS = ("ggml-cpu", "ggml-cuda", "ggml-vulkan")
EMPTY = LLAMA / "vendor" / "CMakeLists.txt"  # llama.cpp adds this folder, but the libraries need nothing in it


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--python", default="3.12", help="the version of Python on the other machine")
    options = parser.parse_args()
    folder: Path = options.folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as temporary:
        trim(download_llama(Path(temporary)), folder / "source.tar.xz")
    platforms = [part for platform in PLATFORMS for part in ("--platform", platform)]
    download(LACKING, folder / "wheels", "--only-binary", ":all:", "--python-version", options.python, *platforms)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"{folder}: {size / 1e6:.1f} MB")
    if size > MOST:
        raise SystemExit(f"That is more than {MOST / 1e6:.0f} MB.")


def trim(package: Path, packed: Path) -> None:
    """Copy what `is_built` keeps of a source package into a .tar.xz, without the folder that holds all."""
    with tarfile.open(package) as source, tarfile.open(packed, "w:xz") as kept:
        for member in source:
            path = PurePosixPath(*PurePosixPath(member.name).parts[1:])
            if member.isfile() and is_built(path):
                copy = tarfile.TarInfo(str(path))  # a changed member would keep a long name in its extended header
                copy.size, copy.mtime = member.size, member.mtime
                kept.addfile(copy, source.extractfile(member))
        kept.addfile(tarfile.TarInfo(str(EMPTY)), io.BytesIO())


def is_built(path: PurePosixPath) -> bool:
    """Whether the libraries or llama_cpp's Python package need that file of the source package."""
    if path.parent == PurePosixPath("llama_cpp"):
        return path.suffix == ".py"
    if not path.is_relative_to(LLAMA):
        return False
    top, *below = path.relative_to(LLAMA).parts
    if top == "ggml" and below[:1] == ["src"] and len(below) > 2 and below[1].startswith("ggml-"):
        return below[1] in BACKENDS
    return top in BUILT


if __name__ == "__main__":
    main()
