"""Shows why no window opens: on stderr, and in a message box if the program was started without a terminal.

The box is Qt's, in a process of its own since Qt may end it, else one of the desktop's programs. Standard library only:
numpy, Qt or llama.cpp may be what fails.
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
BOXES: tuple[tuple[str, ...], ...] = (  # programs that show a message, best first; the sentence is the last argument
    ("zenity", "--error", f"--title={TITLE}", "--no-markup", "--text"),
    ("kdialog", "--title", TITLE, "--error"),
    ("xmessage", "-center"),
    ("notify-send", TITLE),
)
SHOWN = (0, 1)  # their exit statuses after the button, and after closing the window
FAILED = tr("Inkfall could not start because of a mistake of its own. The report is in {file}.")
FAILED_UNWRITTEN = tr("Inkfall could not start because of a mistake of its own: {error}.")


def say(sentence: str, window: bool, show: Show | None = None) -> None:
    """Report why the program cannot start. window: whether a window was asked for, not a command of the terminal.
    show: shows the sentence; None for the box of this system."""
    if sys.stderr is not None:  # a program that Windows starts without a console has none
        sys.stderr.write(f"inkfall: {sentence}\n")
    if window and not _is_read(sys.stderr):
        (show or show_box)(sentence)


def _is_read(stream: object) -> bool:
    """Whether the stream is a terminal."""
    isatty = getattr(stream, "isatty", None)
    return bool(isatty and isatty())


def show_box(sentence: str, environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Show the sentence in a box and wait until it is closed. Returns whether that worked."""
    if platform == "win32":
        return _on_windows(sentence)
    if platform == "darwin":
        return _run(("osascript", "-e", f"display alert {_quoted(TITLE)} message {_quoted(sentence)} as critical"))
    if not has_display(environment):
        return False
    return by_qt(sentence) or any(_run((*box, sentence)) for box in BOXES)


def has_display(environment: Mapping[str, str]) -> bool:
    """Whether there is a display on which a window would be visible."""
    elsewhere = environment.get("QT_QPA_PLATFORM", "").partition(":")[0] not in ("", "xcb", "wayland")
    return not elsewhere and any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def by_qt(sentence: str, box: Callable[[str], None] | None = None) -> bool:
    """Show the sentence with Qt in a process of its own: Qt ends its process if a library is missing. box: shows it;
    None for Qt's message box. Returns whether that worked."""
    process = os.fork()
    if process == 0:
        status = 1
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)  # hides Qt's messages about missing libraries
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
    """Run a program that shows a box. Returns whether it exists and has shown its window."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode in SHOWN and b"display" not in done.stderr


def _on_windows(sentence: str) -> bool:
    import ctypes

    return bool(getattr(ctypes, "windll").user32.MessageBoxW(0, sentence, TITLE, 0x10))  # noqa: B009, missing on other systems


def _quoted(text: str) -> str:
    """The text as a string literal of AppleScript."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def watch(log: Path, show: Show | None = None) -> None:
    """Install an excepthook that reports and logs bugs until the window has a CrashReporter."""

    def caught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        from desktop.crash import report  # imports no Qt

        report.on_stderr(error.with_traceback(trace))
        if not issubclass(kind, KeyboardInterrupt):
            say(_report_bug(error, log), window=True, show=show)

    sys.excepthook = caught


def _report_bug(error: BaseException, log: Path) -> str:
    """Write a report of the error to the log; return the sentence for the user."""
    from desktop.crash import report  # imports no Qt
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
