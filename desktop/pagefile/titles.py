"""What a page is called: its title, or the beginning of its text. Pure."""

from desktop.pagefile.values import Facts

HEADING = 48  # code points of an untitled page's first line that serve as its title


def name_of(facts: Facts) -> str:
    """What a page is called: its title, else the beginning of its first line; nothing where it has neither."""
    return plain(facts.title) or split(plain(facts.line))[0]


def split(line: str) -> tuple[str, str]:
    """As much of a line as serves as a title, and the rest."""
    if len(line) <= HEADING:
        return line, ""
    cut = line.rfind(" ", HEADING // 2, HEADING) + 1 or HEADING
    return line[:cut].rstrip(), line[cut:].lstrip()


def plain(text: str) -> str:
    """One line of characters that can be shown."""
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(text.split())
