"""Figures of chapter 5: how the closed loop settles, and what its cells do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from brian2 import Hz, Quantity, mV, second, volt
from matplotlib.axes import Axes

from ..checks import check_quantity, refuse
from ..runs.results import rule_of
from ._axes import LEAK, on_axis
from ._drawing import draws
from ._results import finite, of_one_run, panels
from .styles import STYLES, line_style


@draws
def plot_loop(result: xr.Dataset, axes: Sequence[Axes]) -> None:
    """Draw how a closed loop settles: rates and their estimate above, weight below.

    Rates stand in the middle of their bins, H and the weight at the beginning.

    Parameters
    ----------
    result : xarray.Dataset
        What `homeo.network.simulate_network` returned.
    """
    rates, weight = panels(axes, 2)
    target = rule_of(result).target_rate / Hz
    rate_E, rate_I, H, w = (
        of_one_run("result", result, name, "time")
        for name in ("rate_E", "rate_I", "H", "w")
    )
    middle = result.time + result.attrs["record_dt_s"] / 2
    for name, rate in (("E", rate_E), ("I", rate_I)):
        rates.plot(middle, rate, **line_style(name), linewidth=0.9, label=name)
    rates.plot(result.time, H, **line_style("H"), label="$H$")
    rates.axhline(target, **line_style("target"), label="target")
    top = max(300, *(float(x.max()) for x in (rate_E, rate_I, H)))
    rates.set(ylabel="rate (Hz)", yscale="symlog", ylim=(0, top))
    rates.set_yticks([0, 1, 10, 100], ["0", "1", "10", "100"])
    rates.legend(ncols=4, loc="upper right")
    numbers, unit = on_axis(weight.yaxis, w)
    weight.plot(result.time, numbers, **line_style("w"))
    # A weight that may be negative is drawn too.
    bottom = None if (w < 0).any() else 0
    weight.set(xlabel="time (s)", ylim=(bottom, None))
    weight.set_ylabel(unit.label("mean weight", LEAK))


@draws
def plot_cells(
    rates: np.ndarray, bins: np.ndarray, style: str, ax: Axes | None = None, **bars: Any
) -> None:
    """Draw how many cells fire at which rate, on a logarithmic axis.

    Parameters
    ----------
    rates : numpy.ndarray
        Rate of each cell, in Hz.
    **bars
        Passed on to `matplotlib.axes.Axes.hist`.
    """
    # Few cells fire fast, and they are the ones to be seen.
    options = {"color": STYLES[style]["color"], "log": True, **bars}
    ax.hist(np.clip(finite("rates", rates), bins[0], bins[-1]), bins, **options)
    ax.yaxis.set_major_formatter("{x:g}")
    ax.set(xlabel="rate of a cell (Hz)", ylabel="cells")


@draws
def plot_potential(
    time: Quantity,
    potential: Quantity,
    threshold: Quantity,
    spikes: Quantity,
    ax: Axes | None = None,
) -> None:
    """Draw the membrane potential of a cell, its threshold, and a stroke at each spike.

    Parameters
    ----------
    time : Quantity, shape (samples,)
        When the samples were taken, as `brian2.StateMonitor.t`.
    potential, threshold : Quantity, shape (samples,)
        Membrane potential and threshold, in volt.
    spikes : Quantity, shape (spikes,)
        When the cell spiked. The model has no shape for a spike, so it is a stroke.
    """
    time = check_quantity("time", time, second, ndim=1)
    lines = {"potential": potential, "threshold": threshold}
    for name, values in lines.items():
        lines[name] = check_quantity(name, values, volt, ndim=1) / mV
        if len(values) != len(time):
            raise refuse(name, values, f"one for each of {len(time)} times")
    ax.plot(time, lines["threshold"], **line_style("target"), label="threshold")
    ax.plot(time, lines["potential"], **line_style("E"), linewidth=0.9)
    if np.size(spikes):
        spikes = check_quantity("spikes", spikes, second, ndim=1)
        color = STYLES["E"]["color"]
        ax.vlines(spikes, lines["potential"].max(), 0, colors=color, linewidth=0.9)
    ax.set(xlabel="time (s)", ylabel="potential (mV)", ylim=(None, 5))
