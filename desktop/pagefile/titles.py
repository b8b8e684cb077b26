"""The name under which a page is listed: its title, or the beginning of its text. Pure functions."""

from desktop.pagefile.values import Facts

HEADING = 48  # code points of an untitled page's first line that serve as its title


def name_of(facts: Facts) -> str:
    """A page's title, else the beginning of its first line; "" where it has neither."""
    return plain(facts.title) or split(plain(facts.line))[0]


def split(line: str) -> tuple[str, str]:
    """The part of a line that serves as a title, and the rest."""
    if len(line) <= HEADING:
        return line, ""
    cut = line.rfind(" ", HEADING // 2, HEADING) + 1 or HEADING
    return line[:cut].rstrip(), line[cut:].lstrip()


def plain(text: str) -> str:
    """The text as one line of printable characters."""
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(text.split())
