"""Makes the AppImage: the frozen program and its desktop files as one executable file. Same input, same bytes.

The file is a small program (the runtime, type 2) followed by the squashfs image that it mounts. A release fetches the
runtime by its hash.
"""

import os
import shutil
import subprocess
from pathlib import Path

PROGRAM = "usr/lib/inkfall"
ENTRY, ICON = "inkfall.desktop", "inkfall.png"
_MARK, _AT = b"AI\x02", 8  # the mark of a type 2 runtime


class AppImageError(Exception):
    """The file was not made. Its text is one sentence."""


def name_of(name: str, version: str, machine: str) -> str:
    return f"{name}-{version}-linux-{machine}.AppImage"


def lay_out(root: Path, program: Path, share: Path) -> None:
    """Fill the AppDir: the start link, the desktop files, and the rest as in an installed system."""
    shutil.copytree(program, root / PROGRAM, symlinks=True)
    shutil.copytree(share, root / "usr/share")
    (root / "usr/bin").mkdir()
    (root / "usr/bin/inkfall").symlink_to("../lib/inkfall/inkfall")
    (root / "AppRun").symlink_to(f"{PROGRAM}/inkfall")
    shutil.copy(root / "usr/share/applications" / ENTRY, root / ENTRY)
    shutil.copy(root / "usr/share/icons/hicolor/256x256/apps" / ICON, root / ICON)
    (root / ".DirIcon").symlink_to(ICON)


def make(root: Path, runtime: Path | None, file: Path, moment: int) -> Path:
    """Pack the AppDir into one executable file. moment: seconds since 1970 for every file's time. Raises
    AppImageError."""
    if runtime is None:
        raise AppImageError("An AppImage begins with a runtime: give one with --runtime.")
    head = runtime.read_bytes()
    if head[:4] != b"\x7fELF" or head[_AT : _AT + len(_MARK)] != _MARK:
        raise AppImageError(f"{runtime.name} is no AppImage runtime of type 2.")
    if not shutil.which("mksquashfs"):
        raise AppImageError("An AppImage is made with mksquashfs, which is not here: apt-get install squashfs-tools")
    image = file.with_suffix(".squashfs")
    same = ("-all-root", "-all-time", str(moment), "-mkfs-time", str(moment), "-reproducible")
    command = ["mksquashfs", str(root), str(image), "-noappend", "-quiet", "-no-progress", "-comp", "zstd", *same]
    environment = {
        name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"
    }  # mksquashfs refuses it beside -all-time
    subprocess.run(command, check=True, env=environment)
    with file.open("wb") as out, image.open("rb") as packed:
        out.write(head)
        shutil.copyfileobj(packed, out)
    image.unlink()
    file.chmod(0o755)
    return file
