"""The fonts of windows in the tests: one set of files, and no other font of this machine. Linux only."""

from pathlib import Path

from bootstrap import FONTS
from desktop.terminal.libraries import found_font

DEJAVU, NOTO = "dejavu", "noto"
FAMILIES = {  # of windows and of all else, of the page, and where letters stand below each other
    DEJAVU: ("DejaVu Sans", "DejaVu Serif", "DejaVu Sans Mono"),
    NOTO: ("Noto Sans", "Noto Serif", "DejaVu Sans Mono"),
}
_CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>{folder}/files</dir>
  <cachedir>{folder}/cache</cachedir>
  <alias><family>serif</family><prefer><family>{serif}</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>{monospace}</family></prefer></alias>
  <match><edit name="family" mode="append_last"><string>{sans}</string></edit></match>
</fontconfig>
"""


def configuration(fonts: str, folder: Path) -> Path:
    """Fontconfig's configuration of a set, written to a folder. Raises LookupError, which says what to install, where a
    file of the set is not on this machine."""
    files = folder / "files"
    files.mkdir()
    for name in FONTS[fonts][1]:
        (files / name).symlink_to(_found(name, FONTS[fonts][0]))
    sans, serif, monospace = FAMILIES[fonts]
    written = folder / "fonts.conf"
    text = _CONFIGURATION.format(folder=folder, sans=sans, serif=serif, monospace=monospace)
    written.write_text(text, encoding="utf-8")
    return written


def _found(name: str, package: str) -> Path:
    path = found_font(name)
    if path is None:
        raise LookupError(f"The tests need the font {name}; on Debian: apt-get install {package}")
    return path
