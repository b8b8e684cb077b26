"""Words what the writer of several continuations is told before they are written."""

from models.engine.events import Started
from models.library.memory import STREAMS
from resources.language import tr


def foretold(started: Started, asked: int, length: int | None) -> tuple[str, ...]:
    """Sentences on what the model and its context do not allow. asked: continuations. length: tokens of each, None =
    endless.
    """
    if asked == 1:
        return ()
    sentences: list[str] = []
    if started.streams == 1:
        sentences.append(tr("This model writes the continuations one after the other."))
    elif started.streams < min(asked, STREAMS):
        sentences.append(tr("This model writes {count} continuations at once.").format(count=started.streams))
    if started.room >= 0 and (length is None or started.room < length):
        words = tr("The context has room for {count:,} tokens of each continuation.")
        sentences.append(words.format(count=started.room))
    return tuple(sentences)
