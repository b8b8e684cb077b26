"""Words what the tokens of a page or a selection sum up to."""

import math

from desktop.page.profile import Total
from resources.language import tr, tr_count


def short_sum(total: Total | None) -> str:
    """The sum in fewer words: "3.1 bits a token"."""
    if total is None or not total.tokens:
        return ""
    return with_outdated(tr("{bits} bits a token").format(bits=_mean(total)), total.outdated)


def _mean(total: Total) -> str:
    mean = total.bits / total.tokens
    return "∞" if math.isinf(mean) else f"{mean:.1f}"


def sum_words(total: Total | None, selected: bool) -> str:
    """The sum in words: "3.1 bits a token · 184 tokens, 20 outdated"."""
    if total is None:
        return tr("Counting…")
    if not total.tokens:
        return tr("Selection: no odds") if selected else ""
    if selected:
        words = tr_count(
            "Selection: {bits} bits a token · {count:,} token",
            "Selection: {bits} bits a token · {count:,} tokens",
            total.tokens,
        )
    else:
        words = tr_count(
            "{bits} bits a token · {count:,} token", "{bits} bits a token · {count:,} tokens", total.tokens
        )
    return with_outdated(words.format(bits=_mean(total), count=total.tokens), total.outdated)


def with_outdated(words: str, outdated: int) -> str:
    """The words of a sum, and how many of its tokens are outdated, if any."""
    return tr("{sum}, {count:,} outdated").format(sum=words, count=outdated) if outdated else words
