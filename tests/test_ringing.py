"""How a closed loop rings: fits, and the mean field with noise that predicts them."""

import numpy as np
import pytest
import xarray as xr
from brian2 import Hz, ms, mV, second
from scipy.integrate import solve_ivp

from homeo import ZENKE_2015, theory
from homeo.ringing import (
    MeanField,
    Ringing,
    count_swings,
    fit_gain,
    fit_ringing,
    fit_ringings,
    simulate_mean_field,
)
from homeo.runs.results import rule_of
from homeo.stability import fano_factor

pytestmark = pytest.mark.usefixtures("silent")

#: About the network of chapter 6.
LOOP = MeanField(
    n_E=1000,
    rate_I=26 * Hz,
    rate_I_exponent=0.43,
    kappa=16 * Hz,
    heterogeneity=1.85,
    lead=54 * ms,
    fano_factor=0.2,
)
QUIET = LOOP.replace(fano_factor=0.0)
RULE = ZENKE_2015.replace(eta=1e-2 * second)
GAIN = theory.loop_gain(RULE, LOOP.rate_I, LOOP.kappa, LOOP.heterogeneity)


# --- Fits -----------------------------------------------------------------


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


# --- Grids of courses -----------------------------------------------------


def test_every_course_of_a_grid_is_fitted():
    t = np.arange(0, 30, 0.1)
    made = [Ringing(6 * second, d * second, 4.0, 0.7, -0.3) for d in (8.0, -30.0)]
    rate = xr.DataArray(
        [one.at(t) for one in made],
        dims=("network", "time"),
        coords={"time": t, "network": ["calm", "wild"]},
        attrs={"units": "Hz"},
    )
    found = fit_ringings(rate, 8 * second, 20 * second)
    np.testing.assert_allclose(found.period, 6, rtol=1e-6)
    np.testing.assert_allclose(found.damping_time, [8, -30], rtol=1e-5)
    np.testing.assert_allclose(found.decay, [1 / 8, -1 / 30], rtol=1e-5)
    np.testing.assert_allclose(found["mean"], 4, rtol=1e-6)
    assert found.sel(network="wild").damping_time.attrs["units"] == "s"
    assert found["mean"].attrs["units"] == "Hz"


def test_swings_are_changes_of_side():
    """A cosine of 5 periods changes side ten times, also if it hides in between."""
    t = np.linspace(0, 5, 501)
    courses = [4 + np.cos(2 * np.pi * t), 4 + np.exp(-t)]
    rate = xr.DataArray(courses, dims=("kind", "time"), coords={"time": t})
    for threshold in (0, 0.5, 0.9):
        swings = count_swings(rate, 4 * Hz, threshold * Hz)
        np.testing.assert_array_equal(swings, [10, 0])
    damped = rate[:1] * 0 + 4 + np.cos(2 * np.pi * t) * np.exp(-t)
    # Extremes of e^0, e^-1/2, e^-1 ...: below 0.3 from e^-3/2 on.
    np.testing.assert_array_equal(count_swings(damped, 4 * Hz, 0.3 * Hz), [2])


@pytest.mark.parametrize(
    ("arguments", "name", "value", "allowed"),
    [
        ((4, 1 * Hz), "target_rate", 4, ">= 0 in Hz"),
        ((4 * Hz, -1 * Hz), "threshold", -1 * Hz, ">= 0 in Hz"),
    ],
)
def test_swings_refuse(arguments, name, value, allowed, refused):
    rate = xr.DataArray(np.ones(9), dims="time")
    with refused(name, value, allowed):
        count_swings(rate, *arguments)


# --- The mean field -------------------------------------------------------


def test_small_deviations_without_noise_are_the_linear_loop():
    """An offset of 1e-4 is a deviation of 1.6 mHz; time steps of 10 ms add 1 %.

    An Euler step makes the loop less damped, by K dt / 2 over 1/2: so the course is
    compared with steps of 1 ms, where 0.5 % is left of the largest deviation.
    """
    options = {"offset": 1e-4, "trials": 1, "dt": 1 * ms, "record_dt": 10 * ms}
    result = simulate_mean_field(RULE, QUIET, 20 * second, **options)
    start = 1e-4 * float(LOOP.kappa)
    tau_H = RULE.global_factor.tau_H
    t = result.time.values * second
    expected = theory.loop_course(t, GAIN, tau_H, start * Hz, LOOP.lead)[0]
    deviation = result.rate_E[0] - 4
    np.testing.assert_allclose(deviation, expected / Hz, atol=0.005 * start)


def test_large_deviations_bend_as_the_equations_say():
    """Against SciPy's solver, from 1.7 times the target, without a lead."""
    bent = QUIET.replace(lead=0 * second)
    options = {"offset": 0.13, "trials": 1, "dt": 1 * ms}
    result = simulate_mean_field(RULE, bent, 20 * second, **options)

    def flow(_, state):
        w, G = state
        r = 4 * np.exp(-1.85 * 16 * w / 4)
        drift = 1e-2 * G * 26 * (r / 4) ** 0.43 * (1 + 0.04 * r)
        return drift, (r - 4 - G) / 10

    t = result.time.values
    start, steps = [-0.13 / 1.85, 0], {"t_eval": t, "rtol": 1e-9, "atol": 1e-12}
    w, _ = solve_ivp(flow, (0, 20), start, **steps).y
    expected = 4 * np.exp(-1.85 * 16 * w / 4)
    np.testing.assert_allclose(result.rate_E[0], expected, atol=0.03)
    assert expected[0] > 6.5


def test_noise_of_the_mean_field_is_that_of_its_fano_factor():
    """Where nothing learns; 100 trials of 40 s, whose variance is known to 2.2 %."""
    still = RULE.replace(eta=1e-12 * second)
    result = simulate_mean_field(still, LOOP, 40 * second, trials=100, seed=1)
    found = fano_factor(result.rate_E, LOOP.n_E).mean()
    error = 0.2 * np.sqrt(2 / 39 / 100)
    assert float(found) == pytest.approx(0.2, abs=3 * error)
    assert float(result.rate_E.mean()) == pytest.approx(4, abs=0.002)


def test_noise_lengthens_the_fitted_damping_time_and_not_the_period():
    """A fit cannot tell old swings from those that noise excites anew.

    At the noise of Poisson neurons, 60 trials of five times tau_H: the damping time
    is found longer by a quarter, several standard errors. The period is not biased.
    """
    rule, options = RULE.replace(tau_H=3 * second), {"offset": 0.05, "seed": 3}
    loud = LOOP.replace(fano_factor=1.0)
    quiet, noisy = (
        fit_ringings(
            simulate_mean_field(rule, one, 15 * second, trials=n, **options).rate_E,
            3.6 * second,
            6 * second,
        )
        for one, n in ((QUIET, 1), (loud, 60))
    )
    error = noisy.std(ddof=1) / np.sqrt(60)
    off = (noisy.mean() - quiet.isel(trial=0)) / error
    assert off.damping_time > 2
    assert abs(off.period) < 2
    assert noisy.damping_time.mean() > 1.15 * quiet.damping_time.item()


def test_mean_field_tells_where_it_comes_from():
    options = {"trials": 2, "seed": 5, "offset": 0.05}
    one, again, other = (
        simulate_mean_field(RULE, LOOP, 2 * second, **{**options, **changes})
        for changes in ({}, {}, {"seed": 6})
    )
    assert one.identical(again)
    assert not np.allclose(one.rate_E, other.rate_E)
    assert not np.allclose(one.rate_E[0], one.rate_E[1])
    assert one.rate_E.attrs["units"] == "Hz"
    assert rule_of(one) == RULE
    assert MeanField.from_json(one.mean_field.item()) == LOOP
    assert (one.seed, one.offset, one.time[0]) == (5, 0.05, 0.05)


def test_mean_field_beyond_all_bounds_is_an_error():
    """With a lag of a second and no other, the rate answers to its own drift."""
    late = QUIET.replace(lead=-1 * second)
    with pytest.raises(RuntimeError, match="beyond all bounds: dt = 10"):
        simulate_mean_field(RULE, late, 30 * second, offset=0.05, trials=1)


@pytest.mark.parametrize(
    ("changes", "name", "value", "allowed"),
    [
        ({"n_E": 0}, "n_E", 0, "a whole number >= 1"),
        ({"rate_I": 0 * Hz}, "rate_I", 0 * Hz, "> 0 in Hz"),
        ({"rate_I_exponent": 1 * Hz}, "rate_I_exponent", 1 * Hz, "without a unit"),
        ({"kappa": -1 * Hz}, "kappa", -1 * Hz, "> 0 in Hz"),
        ({"heterogeneity": 0}, "heterogeneity", 0, "> 0 without a unit"),
        ({"lead": 1}, "lead", 1, "in s"),
        ({"fano_factor": -1}, "fano_factor", -1, ">= 0 without a unit"),
    ],
)
def test_mean_field_parameters_are_refused(changes, name, value, allowed, refused):
    with refused(name, value, allowed):
        LOOP.replace(**changes)


@pytest.mark.parametrize(
    ("changes", "name", "value", "allowed"),
    [
        ({"rule": "paper"}, "rule", "paper", "a Parameters"),
        ({"mean_field": 1}, "mean_field", 1, "a MeanField"),
        ({"offset": np.inf}, "offset", np.inf, "finite"),
        ({"trials": 0}, "trials", 0, "a whole number >= 1"),
        ({"dt": 3 * ms}, "record_dt", 100 * ms, "multiples of the time step"),
        ({"duration": 150 * ms}, "duration", 150 * ms, "a multiple of record_dt"),
        ({"seed": -1}, "seed", -1, "a whole number >= 0"),
    ],
)
def test_mean_field_refuses(changes, name, value, allowed, refused):
    good = {"rule": RULE, "mean_field": LOOP, "duration": 1 * second}
    with refused(name, value, allowed):
        simulate_mean_field(**{**good, **changes})


# --- Inputs that would give a number without a meaning --------------------


@pytest.fixture
def ringing_course():
    """Return times and a damped oscillation of 12 s around 4 Hz."""
    t = np.arange(0, 40, 0.3)
    return t, 4 + np.exp(-t / 20) * np.cos(2 * np.pi * t / 12)


def test_a_fit_does_not_depend_on_when_a_course_begins(ringing_course):
    t, course = ringing_course
    fit = fit_ringing(t + 1000, course, 10 * second, 10 * second)
    np.testing.assert_allclose([fit.period, fit.damping_time], [12, 20], rtol=1e-6)
    np.testing.assert_allclose(fit.at(t + 1000), course, atol=1e-6)


@pytest.mark.parametrize("gain", [1e-4, 1000])
def test_a_search_that_finds_nothing_says_so(gain):
    """So far from the 0.3 Hz of the course that it tells nothing of K."""
    t = np.arange(0, 40, 0.3)
    tau_H, lead = 10 * second, 0.5 * second
    rate = 4 + theory.loop_course(t * second, 0.3 * Hz, tau_H, 1 * Hz, lead)[0] / Hz
    assert float(fit_gain(t, rate, tau_H, 1 * Hz, lead)) == pytest.approx(0.3)
    with pytest.raises(RuntimeError, match="start it elsewhere"):
        fit_gain(t, rate, tau_H, gain * Hz, lead)


@pytest.mark.parametrize(
    ("t", "course", "name"),
    [
        (np.arange(20) * mV, np.arange(20), "t"),
        (np.zeros(20), np.arange(20), "t"),
        (np.arange(20), np.arange(20) * second, "course"),
        (np.arange(20), [*range(19), np.nan], "course"),
        (np.arange(20), np.full(20, 4.0), "course"),  # nothing swings
    ],
)
def test_a_fit_takes_times_and_finite_values(t, course, name):
    with pytest.raises(ValueError, match=f"^{name}: got"):
        fit_ringing(t, course, 10 * second, 10 * second)
