"""Makes the CUDA pack: llama.cpp's backend for NVIDIA's graphics devices as an add-on, compiled from the same source as
the program, with NVIDIA's own libraries.

`python -m installer.cuda_pack` needs the CUDA toolkit, a C++ compiler, cmake, ninja and patchelf, and no graphics
device. It packs a folder as .tar.xz, for the user's own folder of backends, and as .deb, in dist/. The pack names the
ggml it was built for, and the program refuses packs for another (models/llamacpp/backend_packs.py).
"""

import argparse
import ctypes
import gzip
import json
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from installer import about, deb, portable
from installer.about import DIST, ROOT, WORK, moment
from models.library.machine import physical_cores
from models.llamacpp import backend_packs

NAME = "inkfall-cuda"
PLUGIN = "libggml-cuda.so"
PACKAGE = "llama-cpp-python"
PINNED = re.compile(rf"^{PACKAGE}==.*?(?=^\S)", re.MULTILINE | re.DOTALL)  # with its hashes
DEFINES = (
    "CMAKE_BUILD_TYPE=Release",
    "BUILD_SHARED_LIBS=ON",
    "GGML_NATIVE=OFF",
    "GGML_BACKEND_DL=ON",
    "GGML_CPU=OFF",
    "GGML_CUDA=ON",
    "GGML_CUDA_NCCL=OFF",
    *(f"LLAMA_{part}=OFF" for part in ("CURL", "OPENSSL")),
    *(f"LLAMA_BUILD_{part}=OFF" for part in ("COMMON", "TESTS", "TOOLS", "EXAMPLES", "SERVER")),
)
REDISTRIBUTED = re.compile(
    r"lib(cudart|cublas|cublasLt)\.so\.\d+$"
)  # NVIDIA's licence allows these to be redistributed
EULAS = ("EULA.txt", "LICENSE", "License.txt")
SUMMARY = "CUDA backend for Inkfall: models run on NVIDIA graphics cards"


class PackError(Exception):
    """The pack was not made. Its text is one sentence."""


def pin(lock: str) -> str:
    """The lines of the lock that name the source, by its hash. Raises PackError."""
    if found := PINNED.search(lock):
        return found[0]
    raise PackError(f"{PACKAGE} is not in requirements.lock.")


def fetch(work: Path) -> Path:
    """Download llama.cpp's source, from the same file that the program is compiled from. Returns its folder."""
    lines, folder = work / "source.lock", work / "source"
    lines.write_text(pin((ROOT / "requirements.lock").read_text(encoding="utf-8")), encoding="utf-8")
    pip = [sys.executable, "-P", "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "--require-hashes"]
    subprocess.run([*pip, "--no-build-isolation", "-d", str(work), "-r", str(lines)], check=True)
    folder.mkdir(exist_ok=True)
    subprocess.run(["tar", "-xzf", str(next(work.glob("llama_cpp_python-*.tar.gz"))), "-C", str(folder)], check=True)
    return next(folder.glob("*/vendor/llama.cpp"))


def configure(source: Path, build: Path, architectures: str, more: Sequence[str] = ()) -> list[str]:
    """The command that configures the build. architectures: CMake's; empty for llama.cpp's own choice."""
    chosen = [f"CMAKE_CUDA_ARCHITECTURES={architectures}"] if architectures else []
    defines = [f"-D{define}" for define in (*DEFINES, *chosen, *more)]
    return ["cmake", "-S", str(source), "-B", str(build), "-G", "Ninja", *defines]


def identity(build: Path) -> str:
    """The identity of the ggml that was built, as backend_packs.identity gives it."""
    library = ctypes.CDLL(str(next(build.rglob("libggml-base.so"))))
    for name in ("ggml_version", "ggml_commit"):
        getattr(library, name).restype = ctypes.c_char_p
    return backend_packs.identity(library.ggml_version().decode(), library.ggml_commit().decode())


def needed(plugin: Path) -> dict[str, Path]:
    """NVIDIA's libraries that the plugin needs, directly or not, and their paths here."""
    output = subprocess.run(["ldd", str(plugin)], capture_output=True, text=True, check=True).stdout
    pairs = (line.split(" => ") for line in output.splitlines() if " => /" in line)
    found = {name.strip(): Path(rest.split(" (")[0]) for name, rest in pairs}
    return {name: path for name, path in found.items() if REDISTRIBUTED.match(name)}


def lay_out(folder: Path, plugin: Path, libraries: dict[str, Path], texts: Sequence[Path], made_for: str) -> None:
    """Fill the pack's folder: the backend, NVIDIA's libraries, the licences, and the manifest."""
    folder.mkdir(parents=True)
    for name, source in {PLUGIN: plugin, **libraries}.items():
        shutil.copyfile(source, folder / name)
    for name in (PLUGIN, *libraries):  # each finds the others beside it, in any folder
        subprocess.run(["patchelf", "--set-rpath", "$ORIGIN", str(folder / name)], check=True)
    manifest = {"ggml": made_for, "backend": "cuda", "inkfall": about.version(), "libraries": sorted(libraries)}
    (folder / backend_packs.MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    licences = folder / "licences"
    licences.mkdir()
    for text in texts:
        shutil.copyfile(text, licences / f"{text.parent.name}-{text.name}")


def licences(source: Path, toolkit: Path) -> list[Path]:
    """The licence files of llama.cpp and NVIDIA. Raises PackError without NVIDIA's: its libraries must not be shipped
    without it."""
    eulas = [toolkit / name for name in EULAS if (toolkit / name).is_file()]
    if not eulas:
        raise PackError(f"NVIDIA's licence is not in {toolkit}: --toolkit names the folder that has it.")
    return [source / "LICENSE", *eulas]


def pack(folder: Path, version: str, level: int) -> list[Path]:
    """Pack the folder as .tar.xz and as .deb. Returns both files."""
    machine, when = platform.machine(), moment()
    root = folder.parent / "deb"
    shutil.rmtree(root, ignore_errors=True)
    home, documents = root / str(backend_packs.OF_THE_SYSTEM[0]).lstrip("/"), root / "usr/share/doc" / NAME
    shutil.copytree(folder, home)
    documents.mkdir(parents=True)
    texts = [text.read_text(encoding="utf-8", errors="replace") for text in sorted((folder / "licences").iterdir())]
    (documents / "copyright").write_text("\n\n".join(texts), encoding="utf-8")
    (documents / "NEWS.gz").write_bytes(gzip.compress((ROOT / "CHANGELOG.md").read_bytes(), 9, mtime=0))
    deb.set_modes(root)
    output = deb.Package(NAME, version, deb.ARCHITECTURES[machine], SUMMARY, adds_to=f"inkfall (= {version})")
    return [portable.pack(folder, DIST, when, level), deb.pack(root, output, DIST, when, level)]


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Makes the CUDA pack in dist/.")
    parser.add_argument("--architectures", default="", help="CMake's list of devices, such as 80-virtual;90-real")
    parser.add_argument("--define", action="append", default=[], help="one more NAME=VALUE for CMake")
    parser.add_argument("--source", type=Path, help="llama.cpp's source, instead of fetching it")
    parser.add_argument("--work", type=Path, default=WORK / "cuda", help="where it is built")
    parser.add_argument("--toolkit", type=Path, default=Path("/usr/local/cuda"), help="where NVIDIA's licence lies")
    parser.add_argument("--jobs", default=str(physical_cores()), help="how many compilers at a time")
    parser.add_argument("--level", type=int, choices=range(10), default=6, help="how hard xz tries")
    return parser.parse_args()


def make(chosen: argparse.Namespace) -> list[Path]:
    work: Path = chosen.work
    work.mkdir(parents=True, exist_ok=True)
    source = chosen.source or fetch(work)
    texts, build = licences(source, chosen.toolkit), work / "build"
    subprocess.run(configure(source, build, chosen.architectures, chosen.define), check=True)
    subprocess.run(["cmake", "--build", str(build), "-j", chosen.jobs, "--target", "ggml-cuda"], check=True)
    plugin = next(build.rglob(PLUGIN))
    folder = work / f"{NAME}-{about.version()}-linux-{platform.machine()}"
    shutil.rmtree(folder, ignore_errors=True)
    lay_out(folder, plugin, needed(plugin), texts, identity(build))
    DIST.mkdir(exist_ok=True)
    return pack(folder, about.version(), chosen.level)


def main() -> int:
    try:
        for file in make(options()):
            print(f"{file.relative_to(ROOT)}  {file.stat().st_size / 1e6:.1f} MB", flush=True)
    except PackError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
