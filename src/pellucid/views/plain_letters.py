"""Texts for screens that know only ASCII."""

from __future__ import annotations

_ONE = {
    "│": "|",
    "─": "-",
    "━": "=",
    **dict.fromkeys("┌┐└┘├┤┬┴┼", "+"),
    "⋮": ":",
    "·": "*",
    "×": "x",
    "→": ">",
    "←": "<",
    "↓": "v",
    "↑": "^",
    "▶": ">",
    "●": "o",
    "■": "#",
    "▒": "#",
    "‹": "<",
    "›": ">",
    "−": "-",
    "–": "-",
    "∂": "d",
    "ᵀ": "'",
    "«": '"',
    "»": '"',
    "’": "'",
}
_MORE = {
    "⊙": ".*",
    "²": "^2",
    "³": "^3",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "…": "~",
    "≈": "~",
    "Σ": "sum ",
}
# Bars of a curve, from the lowest to the full one.
_BARS = dict(zip("▁▂▃▄▅▆▇█", "_.-:=+*#", strict=True))
_LETTERS = {
    **{"η": "eta", "δ": "delta", "σ": "sigma", "π": "pi", "∇": "grad ", "ℓ": "l", "ŷ": "y"},
    **dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)),
}

_TABLE = str.maketrans({**_ONE, **_MORE, **_BARS, **_LETTERS})


def plain_letters(text: str) -> str:
    """Return a text in ASCII: lines and arrows by similar signs, what is left as ``?``.

    >>> plain_letters("a ⊙ b → ²")
    'a .* b > ^2'
    """
    return text.translate(_TABLE).encode("ascii", "replace").decode()
