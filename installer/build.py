"""`make dist`: freezes the program and makes its packages in dist/, with and without the starter model: on Linux .deb,
.run, .tar.xz and AppImage, on Windows an installer, on macOS a disk image.

Runs in the environment that is frozen (.venv-dist). Opens no connection: the set-up has fetched everything.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from installer import about, appimage, deb, icons, macos, nsis, portable, sbom, shipped
from installer.about import DIST, ROOT, WORK, moment
from installer.frozen import inside
from installer.shipped import Part
from models.library.starter import install as install_starter

LINUX = Path(__file__).with_name("linux")
ICONS = (("apps", "inkfall"), ("mimetypes", "application-x-inkfall"))
STARTER_NAME = "inkfall-with-starter"
LEVELS = (6, 1)  # of xz, without the starter and with it: a model hardly compresses, and takes ten minutes
FORMATS = ("deb", "portable", "appimage")  # of Linux; Windows and macOS have one each


def commit() -> str:
    """The commit of this checkout; empty outside of one."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def frozen_program() -> Path:
    """The path of PyInstaller's result."""
    return WORK / "frozen" / (f"{about.NAME}.app" if sys.platform == "darwin" else "inkfall")


def freeze() -> Path:
    """Run PyInstaller on build.spec. Returns the folder of the frozen program."""
    command = [sys.executable, "-m", "PyInstaller", "-y", "--log-level", "ERROR"]
    folders = ["--distpath", str(WORK / "frozen"), "--workpath", str(WORK / "freezing")]
    subprocess.run([*command, *folders, str(ROOT / "build.spec")], cwd=ROOT, check=True)
    program = frozen_program()
    if sys.platform == "win32":
        nsis.terminal_program(program)
    for library in (program / "_internal").glob("libpython3*.so*"):  # a Python built from source brings its symbols
        subprocess.run(["strip", "--strip-debug", str(library)], check=True)
    return program


def share(version: str, moment: int) -> Path:
    """Make the files that desktops read: menu entry, file types, AppStream metadata, icons. Returns their folder."""
    folder = WORK / "share"
    shutil.rmtree(folder, ignore_errors=True)
    day = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")
    for source, place in (
        ("inkfall.desktop", "applications/inkfall.desktop"),
        ("inkfall.xml", "mime/packages/inkfall.xml"),
        ("inkfall.metainfo.xml", f"metainfo/{about.ID}.metainfo.xml"),
    ):
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(about.fill((LINUX / source).read_text(encoding="utf-8"), version, day), encoding="utf-8")
    icons.draw(about.ICON, folder / "icons" / "hicolor", ICONS)
    return folder


def parts(program: Path) -> list[Part]:
    """Everything that is shipped in a frozen program. Raises SystemExit if a licence text is missing."""
    found = [*shipped.python_parts(), *shipped.system_parts(program)]
    if lacking := shipped.lacking_text(found):
        raise SystemExit(f"No licence text was found for {', '.join(lacking)}; see installer/shipped.py.")
    return found


def add_documents(program: Path, found: list[Part], version: str, moment: int) -> None:
    """Write the licences, the SBOM and the commit into a frozen program."""
    resources = inside(program) / "resources"
    (resources / "build.txt").write_text(commit() + "\n", encoding="ascii")
    shipped.write_texts(found, resources / "licences")
    made = datetime.fromtimestamp(moment, UTC)
    (resources / "sbom.cdx.json").write_text(sbom.document(version, found, made), encoding="utf-8")


def add_starter(program: Path) -> None:
    """Put the joined and verified starter into the program, so that the first start need not join it; and its
    package's metadata, by which the program finds Gemma's terms.
    """
    install_starter(inside(program) / "resources" / "starter")
    for file in metadata.distribution(shipped.STARTER).files or []:
        if ".dist-info" in str(file) or "data" in file.parts:
            target = inside(program) / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(file.locate()), target)


def variant(frozen: Path, starter: bool, found: list[Part], version: str, moment: int) -> Path:
    """The complete program of one variant: with licences, SBOM and, if wanted, the starter."""
    program = WORK / ("with-starter" if starter else "without") / frozen.name
    shutil.rmtree(program.parent, ignore_errors=True)
    shutil.copytree(frozen, program, symlinks=True)
    if starter:
        add_starter(program)
        found = [*found, shipped.starter_part()]
    add_documents(program, found, version, moment)
    return program


@dataclass(frozen=True, slots=True)
class PackageOptions:
    """How a frozen program is packaged. level: xz's, 0 to 9. formats: of FORMATS, on Linux only. runtime: the program
    that AppImages begin with.
    """

    version: str
    moment: int
    level: int
    formats: tuple[str, ...] = FORMATS[:2]
    runtime: Path | None = None


def package(program: Path, shared: Path, starter: bool, options: PackageOptions) -> Iterator[Path]:
    """Make the packages of one variant for this system; yields each file as soon as it is complete."""
    name = STARTER_NAME if starter else "inkfall"
    if sys.platform == "win32":
        yield _setup(program, name, options)
    elif sys.platform == "darwin":
        file = DIST / macos.name_of(name, options.version, platform.machine())
        yield macos.make(program, _fresh(WORK / "image" / name), file, os.environ)
    else:
        yield from _for_linux(program, shared, starter, options)


def _setup(program: Path, name: str, options: PackageOptions) -> Path:
    command = nsis.signing(os.environ)
    nsis.sign(program, command)
    icon = icons.ico(about.ICON, WORK / "inkfall.ico")
    file = DIST / nsis.name_of(name, options.version)
    return nsis.make(nsis.Setup(options.version, program, file, icon, command))


def _for_linux(program: Path, shared: Path, starter: bool, options: PackageOptions) -> Iterator[Path]:
    machine = platform.machine()
    name, other = (STARTER_NAME, "inkfall") if starter else ("inkfall", STARTER_NAME)
    if "deb" in options.formats:
        summary = "writing with a base language model, its odds in view" + (" (with a model)" if starter else "")
        root = _fresh(WORK / "deb" / name)
        deb.lay_out(root, program, shared, ROOT / "LICENSE", ROOT / "CHANGELOG.md", name)
        package_data = deb.Package(name, options.version, deb.ARCHITECTURES[machine], summary, (other,))
        yield deb.pack(root, package_data, DIST, options.moment, options.level)
    if "portable" in options.formats:
        folder = _fresh(WORK / "portable" / f"{name}-{options.version}-linux-{machine}")
        portable.lay_out(folder, program, shared, ROOT / "LICENSE")
        archive = portable.pack(folder, DIST, options.moment, options.level)
        yield archive
        yield portable.self_extracting(archive, options.version)
    if "appimage" in options.formats:
        folder = _fresh(WORK / "appimage" / f"{about.NAME}.AppDir")
        appimage.lay_out(folder, program, shared)
        file = DIST / appimage.name_of(name, options.version, machine)
        yield appimage.make(folder, options.runtime, file, options.moment)


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Makes the installers of this checkout in dist/.")
    parser.add_argument("--variant", choices=("both", "starter", "without"), default="both")
    parser.add_argument("--format", choices=("all", *FORMATS), default="all", help="of Linux; all but AppImage")
    parser.add_argument("--runtime", type=Path, help="AppImage's type 2 runtime, to begin the file with")
    parser.add_argument("--level", type=int, choices=range(10), help="how hard xz tries (6; 1 with the starter)")
    parser.add_argument("--keep-frozen", action="store_true", help="package the program that was frozen before")
    return parser.parse_args()


def main() -> int:
    chosen = parse_arguments()
    formats = FORMATS[:2] if chosen.format == "all" else (chosen.format,)
    options = PackageOptions(about.version(), moment(), chosen.level or 0, formats, chosen.runtime)
    frozen = frozen_program() if chosen.keep_frozen else freeze()
    DIST.mkdir(exist_ok=True)
    shared, found = share(options.version, options.moment), parts(frozen)
    for starter in (False, True):
        if chosen.variant in ("both", "starter" if starter else "without"):
            program = variant(frozen, starter, found, options.version, options.moment)
            level = LEVELS[starter] if chosen.level is None else chosen.level
            try:
                for file in package(program, shared, starter, replace(options, level=level)):
                    print(f"{file.relative_to(ROOT)}  {file.stat().st_size / 1e6:.1f} MB", flush=True)
            except (nsis.InstallerError, appimage.AppImageError) as error:
                print(error, file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
