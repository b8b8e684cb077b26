"""Makes Debian packages with dpkg-deb from a tree of files and control data. Same input, same bytes.

Nothing runs when it is installed: menus, icons and file types are taken up by the triggers of the packages that keep
them. Nothing outside /usr is touched, so that removing leaves only what the user made.
"""

import gzip
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from desktop.terminal import libraries
from installer import about

PROGRAM = "usr/lib/inkfall"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
SYSTEM = ("libc6 (>= 2.36)", "libstdc++6 (>= 12)", "zlib1g", "libx11-6", "libx11-xcb1", "libxcb1", "libcom-err2")
RECOMMENDS = "libvulkan1, mesa-vulkan-drivers | vulkan-icd, libcups2, xdg-utils"
DESCRIPTION = """\
 A page that a base language model goes on with, token by token. Beside the
 page stands what the model believed at every step: the probability of each
 next token, and the biased coin that was flipped.
 .
 The model runs on this computer, on its graphics card where there is one.
 Nothing is sent anywhere."""


@dataclass(frozen=True, slots=True)
class Package:
    """One of the two variants, or an add-on. others: packages that hold the same files. adds_to: what an add-on
    depends on; empty for the program, which depends on what a window needs.
    """

    name: str
    version: str
    architecture: str
    summary: str
    others: tuple[str, ...] = ()
    adds_to: str = ""


def depends(present: Sequence[str] = ()) -> str:
    """The packages that apt installs along: libraries of the window (from terminal/libraries.py), and a font.

    present: names of libraries the program carries itself.
    """
    wanted = libraries.packages(library for library in libraries.WINDOW if library.file not in present)
    return ", ".join([*SYSTEM, *wanted, f"{libraries.FONT_PACKAGE} | fonts-freefont-ttf"])


def control(package: Package, kilobytes: int, present: Sequence[str] = ()) -> str:
    """The control file."""
    fields = {
        "Package": package.name,
        "Version": package.version,
        "Architecture": package.architecture,
        "Maintainer": about.MAINTAINER,
        "Installed-Size": str(kilobytes),
        "Depends": package.adds_to or depends(present),
        "Recommends": RECOMMENDS,
        "Section": "editors",
        "Priority": "optional",
        "Description": f"{package.summary}\n{DESCRIPTION}",
    }
    if package.adds_to:
        del fields["Recommends"]
    if package.others:
        names = ", ".join(package.others)
        fields |= {"Conflicts": names, "Replaces": names, "Provides": f"inkfall (= {package.version})"}
    order = [*(name for name in fields if name != "Description"), "Description"]
    return "".join(f"{name}: {fields[name]}\n" for name in order)


def lay_out(root: Path, program: Path, share: Path, licence: Path, changelog: Path, name: str) -> None:
    """Make the tree of the package, without its control data."""
    home = root / PROGRAM
    shutil.copytree(program, home, symlinks=True)
    shutil.copytree(share, root / "usr/share", dirs_exist_ok=True)
    binaries = root / "usr/bin"
    binaries.mkdir(parents=True)
    (binaries / "inkfall").symlink_to("../lib/inkfall/inkfall")
    documents = root / "usr/share/doc" / name
    documents.mkdir(parents=True)
    output = licence.read_text(encoding="utf-8")
    (documents / "copyright").write_text(
        f"{output}\nThe licences of all that is shipped beside Inkfall's own code lie in\n"
        f"/{PROGRAM}/_internal/resources/licences, one file each, and are shown by Help > About.\n",
        encoding="utf-8",
    )
    (documents / "NEWS.gz").write_bytes(gzip.compress(changelog.read_bytes(), 9, mtime=0))
    set_modes(root)


def write_changelog(root: Path, package: Package, moment: int) -> None:
    """Write the changelog that Debian's tools read; it refers to NEWS."""
    day = format_datetime(datetime.fromtimestamp(moment, UTC))
    entry = f"{package.name} ({package.version}) stable; urgency=medium\n\n  * See NEWS.gz.\n\n"
    output = f"{entry} -- {about.MAINTAINER}  {day}\n".encode()
    file = root / "usr/share/doc" / package.name / "changelog.gz"
    file.write_bytes(gzip.compress(output, 9, mtime=0))
    file.chmod(0o644)


def set_modes(root: Path) -> None:
    """Directories 755, programs 755, everything else 644: shared libraries are no programs."""
    root.chmod(0o755)
    for path in root.rglob("*"):
        if path.is_symlink():
            continue
        runs = path.is_dir() or (path.stat().st_mode & 0o100 and ".so" not in path.name)
        path.chmod(0o755 if runs else 0o644)


def kilobytes(root: Path) -> int:
    """The tree's size on a disk in KiB, as Installed-Size counts."""
    return sum(-(-path.lstat().st_size // 1024) for path in root.rglob("*") if path.is_symlink() or path.is_file())


def pack(root: Path, package: Package, target: Path, moment: int, level: int = 6) -> Path:
    """Write DEBIAN/control and make the package. moment: seconds since 1970 for every file's time. level: xz's, 0 to
    9."""
    carried = [path.name for path in (root / PROGRAM / "_internal").glob("lib*.so*")]
    write_changelog(root, package, moment)
    data = root / "DEBIAN"
    data.mkdir(mode=0o755)
    (data / "control").write_text(control(package, kilobytes(root / "usr"), carried), encoding="utf-8")
    for path in [root, *root.rglob("*")]:
        os.utime(path, (moment, moment), follow_symlinks=False)
    file = target / f"{package.name}_{package.version}_{package.architecture}.deb"
    command = ["dpkg-deb", "--root-owner-group", "-Zxz", f"-z{level}", "--build", str(root), str(file)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "SOURCE_DATE_EPOCH": str(moment)})
    return file
