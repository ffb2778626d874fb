"""Makes the files of this folder anew: the worked example, saved in each format that is handed out.

`scripts/examples` runs it; `tests/test_examples.py` holds the files to what it makes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pellucid

# For each file how many steps are traced, and what its format is asked for.
FILES: dict[str, tuple[int, dict[str, Any]]] = {
    "worked-example.xlsx": (3, {}),
    "worked-example-exercise.xlsx": (1, {"exercise": True}),
    "worked-example.py": (1, {}),
    "worked-example.R": (1, {}),
    "worked-example.html": (1, {}),
    "worked-example.ipynb": (1, {}),
    "worked-example.tex": (1, {}),
    "worked-example-exercise.tex": (1, {"exercise": True}),
}


def make(folder: Path) -> list[Path]:
    """Write every file into a folder, and return their paths."""
    return [
        pellucid.worked_example(steps).save(folder / name, **options)
        for name, (steps, options) in FILES.items()
    ]


if __name__ == "__main__":
    make(Path(__file__).parent)
