"""The program of program.py with a planted bug: a page is saved only on request, so leaving it loses text. The monkey
must find it."""

import runpy

from desktop.open_page import page_location
from desktop.open_page.saving import SOON, Saver


class Losing(Saver):
    """A Saver that writes neither after a while nor at the end."""

    def touch(self, within: int = SOON) -> None:
        pass

    def leave(self) -> None:
        self._take = lambda: None
        super().leave()


if __name__ == "__main__":
    page_location.Saver = Losing
    runpy.run_module("tests.monkey.program", run_name="__main__")
