"""What a compiled C header computes is what the evaluator and the estimators compute."""

import ctypes
import subprocess

import numpy as np
import pandas as pd
import pytest
from agreement import tables, traces
from agreement.relative import assert_agree

import pellucid
from pellucid.algebra.primitives import PRIMITIVES
from pellucid.errors import InputError
from pellucid.evaluator import predict
from pellucid.exporters import c_header
from pellucid.printers import c_code

STRICT = ["-std=c99", "-Wall", "-Wextra", "-Wno-unused-const-variable", "-pedantic", "-Werror"]


def compiled(headers, folder):
    """Return the `predict` of each header, from one library."""
    source = folder / "all.c"
    parts = []
    for at, header in enumerate(headers):
        text = header.read_text().replace("PELLUCID_NETWORK_H", f"NETWORK_{at}_H")
        (folder / f"part_{at}.c").write_text(
            f"{text}\nvoid predict_{at}(const double **in, double *out);\n"
            f"void predict_{at}(const double **in, double *out) {{ predict({_arguments(text)}, out); }}\n"
        )
        parts.append(str(folder / f"part_{at}.c"))
    library = source.with_suffix(".so")
    command = ["gcc", *STRICT, "-O1", "-shared", "-fPIC", *parts, "-o", str(library), "-lm"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded = ctypes.CDLL(str(library))
    return [getattr(loaded, f"predict_{at}") for at in range(len(headers))]


def _arguments(text):
    head = text.split("static inline void predict(")[1].split(")")[0]
    count = head.count("const double *")
    return ", ".join(f"in[{at}]" for at in range(count))


def rows(function, width, *matrices):
    """Return what a compiled function answers to each row."""
    found = np.empty((len(matrices[0]), width))
    double = ctypes.POINTER(ctypes.c_double)
    for at in range(len(found)):
        given = [np.ascontiguousarray(m[at], np.float64) for m in matrices]
        pointers = (double * len(given))(*(g.ctypes.data_as(double) for g in given))
        function(pointers, found[at].ctypes.data_as(double))
    return found


@pytest.mark.needs("gcc")
def test_bare_networks(tmp_path):
    made = [traces.traced(case) for case in traces.drawn()]
    headers = [trace.save(tmp_path / f"network_{at}.h") for at, trace in enumerate(made)]
    for case, trace, function in zip(
        traces.drawn(), made, compiled(headers, tmp_path), strict=True
    ):
        parameters = {name: trace[name] for name in trace.network.parameter_shapes}
        expected = predict(trace.network, parameters, trace["X"])["output"]
        assert_agree(rows(function, expected.shape[1], trace["X"]), expected, 1e-9, str(case))


@pytest.mark.needs("gcc")
@pytest.mark.parametrize("classes", [2, 3, 0])
def test_an_estimator_for_tables(classes, tmp_path):
    """Names and categories with everything that could end a comment or a text of C."""
    rng = np.random.default_rng(0)
    numbers = np.where(rng.random((60, 2)) < 0.1, np.nan, rng.normal(size=(60, 2)))
    names = rng.choice(["*/ int main; /*", 'quoted "name" ?" ?/', "third\nline\\", "größer"], 60)
    frame = pd.DataFrame({"*/": numbers[:, 0], "=two": numbers[:, 1], "for\n*/": names})
    if classes:
        y = np.array([f"class {k}\\" for k in rng.integers(classes, size=60)])
        model = pellucid.TabularClassifier((5,), epochs=3, random_state=0, preset="plain").fit(
            frame, y
        )
        expected = model.predict_proba(frame)
    else:
        model = pellucid.TabularRegressor((5,), epochs=3, random_state=0, preset="plain")
        expected = model.fit(frame, rng.normal(1e6, 1, 60)).predict(frame).reshape(-1, 1)
    header = model.to_c(tmp_path / "model.h")
    levels = list(model.preparation_.categories[0].levels)
    codes = np.array([[float(levels.index(v))] for v in names])
    # The texts themselves have to be read by C as they are.
    asked = f'printf("%g", code_of("gr\\303\\266\\303\\237er", levels_of_codes_1, {len(levels)}));'
    (tmp_path / "main.c").write_text(
        f'#include "{header.name}"\n#include <stdio.h>\n'
        "int main(void) {\n"
        f'  for (int i = 0; i < {len(levels)}; i++) printf("%s%c", levels_of_codes_1[i], 0);\n'
        f"  {asked}\n"
        "}\n"
    )
    program = tmp_path / "main"
    command = ["gcc", *STRICT, str(tmp_path / "main.c"), "-o", str(program), "-lm"]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    said = subprocess.run([str(program)], capture_output=True, check=True).stdout.decode()
    assert said.split("\0") == [*levels, f"{levels.index('größer'):g}"]
    function = compiled([header], tmp_path)[0]
    assert_agree(rows(function, expected.shape[1], numbers, codes), expected, 1e-9)


@pytest.mark.needs("gcc")
def test_several_networks_that_answer_together(tmp_path):
    models = [tables.default_model(kind) for kind in tables.KINDS]
    headers = [model.to_c(tmp_path / f"model_{at}.h") for at, model in enumerate(models)]
    assert "static const float W1_of_3[" in headers[0].read_text()  # float32 holds what it trained
    for kind, model, function in zip(
        tables.KINDS, models, compiled(headers, tmp_path), strict=True
    ):
        data = tables.rows_to_ask(kind)
        expected = tables.answers_of(model, data)
        found = rows(function, expected.shape[1], *tables.matrices(model, data))
        assert_agree(found, expected, 1e-9, kind)


def test_too_many_numbers_are_refused_before_writing(tmp_path, monkeypatch):
    monkeypatch.setattr(c_header, "MOST_NUMBERS", 10)
    with pytest.raises(InputError, match=r"at most 10 numbers for a C header. Got 19.*ONNX"):
        pellucid.worked_example().save(tmp_path / "example.h")
    assert not list(tmp_path.iterdir())


def test_every_primitive_that_equations_have_is_written():
    """The two that only single cells have are left out."""
    assert set(PRIMITIVES) - c_code.PRIMITIVES_WRITTEN == {"sum_of", "max_of"}
