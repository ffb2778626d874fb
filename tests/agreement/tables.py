"""A table with every kind of column, and small estimators of the default preset that every export is held to."""

from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl

import pellucid
from pellucid.estimators.export import inference_of


def table(rows=80, days=900):
    """Return a table with every kind of column, and gaps; its dates lie within so many days."""
    rng = np.random.default_rng(5)
    gaps = rng.random((6, rows)) < 0.15
    when = np.datetime64("2024-02-28") + rng.integers(0, days, rows)
    columns = {
        "size, in m²": rng.normal(1e6, 1, rows),  # float32 cannot tell these apart
        "hidden_1": rng.choice(["small", "large", "'quoted'"], rows),
        "shared": rng.choice([True, False], rows),
        "floor": rng.integers(0, 4, rows),
        "when": when,
        "X": rng.exponential(3, rows),
    }
    data = pl.DataFrame(columns)
    return data.with_columns(
        pl.when(pl.Series(gaps[at])).then(None).otherwise(pl.col(name)).alias(name)
        for at, name in enumerate(columns)
    )


def as_numbers(data):
    """Return the table with dates as days, and with their parts, as the models take them."""
    when = pl.col("when")
    return data.with_columns(
        when.to_physical(),
        when.dt.year().alias("when: year"),
        when.dt.month().alias("when: month"),
        when.dt.weekday().alias("when: day of the week"),
    )


def matrices(model, data):
    """Return a table's columns as the matrices that exported equations read, in their order."""
    inference, columns = inference_of(model), as_numbers(data)
    found = {symbol.name: [] for symbol in inference.raw}
    for column in sorted(inference.columns, key=lambda c: c.at):
        values = columns[column.name].to_list()
        if column.levels:
            levels = list(column.levels)
            values = [levels.index(v) if v in levels else -1 for v in values]
        found[column.into].append([np.nan if v is None else float(v) for v in values])
    return [np.array(rows).T for rows in found.values()]


# Chances are calibrated where enough rows were held out.
ROWS = {"two classes": 140, "three classes": 140, "three classes, few rows": 60, "numbers": 140}
KINDS = tuple(ROWS)


def target(kind):
    """Return what a model of a kind learns of the table's rows: it depends on their floor, and on chance."""
    rng, floor = np.random.default_rng(1), table(ROWS[kind])["floor"].fill_null(1).to_numpy()
    hidden = floor + 0.5 * rng.normal(size=len(floor))
    if kind == "numbers":
        return 1e5 + 1e3 * hidden
    if kind == "two classes":
        return np.where(hidden > 1.5, "no", "yes")
    return np.array(["a", "b", "c"])[np.digitize(hidden, [0.5, 2.0])]


def fitted(kind, data):
    """Return a small estimator of the default preset: three networks, whose answers are averaged."""
    Model = pellucid.TabularRegressor if kind == "numbers" else pellucid.TabularClassifier
    model = Model((5,), preset="default", members=3, epochs=20, random_state=0)
    model.fit(data, target(kind))
    if kind == "numbers":
        # Hardly a prediction reaches a bound; these lie among the predictions, so that some rows meet each.
        bounds = np.quantile(model.predict(data), [0.2, 0.8])
        model.target_ = replace(model.target_, bounds=tuple(bounds.tolist()))
    return model


@cache
def default_model(kind):
    """Return the estimator of every column."""
    return fitted(kind, table(ROWS[kind]))


def narrow(kind):
    """Return the table with few inputs, which the pages of a handout have room for."""
    return table(ROWS[kind], days=5).select("floor", "hidden_1", "when")


@cache
def traced(kind, at=0, **options):
    """Return the trace of five rows of the narrow table, from one of them on."""
    data, rows = narrow(kind), slice(at, at + 5)
    return fitted(kind, data).trace(data[rows], target(kind)[rows], **options)


def traces():
    """Return traces with the answers of other networks, a temperature, bins and bounds, by name."""
    return {
        "averaged, two classes": traced("two classes", dropout=True),
        "averaged, three classes": traced("three classes", member=2),
        "averaged, few rows": traced("three classes, few rows", steps=2),
        "averaged, numbers": traced("numbers", steps=2),
    }


def rows_to_ask(kind):
    """Return the rows of training, rows of a category that was not in it, and rows without anything."""
    data = table(ROWS[kind])
    new = data[:10].with_columns(pl.lit("never seen").alias("hidden_1"))
    empty = data[:2].with_columns(
        pl.lit(None, data[name].dtype).alias(name) for name in data.columns
    )
    return pl.concat([data, new, empty])


def answers_of(model, data):
    """Return the chances or numbers that an estimator answers, shape (n, answers)."""
    if hasattr(model, "predict_proba"):
        return model.predict_proba(data)
    return model.predict(data).reshape(-1, 1)
