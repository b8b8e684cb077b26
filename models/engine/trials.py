"""Whether a child that died did so of the layers it had on a device, and what to load instead: a small state machine,
fed with the events of one child.

Knows no processes and no pipes: engine.py has those.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.engine.messages import Ended, Event, Load, Loaded, Trying


@dataclass(frozen=True, slots=True)
class Trial:
    """job: the load that this is about. layers: on devices, tried now or in use. proven: the model has answered since
    it was loaded. off: the user gave the load up, or killed the child.
    """

    job: int = 0
    layers: int = 0
    proven: bool = False
    off: bool = False

    def after(self, event: Event) -> Trial:
        match event:
            case Trying():
                return replace(self, job=event.job, layers=event.layers, proven=False)
            case Loaded():
                return replace(self, job=event.job, layers=event.model.offloaded, proven=False)
            case Ended() if event.tokens or event.reason == "done":
                return replace(self, proven=True)
            case _:
                return self

    def called_off(self) -> Trial:
        return replace(self, off=True)

    def lower(self, load: Load, why: str) -> Load | None:
        """The same load below what the child died of; None where it did not die of a device."""
        if self.off or self.proven or not self.layers or self.job != load.job:
            return None
        return replace(load, ceiling=self.layers, why=why)
