"""Sentences, numbers and matrices as LaTeX."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import numpy as np

from pellucid.printers.numbers import number

_LETTERS = {
    **{letter: "\\" + letter for letter in "_%#&{}$"},
    "\\": r"\textbackslash{}",
    "^": r"\^{}",
    "~": r"\~{}",
    "<": r"$<$",
    ">": r"$>$",
    "|": r"$|$",
    '"': "''",
    "·": r"$\cdot$",
    "×": r"$\times$",
    "−": r"$-$",
    "∂": r"$\partial$",
    "Σ": r"$\Sigma$",
    "√": r"$\surd$",
    "β": r"$\beta$",
    "ε": r"$\varepsilon$",
    "ᵀ": r"$^{\top}$",
    "²": r"$^2$",
    "³": r"$^3$",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "→": r"$\to$",
    "…": r"\ldots{}",
}
# Accents that LaTeX puts on the letters of its usual font.
_ACCENTS = "\u0300\u0301\u0302\u0303\u0308\u030a\u030c\u0327"


def prose(text: str) -> str:
    r"""Return a text as LaTeX; a letter that its usual font lacks is written by its number.

    >>> prose("50 % of a_b"), prose("é☃")
    ('50 \\% of a\\_b', 'é\\texttt{U+2603}')
    """
    return "".join(map(_letter, unicodedata.normalize("NFC", text)))


def _letter(letter: str) -> str:
    if letter in _LETTERS:
        return _LETTERS[letter]
    if letter.isascii():
        return letter if letter.isprintable() else " "
    parts = unicodedata.normalize("NFD", letter)
    base, accents = parts[0], parts[1:]
    if base.isascii() and base.isalpha() and len(accents) == 1 and accents in _ACCENTS:
        return letter
    return rf"\texttt{{U+{ord(letter):04X}}}" if letter.isprintable() else " "


def math_number(value: float, decimals: int = 4) -> str:
    r"""Return a number for math mode, rounded as in the terminal.

    >>> math_number(0.18736988), math_number(2.31e-05)
    ('0.1874', '2.31 \\cdot 10^{-5}')
    """
    if np.isnan(value):
        return r"\text{NaN}"
    if np.isinf(value):
        return r"-\infty" if value < 0 else r"\infty"
    mantissa, _, exponent = number(value, decimals).partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def brackets(rows: Iterable[Iterable[str]]) -> str:
    """Return the texts of a matrix's cells as a matrix in brackets."""
    lines = r" \\ ".join(" & ".join(row) for row in rows)
    return rf"\begin{{bmatrix}} {lines} \end{{bmatrix}}"
