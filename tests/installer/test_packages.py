"""The packages, with a small program in place of the frozen one: where files are, and that removing leaves nothing."""

import configparser
import gzip
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from installer import deb, icons, portable

ROOT = Path(__file__).resolve().parents[2]
LINUX = ROOT / "installer" / "linux"
MOMENT = 1_790_000_000
needs_linux_tools = pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="dpkg-deb is not here")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    folder = tmp_path / "frozen" / "inkfall"
    (folder / "_internal").mkdir(parents=True)
    (folder / "inkfall").write_text("#!/bin/sh\necho it writes\n", encoding="utf-8")
    (folder / "inkfall").chmod(0o755)
    (folder / "_internal" / "libxcb-cursor.so.0").write_bytes(b"library")
    (folder / "_internal" / "libxcb-cursor.so").symlink_to("libxcb-cursor.so.0")
    return folder


@pytest.fixture
def share(tmp_path: Path) -> Path:
    folder = tmp_path / "share"
    for name, place in (("inkfall.desktop", "applications"), ("inkfall.xml", "mime/packages")):
        (folder / place).mkdir(parents=True)
        shutil.copy(LINUX / name, folder / place)
    return folder


def closed(tmp_path: Path, program: Path, share: Path) -> Path:
    root = tmp_path / "root"
    shutil.rmtree(root, ignore_errors=True)
    deb.lay_out(root, program, share, ROOT / "LICENSE", ROOT / "CHANGELOG.md", "inkfall")
    package = deb.Package("inkfall", "0.1.0", "amd64", "a page", ("inkfall-with-starter",))
    return deb.pack(root, package, tmp_path, MOMENT)


def fields(file: Path) -> dict[str, str]:
    output = subprocess.run(["dpkg-deb", "--field", str(file)], capture_output=True, text=True, check=True).stdout
    pairs = (line.split(": ", 1) for line in output.splitlines() if line and not line.startswith(" "))
    return {pair[0]: pair[1] for pair in pairs}


@needs_linux_tools
def test_the_deb_says_what_it_needs_and_what_it_replaces(tmp_path: Path, program: Path, share: Path) -> None:
    found = fields(closed(tmp_path, program, share))
    assert (found["Package"], found["Version"], found["Architecture"]) == ("inkfall", "0.1.0", "amd64")
    needed = found["Depends"].split(", ")
    assert {"libegl1", "libgl1", "libxcb-icccm4", "libxkbcommon-x11-0", "libwayland-egl1"} <= set(needed)
    assert "libxcb-cursor0" not in needed  # the program carries it
    assert found["Conflicts"] == found["Replaces"] == "inkfall-with-starter"


@needs_linux_tools
def test_the_deb_lies_under_usr_alone_and_belongs_to_root(tmp_path: Path, program: Path, share: Path) -> None:
    file = closed(tmp_path, program, share)
    listed = subprocess.run(["dpkg-deb", "--contents", str(file)], capture_output=True, text=True, check=True).stdout
    lines = [line.split(maxsplit=5) for line in listed.splitlines()]
    assert {line[1] for line in lines} == {"root/root"}
    assert all(line[5].startswith(("./usr/", "./")) for line in lines)
    modes = {line[5]: line[0] for line in lines}
    assert modes["./usr/lib/inkfall/inkfall"] == "-rwxr-xr-x"
    assert modes["./usr/lib/inkfall/_internal/libxcb-cursor.so.0"] == "-rw-r--r--"
    assert "./usr/bin/inkfall -> ../lib/inkfall/inkfall" in modes
    assert "./usr/share/applications/inkfall.desktop" in modes


@needs_linux_tools
def test_the_same_program_makes_the_same_deb(tmp_path: Path, program: Path, share: Path) -> None:
    first = closed(tmp_path, program, share).read_bytes()
    assert closed(tmp_path, program, share).read_bytes() == first


def run_file(tmp_path: Path, program: Path, share: Path) -> Path:
    folder = tmp_path / "portable" / "inkfall-0.1.0-linux"
    portable.lay_out(folder, program, share, ROOT / "LICENSE")
    (tmp_path / "out").mkdir()
    return portable.self_extracting(portable.pack(folder, tmp_path / "out", MOMENT), "0.1.0")


@pytest.mark.skipif(not shutil.which("xz"), reason="xz is not here")
def test_the_run_file_installs_and_removes_itself(tmp_path: Path, program: Path, share: Path) -> None:
    file = run_file(tmp_path, program, share)
    home = tmp_path / "a home"  # with a space in its name
    (home / ".local" / "share" / "applications").mkdir(parents=True)
    other = home / ".local" / "share" / "applications" / "other.desktop"
    other.write_text("[Desktop Entry]\n", encoding="utf-8")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home)}

    def run(*command: str) -> str:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, cwd=tmp_path)
        return done.stdout

    for _ in range(2):  # the second is an upgrade
        run(str(file))
        assert run(str(home / ".local/bin/inkfall")) == "it writes\n"
    entry = (home / ".local/share/applications/inkfall.desktop").read_text(encoding="utf-8")
    assert f'Exec="{home}/.local/lib/inkfall/inkfall" %F' in entry
    run(str(home / ".local/lib/inkfall/uninstall"))
    left = [path for path in home.rglob("*") if path.is_file() or path.is_symlink()]
    assert [path for path in left if "inkfall" in path.name] == []
    assert other in left
    assert not (home / ".local/lib/inkfall").exists()


def started_by_a_desktop(entry: Path) -> list[str]:
    """The program and its arguments, as its specification reads a menu entry."""
    value = next(line for line in entry.read_text(encoding="utf-8").splitlines() if line.startswith("Exec="))
    words = re.sub(r"\\(.)", r"\1", value.removeprefix("Exec="))  # a text's escapes, then what is quoted
    quoted, rest = re.fullmatch(r'"((?:[^"`$\\]|\\["`$\\])*)" (.*)', words, re.DOTALL).groups()  # type: ignore[union-attr]
    return [re.sub(r"\\(.)", r"\1", quoted).replace("%%", "%"), *rest.split()]


HOSTILE = (
    "$(touch ran)",
    "`touch ran`",
    'a"; touch ran; "',
    "a'; touch ran; '",
    "${HOME:?}",
    "back\\slash \\n \\\\ \\$(touch ran)",
    "100% %F %%",
    "& * ? [a] ~ # ! ; | < >",
    "-rf",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_in_a_folders_name_is_run(tmp_path: Path, program: Path, share: Path, name: str) -> None:
    folder, where = tmp_path / "portable", tmp_path / "work"
    portable.lay_out(folder, program, share, ROOT / "LICENSE")
    where.mkdir()
    prefix = where / name
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path / "home")}

    def run(*command: str) -> str:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, cwd=where)
        return done.stdout

    assert str(prefix) in run(str(folder / "install.sh"), "--prefix", name)
    entry = prefix / "share/applications/inkfall.desktop"
    home = prefix / "lib/inkfall"
    assert started_by_a_desktop(entry) == [str(home / "inkfall"), "%F"]
    assert run(str(prefix / "bin/inkfall")) == "it writes\n"
    assert str(prefix) in run(str(home / "uninstall"))
    assert not home.exists() and not entry.exists()
    assert list(where.iterdir()) == [prefix]


def test_a_folder_that_no_menu_entry_can_name_is_refused(tmp_path: Path, program: Path, share: Path) -> None:
    portable.lay_out(tmp_path / "portable", program, share, ROOT / "LICENSE")
    for name in ("two\nlines", "\x1b[2J"):
        command = [str(tmp_path / "portable" / "install.sh"), "--prefix", name]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.returncode == 2 and "control characters" in done.stderr
        assert not (tmp_path / name).exists()


@pytest.mark.skipif(not shutil.which("xz"), reason="xz is not here")
def test_the_run_file_can_also_be_unpacked_only(tmp_path: Path, program: Path, share: Path) -> None:
    file = run_file(tmp_path, program, share)
    subprocess.run([str(file), "--extract", str(tmp_path / "there")], check=True)
    assert (tmp_path / "there" / "inkfall-0.1.0-linux" / "inkfall").exists()


def test_the_icon_is_there_in_every_size(tmp_path: Path) -> None:
    icons.draw(ROOT / "resources" / "icon.svg", tmp_path, (("apps", "inkfall"),))
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert found == {f"{size}x{size}/apps/inkfall.png" for size in icons.SIZES} | {"scalable/apps/inkfall.svg"}


def test_menu_entry_file_types_and_metadata_agree() -> None:
    entry = configparser.ConfigParser(interpolation=None, delimiters=("=",), strict=True)
    entry.optionxform = str  # type: ignore[assignment]
    entry.read(LINUX / "inkfall.desktop", encoding="utf-8")
    opened = set(entry["Desktop Entry"]["MimeType"].strip(";").split(";"))
    types = ElementTree.parse(LINUX / "inkfall.xml").getroot()
    declared = {child.attrib["type"] for child in types}
    about = ElementTree.parse(LINUX / "inkfall.metainfo.xml").getroot()
    provided = {element.text for element in about.iter("mediatype")}
    assert declared == provided == {"application/x-inkfall", "application/x-gguf"}
    assert declared <= opened
    assert about.findtext("launchable") == "inkfall.desktop"


@needs_linux_tools
def test_the_debs_changelog_can_be_read(tmp_path: Path, program: Path, share: Path) -> None:
    file = closed(tmp_path, program, share)
    subprocess.run(["dpkg-deb", "-x", str(file), str(tmp_path / "out")], check=True)
    folder = tmp_path / "out/usr/share/doc/inkfall"
    changelog = gzip.decompress((folder / "changelog.gz").read_bytes()).decode()
    assert changelog.startswith("inkfall (0.1.0) stable; urgency=medium\n\n  * ")
    assert changelog.splitlines()[-1].startswith(" -- ") and changelog.splitlines()[-1].endswith(" +0000")
    assert b"Changelog" in gzip.decompress((folder / "NEWS.gz").read_bytes())
