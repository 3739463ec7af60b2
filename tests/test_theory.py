"""The closed forms against sums and integrals that do not know them.

How they compare with simulations is in test_global_factor.py, test_synapse.py
and test_protocol.py.
"""

import numpy as np
import pytest
from brian2 import Hz, get_dimensions, ms, nS, second

from homeo import BRIAN_EXAMPLE, ZENKE_2015
from homeo.theory import (
    H_course,
    H_mean,
    H_variance,
    clock_driven_gain,
    pair_weight_change,
    weight_change,
)

pytestmark = pytest.mark.usefixtures("silent")

FACTOR = BRIAN_EXAMPLE.replace(H_0=3 * Hz, N=50).global_factor


def test_moments_are_campbells_integrals():
    """Mean N r int k, variance N r int k^2 for k = exp(-s/tau_H)/(N tau_H).

    By the midpoint rule in 1e5 steps, whose error is below 1e-9.
    """
    t, r, N, tau = 0.13, 20, 50, 0.1
    s = (np.arange(100_000) + 0.5) * t / 100_000
    kernel = np.exp(-s / tau) / (N * tau)
    mean = N * r * kernel.sum() * t / 100_000 + 3 * np.exp(-t / tau)
    variance = N * r * (kernel**2).sum() * t / 100_000
    assert float(H_mean(t * second, r * Hz, FACTOR)) == pytest.approx(mean, rel=1e-8)
    found = H_variance(t * second, r * Hz, FACTOR)
    assert float(found) == pytest.approx(variance, rel=1e-8)
    assert get_dimensions(found) is get_dimensions(Hz**2)


def test_moments_at_the_start_and_in_the_end():
    """H(0) without spread; then the rate, with variance r/(2 N tau_H)."""
    assert H_mean(0 * second, 20 * Hz, FACTOR) == 3 * Hz
    assert H_variance(0 * second, 20 * Hz, FACTOR) == 0 * Hz**2
    forever = np.inf * second
    assert H_mean(forever, 20 * Hz, FACTOR) == 20 * Hz
    assert float(H_variance(forever, 20 * Hz, FACTOR)) == pytest.approx(20 / 10)
    assert H_mean([0, 1] * second, 20 * Hz, FACTOR).shape == (2,)


def test_course_does_not_depend_on_how_it_is_cut():
    """Two intervals of 50 ms at one rate are one of 100 ms."""
    long = H_course([20, 5, 0] * Hz, 100 * ms, FACTOR)
    short = H_course([20, 20, 5, 5, 0, 0] * Hz, 50 * ms, FACTOR)
    for one, other in zip(long, short, strict=True):
        np.testing.assert_allclose(one, other[::2], rtol=1e-12)
    assert float(long[0][1]) == pytest.approx(20 - 17 * np.exp(-1))


@pytest.mark.parametrize("steps", [0.5, 20, 1000])
def test_clock_driven_gain_is_a_geometric_sum(steps):
    """Steps of weight dt/tau, each forgotten by exp(-dt/tau) in every later step."""
    dt = 100 * ms / steps
    weights = np.exp(-np.arange(50 * steps) / steps) / steps
    assert clock_driven_gain(dt, 100 * ms) == pytest.approx(weights.sum(), rel=1e-12)
    assert clock_driven_gain(0 * ms, 100 * ms) == 1


@pytest.mark.parametrize("parameters", [ZENKE_2015, BRIAN_EXAMPLE])
def test_one_pair_is_a_train_of_one(parameters):
    """In the unit of the weight, and the same for either rule."""
    lag = np.array([-30, 0, 7]) * ms
    pairs = pair_weight_change(lag, 4 * Hz, parameters.synapse)
    for k in range(3):
        trains = weight_change(
            [50] * ms, [50 + lag[k] / ms] * ms, 4 * Hz, parameters.synapse
        )
        assert float(trains) == pytest.approx(float(pairs[k]), rel=1e-12)
    unit = parameters.synapse.weight_unit
    assert get_dimensions(pairs) is get_dimensions(unit)
    if parameters is BRIAN_EXAMPLE:
        assert pairs[1] / nS == pytest.approx(8)  # 2 eta G


def test_long_train_of_pairs():
    """A long train: n [1 + (e^{-D/tau} + e^{-(T - D)/tau}) / (1 - e^{-T/tau})] eta G.

    60 pairs at 40 Hz, lag 5 ms: the ends of the train make 0.8 % of it.
    """
    n, T, lag, tau = 60, 25, 5, 20
    pre = np.arange(n) * T * ms
    found = weight_change(pre, pre + lag * ms, 4 * Hz, ZENKE_2015.synapse)
    both = np.exp(-lag / tau) + np.exp(-(T - lag) / tau)
    endless = 5e-6 * 4 * n * (1 + both / (1 - np.exp(-T / tau)))
    assert float(found) == pytest.approx(endless, rel=0.01)
    assert float(found) < endless
