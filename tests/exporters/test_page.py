"""The live page: its numbers read out of Chromium, as written and after changes, and its use by keyboard."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from agreement import cases, relative, traces
from chromium import Chromium
from firefox import Firefox

import pellucid
from pellucid.errors import InputError, OutputError
from pellucid.exporters import page_description
from pellucid.exporters.page import as_json, to_html
from pellucid.exporters.page_description import describe_trace

pytestmark = pytest.mark.needs("chromium")

READ = """
((names) => Object.fromEntries(names.map((name) =>
  [name, Array.from(pellucid.training.values({update})[name], String)])))({names})
"""


@pytest.fixture(scope="module")
def browser():
    with Chromium() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """The page of the worked example."""
    return pellucid.worked_example().save(tmp_path_factory.mktemp("page") / "step.html")


@pytest.fixture
def page(browser, example):
    """The worked example, opened; at the end the console has nothing against it."""
    opened = browser.page(example)
    yield opened
    assert opened.complaints() == []
    opened.close()


def numbers(page, update, names):
    """Return the values of an update as the page has computed them."""
    texts = page.run(
        READ.replace("{update}", str(update)).replace("{names}", json.dumps(list(names)))
    )
    return {
        name: np.array([float(t.replace("Infinity", "inf")) for t in found])
        for name, found in texts.items()
    }


def assert_same(page, trace, update=1, step=None):
    values = trace.step(step or update).values
    for name, found in numbers(page, update, trace.formulas).items():
        relative.assert_agree(
            found.reshape(np.shape(values[name])), values[name], 1e-9, f"{name} of update {update}"
        )


def changed(case):
    """Return the trace of a case with other data, start weights and hyper-parameters, and what to type for it."""
    trace = traces.traced(case)
    network, given = cases.network(case), cases.numbers(case)
    parameters = {name: np.array(v) for name, v in network.views(given.flat).items()}
    X = np.array(given.X)
    rows = trace.steps[0].rows
    edits = [("X", 0, 0, 0.375), ("W1", 0, 0, -0.25), ("b1", 0, 0, 0.125)]
    X[rows[0], 0] = 0.375
    parameters["W1"][0, 0], parameters["b1"][0, 0] = -0.25, 0.125
    return SimpleNamespace(trace=trace, X=X, parameters=parameters, edits=edits)


def traced_anew(case, X, parameters):
    network, given = cases.network(case), cases.numbers(case)
    return pellucid.trace(
        network,
        X,
        given.y,
        parameters=parameters,
        optimizer=cases.optimizer(case),
        reduction=case.reduction,
        row_weight=given.row_weight,
        batch_size=case.batch_size,
        steps=traces.steps(case),
        random_state=case.seed,
    )


CHANGE = "pellucid.state.change({{name: {name!r}, row: {row}, column: {column}}}, {value}), 0"


DRAWN = traces.drawn()
EVERY = [
    pytest.param(case, marks=[] if at % 8 == 0 else pytest.mark.long)
    for at, case in enumerate(DRAWN)
]


@pytest.mark.parametrize("case", EVERY, ids=str)
def test_networks_agree_after_changes_too(browser, tmp_path, case):
    """Every number of every step; then again with an input, a weight and a bias changed."""
    other = changed(case)
    page = browser.page(other.trace.save(tmp_path / "page.html"))
    for step in other.trace.steps:
        assert_same(page, other.trace, step.number)
    for name, row, column, value in other.edits:
        page.run(CHANGE.format(name=name, row=row, column=column, value=value))
    new = traced_anew(case, other.X, other.parameters)
    for step in new.steps:
        assert_same(page, new, step.number)
    assert page.complaints() == []
    page.close()


def test_a_changed_hyper_parameter(browser, tmp_path):
    """The learning rate holds for all steps."""
    page = browser.page(pellucid.worked_example(steps=3).save(tmp_path / "page.html"))
    page.run(CHANGE.format(name="learning_rate", row=0, column=0, value=2.5))
    one = pellucid.worked_example()
    new = pellucid.trace(
        one.network,
        one["X"],
        one["y"],
        parameters={name: one[name] for name in one.network.parameter_shapes},
        optimizer=pellucid.SGD(learning_rate=2.5),
        reduction="sum",
        steps=3,
    )
    for step in new.steps:
        assert_same(page, new, step.number)
    page.close()


def test_it_trains_on(page):
    """Beyond the traced steps the page goes on as training would, and finds back."""
    long = pellucid.worked_example(steps=301)
    for update in (301, 100, 2, 300):
        assert_same(page, long, update)


def test_it_trains_on_in_batches(browser, tmp_path):
    """After the last traced step its rows come again from the first one, and epochs count on."""
    options = {
        "optimizer": pellucid.Adam(pellucid.Exponential(0.05, decay=0.9)),
        "batch_size": 2,
        "random_state": 3,
    }
    network = pellucid.Network([2, 3, 1], activation="tanh")
    X, y = np.arange(10.0).reshape(5, 2) / 7, np.arange(5.0)
    trace = pellucid.trace(network, X, y, steps=3, **options)
    page = browser.page(trace.save(tmp_path / "page.html"))
    long = pellucid.trace(network, X, y, steps=12, **options)
    for update in (12, 5, 7):
        assert_same(page, long, update)
    page.close()


def test_an_estimator(browser, tmp_path):
    """Raw columns, missing numbers, preparation and answer are on the page, and recomputed from a raw number."""
    rng = np.random.default_rng(0)
    X = np.array(
        [[float(rng.normal()), rng.choice(["<b>a", "it's"])] for _ in range(60)], dtype=object
    )
    X[3, 0] = np.nan
    y = np.array(["yes" if row[1] == "it's" else "no" for row in X])
    model = pellucid.TabularClassifier(
        preset="plain", hidden_sizes=(5, 4), epochs=3, random_state=0
    ).fit(X, y)
    trace = model.trace(X[:6], y[:6])
    page = browser.page(trace.save(tmp_path / "page.html"))
    assert_same(page, trace)
    assert_same_sources(page, trace)
    assert page.run(READERS_MIRROR_SOURCES)
    X[2, 0], X[3, 0] = 7.5, 1.25
    page.run(CHANGE.format(name="numbers", row=2, column=0, value=7.5))
    page.run(CHANGE.format(name="numbers", row=3, column=0, value=1.25))
    assert_same(page, model.trace(X[:6], y[:6]))
    assert page.complaints() == []
    page.close()


def test_a_prediction_alone(browser, tmp_path):
    """A trace without targets ends at the output: there is no way on, and no loss."""
    X = np.linspace(0, 1, 60).reshape(30, 2)
    model = pellucid.TabularRegressor(
        preset="plain", hidden_sizes=(4,), epochs=2, random_state=0
    ).fit(X, X[:, 0])
    trace = model.trace(X[:3])
    page = browser.page(trace.save(tmp_path / "page.html"))
    assert_same(page, trace)
    assert page.run("document.querySelector('.curve').hidden")
    for _ in range(12):
        page.press("n")
    assert page.run("pellucid.state.update") == 1
    assert page.complaints() == []
    page.close()


def test_what_is_seen_is_what_is_computed(page):
    """The numbers of the tables are those of the trace, rounded, when their stage has come."""
    trace = pellucid.worked_example()
    cells = "[...document.querySelectorAll('[data-name=hidden_1] td')].map((td) => td.textContent)"
    assert page.run(cells) == [""] * 9
    for _ in range(3):
        page.press("n")
    assert page.run(cells) == [f"{v:.4f}" for v in trace["hidden_1"].ravel()]
    assert page.run("document.querySelector('[data-name=W1]').classList.contains('later')") is False
    assert page.run("document.querySelector('[data-name=loss] td').textContent") == ""


def test_the_story_of_a_number(page):
    """A chosen number tells its formula, its numbers and its sources; these are lit on the sheet."""
    page.run("pellucid.state.choose({name: 'delta_hidden_1', row: 0, column: 2}), 0")
    story = page.run("document.querySelector('.story').innerText")
    cell = pellucid.worked_example().cell("delta_hidden_1", 0, 2)
    assert cell.formula in story
    assert cell.substituted.replace(" = 0.0015", "") in story
    assert "row 1, neuron 3" in story
    assert "gradient_W1[·,3]" in story
    lit = """[...document.querySelectorAll('td.source')].map(
        (td) => td.closest('.matrix').dataset.name + ' ' + td.dataset.cell)"""
    assert sorted(page.run(lit)) == ["error_hidden_1 0 2", "slope_hidden_1 0 2"]
    assert (
        page.run("document.querySelector('td.chosen').closest('.matrix').dataset.name")
        == "delta_hidden_1"
    )


def assert_same_sources(page, trace):
    """For every computed cell of a step, the page's sources are those of `Trace.cell`."""
    asked = [
        (name, i, j)
        for name in trace.formulas
        for (i, j), _ in np.ndenumerate(np.atleast_2d(trace[name]))
    ]
    found = page.run(
        f"{json.dumps(asked)}.map(([name, row, column]) => pellucid.sources({{name, row, column}})"
        ".map((c) => [c.name, c.row, c.column].join(' ')))"
    )
    for (name, i, j), sources in zip(asked, found, strict=True):
        expected = {" ".join(map(str, cell)) for cell in trace.cell(name, i, j).inputs}
        assert set(sources) == expected, (name, i, j)


READERS_MIRROR_SOURCES = """
  (() => {
    const { state, training } = pellucid;
    const names = Object.keys(state.description.names);
    const cells = names.flatMap((name) => {
      const [rows, columns] = training.shape(name, 1);
      const place = (k) => ({ name, row: Math.floor(k / columns), column: k % columns });
      return [...Array(rows * columns).keys()].map(place);
    });
    const word = (c) => [c.name, c.row, c.column].join(" ");
    const read = new Map(cells.map((c) => [word(c), new Set()]));
    cells.forEach((c) => pellucid.sources(c).forEach((s) => read.get(word(s)).add(word(c))));
    const fits = (index, at) => index === null || index === at;
    return cells.every((c) => {
      const told = cells.filter((to) => pellucid.readers(c).some(
        (r) => r.name === to.name && fits(r.row, to.row) && fits(r.column, to.column)));
      return told.length === read.get(word(c)).size && told.every((to) => read.get(word(c)).has(word(to)));
    });
  })()
"""


def test_sources_and_readers(browser, tmp_path):
    """Sources are those that Python tells, and a cell is used next where it is among the sources."""
    for case in DRAWN[:4]:
        trace = traces.traced(case)
        page = browser.page(trace.save(tmp_path / "page.html"))
        assert_same_sources(page, trace)
        page.close()
    page = browser.page(pellucid.worked_example().save(tmp_path / "page.html"))
    assert page.run(READERS_MIRROR_SOURCES)
    page.close()


def test_a_gradient_is_checked_by_nudging(page):
    """The central difference of the printed step is the gradient, and the story says both."""
    trace = pellucid.worked_example()
    slope = page.run("pellucid.training.nudged({name: 'W1', row: 0, column: 2}, 1)")
    assert slope == pytest.approx(trace["gradient_W1"][0, 2], abs=1e-9)
    page.run(
        "pellucid.state.toStage(11), pellucid.state.choose({name: 'W1', row: 0, column: 2}), 0"
    )
    story = page.run("document.querySelector('.story').innerText")
    assert "CHECKED BY NUDGING" in story.upper()
    for factor in trace.chain_rule("W1", 0, 2).paths[0].factors:
        assert factor.text in story


def test_keyboard_alone(page):
    """Cells are reached, chosen and changed by keys; a bad entry is marked, told and not taken."""
    page.press("n")
    page.run("document.querySelector('[data-name=W1] td').focus()")
    page.press("ArrowRight")
    page.press("ArrowDown")
    assert page.run("pellucid.state.cell") == {"name": "W1", "row": 1, "column": 1}
    page.press("F2")
    page.run("document.activeElement.select()")
    page.type("abc")
    page.press("Enter")
    assert page.run("document.activeElement.getAttribute('aria-invalid')") == "true"
    assert "Expected a number. Got “abc”." in page.run(
        "document.querySelector('.pellucid > .wrong').innerText"
    )
    assert page.run("pellucid.training.changes") == 0
    page.run("document.activeElement.select()")
    page.type("0.5")
    page.press("Enter")
    assert page.run("pellucid.training.values(1).W1[4]") == 0.5
    assert page.run("document.activeElement.dataset.cell") == "1 1"
    page.press("F2")
    page.type("7")
    page.press("Escape")
    assert page.run("pellucid.training.values(1).W1[4]") == 0.5
    assert page.run("document.activeElement.ariaLabel") == "input 2, neuron 2: 0.5"
    assert "Stage 1, Start weights and biases, update 1." in page.run(
        "document.querySelector('.live').textContent"
    )
    page.run("document.querySelector('.undo').click()")
    assert page.run("pellucid.training.values(1).W1[4]") == 0.73


@pytest.mark.parametrize("entry", ["", "  ", "abc", "1,5", "1e999", "0x10", "--1", "Infinity"])
def test_bad_entries_are_refused(page, entry):
    page.run("pellucid.state.choose({name: 'W1', row: 0, column: 0}), 0")
    page.run(
        f"(() => {{ const field = document.querySelector('.entry input'); field.value = {json.dumps(entry)};"
        "field.dispatchEvent(new Event('change')); })()"
    )
    assert "Expected a number." in page.run("document.querySelector('.entry .wrong').innerText")
    assert page.run("pellucid.training.values(1).W1[0]") == 0.42


def test_links_of_the_story_lead_on(page):
    """A source in the story is chosen by its link, and has the focus then."""
    page.run("pellucid.state.choose({name: 'delta_hidden_1', row: 0, column: 2}), 0")
    page.run("document.querySelector('.chip.source').focus()")
    page.press("Enter")
    assert page.run("pellucid.state.cell") == {"name": "error_hidden_1", "row": 0, "column": 2}
    value = pellucid.worked_example()["error_hidden_1"][0, 2]
    assert page.run("document.activeElement.ariaLabel") == f"row 1, neuron 3: {value:.10g}"


def test_training_that_diverges(page):
    """Numbers that are not finite any more are shown as such, without a fault of the page."""
    page.run(CHANGE.format(name="learning_rate", row=0, column=0, value=1e300))
    page.run("pellucid.state.epochs(100), pellucid.state.toStage(12), 0")
    page.run("new Promise((done) => setTimeout(done, 50))")
    page.run("pellucid.state.choose({name: 'W1', row: 0, column: 0}), 0")


def test_through_epochs_and_back(page):
    """The buttons lead on and back to the same start weights."""
    start = numbers(page, 1, ["W1"])["W1"]
    for text in ("next epoch", "run 100"):
        page.run(
            f"[...document.querySelectorAll('.buttons button')].find((b) => b.innerText.startsWith('{text}')).click()"
        )
    assert page.run("pellucid.state.update") == 102
    page.press("b")
    assert page.run("[pellucid.state.update, pellucid.state.stage]") == [101, 12]
    page.press("s")
    assert page.run("[pellucid.state.update, pellucid.state.stage]") == [1, 0]
    assert np.array_equal(numbers(page, 1, ["W1"])["W1"], start)


def test_it_asks_for_nothing(page):
    """One file: no server, no network."""
    page.press("n")
    assert [url for url in page.requests() if not url.startswith("file:")] == []
    assert len(page.requests()) == 1


def test_labels_are_text(browser, tmp_path):
    """What users call their columns is shown, and is never markup or program."""
    evil = '</script><img src=x onerror="window.hurt = 1">\'`${1}\u2028'
    X = {
        evil: [0.5, 1.0, 2.0, np.nan] * 5,
        "名前 " * 60: [1, 2, 3, 4] * 5,
        "=1+1": list("abca") * 5,
    }
    import pandas as pd

    model = pellucid.TabularRegressor(preset="plain", hidden_sizes=(2,), epochs=1, random_state=0)
    frame = pd.DataFrame(X)
    model.fit(frame, np.arange(20.0))
    page = browser.page(model.trace(frame[:4], np.arange(4.0)).save(tmp_path / "page.html"))
    headers = page.run(
        "[...document.querySelectorAll('[data-name=numbers] th')].map((th) => th.title)"
    )
    assert headers[0] == evil
    assert page.run("window.hurt === undefined && document.images.length === 0")
    assert page.complaints() == []
    page.close()


def test_as_json_ends_no_element():
    assert "<" not in as_json({"</script>": "<!--"})
    assert json.loads(as_json({"</script>": "\u2028"})) == {"</script>": "\u2028"}


def test_too_large(monkeypatch, tmp_path):
    """A trace of too many numbers says so before anything is written."""
    monkeypatch.setattr(page_description, "MOST_NUMBERS", 100)
    with pytest.raises(InputError, match=r"at most 100 numbers.*trace fewer rows .*fewer steps"):
        pellucid.worked_example().save(tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


def test_a_place_that_cannot_be_written(tmp_path):
    with pytest.raises(OutputError, match="Expected to write"):
        pellucid.worked_example().save(tmp_path / "missing" / "page.html")


def test_the_same_trace_gives_the_same_page():
    assert to_html(pellucid.worked_example()) == to_html(pellucid.worked_example())


def test_the_description_is_plain_data():
    for case in DRAWN[:6]:
        json.dumps(describe_trace(traces.traced(case)), allow_nan=False)


@pytest.mark.needs("firefox-esr")
@pytest.mark.long
def test_firefox(example):
    """Firefox opens the page, goes through it, and has nothing against it."""
    with Firefox() as firefox:
        firefox.open(example)
        firefox.run("pellucid.state.epochs(3); pellucid.state.toStage(9);")
        output = firefox.run("return Array.from(pellucid.training.values(4).output)")
        assert firefox.complaints() == []
    expected = pellucid.worked_example(steps=4).step(4)["output"].ravel()
    assert output == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("width", "height"), [(1600, 1000), (1280, 800), (390, 844)])
def test_it_fits_its_screen(browser, tmp_path, width, height):
    """On wide and narrow screens the page itself does not move sideways, and what is chosen can be seen."""
    network = pellucid.Network([20, 7, 6, 5, 3], loss="cross_entropy")
    X = np.random.default_rng(0).normal(size=(3, 20))
    trace = pellucid.trace(network, X, np.eye(3), optimizer="adam")
    page = browser.page(trace.save(tmp_path / "page.html"), width, height)
    for name in ("delta_hidden_1", "X", "W4_next", "delta_output"):
        page.run(
            f"pellucid.state.toStage(0), pellucid.state.choose({{name: '{name}', row: 0, column: 0}}), 0"
        )
        assert page.run("document.documentElement.scrollWidth <= innerWidth")
        if name != "X":
            assert page.run("""(() => {
              const { left, right, top, bottom } = document.querySelector('td.chosen').getBoundingClientRect();
              const cell = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
              return cell.classList.contains('chosen');
            })()"""), name
    assert page.complaints() == []
    page.close()


def test_a_source_is_in_its_window(browser, tmp_path):
    """Where the sources of a number stand in parts that are not shown, these parts are shown."""
    network = pellucid.Network([30, 25, 1])
    trace = pellucid.trace(network, np.ones((3, 30)), np.ones(3))
    page = browser.page(trace.save(tmp_path / "page.html"))
    page.run("pellucid.state.choose({name: 'W1_next', row: 29, column: 24}), 0")
    for name in ("W1", "gradient_W1"):
        lit = f"document.querySelector('[data-name={name}] td.source').dataset.cell"
        assert page.run(lit) == "29 24"
    page.close()


def test_one_window_of_a_large_matrix(browser, tmp_path):
    """Of a large matrix a part is shown; the arrow keys move it."""
    network = pellucid.Network([30, 25, 1])
    trace = pellucid.trace(network, np.ones((40, 30)), np.ones(40))
    page = browser.page(trace.save(tmp_path / "page.html"))
    page.run("pellucid.state.choose({name: 'W1', row: 29, column: 24}), 0")
    values = "[...document.querySelectorAll('[data-name=W1] td')].map((td) => td.dataset.cell)"
    assert "29 24" in page.run(values)
    assert len(page.run(values)) < 80
    assert page.run("document.querySelectorAll('td').length") < 3000
    page.run("document.querySelector('td.chosen').focus()")
    for _ in range(12):
        page.press("ArrowUp")
    assert page.run("document.activeElement.dataset.cell") == "17 24"
    page.close()
