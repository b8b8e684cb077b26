"""Makes the portable folder as .tar.xz, and the same as a program that unpacks and installs itself (.run). Same input,
same bytes.
"""

import os
import shutil
import subprocess
from pathlib import Path

LINUX = Path(__file__).with_name("linux")


def lay_out(root: Path, program: Path, share: Path, licence: Path) -> None:
    """Fill the portable folder: the program, its desktop files, and install.sh, which installs both for a user."""
    shutil.copytree(program, root, symlinks=True)
    shutil.copytree(share, root / "share")
    shutil.copy2(LINUX / "install.sh", root / "install.sh")
    shutil.copy2(licence, root / "LICENSE")


def pack(root: Path, target: Path, moment: int, level: int = 6) -> Path:
    """Pack root as target/NAME.tar.xz. moment: seconds since 1970 for every file's time. level: xz's, 0 to 9."""
    file = target / f"{root.name}.tar.xz"
    same = ["--sort=name", f"--mtime=@{moment}", "--owner=0", "--group=0", "--numeric-owner"]
    command = ["tar", "-C", str(root.parent), *same, "-cJf", str(file), root.name]
    subprocess.run(command, check=True, env={**os.environ, "XZ_OPT": f"-{level} -T2"})
    return file


def self_extracting(archive: Path, version: str) -> Path:
    """Make the .run: a script, followed by the archive, that unpacks it and runs install.sh."""
    folder = archive.name.removesuffix(".tar.xz")
    head = (LINUX / "run-head.sh").read_text(encoding="utf-8")
    lines = str(head.count("\n") + 1)
    head = head.replace("@VERSION@", version).replace("@FOLDER@", folder).replace("@LINES@", lines)
    file = archive.with_name(f"{folder}.run")
    with file.open("wb") as out, archive.open("rb") as packed:
        out.write(head.encode())
        shutil.copyfileobj(packed, out)
    file.chmod(0o755)
    return file
