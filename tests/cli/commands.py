"""What tests of the commands share."""

from __future__ import annotations

import re

# Options with which a training takes no time.
QUICK = ["--preset", "plain", "--epochs", "20", "--hidden", "8"]


def same_text(text: str) -> str:
    return re.sub(r"\s+", " ", text)
