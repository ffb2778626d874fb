"""What ONNX Runtime computes from an exported model is what the evaluator and the estimators compute."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from agreement import tables, traces
from agreement.relative import assert_agree

import pellucid
from pellucid.errors import InputError, MissingLibraryError
from pellucid.evaluator import predict
from pellucid.exporters import onnx_model

runtime = pytest.importorskip("onnxruntime")


def answers(path, feeds):
    session = runtime.InferenceSession(str(path))
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, feeds), strict=True))


def feeds_of(path, table):
    """Return a table's columns as the model's inputs want them."""
    feeds = {}
    for wanted in runtime.InferenceSession(str(path)).get_inputs():
        column = table[wanted.name]
        if "string" in wanted.type:
            values = column.cast(pl.String).fill_null("").to_numpy().astype(object)
        else:
            values = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
        feeds[wanted.name] = values.reshape(-1, 1)
    return feeds


@pytest.mark.parametrize("case", traces.drawn(), ids=str)
def test_a_bare_network(case, tmp_path):
    trace = traces.traced(case)
    path = trace.save(tmp_path / "network.onnx")
    found = answers(path, {"X": trace["X"].astype(np.float32)})
    parameters = {name: trace[name] for name in trace.network.parameter_shapes}
    assert_agree(found["output"], predict(trace.network, parameters, trace["X"])["output"], 1e-5)


@pytest.mark.parametrize("classes", [["no", "yes"], ["a", "b", "c"], [3, 5, 9], [False, True]])
def test_a_classifier_for_tables(classes, tmp_path):
    data = tables.table()
    y = np.random.default_rng(1).choice(classes, data.height)
    model = pellucid.TabularClassifier((6,), epochs=5, random_state=0, preset="plain").fit(data, y)
    path = model.to_onnx(tmp_path / "model.onnx")
    found = answers(path, feeds_of(path, tables.as_numbers(data)))
    assert found["label"].tolist() == model.predict(data).tolist()
    assert_agree(found["probabilities"], model.predict_proba(data), 1e-5)


def test_a_regressor_for_tables_and_categories_it_has_not_seen(tmp_path):
    data = tables.table()
    y = 1e5 + 1e3 * np.random.default_rng(1).normal(size=data.height)
    model = pellucid.TabularRegressor((6,), epochs=5, random_state=0, preset="plain").fit(data, y)
    path = model.to_onnx(tmp_path / "model.onnx")
    new = data.with_columns(pl.lit("never seen").alias("hidden_1"))
    for rows in (data, new):
        found = answers(path, feeds_of(path, tables.as_numbers(rows)))["prediction"][:, 0]
        assert_agree(found, model.predict(rows), 1e-5)
        # The target is large and differs little: what the network has learnt has to agree, too.
        assert abs(found - model.predict(rows)).max() < 1e-5 * y.std()


@pytest.mark.parametrize("kind", tables.KINDS)
def test_several_networks_that_answer_together(kind, tmp_path):
    """As the default preset has them, with bins, activations that are learnt, a temperature and bounds."""
    model, data = tables.default_model(kind), tables.rows_to_ask(kind)
    path = model.to_onnx(tmp_path / "model.onnx")
    found = answers(path, feeds_of(path, tables.as_numbers(data)))
    if kind == "numbers":
        off = abs(found["prediction"][:, 0] - model.predict(data))
        assert off.max() < 1e-5 * tables.target(kind).std()
    else:
        assert found["label"].tolist() == model.predict(data).tolist()
        assert_agree(found["probabilities"], model.predict_proba(data), 1e-5)


@pytest.mark.parametrize("kind", ["two classes", "four classes", "labels", "numbers"])
def test_an_mlp(kind, tmp_path):
    rng = np.random.default_rng(3)
    X = rng.normal(size=(60, 5)).astype(np.float32)
    y = {
        "two classes": rng.choice(["no", "yes"], 60),
        "four classes": rng.integers(1, 5, 60),
        "labels": rng.integers(0, 2, (60, 3)),
        "numbers": rng.normal(size=(60, 2)),
    }[kind]
    Model = pellucid.MLPRegressor if kind == "numbers" else pellucid.MLPClassifier
    model = Model(
        hidden_layer_sizes=(7, 4), max_iter=10, tol=0, n_iter_no_change=99, random_state=0
    )
    with pytest.warns(UserWarning, match="Maximum iterations"):
        model.fit(X, y)
    found = answers(model.to_onnx(tmp_path / "mlp.onnx"), {"X": X})
    if "classes" in kind:
        assert found["label"].tolist() == model.predict(X).tolist()
        assert_agree(found["probabilities"], model.predict_proba(X), 1e-5)
    else:
        expected = model.predict(X) if kind == "numbers" else model.predict_proba(X)
        assert_agree(found["output"], expected, 1e-5)


def test_one_row_and_none(tmp_path):
    trace = pellucid.worked_example()
    path = trace.save(tmp_path / "example.onnx")
    for rows in (1, 0):
        assert answers(path, {"X": np.ones((rows, 4), np.float32)})["output"].shape == (rows, 1)


def test_a_network_that_is_too_large_is_refused_before_writing(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_model, "MOST_BYTES", 50)
    with pytest.raises(InputError, match=r"at most 50 bytes .* Got 76"):
        pellucid.worked_example().save(tmp_path / "example.onnx")
    assert not list(tmp_path.iterdir())


def test_without_the_library_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    with pytest.raises(MissingLibraryError, match=r"pip install 'pellucid\[onnx\]'"):
        pellucid.worked_example().save(tmp_path / "example.onnx")
    assert not list(Path(tmp_path).iterdir())
