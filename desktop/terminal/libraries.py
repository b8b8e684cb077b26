"""The system libraries that the window needs on Linux, and the Debian packages that hold them.

Standard library only: the set-up script reads this table before anything is installed.
"""

import ctypes
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Library:
    """A shared library: the file that the loader looks for, and its Debian package."""

    file: str
    package: str


CORE = (
    Library("libglib-2.0.so.0", "libglib2.0-0"),
    Library("libgthread-2.0.so.0", "libglib2.0-0"),
    Library("libEGL.so.1", "libegl1"),
    Library("libGL.so.1", "libgl1"),
    Library("libxkbcommon.so.0", "libxkbcommon0"),
    Library("libdbus-1.so.3", "libdbus-1-3"),
    Library("libfontconfig.so.1", "libfontconfig1"),
)
X11 = (
    Library("libxcb-cursor.so.0", "libxcb-cursor0"),
    Library("libxcb-icccm.so.4", "libxcb-icccm4"),
    Library("libxcb-keysyms.so.1", "libxcb-keysyms1"),
    Library("libxcb-image.so.0", "libxcb-image0"),
    Library("libxcb-render-util.so.0", "libxcb-render-util0"),
    Library("libxcb-shape.so.0", "libxcb-shape0"),
    Library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
)
WAYLAND = (Library("libwayland-cursor.so.0", "libwayland-cursor0"), Library("libwayland-egl.so.1", "libwayland-egl1"))
WINDOW = CORE + X11 + WAYLAND
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
FONT_PACKAGE = "fonts-dejavu-core"


def loads(file: str) -> bool:
    """Whether the system's loader can load a library."""
    try:
        ctypes.CDLL(file)
    except OSError:
        return False
    return True


def for_display(environment: Mapping[str, str]) -> tuple[Library, ...]:
    """The libraries for the display that the variables name; for every kind of display if they name none."""
    if environment.get("QT_QPA_PLATFORM"):
        return CORE
    if environment.get("DISPLAY"):
        return CORE + X11
    return CORE + WAYLAND if environment.get("WAYLAND_DISPLAY") else WINDOW


def missing(libraries: Iterable[Library] = WINDOW, loads: Callable[[str], bool] = loads) -> tuple[Library, ...]:
    """The libraries that the loader does not find; none on other systems than Linux."""
    if not sys.platform.startswith("linux"):
        return ()
    return tuple(library for library in libraries if not loads(library.file))


def has_font(folders: Iterable[str] = FONT_FOLDERS) -> bool:
    """Whether there is a scalable font in the usual folders; without one the window shows boxes for letters."""
    return found_font("*.[to]tf", folders) is not None


def found_font(pattern: str, folders: Iterable[str] = FONT_FOLDERS) -> Path | None:
    """The first font file that matches the pattern in these folders; None if there is none."""
    return next((path for folder in folders for path in Path(folder).expanduser().rglob(pattern)), None)


def packages(libraries: Iterable[Library]) -> tuple[str, ...]:
    """The Debian packages of the libraries, each once, in order."""
    return tuple(dict.fromkeys(library.package for library in libraries))
