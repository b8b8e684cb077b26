"""Formats sizes and counts for the user, in decimal units as the hub does."""

from resources.language import SPOKEN, tr, tr_count

NUMBERS = (tr("thousand"), tr("million"), tr("billion"), tr("trillion"))
MYRIADS = {
    "ko": ("만", "억", "조")
}  # languages that group large numbers by 10,000, so that thousand and million do not fit


def size(count: int) -> str:
    """A number of bytes: "1 byte", "253 MB", "4.9 GB", "75.6 GB"."""
    if count < 1000:
        return tr_count("{count:,} byte", "{count:,} bytes", count).format(count=count)
    value, power = count / 1000, 1
    while value >= 999.5 and power < 4:
        value, power = value / 1000, power + 1
    unit = ("kB", "MB", "GB", "TB")[power - 1]
    return f"{value:.1f} {unit}" if value < (99.95 if power > 2 else 9.95) else f"{value:,.0f} {unit}"


def number(count: int) -> str:
    """A count: 260 thousand, 268 million, 8.0 billion."""
    if SPOKEN in MYRIADS:
        return f"{count:,}" if count < 10_000 else _in_myriads(count, MYRIADS[SPOKEN])
    return f"{count:,}" if count < 1000 else _scaled(count, NUMBERS)


def _in_myriads(count: int, units: tuple[str, ...]) -> str:
    """A count rounded to three digits, as in 2억 6,800만."""
    count = round(count, 3 - len(str(count)))
    parts: list[str] = []
    for power in range(len(units), -1, -1):
        digits, count = divmod(count, 10_000**power)
        if digits:
            parts.append(f"{digits:,}{units[power - 1] if power else ''}")
    return " ".join(parts)


def _scaled(count: int, units: tuple[str, ...]) -> str:
    power = 1
    while power < len(units) and count >= 999.5 * 1000**power:
        power += 1
    value = count / 1000**power
    return f"{value:.1f} {units[power - 1]}" if value < 9.95 else f"{value:,.0f} {units[power - 1]}"
