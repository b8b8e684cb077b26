"""What a list of pages says of each, as words. Pure; knows no list."""

from datetime import datetime

from desktop.pages.shelf import Entry

EMPTY = "Empty page"
_HEADING = 48  # code points of an untitled page's first line that serve as its title
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def heading(entry: Entry) -> tuple[str, str]:
    """A page's title, and the line of text below it. Without a title the text is both."""
    facts = entry.facts
    if facts is None:
        return entry.path.stem, entry.problem
    line = plain(facts.line)
    if facts.title:
        return plain(facts.title), line
    if len(line) <= _HEADING:
        return line or EMPTY, ""
    cut = line.rfind(" ", _HEADING // 2, _HEADING) + 1 or _HEADING
    return line[:cut].rstrip(), line[cut:].lstrip()


def about(entry: Entry, now: float) -> str:
    """`1,234 words · gemma-3-270m · 5 minutes ago`. now: seconds since 1970."""
    facts = entry.facts
    parts = [] if facts is None else [count(facts.words, "word"), facts.model]
    parts.append(ago(entry.modified, now) if entry.modified else "")
    parts.append("elsewhere" if entry.elsewhere else "")
    return " · ".join(part for part in parts if part)


def spoken(entry: Entry, now: float, opened: bool) -> str:
    """The same for who hears it."""
    title, line = heading(entry)
    state = "open" if opened else "in the trash" if entry.trashed else ""
    return ". ".join(part for part in (title, state, about(entry, now).replace(" · ", ", "), line) if part)


def ago(then: float, now: float) -> str:
    """How long ago, no finer than it is worth; a date where that is a week and more."""
    seconds = now - then
    if seconds < _MINUTE:  # or in the future: clocks are set
        return "just now"
    if seconds < _HOUR:
        return f"{count(int(seconds // _MINUTE), 'minute')} ago"
    if seconds < _DAY:
        return f"{count(int(seconds // _HOUR), 'hour')} ago"
    if seconds < 2 * _DAY:
        return "yesterday"
    if seconds < 7 * _DAY:
        return f"{count(int(seconds // _DAY), 'day')} ago"
    date = datetime.fromtimestamp(then)
    return f"{date.day} {date:%B %Y}"


def count(number: int, name: str) -> str:
    """1 word, 1,234 words."""
    return f"{number:,} {name}" if number == 1 else f"{number:,} {name}s"


def plain(text: str) -> str:
    """One line of characters that can be shown."""
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(text.split())
