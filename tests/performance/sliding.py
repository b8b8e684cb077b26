"""Checks and measures pages far longer than the context, with the starter model: `python -m tests.performance.sliding
[--tokens 8000] [--context 512] [--runs 3]`.

Compares every window that the model gets with the page's own tokens (tests/desktop/generation/sliding.py), with and
without a header; then prints the cost of the slides. A script, not a test of speed.
"""

import argparse
import sys
from pathlib import Path

from models.library import starter
from models.library.load_options import LoadOptions
from tests.desktop.generation.sliding import Written, write_long
from tests.models.asking import opened

PARTS = ("", " And then", "\n\nOn the next morning")
HEADERS = (0, 64, 0)  # tokens that stay, run by run
HERE = Path(__file__).resolve().parents[2] / ".data" / "models"


def row(written: Written, n_keep: int) -> str:
    """One run's figures."""
    given, tokens = written.given, written.tokens
    writing = written.seconds - given.reading
    cells = (
        f"{tokens:,}",
        f"{n_keep}",
        f"{written.slides}",
        f"{given.read_anew:,}",
        f"{given.read_anew / tokens:.2f}",
        f"{1000 * given.reading / tokens:.2f}",
        f"{1000 * writing / tokens:.2f}",
        f"{given.read_anew / given.reading:.0f}" if given.reading else "",
        f"{tokens / written.seconds:.1f}",
    )
    return " ".join(f"{cell:>11}" for cell in cells)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="sliding")
    for name, default in (("tokens", 8_000), ("context", 512), ("runs", 3), ("threads", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args(arguments)
    model = starter.installed(HERE) or starter.install(HERE)
    heads = ("tokens", "header", "slides", "read anew", "a token", "ms reading", "ms writing", "read/s", "tokens/s")
    print(" ".join(f"{head:>11}" for head in heads))
    for run in range(options.runs):
        n_keep = HEADERS[run % len(HEADERS)]
        with opened(model, LoadOptions(context=options.context, threads=options.threads)) as backend:
            written = write_long(backend, options.tokens, n_keep, PARTS[: run + 1])
            written.check(n_keep)
        print(row(written, n_keep), flush=True)
    print("In every window the model was given exactly the page's tokens from the edge on, behind those that stay.")


if __name__ == "__main__":
    main(sys.argv[1:])
