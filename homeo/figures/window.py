"""Figures of chapter 4: the STDP window, trains and Poisson spikes, by rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from brian2 import Hz, ms, second
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, NullFormatter

from .. import theory
from ..checks import refuse
from ..runs.results import synapse_of, told_by
from ._drawing import draws
from ._results import held, of_one_run
from .shared import TIME_UNITS
from .styles import (
    AURYN_STYLE,
    MARKERS,
    line_style,
    marker_of,
    marker_style,
    paired,
    rule_label,
    rule_look,
    rule_looks,
    signed,
)


@draws
def plot_window(window: xr.Dataset, ax: Axes | None = None) -> None:
    r"""Draw the weight change over the learning rate as a map of lag and G.

    Parameters
    ----------
    window : xarray.Dataset
        What `homeo.window.simulate_window` returned under a rule that reads G, for
        two lags and two values of G at least.
    """
    delta_w = of_one_run("window", window, "delta_w", "G", "lag")
    change = delta_w.values / float(synapse_of(window, "window").eta)
    limit = np.abs(change).max()
    if min(change.shape) < 2 or limit == 0:
        allowed = "two lags and two values of G at least, not all of them 0 Hz"
        raise refuse("window", dict(delta_w.sizes), allowed)
    lag, G = window.lag.values / TIME_UNITS["ms"], window.G.values
    mesh = ax.pcolormesh(lag, G, change, cmap="PuOr_r", vmin=-limit, vmax=limit)
    levels = np.arange(-2, 3) * limit / 4
    lines = ax.contour(lag, G, change, levels, colors="#222222", linewidths=0.8)
    aside = lag.size // 5  # where the lines are level and leave room for numbers
    ax.clabel(
        lines,
        fmt=lambda level: signed(level) if level else "0",
        fontsize=9,
        manual=[(lag[aside], np.interp(x, change[:, aside], G)) for x in levels],
    )
    ax.set(xlabel="lag, post minus pre (ms)", ylabel="G (Hz)")
    ax.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.figure.colorbar(mesh, ax=ax, label=r"$\Delta w / \eta$ (Hz)")


@draws
def plot_window_slices(
    window: xr.Dataset, reference: pd.DataFrame, ax: Axes | None = None
) -> None:
    r"""Draw the window at the values of G of a reference, with theory.

    Parameters
    ----------
    window : xarray.Dataset
        What `homeo.window.simulate_window` returned under a rule that reads G.
    reference : pandas.DataFrame
        Columns ``lag_ms``, ``G_hz`` and ``dw_per_eta`` (Hz).
    """
    delta_w = of_one_run("window", window, "delta_w", "G", "lag")
    synapse = synapse_of(window, "window")
    eta, lag = float(synapse.eta), window.lag.values / TIME_UNITS["ms"]
    small = {**marker_style("w"), "markersize": 2.5}
    # In front of so many dots a thin line is still seen.
    thin = {**line_style("theory"), "linewidth": 1, "zorder": 3}
    for k, G in enumerate(np.unique(reference.G_hz)):
        predicted = theory.pair_weight_change(lag * ms, G * Hz, synapse) / (
            synapse.eta * Hz
        )
        at_G = delta_w.sel(G=G, method="nearest", tolerance=1e-9) / eta
        rows = reference[reference.G_hz == G]
        names = ("theory", "Brian2", "Auryn") if k == 0 else (None,) * 3
        ax.plot(lag, at_G, **small, label=names[1])
        ax.plot(lag, predicted, **thin, label=names[0])
        ax.plot(rows.lag_ms, rows.dw_per_eta, **AURYN_STYLE, label=names[2])
        ax.annotate(
            f"{signed(G) if G else 0} Hz",
            (lag[-1], at_G[-1]),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    ax.set(xlabel="lag, post minus pre (ms)", ylabel=r"$\Delta w / \eta$ (Hz)")
    ax.legend(loc="upper left")


@draws
def plot_pair_by_lag(window: xr.Dataset, ax: Axes | None = None, **look: Any) -> None:
    """Draw the window of a rule at one G, over its gain, with theory.

    Parameters
    ----------
    window : xarray.Dataset
        What `homeo.window.simulate_window` returned for one G.
    """
    dims = ("G", "lag") if "G" in window.dims else ("lag",)
    delta_w = of_one_run("window", window, "delta_w", *dims)
    synapse, G, unit = held("window", window)
    look = {**rule_look(synapse.rule), **look}
    lag = np.linspace(*window.lag.values[[0, -1]], 401) * second
    predicted = theory.pair_weight_change(lag, G, synapse) / unit
    ax.plot(lag / ms, predicted, **line_style("theory"))
    change = delta_w.values.ravel() / float(unit)
    ax.plot(window.lag / TIME_UNITS["ms"], change, **marker_of(look))
    ax.set(xlabel="lag, post minus pre (ms)", ylabel="change for each pair")


@draws
def plot_lone_spikes(
    lone: xr.Dataset, spikes: int, ax: Axes | None = None, **look: Any
) -> None:
    """Draw what a spike without a partner does, over the gain, with theory.

    Parameters
    ----------
    lone : xarray.Dataset
        What `homeo.protocol.simulate_forced_spikes` returned for two synapses, one
        with presynaptic and one with postsynaptic spikes only.
    """
    delta_w = of_one_run("lone", lone, "delta_w", "synapse").values
    if len(delta_w) != 2:
        raise refuse("lone", f"{len(delta_w)} synapses", "two: pre alone, post alone")
    synapse, _, unit = held("lone", lone)
    look = {**rule_look(synapse.rule), **look}
    for x, value in enumerate(theory.lone_spikes(synapse)):
        ax.plot([x - 0.3, x + 0.3], [value, value], **line_style("theory"))
    ax.plot([0, 1], delta_w / float(unit) / spikes, **marker_of(look))
    ax.set(xticks=[0, 1], xticklabels=["pre alone", "post alone"], xlim=(-0.5, 1.5))
    ax.set_ylabel("change for each spike")


@draws
def plot_by_frequency(trains: xr.Dataset, ax: Axes | None = None, **look: Any) -> None:
    """Draw the change for each pair of a train, over the gain, by frequency.

    Parameters
    ----------
    trains : xarray.Dataset
        What `homeo.window.simulate_trains` returned.
    """
    delta_w, protocol = _trains("trains", trains)
    pairs, _, G, synapse = protocol
    frequency, scale = trains.frequency.values, theory.gain(G, synapse) * pairs
    look = {**rule_look(synapse.rule), **look}
    f = np.geomspace(frequency.min(), frequency.max(), 201) * Hz
    predicted = theory.train_weight_change(f, *protocol) / scale
    ax.semilogx(f / Hz, predicted, **line_style("theory"))
    ax.plot(frequency, delta_w / float(scale), **marker_of(look))
    ax.set(xlabel="pairs per second (Hz)", ylabel="change for each pair")
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")


def _trains(name: str, trains: xr.Dataset) -> tuple[np.ndarray, tuple]:
    """Return the weight changes, and what theory needs beside the frequencies."""
    delta_w = of_one_run(name, trains, "delta_w", "frequency")
    synapse, G, _ = held(name, trains)
    pairs = int(told_by(trains, "pairs", name))
    lag = float(told_by(trains, "lag", name)) * second
    return delta_w.values, (pairs, lag, G, synapse)


@draws
def plot_end_effect(results: Sequence[xr.Dataset], ax: Axes | None = None) -> None:
    """Draw what the ends of trains take off their weight change, in percent.

    What is below 0.001 % lies outside the axes.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        What `homeo.window.simulate_trains` returned, for several numbers of pairs.
    """
    slowest = 5.0
    for trains, marker in paired("results", results, MARKERS):
        delta_w, protocol = _trains("results", trains)
        frequency = trains.frequency.values
        f = np.geomspace(frequency.min(), frequency.max(), 201) * Hz
        endless = theory.train_weight_change(f, *protocol)
        share = theory.train_end_effect(f, *protocol) / endless
        ax.loglog(f / Hz, 100 * share, **line_style("theory"))
        endless = np.asarray(theory.train_weight_change(frequency * Hz, *protocol))
        missing = 100 * (1 - delta_w / endless)
        seen = missing > 1e-9  # below is rounding
        style = {**marker_style("w"), "marker": marker}
        ax.plot(frequency[seen], missing[seen], **style, label=f"{protocol[0]} pairs")
        slowest = min(slowest, frequency.min())
    ax.set(xlabel="pairs per second (Hz)", ylabel="taken off by the ends (%)")
    ax.set(xlim=(slowest, None), ylim=(1e-3, None))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.legend()


@draws
def plot_by_rate(poisson: xr.Dataset, ax: Axes | None = None, **look: Any) -> None:
    """Draw the drift under Poisson spikes, over the gain, by postsynaptic rate.

    The bars are two standard errors.
    """
    changes, pre_rate = _poisson(poisson)
    synapse, G, unit = held("poisson", poisson)
    look = {**rule_look(synapse.rule), **look}
    rate, duration = poisson.post_rate.values, poisson.duration_s
    drift = changes / (float(unit) * duration)
    r = np.linspace(0, rate.max(), 101) * Hz
    predicted = theory.poisson_drift(pre_rate * Hz, r, G, synapse) / (unit * Hz)
    ax.plot(r / Hz, predicted, **line_style("theory"))
    error = 2 * drift.std(axis=1, ddof=1) / np.sqrt(poisson.sizes["trial"])
    ax.errorbar(rate, drift.mean(axis=1), error, **marker_of(look))
    ax.set(xlabel="postsynaptic rate (Hz)", ylabel="drift (1/s)")


def _poisson(poisson: xr.Dataset) -> tuple[np.ndarray, float]:
    """Return the weight changes by rate and trial, and the presynaptic rate."""
    dims = ("pre_rate", "post_rate", "trial")
    changes = of_one_run("poisson", poisson, "delta_w", *dims).values
    pre_rate = float(told_by(poisson, "pre_rate", "poisson"))
    return changes.reshape(changes.shape[1:]), pre_rate


@draws
def plot_accumulated(poisson: xr.Dataset, ax: Axes | None = None) -> None:
    """Draw how the weight change under Poisson spikes differs between trials."""
    changes, pre_rate = _poisson(poisson)
    synapse, G, unit = held("poisson", poisson)
    duration = poisson.duration_s * second
    for change, rate in zip(changes, poisson.post_rate.values, strict=True):
        options = pre_rate * Hz, rate * Hz, G, synapse
        mean = float(theory.poisson_drift(*options) * duration / unit)
        spread = float(np.sqrt(theory.poisson_variance(duration, *options)) / unit)
        histogram = {"density": True, "color": "#BBBBBB", "histtype": "stepfilled"}
        ax.hist(change / float(unit), bins=18, **histogram)
        x = mean + spread * np.linspace(-3.5, 3.5, 101)
        bell = np.exp(-(((x - mean) / spread) ** 2) / 2) / (spread * np.sqrt(2 * np.pi))
        ax.plot(x, bell, **line_style("theory"))
        above = {"transform": ax.get_xaxis_transform(), "ha": "center"}
        ax.text(mean, 1.02, f"{rate:g} Hz", **above)
    ax.set(xlabel="accumulated change", ylabel="density of trials", yticks=[])


@draws
def plot_rules(
    results: Mapping[str, Mapping[str, xr.Dataset]], spikes: int, figure: Figure
) -> None:
    """Draw four protocols under several rules, over the gain, with theory.

    Parameters
    ----------
    results : mapping of str to mapping of str to xarray.Dataset
        By name of the rule, for the protocols ``"pair"``, ``"unpaired"``,
        ``"frequency"`` and ``"poisson"``: what `homeo.window.simulate_window`,
        `homeo.protocol.simulate_forced_spikes`, `homeo.window.simulate_trains` and
        `homeo.window.simulate_poisson` returned. Names that the book does not know
        get looks of their own.
    """
    looks = rule_looks(results)
    axes = figure.subplots(2, 2)
    for rule, result in results.items():
        plot_pair_by_lag(result["pair"], axes[0, 0], **looks[rule])
        plot_lone_spikes(result["unpaired"], spikes, axes[0, 1], **looks[rule])
        plot_by_frequency(result["frequency"], axes[1, 0], **looks[rule])
        plot_by_rate(result["poisson"], axes[1, 1], **looks[rule])
    titles = ("One pair", "Unpaired spikes", "Pairs, repeated", "Poisson spikes")
    for ax, title in zip(axes.flat, titles, strict=True):
        ax.set_title(title)
        ax.axhline(0, **line_style("target"), linewidth=0.8, zorder=0)
    handles = [
        *(
            Line2D([], [], **marker_of(look), label=rule_label(rule))
            for rule, look in looks.items()
        ),
        Line2D([], [], **line_style("theory"), label="theory"),
    ]
    # Four names fill a row.
    columns = min(len(handles), 4)
    figure.legend(handles=handles, loc="outside upper center", ncols=columns)
