"""Makes the README's picture: the real window, offscreen, with the starter model's own words on the page.

make picture
"""

import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_SCALE_FACTOR", "2")

from PySide6.QtCore import QEventLoop, QTimer

from desktop.app import Inkfall, make_application
from desktop.generation.state import Phase
from models.library.app_dirs import app_dirs, under
from models.library.installed import the_starter

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "window.png"
PROMPT = "The lighthouse keeper had not spoken to anyone for a year when the boat came."
SEED = 11
PATIENCE = 120_000  # milliseconds


def until(program: Inkfall, phase: Phase) -> None:
    """Let the event loop run until the session is in that phase."""
    loop = QEventLoop()
    program.session.state_changed.connect(lambda state: loop.quit() if state.phase is phase else None)
    QTimer.singleShot(PATIENCE, loop.quit)
    if program.session.state.phase is not phase:
        loop.exec()


def main(theme: str = "light", target: Path = PICTURE) -> None:
    application = make_application()
    with tempfile.TemporaryDirectory() as home:
        program = Inkfall(under(Path(home)), application)
        program.preferences.change(theme=theme, starter_terms_seen=True)
        program.window.resize(1180, 760)
        program.window.show()
        program.models.open(str(the_starter(app_dirs())))
        until(program, Phase.READY)
        program.page.write(0, 0, PROMPT)
        program.set_recipe(replace(program.recipe, length=90, seed=SEED))
        program.session.write(program.recipe)
        until(program, Phase.READY)
        loop = QEventLoop()
        QTimer.singleShot(300, loop.quit)
        loop.exec()
        if program.page.last_generation() is None:
            raise SystemExit("The model wrote nothing: the picture stays as it is.")
        program.window.grab().save(str(target))
        program.window.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "light", Path(sys.argv[2]) if len(sys.argv) > 2 else PICTURE)
