"""Whether this desktop's own file dialogs can be had: on Linux a program that brings its own Qt gets them from the
desktop's portal, if Qt is told to ask there before it starts. Knows no Qt.
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


def is_there(environment: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether file dialogs come from the desktop's portal: it is installed, and serves this desktop. Whoever names a
    theme, or no screen, has chosen.
    """
    chosen = environment.get(VARIABLE) or environment.get("QT_QPA_PLATFORM")
    if not platform.startswith("linux") or chosen or not all(environment.get(name) for name in NEEDED):
        return False
    desktops = {name.lower() for name in environment["XDG_CURRENT_DESKTOP"].split(":") if name}
    folders = [Path(folder) for folder in (environment.get("XDG_DATA_DIRS") or USUAL).split(":") if folder]
    return any(_serves(folder, desktops) for folder in folders)


@cache
def here() -> bool:
    """Whether this process's do; looked for once."""
    return is_there(os.environ)


def _serves(folder: Path, desktops: set[str]) -> bool:
    if not (folder / "dbus-1/services/org.freedesktop.portal.Desktop.service").is_file():
        return False
    portals = folder / "xdg-desktop-portal"
    serving = [used for used in map(_used_in, sorted(portals.glob("portals/*.portal"))) if used is not None]
    named = any((portals / f"{desktop}-portals.conf").is_file() for desktop in desktops)
    return bool(serving) and (named or any(used & desktops for used in serving))


def _used_in(portal: Path) -> set[str] | None:
    """The desktops that one is made for; None where it shows no file dialogs."""
    import configparser  # only where there is a desktop to ask

    found = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        found.read_string(portal.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, configparser.Error):
        return None
    if FILES not in found.get("portal", "Interfaces", fallback="").split(";"):
        return None
    return {name.lower() for name in found.get("portal", "UseIn", fallback="").split(";") if name}


@contextmanager
def asked(wanted: bool) -> Iterator[None]:
    """While Qt starts it is told to ask the portal; programs that are started later are not."""
    if wanted:
        os.environ[VARIABLE] = VALUE
    try:
        yield
    finally:
        if wanted:
            del os.environ[VARIABLE]
