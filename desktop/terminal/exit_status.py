"""The exit statuses of subcommands, and the exceptions that end them."""

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130  # USAGE as argparse has it


class Interrupted(Exception):  # noqa: N818  (not an error)
    """Ctrl+C was pressed before there was any output. The exit status is 130."""


class TerminalError(Exception):
    """The request failed. Its text is one sentence for stderr; the exit status is 1."""
