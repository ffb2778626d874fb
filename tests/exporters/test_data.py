"""JSON and CSV of an estimator of several networks hold all that its equations read and compute."""

import csv
import json

import numpy as np
from agreement import tables


def test_all_numbers_of_several_networks(tmp_path):
    for at, (what, trace) in enumerate(tables.traces().items()):
        document = json.loads(trace.save(tmp_path / f"{at}.json").read_text(encoding="utf-8"))
        with trace.save(tmp_path / f"{at}.csv").open(newline="", encoding="utf-8") as file:
            cells = list(csv.DictReader(file))
        names = {name for e in document["equations"] for name in (e["name"], *e["inputs"])}
        assert {"output_of_2", "output_of_3", "mean_output", "activation_weight_1"} <= names, what
        for number, step in enumerate(trace.steps, 1):
            found = document["steps"][number - 1]["values"]
            for name in names:
                value = np.atleast_2d(step[name])
                read = np.atleast_2d(np.array(found[name], float))
                assert np.array_equal(read, value, equal_nan=True), (what, name)
                listed = [
                    float(c["value"])
                    for c in cells
                    if c["name"] == name and c["step"] == str(number)
                ]
                assert np.array_equal(listed, value.ravel(), equal_nan=True), (what, name)
