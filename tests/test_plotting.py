"""Plots draw what the results say, where they are told to, and show nothing."""

import inspect

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from brian2 import Hz, ms, second
from matplotlib.axes import Axes
from numpy.testing import assert_allclose

from homeo import (
    BRIAN_EXAMPLE,
    BRIAN_EXAMPLE_PROTOCOL,
    ZENKE_2015,
    plotting,
    simulate_forced_spikes,
    simulate_global_factor,
    simulate_pairing,
    weight_changes,
)

PROTOCOL = BRIAN_EXAMPLE_PROTOCOL.replace(epoch=100 * ms, pairing_time=50 * ms)


@pytest.fixture(autouse=True)
def quiet_figures(monkeypatch):
    """Fail if a plot calls ``show``, and close what it has drawn."""
    monkeypatch.setattr(plt, "show", lambda: pytest.fail("a plot called show"))
    with plt.style.context("homeo.book"):
        yield
    plt.close("all")


@pytest.fixture(scope="module")
def pairing():
    return simulate_pairing(BRIAN_EXAMPLE, PROTOCOL, trials=8, dt=1 * ms, seed=1)


@pytest.fixture(scope="module")
def single_pair():
    return simulate_forced_spikes(
        ZENKE_2015.replace(eta=5e-3 * second).synapse,
        [10] * ms,
        [15] * ms,
        4 * Hz,
        40 * ms,
        trace_updates="clock-driven",
    )


def labels(ax):
    return ax.get_legend_handles_labels()[1]


def test_every_plot_takes_axes_or_a_figure_and_returns_it():
    for name, plot in inspect.getmembers(plotting, inspect.isfunction):
        if name.startswith("plot_"):
            names = inspect.signature(plot).parameters
            assert {"ax", "axes", "figure"} & set(names), name


def test_styles_differ_without_colour():
    """No two quantities share both line and marker."""
    looks = {
        (str(style["linestyle"]), style["marker"]) for style in plotting.STYLES.values()
    }
    assert len(looks) == len(plotting.STYLES)


def test_a_plot_makes_its_own_axes_if_none_are_given(pairing):
    ax = plotting.plot_weight_change(weight_changes(pairing))
    assert isinstance(ax, Axes)


def test_trials_are_one_line_each_in_readable_units(pairing):
    """Weights are stored in S and drawn in nS, times in s or ms."""
    _, ax = plt.subplots()
    assert plotting.plot_trials(pairing.w, "w", "w", ax, time_unit="ms") is ax
    assert len(ax.lines) == 8
    time, w = ax.lines[3].get_data()
    assert_allclose(time, pairing.time * 1e3)
    assert_allclose(w, pairing.w[3] * 1e9)
    assert ax.get_xlabel() == "time (ms)"
    assert ax.get_ylabel() == "w (nS)"


def test_rate_estimate_draws_the_predicted_band():
    """With constant rate and H(0) at that rate the band widens around a constant."""
    parameters = ZENKE_2015.replace(N=100, tau_H=100 * ms)
    run = simulate_global_factor(parameters, 4 * Hz, 1 * second, dt=1 * ms, seed=1)
    ax = plotting.plot_rate_estimate(run)
    lines = dict(zip(labels(ax), ax.get_legend_handles_labels()[0], strict=True))
    assert_allclose(lines["theory: mean ± 2 s.d."].get_ydata(), 4)
    band = ax.collections[0].get_datalim(ax.transData)
    half_width = 2 * np.sqrt(4 / (2 * 100 * 0.1))
    assert_allclose([band.ymin, band.ymax], [4 - half_width, 4 + half_width], rtol=1e-6)


def test_experiment_draws_every_pairing_on_the_line(pairing):
    """The drawn line is the closed form: slope 1 + exp(-lag / tau) nS per Hz."""
    figure = plotting.plot_experiment(pairing, plt.figure())
    lines = {line.get_label(): line for ax in figure.axes for line in ax.lines}
    x, y = lines["theory"].get_data()
    assert_allclose(np.diff(y) / np.diff(x), 1 + np.exp(-1 / 20))
    assert len(lines["pairings"].get_xdata()) == 8 * len(PROTOCOL.rates)


def test_synapse_draws_spikes_traces_and_weight(single_pair):
    _, axes = plt.subplots(3)
    plotting.plot_synapse([single_pair], [10] * ms, [15] * ms, axes)
    spikes = [c.get_positions() for c in axes[0].collections]
    assert spikes == [[10], [15]]
    assert labels(axes[1]) == ["$z_{pre}$", "$z_{post}$"]
    assert labels(axes[2]) == ["G = +4 Hz"]
    assert_allclose(axes[2].lines[0].get_ydata(), single_pair.w[0])


def test_a_silent_neuron_has_no_spikes_to_draw():
    _, ax = plt.subplots()
    plotting.plot_spikes([10] * ms, None, ax)
    assert len(ax.collections) == 1


def test_reference_by_lag_is_scaled_by_learning_rate_and_G(single_pair):
    reference = pd.DataFrame({"lag_ms": [5.0], "G_hz": [4.0], "dw_per_eta": [7.0]})
    ax = plotting.plot_against_lag(reference, single_pair)
    drawn = {line.get_label(): line.get_ydata() for line in ax.lines}
    assert_allclose(drawn["Brian2"], 1 + np.exp(-5 / 20))
    assert_allclose(drawn["Auryn"], 7 / 4)


def test_negative_G_has_a_minus_in_the_legend():
    negative = simulate_forced_spikes(
        ZENKE_2015.synapse,
        [1] * ms,
        None,
        -4 * Hz,
        5 * ms,
        trace_updates="clock-driven",
    )
    _, axes = plt.subplots(3)
    plotting.plot_synapse([negative], [1] * ms, None, axes)
    assert labels(axes[2]) == ["G = \N{MINUS SIGN}4 Hz"]


def test_signed_numbers_have_a_minus_and_not_a_hyphen():
    assert plotting.signed(4) == "+4"
    assert plotting.signed(-0.5) == "\N{MINUS SIGN}0.5"
