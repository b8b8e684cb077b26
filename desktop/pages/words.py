"""What a list of pages says of each, as words. Pure; knows no list."""

from desktop.pagefile.values import Facts
from desktop.pages.shelf import Entry
from desktop.visible import visible
from resources.dates import day
from resources.language import tr, tr_count

EMPTY = tr("Empty page")
_HEADING = 48  # code points of an untitled page's first line that serve as its title
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def name_of(facts: Facts) -> str:
    """What a page is called: its title, else the beginning of its first line; nothing where it has neither."""
    return plain(facts.title) or _split(plain(facts.line))[0]


def _split(line: str) -> tuple[str, str]:
    """As much of a line as serves as a title, and the rest."""
    if len(line) <= _HEADING:
        return line, ""
    cut = line.rfind(" ", _HEADING // 2, _HEADING) + 1 or _HEADING
    return line[:cut].rstrip(), line[cut:].lstrip()


def heading(entry: Entry) -> tuple[str, str]:
    """A page's title, and the line of text below it. Without a title the text is both."""
    facts = entry.facts
    if facts is None:
        return visible(entry.path.stem), visible(entry.problem)
    line = plain(facts.line)
    if facts.title:
        return plain(facts.title), line
    title, rest = _split(line)
    return title or EMPTY, rest


def about(entry: Entry, now: float) -> str:
    """`1,234 words · gemma-3-270m · 5 minutes ago`. now: seconds since 1970."""
    facts = entry.facts
    parts = [] if facts is None else [words(facts.words), visible(facts.model)]
    parts.append(ago(entry.modified, now) if entry.modified else "")
    parts.append(tr("in another folder") if entry.elsewhere else "")
    return " · ".join(part for part in parts if part)


def spoken(entry: Entry, now: float, opened: bool) -> str:
    """The same for who hears it."""
    title, line = heading(entry)
    state = tr("open", "a page") if opened else tr("in the trash") if entry.trashed else ""
    return ". ".join(part for part in (title, state, about(entry, now).replace(" · ", ", "), line) if part)


def ago(then: float, now: float) -> str:
    """How long ago, no finer than it is worth; a date where that is a week and more."""
    seconds = now - then
    if seconds < _MINUTE:  # or in the future: clocks are set
        return tr("just now")
    if seconds < _HOUR:
        minutes = int(seconds // _MINUTE)
        return tr_count("{count} minute ago", "{count} minutes ago", minutes).format(count=minutes)
    if seconds < _DAY:
        hours = int(seconds // _HOUR)
        return tr_count("{count} hour ago", "{count} hours ago", hours).format(count=hours)
    if seconds < 2 * _DAY:
        return tr("yesterday")
    if seconds < 7 * _DAY:
        days = int(seconds // _DAY)
        return tr_count("{count} day ago", "{count} days ago", days).format(count=days)
    return day(then)


def words(count: int) -> str:
    """1 word, 1,234 words."""
    return tr_count("{count:,} word", "{count:,} words", count).format(count=count)


def plain(text: str) -> str:
    """One line of characters that can be shown."""
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(text.split())
