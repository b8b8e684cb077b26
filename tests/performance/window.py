"""What the window costs while a model writes: `python -m tests.performance.window [--rate 100] [--frame 33]
[--profile]`.

The scripted engine writes at a steady rate, which costs its process little. Prints the processor time that the
window's process takes a second and a token, in all its threads, and with --profile where the GUI thread spends it.
Processor time changes little when other programs run beside. The engine's child still sends tokens as often as it does
here, whatever --frame says.
"""

import argparse
import cProfile
import pstats
import sys
import tempfile
from pathlib import Path

import psutil

from desktop.app import make_application
from desktop.generation import event_pump
from desktop.window_benchmark import PROMPT, Measurement
from models.library import machine

SECONDS = 10.0  # that the model writes


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="window")
    parser.add_argument("--rate", type=int, default=100, help="tokens a second")
    parser.add_argument("--frame", type=int, default=0, help="milliseconds between two pictures (as here)")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args(arguments)
    if options.frame:
        event_pump.FRAME = machine.FRAME = machine.LONG_FRAME = options.frame
    application = make_application()
    with tempfile.TemporaryDirectory() as home:
        Writing(Measurement(Path(), Path(home), application), options.rate, options.profile).run()


class Writing:
    """The program in this process, which writes for a while."""

    def __init__(self, measurement: Measurement, rate: int, profile: bool) -> None:
        self._measured, self._rate, self._profile = measurement, rate, profile

    def run(self) -> None:
        measured, program = self._measured, self._measured.program
        program.models.open(f"scripted:?rate={self._rate}")
        measured.until_ready()
        program.page.write(0, 0, PROMPT)
        tokens = round(SECONDS * self._rate)
        measured.write(self._rate)  # opens what opens with the first token
        profile, process = cProfile.Profile(), psutil.Process()
        before = process.cpu_times()
        if self._profile:
            profile.enable()
        speed = measured.write(tokens)
        profile.disable()
        after = process.cpu_times()
        cpu = after.user + after.system - before.user - before.system
        print(
            f"{speed:.0f} tokens/s: {1e3 * cpu / tokens:.2f} ms of processor time a token, "
            f"{cpu / tokens * speed:.2f} of a core"
        )
        if self._profile:
            pstats.Stats(profile).sort_stats("tottime").print_stats(35)
            pstats.Stats(profile).sort_stats("cumtime").print_stats(45)
        program.close()


if __name__ == "__main__":
    main(sys.argv[1:])
