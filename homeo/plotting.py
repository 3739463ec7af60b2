"""Figures of the book: each function draws a result into an axes and returns it.

Nothing here simulates and nothing calls ``show``. The same quantity has the same
colour, line or marker everywhere; see `STYLES`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from brian2 import Hz, Quantity, ms, nsiemens, second
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, NullFormatter

from .checks import check_quantity
from .parameters import (
    GlobalFactorParameters,
    SynapseParameters,
)
from .protocol import weight_changes
from .runs.results import protocol_of, rule_of, synapse_of
from .theory import (
    H_course,
    H_mean,
    H_variance,
    gain,
    lone_spikes,
    pair_weight_change,
    poisson_drift,
    poisson_variance,
    train_end_effect,
    train_weight_change,
)
from .units import show

#: One look for each quantity: the hues of Okabe and Ito, which colour-blind
#: readers can tell apart, and a line or a marker that works without colour.
STYLES: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {
        "E": {"color": "#D55E00", "linestyle": "-", "marker": "^"},
        "I": {"color": "#0072B2", "linestyle": "--", "marker": "v"},
        "H": {"color": "#009E73", "linestyle": "-", "marker": "s"},
        "G": {"color": "#AA4499", "linestyle": "-", "marker": "o"},
        "w": {"color": "#222222", "linestyle": "-", "marker": "D"},
        "theory": {"color": "#E69F00", "linestyle": (0, (4, 2)), "marker": "x"},
        "target": {"color": "#777777", "linestyle": ":", "marker": "_"},
    }
)

#: How large a unit is in SI units, for axes that are read more easily than SI.
SCALES: Mapping[str, float] = MappingProxyType(
    {"s": 1.0, "ms": 1e-3, "Hz": 1.0, "nS": 1e-9, "1": 1.0}
)
#: The rules are told apart by line and marker; colours stand for quantities.
RULE_STYLES: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {
        "zenke_2015": {"color": "#000000", "linestyle": "-", "marker": "o"},
        "brian_example": {"color": "#666666", "linestyle": "--", "marker": "s"},
        "vogels_2011": {"color": "#8C6D1F", "linestyle": ":", "marker": "^"},
    }
)
#: What to call a network that learns by a rule, or by none.
RULE_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "zenke_2015": "paper's rule",
        "brian_example": "example's rule",
        "vogels_2011": "Vogels' rule",
        "none": "no plasticity",
    }
)
_NO_RULE = {"color": "#BBBBBB", "linestyle": (0, (1, 0.6, 4, 0.6))}
_AURYN_STYLE = {
    "color": "#CC3311",
    "marker": "o",
    "fillstyle": "none",
    "markersize": 8,
    "linestyle": "none",
}
_AXIS_UNITS = {"s": "s", "Hz": "Hz", "S": "nS", "1": "1"}


def line_style(name: str) -> dict[str, object]:
    """Return colour and line style of a quantity.

    Parameters
    ----------
    name : str
        A key of `STYLES`.

    Returns
    -------
    dict
        Keyword arguments for `matplotlib.axes.Axes.plot`.
    """
    return {key: STYLES[name][key] for key in ("color", "linestyle")}


def marker_style(name: str) -> dict[str, object]:
    """Return colour and marker of a quantity.

    Parameters
    ----------
    name : str
        A key of `STYLES`.

    Returns
    -------
    dict
        Keyword arguments for `matplotlib.axes.Axes.plot`, without a line.
    """
    style = {key: STYLES[name][key] for key in ("color", "marker")}
    return {**style, "linestyle": "none"}


def signed(value: float) -> str:
    """Write a number with its sign, minus as a minus and not as a hyphen.

    Parameters
    ----------
    value : float
        The number.

    Returns
    -------
    str
        For instance ``+4`` or ``−0.5``.
    """
    return f"{float(value):+g}".replace("-", "\N{MINUS SIGN}")


def _axes(ax: Axes | None) -> Axes:
    return plt.subplots()[1] if ax is None else ax


def _scaled(data: xr.DataArray) -> tuple[np.ndarray, str]:
    unit = _AXIS_UNITS[data.attrs["units"]]
    return data.values / SCALES[unit], unit


def _label(symbol: str, unit: str) -> str:
    return symbol if unit == "1" else f"{symbol} ({unit})"


def _synapse_and_lag(result: xr.Dataset) -> tuple[SynapseParameters, Quantity]:
    return synapse_of(result), protocol_of(result).lag


def plot_trials(
    data: xr.DataArray,
    style: str,
    symbol: str,
    ax: Axes | None = None,
    *,
    time_unit: str = "s",
    label: str | None = None,
    **plot_options: object,
) -> Axes:
    """Draw one quantity over time, one line per trial.

    Parameters
    ----------
    data : xarray.DataArray
        Dimension ``time``, and ``trial`` or ``synapse`` where there are several.
    style : str
        A key of `STYLES`.
    symbol : str
        What to write on the axis before the unit.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    time_unit : {"s", "ms"}, optional
        Unit of the time axis.
    label : str, optional
        Entry in the legend.
    **plot_options
        Passed on to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.
    """
    ax = _axes(ax)
    values, unit = _scaled(data)
    lines = np.atleast_2d(values)
    time = data.time.values / SCALES[time_unit]
    faint = {} if len(lines) <= 5 else {"alpha": max(0.12, 1.5 / len(lines))}
    # Weights step at spikes; a slope between two samples would be wrong.
    steps = {"drawstyle": "steps-post"} if style == "w" else {}
    options = {**line_style(style), **faint, **steps, **plot_options}
    for k, line in enumerate(lines):
        ax.plot(time, line, **options, label=label if k == 0 else None)
    ax.set(xlabel=f"time ({time_unit})", ylabel=_label(symbol, unit))
    return ax


def plot_rate_estimate(run: xr.Dataset, ax: Axes | None = None) -> Axes:
    """Draw H of one trial over the population rate, with the predicted band.

    Parameters
    ----------
    run : xarray.Dataset
        What `homeo.global_factor.simulate_global_factor` returned.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.
    """
    ax = _axes(ax)
    parameters = rule_of(run).global_factor
    t = run.time.values * second
    moments = H_course(run.rate.values * Hz, t[1] - t[0], parameters)
    ax.step(t, run.rate, where="post", **line_style("target"), label="population rate")
    plot_trials(run.H[0], "H", "H", ax, label="simulation")
    plot_band(t, *moments, ax)
    ax.set(title=rf"$\tau_H$ = {show(parameters.tau_H)}", ylim=(0, None))
    return ax


def plot_precision(
    spreads: xr.DataArray, rate: Quantity, ax: Axes | None = None
) -> Axes:
    r"""Draw the spread of H against the population size, with its prediction.

    Parameters
    ----------
    spreads : xarray.DataArray
        Standard deviation of H in Hz, dimensions ``tau_H`` (s) and ``N``.
    rate : Quantity
        Population rate.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.
    """
    ax = _axes(ax)
    for tau_H, marker in zip(spreads.tau_H.values, "sov^", strict=False):
        predicted = [
            np.sqrt(H_variance(np.inf * second, rate, _population(tau_H, N))) / Hz
            for N in spreads.N.values
        ]
        ax.loglog(spreads.N, predicted, **line_style("theory"))
        style = {**marker_style("H"), "marker": marker}
        measured = spreads.sel(tau_H=tau_H)
        ax.loglog(spreads.N, measured, **style, label=rf"$\tau_H$ = {tau_H:g} s")
    ax.set(xlabel="population size N", ylabel="standard deviation of H (Hz)")
    ax.legend()
    return ax


def _population(tau_H: float, N: int) -> GlobalFactorParameters:
    # The stationary spread of H depends on neither the target nor the start.
    return GlobalFactorParameters(gamma=0 * Hz, H_0=0 * Hz, tau_H=tau_H * second, N=N)


def plot_step_responses(
    responses: Mapping[float, xr.Dataset], axes: list[Axes]
) -> list[Axes]:
    r"""Draw mean and spread of H after a step from silence, in units of tau_H.

    Parameters
    ----------
    responses : mapping of float to xarray.Dataset
        By time constant in s, what
        `homeo.global_factor.simulate_global_factor` returned for one rate.
    axes : list of matplotlib.axes.Axes
        Two axes.

    Returns
    -------
    list of matplotlib.axes.Axes
        The axes.
    """
    for (tau_H, run), marker in zip(responses.items(), "so^v", strict=False):
        parameters = rule_of(run).global_factor
        rate, t = run.rate.values[0] * Hz, run.time.values * second
        scaled_t = run.time / tau_H
        final = np.sqrt(H_variance(np.inf * second, rate, parameters))
        style = {**marker_style("H"), "marker": marker, "fillstyle": "none"}
        axes[0].plot(scaled_t, H_mean(t, rate, parameters), **line_style("theory"))
        axes[0].plot(
            scaled_t, run.H.mean("trial"), **style, label=rf"$\tau_H$ = {tau_H:g} s"
        )
        spread = np.sqrt(H_variance(t, rate, parameters))
        axes[1].plot(scaled_t, spread / final, **line_style("theory"))
        axes[1].plot(scaled_t, run.H.std("trial") / float(final / Hz), **style)
    for ax, label in zip(axes, ("mean of H (Hz)", "scaled s.d. of H"), strict=True):
        ax.set(xlabel=r"time since the step, $t/\tau_H$", ylabel=label, ylim=(0, None))
    axes[0].legend(loc="lower right")
    return list(axes)


def plot_cost(
    costs: pd.DataFrame, xlabel: str, ylabel: str, ax: Axes | None = None
) -> Axes:
    """Draw times against the size of what was simulated, on logarithmic axes.

    Parameters
    ----------
    costs : pandas.DataFrame
        One column of times for each way, indexed by size; gaps are left out.
    xlabel, ylabel : str
        What the size and the time are.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.
    """
    ax = _axes(ax)
    # Shades of grey: the colours stand for quantities of the model.
    greys, dashes = ("#000000", "#555555", "#888888"), ("-", "--", ":")
    for way, color, linestyle, marker in zip(costs, greys, dashes, "so^", strict=False):
        options = {"color": color, "linestyle": linestyle, "marker": marker}
        ax.loglog(costs[way].dropna(), **options, label=way)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.legend()
    return ax


def plot_band(
    t: Quantity,
    mean: Quantity,
    variance: Quantity,
    ax: Axes | None = None,
    *,
    label: str = "theory: mean ± 2 s.d.",
) -> Axes:
    """Draw a predicted mean and a band of two standard deviations, in Hz.

    Parameters
    ----------
    t : Quantity
        Times, shape ``(m,)``.
    mean, variance : Quantity
        In Hz and Hz², shape ``(m,)``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    label : str, optional
        Entry in the legend.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.
    """
    ax = _axes(ax)
    t, mean = np.asarray(t), np.asarray(mean)
    spread = 2 * np.sqrt(np.asarray(variance))
    style = line_style("theory")
    ax.plot(t, mean, **style, label=label, zorder=3)
    ax.fill_between(
        t, mean - spread, mean + spread, color=style["color"], alpha=0.25, linewidth=0
    )
    return ax


def plot_pairings(result: xr.Dataset, ax: Axes | None = None) -> Axes:
    """Mark the pairings of a protocol with vertical lines.

    Parameters
    ----------
    result : xarray.Dataset
        What `homeo.protocol.simulate_pairing` returned.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.
    """
    ax = _axes(ax)
    for k, t in enumerate(result.pre_spike.values):
        ax.axvline(
            t,
            **line_style("target"),
            linewidth=1,
            zorder=0,
            label="pairing" if k == 0 else None,
        )
    return ax


def plot_course(result: xr.Dataset, axes: list[Axes]) -> list[Axes]:
    """Draw the course of a pairing experiment: G above, the weight below.

    Parameters
    ----------
    result : xarray.Dataset
        What `homeo.protocol.simulate_pairing` returned.
    axes : list of matplotlib.axes.Axes
        Two axes.

    Returns
    -------
    list of matplotlib.axes.Axes
        The axes.
    """
    plot_trials(result.G, "G", "G", axes[0])
    axes[0].axhline(0, **line_style("target"), linewidth=1)
    plot_trials(result.w, "w", "w", axes[1])
    for ax in axes:
        plot_pairings(result, ax)
    axes[0].label_outer()
    axes[0].legend(loc="upper left")
    return list(axes)


def plot_experiment(result: xr.Dataset, figure: Figure) -> Figure:
    """Draw a pairing experiment: its course, and the weight change against G.

    Parameters
    ----------
    result : xarray.Dataset
        What `homeo.protocol.simulate_pairing` returned, weights in siemens.
    figure : matplotlib.figure.Figure
        Where to draw.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    axes = figure.subplot_mosaic("GD;wD", width_ratios=(3, 2))
    plot_course(result, [axes["G"], axes["w"]])
    changes = weight_changes(result)
    parameters, lag = _synapse_and_lag(result)
    ends = np.array([changes.G_pre.min(), changes.G_pre.max()]) * Hz
    plot_pair_line(lag, parameters, ends, axes["D"])
    plot_weight_change(changes, axes["D"], label="pairings")
    axes["D"].legend()
    return figure


def plot_weight_change(
    changes: xr.Dataset,
    ax: Axes | None = None,
    *,
    label: str | None = None,
) -> Axes:
    """Draw the weight change of each pairing against G at the presynaptic spike.

    Parameters
    ----------
    changes : xarray.Dataset
        What `homeo.protocol.weight_changes` returned.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    label : str, optional
        Entry in the legend.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.
    """
    ax = _axes(ax)
    values, unit = _scaled(changes.delta_w)
    G = changes.G_pre.values.ravel()
    ax.plot(G, values.ravel(), **marker_style("w"), label=label)
    ax.set(xlabel="G at the pre spike (Hz)", ylabel=_label(r"$\Delta w$", unit))
    return ax


def plot_pair_line(
    lag: Quantity, parameters: SynapseParameters, G: Quantity, ax: Axes | None = None
) -> Axes:
    """Draw the predicted weight change of a pair against constant G.

    Parameters
    ----------
    lag : Quantity
        Postsynaptic minus presynaptic spike time.
    parameters : SynapseParameters
        The rule and its parameters; weights in siemens.
    G : Quantity
        Where the line begins and ends.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.
    """
    ax = _axes(ax)
    delta_w = pair_weight_change(lag, G, parameters) / nsiemens
    ax.plot(G / Hz, delta_w, **line_style("theory"), label="theory")
    ax.set(xlabel="G (Hz)", ylabel=r"$\Delta w$ (nS)")
    return ax


def plot_against_G(
    changes: xr.Dataset, reference: pd.DataFrame, ax: Axes | None = None
) -> Axes:
    r"""Draw weight changes over the learning rate against G, with a reference.

    Parameters
    ----------
    changes : xarray.Dataset
        What `homeo.protocol.weight_changes` returned.
    reference : pandas.DataFrame
        Columns ``G_hz`` and ``dw_per_eta`` (Hz), at the same lag.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.
    """
    ax = _axes(ax)
    parameters, lag = _synapse_and_lag(changes)
    ax.plot(
        changes.G_pre.values.ravel(),
        changes.delta_w.values.ravel() / float(parameters.eta),
        **{**marker_style("w"), "markersize": 3},
        label=f"Brian2, {changes.sizes['trial']} trials",
    )
    drawn = np.concatenate([reference.G_hz, changes.G_pre.values.ravel()])
    ends = np.array([drawn.min(), drawn.max()]) * Hz
    line = pair_weight_change(lag, ends, parameters) / parameters.eta
    ax.plot(ends / Hz, line / Hz, **line_style("theory"), label="theory")
    ax.plot(reference.G_hz, reference.dw_per_eta, **_AURYN_STYLE, label="Auryn")
    ax.set(xlabel="G at the pre spike (Hz)", ylabel=r"$\Delta w / \eta$ (Hz)")
    ax.legend()
    return ax


def plot_against_lag(
    reference: pd.DataFrame, result: xr.Dataset, ax: Axes | None = None
) -> Axes:
    r"""Draw the weight change of single pairs, over learning rate and G, by lag.

    Parameters
    ----------
    reference : pandas.DataFrame
        Columns ``lag_ms``, ``G_hz`` and ``dw_per_eta`` (Hz).
    result : xarray.Dataset
        What `homeo.protocol.simulate_forced_spikes` returned for the same rows.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.
    """
    ax = _axes(ax)
    synapse = synapse_of(result)
    lags = np.linspace(reference.lag_ms.min(), reference.lag_ms.max(), 401)
    theory = pair_weight_change(lags * ms, 1 * Hz, synapse) / (synapse.eta * Hz)
    ax.plot(lags, theory, **line_style("theory"), label="theory")
    driven = (reference.G_hz != 0).values
    rows = reference[driven]
    scaled = result.delta_w[driven] / (float(synapse.eta) * rows.G_hz.values)
    ax.plot(
        rows.lag_ms, scaled, **{**marker_style("w"), "markersize": 3}, label="Brian2"
    )
    ax.plot(rows.lag_ms, rows.dw_per_eta / rows.G_hz, **_AURYN_STYLE, label="Auryn")
    ax.set(
        xlabel="lag, post minus pre (ms)",
        ylabel=r"$\Delta w / \eta G$",
        ylim=(0.9, 2.1),
    )
    return ax


def plot_spikes(
    pre_spikes: Quantity | None, post_spikes: Quantity | None, ax: Axes | None = None
) -> Axes:
    """Draw the spikes of one pair of neurons, in ms.

    Parameters
    ----------
    pre_spikes, post_spikes : Quantity or None
        Spike times; None for a silent neuron.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.
    """
    ax = _axes(ax)
    for row, name, spikes in ((1, "I", pre_spikes), (0, "E", post_spikes)):
        if spikes is not None:
            times = np.asarray(spikes / second) / SCALES["ms"]
            ax.eventplot(
                [times],
                lineoffsets=row,
                linelengths=0.7,
                linewidths=2,
                colors=STYLES[name]["color"],
            )
    ax.set(yticks=[1, 0], yticklabels=["pre (I)", "post (E)"], ylim=(-0.6, 1.6))
    ax.tick_params(axis="y", length=0)
    return ax


def plot_synapse(
    runs: Sequence[xr.Dataset],
    pre_spikes: Quantity | None,
    post_spikes: Quantity | None,
    axes: Sequence[Axes],
    *,
    synapse: int = 0,
) -> Sequence[Axes]:
    """Draw the spikes, the traces and the weight of one synapse, in ms.

    Parameters
    ----------
    runs : sequence of xarray.Dataset
        What `homeo.protocol.simulate_forced_spikes` returned with clock-driven
        traces: the same spikes at several values of G.
    pre_spikes, post_spikes : Quantity or None
        The spikes; None for a silent neuron.
    axes : sequence of matplotlib.axes.Axes
        Three axes, from top to bottom.
    synapse : int, optional
        Which synapse.

    Returns
    -------
    sequence of matplotlib.axes.Axes
        The axes.
    """
    plot_spikes(pre_spikes, post_spikes, axes[0])
    plot_traces(runs[0], synapse, axes[1])
    for run, linestyle in zip(runs, ("-", "--", ":"), strict=False):
        one = run.isel(synapse=synapse)
        label = f"G = {signed(one.G)} Hz"
        options = {"time_unit": "ms", "label": label, "linestyle": linestyle}
        plot_trials(one.w, "w", "w", axes[2], **options)
    for ax in axes:
        ax.set_xlim(0, run.time[-1] / SCALES["ms"])
        ax.label_outer()
    return axes


def plot_synapses(
    runs: Sequence[xr.Dataset],
    pre_spikes: Sequence[Quantity | None],
    post_spikes: Sequence[Quantity | None],
    titles: Sequence[str],
    figure: Figure,
) -> Figure:
    """Draw several synapses side by side: spikes, traces and weight.

    Parameters
    ----------
    runs : sequence of xarray.Dataset
        What `homeo.protocol.simulate_forced_spikes` returned with clock-driven
        traces: the same spikes at several values of G.
    pre_spikes, post_spikes : sequence of Quantity or None
        The spikes of each synapse; None for a silent neuron.
    titles : sequence of str
        One title per synapse.
    figure : matplotlib.figure.Figure
        Where to draw.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    axes = figure.subplots(3, len(titles), sharex=True, sharey="row", squeeze=False)
    for k, title in enumerate(titles):
        plot_synapse(runs, pre_spikes[k], post_spikes[k], axes[:, k], synapse=k)
        axes[0, k].set_title(title)
    axes[1, 0].legend()
    axes[2, 0].legend()
    return figure


def plot_traces(result: xr.Dataset, synapse: int = 0, ax: Axes | None = None) -> Axes:
    """Draw both traces of one synapse, in ms.

    Parameters
    ----------
    result : xarray.Dataset
        What `homeo.protocol.simulate_forced_spikes` returned with clock-driven
        traces.
    synapse : int, optional
        Which synapse.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.
    """
    ax = _axes(ax)
    one = result.isel(synapse=synapse)
    plot_trials(one.pre_trace, "I", "trace", ax, time_unit="ms", label=r"$z_{pre}$")
    plot_trials(one.post_trace, "E", "trace", ax, time_unit="ms", label=r"$z_{post}$")
    return ax


def plot_window(window: xr.Dataset, ax: Axes | None = None) -> Axes:
    r"""Draw the weight change over the learning rate as a map of lag and G.

    Parameters
    ----------
    window : xarray.Dataset
        What `homeo.window.simulate_window` returned under a rule that reads G.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.
    """
    ax = _axes(ax)
    eta = float(synapse_of(window).eta)
    lag, G = window.lag.values / SCALES["ms"], window.G.values
    change = window.delta_w.transpose("G", "lag").values / eta
    limit = np.abs(change).max()
    ax.pcolormesh(lag, G, change, cmap="PuOr_r", vmin=-limit, vmax=limit)
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
    ax.set_title(r"$\Delta w / \eta$ (Hz)")
    return ax


def plot_window_slices(
    window: xr.Dataset, reference: pd.DataFrame, ax: Axes | None = None
) -> Axes:
    r"""Draw the window at the values of G of a reference, with theory.

    Parameters
    ----------
    window : xarray.Dataset
        What `homeo.window.simulate_window` returned under a rule that reads G.
    reference : pandas.DataFrame
        Columns ``lag_ms``, ``G_hz`` and ``dw_per_eta`` (Hz).
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.
    """
    ax = _axes(ax)
    synapse = synapse_of(window)
    eta, lag = float(synapse.eta), window.lag.values / SCALES["ms"]
    small = {**marker_style("w"), "markersize": 2.5}
    for k, G in enumerate(np.unique(reference.G_hz)):
        theory = pair_weight_change(lag * ms, G * Hz, synapse) / (synapse.eta * Hz)
        at_G = window.delta_w.sel(G=G, method="nearest", tolerance=1e-9) / eta
        rows = reference[reference.G_hz == G]
        names = ("theory", "Brian2", "Auryn") if k == 0 else (None,) * 3
        # In front of so many dots a thin line is still seen.
        thin = {**line_style("theory"), "linewidth": 1, "zorder": 3}
        ax.plot(lag, at_G, **small, label=names[1])
        ax.plot(lag, theory, **thin, label=names[0])
        ax.plot(rows.lag_ms, rows.dw_per_eta, **_AURYN_STYLE, label=names[2])
        ax.annotate(
            f"{signed(G) if G else 0} Hz",
            (lag[-1], at_G[-1]),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    ax.set(xlabel="lag, post minus pre (ms)", ylabel=r"$\Delta w / \eta$ (Hz)")
    ax.legend(loc="upper left")
    return ax


def _rule_and_G(result: xr.Dataset) -> tuple[SynapseParameters, Quantity | None]:
    synapse = synapse_of(result)
    if "G" in result.variables:
        return synapse, result.G.values.flat[0] * Hz
    G = result.attrs.get("G_Hz")
    return synapse, None if G is None else G * Hz


def _rule_line(rule: str) -> dict[str, object]:
    return {key: RULE_STYLES[rule][key] for key in ("color", "linestyle")}


def _rule_marker(rule: str) -> dict[str, object]:
    # One rule inside another where both give the same.
    sizes = {"zenke_2015": 3, "brian_example": 7, "vogels_2011": 4}
    filled = {"fillstyle": "none" if rule == "brian_example" else "full"}
    marker = {key: RULE_STYLES[rule][key] for key in ("color", "marker")}
    return {**marker, **filled, "linestyle": "none", "markersize": sizes[rule]}


def plot_pair_by_lag(window: xr.Dataset, ax: Axes | None = None) -> Axes:
    """Draw the window of a rule at one G, over its gain, with theory.

    Parameters
    ----------
    window : xarray.Dataset
        What `homeo.window.simulate_window` returned; the first G is drawn.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.
    """
    ax = _axes(ax)
    synapse, G = _rule_and_G(window)
    unit = gain(G, synapse)
    lag = np.linspace(*window.lag.values[[0, -1]], 401) * second
    theory = pair_weight_change(lag, G, synapse) / unit
    ax.plot(lag / ms, theory, **_rule_line(synapse.rule))
    change = window.delta_w.values.reshape(window.sizes["lag"], -1)[:, 0] / float(unit)
    ax.plot(window.lag / SCALES["ms"], change, **_rule_marker(synapse.rule))
    ax.set(xlabel="lag, post minus pre (ms)", ylabel="change for each pair")
    return ax


def plot_lone_spikes(lone: xr.Dataset, spikes: int, ax: Axes | None = None) -> Axes:
    """Draw what a spike without a partner does, over the gain, with theory.

    Parameters
    ----------
    lone : xarray.Dataset
        What `homeo.protocol.simulate_forced_spikes` returned for two synapses, one
        with presynaptic and one with postsynaptic spikes only.
    spikes : int
        How many spikes each had.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.
    """
    ax = _axes(ax)
    synapse, G = _rule_and_G(lone)
    change = lone.delta_w.values / float(gain(G, synapse)) / spikes
    theory = _rule_line(synapse.rule)
    for x, value in enumerate(lone_spikes(synapse)):
        ax.plot([x - 0.3, x + 0.3], [value, value], **theory)
    ax.plot([0, 1], change, **_rule_marker(synapse.rule))
    ax.set(xticks=[0, 1], xticklabels=["pre alone", "post alone"], xlim=(-0.5, 1.5))
    ax.set_ylabel("change for each spike")
    return ax


def plot_by_frequency(trains: xr.Dataset, ax: Axes | None = None) -> Axes:
    """Draw the change for each pair of a train, over the gain, by frequency.

    Parameters
    ----------
    trains : xarray.Dataset
        What `homeo.window.simulate_trains` returned.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.
    """
    ax = _axes(ax)
    synapse, G = _rule_and_G(trains)
    frequency, scale = trains.frequency.values, gain(G, synapse) * trains.pairs
    f = np.geomspace(frequency.min(), frequency.max(), 201) * Hz
    arguments = f, trains.pairs, trains.lag_s * second, G, synapse
    ax.semilogx(
        f / Hz, train_weight_change(*arguments) / scale, **_rule_line(synapse.rule)
    )
    style = _rule_marker(synapse.rule)
    ax.plot(frequency, trains.delta_w.values / float(scale), **style)
    ax.set(xlabel="pairs per second (Hz)", ylabel="change for each pair")
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    return ax


def plot_end_effect(runs: Sequence[xr.Dataset], ax: Axes | None = None) -> Axes:
    """Draw what the ends of trains take off their weight change, in percent.

    Parameters
    ----------
    runs : sequence of xarray.Dataset
        What `homeo.window.simulate_trains` returned, for several numbers of pairs.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.
    """
    ax = _axes(ax)
    for trains, marker in zip(runs, "so^D", strict=False):
        synapse, G = _rule_and_G(trains)
        frequency = trains.frequency.values
        f = np.geomspace(frequency.min(), frequency.max(), 201)
        options = trains.pairs, trains.lag_s * second, G, synapse
        share = train_end_effect(f * Hz, *options) / train_weight_change(
            f * Hz, *options
        )
        ax.loglog(f, 100 * share, **line_style("theory"))
        endless = np.asarray(train_weight_change(frequency * Hz, *options))
        missing = 100 * (1 - trains.delta_w.values / endless)
        seen = missing > 1e-9  # below is rounding
        style = {**marker_style("w"), "marker": marker}
        ax.plot(frequency[seen], missing[seen], **style, label=f"{trains.pairs} pairs")
    ax.set(xlabel="pairs per second (Hz)", ylabel="taken off by the ends (%)")
    ax.set(xlim=(5, None), ylim=(1e-3, None))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.legend()
    return ax


def plot_by_rate(poisson: xr.Dataset, ax: Axes | None = None) -> Axes:
    """Draw the drift under Poisson spikes, over the gain, by postsynaptic rate.

    The bars are two standard errors.

    Parameters
    ----------
    poisson : xarray.Dataset
        What `homeo.window.simulate_poisson` returned; the first presynaptic rate is
        drawn.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.
    """
    ax = _axes(ax)
    synapse, G = _rule_and_G(poisson)
    unit = gain(G, synapse)
    rate, duration = poisson.post_rate.values, poisson.duration_s
    drift = poisson.delta_w[0].values / (float(unit) * duration)
    r = np.linspace(0, rate.max(), 101) * Hz
    pre_rate = poisson.pre_rate.values[0] * Hz
    theory = poisson_drift(pre_rate, r, G, synapse) / (unit * Hz)
    ax.plot(r / Hz, theory, **_rule_line(synapse.rule))
    error = 2 * drift.std(axis=1, ddof=1) / np.sqrt(poisson.sizes["trial"])
    ax.errorbar(rate, drift.mean(axis=1), error, **_rule_marker(synapse.rule))
    ax.set(xlabel="postsynaptic rate (Hz)", ylabel="drift (1/s)")
    return ax


def plot_accumulated(poisson: xr.Dataset, ax: Axes | None = None) -> Axes:
    """Draw how the weight change under Poisson spikes differs between trials.

    Parameters
    ----------
    poisson : xarray.Dataset
        What `homeo.window.simulate_poisson` returned; the first presynaptic rate is
        drawn.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.
    """
    ax = _axes(ax)
    synapse, G = _rule_and_G(poisson)
    unit, duration = gain(G, synapse), poisson.duration_s * second
    pre_rate, post_rate = (poisson[n].values * Hz for n in ("pre_rate", "post_rate"))
    for k, rate in enumerate(post_rate):
        change = poisson.delta_w[0, k].values / float(unit)
        options = pre_rate[0], rate, G, synapse
        mean = float(poisson_drift(*options) * duration / unit)
        spread = float(np.sqrt(poisson_variance(duration, *options)) / unit)
        ax.hist(change, bins=18, density=True, color="#BBBBBB", histtype="stepfilled")
        x = mean + spread * np.linspace(-3.5, 3.5, 101)
        bell = np.exp(-(((x - mean) / spread) ** 2) / 2) / (spread * np.sqrt(2 * np.pi))
        ax.plot(x, bell, **line_style("theory"))
        above = {"transform": ax.get_xaxis_transform(), "ha": "center"}
        ax.text(mean, 1.02, f"{rate / Hz:g} Hz", **above)
    ax.set(xlabel="accumulated change", ylabel="density of trials", yticks=[])
    return ax


def plot_rules(
    results: Mapping[str, Mapping[str, xr.Dataset]], spikes: int, figure: Figure
) -> Figure:
    """Draw four protocols under several rules, over the gain, with theory.

    Parameters
    ----------
    results : mapping of str to mapping of str to xarray.Dataset
        By name of the rule, for the protocols ``"pair"``, ``"unpaired"``,
        ``"frequency"`` and ``"poisson"``: what `homeo.window.simulate_window`,
        `homeo.protocol.simulate_forced_spikes`, `homeo.window.simulate_trains` and
        `homeo.window.simulate_poisson` returned.
    spikes : int
        How many spikes a neuron of the unpaired protocol had.
    figure : matplotlib.figure.Figure
        Where to draw.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    axes = figure.subplots(2, 2)
    for result in results.values():
        plot_pair_by_lag(result["pair"], axes[0, 0])
        plot_lone_spikes(result["unpaired"], spikes, axes[0, 1])
        plot_by_frequency(result["frequency"], axes[1, 0])
        plot_by_rate(result["poisson"], axes[1, 1])
    titles = ("One pair", "Unpaired spikes", "Pairs, repeated", "Poisson spikes")
    for ax, title in zip(axes.flat, titles, strict=True):
        ax.set_title(title)
        ax.axhline(0, **line_style("target"), linewidth=0.8, zorder=0)
    handles = [
        Line2D([], [], **{**_rule_marker(rule), **_rule_line(rule)}, label=rule)
        for rule in results
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
    return figure


def plot_seeds(
    courses: pd.DataFrame, column: str, style: str, ax: Axes | None = None, **line: Any
) -> Axes:
    """Draw the same quantity of several seeds against time: each, and their mean.

    Parameters
    ----------
    courses : pandas.DataFrame
        Columns ``time_s``, ``seed`` and that of the quantity.
    column : str
        Which column.
    style : str
        A key of `STYLES`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    **line
        Passed on to the line of the mean, such as its label.

    Returns
    -------
    matplotlib.axes.Axes
        With one thin line for each seed, then a thick one for the mean.
    """
    ax = _axes(ax)
    by_seed = courses.pivot_table(index="time_s", columns="seed", values=column)
    color = STYLES[style]["color"]
    ax.plot(by_seed.index, by_seed, color=color, linewidth=0.6, alpha=0.5)
    ax.plot(by_seed.index, by_seed.mean(axis=1), **{**line_style(style), **line})
    ax.set_xlabel("time (s)")
    return ax


def plot_loop(run: xr.Dataset, axes: Sequence[Axes]) -> Sequence[Axes]:
    """Draw how a closed loop settles: rates and their estimate above, weight below.

    Parameters
    ----------
    run : xarray.Dataset
        What `simulate_network` returned.
    axes : sequence of matplotlib.axes.Axes
        Two of them.

    Returns
    -------
    sequence of matplotlib.axes.Axes
        The same axes.
    """
    rates, weight = axes
    target = rule_of(run).target_rate / Hz
    middle = run.time + run.attrs["record_dt_s"] / 2
    for name in ("E", "I"):
        rate = run[f"rate_{name}"]
        rates.plot(middle, rate, **line_style(name), linewidth=0.9, label=name)
    rates.plot(run.time, run.H, **line_style("H"), label="$H$")
    rates.axhline(target, **line_style("target"), label="target")
    rates.set(ylabel="rate (Hz)", yscale="symlog", ylim=(0, 300))
    rates.set_yticks([0, 1, 10, 100], ["0", "1", "10", "100"])
    rates.legend(ncols=4, loc="upper right")
    weight.plot(run.time, run.w, **line_style("w"))
    weight.set(xlabel="time (s)", ylabel="mean weight", ylim=(0, None))
    return axes


def plot_cells(
    rates: np.ndarray, bins: np.ndarray, style: str, ax: Axes | None = None, **bars: Any
) -> Axes:
    """Draw how many cells fire at which rate, on a logarithmic axis.

    Parameters
    ----------
    rates : numpy.ndarray
        Rate of each cell, in Hz.
    bins : numpy.ndarray
        Edges of the bins, in Hz. Cells beyond the last count in the last bin.
    style : str
        A key of `STYLES`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    **bars
        Passed on to `matplotlib.axes.Axes.hist`.

    Returns
    -------
    matplotlib.axes.Axes
        With a histogram.
    """
    ax = _axes(ax)
    # Few cells fire fast, and they are the ones to be seen.
    options = {"color": STYLES[style]["color"], "log": True, **bars}
    ax.hist(np.clip(rates, bins[0], bins[-1]), bins, **options)
    ax.yaxis.set_major_formatter("{x:g}")
    ax.set(xlabel="rate of a cell (Hz)", ylabel="cells")
    return ax


def plot_courses_by_rule(courses: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the rate under each rule against time: mean and range of the seeds.

    Parameters
    ----------
    courses : pandas.DataFrame
        Columns ``rule``, ``seed``, ``time_s`` and ``rate_E_hz``. A rule is a key of
        `RULE_STYLES`, or ``"none"`` where the synapses do not learn.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        With one line and one band for each rule, on a logarithmic axis.
    """
    ax = _axes(ax)
    for rule, of_rule in courses.groupby("rule", sort=False):
        rates = of_rule.groupby("time_s").rate_E_hz.agg(["mean", "min", "max"])
        line = _NO_RULE if rule == "none" else _rule_line(rule)
        band = {"color": line["color"], "alpha": 0.25, "linewidth": 0}
        ax.fill_between(rates.index, rates["min"], rates["max"], **band)
        ax.plot(rates["mean"], **line, label=RULE_LABELS[rule])
    ax.set(xlabel="time (s)", ylabel="rate of E (Hz)", yscale="log")
    ax.yaxis.set_major_formatter("{x:g}")
    return ax


def plot_cells_by_rule(
    rates: Mapping[str, np.ndarray], bins: np.ndarray, axes: Sequence[Axes]
) -> Sequence[Axes]:
    """Draw how many cells fire at which rate, a histogram for each rule.

    Parameters
    ----------
    rates : mapping of str to numpy.ndarray
        Rate of each cell, in Hz, by rule: a key of `RULE_STYLES`, or ``"none"``.
    bins : numpy.ndarray
        Edges of the bins, in Hz. Cells beyond the last count in the last bin.
    axes : sequence of matplotlib.axes.Axes
        One for each rule.

    Returns
    -------
    sequence of matplotlib.axes.Axes
        The same axes; each says the mean and the standard deviation of its cells.
    """
    for (rule, of_cells), ax in zip(rates.items(), axes, strict=True):
        plot_cells(of_cells, bins, "E", ax).set_title(RULE_LABELS[rule])
        facts = f"{np.mean(of_cells):.2f} ± {np.std(of_cells, ddof=1):.2g} Hz"
        ax.text(0.97, 0.93, facts, transform=ax.transAxes, ha="right", va="top")
    return axes


def plot_counts_twice(
    first: np.ndarray, second: np.ndarray, ax: Axes | None = None
) -> Axes:
    """Draw the rate of each cell in one stretch of time against that in another.

    Along the diagonal lie the rates that the cells have; across it, the noise of
    counting.

    Parameters
    ----------
    first, second : numpy.ndarray
        Rate of each cell in either stretch, in Hz.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        With one marker for each cell, and the diagonal.
    """
    ax = _axes(ax)
    ax.axline((0, 0), slope=1, **line_style("target"), linewidth=1)
    ax.plot(first, second, **marker_style("E"), markersize=3, alpha=0.4)
    ax.set(xlabel="rate, first count (Hz)", ylabel="rate, second count (Hz)")
    ax.set_aspect("equal")
    return ax


def plot_ringing_map(
    gains: pd.DataFrame, gain_per_eta: Quantity, ax: Axes | None = None
) -> Axes:
    r"""Draw where in the plane of learning rate and :math:`\tau_H` a loop rings.

    Parameters
    ----------
    gains : pandas.DataFrame
        Gains that were fitted to simulations: columns ``eta_s``, ``tau_H_s`` and
        ``gain_hz``, one row for each point.
    gain_per_eta : Quantity
        The predicted gain over the learning rate, in Hz²; positive.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        With the line :math:`4 K \tau_H = 1`, grey where the loop rings. Points are
        filled if the loop rings by its fitted gain; the numbers are the fitted gain
        over the predicted one.
    """
    ax = _axes(ax)
    slope = float(check_quantity("gain_per_eta", gain_per_eta, Hz**2, above=0))
    eta, tau_H = gains.eta_s.values, gains.tau_H_s.values
    # The line goes on beyond the points, for axes that are made longer.
    x, top = np.geomspace(eta.min() / 1000, eta.max() * 1000, 2), tau_H.max() * 3
    border = 1 / (4 * slope * x)
    ax.fill_between(x, border, top, color="#EEEEEE", linewidth=0)
    ax.plot(x, border, **line_style("theory"), label=r"$4 K \tau_H = 1$")
    rings = 4 * gains.gain_hz.values * tau_H > 1
    for chosen, fill, label in ((rings, "full", "rings"), (~rings, "none", "does not")):
        style = {**marker_style("E"), "fillstyle": fill}
        ax.plot(eta[chosen], tau_H[chosen], **style, label=label)
    beside = {"textcoords": "offset points", "xytext": (6, -3)}
    for *point, gain_hz in zip(eta, tau_H, gains.gain_hz, strict=True):
        ratio = gain_hz / (slope * point[0])
        ax.annotate(f"{ratio:.2f}", point, **beside, fontsize="small")
    ax.set(xscale="log", xlim=(eta.min() / 3, eta.max() * 3))
    ax.set(yscale="log", ylim=(tau_H.min() / 3, top))
    ax.set(xlabel=r"learning rate $\eta$ (s)", ylabel=r"$\tau_H$ (s)")
    ax.legend(loc="lower left")
    return ax
