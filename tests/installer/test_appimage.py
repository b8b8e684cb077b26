"""The AppImage: its contents, and that it is a runtime followed by an image."""

import shutil
import subprocess
from pathlib import Path

import pytest

from installer import about, appimage, icons
from installer.appimage import AppImageError

LINUX = about.ROOT / "installer" / "linux"
RUNTIME = b"\x7fELF\x02\x01\x01\x00AI\x02" + bytes(53)
needs_squashfs = pytest.mark.skipif(not shutil.which("mksquashfs"), reason="mksquashfs is not here")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    program, share = tmp_path / "inkfall", tmp_path / "share"
    (program / "_internal").mkdir(parents=True)
    (program / "inkfall").write_text('#!/bin/sh\necho "it writes $*"\n', encoding="utf-8")
    (program / "inkfall").chmod(0o755)
    (share / "applications").mkdir(parents=True)
    shutil.copy(LINUX / "inkfall.desktop", share / "applications")
    icons.draw(about.ICON, share / "icons" / "hicolor", (("apps", "inkfall"),))
    root = tmp_path / "Inkfall.AppDir"
    appimage.lay_out(root, program, share)
    return root


def test_files_for_desktops_and_the_runtime_are_at_the_top(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {".DirIcon", "AppRun", "inkfall.desktop", "inkfall.png", "usr"}
    assert (folder / ".DirIcon").read_bytes()[:4] == b"\x89PNG"
    done = subprocess.run([str(folder / "AppRun"), "and", "ends"], capture_output=True, text=True, check=True)
    assert done.stdout == "it writes and ends\n"


def test_it_needs_a_runtime_of_the_right_type(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(AppImageError, match="--runtime"):
        appimage.make(folder, None, tmp_path / "x.AppImage", 0)
    for head in (b"", b"#!/bin/sh\n", b"\x7fELF" + bytes(60)):
        (tmp_path / "runtime").write_bytes(head)
        with pytest.raises(AppImageError, match="no AppImage runtime"):
            appimage.make(folder, tmp_path / "runtime", tmp_path / "x.AppImage", 0)


@needs_squashfs
def test_the_same_folder_makes_the_same_file(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "runtime").write_bytes(RUNTIME)
    first, second = (
        appimage.make(folder, tmp_path / "runtime", tmp_path / f"{name}.AppImage", 1_790_000_000).read_bytes()
        for name in ("first", "second")
    )
    assert first == second
    assert first.startswith(RUNTIME) and first[len(RUNTIME) : len(RUNTIME) + 4] == b"hsqs"
    assert (tmp_path / "first.AppImage").stat().st_mode & 0o111
    assert not list(tmp_path.glob("*.squashfs"))
