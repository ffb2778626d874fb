"""The picture of a network's architecture in a handout, drawn with LaTeX's own `picture`."""

from __future__ import annotations

from itertools import pairwise

from pellucid.network import Network

# A layer with more neurons is told, not drawn; so are more layers.
MOST_NEURONS, MOST_LAYERS = 10, 6

# In units of a millimetre.
_WIDTH, _HEIGHT, _RADIUS = 120, 9, 2.8


def picture(network: Network) -> list[str]:
    """Return the picture, inputs on the left, or nothing for a network too large for it."""
    sizes = network.sizes
    if max(sizes) > MOST_NEURONS or len(sizes) > MOST_LAYERS:
        return []
    height = max(sizes) * _HEIGHT + 8
    between = _WIDTH / (len(sizes) - 1)
    places = [
        [
            (10 + at * between, height / 2 + 2 + (size - 1 - 2 * n) * _HEIGHT / 2)
            for n in range(size)
        ]
        for at, size in enumerate(sizes)
    ]
    lines = [
        r"\begin{center}",
        r"\setlength{\unitlength}{1mm}",
        rf"\begin{{picture}}({_WIDTH + 20:g},{height + 4:g})",
        r"\color[gray]{0.6}",
    ]
    for left, right in pairwise(places):
        lines += [_line(a, b) for a in left for b in right]
    lines.append(r"\color{black}")
    for at, layer in enumerate(places):
        letter = "x" if at == 0 else r"\hat y" if at == len(sizes) - 1 else "a"
        for n, (x, y) in enumerate(layer, 1):
            lines.append(rf"\put({x:.2f},{y:.2f}){{\circle{{{2 * _RADIUS:g}}}}}")
            lines.append(
                rf"\put({x:.2f},{y:.2f}){{\makebox(0,0){{$\scriptstyle {letter}_{{{n}}}$}}}}"
            )
        told = "inputs" if at == 0 else network.layers[at - 1].activation.name.replace("_", r"\_")
        lines.append(rf"\put({layer[0][0]:.2f},0){{\makebox(0,0)[b]{{\small {told}}}}}")
    return [*lines, r"\end{picture}", r"\end{center}"]


def _line(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Return a straight line between two neurons, from rim to rim."""
    (x, y), (u, v) = start, end
    length = ((u - x) ** 2 + (v - y) ** 2) ** 0.5
    dx, dy = (u - x) / length * _RADIUS, (v - y) / length * _RADIUS
    points = ((x + dx, y + dy), ((x + u) / 2, (y + v) / 2), (u - dx, v - dy))
    return r"\qbezier" + "".join(f"({a:.2f},{b:.2f})" for a, b in points)
