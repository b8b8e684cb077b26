"""Why a request ended, in a sentence for the status bar. No Qt."""

from collections.abc import Sequence

from models.engine.events import Ended, EndReason
from resources.language import tr, tr_count

CHOSEN = tr("Your choice stopped the writing")
OTHERS_STOPPED = tr("The other continuations were stopped")


def of_writing(reason: EndReason, tokens: int, stops: Sequence[str] = ()) -> str:
    """Why a generation ended. tokens: how many it wrote. stops: the stop strings of its recipe."""
    match reason:
        case "length" | "done" | "not kept":
            return stopped(tokens)
        case "end of text" | "grammar":
            return _at_the_end(reason, tokens)
        case "stop string" if not tokens:
            return tr("A stop string came at once: nothing was written.")
        case "stop string":
            return _at_a_stop_string(tokens, stops)
        case "context full":
            return tr_count(
                "The context is full after {count:,} token", "The context is full after {count:,} tokens", tokens
            ).format(count=tokens)
        case "failed":
            return failed(tokens)
        case "stopped" if not tokens:
            return tr("You stopped the writing")
        case "stopped":
            return tr_count(
                "You stopped the writing after {count:,} token",
                "You stopped the writing after {count:,} tokens",
                tokens,
            ).format(count=tokens)


def _at_the_end(reason: EndReason, tokens: int) -> str:
    if reason == "grammar":
        return tr("The grammar is complete: the text ends here")
    if tokens:
        return tr("The model ended the text here")
    return tr("The model ended the text at once: nothing was written.")


def _at_a_stop_string(tokens: int, stops: Sequence[str]) -> str:
    if len(stops) == 1:
        named = tr_count(
            "Stopped at the stop string “{text}” after {count:,} token",
            "Stopped at the stop string “{text}” after {count:,} tokens",
            tokens,
        )
        return named.format(text=_short(stops[0]), count=tokens)
    return tr_count(
        "Stopped at a stop string after {count:,} token", "Stopped at a stop string after {count:,} tokens", tokens
    ).format(count=tokens)


def stopped(tokens: int) -> str:
    """The generation wrote as many tokens as its recipe says."""
    return tr_count("Stopped after {count:,} token", "Stopped after {count:,} tokens", tokens).format(count=tokens)


def branched(why: str, branched: bool, others: bool = False) -> str:
    """Why a generation ended, "" for none, behind what the writer put there. branched: in the place of other text.
    others: other continuations were being written, and were stopped."""
    back = tr("Branched. Alt+Left goes back") if branched else ""
    return " · ".join(filter(None, (why, back, OTHERS_STOPPED if others else "")))


def healed(why: str, text: str) -> str:
    """Why a request ended, "" for none, and which typed text the first token had to begin with, "" for none."""
    shown = tr("Healed: the first token had to begin with “{text}”").format(text=_short(text.strip(" ") or "␣"))
    return " · ".join(filter(None, (why, shown if text else "")))


def failed(tokens: int) -> str:
    """An error ended the generation; a notice says which."""
    if not tokens:
        return tr("Writing ended with an error")
    return tr_count(
        "Writing ended with an error after {count:,} token",
        "Writing ended with an error after {count:,} tokens",
        tokens,
    ).format(count=tokens)


def of_streams(ends: Sequence[Ended], tokens: int, *, edited: bool) -> str:
    """Why several continuations ended. ends: their last events. tokens: how many they wrote together. edited: an edit
    of the page stopped some."""
    first = ends[0].reason
    if not tokens and not edited and first != "failed" and all(end.reason == first for end in ends):
        return of_writing(first, 0)
    failures = [end.sentence for end in ends if end.reason == "failed"]
    if failures:
        return tr_count(
            "{count:,} of {all:,} continuations ended with an error: {sentence}",
            "{count:,} of {all:,} continuations ended with an error: {sentence}",
            len(failures),
        ).format(count=len(failures), all=len(ends), sentence=failures[0])
    if edited:
        words = tr("Your change of the page stopped continuations. All together wrote {tokens:,} tokens.")
    elif any(end.reason == "stopped" for end in ends):
        return stopped_streams(len(ends), tokens)
    elif any(end.reason == "context full" for end in ends):
        words = tr("The context is full: {count:,} continuations ended after {tokens:,} tokens")
    else:
        words = tr("{count:,} continuations ended after {tokens:,} tokens")
    return words.format(count=len(ends), tokens=tokens)


def stopped_streams(streams: int, tokens: int) -> str:
    """The user stopped that many continuations, which wrote that many tokens together."""
    words = tr("You stopped the writing of {count:,} continuations after {tokens:,} tokens")
    return words.format(count=streams, tokens=tokens)


def undone() -> str:
    return tr("Stopped by undo")


def read(tokens: int, unread: int, outdated: int = 0) -> str:
    """The outcome of a score. tokens: how many were read. unread: those before them that did not fit the context.
    outdated: those that a model wrote, which keep the odds of then, though the text before them has changed."""
    sentence = tr("The page was read")
    if unread:
        sentence = tr("The last {count:,} tokens of the page were read: the context holds no more.")
        sentence = sentence.format(count=tokens)
    if not outdated:
        return sentence
    kept = tr_count(
        "{count:,} token of a model keeps the odds that it was drawn with",
        "{count:,} tokens of a model keep the odds that they were drawn with",
        outdated,
    )
    return f"{sentence.removesuffix('.')} · {kept.format(count=outdated)}"


def _short(text: str, most: int = 24) -> str:
    shown = text.replace("\n", "⏎").replace("\t", "⇥")
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"
