"""What the gain of the loop is made of, and how its ringing is fitted."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from brian2 import Hz, StateMonitor, get_dimensions, ms, nS, second

from homeo import BRIAN_EXAMPLE, ZENKE_2015, listen, theory
from homeo.parameters import NetworkParameters
from homeo.protocol import forced_neurons
from homeo.runs.simulation import run, simulation
from homeo.stability import (
    Ringing,
    balanced_weight,
    fit_gain,
    fit_ringing,
    late_sensor,
    lead_time,
    rule_pattern,
    sensitivity,
    simulate_late_sensor,
    simulate_weight_changes,
    simulate_weight_steps,
)

pytestmark = pytest.mark.usefixtures("silent")

#: The network of the Lab with a fifth of its cells, each with as many synapses.
TINY = NetworkParameters(n_E=80, n_I=20, p=0.5, w_EE=0.1, w_EI=0.3, w_II=0.3)
RULE = ZENKE_2015.replace(w_0=0.5)


# --- Closed forms and made-up courses -------------------------------------


def test_balanced_weight_of_an_exponential():
    """For r = 10 e^{-3w} the target of 4 Hz is passed at w = ln(2.5)/3, exactly."""
    w = np.array([0.1, 0.2, 0.45, 0.6])
    found = balanced_weight(w, 10 * np.exp(-3 * w), 4 * Hz)
    assert found == pytest.approx(np.log(2.5) / 3, rel=1e-12)
    assert balanced_weight([0.1, 0.2], [8, 4], 4 * Hz) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("w", "rate", "target", "name", "value", "allowed"),
    [
        ([1, 0], [5, 3], 4 * Hz, "w", np.array([1.0, 0.0]), "ascending weights"),
        ([0, 1], [5, 3, 2], 4 * Hz, "w", np.array([0.0, 1.0]), "as many as rates"),
        ([0, 1], [3, 5], 4 * Hz, "rate", np.array([3.0, 5.0]), "fall with the weight"),
        ([0, 1], [5, 0], 4 * Hz, "rate", np.array([5.0, 0.0]), "positive rates"),
        ([0, 1], [9, 5], 4 * Hz, "target_rate", 4 * Hz, "from 5.0 to 9.0 Hz"),
        ([0, 1], [5, 3], 4, "target_rate", 4, "> 0 in Hz"),
    ],
)
def test_balanced_weight_refuses(w, rate, target, name, value, allowed, refused):
    with refused(name, value, allowed):
        balanced_weight(w, rate, target)


def at_rates(rate_E, rate_I, pre, post):
    """Return the end of a run in which the cells fired at these rates."""
    return xr.Dataset(
        {
            "end_rate_E": ("E_cell", np.asarray(rate_E, float)),
            "end_rate_I": ("I_cell", np.asarray(rate_I, float)),
            "pre": ("synapse", pre),
            "post": ("synapse", post),
        }
    )


def test_pattern_is_the_drift_of_each_synapse_over_that_of_the_mean():
    """Two I cells at 10 and 30 Hz, E cells at 0 and 8 Hz; all pairs are connected."""
    run = at_rates([0, 8], [10, 30], [0, 0, 1, 1], [0, 1, 0, 1])
    pattern = rule_pattern(run, RULE)
    rho, r = np.array([10, 10, 30, 30]), np.array([0, 8, 0, 8])
    np.testing.assert_allclose(pattern, rho * (1 + 0.04 * r) / (20 * 1.16))
    drift = theory.poisson_drift(rho * Hz, r * Hz, 1 * Hz, RULE.synapse)
    mean = theory.poisson_drift(20 * Hz, 4 * Hz, 1 * Hz, RULE.synapse)
    np.testing.assert_allclose(pattern, np.asarray(drift) / float(mean))
    assert pattern.mean() == pytest.approx(1)


def test_sensitivity_of_known_slopes():
    """Slopes of -16 and -30 Hz per unit, whatever the rate in the middle."""
    rates = [[4 + 0.5 * 1.6, 4 - 0.5 * 1.6], [4.1 + 0.5 * 3.0, 4.1 - 0.5 * 3.0]]
    changes = xr.Dataset(
        {"changed_rate_E": (("pattern", "sign"), rates)},
        coords={"pattern": ["uniform", "rule"], "sign": [-1, 1]},
        attrs={"step": 0.05},
    )
    kappa, h = sensitivity(changes)
    assert float(kappa) == pytest.approx(16)
    assert get_dimensions(kappa) is get_dimensions(Hz)
    assert h == pytest.approx(30 / 16)


@pytest.mark.parametrize("damping", [8.0, -30.0])
def test_ringing_is_found_again(damping):
    """Damped or growing, from a guess a third off; with noise to a few percent."""
    made = Ringing(6 * second, damping * second, 4.0, 0.7, -0.3)
    t = np.arange(0, 30, 0.1)
    found = fit_ringing(t, made.at(t), 8 * second, 20 * second)
    assert float(found.period) == pytest.approx(6, rel=1e-6)
    assert float(found.damping_time) == pytest.approx(damping, rel=1e-5)
    np.testing.assert_allclose(found.at(t), made.at(t), atol=1e-6)
    assert made.at(np.array([0.0])) == pytest.approx(4.7)
    noise = np.random.default_rng(1).normal(0, 0.1, len(t))
    noisy = fit_ringing(t, made.at(t) + noise, 8 * second, 20 * second)
    assert float(noisy.period) == pytest.approx(6, rel=0.02)
    assert float(noisy.damping_time) == pytest.approx(damping, rel=0.25)


def test_fit_of_the_course_of_the_loop_finds_its_eigenvalues():
    t = np.arange(0, 50, 0.4)
    loop = 9.2 * Hz, 10 * second
    lead = 54 * ms
    course = loop_rate(t, *loop, lead)
    guess = theory.ringing_period(*loop), theory.damping_time(*loop)
    found = fit_ringing(t, course, *guess)
    period = theory.ringing_period(*loop, lead)
    damping = theory.damping_time(*loop, lead)
    assert float(found.period) == pytest.approx(float(period), rel=1e-6)
    assert float(found.damping_time) == pytest.approx(float(damping), rel=1e-6)
    assert found.mean == pytest.approx(4)


def loop_rate(t, gain, tau_H, lead=0 * second):
    """Return a course of the rate, in Hz, around 4 Hz."""
    return 4 + np.asarray(
        theory.loop_course(t * second, gain, tau_H, 0.8 * Hz, lead)[0]
    )


@pytest.mark.parametrize(
    ("changes", "name", "value", "allowed"),
    [
        ({"period": 0 * second}, "period", 0 * second, "> 0 in s"),
        ({"period": np.inf * second}, "period", np.inf * second, "finite"),
        ({"damping_time": 3}, "damping_time", 3, "> 0 in s"),
        ({"course": [1, 2, 3]}, "course", np.array([1.0, 2.0, 3.0]), "one for each"),
        ({"t": [1, 2], "course": [1, 2]}, "course", np.array([1.0, 2.0]), "at least 6"),
    ],
)
def test_fit_of_ringing_refuses(changes, name, value, allowed, refused):
    good = {"t": np.arange(9), "course": np.arange(9.0)}
    good |= {"period": 3 * second, "damping_time": 3 * second}
    with refused(name, value, allowed):
        fit_ringing(**{**good, **changes})


@pytest.mark.parametrize(
    ("gain", "tau_H", "lead"), [(0.09, 1, 0), (0.92, 10, 0), (9.2, 3, 0.054)]
)
def test_gain_is_found_again(gain, tau_H, lead):
    """Whether the course rings or not, from a guess that is a third too small."""
    t = np.linspace(0.5, max(5 * tau_H, 6 / gain), 80)
    loop = gain * Hz, tau_H * second, lead * second
    found = fit_gain(t, loop_rate(t, *loop), tau_H * second, gain / 1.5 * Hz, loop[2])
    assert float(found) == pytest.approx(gain, rel=1e-5)


@pytest.mark.parametrize(
    ("changes", "name", "value", "allowed"),
    [
        ({"gain": 0 * Hz}, "gain", 0 * Hz, "> 0 in Hz"),
        ({"tau_H": 1 * Hz}, "tau_H", 1 * Hz, "> 0 in s"),
        ({"lead": 1}, "lead", 1, "in s"),
        ({"rate": [1, 2]}, "rate", np.array([1.0, 2.0]), "one for each"),
    ],
)
def test_fit_of_a_gain_refuses(changes, name, value, allowed, refused):
    good = {"t": np.arange(9), "rate": np.arange(9.0)}
    good |= {"tau_H": 3 * second, "gain": 1 * Hz}
    with refused(name, value, allowed):
        fit_gain(**{**good, **changes})


@pytest.mark.parametrize(("tau", "size"), [(0.1, -1.0), (0.05, 1.5)])
def test_lead_of_a_first_order_answer(tau, size):
    """After a step 1 + a e^{-t/tau}: the integral of the excess is a tau.

    A first-order lag is a = -1; a positive a overshoots. Bins of 10 ms hold means.
    At the end of the first second e^{-10} are left.
    """
    width, half = 0.01, 2.0
    edges = np.arange(0, half + width / 2, width)
    excess = -size * tau * np.diff(np.exp(-edges / tau)) / width
    # The rate was settled at the other value: the answer starts at minus one.
    swing = 0.6 * (1 + 2 * excess)
    steps = xr.Dataset(
        {"rate_E": ("time", np.concatenate([4.1 + swing, 4.1 - swing]))},
        attrs={"half_period_s": half},
    )
    assert float(lead_time(steps)) == pytest.approx(size * tau, rel=1e-3)


# --- Small networks -------------------------------------------------------


@pytest.fixture(scope="module")
def changes():
    """Return the answers of a tiny network to weights that are changed."""
    options = {"duration": 2 * second, "settle": 300 * ms, "seed": 2}
    return simulate_weight_changes(RULE, 0.1, network=TINY, **options)


def test_stronger_inhibition_lowers_the_rate(changes):
    """More so in the pattern of the rule.

    A rate is known to 0.3 Hz (80 Poisson cells, 2 s), and either answer to 0.4 Hz of
    some 7 Hz, so h to 0.1; three seeds gave 1.36 to 1.50 in 3 s.
    """
    weaker, stronger = changes.changed_rate_E.transpose("sign", "pattern").values
    assert (weaker > changes.rate_E.item()).all()
    assert (stronger < changes.rate_E.item()).all()
    kappa, h = sensitivity(changes)
    assert float(kappa) == pytest.approx(36, abs=7)
    assert 1.1 < h < 1.8
    assert changes.rate_I > changes.rate_E
    assert changes.step == 0.1
    assert changes.rate_E.attrs["units"] == "Hz"


def test_step_answer_swings_between_two_rates():
    """The rate of the late halves is that at the lower and at the higher weight."""
    options = {"half_period": 500 * ms, "repetitions": 3, "bin_width": 50 * ms}
    steps = simulate_weight_steps(RULE, 0.2, network=TINY, seed=2, **options)
    assert steps.sizes["time"] == 20
    low_weight, high_weight = steps.rate_E.values.reshape(2, 2, 5).mean(axis=2)[:, 1]
    assert low_weight > 1.5 * high_weight
    assert steps.time[1].item() == pytest.approx(0.05)


def test_late_sensor_is_two_filters():
    """After one spike, a difference of exponentials: t/tau e^{-t/tau}/tau if equal.

    With tau_H = 200 ms and a lag of 100 ms: (e^{-t/0.2} - e^{-t/0.1})/(0.2 - 0.1).
    """
    rule = RULE.replace(gamma=0 * Hz, H_0=0 * Hz, tau_H=200 * ms)
    with simulation(target="numpy", seed=1, dt=0.1 * ms) as network:
        factor = late_sensor(rule, 100 * ms)
        one = forced_neurons([[10] * ms])
        network.add(factor, one, listen(factor, one))
        course = StateMonitor(factor, "G", record=[0])
        network.add(course)
        run(network, 500 * ms)
        t, G = np.asarray(course.t) - 0.0101, np.asarray(course.G[0])
    expected = (np.exp(-t / 0.2) - np.exp(-t / 0.1)) / 0.1
    np.testing.assert_allclose(G[t > 0], expected[t > 0], rtol=1e-6, atol=1e-9)
    assert (G[t < -1e-9] == 0).all()


def test_weights_wait_for_a_late_sensor():
    """With H at the target at the start, a lag of an hour leaves the weights alone.

    And so the rate stays where it is, at twice the target and more; with a lag of 1 ms
    the loop brings it down, as it does without a lag.
    """
    rule = RULE.replace(w_0=0.1, eta=1e-2 * second, tau_H=100 * ms)
    options = {"network": TINY, "seed": 2}
    late, soon = (
        simulate_late_sensor(rule, lag, 2 * second, **options)
        for lag in (3600 * second, 1 * ms)
    )
    assert late.sizes["time"] == 20
    assert late.time[0].item() == pytest.approx(0.05)
    assert late.rate_E[10:].mean() > 2 * soon.rate_E[10:].mean()


@pytest.mark.parametrize(
    ("simulate", "arguments", "name", "value", "allowed"),
    [
        (simulate_weight_changes, (RULE, 0), "step", 0, "> 0 without a unit"),
        (simulate_weight_changes, (RULE, 1 * nS), "step", 1 * nS, "without a unit"),
        (simulate_weight_changes, ("paper", 0.1), "rule", "paper", "a Parameters"),
        (simulate_weight_steps, (RULE, -1), "step", -1, "> 0 without a unit"),
        (simulate_weight_steps, ("paper", 0.1), "rule", "paper", "a Parameters"),
        (
            simulate_late_sensor,
            (RULE, 0 * second, 1 * second),
            "lag",
            0 * second,
            "> 0 in s",
        ),
        (
            simulate_late_sensor,
            (RULE, 1 * second, 150 * ms),
            "duration",
            150 * ms,
            "a multiple of record_dt",
        ),
        (late_sensor, ("paper", 1 * second), "rule", "paper", "a Parameters"),
    ],
)
def test_bad_arguments_are_refused(simulate, arguments, name, value, allowed, refused):
    with refused(name, value, allowed):
        simulate(*arguments)


@pytest.mark.parametrize(
    ("changes", "name", "value", "allowed"),
    [
        ({"half_period": 15 * ms}, "half_period", 15 * ms, "a multiple of bin_width"),
        ({"bin_width": 0.15 * ms}, "bin_width", 0.15 * ms, "multiples of the time"),
        ({"repetitions": 0}, "repetitions", 0, "a whole number >= 1"),
        ({"step": 0.6}, "step", 0.6, "at most 0.5"),
        ({"target": "fortran"}, "target", "fortran", "'numpy'"),
        ({"seed": -1}, "seed", -1, "a whole number >= 0"),
    ],
)
def test_bad_weight_steps_are_refused(changes, name, value, allowed, refused):
    with refused(name, value, allowed):
        simulate_weight_steps(RULE, **{"step": 0.1, "network": TINY, **changes})


def test_synapses_in_siemens_are_refused(refused):
    eta = BRIAN_EXAMPLE.synapse.eta
    with refused("rule", eta, "units of the leak conductance"):
        simulate_weight_steps(BRIAN_EXAMPLE, 0.1, network=TINY)


# --- Measured with many seeds ---------------------------------------------


@pytest.fixture
def table(data):
    """Return a function that reads a table of the chapter."""
    return lambda name: pd.read_csv(data / f"stability_{name}.csv", comment="#")


def gain_per_eta(table, n_E, h=None):
    """Return the predicted gain over the learning rate in s, in Hz."""
    loop = table("loop").query("n_E == @n_E").mean()
    rule = ZENKE_2015.replace(eta=1 * second)
    return theory.loop_gain(
        rule, loop.rate_I_hz * Hz, loop.kappa_hz * Hz, loop.h if h is None else h
    )


def test_loop_of_an_independent_network(table):
    """One network of another script, whose weights balance at a lower one.

    There the I cells fire more. Its h lies within one standard deviation of ours.
    """
    loops = table("loop").query("n_E == 1000")
    assert sorted(loops.seed) == [1, 2, 3, 4, 5]
    mean, spread = loops.mean(), loops.std()
    assert mean.w == pytest.approx(0.368, rel=0.07)
    assert mean.kappa_hz == pytest.approx(17.2, rel=0.08)
    assert mean.rate_I_hz == pytest.approx(26.8, rel=0.03)
    assert abs(mean.h - 1.83) < spread.h


@pytest.mark.parametrize(
    ("eta", "tau_H", "reference"),
    [
        (1e-3, 10, 20.55),
        (1e-2, 10, 6.381),
        (3e-3, 10, None),
        (3e-3, 3, None),
        (1e-2, 3, None),
    ],
)
def test_period_is_predicted_with_the_measured_h_only(table, eta, tau_H, reference):
    """Within 5 %; with h = 1 off by more than 20 %. The reference is one network."""
    rings = table("rings").query("eta_s == @eta and tau_H_s == @tau_H")
    assert sorted(rings.seed) == [1, 2, 3, 4, 5]
    fitted, time = rings.period_s.mean(), tau_H * second
    period = theory.ringing_period(gain_per_eta(table, 1000) * eta, time)
    assert fitted == pytest.approx(float(period), rel=0.05)
    alike = theory.ringing_period(gain_per_eta(table, 1000, h=1) * eta, time)
    assert float(alike) > 1.2 * fitted
    if reference:
        assert abs(fitted - reference) < 2 * rings.period_s.std()


def test_late_sensor_rings_for_ever_at_the_bound_with_the_lead(table):
    """Where the growth of five networks, interpolated, passes zero."""
    late, lead = table("late"), table("loop").query("n_E == 400").lead_s.mean()
    bound = theory.largest_stable_gain(2 * second, 1 * second, lead * second)
    etas = [np.interp(0, -one.decay_hz, one.eta_s) for _, one in late.groupby("seed")]
    crossing = np.mean(etas) * gain_per_eta(table, 400)
    assert len(etas) == 5
    assert float(crossing) == pytest.approx(float(bound), rel=0.07)


def test_network_alone_settles_far_beyond_the_bound(table):
    """At the largest learning rate K is several times 1/tau_H + 1/(100 ms)."""
    strong = table("strong").query("eta_s == eta_s.max()")
    bound = theory.largest_stable_gain(10 * second, 100 * ms)
    assert gain_per_eta(table, 1000) * strong.eta_s.iloc[0] > 5 * bound
    np.testing.assert_allclose(strong.late_rate_hz, 4, rtol=0.01)
    assert (strong.late_sd_hz < 0.5).all()
