"""Figures draw in the unit of the data, draw all of it, and refuse what is not one run.

What each figure shows is in test_plotting.
"""

import copy
import inspect
import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from brian2 import (
    Hz,
    TimedArray,
    amp,
    ms,
    mV,
    nS,
    pA,
    second,
    siemens,
    uS,
    volt,
)
from numpy.testing import assert_allclose
from numpydoc.validate import validate

import homeo
from homeo import BRIAN_EXAMPLE_PROTOCOL, ZENKE_2015, plotting, weight_changes
from homeo.figures import pairing as figures_of_pairing
from homeo.figures._axes import on_axis
from homeo.figures.styles import rule_label, rule_looks, styles_for_pages
from homeo.rules import RULES
from homeo.runs.results import told

PAPER = ZENKE_2015.replace(eta=5e-3 * second, w_0=0, w_min=None, w_max=None)
PLOTS = [name for name in plotting.__all__ if name.startswith("plot_")]


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


@pytest.fixture
def ax():
    return plt.subplots()[1]


@pytest.fixture(scope="module")
def visible():
    """Return a rule with a large learning rate, and its experiment."""
    rule = PAPER.replace(eta=10 * second, w_0=200)
    return rule, homeo.simulate_pairing(rule, BRIAN_EXAMPLE_PROTOCOL, dt=1 * ms, seed=1)


def drawn(figure):
    """Return the lines of a figure by their labels."""
    return {line.get_label(): line for ax in figure.axes for line in ax.lines}


class TestUnits:
    """Theory and data share an axis, in a unit that suits the data."""

    #: In 1 ms G moves by up to 10 Hz / 10^4, and by the noise of the population.
    DRIFT = 2e-3

    def pairings_lie_on_the_line(self, lines, eta):
        G, measured = lines["pairings"].get_data()
        slope = eta * (1 + np.exp(-1 / 20))
        assert_allclose(measured, slope * G, atol=slope * self.DRIFT)
        theory = np.interp(G, *lines["theory"].get_data())
        assert_allclose(theory, slope * G)

    def test_theory_passes_through_the_pairings_of_the_paper(self):
        options = {"dt": 1 * ms, "seed": 1}
        result = homeo.simulate_pairing(ZENKE_2015, BRIAN_EXAMPLE_PROTOCOL, **options)
        lines = drawn(plotting.plot_experiment(result, plt.figure()))
        self.pairings_lie_on_the_line(lines, 5e-6)

    @pytest.mark.parametrize(
        ("unit", "si", "shown"),
        [
            (1e-9, "S", " (nS)"),
            (1e-3, "V", " (mV)"),
            (1e-12, "A", " (pA)"),
            (1, "1", " (leak cond.)"),
        ],
    )
    def test_whatever_the_unit_of_the_weight(
        self, monkeypatch, visible, unit, si, shown
    ):
        """The same experiment, with weights and learning rate times a unit."""
        rule, result = visible
        result = result.assign(w=(result.w * unit).assign_attrs(units=si))
        synapse = copy.copy(rule.synapse)
        weight = {"S": siemens, "V": volt, "A": amp, "1": 1}[si]
        object.__setattr__(synapse, "eta", rule.synapse.eta * unit * weight)
        monkeypatch.setattr(figures_of_pairing, "synapse_of", lambda *_: synapse)
        figure = plotting.plot_experiment(result, plt.figure())
        self.pairings_lie_on_the_line(drawn(figure), 10)
        labels = {ax.get_ylabel() for ax in figure.axes}
        assert labels == {"rate (Hz)", "G (Hz)", f"w{shown}", rf"$\Delta w${shown}"}

    @pytest.mark.parametrize(
        ("largest", "shown", "number"),
        [
            (1 * nS, "nS", 1),
            (999 * pA, "pA", 999),
            (0.3 * mV, "µV", 300),
            (-20 * mV, "mV", -20),
            (1e-18 * siemens, "fS", 1e-3),
            (4e3 * volt, "V", 4e3),
            (1e-3 * Hz, "Hz", 1e-3),
            (0.02, "1", 0.02),
            (5 * nS * second, "nS s", 5),
            (1e-9 * siemens**2, "m^-4 kg^-2 s^6 A^4", 1e-9),
        ],
    )
    def test_the_largest_number_is_from_1_to_1000(self, ax, largest, shown, number):
        drawn_as, unit = on_axis(ax.yaxis, largest)
        assert_allclose(drawn_as, number)
        assert str(unit) == shown

    def test_an_axis_keeps_its_unit_and_shares_it(self):
        """Two curves on one axis are comparable, whichever came first."""
        top, bottom = plt.subplots(2, sharey=True)[1]
        assert on_axis(top.yaxis, 0 * nS)[0] == 0  # does not choose
        assert_allclose(on_axis(top.yaxis, 3 * nS)[0], 3)
        assert_allclose(on_axis(bottom.yaxis, 5 * uS)[0], 5000)
        for other in (1 * mV, 1.0):
            with pytest.raises(ValueError, match="ax: got 'an axis in S'"):
                on_axis(bottom.yaxis, other)

    def test_curves_of_one_panel_share_the_unit_of_the_largest(self):
        """0.5 nS alone would be 500 pS."""
        spikes = [1] * ms
        model = PAPER.replace(eta=1 * nS * second, w_0=0.5 * nS).synapse
        options = {"duration": 2 * ms, "trace_updates": "clock-driven"}
        small = homeo.simulate_forced_spikes(model, spikes, None, 0 * Hz, **options)
        large = small.assign(w=(80 * small.w).assign_attrs(small.w.attrs))
        axes = plt.subplots(3)[1]
        plotting.plot_synapse([small, large], spikes, None, axes)
        assert_allclose([line.get_ydata()[0] for line in axes[2].lines], [0.5, 40])
        assert axes[2].get_ylabel() == "w (nS)"


def markers(lines):
    return [line.get_marker() for line in lines if line.get_marker() != "None"]


class TestNothingIsLeftOut:
    """Each of several curves has a look of its own, or all are refused."""

    @pytest.mark.parametrize("n", [1, 5, 12])
    def test_time_constants(self, n):
        N = [10, 100]
        spreads = xr.DataArray(
            np.ones((n, 2)), coords={"tau_H": 0.1 * np.arange(1, n + 1), "N": N}
        )
        lines = plotting.plot_precision(spreads, 5 * Hz).lines
        assert len(lines) == 2 * n
        assert len(set(markers(lines)) - {"x"}) == n

    def test_step_responses(self):
        rule = ZENKE_2015.replace(N=10, H_0=0 * Hz)
        responses = {
            tau: homeo.simulate_global_factor(
                rule.replace(tau_H=tau * second), 8 * Hz, 5 * ms, trials=2, seed=1
            )
            for tau in (0.1, 0.2, 0.3, 0.4, 0.5)
        }
        for ax in plotting.plot_step_responses(responses, plt.subplots(2)[1]):
            assert len(set(markers(ax.lines))) == len(ax.lines) / 2 == 5

    def test_costs(self):
        ways = pd.DataFrame(np.ones((2, 4)), columns=list("abcd"), index=[1, 2])
        lines = plotting.plot_cost(ways, "size", "time").lines
        assert [line.get_label() for line in lines] == list("abcd")
        assert len({line.get_linestyle() for line in lines}) == 4
        assert len(set(markers(lines))) == 4

    def test_numbers_of_pairs(self):
        trains = homeo.simulate_trains(
            PAPER.synapse, [20, 50] * Hz, 0 * ms, 4 * Hz, pairs=2
        )
        lines = plotting.plot_end_effect([trains] * 5).lines
        assert len(set(markers(lines))) == len(lines) / 2 == 5

    def test_a_frequency_below_those_of_the_book_is_within_the_axes(self):
        slow = homeo.simulate_trains(
            PAPER.synapse, [2, 20] * Hz, 0 * ms, 4 * Hz, pairs=2
        )
        assert plotting.plot_end_effect([slow]).get_xlim()[0] == 2

    def test_values_of_G(self):
        spikes = [1] * ms
        options = {"duration": 2 * ms, "trace_updates": "clock-driven"}
        result = homeo.simulate_forced_spikes(
            PAPER.synapse, spikes, None, 4 * Hz, **options
        )
        axes = plt.subplots(3)[1]
        plotting.plot_synapse([result] * 5, spikes, None, axes)
        assert len({str(line._dash_pattern) for line in axes[2].lines}) == 5

    @pytest.mark.parametrize(
        ("name", "draw"),
        [
            (
                "spreads",
                lambda n: plotting.plot_precision(
                    xr.DataArray(
                        np.ones((n, 1)), coords={"tau_H": np.arange(n) + 1, "N": [9]}
                    ),
                    5 * Hz,
                ),
            ),
            (
                "costs",
                lambda n: plotting.plot_cost(pd.DataFrame(np.ones((1, n))), "", ""),
            ),
            ("rules of one's own", lambda n: rule_looks(range(n))),
        ],
    )
    def test_more_than_there_are_looks_are_refused(self, name, draw):
        with pytest.raises(ValueError, match=f"{name}: got '13 of them'; .* at most"):
            draw(13)
        assert plt.get_fignums() == []  # no empty figure stays behind

    def test_all_axes_are_drawn_into(self, visible):
        _, result = visible
        for n in (1, 3):
            with pytest.raises(
                ValueError, match=f"axes: got '{n} of them'; allowed: 2"
            ):
                plotting.plot_course(result, plt.subplots(1, n)[1])

    def test_every_synapse_has_a_panel(self):
        result = homeo.simulate_forced_spikes(
            PAPER.synapse, [[1] * ms] * 3, None, 1 * Hz, 2 * ms
        )
        spikes = [[1] * ms] * 3
        with pytest.raises(ValueError, match="titles: got .* 3 of them"):
            plotting.plot_synapses([result], spikes, spikes, ["a", "b"], plt.figure())

    def test_rates_beyond_the_axis_of_the_book_are_within_it(self):
        result = xr.Dataset(
            {name: ("time", [1.0, 900.0]) for name in ("rate_E", "rate_I", "H", "w")},
            coords={"time": [0.0, 0.2], **told(PAPER)},
            attrs={"record_dt_s": 0.2},
        )
        rates, _ = plotting.plot_loop(result, plt.subplots(2)[1])
        assert rates.get_ylim()[1] >= 900


class TestRules:
    """A rule of a reader's own is drawn like those of the book."""

    RULES = ("zenke_2015", "mine", "vogels_2011", "a", "b", "c", "d")

    def courses(self, rules):
        return pd.DataFrame(
            [
                {"rule": rule, "seed": seed, "time_s": t, "rate_E_hz": 1.0 + seed}
                for rule in rules
                for seed in (1, 2)
                for t in (0.0, 1.0)
            ]
        )

    @pytest.mark.parametrize("rules", [RULES, tuple("abcdefg"), (*RULES[:2], "none")])
    def test_each_line_is_one_rule(self, rules):
        ax = plotting.plot_courses_by_rule(self.courses(rules))
        assert len({str(line._dash_pattern) for line in ax.lines}) == len(rules)
        names = [line.get_label() for line in ax.lines]
        assert names == [plotting.RULE_LABELS.get(rule, rule) for rule in rules]

    def test_cells(self):
        cells = {rule: np.array([1.0, 2.0]) for rule in self.RULES}
        axes = plotting.plot_cells_by_rule(cells, np.arange(4), plt.subplots(7)[1])
        assert axes[1].get_title() == "mine"

    def test_a_rule_without_a_name_goes_by_its_label(self):
        class Named(str):
            label = "my rule"

        assert rule_label(Named("x")) == "my rule"

    def test_looks_of_the_book_do_not_depend_on_others(self):
        looks = rule_looks(self.RULES)
        for rule in ("zenke_2015", "vogels_2011"):
            assert looks[rule].items() >= plotting.RULE_STYLES[rule].items()
        assert len({(str(k["linestyle"]), k["marker"]) for k in looks.values()}) == 7

    def test_protocols_of_seven_rules_share_a_legend(self):
        model = PAPER.synapse, 4 * Hz
        result = {
            "pair": homeo.simulate_window(model[0], [-10, 10] * ms, model[1]),
            "unpaired": homeo.simulate_forced_spikes(
                model[0], [[1] * ms, None], [None, [1] * ms], model[1], 2 * ms
            ),
            "frequency": homeo.simulate_trains(
                model[0], [10, 20] * Hz, 5 * ms, model[1], pairs=2
            ),
            "poisson": homeo.simulate_poisson(
                model[0], [10] * Hz, [5, 9] * Hz, model[1], 100 * ms, trials=2, seed=1
            ),
        }
        figure = plotting.plot_rules(dict.fromkeys(self.RULES, result), 1, plt.figure())
        *handles, _ = figure.legends[0].get_lines()
        assert len({h.get_marker() for h in handles}) == 7
        texts = [text.get_text() for text in figure.legends[0].get_texts()]
        assert texts == [*map(rule_label, self.RULES), "theory"]


def a_grid(result):
    """Return a result of two runs side by side, as a grid over a parameter has."""
    return xr.concat([result, result], xr.DataArray([1e-4, 1e-3], dims="eta"))


def on_grids(pairing):
    """Return what each figure of one run is given, by name of the function."""
    synapse = PAPER.synapse
    spikes = [1] * ms
    reference = pd.DataFrame({"lag_ms": [5.0], "G_hz": [4.0], "dw_per_eta": [7.0]})
    changes = a_grid(weight_changes(pairing))
    pairing = a_grid(pairing)
    options = {"duration": 2 * ms, "trace_updates": "clock-driven"}
    forced = a_grid(
        homeo.simulate_forced_spikes(synapse, spikes, None, 4 * Hz, **options)
    )
    window = a_grid(
        homeo.simulate_window(synapse, [-1, 1] * ms, [-4, 4] * Hz, dt=1 * ms)
    )
    trains = a_grid(
        homeo.simulate_trains(synapse, [10, 20] * Hz, 0 * ms, 4 * Hz, pairs=2)
    )
    rates = [10] * Hz, [20] * Hz
    poisson = a_grid(homeo.simulate_poisson(synapse, *rates, 4 * Hz, 10 * ms, seed=1))
    factor = a_grid(homeo.simulate_global_factor(PAPER, 4 * Hz, 2 * ms, seed=1))
    loop = xr.Dataset({k: ("time", [1.0]) for k in ("rate_E", "rate_I", "H", "w")})
    loop = loop.assign_coords(told(PAPER)).assign_attrs(record_dt_s=0.2)
    two, three = plt.subplots(2)[1], plt.subplots(3)[1]
    return {
        "plot_rate_estimate": (factor,),
        "plot_step_responses": ({1.0: factor}, two),
        "plot_trials": (pairing.w, "w", "w"),
        "plot_pairings": (pairing,),
        "plot_course": (pairing, two),
        "plot_experiment": (pairing, plt.figure()),
        "plot_weight_change": (changes,),
        "plot_against_G": (changes, reference),
        "plot_against_lag": (reference, forced),
        "plot_traces": (forced,),
        "plot_synapse": ([forced], spikes, None, three),
        "plot_synapses": ([forced], [spikes], [None], ["a"], plt.figure()),
        "plot_window": (window,),
        "plot_window_slices": (window, reference),
        "plot_pair_by_lag": (window,),
        "plot_lone_spikes": (forced, 1),
        "plot_by_frequency": (trains,),
        "plot_end_effect": ([trains],),
        "plot_by_rate": (poisson,),
        "plot_accumulated": (poisson,),
        "plot_loop": (a_grid(loop), two),
    }


def test_grids_are_refused_by_the_name_of_their_argument(visible):
    """The message says which dimensions are drawn, and how to choose one run."""
    for name, arguments in on_grids(visible[1]).items():
        plot = getattr(plotting, name)
        names = list(inspect.signature(plot).parameters)
        with pytest.raises(ValueError, match=r"choose one run with \.sel") as caught:
            plot(*arguments)
        assert str(caught.value).partition(":")[0] in names, name


def test_what_describes_a_run_is_a_coordinate():
    """A grid keeps coordinates; of attributes it keeps those of its first run."""
    result = homeo.simulate_window(PAPER.synapse, [-1, 1] * ms, 1 * Hz, dt=1 * ms)
    line, dots = plotting.plot_pair_by_lag(result).lines
    assert_allclose(dots.get_ydata(), 1 + np.exp(-1 / 20))
    assert_allclose(line.get_ydata()[[0, -1]], dots.get_ydata())
    with pytest.raises(ValueError, match="window: .*tells its parameters"):
        plotting.plot_pair_by_lag(result.drop_vars("parameters"))


class TestRefusals:
    """What would be drawn wrongly, or not at all, is refused."""

    def test_a_second_experiment_in_a_table_of_seeds(self):
        rows = {"time_s": [0, 0], "seed": [1, 1], "rule": ["none"] * 2}
        courses = pd.DataFrame({**rows, "w": [1, 3], "rate_E_hz": [1, 3]})
        with pytest.raises(ValueError, match="courses: got .*several rows"):
            plotting.plot_seeds(courses, "w", "w")
        with pytest.raises(ValueError, match="courses: got .*several rows"):
            plotting.plot_courses_by_rule(courses)

    def test_a_gain_of_zero(self):
        window = homeo.simulate_window(PAPER.synapse, [-1, 1] * ms, 0 * Hz, dt=1 * ms)
        with pytest.raises(ValueError, match="window: got 'G = 0"):
            plotting.plot_pair_by_lag(window)

    def test_several_values_where_one_is_drawn(self):
        window = homeo.simulate_window(
            PAPER.synapse, [-1, 1] * ms, [1, 2] * Hz, dt=1 * ms
        )
        with pytest.raises(ValueError, match="window: .* one G; choose one run"):
            plotting.plot_pair_by_lag(window)
        rates = [5, 10] * Hz
        poisson = homeo.simulate_poisson(
            PAPER.synapse, rates, rates, 1 * Hz, 9 * ms, seed=1
        )
        for plot in (plotting.plot_by_rate, plotting.plot_accumulated):
            with pytest.raises(ValueError, match="poisson: .* one pre_rate;"):
                plot(poisson)

    @pytest.mark.parametrize("rates", [[1, np.nan], [[1, 2], [3, 4]]])
    def test_cells_that_are_no_row_of_numbers(self, rates):
        with pytest.raises(ValueError, match="rates: got"):
            plotting.plot_cells(np.array(rates), np.arange(4), "E")
        with pytest.raises(ValueError, match="second: got"):
            plotting.plot_counts_twice(np.ones(2), np.array(rates))

    def test_a_gain_that_was_not_fitted(self):
        """NaN is not above zero, but the rate may swing."""
        swings = pd.DataFrame({"eta_s": [1.0], "tau_H_s": [1.0], "swings": [np.nan]})
        with pytest.raises(ValueError, match="swings: got"):
            plotting.plot_ringing_map(swings, 1 * Hz**2)

    def test_what_is_no_result_and_no_axes(self, ax):
        with pytest.raises(ValueError, match="window: got 3"):
            plotting.plot_window(3, ax)
        with pytest.raises(ValueError, match="ax: got 3"):
            plotting.plot_spikes(None, None, 3)
        with pytest.raises(ValueError, match="figure: got None"):
            plotting.plot_experiment(None, None)


class TestDocumentation:
    """What is written once is complete everywhere."""

    @pytest.mark.parametrize("name", PLOTS)
    def test_is_complete(self, name):
        """All parameters in order, and what is returned; not asked for: examples."""
        errors = validate(f"homeo.plotting.{name}")["errors"]
        assert {code for code, _ in errors} <= {"SA01", "EX01", "ES01"}

    def test_signatures_say_what_is_returned(self):
        signature = inspect.signature(plotting.plot_trials)
        assert signature.return_annotation == "Axes"
        assert signature.parameters["ax"].default is None
        assert inspect.signature(plotting.plot_rules).return_annotation == "Figure"


def test_looks_for_pages_are_those_of_the_figures():
    """Dashes in line widths, as matplotlib has them; nothing that JSON lacks."""
    pages = styles_for_pages()
    assert json.loads(json.dumps(pages)) == pages
    assert list(pages["quantities"]) == list(plotting.STYLES)
    theory = {"color": "#6F3CE8", "dash": [4, 2], "marker": "x"}
    assert pages["quantities"]["theory"] == theory
    assert pages["quantities"]["E"]["dash"] == []
    line = plt.Line2D([], [], linewidth=1, **plotting.line_style("I"))
    assert pages["quantities"]["I"]["dash"] == list(line._dash_pattern[1])
    assert list(pages["rules"]) == [*RULES, "none"]
    assert pages["rules"]["none"]["label"] == "no plasticity"


def test_a_global_factor_that_changes_has_no_single_number(ax):
    """Neither its first value nor one of its times stands for a course."""
    spikes = [1] * ms
    G = TimedArray([1, 2] * Hz, dt=1 * ms)
    options = {"duration": 2 * ms, "trace_updates": "clock-driven"}
    result = homeo.simulate_forced_spikes(PAPER.synapse, spikes, None, G, **options)
    axes = plt.subplots(3)[1]
    plotting.plot_synapse([result], spikes, None, axes)
    assert axes[2].lines[0].get_label() == "G changes"
