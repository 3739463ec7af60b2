"""The global factor against the closed forms of shot noise.

Statistical tolerances are 4 standard errors at a fixed seed: a correct model
fails one such comparison in 16 000.
"""

import numpy as np
import pytest
from brian2 import (
    Hz,
    PoissonGroup,
    SpikeGeneratorGroup,
    TimedArray,
    ms,
    second,
)
from brian2.core.variables import ArrayVariable

from homeo import BRIAN_EXAMPLE, ZENKE_2015, simulate_global_factor
from homeo.global_factor import (
    clamped_global_factor,
    global_factor_group,
    hear_population,
    listen,
    listen_pooled,
    poisson_population,
)
from homeo.runs.simulation import simulation
from homeo.theory import H_course, H_mean, H_variance, clock_driven_gain

pytestmark = pytest.mark.usefixtures("silent")

STANDARD_ERRORS = 4
TAU = 0.1  # s, the example's time constant


def assert_mean(samples, expected):
    """Compare a mean of independent samples with its expectation."""
    error = samples.std(ddof=1) / np.sqrt(samples.size)
    assert abs(samples.mean() - expected) < STANDARD_ERRORS * error


def assert_variance(samples, expected):
    """Compare a variance; that of a Gaussian has relative error sqrt(2/(n - 1))."""
    error = expected * np.sqrt(2 / (samples.size - 1))
    assert abs(samples.var(ddof=1) - expected) < STANDARD_ERRORS * error


@pytest.fixture(scope="module")
def stationary():
    """Return 2000 populations of a million neurons, six samples each, 5 tau apart.

    Neighbouring samples correlate by exp(-5) = 0.7 %, their squares by 5e-5, so
    the standard errors of 12 000 independent samples hold.
    """
    parameters = BRIAN_EXAMPLE.replace(N=10**6, H_0=10 * Hz)
    result = simulate_global_factor(
        parameters,
        10 * Hz,
        3.5 * second,
        trials=2000,
        dt=1 * ms,
        record_dt=500 * ms,
        seed=1,
    )
    return parameters, result.H.values[:, 1:]


def test_stationary_mean_has_the_bias_of_the_time_step(stationary):
    """<H> = r x/(1 - exp(-x)), x = dt/tau_H: the filter decays in steps, then jumps.

    With dt = 1 ms and tau_H = 0.1 s the bias is 0.5 %, here 700 standard errors,
    so the test sees a decay after the jump instead of before it.
    """
    _, H = stationary
    assert_mean(H, 10 * clock_driven_gain(1 * ms, TAU * second))


def test_stationary_variance(stationary):
    """Var[H] = r / (2 N tau_H), to 5 % (4 s.e.), and the 1 % that the time step adds.

    Across trials, so it also shows that the trials are independent: one draw
    shared by all of them would give zero.
    """
    parameters, H = stationary
    expected = H_variance(np.inf * second, 10 * Hz, parameters.global_factor)
    assert float(expected) == pytest.approx(10 / (2 * 10**6 * TAU))
    gain = clock_driven_gain(1 * ms, TAU / 2 * second)
    assert_variance(H, float(expected) * gain)
    across = np.array([H[:, k].var(ddof=1) for k in range(H.shape[1])])
    assert (across > 0.8 * float(expected)).all()


def test_step_response():
    """Mean r (1 - exp(-t/tau_H)) and variance (1 - exp(-2t/tau_H)) r/(2 N tau_H).

    From H = 0. The time step biases both by dt/(2 tau_H) = 5e-4 of the mean and
    twice that of the variance, which is below their standard errors.
    """
    parameters = BRIAN_EXAMPLE.replace(N=100)
    result = simulate_global_factor(
        parameters, 20 * Hz, 301 * ms, trials=2000, record_dt=50 * ms, seed=2
    )
    assert (result.H.sel(time=0) == 0).all()
    for t in (50 * ms, 100 * ms, 300 * ms):
        H = result.H.sel(time=float(t / second), method="nearest").values
        mean = H_mean(t, 20 * Hz, parameters.global_factor)
        variance = H_variance(t, 20 * Hz, parameters.global_factor)
        grown = 1 - np.exp(-float(t / second) / TAU)
        assert float(mean) == pytest.approx(20 * grown)
        assert float(variance) == pytest.approx(grown * (2 - grown) * 20 / (200 * TAU))
        assert_mean(H, float(mean) * clock_driven_gain(0.1 * ms, TAU * second))
        assert_variance(H, float(variance))


@pytest.mark.parametrize("population", ["pooled", "full"])
def test_course_over_a_protocol(population):
    """Mean and variance carry over from epoch to epoch; G is H minus the target.

    200 neurons, 500 trials, epochs of 100 ms = tau_H, so that each epoch starts
    far from where the last one was heading. Sampled at the start of each epoch.
    """
    parameters = BRIAN_EXAMPLE.replace(N=200, H_0=3 * Hz)
    rates = [20, 0, 5, 10] * Hz
    result = simulate_global_factor(
        parameters,
        TimedArray(rates, dt=100 * ms),
        400 * ms,
        population=population,
        trials=500,
        record_dt=100 * ms,
        dt=0.5 * ms,
        seed=3,
    )
    mean, variance = H_course(rates, 100 * ms, parameters.global_factor)
    gain = clock_driven_gain(0.5 * ms, TAU * second)
    decay = np.exp(-np.arange(4))  # of H(0), which no spike contributed to
    expected = (np.array(mean) - 3 * decay) * gain + 3 * decay
    for k in range(1, 4):
        assert_mean(result.H.values[:, k], expected[k])
        assert_variance(result.H.values[:, k], float(variance[k]))
    np.testing.assert_allclose(result.G, result.H - 5, atol=1e-12)


def test_pooled_and_full_population_agree():
    """The same mean and variance, within 4 standard errors of the difference.

    100 neurons at 10 Hz, 300 trials, four samples 5 tau_H apart: 1200 samples
    each. Standard errors: mean 0.2 %, variance 4 %. The binomial count of the full
    population has a variance smaller by r dt = 1 %.
    """
    parameters = BRIAN_EXAMPLE.replace(N=100, H_0=10 * Hz)
    pooled, full = (
        simulate_global_factor(
            parameters,
            10 * Hz,
            2.5 * second,
            population=population,
            trials=300,
            record_dt=500 * ms,
            dt=1 * ms,
            seed=4,
        ).H.values[:, 1:]
        for population in ("pooled", "full")
    )
    error = np.sqrt((pooled.var(ddof=1) + full.var(ddof=1)) / pooled.size)
    assert abs(pooled.mean() - full.mean()) < STANDARD_ERRORS * error
    assert error < 0.03  # Hz: what this test can see
    ratio_error = np.sqrt(4 / (pooled.size - 1))
    ratio = pooled.var(ddof=1) / full.var(ddof=1)
    assert abs(np.log(ratio)) < STANDARD_ERRORS * ratio_error
    assert ratio_error < 0.06


@pytest.fixture
def network():
    """Return an empty network on the numpy target, which needs no compiler."""
    with simulation(target="numpy", seed=0, dt=0.1 * ms) as empty:
        yield empty


def used(network, *objects):
    """Run objects for no time, since Brian2 warns of those that never ran."""
    network.add(*objects)
    network.run(0 * ms, namespace={})


def elements(population, N):
    """Count the objects of a network and the numbers that they hold."""
    parameters = BRIAN_EXAMPLE.replace(N=N).global_factor
    with simulation(target="numpy", seed=0, dt=0.1 * ms) as network:
        factor = global_factor_group(parameters)
        heard = hear_population(factor, parameters, 5 * Hz, population)
        network.add(factor, *heard)
        network.run(1 * ms, namespace={})
        groups = [factor, *heard]
        numbers = sum(
            np.size(variable.get_value())
            for group in groups
            for variable in group.variables.values()
            if isinstance(variable, ArrayVariable) and variable.owner.name == group.name
        )
        draws = sum(
            len(group)
            for group in groups
            for runner in group.contained_objects
            if "poisson(" in str(getattr(runner, "abstract_code", ""))
        )
        return len(network.sorted_objects), numbers, draws


def test_cost_of_pooling_does_not_grow_with_the_population():
    """One Poisson draw per step and as many numbers for N = 1e6 as for N = 1e3.

    The full population grows, which shows that the count would see it.
    """
    assert elements("pooled", 10**3) == elements("pooled", 10**6)
    assert elements("pooled", 10**3)[2] == 1
    assert elements("pooled", 10**3)[1] >= 5  # H, tau_H, gamma, N, ...
    assert elements("full", 4000)[1] - elements("full", 2000)[1] >= 2000


def test_one_spike_of_one_neuron(network):
    """A jump of 1/(N tau_H), then decay: H(t) = exp(-(t - t_0)/tau_H)/(N tau_H)."""
    parameters = BRIAN_EXAMPLE.replace(N=4).global_factor
    factor = global_factor_group(parameters)
    neurons = SpikeGeneratorGroup(4, [2], [10] * ms)
    network.add(factor, neurons, listen(factor, neurons))
    network.run(10 * ms, namespace={})
    assert factor.H[0] == 0 * Hz
    network.run(20.1 * ms, namespace={})
    expected = np.exp(-0.020 / TAU) / (4 * TAU)
    assert float(factor.H[0] / Hz) == pytest.approx(expected, rel=1e-12)
    assert float(factor.G[0] / Hz) == pytest.approx(expected - 5, rel=1e-12)


def test_listen_averages_each_block_of_neurons_on_its_own(network):
    """Two global factors, six neurons: each hears its three, and divides by three."""
    parameters = BRIAN_EXAMPLE.global_factor
    factor = global_factor_group(parameters, 2)
    neurons = SpikeGeneratorGroup(6, [0, 3, 5], [0, 0, 0] * ms)
    network.add(factor, neurons, listen(factor, neurons))
    network.run(0.1 * ms, namespace={})
    assert list(factor.H / Hz) == pytest.approx([1 / (3 * TAU), 2 / (3 * TAU)])
    assert factor.population_size == 3


def test_listen_refuses_populations_of_unequal_size(network):
    factor = global_factor_group(ZENKE_2015.global_factor, 2)
    neurons = PoissonGroup(5, 1 * Hz, namespace={})
    with pytest.raises(ValueError, match="population: got '5 neurons'; allowed: .* 2"):
        listen(factor, neurons)
    used(network, factor, neurons)


@pytest.mark.parametrize("first", ["pooled", "full"])
@pytest.mark.parametrize("second", ["pooled", "full"])
def test_a_second_population_is_refused(network, first, second):
    """Two would add up to a sum of rates, where H is a mean."""
    factor = global_factor_group(ZENKE_2015.global_factor)
    neurons = PoissonGroup(5, 1 * Hz, namespace={})
    heard = {
        "pooled": lambda: listen_pooled(factor, 1 * Hz),
        "full": lambda: listen(factor, neurons),
    }
    ears = heard[first]()
    with pytest.raises(ValueError, match="^global_factor: got .* hears no population"):
        heard[second]()
    used(network, factor, neurons, *([ears] if first == "full" else []))


def test_builders_refuse_another_kind_of_record():
    for build in (global_factor_group, lambda p: poisson_population(p, 1 * Hz)):
        with pytest.raises(ValueError, match="^factor: got .* GlobalFactorPar"):
            build(ZENKE_2015)


def test_full_population_has_n_times_N_neurons(network):
    neurons = poisson_population(BRIAN_EXAMPLE.replace(N=7).global_factor, 1 * Hz, 3)
    assert isinstance(neurons, PoissonGroup)
    assert len(neurons) == 21
    used(network, neurons)


def test_clamped_global_factor_holds_its_values(network):
    factor = clamped_global_factor([-4, 0, 8] * Hz)
    used(network, factor)
    assert list(factor.G / Hz) == [-4, 0, 8]


def test_initial_estimate_decays_when_nobody_spikes():
    """H(t) = H(0) exp(-t/tau_H), exactly: the filter is integrated exactly."""
    result = simulate_global_factor(ZENKE_2015, 0 * Hz, 10 * second, dt=1 * ms)
    expected = 4 * np.exp(-result.time.values / 10)
    np.testing.assert_allclose(result.H.values[0], expected, rtol=1e-9)


GOOD = {"parameters": ZENKE_2015, "rate": 5 * Hz, "duration": 10 * ms}


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("parameters", None, "Parameters"),
        ("parameters", "ZENKE_2015", "Parameters"),
        ("parameters", ZENKE_2015.global_factor, "Parameters"),
        ("rate", -1 * Hz, ">= 0 in Hz"),
        ("rate", np.nan * Hz, "finite"),
        ("rate", [1, 2] * Hz, "one finite value"),
        ("rate", 5, "in Hz"),
        ("rate", None, "in Hz"),
        ("rate", True, "in Hz"),
        ("duration", 0 * ms, "> 0 in s"),
        ("duration", -1 * ms, "> 0 in s"),
        ("duration", 5 * Hz, "> 0 in s"),
        ("duration", 0.15 * ms, "multiples of the time step"),
        ("duration", np.inf * second, "finite"),
        ("record_dt", 0 * ms, "> 0 in s"),
        ("record_dt", 0.05 * ms, "multiples of the time step"),
        ("record_dt", 1e-15 * second, "multiples of the time step"),
        ("record_dt", "1 ms", "> 0 in s"),
        ("dt", 0 * ms, "> 0 in s"),
        ("dt", -0.1 * ms, "> 0 in s"),
        ("dt", None, "> 0 in s"),
        ("population", "half", "'pooled', 'full'"),
        ("population", None, "'pooled', 'full'"),
        ("trials", 0, "a whole number >= 1"),
        ("trials", 1.5, "a whole number >= 1"),
        ("trials", "3", "a whole number >= 1"),
        ("trials", True, "a whole number >= 1"),
        ("seed", -1, "a whole number >= 0"),
        ("seed", 1.0, "a whole number >= 0"),
        ("seed", True, "a whole number >= 0"),
        ("seed", "1", "a whole number >= 0"),
        ("seed", 2**31, "0 to 2147483647"),
        ("target", "cuda", "'numpy', 'cython', 'cpp_standalone'"),
        ("target", None, "'numpy', 'cython', 'cpp_standalone'"),
    ],
)
def test_simulation_refuses(name, value, allowed, refused):
    with refused(name, value, allowed):
        simulate_global_factor(**{**GOOD, name: value})


@pytest.mark.parametrize(
    ("values", "dt", "name"),
    [
        ([1, -2] * Hz, 1 * ms, "rate.values"),
        ([1, np.nan] * Hz, 1 * ms, "rate.values"),
        ([1, 2] * second, 1 * ms, "rate.values"),
        ([[1, 2], [3, 4]] * Hz, 1 * ms, "rate.values"),
        ([1, 2] * Hz, 0.15 * ms, "rate.dt"),
    ],
)
@pytest.mark.usefixtures("nothing_runs")
def test_simulation_refuses_a_rate_in_time(values, dt, name):
    with pytest.raises(ValueError, match=f"(?s)^{name}: got .*; allowed: "):
        simulate_global_factor(ZENKE_2015, TimedArray(values, dt=dt), 10 * ms)


# --- What cannot be represented is refused, with the number it would take ---


@pytest.mark.parametrize("population", ["pooled", "full"])
@pytest.mark.parametrize("rate", [2000 * Hz, TimedArray([5, 2000] * Hz, dt=10 * ms)])
def test_more_than_one_spike_in_a_step_is_refused(population, rate, nothing_runs):
    """A Poisson neuron spikes once in a step at most: H would read 1005 Hz."""
    with pytest.raises(ValueError, match=r"rate: .*it would take 2 per step"):
        simulate_global_factor(
            BRIAN_EXAMPLE, rate, 20 * ms, population=population, dt=1 * ms, seed=1
        )


def test_counts_beyond_32_bits_are_refused(nothing_runs):
    """C++ draws Poisson numbers of 32 bits: 10^10 of them ended at H = -13.5 Hz."""
    crowd = BRIAN_EXAMPLE.replace(N=10**12)
    with pytest.raises(ValueError, match=r"N: got 'a count of 1e\+10'"):
        simulate_global_factor(crowd, 100 * Hz, 100 * ms, seed=1)


def test_sizes_beyond_memory_are_refused(nothing_runs):
    with pytest.raises(ValueError, match="N: got 'a size of 100 GB'"):
        simulate_global_factor(
            BRIAN_EXAMPLE.replace(N=10**6),
            5 * Hz,
            1 * ms,
            population="full",
            trials=1000,
        )
    with pytest.raises(ValueError, match=r"record_dt: got 'a size of"):
        simulate_global_factor(
            BRIAN_EXAMPLE, 5 * Hz, 1e5 * second, record_dt=0.1 * ms, trials=1000
        )


@pytest.mark.parametrize("dt", [1e-21 * second, 1e-13 * second])
def test_steps_that_cannot_be_counted_are_refused(dt, nothing_runs):
    """A run of 10 ms would have 10^19 or 10^11 steps; it came back empty."""
    with pytest.raises(ValueError, match=r"(dt|duration|record_dt): got"):
        simulate_global_factor(BRIAN_EXAMPLE, 5 * Hz, 10 * ms, dt=dt, record_dt=dt)


def test_a_step_beyond_the_time_constant_is_refused(nothing_runs):
    with pytest.raises(ValueError, match=r"dt: .*the model has tau_H"):
        simulate_global_factor(
            BRIAN_EXAMPLE, 5 * Hz, 1 * second, dt=200 * ms, record_dt=200 * ms
        )
