"""Facts of a page as words for the list of pages. Pure functions."""

from desktop.page_list.page_store import Entry
from desktop.pagefile.titles import plain, split
from desktop.qt.visible import visible
from resources.dates import day
from resources.language import tr, tr_count

EMPTY = tr("Empty page")
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def heading(entry: Entry) -> tuple[str, str]:
    """A page's title and its first line of text; without a title, two parts of that line."""
    facts = entry.facts
    if facts is None:
        return visible(entry.path.stem), visible(entry.problem)
    line = plain(facts.line)
    if facts.title:
        return plain(facts.title), line
    title, rest = split(line)
    return title or EMPTY, rest


def details(entry: Entry, now: float) -> str:
    """`1,234 words · gemma-3-270m · 5 minutes ago`. now: seconds since 1970."""
    facts = entry.facts
    parts = [] if facts is None else [words(facts.words), visible(facts.model)]
    parts.append(ago(entry.modified, now) if entry.modified else "")
    parts.append(tr("in another folder") if entry.elsewhere else "")
    return " · ".join(part for part in parts if part)


def accessible_text(entry: Entry, now: float, opened: bool) -> str:
    """A whole row for a screen reader."""
    title, line = heading(entry)
    state = tr("open", "a page") if opened else tr("in the trash") if entry.trashed else ""
    return ". ".join(part for part in (title, state, details(entry, now).replace(" · ", ", "), line) if part)


def ago(then: float, now: float) -> str:
    """How long ago, in the largest unit that fits; a date from a week on. Both in seconds since 1970."""
    seconds = now - then
    if seconds < _MINUTE:  # also for a time in the future: the clock was set back
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
