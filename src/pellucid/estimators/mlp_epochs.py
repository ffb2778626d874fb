"""The epochs of an MLP's fit, with what scikit-learn counts: by NumPy, or several in one compiled call."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import DivergedError, InputError
from pellucid.estimators.mlp_choices import ADDED_UP, printed
from pellucid.training.compiled import CompiledUpdates, Failed
from pellucid.training.divergence import diverged
from pellucid.training.events import Listeners, UpdateMade
from pellucid.training.rows import as_numbers

if TYPE_CHECKING:
    from pellucid.estimators.mlp_fit import StochasticFit

Array = NDArray[Any]

# What scikit-learn says when weights are not finite; code that waits for it finds it in our error too.
NOT_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and need to be "
    "preprocessed."
)
# Epochs of so many multiplications together, an update counted as some, make one call at most: some
# hundredths of a second, which are lost when the first of them turns out to be the last.
WORTH_JOINING, OF_AN_UPDATE = 20_000_000, 1_000
# No more rows than these in such a call: their numbers are drawn ahead, four bytes each.
JOINED_ROWS = 65_536


@dataclass(frozen=True, eq=False)
class Passed:
    """Some epochs that went by: the loss of each as it is printed, and how many rows they have seen."""

    losses: Array
    seen: int


@dataclass(eq=False)
class Orders:
    """The order of the rows in each epoch, drawn by scikit-learn's calls.

    `order` holds the numbers of the rows learned from as the last epoch had them; each shuffle is made in
    its place. None stands for all rows as they come.
    """

    order: Array | None
    shuffles: bool
    random_state: np.random.RandomState
    _before: tuple[Array, Any] | None = None

    def one(self) -> Array | None:
        """Return the row numbers of the next epoch; they are good until the one after it."""
        if self.shuffles and self.order is not None:
            # What sklearn.utils.shuffle draws, which shuffles numbers of places and takes the order by them.
            self.random_state.shuffle(self.order)
        return self.order

    def several(self, epochs: int) -> Array | None:
        """Return the row numbers of the next epochs, one after the other."""
        if self.order is None or epochs == 1:
            return self.one()
        self._before = self.order.copy(), self.random_state.get_state()
        count = len(self.order)
        drawn = np.empty(epochs * count, self.order.dtype)
        for at in range(epochs):
            drawn[at * count : (at + 1) * count] = self.one()
        return drawn

    def only(self, epochs: int) -> None:
        """Take back what `several` has drawn, but for the first `epochs` epochs."""
        if self.order is not None and self._before is not None:
            self.order[:], state = self._before
            self.random_state.set_state(state)
            for _ in range(epochs):
                self.one()


def counted(
    losses: Array, best: float, waited: int, tol: float, patience: float
) -> tuple[int, float, int]:
    """Return how many of the epochs are made, their best loss, and the epochs without progress then.

    scikit-learn's rule: the loss has to go below the best one by `tol`, or after more than `patience`
    epochs in which it does not there is no further one.
    """
    numbers = np.arange(1, len(losses) + 1)
    bests = np.minimum.accumulate(np.append(best, losses))
    slow = losses > bests[:-1] - tol
    waits = numbers - np.maximum.accumulate(np.where(slow, -waited, numbers))
    over = np.flatnonzero(waits > patience)
    made = int(over[0]) + 1 if over.size else len(losses)
    return made, float(bests[made]), int(waits[made - 1])


def together(fit: StochasticFit, so_far: int) -> int:
    """Return how many epochs make the next call, when `so_far` made the last one.

    As many as there will be in any case; and more and more, so that what is lost when they were too many
    is not much more than was made.
    """
    model, network = fit.model, fit.network
    left = int(model.max_iter - model.n_iter_)
    surely = min(left, model.n_iter_no_change - model._no_improvement_count + 1)
    one = fit.examples.count * 3 * network.parameter_count
    one += fit.run.updates_per_epoch * OF_AN_UPDATE
    most = min(WORTH_JOINING // one, JOINED_ROWS // fit.examples.count)
    return max(1, min(left, max(int(surely), 4 * so_far), most))


def compiled_epochs(
    fit: StochasticFit, compiled: CompiledUpdates, number: int, epochs: int
) -> Passed:
    """Make some epochs in one call: those that scikit-learn would make before it stops, and no others."""
    model = fit.model

    def made(order: Array | None, epochs: int) -> Passed:
        try:
            result = compiled.make(order, number, epochs)
        except Failed as failed:
            raise not_finite(fit, failed.values, failed.epoch, failed.batch) from None
        if not result.updates:
            raise no_rows_that_count()
        begun = int(np.count_nonzero(result.rows))
        outputs = 1 if fit.network.loss.name in ADDED_UP else fit.network.outputs
        losses = (result.mean_losses / outputs + result.penalties)[:begun] / result.rows[:begun]
        return Passed(losses, int(result.rows.sum()))

    order = fit.orders.several(epochs)
    passed = made(order, epochs)
    if epochs == 1:
        return passed
    past, best = model._no_improvement_count, model.best_loss_
    wanted = counted(passed.losses, best, past, model.tol, model.n_iter_no_change)[0]
    if wanted < len(passed.losses):
        compiled.go_back()
        passed = made(None if order is None else order[: wanted * fit.examples.count], wanted)
    if len(passed.losses) < epochs:
        fit.orders.only(len(passed.losses))
    return passed


def numpy_epoch(fit: StochasticFit, tell: Listeners, number: int) -> Passed:
    """Make one epoch, update by update."""
    run, examples, updates, order = fit.run, fit.examples, fit.updates, fit.orders.one()
    planned = fit.model.max_iter * run.updates_per_epoch
    seen, total, made = 0, 0.0, False
    for batch, start in enumerate(range(0, examples.count, fit.batch_size)):
        part = slice(start, min(start + fit.batch_size, examples.count))
        # A slice of rows that lie one behind the other copies nothing; a listener may keep the numbers.
        rows: Any = part if order is None else order[part].copy()
        numbers = np.arange(part.start, part.stop) if order is None else rows
        weight = None
        if examples.row_weight is not None:
            weight = np.asarray(examples.row_weight[rows], fit.flat.dtype)
        seen += len(numbers)
        if weight is not None and not weight.any():
            continue  # rows that do not count make no update
        y = as_numbers(examples.y[rows], fit.network.outputs, fit.flat.dtype)
        progress = min(updates.number / planned, 1.0)
        given = updates.given(examples.X[rows], y, weight, epoch=number, progress=progress)
        values = updates.make(given)
        made = True
        loss = printed(fit.network, float(values["loss"]), float(values.get("penalty", 0.0)))
        if not (math.isfinite(loss) and np.isfinite(fit.flat).all()):
            raise not_finite(fit, values, number, batch)
        total += loss * len(numbers)
        tell(UpdateMade(run, numbers, values))
        fit.look_up()
        if run.reason:
            break
    if not made:
        raise no_rows_that_count()
    return Passed(np.array([total / seen]), seen)


def no_rows_that_count() -> InputError:
    """Return the error for an epoch without an update."""
    return InputError("Expected rows that count. Got a weight of 0 in every row to learn from.")


def not_finite(fit: StochasticFit, values: Any, epoch: int, batch: int) -> DivergedError:
    """Return the error for values of an update that are not all finite; `epoch` and `batch` from 0."""
    updates = fit.updates
    rate = float((values if "learning_rate" in values else updates.settings)["learning_rate"])
    cause = diverged(updates.step, values, updates.number, epoch, rate)
    return DivergedError(f"{NOT_FINITE} Epoch {epoch + 1}, batch {batch + 1}: {cause}")
