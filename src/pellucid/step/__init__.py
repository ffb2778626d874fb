"""One training step, written once."""

from pellucid.step.build import Recorder, Step, named
from pellucid.step.forward import forward
from pellucid.step.names import STAGES, describe

__all__ = ["STAGES", "Recorder", "Step", "describe", "forward", "named"]
