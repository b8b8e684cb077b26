"""Formats a date in the interface's language."""

from datetime import datetime

from resources.language import tr

_MONTHS = (
    tr("January"),
    tr("February"),
    tr("March"),
    tr("April"),
    tr("May"),
    tr("June"),
    tr("July"),
    tr("August"),
    tr("September"),
    tr("October"),
    tr("November"),
    tr("December"),
)


def day(seconds: float) -> str:
    """A day in local time, as in `23 November 2026`. seconds: since 1970."""
    date = datetime.fromtimestamp(seconds)
    return tr("{day} {month} {year}").format(day=date.day, month=_MONTHS[date.month - 1], year=date.year)
