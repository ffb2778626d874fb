"""Where an unfinished fit stands, kept in a file after its epochs, so that it can go on exactly."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import InputError, ModelFileError, explain
from pellucid.estimators.mlp_files import choices_of, content, restored
from pellucid.estimators.mlp_fit import Place, StochasticFit
from pellucid.training.storage import READING_ERRORS, read_model, write_model

Array = NDArray[Any]

# Parameters that may be others when a fit goes on: when it ends, how it tells of itself, and what computes it.
# The layers are compared by their sizes.
MAY_CHANGE = (
    "max_iter", "time_limit", "verbose", "listeners", "n_jobs", "engine", "warm_start", "hidden_layer_sizes",
)  # fmt: skip
# Row numbers and the generator's words, which are whole numbers.
_EXTRA = ("order", "judging_rows", "generator")


@dataclass
class Checkpoints:
    """Writes a fit's place to a file: after the first epoch, the last, and others when a second has passed.

    `data` is the digest of the rows that it learns from.
    """

    path: str | os.PathLike[str]
    data: str

    def __call__(self, fit: StochasticFit, place: Place) -> None:
        """Write the place."""
        header, arrays = content(fit.model, fit.state(), fit.run.history)
        name, words, position, has_gauss, gauss = place.generator
        header["place"] = {
            "generator": [str(name), int(position), int(has_gauss), float(gauss)],
            "seed": place.seed,
            "converged": place.converged,
            "adaptive": place.adaptive,
            "rows": place.count,
            "data": self.data,
        }
        extra = {"order": place.order, "judging_rows": place.judging}
        extra["generator"] = words
        arrays |= {name: np.reshape(v, (1, -1)) for name, v in extra.items() if v is not None}
        write_model(self.path, header, arrays)


def place_in(path: Any, model: Any, rows: int) -> tuple[Any, Place]:
    """Return the estimator and the place of a file that `Checkpoints` wrote.

    Raises
    ------
    ModelFileError
        If it is no such file, or a damaged one.
    InputError
        If it belongs to another kind of estimator, or another number of rows.
    """
    header, arrays = read_model(path)
    if "place" not in header or header.get("estimator") != type(model).__name__:
        raise InputError(
            explain(
                expected=f"a file that {type(model).__name__}.fit(…, checkpoint=path) wrote",
                got=f"{path}, which is none",
                do="give that file, or fit without resume",
            )
        )
    saved = restored(
        path,
        {type(model).__name__: type(model)},
        header,
        {name: array for name, array in arrays.items() if name not in _EXTRA},
    )
    try:
        place = _place(header["place"], arrays, saved)
    except READING_ERRORS as error:
        raise ModelFileError(
            f"Expected a checkpoint that hangs together. Got {path}, which does not: {str(error)[:200]}"
        ) from error
    if place.count != rows:
        raise InputError(
            explain(
                expected=f"the {place.count} rows that the fit was begun with",
                got=f"{rows} rows",
                do="resume it with the same X and y",
            )
        )
    return saved, place


def changed_parameters(saved: Any, model: Any) -> list[str]:
    """Return the names of the parameters that are not those of the fit that was saved."""
    then, now = choices_of(saved), choices_of(model)
    return [name for name in now if name not in MAY_CHANGE and then[name] != now[name]]


def _place(about: Mapping[str, Any], arrays: Mapping[str, Array], saved: Any) -> Place:
    count = int(about["rows"])

    def whole(name: str, below: int) -> Array | None:
        if name not in arrays:
            return None
        values = arrays[name].ravel()
        if not ((values >= 0) & (values < below) & (values == np.floor(values))).all():
            raise ValueError(f"{name} holds other numbers than it may")
        return values.astype(np.int32 if below < 2**31 else np.int64)

    name, position, has_gauss, gauss = about["generator"]
    words, order = whole("generator", 2**32), whole("order", count)
    if words is None or (order is None and saved.shuffle):
        raise ValueError("there is no order of rows, or no generator")
    generator = (str(name), words.astype(np.uint32), int(position), int(has_gauss), float(gauss))
    np.random.RandomState(0).set_state(generator)
    best, waited = about["adaptive"] or (None, 0)
    return Place(
        order,
        whole("judging_rows", count),
        generator,
        int(about["seed"]),
        str(about["converged"]),
        (-math.inf if best is None else float(best), int(waited)),
        count,
        int(saved.n_iter_),
        str(about.get("data", "")),
    )
