"""What ends the process at once (SIGSEGV, SIGABRT, …) leaves a trace in a file; the next start finds it.

No Qt. Nothing can be saved at that moment: the page's file was written a moment before.
"""

import faulthandler
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

from models.library.permissions import make_folder, opener

FILE = "fatal.log"
LARGEST = 40_000  # characters of a trace
TOLD = ("Fatal Python error", "Windows fatal exception", "Current thread", "Thread 0x")  # how a trace begins


@dataclass(frozen=True, slots=True)
class Remains:
    """What the last run left when it was ended. program: its version; when: the time of its end."""

    program: str
    when: datetime
    trace: str

    @property
    def signal(self) -> str:
        """What ended it, in the system's words: the first line of the trace."""
        return self.trace.partition("\n")[0].partition(": ")[2] or "unknown"


def remains(folder: Path) -> Remains | None:
    """What the last run left in the folder of logs; None where it ended as it should, or was killed."""
    file = folder / FILE
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
        when = datetime.fromtimestamp(file.stat().st_mtime)
    except OSError:
        return None
    program, _, trace = ("", "", text) if text.startswith(TOLD) else text.partition("\n")
    trace = trace.strip()[:LARGEST]
    return Remains(program or "unknown", when, trace) if trace.startswith(TOLD) else None


class Watch:
    """From now on a fatal signal writes into the file where every thread was. Where that cannot be, it does nothing."""

    def __init__(self, folder: Path) -> None:
        self._file: TextIO | None = None
        try:
            make_folder(folder)
            self._file = open(folder / FILE, "w", encoding="utf-8", opener=opener)  # noqa: SIM115 (closed by `close`)
        except OSError:
            return
        faulthandler.enable(self._file)

    def name(self, program: str) -> None:
        """Say which version this is, for whoever reads the trace after an update. Asked for once there is time."""
        if self._file is not None:
            with suppress(OSError):
                self._file.write(f"{program}\n")
                self._file.flush()

    def close(self) -> None:
        """The program ends as it should."""
        if self._file is not None:
            faulthandler.disable()
            with suppress(OSError):
                self._file.close()
