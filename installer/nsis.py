"""Makes the Windows installer: packs a frozen program into one .exe with makensis, and signs it if there is a
certificate.

Runs on Windows, and on Linux with a program that was frozen elsewhere.
"""

import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from installer import about

SCRIPT = Path(__file__).with_name("windows") / "inkfall.nsi"
WINDOW, TERMINAL = "inkfall.exe", "inkfall.com"  # a terminal prefers the second
FROZEN_TERMINAL = "inkfall-terminal.exe"  # PyInstaller always adds .exe
USUAL = Path("C:/Program Files (x86)/NSIS/makensis.exe")
LONGEST = 180  # characters of a path in the program: Windows allows 260, and the user's folder takes some
THUMBPRINT = "WINDOWS_CERTIFICATE_THUMBPRINT"  # of a certificate in the user's store, with its key
CLOCK = "WINDOWS_TIMESTAMP_URL"  # of the server that attests when the signature was made


class InstallerError(Exception):
    """The installer was not made. Its text is one sentence."""


@dataclass(frozen=True, slots=True)
class Setup:
    """The input of makensis. payload: the folder of the frozen program. sign: a command to which a file's name is
    added; empty to leave the installer unsigned.
    """

    version: str
    payload: Path
    output: Path
    icon: Path | None = None
    sign: tuple[str, ...] = ()


def name_of(name: str, version: str) -> str:
    """The installer's file name; name: of the variant."""
    return f"{name}-{version}-windows-x86_64-setup.exe"


def terminal_program(program: Path) -> None:
    """Rename the second program: `inkfall doctor` in a terminal finds inkfall.com before inkfall.exe, which cannot
    write into a terminal.
    """
    (program / FROZEN_TERMINAL).replace(program / TERMINAL)


def find_makensis(
    finds: Callable[[str], str | None] = shutil.which, exists: Callable[[Path], bool] = Path.exists
) -> str:
    """The path of makensis. Raises InstallerError if it is missing."""
    if found := finds("makensis") or (str(USUAL) if exists(USUAL) else None):
        return found
    raise InstallerError("The Windows installer is made by makensis, which is not here (NSIS 3).")


def too_long(files: Iterable[str]) -> list[str]:
    """The paths in the program that are too long for Windows' old limit."""
    return [name for name in files if len(name) > LONGEST]


def defines(setup: Setup) -> list[str]:
    """makensis' options for inkfall.nsi."""
    values = {
        "VERSION": setup.version,
        "NUMBERS": ".".join(map(str, about.numbers(setup.version))),
        "PAYLOAD": str(setup.payload),
        "OUTPUT": str(setup.output),
        "AUTHORS": about.AUTHORS,
        "COPYRIGHT": about.COPYRIGHT,
    }
    if setup.icon:
        values["ICON"] = str(setup.icon)
    if setup.sign:
        values["SIGN"] = subprocess.list2cmdline(setup.sign)
    return [f"-D{name}={value}" for name, value in values.items()]


def make(setup: Setup) -> Path:
    """Run makensis; any warning of its is an error. Raises InstallerError."""
    names = (path.relative_to(setup.payload).as_posix() for path in setup.payload.rglob("*"))
    if long := too_long(names):
        raise InstallerError(f"This name is too long for Windows: {long[0]}")
    command = [find_makensis(), "-V2", "-WX", *defines(setup), str(SCRIPT)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        raise InstallerError(f"makensis failed: {(done.stdout + done.stderr)[-2000:]}")
    return setup.output


# ------------------------------------------------------------------------------------------------ signing


def signing(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The command that signs a file whose name is added to it; empty without a certificate."""
    print_ = environment.get(THUMBPRINT, "")
    if not print_:
        return ()
    clock = environment.get(CLOCK) or "http://timestamp.digicert.com"
    return ("signtool", "sign", "/sha1", print_, "/fd", "sha256", "/td", "sha256", "/tr", clock, "/d", about.NAME)


def sign(program: Path, command: tuple[str, ...]) -> None:
    """Sign both programs of a frozen folder; without a command, print that they stay unsigned."""
    if not command:
        print(f"not signed: {THUMBPRINT} is not set", flush=True)
        return
    subprocess.run([*command, *(str(program / name) for name in (WINDOW, TERMINAL))], check=True)


def version_file(version: str) -> str:
    """The version resource that Windows shows as the program's details, as text for PyInstaller."""
    numbers = about.numbers(version)
    words = {
        "CompanyName": about.AUTHORS,
        "FileDescription": about.NAME,
        "FileVersion": version,
        "InternalName": about.NAME.lower(),
        "LegalCopyright": about.COPYRIGHT,
        "OriginalFilename": WINDOW,
        "ProductName": about.NAME,
        "ProductVersion": version,
    }
    strings = ", ".join(f"StringStruct({name!r}, {value!r})" for name, value in words.items())
    return (
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3f, flags=0, OS=0x40004, "
        "fileType=1, subtype=0, date=(0, 0)), kids=[\n"
        f"  StringFileInfo([StringTable('040904B0', [{strings}])]),\n"
        "  VarFileInfo([VarStruct('Translation', [0x409, 1200])]),\n])\n"
    )
