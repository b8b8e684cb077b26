"""Sizes, counts and times of the library in words. No Qt."""

from resources.language import tr

UNITS = ("", "kB", "MB", "GB", "TB")
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
    """Bytes, decimal as the hub counts them: "253 MB", "4.9 GB"; empty for 0."""
    if not count:
        return ""
    if count < 1000:
        return tr("{count:,} bytes").format(count=count)
    value, unit = float(count), 0
    while value >= 999.5 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:,.1f} {UNITS[unit]}" if unit >= 3 and value < 99.95 else f"{value:,.0f} {UNITS[unit]}"


def parameters(count: int) -> str:
    """ "270M", "8.0B"; empty for 0."""
    if not count:
        return ""
    for unit, letter in ((10**9, "B"), (10**6, "M"), (10**3, "K")):
        if count >= 0.9995 * unit:
            value = count / unit
            return f"{value:.1f}{letter}" if value < 10 and letter == "B" else f"{value:.0f}{letter}"
    return str(count)


def tokens(count: int) -> str:
    return f"{count:,}" if count else ""


def many(count: int) -> str:
    """A large count at a glance: "12k", "3.4M"."""
    if count >= 10**6:
        return f"{count / 10**6:.1f}M"
    return f"{count / 1000:.0f}k" if count >= 10**4 else f"{count:,}"


def time_left(seconds: float | None) -> str:
    """ "12 s", "3 min", "2 h 10 min"; empty where it is not known."""
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
