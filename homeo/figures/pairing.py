"""Figures of chapters 2 and 3: one synapse, and the pairing protocol."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from brian2 import Hz, Quantity, ms, second
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..checks import refuse
from ..parameters import SynapseParameters
from ..protocol import weight_changes
from ..runs.results import protocol_of, synapse_of
from ..theory import pair_weight_change
from ._axes import LEAK, choose_unit, on_axis
from ._drawing import draws
from ._results import of_one_run, panels
from .shared import TIME_UNITS, plot_trials
from .styles import (
    AURYN_STYLE,
    LINES,
    STYLES,
    line_style,
    marker_style,
    paired,
    signed,
)


@draws
def plot_spikes(
    pre_spikes: Quantity | None, post_spikes: Quantity | None, ax: Axes | None = None
) -> None:
    """Draw the spikes of one pair of neurons, in ms."""
    for row, name, spikes in ((1, "I", pre_spikes), (0, "E", post_spikes)):
        if spikes is not None:
            times = np.asarray(spikes / second) / TIME_UNITS["ms"]
            ax.eventplot(
                [times],
                lineoffsets=row,
                linelengths=0.7,
                linewidths=2,
                colors=STYLES[name]["color"],
            )
    ax.set(yticks=[1, 0], yticklabels=["pre (I)", "post (E)"], ylim=(-0.6, 1.6))
    ax.tick_params(axis="y", length=0)


@draws
def plot_traces(result: xr.Dataset, synapse: int = 0, ax: Axes | None = None) -> None:
    """Draw both traces of one synapse, in ms.

    Parameters
    ----------
    result : xarray.Dataset
        What `homeo.protocol.simulate_forced_spikes` returned with clock-driven
        traces.
    """
    for side, name in (("pre", "I"), ("post", "E")):
        trace = of_one_run("result", result, f"{side}_trace", "synapse", "time")
        options = {"time_unit": "ms", "label": f"$z_{{{side}}}$"}
        plot_trials(trace[synapse], name, "trace", ax, **options)


@draws
def plot_synapse(
    results: Sequence[xr.Dataset],
    pre_spikes: Quantity | None,
    post_spikes: Quantity | None,
    axes: Sequence[Axes],
    *,
    synapse: int = 0,
) -> None:
    """Draw the spikes, the traces and the weight of one synapse, in ms.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        What `homeo.protocol.simulate_forced_spikes` returned with clock-driven
        traces: the same spikes at several values of G.
    axes : sequence of matplotlib.axes.Axes
        Three axes, from top to bottom.
    """
    top, middle, bottom = panels(axes, 3)
    weights = [of_one_run("results", r, "w", "synapse", "time") for r in results]
    plot_spikes(pre_spikes, post_spikes, top)
    plot_traces(results[0], synapse, middle)
    choose_unit(bottom.yaxis, *weights)
    labelled = [
        (w[synapse], _label_of_G(result, synapse))
        for result, w in zip(results, weights, strict=True)
    ]
    for (w, label), linestyle in paired("results", labelled, LINES):
        options = {"time_unit": "ms", "label": label, "linestyle": linestyle}
        plot_trials(w, "w", "w", bottom, **options)
    for ax in (top, middle, bottom):
        ax.set_xlim(0, max(w.time[-1] for w in weights) / TIME_UNITS["ms"])
        ax.label_outer()


def _label_of_G(result: xr.Dataset, synapse: int) -> str | None:
    if "G" not in result:
        return None
    if "time" in result.G.dims:
        return "G changes"
    return f"G = {signed(result.G[synapse])} Hz"


@draws
def plot_synapses(
    results: Sequence[xr.Dataset],
    pre_spikes: Sequence[Quantity | None],
    post_spikes: Sequence[Quantity | None],
    titles: Sequence[str],
    figure: Figure,
) -> None:
    """Draw several synapses side by side: spikes, traces and weight.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        As for `plot_synapse`.
    pre_spikes, post_spikes : sequence of Quantity or None
        The spikes of each synapse; None for a silent neuron.
    titles : sequence of str
        One title per synapse.
    """
    n = of_one_run("results", results[0], "w", "synapse", "time").sizes["synapse"]
    lists = {"pre_spikes": pre_spikes, "post_spikes": post_spikes, "titles": titles}
    for name, given in lists.items():
        if len(given) != n:
            raise refuse(name, given, f"{n} of them, one per synapse")
    axes = figure.subplots(3, n, sharex=True, sharey="row", squeeze=False)
    for k, title in enumerate(titles):
        plot_synapse(results, pre_spikes[k], post_spikes[k], axes[:, k], synapse=k)
        axes[0, k].set_title(title)
    axes[1, 0].legend()
    axes[2, 0].legend()


@draws
def plot_pairings(result: xr.Dataset, ax: Axes | None = None) -> None:
    """Mark the pairings of a protocol with vertical lines.

    Parameters
    ----------
    result : xarray.Dataset
        What `homeo.protocol.simulate_pairing` returned.
    """
    style = {"color": "#CCCCCC", "linewidth": 1, "zorder": 0}
    times = of_one_run("result", result, "pre_spike", "pairing").values
    for k, t in enumerate(times):
        ax.axvline(t, **style, label="pairing" if k == 0 else None)


@draws
def plot_course(result: xr.Dataset, axes: Sequence[Axes]) -> None:
    """Draw the course of a pairing experiment: G above, the weight below.

    Parameters
    ----------
    result : xarray.Dataset
        What `homeo.protocol.simulate_pairing` returned.
    """
    above, below = panels(axes, 2)
    G, w = (of_one_run("result", result, x, "trial", "time") for x in ("G", "w"))
    plot_trials(G, "G", "G", above)
    above.axhline(0, **line_style("target"), linewidth=1)
    plot_trials(w, "w", "w", below)
    for ax in (above, below):
        plot_pairings(result, ax)
    above.label_outer()
    above.legend(loc="upper left")


@draws
def plot_experiment(result: xr.Dataset, figure: Figure) -> None:
    """Draw a pairing experiment: its course, and below the weight change against G.

    From above: the rate of the population, the global factor, the weight.

    Parameters
    ----------
    result : xarray.Dataset
        What `homeo.protocol.simulate_pairing` returned, weights in any unit.
    """
    of_one_run("result", result, "w", "trial", "time")
    changes = weight_changes(result)
    protocol, synapse = protocol_of(result), synapse_of(result)
    axes = figure.subplot_mosaic("r;G;w;D", height_ratios=(2, 3, 3, 4))
    rates = protocol.rates / Hz
    edges = np.arange(len(rates) + 1) * float(protocol.epoch)
    axes["r"].stairs(rates, edges, baseline=None, color=STYLES["E"]["color"])
    axes["r"].set(ylabel="rate (Hz)", ylim=(-0.5, None))
    for name in "rG":
        axes[name].sharex(axes["w"])
        axes[name].tick_params(labelbottom=False)
    plot_course(result, [axes["G"], axes["w"]])
    ends = np.array([changes.G_pre.min(), changes.G_pre.max()]) * Hz
    choose_unit(axes["D"].yaxis, changes.delta_w)
    plot_pair_line(protocol.lag, synapse, ends, axes["D"])
    plot_weight_change(changes, axes["D"], label="pairings")
    axes["D"].legend()


@draws
def plot_weight_change(
    changes: xr.Dataset, ax: Axes | None = None, *, label: str | None = None
) -> None:
    """Draw the weight change of each pairing against G at the presynaptic spike."""
    G, delta_w = _pairings(changes)
    numbers, unit = on_axis(ax.yaxis, delta_w)
    ax.plot(G, numbers.ravel(), **marker_style("w"), label=label)
    ax.set(xlabel="G at the pre spike (Hz)", ylabel=unit.label(r"$\Delta w$", LEAK))


@draws
def plot_pair_line(
    lag: Quantity, parameters: SynapseParameters, G: Quantity, ax: Axes | None = None
) -> None:
    """Draw the predicted weight change of a pair against constant G.

    Parameters
    ----------
    lag : Quantity
        Postsynaptic minus presynaptic spike time.
    parameters : SynapseParameters
        The rule and its parameters.
    G : Quantity
        Where the line begins and ends.
    """
    delta_w, unit = on_axis(ax.yaxis, pair_weight_change(lag, G, parameters))
    ax.plot(G / Hz, delta_w, **line_style("theory"), label="theory")
    ax.set(xlabel="G (Hz)", ylabel=unit.label(r"$\Delta w$", LEAK))


@draws
def plot_against_G(
    changes: xr.Dataset, reference: pd.DataFrame, ax: Axes | None = None
) -> None:
    r"""Draw weight changes over the learning rate against G, with a reference.

    Parameters
    ----------
    reference : pandas.DataFrame
        Columns ``G_hz`` and ``dw_per_eta`` (Hz), at the same lag.
    """
    G, delta_w = _pairings(changes)
    lag, synapse = protocol_of(changes, "changes").lag, synapse_of(changes, "changes")
    ax.plot(
        G,
        delta_w.values.ravel() / float(synapse.eta),
        **{**marker_style("w"), "markersize": 3},
        label=f"Brian2, {changes.sizes['trial']} trials",
    )
    drawn = np.concatenate([reference.G_hz, G])
    ends = np.array([drawn.min(), drawn.max()]) * Hz
    line = pair_weight_change(lag, ends, synapse) / synapse.eta
    ax.plot(ends / Hz, line / Hz, **line_style("theory"), label="theory")
    ax.plot(reference.G_hz, reference.dw_per_eta, **AURYN_STYLE, label="Auryn")
    ax.set(xlabel="G at the pre spike (Hz)", ylabel=r"$\Delta w / \eta$ (Hz)")
    ax.legend()


def _pairings(changes: xr.Dataset) -> tuple[np.ndarray, xr.DataArray]:
    G, delta_w = (
        of_one_run("changes", changes, name, "trial", "pairing")
        for name in ("G_pre", "delta_w")
    )
    return G.values.ravel(), delta_w


@draws
def plot_against_lag(
    reference: pd.DataFrame, result: xr.Dataset, ax: Axes | None = None
) -> None:
    r"""Draw the weight change of single pairs, over learning rate and G, by lag.

    Parameters
    ----------
    reference : pandas.DataFrame
        Columns ``lag_ms``, ``G_hz`` and ``dw_per_eta`` (Hz). Rows at G = 0, where
        the ratio has no value, are left out.
    result : xarray.Dataset
        What `homeo.protocol.simulate_forced_spikes` returned for the same rows.
    """
    delta_w = of_one_run("result", result, "delta_w", "synapse").values
    if len(delta_w) != len(reference):
        allowed = f"{len(reference)}, one for each row of the reference"
        raise refuse("result", f"{len(delta_w)} synapses", allowed)
    synapse = synapse_of(result)
    lags = np.linspace(reference.lag_ms.min(), reference.lag_ms.max(), 401)
    theory = pair_weight_change(lags * ms, 1 * Hz, synapse) / (synapse.eta * Hz)
    ax.plot(lags, theory, **line_style("theory"), label="theory")
    driven = (reference.G_hz != 0).values
    rows = reference[driven]
    ours = delta_w[driven] / (float(synapse.eta) * rows.G_hz.values)
    theirs = rows.dw_per_eta.values / rows.G_hz.values
    ax.plot(rows.lag_ms, ours, **{**marker_style("w"), "markersize": 3}, label="Brian2")
    ax.plot(rows.lag_ms, theirs, **AURYN_STYLE, label="Auryn")
    ends = min(0.9, *ours, *theirs), max(2.1, *ours, *theirs)
    ax.set(xlabel="lag, post minus pre (ms)", ylabel=r"$\Delta w / \eta G$", ylim=ends)
