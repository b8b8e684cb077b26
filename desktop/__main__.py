"""The entry point, `inkfall` or `python -m desktop`: opens the window or runs a subcommand.

No Qt import at module level: the engine's child process imports this file again, and subcommands never load Qt.
"""

import gc
import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def wants_window(arguments: Sequence[str]) -> bool:
    """Whether the arguments ask for the window: none, or files to open. Anything else is a subcommand."""
    from desktop.terminal.command_line import COMMANDS

    if not arguments:
        return True
    first = arguments[0]
    return not first.startswith("-") and first not in COMMANDS and (Path(first).suffix != "" or os.path.exists(first))  # noqa: PTH110 (pathlib raises for what cannot be looked at)


def why_no_window(environment: Mapping[str, str], platform: str) -> str:
    """Return why no window can open here, as a sentence for the user, or an empty text."""
    from desktop.terminal import libraries
    from resources.language import tr  # here, because its import fixes the language

    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if platform.startswith("linux") and not any(environment.get(name) for name in names):
        return tr("There is no display here, so no window can open; `inkfall complete` writes in the terminal.")
    if lacking := libraries.packages(libraries.missing(libraries.for_display(environment))):
        sentence = tr("The window needs libraries that this system lacks; on Debian: apt-get install {packages}")
        return sentence.format(packages=" ".join(lacking))
    return ""


def open_window(paths: Sequence[str]) -> int:
    """Open the window with these files. Returns the exit status."""
    from desktop.start import startup_errors
    from models.library.app_dirs import app_dirs

    if sentence := why_no_window(os.environ, sys.platform):
        startup_errors.say(sentence, window=True)
        return 1
    startup_errors.watch(app_dirs().log)
    gc.disable()  # imports leave no garbage, and collections would take a tenth of the start
    from desktop.app import run

    return run(paths)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run with these arguments (by default the process's own). Returns the exit status (terminal/exit_status.py)."""
    multiprocessing.freeze_support()
    from desktop.start import language_choice, process_environment
    from models.library.hub import variables

    process_environment.mend()
    variables.take_out_tokens()
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    language_choice.choose(arguments)  # before any module with sentences is imported
    from desktop.terminal import streams
    from models.llamacpp import processor

    streams.guard_streams()

    if sentence := processor.lacking():  # numpy would raise, and libraries of llama.cpp would end the process
        from desktop.start import startup_errors

        startup_errors.say(sentence, window=wants_window(arguments))
        return 1
    if wants_window(arguments):
        return open_window(arguments)
    if arguments[0] == "--measure-window":  # from `inkfall bench`, where there is no Python beside the program
        from desktop.window_benchmark import main as measure

        return measure(arguments[1])
    from desktop.terminal.command_line import run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
