"""What llama.cpp sees of this machine, for the subcommands: see models/engine/probe.py."""

from models.engine.probe import ProbeError, probe

__all__ = ["ProbeError", "probe"]
