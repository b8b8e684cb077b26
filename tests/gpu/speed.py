"""Tokens a second on the graphics device: bare llama.cpp, our loop with its readings, and the same through the pipe.

    .venv-gpu/bin/python -m tests.gpu.speed [--rounds N] [--tokens N] [--software]

On random-weight models made here, in the shapes of Gemma 3 270M and of an 8B Llama in 4 bits; the large one only where
it fits on a device. Nothing is asserted: it prints a table.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from pathlib import Path

from models.launch.device_probe import SeenDevice, probe
from tests.models.library import shapes

SMALL = shapes.Shape(
    "gemma3", 640, 18, heads=4, key_heads=1, head=256, inner=2_048, vocabulary=262_144, tied=True, window=512,
    quantised=True,
)  # fmt: skip
LARGE = shapes.Shape(
    "llama", 4_096, 32, heads=32, key_heads=8, head=128, inner=14_336, vocabulary=128_256, context=8_192,
    quantised=True,
)  # fmt: skip
FOR_LARGE = 8 << 30  # bytes free on a device
TOP = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=0, help="turns that count (5; 1 in software)")
    parser.add_argument("--tokens", type=int, default=0, help="tokens of a turn (128; 4 in software)")
    parser.add_argument("--software", action="store_true", help="measure even where the device is the processor")
    options = parser.parse_args()
    if not any(Path("/dev/dri").glob("renderD*")):
        os.environ.setdefault("GGML_VK_VISIBLE_DEVICES", "0")
    device = next((one for one in probe().devices if one.graphics), None)
    if device is None:
        sys.exit("There is no graphics device here.")
    software = "llvmpipe" in device.description
    if software and not options.software:
        print(f"{device.description} is no device to measure speed on; --software does it all the same (5 minutes).")
        return
    rounds, tokens = options.rounds or (1 if software else 5), options.tokens or (4 if software else 128)
    print(f"{device.name}: {device.description}, {device.free / 1e9:.1f} GB free; {tokens} tokens, median of {rounds}")
    print(f"{'model':24}{'bare':>10}{'readings':>10}{'piped':>10}{'share':>8}")
    for name, shape in _models(device):
        with tempfile.TemporaryDirectory() as folder:
            _measure(name, shapes.make(Path(folder, "random.gguf"), shape), rounds, tokens)


def _models(device: SeenDevice) -> list[tuple[str, shapes.Shape]]:
    small, large = ("270M shape, 4 bits", SMALL), ("8B shape, 4 bits", LARGE)
    return [small, large] if device.free > FOR_LARGE else [small]


def _measure(name: str, path: Path, rounds: int, tokens: int) -> None:
    from models import benchmark  # only here: it asks llama.cpp for its devices, and the environment is set now

    with contextlib.ExitStack() as until_the_end:
        enter = until_the_end.enter_context
        kinds = [
            enter(benchmark.bare_loop(path, 0, tokens)),
            *(enter(made(path, tokens, TOP)) for made in (benchmark.reading_loop, benchmark.piped)),
        ]
        bare, readings, piped = benchmark.in_turns(kinds, rounds)
    print(f"{name:24}{bare:10.1f}{readings:10.1f}{piped:10.1f}{piped / bare:8.2f}")


if __name__ == "__main__":
    main()
