"""Whether the desktop's portal offers its own file dialogs, which a program with its own Qt can use on Linux.

Qt must be set to use the portal before it starts. Imports no Qt.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

VARIABLE, VALUE = "QT_QPA_PLATFORMTHEME", "xdgdesktopportal"
NEEDED = ("XDG_CURRENT_DESKTOP", "DBUS_SESSION_BUS_ADDRESS")
FILES = "org.freedesktop.impl.portal.FileChooser"
USUAL = "/usr/local/share:/usr/share"


def is_available(environment: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether the portal is installed and serves file dialogs for this desktop. False if the user has set a theme or
    a platform of Qt's.
    """
    chosen = environment.get(VARIABLE) or environment.get("QT_QPA_PLATFORM")
    if not platform.startswith("linux") or chosen or not all(environment.get(name) for name in NEEDED):
        return False
    desktops = {name.lower() for name in environment["XDG_CURRENT_DESKTOP"].split(":") if name}
    folders = [Path(folder) for folder in (environment.get("XDG_DATA_DIRS") or USUAL).split(":") if folder]
    return any(_serves(folder, desktops) for folder in folders)


@cache
def is_available_here() -> bool:
    """Whether it is available to this process; checked once."""
    return is_available(os.environ)


def _serves(folder: Path, desktops: set[str]) -> bool:
    if not (folder / "dbus-1/services/org.freedesktop.portal.Desktop.service").is_file():
        return False
    portals = folder / "xdg-desktop-portal"
    serving = [used for used in map(_used_in, sorted(portals.glob("portals/*.portal"))) if used is not None]
    named = any((portals / f"{desktop}-portals.conf").is_file() for desktop in desktops)
    return bool(serving) and (named or any(used & desktops for used in serving))


def _used_in(portal: Path) -> set[str] | None:
    """The desktops that this portal's file names (UseIn), in lower case; None if it shows no file dialogs."""
    import configparser  # here, to keep the start fast

    found = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        found.read_string(portal.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, configparser.Error):
        return None
    if FILES not in found.get("portal", "Interfaces", fallback="").split(";"):
        return None
    return {name.lower() for name in found.get("portal", "UseIn", fallback="").split(";") if name}


@contextmanager
def enabled(wanted: bool) -> Iterator[None]:
    """Tell Qt to use the portal while it starts; programs that are started later do not inherit that."""
    if wanted:
        os.environ[VARIABLE] = VALUE
    try:
        yield
    finally:
        if wanted:
            del os.environ[VARIABLE]
