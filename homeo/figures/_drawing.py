"""What all functions that draw have in common: where they draw, and their docs."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase

from ..checks import refuse

_COMMON = """\
ax : matplotlib.axes.Axes, optional
    Where to draw; a new figure by default.
axes : sequence of matplotlib.axes.Axes
    Two axes, in the order of the drawings.
bins : numpy.ndarray
    Edges of the bins, in Hz. Cells beyond an end count in the bin there.
changes : xarray.Dataset
    What `homeo.protocol.weight_changes` returned.
figure : matplotlib.figure.Figure
    Where to draw.
label : str, optional
    Entry in the legend.
**look
    Colour, line and marker, in place of those of the rule.
poisson : xarray.Dataset
    What `homeo.window.simulate_poisson` returned for one presynaptic rate.
pre_spikes, post_spikes : Quantity or None
    Spike times; None for a silent neuron.
spikes : int
    How many spikes a neuron had that had any.
style : str
    A key of `STYLES`.
synapse : int, optional
    Which synapse.
"""
_END = """

Returns
-------
{kind}
    Where it was drawn.

Raises
------
ValueError
    If an argument is not as described, or holds more than can be drawn.
"""
_PLACES = {
    "ax": ("matplotlib.axes.Axes", Axes),
    "axes": ("sequence of matplotlib.axes.Axes", object),
    "figure": ("matplotlib.figure.Figure", FigureBase),
}


def draws(plot: Callable[..., None]) -> Callable[..., Any]:
    """Make a function return where it has drawn, and complete its docstring.

    The function has a parameter ``ax``, ``axes`` or ``figure``; without an ``ax`` it
    gets that of a new figure. Its docstring describes the parameters that are its
    own; those of many functions, what is returned and what is raised are added.
    """
    signature = inspect.signature(plot)
    place = next(name for name in _PLACES if name in signature.parameters)
    kind_name, kind = _PLACES[place]

    @wraps(plot)
    def draw(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(*args, **kwargs)
        where, new = given.arguments.get(place), None
        if place == "ax" and where is None:
            new, where = plt.subplots()
            given.arguments[place] = where
        if not isinstance(where, kind):
            raise refuse(place, where, kind_name)
        try:
            plot(*given.args, **given.kwargs)
        except BaseException:
            if new is not None:
                plt.close(new)
            raise
        return where

    returned = signature.parameters[place].annotation.removesuffix(" | None")
    draw.__signature__ = signature.replace(return_annotation=returned)
    draw.__annotations__ = {**plot.__annotations__, "return": returned}
    draw.__doc__ = _completed(plot.__doc__, signature) + _END.format(kind=kind_name)
    return draw


def _completed(doc: str, signature: inspect.Signature) -> str:
    heading = "\n\nParameters\n----------\n"
    text, _, own = inspect.cleandoc(doc).partition(heading)
    entries = _by_name(_COMMON) | _by_name(own)
    # Two parameters may share an entry, which then comes once.
    described = dict.fromkeys(entries[name] for name in signature.parameters)
    return text + heading + "\n".join(described)


def _by_name(section: str) -> dict[str, str]:
    entries = re.split(r"\n(?=\S)", section.strip())
    return {
        name.lstrip("*"): entry
        for entry in entries
        for name in entry.partition("\n")[0].partition(" : ")[0].split(", ")
    }
