"""Sizes, counts, times and phases of a download as texts for the library's tables. No Qt."""

from models.library import words
from resources.language import tr

PHASES = {  # of a download
    "queued": tr("queued"),
    "checking": tr("checking"),
    "downloading": tr("downloading"),
    "waiting": tr("waiting"),
    "verifying": tr("verifying"),
    "paused": tr("paused"),
    "failed": tr("failed"),
    "done": tr("done", "of a download"),
}


def size(count: int) -> str:
    """A number of bytes as "253 MB"; empty for 0, which means not known."""
    return words.size(count) if count else ""


def parameters(count: int) -> str:
    """A number of parameters as "270M" or "8.0B"; empty for 0."""
    if not count:
        return ""
    for unit, letter in ((10**9, "B"), (10**6, "M"), (10**3, "K")):
        if count >= 0.9995 * unit:
            value = count / unit
            return f"{value:.1f}{letter}" if value < 10 and letter == "B" else f"{value:.0f}{letter}"
    return str(count)


def short_count(count: int) -> str:
    """A large count in a few characters: "12k", "3.4M"."""
    if count >= 10**6:
        return f"{count / 10**6:.1f}M"
    return f"{count / 1000:.0f}k" if count >= 10**4 else f"{count:,}"


def time_left(seconds: float | None) -> str:
    """A time as "12 s", "3 min" or "2 h 10 min"; empty for None, which means not known."""
    if seconds is None:
        return ""
    if seconds < 60:
        return tr("{seconds} s").format(seconds=max(1, round(seconds)))
    minutes = round(seconds / 60)
    return (
        tr("{minutes} min").format(minutes=minutes)
        if minutes < 60
        else tr("{hours} h {minutes} min").format(hours=minutes // 60, minutes=minutes % 60)
    )
