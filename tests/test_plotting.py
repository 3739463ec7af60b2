"""Plots draw what the results say, where they are told to, and show nothing."""

import inspect

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray as xr
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
    simulate_poisson,
    simulate_trains,
    simulate_window,
    weight_changes,
)
from homeo.rules import RULES
from homeo.runs.results import told

PAPER = ZENKE_2015.replace(eta=5e-3 * second, w_0=0, w_min=None, w_max=None)
MODELS = {
    "zenke_2015": (PAPER.synapse, 4 * Hz),
    "brian_example": (PAPER.replace(rule="brian_example").synapse, 4 * Hz),
    "vogels_2011": (
        PAPER.replace(rule="vogels_2011", eta=5e-3, rho_0=4 * Hz).synapse,
        None,
    ),
}
#: What a spike before the synapse and one behind it are worth without a partner.
LONE = {
    "zenke_2015": (1, 0),
    "brian_example": (0, 1),
    "vogels_2011": (-0.16, 0),
}
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


def test_rules_differ_without_colour():
    looks = {(s["linestyle"], s["marker"]) for s in plotting.RULE_STYLES.values()}
    assert len(looks) == len(RULES) == len(plotting.RULE_STYLES)


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


def test_map_of_the_window_is_in_ms_and_Hz_over_the_learning_rate():
    """At lag 0 and G = 8 Hz: 16 Hz, whatever the learning rate."""
    lags, G = np.arange(-50, 51, 10) * ms, np.arange(-8, 9, 4) * Hz
    ax = plotting.plot_window(simulate_window(PAPER.synapse, lags, G, dt=1 * ms))
    change = ax.collections[0].get_array().reshape(5, 11)
    assert_allclose(change[4], 8 * (1 + np.exp(-np.abs(np.arange(-50, 51, 10)) / 20)))
    assert {text.get_text() for text in ax.texts} >= {"0", "+8", "\N{MINUS SIGN}8"}
    assert ax.get_xlim() == (-55, 55)


def test_slices_are_those_of_the_reference():
    lags, G = np.arange(-50, 51, 10) * ms, np.arange(-8, 9, 4) * Hz
    window = simulate_window(PAPER.synapse, lags, G, dt=1 * ms)
    rows = {"lag_ms": [5.0], "G_hz": [-4.0], "dw_per_eta": [-7.0]}
    ax = plotting.plot_window_slices(window, pd.DataFrame(rows))
    drawn = {line.get_label(): line.get_ydata() for line in ax.lines}
    expected = -4 * (1 + np.exp(-np.abs(np.arange(-50, 51, 10)) / 20))
    for name in ("Brian2", "theory"):
        assert_allclose(drawn[name], expected)
    assert_allclose(drawn["Auryn"], -7)
    with pytest.raises(KeyError):  # no slice of another G
        plotting.plot_window_slices(window, pd.DataFrame({**rows, "G_hz": [-3.0]}))


@pytest.mark.parametrize("rule", RULES)
def test_protocols_are_drawn_over_the_gain_with_their_theory(rule):
    """Lines and markers are the worth of lone spikes plus what pairs add."""
    model, G = MODELS[rule]
    pre, post = LONE[rule]

    ax = plotting.plot_pair_by_lag(simulate_window(model, [-20, 0, 20] * ms, G))
    line, dots = (line.get_ydata() for line in ax.lines)
    assert_allclose(dots, pre + post + np.exp([-1, 0, -1]))
    assert_allclose(line[[0, 200, 400]], dots)

    spikes = [10, 210] * ms
    sides = [spikes, None], [None, spikes]
    lone = simulate_forced_spikes(model, *sides, G, 300 * ms)
    ax = plotting.plot_lone_spikes(lone, 2)
    assert_allclose(ax.lines[2].get_ydata(), [pre, post], atol=1e-12)
    assert_allclose([line.get_ydata()[0] for line in ax.lines[:2]], [pre, post])

    trains = simulate_trains(model, [5, 50] * Hz, 0 * ms, G, pairs=2, dt=1 * ms)
    ax = plotting.plot_by_frequency(trains)
    line, dots = (line.get_ydata() for line in ax.lines)
    # Each of two coincident pairs, and both neighbours of each, at 200 and 20 ms.
    assert_allclose(dots, pre + post + 1 + np.exp([-10, -1]))
    both = 2 / np.expm1([10, 1])
    assert_allclose(line[[0, -1]], pre + post + 1 + both)

    rates = [10] * Hz, [0, 20] * Hz
    noisy = simulate_poisson(model, *rates, G, 1 * second, trials=4, seed=1)
    ax = plotting.plot_by_rate(noisy)
    line = ax.lines[0].get_ydata()
    assert_allclose(line[[0, -1]], 10 * pre + np.array([0, 20 * post + 8]), atol=1e-12)
    unit = 0.02 if G is not None else 5e-3
    assert_allclose(ax.lines[1].get_ydata(), noisy.delta_w[0].mean("trial") / unit)


def test_ends_of_trains_are_a_share_of_the_endless_train():
    """Two pairs at lag 0, T = tau: of 1 + 2q/(1-q) for each they have 1 + q."""
    trains = simulate_trains(PAPER.synapse, [50] * Hz, 0 * ms, 4 * Hz, pairs=2)
    ax = plotting.plot_end_effect([trains])
    q = np.exp(-1)
    endless = 2 + 2 * q / (1 - q)
    assert_allclose(ax.lines[1].get_ydata(), 100 * (1 - (2 + q) / endless))
    assert_allclose(ax.lines[0].get_ydata()[-1], ax.lines[1].get_ydata()[-1])


def test_bells_are_normal_curves_of_the_predicted_moments():
    """Mean 10 (1 + 0.8) t; area 1; one bell for each rate."""
    rates = [10] * Hz, [20, 40] * Hz
    noisy = simulate_poisson(
        PAPER.synapse, *rates, 4 * Hz, 2 * second, trials=9, dt=1 * ms, seed=1
    )
    ax = plotting.plot_accumulated(noisy)
    for line, mean in zip(ax.lines, (36, 52), strict=True):
        x, y = line.get_data()
        assert_allclose(x[np.argmax(y)], mean)
        assert_allclose(y.sum() * (x[1] - x[0]), 1, atol=1e-3)


def test_rules_share_one_figure_and_one_legend():
    lags, rates = [-10, 10] * ms, ([10] * Hz, [5, 10] * Hz)
    results = {
        rule: {
            "pair": simulate_window(model, lags, G),
            "unpaired": simulate_forced_spikes(
                model, [[1] * ms, None], [None, [1] * ms], G, 2 * ms
            ),
            "frequency": simulate_trains(model, [10, 20] * Hz, 5 * ms, G, pairs=2),
            "poisson": simulate_poisson(model, *rates, G, 100 * ms, trials=2, seed=1),
        }
        for rule, (model, G) in MODELS.items()
    }
    figure = plotting.plot_rules(results, 1, plt.figure())
    assert len(figure.axes) == 4
    entries = [text.get_text() for text in figure.legends[0].get_texts()]
    assert entries == [*(rule.label for rule in RULES.values()), "theory"]


def test_seeds_are_a_line_each_and_one_for_their_mean():
    """Thin lines of the same colour; what is asked for is for the mean alone."""
    courses = pd.DataFrame(
        {"time_s": [0, 1, 0, 1], "seed": [1, 1, 2, 2], "w": [2.0, 4.0, 6.0, 5.0]}
    )
    ax = plotting.plot_seeds(courses, "w", "E", label="mean", linestyle="--")
    *seeds, mean = ax.lines
    for line, course in zip(seeds, ([2, 4], [6, 5]), strict=True):
        assert_allclose(line.get_data(), [[0, 1], course])
        assert line.get_linewidth() < mean.get_linewidth()
        assert line.get_linestyle() == "-"
    assert_allclose(mean.get_ydata(), [4, 4.5])
    assert {line.get_color() for line in ax.lines} == {plotting.STYLES["E"]["color"]}
    assert (labels(ax), mean.get_linestyle()) == (["mean"], "--")


@pytest.mark.parametrize(
    "changes", [{"gamma": 5 * Hz}, {"rule": "vogels_2011", "eta": 1, "rho_0": 5 * Hz}]
)
def test_loop_draws_rates_in_the_middle_of_their_bins(changes):
    """Rates belong to bins, H and the weight to their beginnings."""
    rule = ZENKE_2015.replace(**changes)
    names = ("rate_E", "rate_I", "H", "w")
    run = xr.Dataset(
        {name: ("time", np.array([1.0, 2.0]) + k) for k, name in enumerate(names)},
        coords={"time": [0.0, 0.2], **told(rule)},
        attrs={"record_dt_s": 0.2},
    )
    _, axes = plt.subplots(2)
    assert plotting.plot_loop(run, axes) is axes
    drawn = dict(zip(labels(axes[0]), axes[0].lines, strict=True))
    assert_allclose(drawn["E"].get_data(), [[0.1, 0.3], [1, 2]])
    assert_allclose(drawn["I"].get_data(), [[0.1, 0.3], [2, 3]])
    assert_allclose(drawn["$H$"].get_data(), [[0, 0.2], [3, 4]])
    assert_allclose(drawn["target"].get_ydata(), 5)
    assert_allclose(axes[1].lines[0].get_data(), [[0, 0.2], [4, 5]])


def test_cells_beyond_the_last_bin_are_counted_in_it():
    rates = np.array([0, 0.5, 1, 2.9, 3, 400])
    ax = plotting.plot_cells(rates, np.arange(4), "E")
    assert [bar.get_height() for bar in ax.patches] == [2, 1, 3]
    assert ax.get_yscale() == "log"


def test_courses_are_the_mean_and_the_range_of_the_seeds():
    rows = [
        {"rule": rule, "seed": seed, "time_s": t, "rate_E_hz": rate * seed}
        for rule, rate in (("zenke_2015", 1.0), ("none", 10.0))
        for seed in (1, 2, 3)
        for t in (0.25, 0.75)
    ]
    ax = plotting.plot_courses_by_rule(pd.DataFrame(rows))
    assert labels(ax) == ["paper's rule", "no plasticity"]
    for line, band, rate in zip(ax.lines, ax.collections, (1, 10), strict=True):
        assert_allclose(line.get_xydata(), [[0.25, 2 * rate], [0.75, 2 * rate]])
        extent = band.get_datalim(ax.transData)
        assert_allclose([extent.ymin, extent.ymax], [rate, 3 * rate])


def test_every_rule_and_none_has_a_name_for_figures():
    assert list(plotting.RULE_LABELS) == [*RULES, "none"]


def test_cells_of_each_rule_are_all_counted_and_summed_up():
    cells = {"vogels_2011": np.array([3.0, 5.0]), "none": np.array([0.0, 0.0, 90.0])}
    axes = plt.subplots(1, 2)[1]
    drawn = plotting.plot_cells_by_rule(cells, np.arange(0, 11), axes)
    assert drawn is axes
    for ax, rates in zip(axes, cells.values(), strict=True):
        assert sum(bar.get_height() for bar in ax.patches) == len(rates)
    assert axes[0].texts[0].get_text() == "4.00 ± 1.4 Hz"
    assert axes[1].get_title("left") == "no plasticity"
    with pytest.raises(ValueError, match="axes: got '1 of them'; allowed: 2"):
        plotting.plot_cells_by_rule(cells, np.arange(0, 11), axes[:1])


def test_two_counts_of_a_cell_are_one_marker():
    first, second = np.array([3.0, 4.0]), np.array([3.5, 4.5])
    ax = plotting.plot_counts_twice(first, second)
    assert_allclose(ax.lines[-1].get_xydata(), np.c_[first, second])


def test_map_of_ringing_draws_the_line_and_how_often_rates_swing():
    """At K = 900 eta Hz the line passes 1/(3600 eta)."""
    rows = {"eta_s": [5e-4, 1e-4], "tau_H_s": [1.0, 1.0]}
    rows |= {"swings": [2.5, 0.0], "predicted_swings": [2.04, 0.1]}
    ax = plotting.plot_ringing_map(pd.DataFrame(rows), 900 * Hz**2)
    line, rings, other = ax.lines
    eta, tau_H = line.get_data()
    assert_allclose(tau_H, 1 / (3600 * eta))
    assert (rings.get_xdata(), other.get_xdata()) == ([5e-4], [1e-4])
    assert [text.get_text() for text in ax.texts] == ["2.5 (2.0)", "0.0 (0.1)"]
    assert labels(ax) == ["$4 K \\tau_H = 1$", "swings", "does not"]
