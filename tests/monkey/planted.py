"""The program of program.py with a fault: a page is written only when that is asked for, and one that leaves the desk
does not ask. The monkey has to find it."""

import runpy

from desktop.open_page import page_location
from desktop.open_page.saving import SOON, Saver


class Losing(Saver):
    """Writes neither by and by nor at the end."""

    def touch(self, within: int = SOON) -> None:
        pass

    def leave(self) -> None:
        self._take = lambda: None
        super().leave()


if __name__ == "__main__":
    page_location.Saver = Losing
    runpy.run_module("tests.monkey.program", run_name="__main__")
