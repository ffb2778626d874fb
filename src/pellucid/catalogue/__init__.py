"""What can be chosen: activations, losses, optimizers, schedules, initializers."""

from pellucid.catalogue.activations import Activation, activation
from pellucid.catalogue.initializers import Initializer, initializer
from pellucid.catalogue.losses import Loss, loss
from pellucid.catalogue.optimizers import OPTIMIZERS, Optimizer, optimizer
from pellucid.catalogue.records import Record, find, from_data, names, register, to_data
from pellucid.catalogue.schedules import Schedule, schedule

__all__ = [
    "OPTIMIZERS",
    "Activation",
    "Initializer",
    "Loss",
    "Optimizer",
    "Record",
    "Schedule",
    "activation",
    "find",
    "from_data",
    "initializer",
    "loss",
    "names",
    "optimizer",
    "register",
    "schedule",
    "to_data",
]
