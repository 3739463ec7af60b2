"""Figures of chapter 1: how well a population estimates its own rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from brian2 import Hz, Quantity, second
from matplotlib.axes import Axes

from ..parameters import GlobalFactorParameters
from ..runs.results import rule_of
from ..theory import H_course, H_mean, H_variance
from ..units import show
from ._drawing import draws
from ._results import of_one_run, panels, with_dims
from .shared import plot_trials
from .styles import MARKERS, line_style, marker_style, paired


@draws
def plot_rate_estimate(result: xr.Dataset, ax: Axes | None = None) -> None:
    """Draw H over the population rate, with the predicted band.

    Every trial is drawn; the band is that of each.

    Parameters
    ----------
    result : xarray.Dataset
        What `homeo.global_factor.simulate_global_factor` returned.
    """
    H = of_one_run("result", result, "H", "trial", "time")
    rate = of_one_run("result", result, "rate", "time")
    parameters = rule_of(result).global_factor
    t = result.time.values * second
    moments = H_course(rate.values * Hz, t[1] - t[0], parameters)
    ax.step(t, rate, where="post", **line_style("target"), label="population rate")
    plot_trials(H, "H", "H", ax, label="simulation")
    plot_band(t, *moments, ax)
    ax.set(title=rf"$\tau_H$ = {show(parameters.tau_H)}", ylim=(0, None))


@draws
def plot_band(
    t: Quantity,
    mean: Quantity,
    variance: Quantity,
    ax: Axes | None = None,
    *,
    label: str = "theory: mean ± 2 s.d.",
) -> None:
    """Draw a predicted mean and a band of two standard deviations, in Hz.

    Parameters
    ----------
    t : Quantity
        Times, shape ``(m,)``.
    mean, variance : Quantity
        In Hz and Hz², shape ``(m,)``.
    """
    t, mean = np.asarray(t), np.asarray(mean)
    spread = 2 * np.sqrt(np.asarray(variance))
    style = line_style("theory")
    ax.plot(t, mean, **style, label=label, zorder=3)
    ax.fill_between(
        t, mean - spread, mean + spread, color=style["color"], alpha=0.25, linewidth=0
    )


@draws
def plot_precision(
    spreads: xr.DataArray, rate: Quantity, ax: Axes | None = None
) -> None:
    r"""Draw the spread of H against the population size, with its prediction.

    Parameters
    ----------
    spreads : xarray.DataArray
        Standard deviation of H in Hz, dimensions ``tau_H`` (s) and ``N``.
    rate : Quantity
        Population rate.
    """
    spreads = with_dims("spreads", spreads, "tau_H", "N")
    for measured, marker in paired("spreads", spreads, MARKERS):
        tau_H = float(measured.tau_H)
        predicted = [
            np.sqrt(H_variance(np.inf * second, rate, _population(tau_H, N))) / Hz
            for N in spreads.N.values
        ]
        ax.loglog(spreads.N, predicted, **line_style("theory"))
        style = {**marker_style("H"), "marker": marker}
        ax.loglog(spreads.N, measured, **style, label=rf"$\tau_H$ = {tau_H:g} s")
    ax.set(xlabel="population size N", ylabel="standard deviation of H (Hz)")
    ax.legend()


def _population(tau_H: float, N: int) -> GlobalFactorParameters:
    # The stationary spread of H depends on neither the target nor the start.
    return GlobalFactorParameters(gamma=0 * Hz, H_0=0 * Hz, tau_H=tau_H * second, N=N)


@draws
def plot_step_responses(
    responses: Mapping[float, xr.Dataset], axes: Sequence[Axes]
) -> None:
    r"""Draw mean and spread of H after a step from silence, in units of tau_H.

    Parameters
    ----------
    responses : mapping of float to xarray.Dataset
        By time constant in s, what
        `homeo.global_factor.simulate_global_factor` returned for one rate.
    """
    left, right = panels(axes, 2)
    for (tau_H, result), marker in paired("responses", responses.items(), MARKERS):
        H = of_one_run("responses", result, "H", "trial", "time")
        rate = of_one_run("responses", result, "rate", "time").values[0] * Hz
        parameters = rule_of(result, "responses").global_factor
        t, scaled_t = result.time.values * second, result.time / tau_H
        final = np.sqrt(H_variance(np.inf * second, rate, parameters))
        style = {**marker_style("H"), "marker": marker, "fillstyle": "none"}
        left.plot(scaled_t, H_mean(t, rate, parameters), **line_style("theory"))
        label = rf"$\tau_H$ = {tau_H:g} s"
        left.plot(scaled_t, H.mean("trial"), **style, label=label)
        spread = np.sqrt(H_variance(t, rate, parameters))
        right.plot(scaled_t, spread / final, **line_style("theory"))
        right.plot(scaled_t, H.std("trial") / float(final / Hz), **style)
    for ax, label in ((left, "mean of H (Hz)"), (right, "scaled s.d. of H")):
        ax.set(xlabel=r"time since the step, $t/\tau_H$", ylabel=label, ylim=(0, None))
    left.legend(loc="lower right")
