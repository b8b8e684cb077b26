"""Sets Inkfall up inside its own folder and starts it: what `make run` and `make test` call.

Standard library only; needs Python 3.11 to 3.13, pip, a C++ compiler and cmake. uv goes to .tools, everything else to
.venv, the starter model to the data folder of this user; a stamp in .venv remembers what was built, so that the next
run does nothing. Imports nothing of the program.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from desktop.terminal import libraries
from models.library.hub.variables import tokens_in

ROOT = Path(__file__).resolve().parent
TOOLS = ROOT / ".tools"
VENV = ROOT / os.environ.get("INKFALL_VENV", ".venv")  # make test-gpu uses another one, with another build of llama.cpp
STAMP = VENV / "inkfall-setup.json"
SCRIPTS = "Scripts" if os.name == "nt" else "bin"
PYTHON = VENV / SCRIPTS / ("python.exe" if os.name == "nt" else "python")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
PASSES = "models/sampling/passes.c"
LOCKS = ("tools.lock", "build.lock", "requirements.lock", "pyproject.toml", PASSES)
COMMANDS = "test: set up with what the tests need; gpu: for make test-gpu; dist: for make dist"
CHOICES = ("auto", "keep", "cuda", "vulkan", "metal", "off")
PORTABLE = (
    "portable"  # not a choice of the user: the build that make dist ships, for every processor and graphics device
)
LOADABLE = ("GGML_NATIVE=OFF", "GGML_BACKEND_DL=ON", "GGML_CPU_ALL_VARIANTS=ON")
ELSEWHERE = {  # further options of a portable build on each system
    "win32": ("GGML_VULKAN=ON", "GGML_OPENMP=OFF"),  # Windows has no OpenMP that could be included
    "darwin": ("GGML_METAL=ON", "GGML_METAL_EMBED_LIBRARY=ON", "GGML_BLAS=OFF", "GGML_OPENMP=OFF"),
}
# GCC before 15 leaves out most of a tile's configuration (its header names 8 bytes of 64 as read): without this macro
# llama.cpp compiles no code for AMX tiles, which would kill it on every processor that has them.
NO_TILES = "-U__AMX_INT8__"
OLDEST_MACOS = "13.0"  # required by PySide6's wheels
SAMPLE = "The lighthouse keeper had not spoken to anyone for a year when"
COMPILERS = {"c++": "g++", "cmake": "cmake"}  # programs that the build needs, and their Debian packages
WATCHERS = {"Xvfb": "xvfb", "strace": "strace"}  # for the tests: a display, and the program's system calls
_STYLES = ("Regular", "Bold", "Italic", "BoldItalic")
FONTS = {  # of the tests, which show windows in each set: the Debian package, and the files used
    "dejavu": (
        "fonts-dejavu-core",
        [f"DejaVu{face}{bold}.ttf" for face in ("Sans", "Serif", "SansMono") for bold in ("", "-Bold")],
    ),
    "noto": (
        "fonts-noto-core",
        [f"Noto{face}-{style}.ttf" for face in ("Sans", "Serif") for style in _STYLES]
        + ["NotoSansArabic-Regular.ttf", "NotoSerifHebrew-Regular.ttf", "DejaVuSansMono.ttf"],
    ),
}
PACKERS = {"dpkg-deb": "dpkg", "xz": "xz-utils", "objdump": "binutils"}  # of make dist, and their Debian packages
VULKAN_SDK = "VULKAN_SDK"  # the variable in which that SDK's installer gives its folder to CMake


VULKAN = {  # needs of the Vulkan build and its software driver, and their Debian packages
    "usr/bin/glslc": "glslc",
    "usr/include/vulkan/vulkan.h": "libvulkan-dev",
    "usr/include/spirv/unified1/spirv.hpp": "spirv-headers",
    "usr/share/vulkan/icd.d/*.json": "mesa-vulkan-drivers",
}


class SetupError(Exception):
    """The set-up failed. Its text is one sentence that the user can act on."""


@dataclass(frozen=True)
class Stamp:
    """The inputs from which .venv was built. locks: a hash of the lock files; asked: the GPU choice; gpu: what was
    really built."""

    root: str
    locks: str
    asked: str
    gpu: str


# ------------------------------------------------------------------------------------------------ the machine


def say(message: str) -> None:
    print(message, flush=True)


def run(
    command: Sequence[str | Path], failure: str, environment: Mapping[str, str] | None = None, quiet: bool = False
) -> None:
    """Run a command and show its output (if quiet, only errors), without the hub's token in its environment. Raises
    SetupError(failure)."""
    output = subprocess.DEVNULL if quiet else None
    given = os.environ if environment is None else environment
    tokens = tokens_in(given)
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=ROOT,
            env={name: value for name, value in given.items() if name not in tokens},
            stdin=subprocess.DEVNULL,
            stdout=output,
            check=False,
        )
    except OSError as error:
        raise SetupError(failure) from error
    if done.returncode:
        raise SetupError(failure)


def detect_gpu(
    platform: str = sys.platform,
    finds: Callable[[str], object] = shutil.which,
    loads: Callable[[str], bool] = libraries.loads,
    exists: Callable[[str], bool] = lambda pattern: any(Path("/").glob(pattern)),
) -> str:
    """The backend this machine has both a compiler and a driver for: cuda, vulkan, metal or off."""
    if platform == "darwin":
        return "metal"
    nvcc = finds("nvcc") or exists("usr/local/cuda/bin/nvcc")
    if nvcc and loads("nvcuda.dll" if platform == "win32" else "libcuda.so.1"):
        return "cuda"
    if finds("glslc") and exists("usr/include/vulkan/vulkan.h") and exists("dev/dri/renderD*"):
        return "vulkan"
    return "off"


def has_display(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Whether a window can open here."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not platform.startswith("linux") or any(environment.get(name) for name in names)


def missing_packages(for_tests: bool, compiler: bool) -> list[str]:
    """Missing Debian packages: for the window, the tests and the build (a compiler)."""
    if not sys.platform.startswith("linux"):
        return []
    wanted = list(libraries.packages(libraries.missing()))
    if not libraries.has_font():
        wanted.append(libraries.FONT_PACKAGE)
    if for_tests:
        wanted += [package for program, package in WATCHERS.items() if not shutil.which(program)]
        wanted += [package for package, files in FONTS.values() if not all(map(libraries.found_font, files))]
    if compiler:
        wanted += [package for program, package in COMPILERS.items() if not shutil.which(program)]
    return list(dict.fromkeys(wanted))


def missing_vulkan_packages(
    platform: str = sys.platform, exists: Callable[[str], bool] = lambda pattern: any(Path("/").glob(pattern))
) -> list[str]:
    """Missing Debian packages of the Vulkan build."""
    return [package for file, package in VULKAN.items() if platform.startswith("linux") and not exists(file)]


def install_packages(packages: Sequence[str]) -> bool:
    """Install system packages as root on a Debian-like system; else print the command.

    Returns whether all are there.
    """
    if not packages:
        return True
    apt, listed = shutil.which("apt-get"), " ".join(packages)
    if not apt or not hasattr(os, "geteuid") or os.geteuid() != 0:
        command = f"sudo apt-get install -y --no-install-recommends {listed}"
        say(f"The system lacks some libraries; on Debian or Ubuntu this installs them: {command}")
        return False
    say(f"Installing system libraries: {listed}")
    return _apt(apt, packages)


def _apt(apt: str, packages: Sequence[str]) -> bool:
    """Run apt-get install, after updating missing or old lists."""
    install = [apt, "install", "-y", "-q", "--no-install-recommends", *packages]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    failure = f"The system libraries could not be installed; try: {' '.join(install)}"
    update = [apt, "update", "-q"]
    if any(Path("/var/lib/apt/lists").glob("*_Packages*")):
        try:
            run(install, failure, environment, quiet=True)
            return True
        except SetupError:
            say("Trying again with fresh package lists")
    try:
        run(update, failure, environment, quiet=True)
        run(install, failure, environment, quiet=True)
    except SetupError as error:
        say(str(error))
        return False
    return True


# ------------------------------------------------------------------------------------------------ the environment


def install_uv() -> Path:
    """Install the pinned uv into .tools. pip's --target works where a distribution's pip refuses to install."""
    version = (ROOT / "tools.lock").read_text(encoding="utf-8").split("uv==", 1)[1].split()[0]
    if not (TOOLS / f"uv-{version}.dist-info").is_dir():
        say(f"Fetching uv {version}")
        shutil.rmtree(TOOLS, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
        command = [*pip, "install", "-q", "--target", TOOLS, "--no-deps", "--require-hashes", "-r", ROOT / "tools.lock"]
        environment = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}
        run(
            command,
            "uv could not be fetched: check the network, and that pip is there (apt-get install python3-pip).",
            environment,
        )
    return TOOLS / "bin" / ("uv.exe" if os.name == "nt" else "uv")


def trust() -> list[str]:
    """uv's option to use the system's certificates, if there are any; else uv uses its own list."""
    return ["--system-certs"] if sys.platform != "linux" or CERTIFICATES.exists() else []


def make_environment(uv: Path) -> None:
    """Make a fresh .venv with this Python, or with one from uv if this one does not fit."""
    fits = (3, 11) <= sys.version_info[:2] < (3, 14)
    command = [
        uv,
        "venv",
        "-q",
        *trust(),
        "--clear",
        "--no-project",
        "--python",
        sys.executable if fits else "3.13",
        VENV,
    ]
    run(command, "The virtual environment .venv could not be made.")


def build_settings(gpu: str, platform: str = sys.platform) -> list[str]:
    """uv's options for compiling llama.cpp. uv caches one wheel for each set of them."""
    defines = ["LLAVA_BUILD=OFF"]
    if gpu == PORTABLE:
        defines += [*LOADABLE, *ELSEWHERE.get(platform, ("GGML_VULKAN=ON",))]
    elif gpu != "off":
        defines.append(f"GGML_{gpu.upper()}=ON")
    if platform.startswith("linux"):
        vulkan = "-include vulkan_layer_settings.hpp " if gpu in ("vulkan", PORTABLE) else ""
        defines += [f"CMAKE_C_FLAGS={NO_TILES}", f"CMAKE_CXX_FLAGS={vulkan}{NO_TILES}"]
    option = "--config-settings-package"
    return [part for define in defines for part in (option, f"llama-cpp-python:cmake.define.{define}")]


def build_environment(gpu: str) -> dict[str, str]:
    """The environment variables of the build: nvcc's usual folder, our header's folder for the compiler."""
    environment = dict(os.environ)
    environment.pop("VIRTUAL_ENV", None)
    if gpu == "cuda" and not shutil.which("nvcc"):
        environment["PATH"] = os.pathsep.join(["/usr/local/cuda/bin", environment.get("PATH", "")])
    if gpu == PORTABLE and sys.platform == "darwin":
        environment.setdefault("MACOSX_DEPLOYMENT_TARGET", OLDEST_MACOS)
    if gpu in ("vulkan", PORTABLE) and sys.platform.startswith("linux"):
        folders = [str(ROOT / "resources" / "build"), environment.get("CPLUS_INCLUDE_PATH", "")]
        environment["CPLUS_INCLUDE_PATH"] = os.pathsep.join(filter(None, folders))
    return environment


def in_packages(pattern: str) -> list[Path]:
    """Files of the environment's packages."""
    folder = "Lib/site-packages" if os.name == "nt" else "lib/python*/site-packages"
    return list(VENV.glob(f"{folder}/{pattern}"))


def remove_other_build(uv: Path, gpu: str) -> None:
    """Remove a llama-cpp-python that was compiled with other options: uv compares versions only."""
    wanted = dict(setting.removeprefix("llama-cpp-python:").split("=", 1) for setting in build_settings(gpu)[1::2])
    for record in in_packages("llama_cpp_python-*.dist-info/uv_build.json"):
        if json.loads(record.read_text(encoding="utf-8")).get("config_settings") != wanted:
            command = [uv, "pip", "uninstall", "-q", "--python", PYTHON, "llama-cpp-python"]
            run(command, "The old build of llama.cpp could not be removed.")


def install_requirements(uv: Path, gpu: str) -> None:
    """Install everything in requirements.lock and build.lock, by hash."""
    locked = ["--require-hashes", "--build-constraints", ROOT / "build.lock", "--require-build-hashes"]
    command = [
        uv,
        "pip",
        "sync",
        "-q",
        *trust(),
        "--python",
        PYTHON,
        *locked,
        *build_settings(gpu),
        ROOT / "requirements.lock",
    ]
    run(command, "The packages could not be installed; the lines above say why.", build_environment(gpu))


def install_program(uv: Path) -> None:
    """Install the program in place: its code stays in this folder, and .venv gets the command `inkfall`."""
    locked = ["--build-constraints", ROOT / "build.lock"]
    command = [uv, "pip", "install", "-q", *trust(), "--python", PYTHON, "--no-deps", *locked, "-e", ROOT]
    run(command, "The command `inkfall` could not be installed; the lines above say why.", build_environment("off"))
    for link in in_packages("*inkfall*.pth"):
        # Python 3.11 reads this file in the locale's encoding, and fails if that cannot express the folder's name.
        link.write_text(os.path.relpath(ROOT, link.parent) + "\n", encoding="ascii")


def install_starter() -> None:
    run([PYTHON, "-m", "models.library.starter"], "The starter model was not installed.")


# ------------------------------------------------------------------------------------------------ the set-up


def lock_hash() -> str:
    """One hash of all files that determine the installed packages and the build of llama.cpp."""
    digest = hashlib.sha256()
    for name in LOCKS:
        digest.update((ROOT / name).read_bytes())
    for gpu in ("off", "cuda", "vulkan", "metal", PORTABLE):
        digest.update("\n".join(build_settings(gpu)).encode())
    return digest.hexdigest()


def read_stamp() -> Stamp | None:
    """The stamp of .venv, or None without a valid one."""
    try:
        return Stamp(**json.loads(STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_stamp(stamp: Stamp) -> None:
    STAMP.write_text(json.dumps(stamp.__dict__), encoding="utf-8")


def python_works() -> bool:
    return PYTHON.exists() and subprocess.run([PYTHON, "-c", ""], check=False, capture_output=True).returncode == 0


def resolve(choice: str, old: Stamp | None) -> str:
    """The GPU choice to build: 'keep' means the one built before, 'auto' this machine's."""
    if choice == "keep":
        choice = old.asked if old else "auto"
    return f"auto:{detect_gpu()}" if choice.startswith("auto") else choice


def setup(choice: str, for_tests: bool) -> bool:
    """Install everything in the locks. Returns whether the system has everything for a window (or the tests)."""
    old = read_stamp()
    asked = resolve(choice, old)
    wanted = Stamp(str(ROOT), lock_hash(), asked, asked.removeprefix("auto:"))
    fresh = old is not None and replace(old, gpu=wanted.gpu) == wanted and PYTHON.exists()
    complete = install_packages(missing_packages(for_tests, compiler=not fresh))
    if not fresh:
        build(wanted, old)
    install_starter()
    return complete


def setup_gpu() -> None:
    """Make an environment whose llama.cpp runs on a graphics device: this machine's own, else Vulkan in software."""
    choice = detect_gpu()
    if choice == "off":
        choice = "vulkan"
    if choice == "vulkan" and not install_packages(missing_vulkan_packages()):
        raise SetupError("The Vulkan build needs the packages named above.")
    setup(choice, for_tests=True)


def setup_dist() -> None:
    """Make an environment to freeze: llama.cpp with loadable backends, and PyInstaller."""
    if not install_packages([*missing_vulkan_packages(), *missing_tools()]):
        raise SetupError("The installers need the packages named above.")
    if sentence := missing_sdk():
        raise SetupError(sentence)
    if not setup(PORTABLE, for_tests=False):
        raise SetupError("The installers carry libraries of the system: all named above have to be there.")
    command = [install_uv(), "pip", "install", "-q", *trust(), "--python", PYTHON, "--require-hashes"]
    run([*command, "-r", ROOT / "dist.lock"], "PyInstaller could not be installed; the lines above say why.")


def missing_tools(platform: str = sys.platform, finds: Callable[[str], object] = shutil.which) -> list[str]:
    """Missing Debian packages of the programs that make the packages."""
    return [package for program, package in PACKERS.items() if platform.startswith("linux") and not finds(program)]


def missing_sdk(platform: str = sys.platform, environment: Mapping[str, str] = os.environ) -> str:
    """One sentence if the build needs something that no package of this system has; else empty."""
    if platform != "win32" or environment.get(VULKAN_SDK):
        return ""
    return f"The build for every graphics device needs the Vulkan SDK, and {VULKAN_SDK} to say where it lies."


def build(wanted: Stamp, old: Stamp | None) -> None:
    """Build .venv as wanted and write its stamp."""
    uv = install_uv()
    moved = old is not None and old.root != wanted.root
    if moved or not python_works():
        make_environment(uv)
    STAMP.unlink(missing_ok=True)
    remove_other_build(uv, wanted.gpu)
    where = device_words(wanted.gpu)
    say(f"Installing the packages; llama.cpp is compiled for {where}, once (about 5 minutes on 2 cores)")
    gpu = _install_or_fall_back(uv, wanted)
    install_program(uv)
    run([PYTHON, "-m", "models.sampling.compile_passes"], f"{PASSES} was not compiled.")
    write_stamp(replace(wanted, gpu=gpu))


def _install_or_fall_back(uv: Path, wanted: Stamp) -> str:
    """The backend that was built: if a guessed one fails to compile, the CPU is built instead."""
    try:
        install_requirements(uv, wanted.gpu)
        return wanted.gpu
    except SetupError:
        if wanted.gpu == "off" or not wanted.asked.startswith("auto:"):
            raise
    say(f"llama.cpp did not build for {device_words(wanted.gpu)}; building it for the CPU instead")
    remove_other_build(uv, "off")
    install_requirements(uv, "off")
    return "off"


def device_words(gpu: str) -> str:
    if gpu == PORTABLE:
        return "every processor and GPUs (Vulkan)"
    return {"off": "the CPU", "cuda": "NVIDIA GPUs (CUDA)", "vulkan": "GPUs (Vulkan)", "metal": "Metal"}[gpu]


# ------------------------------------------------------------------------------------------------ the commands


def start(arguments: Sequence[str]) -> int:
    """Open the window; without a display, complete a sample prompt in the terminal."""
    command = [str(PYTHON), "-P", "-m", "desktop"]
    if not has_display():
        return complete_sample(command)
    if libraries.missing(libraries.for_display(os.environ)):
        raise SetupError("The window cannot open before the libraries named above are installed.")
    return subprocess.run([*command, *arguments], cwd=ROOT, check=False).returncode


def complete_sample(inkfall: Sequence[str]) -> int:
    """Complete the sample prompt in the terminal instead."""
    say("There is no display here, so no window opens; the starter model completes a sample prompt instead:\n")
    print(SAMPLE, end="", flush=True)
    options = ["complete", "--model", "starter", "--prompt", SAMPLE, "--max-tokens", "64"]
    status = subprocess.run([*inkfall, *options], cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode
    print(flush=True)
    return status


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bootstrap.py", description="Sets Inkfall up in this folder and starts it.")
    parser.add_argument("command", choices=("setup", "run", "test", "gpu", "dist"), help=COMMANDS)
    parser.add_argument("--gpu", choices=CHOICES, default="auto", help="the backend llama.cpp is built with")
    parser.add_argument("files", nargs="*", help="run: what the window opens")
    options = parser.parse_args(arguments)
    try:
        if options.command in ("gpu", "dist"):
            setup_gpu() if options.command == "gpu" else setup_dist()
            return 0
        complete = setup(options.gpu, for_tests=options.command == "test")
        if options.command == "run":
            return start(options.files)
        if options.command == "test" and not complete:
            raise SetupError("The tests need the packages named above.")
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
