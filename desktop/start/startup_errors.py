"""Says why no window opens to someone who started the program with a double click and sees no terminal.

A sentence goes to stderr; where a window was wanted, nobody reads stderr and there is a display, it is shown too: by Qt
in a process that may die of it, else by whatever the desktop has for that. Standard library only, since numpy, Qt or
llama.cpp may be the very thing that is amiss.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType

from resources.language import tr

TITLE = "Inkfall"
Show = Callable[[str], bool]
BOXES: tuple[tuple[str, ...], ...] = (  # programs that show a sentence, the best first; the sentence is put behind
    ("zenity", "--error", f"--title={TITLE}", "--no-markup", "--text"),
    ("kdialog", "--title", TITLE, "--error"),
    ("xmessage", "-center"),
    ("notify-send", TITLE),
)
SHOWN = (0, 1)  # how such a program ends: by its button, or by closing its window
FAILED = tr("Inkfall could not start because of a mistake of its own. The report is in {file}.")
FAILED_UNWRITTEN = tr("Inkfall could not start because of a mistake of its own: {error}.")


def say(sentence: str, window: bool, show: Show | None = None) -> None:
    """Tell why it does not go on. window: whether a window was wanted, not a command of the terminal. show: how it is
    shown; None for this system's way."""
    if sys.stderr is not None:  # a program that Windows starts without a console has none
        sys.stderr.write(f"inkfall: {sentence}\n")
    if window and not _is_read(sys.stderr):
        (show or shown)(sentence)


def _is_read(stream: object) -> bool:
    """Whether someone looks at it: it is a terminal."""
    isatty = getattr(stream, "isatty", None)
    return bool(isatty and isatty())


def shown(sentence: str, environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Show it on the display, until it is closed. Whether that could be done."""
    if platform == "win32":
        return _on_windows(sentence)
    if platform == "darwin":
        return _run(("osascript", "-e", f"display alert {_quoted(TITLE)} message {_quoted(sentence)} as critical"))
    if not has_display(environment):
        return False
    return by_qt(sentence) or any(_run((*box, sentence)) for box in BOXES)


def has_display(environment: Mapping[str, str]) -> bool:
    """Whether a window would be seen."""
    elsewhere = environment.get("QT_QPA_PLATFORM", "").partition(":")[0] not in ("", "xcb", "wayland")
    return not elsewhere and any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def by_qt(sentence: str, box: Callable[[str], None] | None = None) -> bool:
    """In a process of its own: without a library that it needs, Qt ends its process instead of raising. box: shows it;
    None for Qt's."""
    process = os.fork()
    if process == 0:
        status = 1
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)  # what Qt says of the libraries that it lacks
            (box or _box_of_qt)(sentence)
            status = 0
        except (ImportError, RuntimeError, OSError):
            pass
        finally:
            os._exit(status)
    return os.waitpid(process, 0)[1] == 0


def _box_of_qt(sentence: str) -> None:
    from PySide6.QtWidgets import QApplication

    from desktop.qt.plain_text import MessageBox

    application = QApplication([TITLE])
    application.setDesktopFileName("inkfall")
    MessageBox(MessageBox.Icon.Critical, TITLE, sentence).exec()


def _run(command: Sequence[str]) -> bool:
    """Whether there is such a program and it showed its window."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode in SHOWN and b"display" not in done.stderr


def _on_windows(sentence: str) -> bool:
    import ctypes

    return bool(getattr(ctypes, "windll").user32.MessageBoxW(0, sentence, TITLE, 0x10))  # noqa: B009, there is none elsewhere


def _quoted(text: str) -> str:
    """A text as AppleScript writes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def watch(log: Path, show: Show | None = None) -> None:
    """From now on, until the window has its own way to tell it, a mistake of ours is told and written to the log."""

    def caught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        from desktop.crash import report  # it knows no Qt

        report.on_stderr(error.with_traceback(trace))
        if not issubclass(kind, KeyboardInterrupt):
            say(_told(error, log), window=True, show=show)

    sys.excepthook = caught


def _told(error: BaseException, log: Path) -> str:
    """The sentence about a mistake of ours; its report is written first."""
    from desktop.crash import report  # it knows no Qt
    from models.library.permissions import make_folder, opener

    file = log / "crash.log"
    try:
        make_folder(log)
        with open(file, "a", encoding="utf-8", errors="replace", opener=opener) as stream:
            stream.write(
                report.written("A mistake before the window was there", datetime.now(), (), report.of_error(error, ""))
            )
    except OSError:
        return FAILED_UNWRITTEN.format(error=type(error).__name__)
    return FAILED.format(file=report.without_home(str(file)))
