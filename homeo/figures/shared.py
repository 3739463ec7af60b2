"""Figures that several chapters draw: trials, seeds, spikes, and what a run costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from brian2 import Quantity, second
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from ..checks import check_choice, check_quantity, refuse
from ._axes import LEAK, on_axis
from ._drawing import draws
from ._results import check_one_row_each, with_dims
from .styles import GREYS, LINES, MARKERS, STYLES, line_style, paired

#: How long the units of a time axis are, in seconds.
TIME_UNITS = {"s": 1.0, "ms": 1e-3}


@draws
def plot_trials(
    data: xr.DataArray,
    style: str,
    symbol: str,
    ax: Axes | None = None,
    *,
    time_unit: str = "s",
    label: str | None = None,
    **plot_options: Any,
) -> None:
    """Draw one quantity over time, one line per trial.

    Parameters
    ----------
    data : xarray.DataArray
        Dimension ``time``, and ``trial``, ``synapse`` or ``G`` where there are several.
    symbol : str
        What to write on the axis before the unit.
    time_unit : {"s", "ms"}, optional
        Unit of the time axis.
    **plot_options
        Passed on to `matplotlib.axes.Axes.plot`.
    """
    check_choice("time_unit", time_unit, TIME_UNITS)
    several = [d for d in ("trial", "synapse", "G") if d in getattr(data, "dims", ())]
    data = with_dims("data", data, *several[:1], "time")
    numbers, unit = on_axis(ax.yaxis, data)
    lines = np.atleast_2d(numbers)
    time = data.time.values / TIME_UNITS[time_unit]
    faint = {} if len(lines) <= 5 else {"alpha": max(0.12, 1.5 / len(lines))}
    # Weights step at spikes; a slope between two samples would be wrong.
    steps = {"drawstyle": "steps-post"} if style == "w" else {}
    options = {**line_style(style), **faint, **steps, **plot_options}
    for k, line in enumerate(lines):
        ax.plot(time, line, **options, label=label if k == 0 else None)
    pure_number = LEAK if style == "w" else ""
    label = unit.label(symbol, pure_number)
    ax.set(xlabel=f"time ({time_unit})", ylabel=label)


@draws
def plot_seeds(
    courses: pd.DataFrame, column: str, style: str, ax: Axes | None = None, **line: Any
) -> None:
    """Draw the same quantity of several seeds against time: each, and their mean.

    A thin line for each seed, then a thick one for the mean.

    Parameters
    ----------
    courses : pandas.DataFrame
        Columns ``time_s``, ``seed`` and that of the quantity; one row for each time
        and seed.
    column : str
        Which column.
    **line
        Passed on to the line of the mean, such as its label.
    """
    check_one_row_each("courses", courses, ["time_s", "seed"])
    by_seed = courses.pivot(index="time_s", columns="seed", values=column)
    color = STYLES[style]["color"]
    ax.plot(by_seed.index, by_seed, color=color, linewidth=0.6, alpha=0.5)
    ax.plot(by_seed.index, by_seed.mean(axis=1), **{**line_style(style), **line})
    ax.set_xlabel("time (s)")


@draws
def plot_cost(
    costs: pd.DataFrame, xlabel: str, ylabel: str, ax: Axes | None = None
) -> None:
    """Draw times against the size of what was simulated, on logarithmic axes.

    Parameters
    ----------
    costs : pandas.DataFrame
        One column of times for each way, indexed by size; gaps are left out.
    xlabel, ylabel : str
        What the size and the time are.
    """
    looks = list(zip(GREYS, LINES, MARKERS, strict=True))
    for way, (color, linestyle, marker) in paired("costs", costs, looks):
        options = {"color": color, "linestyle": linestyle, "marker": marker}
        ax.loglog(costs[way].dropna(), **options, label=way)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.legend()


@draws
def plot_raster(
    times: Quantity, cells: np.ndarray, style: str, ax: Axes | None = None
) -> None:
    """Draw a dash for every spike: time to the right, one row for each cell.

    Parameters
    ----------
    times : Quantity, shape (spikes,)
        When the spikes were, as `brian2.SpikeMonitor.t`.
    cells : numpy.ndarray, shape (spikes,)
        The cell of each spike, as `brian2.SpikeMonitor.i`.
    """
    if np.size(times):  # a silent network has a raster too
        times = check_quantity("times", times, second, ndim=1)
    if np.shape(cells) != np.shape(times):
        raise refuse("cells", cells, f"one for each of {np.size(times)} spikes")
    look = {"color": STYLES[style]["color"], "marker": "|", "linestyle": "none"}
    ax.plot(times / second, cells, **look, markersize=3, markeredgewidth=0.7)
    ax.set(xlabel="time (s)", ylabel="cell")
