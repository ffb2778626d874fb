"""The page of a report: what people call their columns and classes does it no harm, and it reads well everywhere."""

import html
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from chromium import Chromium

import pellucid
from pellucid.report.markup import Html, cut, fill, share, shown
from pellucid.report.training import reading, still_improving
from pellucid.report.undone import undone

EMPTY = {"meta", "br", "path", "use", "rect"}
HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"quoted\" & 'single'",
    "$\\frac{1}{2}$ {braces} %s",
    "😀 氏名",
    "long " * 80,
]


@pytest.fixture(scope="module")
def hostile():
    """A report in which columns, categories, classes and the target have names that break careless pages."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(120, 5)), columns=HOSTILE[:5])
    X[HOSTILE[5]] = rng.choice(HOSTILE, 120)
    y = pd.Series(np.array(HOSTILE)[np.arange(120) % 6], name="</title><b>")
    return (
        pellucid.TabularClassifier(preset="plain", epochs=3, random_state=0).fit(X, y).report(X, y)
    )


class Outline(HTMLParser):
    """Reads a page: its elements, its text, and whether each element that opens also closes."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text, self.open = set(), set(), "", []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag):
        if tag not in EMPTY:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_names_stay_text(hostile):
    page = Outline(hostile.html)
    assert page.open == []
    assert not page.tags & {"script", "img", "b2", "iframe", "link", "object"}
    assert not {name for name in page.attributes if name.startswith("on")}
    assert not page.attributes & {"src", "srcdoc", "action"}
    for name in HOSTILE:
        assert cut(name, 30) in page.text
    assert "</title><b>" in page.text


def test_nothing_is_fetched(hostile):
    assert "http:" not in hostile.html
    assert "https:" not in hostile.html
    assert "default-src 'none'" in hostile.html


def test_a_notebook_shows_the_same_page(hostile):
    frame = hostile._repr_html_()
    document = frame.split('srcdoc="', 1)[1].split('"', 1)[0]
    assert html.unescape(document) == hostile.html
    assert "sandbox" in frame


def test_ids_of_pictures_are_apart(hostile):
    """Pictures on one page refer to their own parts."""
    ids = [part.split('"', 1)[0] for part in hostile.html.split(' id="')[1:] if part[0] in "mp"]
    assert len(ids) == len(set(ids))


def test_a_template_escapes_what_is_not_html():
    assert fill("<p>{a}{b}</p>", a="<", b=Html("<br>")) == "<p>&lt;<br></p>"
    assert Html("<p>") + "<" == "<p>&lt;"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (12.3456, "12.35"),
        (-0.00001234, "−1.234 · 10⁻⁵"),
        (98765.4, "98,765"),
        (3e9, "3 · 10⁹"),
    ],
)
def test_numbers_are_short(value, text):
    assert shown(value) == text


def test_missing_numbers_are_dashes():
    assert shown(None) == shown(float("nan")) == share(None) == "–"


def member(losses, best, held=True):
    return {
        "loss": losses,
        "validation_loss": losses if held else [None] * len(losses),
        "best_epoch": best,
    }


def test_curves_are_read():
    falling = [1 / at for at in range(1, 21)]
    assert still_improving(member(falling, 20))
    assert not still_improving(member(falling, 12))
    assert not still_improving(member([*falling, *[0.05] * 20], 40))
    assert "more epochs" in " ".join(reading(member(falling, 20)))
    assert "by heart" in " ".join(reading(member([1.0, 0.5, 0.9], 2)))
    assert "No rows were held out" in reading(member(falling, 20, held=False))[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"interrupted": True}, "interrupted after 6 epochs"),
        (
            {"stopped_because": "the time limit of 2 seconds was reached"},
            "the time limit of 2 seconds",
        ),
        ({"validation_rows": 0}, "No rows were held out in training"),
    ],
)
def test_what_was_cut_short_is_told(hostile, change, words):
    training = {**hostile.data["training"], "members": [member([1.0] * 6, 3)], **change}
    assert words in " ".join(undone({**hostile.data, "training": training}))
    assert words not in " ".join(undone(hostile.data))


@pytest.fixture(scope="module")
def browser():
    with Chromium() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def path(hostile, tmp_path_factory):
    return hostile.save(tmp_path_factory.mktemp("report") / "report.html")


@pytest.mark.needs("chromium")
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_fits_the_window_and_asks_for_nothing(browser, path, width, dark):
    page = browser.page(path, width=width, dark=dark)
    assert page.run("document.documentElement.scrollWidth") <= width
    assert page.complaints() == []
    assert len(page.requests()) == 1
    page.close()


@pytest.mark.needs("chromium")
def test_follows_the_dark(browser, path):
    seen = set()
    for dark in (False, True):
        page = browser.page(path, dark=dark)
        seen.add(
            page.run(
                "[document.body, document.querySelector('svg text')]"
                ".map(e => getComputedStyle(e)[e === document.body ? 'backgroundColor' : 'fill']).join()"
            )
        )
        page.close()
    assert len(seen) == 2


@pytest.mark.needs("chromium")
def test_letters_of_pictures_can_be_read_on_a_phone(browser, path):
    page = browser.page(path, width=390)
    heights = page.run(
        "Array.from(document.querySelectorAll('svg text'), e => e.getBoundingClientRect().height)"
    )
    assert len(heights) > 40
    assert min(h for h in heights if h) > 9
    page.close()
