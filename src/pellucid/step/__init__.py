"""One training step, written once."""

from pellucid.step.build import Recorder, Step, named
from pellucid.step.forward import forward

__all__ = ["Recorder", "Step", "forward", "named"]
