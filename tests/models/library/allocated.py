"""Reads from llama.cpp's own log what it allocates for a model; run as a program, so that the log is one model's.

Prints the log's buffers on stdout, a line each: kind, device, bytes. Its arguments: file, context, cache type, layers
on the devices.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
BUFFER = re.compile(r"(\S+)\s+(model|KV|RS|compute|output) buffer size =\s+([\d.]+) MiB")
SEQUENCES = re.compile(r"n_seq_max +=\s+(\d+)")


@dataclass(frozen=True, slots=True)
class Allocated:
    """Bytes, by (device, kind): kind is model, KV, RS, compute or output. rows: of the output that a score asks for."""

    buffers: dict[tuple[str, str], float]
    rows: int
    log: str

    def of(self, *kinds: str, device: bool = False) -> float:
        """Bytes of those kinds, on the graphics devices or on the CPU."""
        return sum(size for (name, kind), size in self.buffers.items() if kind in kinds and _graphics(name) is device)

    def total(self, device: bool = False) -> float:
        """All of it. The log tells the output's buffer for a row a sequence; a score's has more."""
        logged = int(SEQUENCES.findall(self.log)[-1])
        rows = 0 if device else (max(self.rows / logged, 1) - 1) * self.of("output")
        return self.of("model", "KV", "RS", "compute", "output", device=device) + rows


def _graphics(name: str) -> bool:
    """Vulkan_Host and CUDA_Host are the computer's own memory."""
    return not name.startswith("CPU") and "Host" not in name


def allocated(path: Path, context: int, cache_type: str = "f16", layers: int = 0, flash: str = "auto") -> Allocated:
    """Load it in a process of its own, evaluate a chunk, and gather what its log says."""
    arguments = [str(path), str(context), cache_type, str(layers), flash]
    command = [sys.executable, "-m", "tests.models.library.allocated", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    buffers: dict[tuple[str, str], float] = {}
    for name, kind, size in BUFFER.findall(done.stderr):
        buffers[name, kind] = buffers.get((name, kind), 0.0) + float(size) * 2**20
    return Allocated(buffers, int(done.stdout.split()[-1]), done.stderr)


def main() -> None:
    from models.launch.in_process import open_model
    from models.library import memory
    from models.library.load_options import LoadOptions
    from models.llamacpp.binding import log_to_stderr

    path, context, cache_type, layers, flash = sys.argv[1:]
    log_to_stderr()
    options = LoadOptions(context=int(context), gpu_layers=int(layers), cache_type=cache_type, flash_attention=flash)
    backend = open_model(Path(path), options, lambda _fraction: True)
    backend.evaluate([3])
    sys.stdout.write(f"{min(backend.facts.batch, memory.OUTPUTS)}\n")
    backend.close()


if __name__ == "__main__":
    main()
