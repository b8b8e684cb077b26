"""File names that are valid on every system, since files are copied from one to another.

Windows has the most rules: a device's name means the device, whatever follows a dot or a space (`CON .gguf`); `a:b` is
a hidden stream of the file `a`; trailing dots and spaces are dropped.
"""

import re
import unicodedata

FORBIDDEN = '<>:"/\\|?*'
LONGEST = 255  # bytes of UTF-8
_DEVICES = re.compile(r"con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³]", re.IGNORECASE)
_UNWANTED = re.compile(f"[{re.escape(FORBIDDEN)}]+")


def is_sound(name: str, longest: int = LONGEST) -> bool:
    """Whether the name is valid on every system and has no invisible or direction-changing characters. longest: bytes
    of UTF-8.
    """
    plain = name.isprintable() and not set(FORBIDDEN) & set(name) and 0 < len(name.encode()) <= longest
    return plain and not name.endswith((" ", ".")) and not is_device(name)


def is_device(name: str) -> bool:
    """Whether Windows takes the name for a device."""
    return _DEVICES.fullmatch(re.split(r"[.:]", name, maxsplit=1)[0].strip()) is not None


def cleaned(text: str, longest: int) -> str:
    """The text made into a valid name of at most `longest` + 1 bytes of UTF-8; "" if nothing of it is valid."""
    text = unicodedata.normalize("NFC", _UNWANTED.sub(" ", "".join(map(_visible, text))))
    name = " ".join(text.split()).strip(". ").encode()[:longest].decode(errors="ignore").strip(". ")
    return f"_{name}" if is_device(name) else name


def _visible(sign: str) -> str:
    """The character; a space for other whitespace, "" for an invisible character."""
    if sign.isspace():
        return " "
    return sign if sign.isprintable() else ""
