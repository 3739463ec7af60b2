"""Drawings of the mechanism: no data, only who acts on whom."""

from __future__ import annotations

import io

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import SVG
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from ._drawing import draws
from .styles import STYLES

_SMALL = 9
_GREY = "#555555"


def as_svg(figure: Figure) -> SVG:
    """Return a figure as scalable graphics, the same bytes at every run.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure; it is closed, so that a notebook does not show it twice.

    Returns
    -------
    IPython.display.SVG
        What a notebook shows as the last line of a cell; ``data`` has the text.

    Examples
    --------
    >>> from homeo.plotting import as_svg, draw_loop
    >>> as_svg(draw_loop().figure).data[:4]
    '<svg'
    """
    text = io.StringIO()
    with plt.rc_context({"svg.hashsalt": "homeo", "svg.fonttype": "path"}):
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return SVG(text.getvalue())


@draws
def draw_loop(ax: Axes | None = None) -> None:
    """Draw the loop: population, estimate, global factor, synapses, population."""
    _canvas(ax, 4.8, 2.3)
    _population(ax, (0.95, 1.62), STYLES["E"], "excitatory cells", above=True)
    _box(ax, (2.55, 1.62), "$H$", "their rate,\nfiltered", STYLES["H"])
    _box(ax, (4.1, 1.62), "$G = H - γ$", "too active: $G > 0$", STYLES["G"], width=1.2)
    _population(ax, (4.1, 0.62), STYLES["I"], "inhibitory cells", above=False)
    _arrow(ax, (1.5, 1.62), (2.13, 1.62), "spikes")
    _arrow(ax, (2.97, 1.62), (3.45, 1.62))
    _inhibition(ax, (3.6, 0.62), (0.95, 0.62), (0.95, 1.18))
    _synapse(ax, (2.2, 0.62), "$w$")
    _arrow(ax, (3.9, 1.3), (2.35, 0.73), style=STYLES["G"])
    ax.text(2.2, 0.4, "synapses that learn", ha="center", va="top", fontsize=_SMALL)


@draws
def draw_shared_factor(ax: Axes | None = None) -> None:
    """Draw many synapses that read one number."""
    _canvas(ax, 4.8, 2.1)
    _box(ax, (2.4, 1.78), "$G$", "", STYLES["G"])
    ax.text(2.95, 1.78, "one number, kept once", va="center", fontsize=_SMALL)
    for x in np.linspace(0.5, 4.3, 6):
        _arrow(ax, (2.4, 1.5), (x, 0.95), style=STYLES["G"], width=1)
        _cell(ax, (x - 0.26, 0.8), STYLES["I"])
        _cell(ax, (x + 0.26, 0.8), STYLES["E"])
        _line(ax, (x - 0.17, 0.8), (x + 0.17, 0.8), style=STYLES["I"])
        _synapse(ax, (x, 0.8), "", size=0.08)
    _words(ax, (2.4, 0.45), "each synapse has its own spikes and its own weight $w$")


@draws
def draw_pair(ax: Axes | None = None) -> None:
    r"""Draw two spikes, the traces that they leave, and what the weight does.

    The paper's rule at a positive global factor: the presynaptic spike changes the
    weight by :math:`\eta G`, the postsynaptic one by :math:`\eta G` times the
    presynaptic trace.
    """
    _canvas(ax, 4.8, 2.7)
    pre, post, end, tau = 1.6, 2.5, 4.6, 0.9
    time = np.linspace(pre, end, 200)
    for level, name, style, start in (
        (1.95, "presynaptic\nspike, trace", STYLES["I"], pre),
        (1.05, "postsynaptic\nspike, trace", STYLES["E"], post),
    ):
        times = time[time >= start]
        height = 0.55 * np.exp(-(times - start) / tau)
        ax.plot([1.15, end], [level, level], color="#BBBBBB", lw=0.8)
        ax.fill_between(times, level, level + height, color=style["color"], alpha=0.2)
        ax.plot(times, level + height, color=style["color"], lw=1.4)
        ax.plot([start, start], [level, level + 0.62], color=style["color"], lw=2.6)
        ax.text(0.05, level + 0.2, name, fontsize=_SMALL, va="center")
    decayed = np.exp(-(post - pre) / tau)
    steps = 0.2 + 0.28 * np.array([0, 0, 1, 1, 1 + decayed])
    times = [1.15, pre, pre, post, post]
    ax.plot([*times, end], [*steps, steps[-1]], color=STYLES["w"]["color"], lw=1.8)
    ax.text(0.05, 0.35, "weight $w$", fontsize=_SMALL, va="center")
    for x, y, label in ((pre, 0.2, "$+ηG$"), (post, 0.3, r"$+ηG\,e^{-Δ/τ}$")):
        ax.plot([x, x], [0.15, 2.55], color="#999999", lw=0.7, ls=":", zorder=0)
        ax.text(x + 0.07, y, label, fontsize=_SMALL)
    ax.annotate(
        "",
        (post, 1.82),
        (pre, 1.82),
        arrowprops={"arrowstyle": "<->", "color": _GREY, "lw": 1},
    )
    ax.text((pre + post) / 2, 1.79, "lag $Δ$", ha="center", va="top", fontsize=_SMALL)


@draws
def draw_delays(ax: Axes | None = None) -> None:
    """Draw the loop with what delays it: the filter, the weights, the cells."""
    _canvas(ax, 4.8, 2.2)
    _box(ax, (0.75, 1.5), "rate $r$", "of E cells", STYLES["E"], width=1.0)
    _box(ax, (2.4, 1.5), "$H$", "a filter: $τ_H$", STYLES["H"], width=1.1)
    _box(ax, (4.05, 1.5), "$G = H - γ$", "", STYLES["G"], width=1.2)
    _box(ax, (4.05, 0.5), "messenger", "if any: $τ_{lag}$", {"color": "#888888"}, 1.2)
    _box(ax, (2.4, 0.5), "weights", "add up $G$", STYLES["w"], width=1.1)
    _box(ax, (0.75, 0.5), "the cells'", "answer: lead $ℓ$", STYLES["I"], width=1.25)
    _arrow(ax, (1.28, 1.5), (1.82, 1.5))
    _arrow(ax, (2.98, 1.5), (3.42, 1.5))
    _arrow(ax, (4.05, 1.19), (4.05, 0.83))
    _arrow(ax, (3.42, 0.5), (2.98, 0.5))
    _arrow(ax, (1.82, 0.5), (1.41, 0.5))
    _arrow(ax, (0.75, 0.83), (0.75, 1.19), "−", shift=(-0.14, 0))
    ax.text(2.4, 1.0, "once around: gain $K$", ha="center", va="center", fontsize=10)


@draws
def draw_knowledge(ax: Axes | None = None) -> None:
    """Draw what synapses are told under a global rule and under a local one."""
    _canvas(ax, 4.8, 2.2)
    for x, title in ((1.15, "global"), (3.65, "local")):
        ax.text(x, 2.12, title, ha="center", va="top", fontsize=11, fontweight="bold")
        for shift in (-0.62, 0.0, 0.62):
            _cell(ax, (x + shift, 0.8), STYLES["E"], size=0.15)
            _line(ax, (x + shift, 0.32), (x + shift, 0.68), style=STYLES["I"])
            _synapse(ax, (x + shift, 0.5), "", size=0.08)
    _box(ax, (1.15, 1.6), "$G = H - γ$", "", STYLES["G"], width=1.2)
    for shift in (-0.62, 0.0, 0.62):
        _arrow(ax, (1.15 + shift, 0.98), (1.15 + shift * 0.6, 1.38), width=1)
        ax.text(3.65 + shift, 1.36, "own\nrate", ha="center", fontsize=_SMALL)
        _arrow(ax, (3.65 + shift, 0.98), (3.65 + shift, 1.3), width=1)
    ax.plot([2.4, 2.4], [0.1, 2.1], color="#BBBBBB", lw=0.8)
    _words(ax, (1.15, 0.16), "all hold one mean rate")
    _words(ax, (3.65, 0.16), "each holds its own cell")


@draws
def draw_network(ax: Axes | None = None) -> None:
    """Draw the recurrent network: who excites whom, who inhibits, what learns."""
    _canvas(ax, 4.8, 2.2)
    _population(ax, (1.4, 0.95), STYLES["E"], "excitatory cells", above=False)
    _population(ax, (3.6, 0.95), STYLES["I"], "inhibitory cells", above=False)
    _arrow(ax, (1.95, 1.1), (3.05, 1.1), "excite", shift=(0, 0.1), style=STYLES["E"])
    _inhibition(ax, (3.05, 0.78), (1.97, 0.78))
    _synapse(ax, (2.5, 0.78), "", size=0.1)
    ax.text(2.5, 0.6, "learn: $w$", ha="center", va="top", fontsize=_SMALL)
    _own(ax, (1.4, 1.36), STYLES["E"])
    _own(ax, (3.6, 1.36), STYLES["I"])
    for x in (0.35, 4.6):
        _arrow(ax, (x, 2.0), (1.0 if x < 2 else 4.0, 1.38), style={"color": _GREY})
    _words(ax, (2.5, 2.0), "background: Poisson spikes to every cell")


def _canvas(ax: Axes, width: float, height: float) -> None:
    """Make axes a sheet of paper, measured in inches."""
    if len(ax.figure.axes) == 1:
        ax.figure.set_size_inches(width, height)
        ax.figure.set_layout_engine("none")
        ax.set_position((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(0, height), aspect="equal")
    ax.axis("off")


def _frame(ax, centre, size, style, *, rounding, linewidth):
    x, y = np.subtract(centre, np.divide(size, 2))
    patch = FancyBboxPatch(
        (x, y),
        *size,
        boxstyle=f"round,pad=0,rounding_size={rounding}",
        facecolor="white",
        edgecolor=style["color"],
        linewidth=linewidth,
    )
    ax.add_patch(patch)


def _box(ax, centre, symbol, words, style, width=0.84):
    x, y = centre
    _frame(ax, centre, (width, 0.56), style, rounding=0.1, linewidth=1.8)
    ax.text(
        x, y + (0.1 if words and "\n" not in words else 0), symbol,
        ha="center", va="center", fontsize=11,
    )  # fmt: skip
    if "\n" in words:
        ax.text(x, y - 0.33, words, ha="center", va="top", fontsize=_SMALL)
    elif words:
        ax.text(x, y - 0.13, words, ha="center", va="center", fontsize=_SMALL)


def _population(ax, centre, style, words, *, above):
    """Draw a handful of cells in a common frame."""
    x, y = centre
    _frame(ax, centre, (1.0, 0.72), style, rounding=0.16, linewidth=1.2)
    for dx, dy in ((-0.3, 0.15), (0, 0.19), (0.3, 0.13), (-0.16, -0.15), (0.17, -0.17)):
        _cell(ax, (x + dx, y + dy), style)
    shift, va = (0.42, "bottom") if above else (-0.42, "top")
    ax.text(x, y + shift, words, ha="center", va=va, fontsize=_SMALL)


def _cell(ax, centre, style, size=0.1):
    x, y = centre
    if style["marker"] == "^":
        points = np.array([[-1, -0.75], [1, -0.75], [0, 1.05]]) * size + (x, y)
        ax.fill(*points.T, color=style["color"], lw=0)
    else:
        ax.add_patch(Circle(centre, size * 0.92, color=style["color"], lw=0))


def _synapse(ax, centre, symbol, size=0.13):
    patch = Circle(
        centre,
        size,
        facecolor="white",
        edgecolor=STYLES["w"]["color"],
        lw=1.6,
        zorder=4,
    )
    ax.add_patch(patch)
    ax.text(*centre, symbol, ha="center", va="center", fontsize=10, zorder=5)


def _line(ax, *points, style):
    ax.plot(*np.transpose(points), color=style["color"], lw=1.6, zorder=1)


def _arrow(ax, start, end, words="", *, style=None, width=1.6, shift=(0, 0.08)):
    color = "#222222" if style is None else style["color"]
    ax.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=11, lw=width, color=color,
            shrinkA=0, shrinkB=0, zorder=3,
        )
    )  # fmt: skip
    x, y = np.mean([start, end], axis=0) + shift
    ax.text(x, y, words, ha="center", va="bottom", fontsize=_SMALL)


def _inhibition(ax, *points):
    """Draw a line with a bar across its end, the sign of inhibition."""
    _line(ax, *points, style=STYLES["I"])
    before, end = np.array(points[-2:])
    along = (end - before) / np.hypot(*(end - before))
    _bar(ax, end, 0.12 * along[::-1])


def _bar(ax, middle, half):
    x, y = np.transpose([middle - half, middle + half])
    ax.plot(x, y, color=STYLES["I"]["color"], lw=2.6, solid_capstyle="butt")


def _own(ax, top, style):
    """Draw the connection of a population to itself."""
    excites = style is STYLES["E"]
    start, end = np.add(top, (-0.2, 0)), np.add(top, (0.2, 0))
    ax.add_patch(
        FancyArrowPatch(
            start, end, connectionstyle="arc3,rad=-1.3",
            arrowstyle="-|>" if excites else "-", mutation_scale=11,
            lw=1.6, color=style["color"], shrinkA=0, shrinkB=0,
        )
    )  # fmt: skip
    if not excites:
        _bar(ax, end + (0, 0.04), np.array((0.1, 0)))


def _words(ax, centre, words):
    ax.text(*centre, words, ha="center", va="center", fontsize=_SMALL)
