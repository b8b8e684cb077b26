"""Which names a file may have on every system: what is stored here is copied to another one day.

Windows has the most rules. Among them: a device's name stands for the device, whatever follows behind a dot or a space
(`CON .gguf`); `a:b` is a hidden stream of the file `a`; dots and spaces at the end are dropped. Reads no disk.
"""

import re
import unicodedata

FORBIDDEN = '<>:"/\\|?*'
LONGEST = 255  # bytes of UTF-8
_DEVICES = re.compile(r"con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³]", re.IGNORECASE)
_UNWANTED = re.compile(f"[{re.escape(FORBIDDEN)}]+")


def is_sound(name: str, longest: int = LONGEST) -> bool:
    """Whether every system has files of that name, and it looks like what it is: nothing in it is invisible or turns
    the direction of the text.
    """
    plain = name.isprintable() and not set(FORBIDDEN) & set(name) and 0 < len(name.encode()) <= longest
    return plain and not name.endswith((" ", ".")) and not is_device(name)


def is_device(name: str) -> bool:
    """Whether Windows takes it for the name of a device."""
    return _DEVICES.fullmatch(re.split(r"[.:]", name, maxsplit=1)[0].strip()) is not None


def cleaned(text: str, longest: int) -> str:
    """The text as such a name of at most that many bytes, or one more; empty where nothing of it can be one."""
    text = unicodedata.normalize("NFC", _UNWANTED.sub(" ", "".join(map(_visible, text))))
    name = " ".join(text.split()).strip(". ").encode()[:longest].decode(errors="ignore").strip(". ")
    return f"_{name}" if is_device(name) else name


def _visible(sign: str) -> str:
    """The sign; a blank in the place of a line end or a tab, nothing in that of one that cannot be seen."""
    if sign.isspace():
        return " "
    return sign if sign.isprintable() else ""
