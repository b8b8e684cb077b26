"""`make dist`: freezes the program and makes its Linux packages in dist/, with and without the starter model.

Runs in the environment that is frozen (.venv-dist). Opens no connection: everything was fetched by the set-up.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from installer import deb, icons, portable, sbom, shipped
from installer.shipped import Part

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "dist"
DIST = ROOT / "dist"
LINUX = Path(__file__).with_name("linux")
ICONS = (("apps", "inkfall"), ("mimetypes", "application-x-inkfall"))
STARTER_NAME = "inkfall-with-starter"


def moment() -> int:
    """The time that everything in the packages carries: of the last commit, so that a build can be repeated."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    command = ["git", "log", "-1", "--format=%ct"]
    return int(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def commit() -> str:
    """The commit that the program is made from; an empty text outside a checkout."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def freeze() -> Path:
    """Run PyInstaller on build.spec. The folder of the frozen program."""
    command = [sys.executable, "-m", "PyInstaller", "-y", "--log-level", "ERROR"]
    folders = ["--distpath", str(WORK / "frozen"), "--workpath", str(WORK / "freezing")]
    subprocess.run([*command, *folders, str(ROOT / "build.spec")], cwd=ROOT, check=True)
    program = WORK / "frozen" / "inkfall"
    for library in (program / "_internal").glob("libpython3*.so*"):  # a Python built from source brings its symbols
        subprocess.run(["strip", "--strip-debug", str(library)], check=True)
    return program


def share(version: str, moment: int) -> Path:
    """What desktops read: menu entry, file types, AppStream metadata, icons."""
    folder = WORK / "share"
    shutil.rmtree(folder, ignore_errors=True)
    day = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")
    for source, place in (
        ("inkfall.desktop", "applications/inkfall.desktop"),
        ("inkfall.xml", "mime/packages/inkfall.xml"),
        ("inkfall.metainfo.xml", "metainfo/org.inkfall.Inkfall.metainfo.xml"),
    ):
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        words = (LINUX / source).read_text(encoding="utf-8")
        target.write_text(words.replace("@VERSION@", version).replace("@DATE@", day), encoding="utf-8")
    icons.draw(ROOT / "resources" / "icon.svg", folder / "icons" / "hicolor", ICONS)
    return folder


def parts(program: Path) -> list[Part]:
    """Everything that is shipped in a frozen program. Raises SystemExit where a licence has no text."""
    found = [*shipped.python_parts(), *shipped.system_parts(program)]
    if lacking := shipped.lacking_text(found):
        raise SystemExit(f"No licence text was found for {', '.join(lacking)}; see installer/shipped.py.")
    return found


def document(program: Path, found: list[Part], version: str, moment: int) -> None:
    """The licences, the SBOM and the commit, into a frozen program."""
    inside = program / "_internal" / "resources"
    (inside / "build.txt").write_text(commit() + "\n", encoding="ascii")
    shipped.write_texts(found, inside / "licences")
    made = datetime.fromtimestamp(moment, UTC)
    (inside / "sbom.cdx.json").write_text(sbom.document(version, found, made), encoding="utf-8")


def add_starter(program: Path) -> None:
    """The starter's packages beside the program, as pip has them: their data is found by their metadata."""
    inside = program / "_internal"
    for name in (shipped.STARTER, *(f"{shipped.STARTER}-part{number}" for number in range(1, 5))):
        for file in metadata.distribution(name).files or []:
            if ".dist-info" in str(file) or "data" in file.parts:
                target = inside / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file.locate()), target)


def variant(frozen: Path, starter: bool, found: list[Part], version: str, moment: int) -> Path:
    """The program of one variant, complete: with its licences, its SBOM and, it may be, the starter."""
    program = WORK / ("with-starter" if starter else "without") / "inkfall"
    shutil.rmtree(program.parent, ignore_errors=True)
    shutil.copytree(frozen, program, symlinks=True)
    if starter:
        add_starter(program)
        found = [*found, shipped.starter_part()]
    document(program, found, version, moment)
    return program


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be made of a frozen program. level: how hard xz tries, 0 to 9."""

    version: str
    moment: int
    level: int
    deb: bool = True
    portable: bool = True


def package(program: Path, shared: Path, starter: bool, wish: Wish) -> Iterator[Path]:
    """The .deb, the .tar.xz and the .run of one variant, each as soon as it is there."""
    machine = platform.machine()
    name, other = (STARTER_NAME, "inkfall") if starter else ("inkfall", STARTER_NAME)
    if wish.deb:
        summary = "writing with a base language model, its odds in view" + (" (with a model)" if starter else "")
        root = _fresh(WORK / "deb" / name)
        deb.lay_out(root, program, shared, ROOT / "LICENSE", ROOT / "CHANGELOG.md", name)
        about = deb.Package(name, wish.version, deb.ARCHITECTURES[machine], summary, (other,))
        yield deb.close(root, about, DIST, wish.moment, wish.level)
    if wish.portable:
        folder = _fresh(WORK / "portable" / f"{name}-{wish.version}-linux-{machine}")
        portable.lay_out(folder, program, shared, ROOT / "LICENSE")
        archive = portable.pack(folder, DIST, wish.moment, wish.level)
        yield archive
        yield portable.self_extracting(archive, wish.version)


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Makes the installers of this checkout in dist/.")
    parser.add_argument("--variant", choices=("both", "starter", "without"), default="both")
    parser.add_argument("--format", choices=("all", "deb", "portable"), default="all")
    parser.add_argument(
        "--level", type=int, choices=range(10), default=6, help="how hard xz tries; 0 for a quick trial"
    )
    parser.add_argument("--keep-frozen", action="store_true", help="package what was frozen before")
    return parser.parse_args()


def main() -> int:
    chosen = options()
    both = chosen.format == "all"
    wish = Wish(
        metadata.version("inkfall"),
        moment(),
        chosen.level,
        both or chosen.format == "deb",
        both or chosen.format != "deb",
    )
    frozen = WORK / "frozen" / "inkfall" if chosen.keep_frozen else freeze()
    DIST.mkdir(exist_ok=True)
    shared, found = share(wish.version, wish.moment), parts(frozen)
    for starter in (False, True):
        if chosen.variant in ("both", "starter" if starter else "without"):
            program = variant(frozen, starter, found, wish.version, wish.moment)
            for file in package(program, shared, starter, wish):
                print(f"{file.relative_to(ROOT)}  {file.stat().st_size / 1e6:.1f} MB", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
