"""One training step, written once."""

from pellucid.step.build import Recorder, Step, named
from pellucid.step.forward import forward
from pellucid.step.names import STAGES, describe
from pellucid.step.rows import as_matrix, as_rows

__all__ = ["STAGES", "Recorder", "Step", "as_matrix", "as_rows", "describe", "forward", "named"]
