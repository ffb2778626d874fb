"""What happens to a raw table's columns before they reach the network, as equations."""

from pellucid.preparation.blocks import Categories
from pellucid.preparation.columns import CategoryColumn, Column, NumberColumn
from pellucid.preparation.record import BINNED, PLAIN, ROBUST, Preparation
from pellucid.preparation.target import ClassTarget, NumberTarget

__all__ = [
    "BINNED",
    "PLAIN",
    "ROBUST",
    "Categories",
    "CategoryColumn",
    "ClassTarget",
    "Column",
    "NumberColumn",
    "NumberTarget",
    "Preparation",
]
