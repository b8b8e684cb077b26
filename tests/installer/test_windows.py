"""The definitions that makensis gets, and the signing. `make test-dist-windows` installs the package under wine."""

import ast
import shutil
from pathlib import Path

import pytest

from installer import about, icons, nsis
from installer.nsis import InstallerError, Setup

needs_makensis = pytest.mark.skipif(not shutil.which("makensis"), reason="makensis is not here")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    folder = tmp_path / "inkfall"
    (folder / "_internal").mkdir(parents=True)
    for name in (nsis.WINDOW, nsis.FROZEN_TERMINAL, "_internal/library.dll"):
        (folder / name).write_bytes(b"program")
    return folder


def test_the_program_for_terminals_is_found_before_the_one_for_the_window(program: Path) -> None:
    nsis.terminal_program(program)
    assert sorted(path.name for path in program.iterdir()) == ["_internal", nsis.TERMINAL, nsis.WINDOW]
    assert Path(nsis.TERMINAL).stem == Path(nsis.WINDOW).stem == "inkfall"


def test_makensis_gets_every_definition_of_the_script(tmp_path: Path) -> None:
    script = nsis.SCRIPT.read_text(encoding="utf-8")
    setup = Setup("0.2.0rc1", tmp_path, tmp_path / "setup.exe", tmp_path / "inkfall.ico", ("sign it", "well"))
    defined = {option[2:].split("=", 1)[0]: option.split("=", 1)[1] for option in nsis.defines(setup)}
    assert defined["NUMBERS"] == "0.2.0.0" and defined["VERSION"] == "0.2.0rc1"
    assert defined["SIGN"] == '"sign it" well'
    assert all(f"${{{name}}}" in script for name in defined)
    assert "SIGN" not in "".join(nsis.defines(Setup("0.2.0", tmp_path, tmp_path / "setup.exe")))


def test_makensis_is_found_where_its_own_installer_puts_it() -> None:
    assert nsis.find_makensis(lambda name: f"/usr/bin/{name}") == "/usr/bin/makensis"
    assert nsis.find_makensis(lambda _name: None, lambda path: path == nsis.USUAL) == str(nsis.USUAL)
    with pytest.raises(InstallerError, match="makensis"):
        nsis.find_makensis(lambda _name: None, lambda _path: False)


def test_names_that_old_limits_forbid_stop_the_build(tmp_path: Path) -> None:
    (tmp_path / ("x" * 200)).write_bytes(b"")
    with pytest.raises(InstallerError, match="too long"):
        nsis.make(Setup("0.1.0", tmp_path, tmp_path / "setup.exe"))


def test_nothing_is_signed_without_a_certificate(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert nsis.signing({}) == ()
    nsis.sign(program, ())
    assert capsys.readouterr().out == f"not signed: {nsis.THUMBPRINT} is not set\n"


def test_a_certificate_of_the_store_signs_with_a_time(tmp_path: Path) -> None:
    command = nsis.signing({nsis.THUMBPRINT: "ABCD", nsis.CLOCK: "http://clock.example"})
    assert command[:4] == ("signtool", "sign", "/sha1", "ABCD")
    assert command[command.index("/tr") + 1] == "http://clock.example"
    assert command[command.index("/fd") + 1] == "sha256"


@needs_makensis
def test_installer_and_uninstaller_are_signed_where_they_can_be(tmp_path: Path, program: Path) -> None:
    nsis.terminal_program(program)
    marks = tmp_path / "signed.txt"
    signer = tmp_path / "signer.sh"
    signer.write_text(f'#!/bin/sh\necho "$1" >> "{marks}"\n', encoding="utf-8")
    signer.chmod(0o755)
    icon = icons.ico(about.ICON, tmp_path / "inkfall.ico")
    file = nsis.make(Setup("0.1.0", program, tmp_path / nsis.name_of("inkfall", "0.1.0"), icon, (str(signer),)))
    assert file.stat().st_size > 50_000
    assert len(marks.read_text().splitlines()) == 2


def test_the_programs_details_are_a_call_of_pyinstallers() -> None:
    tree = ast.parse(nsis.version_file("0.1.0rc1"), mode="eval")
    assert isinstance(tree.body, ast.Call) and isinstance(tree.body.func, ast.Name)
    assert tree.body.func.id == "VSVersionInfo"
    assert "(0, 1, 0, 0)" in ast.unparse(tree) and about.AUTHORS in ast.unparse(tree)


def test_the_icon_for_windows_has_all_sizes_in_one_file(tmp_path: Path) -> None:
    content = icons.ico(about.ICON, tmp_path / "inkfall.ico").read_bytes()
    assert content[:6] == b"\0\0\1\0" + bytes([len(icons.OF_WINDOWS), 0])
    for index, size in enumerate(icons.OF_WINDOWS):
        entry = content[6 + 16 * index : 22 + 16 * index]
        length, at = int.from_bytes(entry[8:12], "little"), int.from_bytes(entry[12:16], "little")
        assert entry[0] == size % 256
        kind = b"\x89PNG" if size == 256 else (40).to_bytes(4, "little")
        assert content[at : at + 4] == kind and at + length <= len(content)
