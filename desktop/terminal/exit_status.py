"""How a subcommand ends: its exit status, and the sentence that it failed with. Knows no subcommand."""

DONE, FAILED, INTERRUPTED = 0, 1, 130  # 2 is argparse's own


class Interrupted(Exception):  # noqa: N818  (a wish of the user, no error)
    """Ctrl+C was pressed before there was anything to show. The exit status is 130."""


class TerminalError(Exception):
    """The request failed. Its text is one sentence for stderr; the exit status is 1."""
