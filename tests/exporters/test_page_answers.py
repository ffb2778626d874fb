"""The live page of an estimator of several networks, read out of Chromium."""

import numpy as np
import pytest
from agreement import relative, tables
from chromium import Chromium
from exporters import test_page as pages

from pellucid.algebra.values import evaluate
from pellucid.evaluator import run


@pytest.mark.needs("chromium")
def test_several_networks_that_answer_together(tmp_path):
    """The answers of the others are given; their mean, chances and bounds follow a changed bias, too."""
    with Chromium() as browser:
        for at, trace in enumerate(tables.traces().values()):
            page = browser.page(trace.save(tmp_path / f"page_{at}.html"))
            for step in trace.steps:
                pages.assert_same(page, trace, step.number)
            pages.assert_same_sources(page, trace)
            page.run(pages.CHANGE.format(name="b2", row=0, column=0, value=0.75))
            given = {name: np.array(value) for name, value in trace.steps[0].values.items()}
            given["b2"][0, 0] = 0.75
            given["output"] = run(trace.description, given)["output"]
            for equation in trace.surroundings.after:
                given[equation.name] = evaluate(equation.expression, given)
            new = {
                name: given[name]
                for name in ("output", *(e.name for e in trace.surroundings.after))
            }
            assert abs(new["mean_output"] - trace["mean_output"]).max() > 0.01
            for name, found in pages.numbers(page, 1, new).items():
                relative.assert_agree(found.reshape(new[name].shape), new[name], 1e-9, name)
            assert page.complaints() == []
            page.close()
