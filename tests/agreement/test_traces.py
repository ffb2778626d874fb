"""The traces that exports are held to have all that a network can have."""

from agreement import cases, traces

from pellucid.catalogue import names


def test_they_meet_everything():
    drawn = traces.drawn()
    assert len(drawn) == 40
    activations = {name for case in drawn for name, _ in case.activations}
    assert activations == set(cases.hidden_names())
    assert {case.loss[0] for case in drawn} == set(names("loss"))
    assert {case.optimizer["name"] for case in drawn} == set(cases.MAKERS)
    assert {len(case.sizes) - 2 for case in drawn} == {1, 2, 3}
    assert {case.sizes[-1] for case in drawn} == {1, 2, 5}
    assert {case.rows for case in drawn} == set(range(1, 9))
    assert {traces.steps(case) for case in drawn} == {1, 2, 3, 4, 5}
    assert any(any(case.dropout) for case in drawn)
    assert any(case.weighted for case in drawn)
    assert {case.parametric for case in drawn} == {False, True}
    assert {case.input_scale for case in drawn} == {False, True}
    assert any(case.label_smoothing for case in drawn)
    assert any(case.l1 for case in drawn)
    assert any(case.l2 for case in drawn)
    assert {case.reduction for case in drawn} == {"mean", "sum"}


def test_each_makes_its_steps():
    for case in traces.drawn():
        assert len(traces.traced(case).steps) == traces.steps(case)
