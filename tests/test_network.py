"""The recurrent network: its cells, its connections, and the closed loop."""

import multiprocessing

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from brian2 import (
    Hz,
    SpikeMonitor,
    StateMonitor,
    kHz,
    ms,
    mV,
    nS,
    second,
)

from homeo import BRIAN_EXAMPLE, ZENKE_2015
from homeo.circuit import (
    background,
    excitatory_cells,
    inhibitory_cells,
    n_plastic_synapses,
    random_pairs,
    recurrent_network,
    static_synapses,
)
from homeo.network import settling_time, simulate_network
from homeo.parameters import NetworkParameters
from homeo.protocol import forced_neurons
from homeo.rules import Rule
from homeo.runs import program as program_module
from homeo.runs.results import rule_of, stack, told
from homeo.runs.simulation import run, simulation

pytestmark = pytest.mark.usefixtures("silent")

#: As many connections to each cell as in the large network, with a tenth of the cells.
SMALL = NetworkParameters(n_E=80, n_I=20, p=0.5, w_EE=0.1, w_EI=0.3, w_II=0.3)
RULE = ZENKE_2015.replace(eta=1e-3 * second, tau_H=1 * second)

#: Every input spikes in every step of 0.1 ms: the drive is constant.
CONSTANT = {"n_inputs": 1, "input_rate": 10_000 * Hz}


@pytest.fixture
def network():
    """Return an empty network on the numpy target, which needs no compiler."""
    with simulation(target="numpy", seed=5, dt=0.1 * ms) as empty:
        yield empty


# --- The cells ------------------------------------------------------------


def test_one_spike_opens_ampa_nmda_and_gaba(network):
    """AMPA and GABA decay alone; NMDA follows AMPA as a difference of exponentials.

    w tau_A/(tau_N - tau_A) (e^{-t/tau_N} - e^{-t/tau_A}), and everything 0.8 ms after
    the spike. Euler's step of 0.1 ms is off by 1 % of AMPA at most.
    """
    parameters = NetworkParameters()
    source = forced_neurons([[10] * ms])
    cells = inhibitory_cells(parameters)
    pair = {"i": np.array([0]), "j": np.array([0])}
    synapses = [
        static_synapses(source, cells, g, weight, pair, parameters.delay)
        for g, weight in (("g_ampa", 0.01), ("g_gaba", 0.02))
    ]
    traces = StateMonitor(cells, ["g_ampa", "g_nmda", "g_gaba"], record=[0, 1])
    network.add(source, cells, *synapses, traces)
    run(network, 200 * ms)
    since = np.asarray(traces.t) - 10.8e-3 - 1e-4
    after = since > -1e-9
    decay = {tau: np.exp(-since[after] / tau) for tau in (5e-3, 10e-3, 0.1)}
    expected = {
        "g_ampa": 0.01 * decay[5e-3],
        "g_gaba": 0.02 * decay[10e-3],
        "g_nmda": 0.01 * 5 / 95 * (decay[0.1] - decay[5e-3]),
    }
    for name, course in expected.items():
        found = getattr(traces, name)
        np.testing.assert_allclose(
            found[0, after], course, atol=0.011 * course.max(), err_msg=name
        )
        assert (found[0, ~after] == 0).all()
        assert (found[1] == 0).all()


@pytest.mark.parametrize("build", [excitatory_cells, inhibitory_cells])
def test_cell_without_input_rests(build, network):
    cells = build(SMALL)
    network.add(cells)
    run(network, 10 * ms)
    np.testing.assert_allclose(cells.v / mV, -70, rtol=1e-12)
    np.testing.assert_allclose(cells.theta / mV, -50, rtol=1e-12)
    assert not any(np.any(getattr(cells, g)) for g in ("g_ampa", "g_nmda", "g_gaba"))


def test_potential_rests_where_the_currents_cancel(network):
    """V = (V_rest + g_exc E_exc + g_inh E_inh)/(1 + g_exc + g_inh), below threshold.

    AMPA, NMDA and GABA are held by time constants that are long against the run.
    """
    slow = {f"tau_{g}": 1e6 * second for g in ("ampa", "nmda", "gaba")}
    cells = excitatory_cells(SMALL.replace(**slow))
    cells.g_ampa, cells.g_nmda, cells.g_gaba = 0.1, 0.2, 0.3
    network.add(cells)
    run(network, 400 * ms)
    g_exc = (0.2 * 0.1 + 0.2) / 1.2
    expected = (-70 + g_exc * 0 + 0.3 * -80) / (1 + g_exc + 0.3)
    np.testing.assert_allclose(cells.v / mV, expected, rtol=1e-6)


def test_threshold_jumps_and_returns(network):
    """100 mV above rest after a spike, then back with 5 ms; V starts at its reset."""
    cells = inhibitory_cells(SMALL)
    cells.v = "-40*mV"
    traces = StateMonitor(cells, ["v", "theta"], record=[0])
    network.add(cells, traces)
    run(network, 30 * ms)
    t = np.asarray(traces.t)[1:] - 1e-4
    np.testing.assert_allclose(
        traces.theta[0, 1:] / mV, -50 + 100 * np.exp(-t / 5e-3), atol=0.8
    )
    assert traces.v[0, 1] == -70 * mV


def test_only_excitatory_cells_adapt(network):
    """At constant drive the intervals of E cells grow, those of I cells do not."""
    intervals = {}
    for build in (excitatory_cells, inhibitory_cells):
        cells = build(SMALL.replace(tau_ampa=1e6 * second, tau_nmda=1 * ms))
        cells.g_ampa = 1
        spikes = SpikeMonitor(cells)
        network.add(cells, spikes)
        intervals[build] = spikes
    run(network, 500 * ms)
    E, I = (np.diff(m.t[m.i == 0] / ms) for m in intervals.values())  # noqa: E741
    assert len(E) > 5
    assert E[-1] > 1.2 * E[0]
    assert np.ptp(I[1:]) < 0.2
    assert len(I) > len(E)


def test_background_is_shot_noise_of_its_own_in_each_cell(network):
    """Mean w N r tau and variance w^2 N r tau / 2 of AMPA, over 4000 cells, 5 s.e."""
    parameters = SMALL.replace(n_I=4000)
    cells = inhibitory_cells(parameters)
    network.add(cells, background(cells, 1e-4, parameters))
    run(network, 50 * ms)
    spikes = 100 * 25 * 5e-3  # within tau
    g = np.asarray(cells.g_ampa) / 1e-4
    assert g.mean() == pytest.approx(spikes, abs=5 * np.sqrt(spikes / 2 / 4000))
    # A normal sample's variance has a relative s.e. of sqrt(2/n); Euler adds 1 %.
    assert g.var() == pytest.approx(spikes / 2, rel=5 * np.sqrt(2 / 4000) + 0.01)


# --- The connections ------------------------------------------------------


def test_pairs_are_a_fixed_fraction_of_all():
    """Same number for every seed, no pair twice, no cell to itself."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        pairs = random_pairs(100, 100, 0.1, rng, same=True)
        assert len(pairs["i"]) == len(pairs["j"]) == 990
        assert len({*zip(*pairs.values(), strict=True)}) == 990
        assert (pairs["i"] != pairs["j"]).all()
        pairs = random_pairs(25, 100, 0.1, rng)
        assert len({*zip(*pairs.values(), strict=True)}) == 250
        assert pairs["i"].max() < 25
        assert pairs["j"].max() < 100


def test_all_pairs_are_equally_likely():
    """20 000 draws of 3 of 12 pairs: each pair in a quarter, within 5 s.d. (1.2 %).

    So a cell has a hypergeometric number of inputs, nearly binomial.
    """
    rng = np.random.default_rng(1)
    counts = np.zeros((4, 4))
    for _ in range(20_000):
        pairs = random_pairs(4, 4, 0.25, rng, same=True)
        counts[pairs["i"], pairs["j"]] += 1
    assert (np.diag(counts) == 0).all()
    off = counts[~np.eye(4, dtype=bool)] / 20_000
    np.testing.assert_allclose(off, 0.25, atol=5 * np.sqrt(0.25 * 0.75 / 20_000))
    pairs = random_pairs(1000, 1000, 0.1, rng, same=True)
    n_inputs = np.bincount(pairs["j"], minlength=1000)
    assert n_inputs.mean() == 99.9
    assert n_inputs.var() == pytest.approx(90, rel=0.15)


def test_network_of_ones_own(network):
    """The parts connect what their names say, with the weights of the record."""
    parts = recurrent_network(RULE, SMALL, np.random.default_rng(2))
    network.add(*parts.objects)
    run(network, 1 * ms)
    sizes = {
        (s.source.name, s.target.name): len(s)
        for s in parts.others
        if hasattr(s, "connect")
    }
    assert sizes == {
        ("excitatory", "excitatory"): 3160,  # 80 * 79 / 2
        ("excitatory", "inhibitory"): 800,
        ("inhibitory", "inhibitory"): 190,
        ("excitatory", "global_factor"): 80,
    }
    assert len(parts.inhibition) == 800
    assert parts.inhibition.source is parts.inhibitory
    assert parts.inhibition.target is parts.excitatory
    np.testing.assert_allclose(np.asarray(parts.inhibition.pre.delay) / 1e-3, 0.8)
    assert np.asarray(parts.global_factor.population_size) == 80
    v = np.asarray(parts.excitatory.v)
    assert np.ptp(v) > 0.015


# --- The closed loop ------------------------------------------------------


def test_H_hears_the_rate_that_is_recorded():
    """From one sample to the next, H relaxes to the rate of the bin between.

    Within a bin of 100 ms the time of a spike matters by tau_H's share of a bin.
    """
    result = simulate_network(RULE, 1.5 * second, network=SMALL, seed=1)
    decay = np.exp(-0.1)
    rate = result.rate_E.values
    expected = result.H.values[:-1] * decay + rate[:-1] * (1 - decay)
    np.testing.assert_allclose(result.H[1:], expected, rtol=0.05)
    assert result.H[0] == 4
    np.testing.assert_allclose(result.G, result.H - 4)
    assert rate.max() > 20
    # The whole second half: 0.75 s is the window by default.
    half = result.end_rate_E.mean()
    assert float(half) == pytest.approx(float(rate[-7:].sum() / 7.5), rel=0.15)


def test_too_active_network_strengthens_its_inhibition():
    """G > 0: the mean weight grows in every bin, and the rate falls."""
    result = simulate_network(RULE, 2 * second, network=SMALL, seed=3)
    assert result.G[1:].min() > 0
    assert (np.diff(result.w) > 0).all()
    assert result.rate_E[-5:].mean() < 0.7 * result.rate_E[:5].mean()
    assert result.plastic == 1


@pytest.mark.parametrize(("rule", "falls"), [("zenke_2015", 1), ("brian_example", 0)])
def test_silenced_cells_recover_only_with_the_presynaptic_one(rule, falls):
    """The silent trap: no postsynaptic spike, so the example's rule does nothing.

    At G = -gamma every presynaptic spike takes eta gamma from the paper's synapses.
    """
    network = SMALL.replace(w_input_E=0.0, w_EE=0.0)
    start = RULE.replace(w_0=3, H_0=0 * Hz, rule=rule)
    result = simulate_network(start, 1 * second, network=network, seed=4)
    assert (result.rate_E == 0).all()
    assert result.rate_I.mean() > 5
    spikes = result.rate_I.values[:-1].sum() * 0.1  # per I cell, up to the last sample
    lost = falls * 1e-3 * 4 * spikes
    assert float(result.w[0] - result.w[-1]) == pytest.approx(lost, rel=0.1, abs=1e-12)


def test_without_plasticity_the_weight_stays():
    """Not a single weight moves, and more inhibition means a lower rate."""
    rates = []
    for w in (0.1, 1.0):
        result = simulate_network(
            RULE.replace(w_0=w), 0.5 * second, network=SMALL, seed=5, plastic=False
        )
        np.testing.assert_allclose(result.w, w, rtol=1e-12)
        rates.append(float(result.rate_E.mean()))
    assert rates[1] < 0.8 * rates[0]
    assert result.plastic == 0


def test_result_repeats_and_says_how():
    """One seed, one result; another seed, another one."""
    options = {"duration": 0.2 * second, "network": SMALL}
    one, same, other = (simulate_network(RULE, seed=s, **options) for s in (6, 6, 7))
    xr.testing.assert_identical(one, same)
    assert (one.rate_E != other.rate_E).any()
    assert NetworkParameters.from_json(one.network.item()) == SMALL
    assert rule_of(one).global_factor.N == 80
    assert one.seed == 6
    assert {"version_brian2", "target", "duration_s"} <= set(one.attrs)
    assert one.dt == 1e-4
    assert one.rate_E.attrs["units"] == one.end_rate_I.attrs["units"] == "Hz"
    assert one.w.attrs["units"] == "1"
    assert dict(one.sizes) == {"time": 2, "E_cell": 80, "I_cell": 20, "synapse": 800}


def test_progress_is_told():
    """From 0 to 1, and never back."""
    told = []
    simulate_network(
        RULE,
        0.1 * second,
        network=SMALL,
        report=lambda completed, elapsed: told.append((completed, elapsed)),
    )
    assert told[0][0] == 0
    assert told[-1][0] == 1
    assert told == sorted(told)


# --- Compiled once --------------------------------------------------------


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """Return the folder that programs are kept in, empty at first."""
    folder = tmp_path_factory.mktemp("cache") / "programs"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program_module, "program_folder", lambda: folder)
        yield folder


#: The drive is constant: nothing is random after the start.
DETERMINISTIC = SMALL.replace(**CONSTANT, w_input_E=0.03, w_input_I=0.03)


def deterministic(rule=RULE, target="cpp_standalone", duration=200 * ms, **options):
    """Run the network of which a compiled program is kept."""
    return simulate_network(
        rule,
        duration,
        network=DETERMINISTIC,
        target=target,
        record_dt=10 * ms,
        **options,
    )


@pytest.mark.parametrize(
    ("changes", "seed"),
    [
        ({"w_0": 0.2}, 1),
        ({"w_0": 2, "eta": 1e-2 * second, "gamma": 30 * Hz, "H_0": 0 * Hz}, 2),
        ({"w_min": None, "w_max": None, "tau_stdp": 5 * ms, "tau_H": 50 * ms}, 3),
    ],
)
def test_program_and_python_agree(programs, changes, seed):
    """The arguments of a program do what the parameters do; one program serves all.

    Without randomness after the start both give the same spikes.
    """
    rule = RULE.replace(**changes)
    compiled, python = (
        deterministic(rule, target=target, seed=seed)
        for target in ("cpp_standalone", "numpy")
    )
    assert float(python.rate_E.mean()) > 1
    assert np.ptp(python.w.values) > 1e-4
    for name in python.data_vars:
        np.testing.assert_allclose(
            compiled[name], python[name], rtol=1e-9, atol=1e-12, err_msg=name
        )
    assert len(list(programs.iterdir())) == 1


@pytest.mark.parametrize("rule", ["brian_example", "vogels_2011"])
def test_program_and_python_agree_under_every_rule(tmp_path, monkeypatch, rule):
    """Each rule is a program of its own; its target is an argument as well."""
    monkeypatch.setattr(program_module, "program_folder", lambda: tmp_path)
    changes = {"rule": rule, "gamma": 30 * Hz}
    if rule == "vogels_2011":
        changes |= {"eta": 1e-2, "rho_0": 30 * Hz}
    compiled, python = (
        deterministic(RULE.replace(**changes), target=target, seed=1)
        for target in ("cpp_standalone", "numpy")
    )
    assert np.ptp(python.w.values) > 1e-4
    for name in python.data_vars:
        np.testing.assert_allclose(
            compiled[name], python[name], rtol=1e-9, atol=1e-12, err_msg=name
        )


def test_weights_at_the_start(programs):
    """One for each synapse, in the order of the result, on either target."""
    n = n_plastic_synapses(DETERMINISTIC)
    weights = np.random.default_rng(1).uniform(0, 1, n)
    runs = [
        deterministic(target=target, seed=1, start_weights=weights, plastic=False)
        for target in ("cpp_standalone", "numpy")
    ]
    for run_ in runs:
        np.testing.assert_array_equal(run_.end_w, weights)
        np.testing.assert_allclose(run_.w, weights.mean(), rtol=1e-12)
    np.testing.assert_allclose(runs[0].rate_E, runs[1].rate_E)
    # Cells whose inhibition is strong fire less: the weights are where they should be.
    total = np.bincount(runs[0].post, weights, minlength=DETERMINISTIC.n_E)
    assert np.corrcoef(total, runs[0].end_rate_E)[0, 1] < -0.5


@pytest.mark.parametrize(
    "weights", [0.1, [0.1], np.full(800, 9.0), np.full(800, np.nan), "0.1"]
)
def test_bad_start_weights_are_refused(weights, refused):
    allowed = "800 weights, one for each plastic synapse, from 0"
    with refused("start_weights", weights, allowed):
        simulate_network(RULE, 1 * second, network=SMALL, start_weights=weights)


def test_nothing_is_compiled_twice(programs, monkeypatch):
    """Another rule, seed, duration, start, with and without plasticity."""
    deterministic(duration=20 * ms, seed=1)
    kept = list(programs.iterdir())

    def refuse(*_args, **_kwargs):
        pytest.fail("a program was compiled")

    monkeypatch.setattr(program_module, "compile_sources", refuse)
    one = deterministic(duration=50 * ms, seed=2, plastic=False)
    weights = np.full(n_plastic_synapses(DETERMINISTIC), 0.3)
    other = deterministic(RULE.replace(eta=1 * second), seed=3, start_weights=weights)
    assert (one.sizes["time"], other.sizes["time"]) == (5, 20)
    assert np.ptp(one.w.values) == 0
    assert np.ptp(other.w.values) > 0
    assert list(programs.iterdir()) == kept


def test_program_tells_its_progress(programs, monkeypatch):
    """While it runs, in tenths of a second of the model, and at the end."""
    monkeypatch.setattr("homeo.runs.simulation.REPORT_PERIOD", 1 * ms)
    told = []
    deterministic(seed=1, duration=2 * second, report=lambda *done: told.append(done))
    assert told == sorted(told)
    fractions = {completed for completed, _ in told}
    assert 1 in fractions
    assert len(fractions) > 2
    np.testing.assert_allclose(np.mod(np.array([*fractions]) * 20 + 0.5, 1), 0.5)


def _in_another_process(folder, seed, results):
    program_module.program_folder = lambda: folder
    results.put((seed, deterministic(seed=seed, duration=400 * ms).H.values))


def test_two_runs_at_the_same_time(programs):
    """Each has its own folder: the results are those of runs one after the other."""
    alone = {s: deterministic(seed=s, duration=400 * ms).H.values for s in (1, 2)}
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    runs = [
        context.Process(target=_in_another_process, args=(programs, seed, results))
        for seed in alone
    ]
    for process in runs:
        process.start()
    together = dict(results.get(timeout=60) for _ in runs)
    for process in runs:
        process.join()
    assert (alone[1] != alone[2]).any()
    for seed, H in alone.items():
        np.testing.assert_array_equal(together[seed], H)


def test_argument_that_names_nothing_is_refused(network):
    cells = excitatory_cells(SMALL, name="cells")
    network.add(cells)
    for name in ("cells.w_0", "cell.v", "cells", ""):
        with pytest.raises(ValueError, match=f"^arguments: got '{name}'; allowed: obj"):
            run(network, 1 * ms, arguments=[name])
        assert network.t == 0 * second
    cells.v = -60 * mV
    run(network, 1 * ms, arguments=["cells.v"])
    assert np.abs(cells.v / mV + 60).max() < 1


# --- Measured with many seeds ---------------------------------------------


def test_phi_of_independent_networks(data):
    """Five graphs of ours and five of another script, whose pairs are drawn singly.

    Rates at w = 0.36, seeds 2 to 6 of that script; its seed 1 is an outlier (4.13 Hz:
    all four of its numbers of connections lie on the side that lowers the rate). So
    rates of two graphs may differ by some percent and say nothing about a model.
    """
    phi = pd.read_csv(data / "network_phi.csv", comment="#").groupby("w").rate_E_hz
    measured = phi.agg(["mean", "std", "size"])
    assert (measured["size"] == 5).all()
    assert (measured["mean"].diff().dropna() < 0).all()
    assert (measured["std"] / measured["mean"]).between(0.02, 0.04).all()
    others = np.array([4.57, 4.53, 4.56, 4.31, 4.53])
    error = np.hypot(measured["std"][0.36], others.std(ddof=1)) / np.sqrt(5)
    assert measured["mean"][0.36] == pytest.approx(others.mean(), abs=2 * error)


#: What a start is known by in the tables.
START = ["rule", "eta_s", "tau_H_s", "w_0"]


def test_where_the_loop_has_settled_all_graphs_hold_the_target(data):
    """With H over 1 s; over 10 s some of them are not quite back after a minute."""
    runs = pd.read_csv(data / "network_runs.csv", comment="#")
    assert (runs.groupby(START).seed.nunique() == 5).all()
    settled = runs[runs.settle_s.notna()]
    fast = settled[settled.tau_H_s == 1]
    np.testing.assert_allclose(fast.end_rate_hz, 4, rtol=0.005)
    assert fast.settle_s.max() < 25
    slow = settled[settled.tau_H_s == 10]
    np.testing.assert_allclose(slow.end_rate_hz, 4, rtol=0.05)
    assert slow.settle_s.min() > 40
    assert slow.lowest_1s_hz.max() < 3


def test_silent_networks_settle_under_no_other_rule_than_the_papers(data):
    """Within 60 s, and at the larger learning rate only."""
    runs = pd.read_csv(data / "network_runs.csv", comment="#")
    silent = runs[runs.w_0 == 2.0]
    recovers = (silent.rule == "zenke_2015") & (silent.eta_s == 1e-3)
    assert (silent.settle_s.notna() == recovers).all()
    trapped = silent[silent.rule == "brian_example"]
    assert trapped.w_end.min() > 1.95
    assert trapped.silent_cells.min() > 0.8


def test_courses_are_those_of_the_runs(data):
    """The last ten of sixty seconds have the end rate; the last sample the weight."""
    courses, runs = (
        pd.read_csv(data / f"network_{name}.csv", comment="#").set_index(
            [*START, "seed"]
        )
        for name in ("courses", "runs")
    )
    late = courses[courses.time_s > 50].groupby(level=[*START, "seed"], sort=False)
    assert (late.size() == 20).all()
    np.testing.assert_allclose(late.rate_E_hz.mean(), runs.end_rate_hz, atol=2e-3)
    np.testing.assert_allclose(late.w.last(), runs.w_end, atol=2e-3)


# --- Settling -------------------------------------------------------------


def course(rate, rule=RULE):
    """Return a result with this rate in bins of 100 ms."""
    return xr.Dataset(
        {"rate_E": ("time", np.asarray(rate, float))},
        coords=told(rule) | {"time": 0.1 * np.arange(len(rate))},
        attrs={"record_dt_s": 0.1, "duration_s": 0.1 * len(rate)},
    )


def test_settling_time_of_known_courses():
    """Target 4 Hz, 10 %: the end of the last second whose mean is off."""
    assert settling_time(course([4.3] * 50)) == 0
    # 5 Hz until 2 s: a window with 5 bins of 5 Hz has the mean 4.5, with 4 bins 4.4.
    step = course([5.0] * 20 + [4.0] * 30)
    assert settling_time(step, tolerance=0.11) == pytest.approx(2.5)
    assert settling_time(step, window=100 * ms) == pytest.approx(2.0)
    assert np.isnan(settling_time(course([4.0] * 40 + [5.0] * 10)))
    assert settling_time(step, tolerance=0.3) == 0


def test_settling_is_to_the_target_of_the_rule():
    local = RULE.replace(rule="vogels_2011", eta=1e-3, rho_0=8 * Hz)
    assert settling_time(course([8.0] * 50, local)) == 0
    assert np.isnan(settling_time(course([4.0] * 50, local)))


def test_settling_time_of_a_grid_takes_each_run_with_its_own_target():
    """What varies along a grid are coordinates: no run is held to another's rule."""
    rates = {4: 4.0, 8: 8.0, 6: 4.0}
    grid = stack(
        [course([rate] * 50, RULE.replace(gamma=g * Hz)) for g, rate in rates.items()],
        "gamma",
    )
    assert grid.gamma.values.tolist() == [4, 8, 6]
    np.testing.assert_array_equal(settling_time(grid), [0, 0, np.nan])
    assert rule_of(grid.isel(gamma=1)) == RULE.replace(gamma=8 * Hz)
    local = RULE.replace(rule="vogels_2011", eta=1e-3, rho_0=8 * Hz)
    of_rules = stack([course([8.0] * 50, r) for r in (RULE, local)], "rule")
    np.testing.assert_array_equal(settling_time(of_rules), [np.nan, 0])


def test_results_of_unlike_runs_are_not_stacked():
    with pytest.raises(ValueError, match="results: got"):
        stack([course([4.0] * 50), course([4.0] * 40)], "seed")
    with pytest.raises(ValueError, match="results: got"):
        stack([], "seed")


def test_a_grid_is_not_taken_for_one_run(refused):
    grid = stack(
        [course([4.0] * 50, RULE.replace(eta=eta * ms)) for eta in (1, 2)], "eta"
    )
    with refused(
        "result",
        {"eta": 2, "time": 50},
        "one parameters; choose one run with .sel or .isel along 'eta'",
    ):
        rule_of(grid)


def test_settling_time_counts_from_the_start_of_the_run():
    """Also if the beginning is cut off; but not if samples are missing."""
    step = course([5.0] * 20 + [4.0] * 30)
    late = step.isel(time=slice(10, None))
    assert settling_time(late, tolerance=0.11) == pytest.approx(2.5)
    with pytest.raises(ValueError, match="^result: got 'samples 0.2"):
        settling_time(step.isel(time=slice(None, None, 2)))


def test_settling_needs_a_target():
    aimless = Rule(on_pre="w += eta", on_post="", label="aimless")
    result = course([4.0] * 50, RULE.replace(rule=aimless, eta=1e-3))
    with pytest.raises(ValueError, match="^result: got 'no target_rate'"):
        settling_time(result)


@pytest.mark.parametrize("dim", ["time", 3])
def test_a_grid_gets_a_new_dimension(dim):
    with pytest.raises(ValueError, match="^dim: got"):
        stack([course([4.0] * 50)] * 2, dim)


def test_results_of_different_simulations_are_not_stacked():
    other = course([4.0] * 50).rename(rate_E="H")
    with pytest.raises(ValueError, match="^results: got"):
        stack([course([4.0] * 50), other], "seed")


def test_settling_time_refuses(refused):
    with refused("tolerance", 0, "> 0"):
        settling_time(course([4] * 20), tolerance=0)
    with refused("window", 0.25 * second, "multiple of record_dt"):
        settling_time(course([4] * 20), window=0.25 * second)
    with refused("window", 3 * second, "at most 2.0 s"):
        settling_time(course([4] * 20), window=3 * second)


def test_where_nothing_learns_the_rule_does_not_matter():
    """Not even one that changes weights without eta: they keep w_0, all of them."""
    leaky = Rule(on_pre="pre_trace += 1\nw = 0.99*w + eta*G", on_post="w *= 0.99")
    runs = [
        simulate_network(rule, 200 * ms, network=SMALL, plastic=False, seed=1)
        for rule in (RULE, RULE.replace(rule=leaky))
    ]
    for result in runs:
        np.testing.assert_array_equal(result.end_w, RULE.synapse.w_0)
    np.testing.assert_array_equal(runs[0].rate_E, runs[1].rate_E)


def test_the_default_end_window_is_on_the_grid():
    """Half of 0.3 ms is not a multiple of 0.1 ms; it is rounded up."""
    result = simulate_network(RULE, 0.3 * ms, network=SMALL, record_dt=0.3 * ms, seed=1)
    assert result.end_window == pytest.approx(0.2e-3)


# --- Refusals -------------------------------------------------------------

REFUSALS = [
    ({"rule": RULE.synapse}, "rule", RULE.synapse, "a Parameters"),
    ({"rule": BRIAN_EXAMPLE}, "rule", BRIAN_EXAMPLE.synapse.eta, "leak conductance"),
    ({"network": {"n_E": 80}}, "network", {"n_E": 80}, "a NetworkParameters"),
    ({"plastic": 1}, "plastic", 1, "a bool"),
    ({"duration": 1}, "duration", 1, "in s"),
    ({"duration": 0 * second}, "duration", 0 * second, "> 0"),
    ({"duration": 0.25 * second}, "duration", 0.25 * second, "multiple of record_dt"),
    ({"record_dt": 0.15 * ms}, "record_dt", 0.15 * ms, "multiples of the time step"),
    ({"end_window": 3 * second}, "end_window", 3 * second, "at most 1. s, the run"),
    ({"end_window": 1 * nS}, "end_window", 1 * nS, "in s"),
    ({"end_window": 10.05 * ms}, "end_window", 10.05 * ms, "multiples of the time"),
    ({"dt": 0 * ms}, "dt", 0 * ms, "> 0"),
    ({"dt": 0.5 * ms}, "delay", 0.8 * ms, "multiples of the time step"),
    ({"seed": -1}, "seed", -1, ">= 0"),
    ({"target": "cuda"}, "target", "cuda", "'cpp_standalone'"),
    ({"report": "text"}, "report", "text", "None, or a function"),
]


@pytest.mark.parametrize(("changes", "name", "value", "allowed"), REFUSALS)
def test_bad_arguments_are_refused(changes, name, value, allowed, refused):
    arguments = {"rule": RULE, "duration": 1 * second, "network": SMALL, **changes}
    with refused(name, value, allowed):
        simulate_network(**arguments)


@pytest.mark.parametrize(
    ("changes", "dt", "named"),
    [
        ({"n_E": 20, "n_I": 10, "delay": 0 * ms}, 5 * ms, "dt: .*tau_theta = 5. ms"),
        ({"tau_gaba": 0.2 * ms}, 0.1 * ms, "dt: .*tau_gaba = 200. us"),
        ({"input_rate": 11 * kHz}, 0.1 * ms, "input_rate: .*1.1 per step"),
        (
            {"n_E": 2, "n_I": 2, "p": 0.2},
            0.1 * ms,
            "p: got 0.2;.*from E to E",
        ),
        ({"p": 0.001}, 0.1 * ms, "p: got 0.001; allowed: more than 0.00132"),
        ({"n_E": 10**6, "n_I": 10**5}, 0.1 * ms, "n_E: got 'a size of"),
    ],
)
def test_what_cannot_be_simulated_is_refused(changes, dt, named, nothing_runs):
    """Euler's method needs short steps: the first network fired at 107 Hz, not 61."""
    with pytest.raises(ValueError, match=named):
        simulate_network(RULE, 1 * second, network=SMALL.replace(**changes), dt=dt)
