"""Where simulations run: three targets, one answer, and nothing left behind."""

import itertools

import brian2
import numpy as np
import pytest
from brian2 import Hz, NeuronGroup, ms, second
from brian2.devices.device import RuntimeDevice, get_device, reset_device, set_device

from homeo import (
    BRIAN_EXAMPLE,
    BRIAN_EXAMPLE_PROTOCOL,
    ZENKE_2015,
    simulate_global_factor,
    simulate_pairing,
    weight_changes,
)
from homeo.global_factor import clamped_global_factor
from homeo.protocol import forced_neurons
from homeo.rules import GLOBAL_RULES
from homeo.runs import simulation as simulation_module
from homeo.runs.simulation import (
    TARGETS,
    check_seed,
    check_target,
    fastest_target,
    print_progress,
    run,
    simulation,
)
from homeo.synapse import plastic_synapses

pytestmark = pytest.mark.usefixtures("silent")

#: Two epochs of 20 ms with a pairing in each.
SHORT = BRIAN_EXAMPLE_PROTOCOL.replace(
    rates=[0, 10] * Hz, epoch=20 * ms, pairing_time=10 * ms
)


def forced_weights(target):
    """Force irregular trains on ten synapses of each rule, in one network.

    Neurons 0 to 9 are presynaptic, 10 to 19 postsynaptic. They differ in their
    number of spikes: at constant G equal numbers give equal weights under both
    rules.
    """
    random = np.random.default_rng(10)
    trains = [
        np.sort(random.choice(1000, n, replace=False)) * 0.1 * ms
        for n in [15] * 10 + [9] * 10
    ]
    parameters = ZENKE_2015.replace(eta=5e-3 * second, w_0=1, w_max=None)
    local = {"rule": "vogels_2011", "eta": 5e-3, "rho_0": 30 * Hz}
    changes = [{"rule": name} for name in GLOBAL_RULES] + [local]
    with simulation(target=target, seed=1, dt=0.1 * ms) as network:
        neurons = forced_neurons(trains)
        factor = clamped_global_factor(np.resize(np.linspace(-9, 9, 10), 20) * Hz)
        synapses = [
            plastic_synapses(
                neurons,
                neurons,
                parameters.replace(**change).synapse,
                None if change is local else factor,
                connect={"i": np.arange(10), "j": np.arange(10, 20)},
                G_index=None if change is local else "i",
            )
            for change in changes
        ]
        network.add(neurons, factor, *synapses)
        run(network, 100 * ms)
        return np.array([np.array(group.w[:]) for group in synapses])


@pytest.fixture(scope="module")
def numpy_weights():
    return forced_weights("numpy")


@pytest.mark.parametrize("target", [name for name in TARGETS if name != "numpy"])
def test_targets_agree(target, numpy_weights):
    """The same weights to 1e-12 for forced spikes and G: only rounding may differ.

    All three rules, some weights on the lower bound, no upper one, 240 spikes.
    """
    weights = forced_weights(target)
    assert np.ptp(numpy_weights) > 1
    assert numpy_weights.min() == 0
    for one, other in itertools.combinations(numpy_weights, 2):
        assert np.abs(one - other).max() > 1e-3
    np.testing.assert_allclose(weights, numpy_weights, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("target", ["numpy", "cpp_standalone"])
def test_pairing_runs_in_silence(target):
    """The example's third defect: it does not run in C++ standalone mode, and logs.

    Each target has its own random numbers, so each is held against the closed
    form for its own G: eta G(t_post) (1 + e^{-lag/tau}), with G up to one step
    away, 0.1 Hz of decay and jumps. The traces have decayed between pairings.
    """
    result = simulate_pairing(
        BRIAN_EXAMPLE.replace(tau_stdp=1 * ms),
        SHORT,
        trials=5,
        record_dt=0.1 * ms,
        seed=11,
        target=target,
    )
    changes = weight_changes(result, 5 * ms)
    expected = changes.G_post * 1e-9 * (1 + np.exp(-1))
    np.testing.assert_allclose(changes.delta_w, expected, atol=2e-10)
    assert result.attrs["target"] == target
    assert (result.H[:, 0] == 0).all()
    assert len(np.unique(result.H[:, -1])) == 5  # trials are independent


def test_global_factor_runs_in_silence():
    for population in ("pooled", "full"):
        result = simulate_global_factor(
            BRIAN_EXAMPLE, 10 * Hz, 20 * ms, population=population
        )
        assert (result.H[0, -1] > 0).all()


# --- Nothing is left behind -----------------------------------------------


def state():
    """Return all that a run could leave behind: device, target, step, random state."""
    kind, keys, *rest = np.random.get_state()  # noqa: NPY002 - the state Brian2 uses
    return (
        type(get_device()),
        brian2.prefs.codegen.target,
        float(brian2.defaultclock.dt),
        (kind, keys.tobytes(), *rest),
        str(brian2.prefs.as_file),
    )


@pytest.fixture
def unusual_state():
    """Give Brian2 settings that are not its defaults; put the defaults back."""
    saved = brian2.defaultclock.dt, brian2.prefs.codegen.target
    brian2.defaultclock.dt = 0.05 * ms
    brian2.prefs.codegen.target = "cython"
    np.random.seed(12)  # noqa: NPY002
    yield
    brian2.defaultclock.dt, brian2.prefs.codegen.target = saved


@pytest.mark.usefixtures("unusual_state")
def test_state_is_restored_after_a_run():
    before = state()
    simulate_global_factor(ZENKE_2015, 5 * Hz, 1 * ms, dt=0.2 * ms, record_dt=0.2 * ms)
    assert state() == before
    simulate_pairing(BRIAN_EXAMPLE, SHORT)
    assert state() == before


def fail_midway(target):
    with simulation(target=target, seed=1, dt=0.2 * ms) as network:
        assert network.objects == set()
        assert float(brian2.defaultclock.dt) == 2e-4
        assert isinstance(get_device(), RuntimeDevice) == (target != "cpp_standalone")
        assert target in (brian2.prefs.codegen.target, "cpp_standalone")
        raise ZeroDivisionError


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.usefixtures("unusual_state")
def test_state_is_restored_after_a_run_that_raises(target):
    before = state()
    with pytest.raises(ZeroDivisionError):
        fail_midway(target)
    assert state() == before


@pytest.mark.usefixtures("unusual_state")
def test_state_is_restored_if_the_setup_raises():
    before = state()
    for options in ({"seed": -1}, {"dt": 0 * ms}, {"target": "cuda"}):
        good = {"target": "numpy", "seed": 1, "dt": 0.1 * ms}
        with (
            pytest.raises(ValueError, match=f"^{next(iter(options))}: got "),
            simulation(**{**good, **options}),
        ):
            pytest.fail("the block ran")
        assert state() == before


def test_earlier_random_numbers_change_nothing():
    """A run depends on its seed only, not on what was drawn before."""

    def last():
        return simulate_global_factor(BRIAN_EXAMPLE, 9 * Hz, 5 * ms, seed=13).H[0, -1]

    first = last()
    np.random.seed(14)  # noqa: NPY002
    assert last() == first


def test_callers_standalone_session_is_left_alone(tmp_path):
    """There is one standalone device: a run on it would wipe what the caller built."""
    set_device("cpp_standalone", directory=str(tmp_path), build_on_run=False)
    try:
        mine = NeuronGroup(1, "x : 1", namespace={})
        mine.x = 3
        built = list(get_device().main_queue)
        with pytest.raises(
            ValueError, match="^target: got 'cpp_standalone'; allowed: "
        ):
            simulate_global_factor(ZENKE_2015, 5 * Hz, 1 * ms, target="cpp_standalone")
        simulate_global_factor(ZENKE_2015, 5 * Hz, 1 * ms)
        assert get_device().main_queue[: len(built)] == built
        brian2.Network(mine).run(0 * ms, namespace={})
    finally:
        get_device().reinit()
        reset_device("runtime")


# --- Targets and seeds ----------------------------------------------------


def test_target_without_a_compiler_is_refused(monkeypatch):
    monkeypatch.setattr(simulation_module.sys, "platform", "linux")
    monkeypatch.setattr(simulation_module.shutil, "which", lambda _name: None)
    assert check_target("numpy") == "numpy"
    for target in ("cython", "cpp_standalone"):
        with pytest.raises(ValueError, match=f"^target: got '{target}'.*no C\\+\\+"):
            check_target(target)


def test_seed_is_drawn_within_range():
    seeds = {check_seed(None) for _ in range(100)}
    assert len(seeds) == 100  # a repeat would have probability 2e-6
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert check_seed(np.int64(5)) == 5
    assert type(check_seed(np.int64(5))) is int
    assert check_seed(2**31 - 1) == 2**31 - 1


def test_fastest_target_is_one_that_can_be_used(monkeypatch):
    """Compiled where there is a compiler; no error where there is none."""
    assert fastest_target() == "cpp_standalone"
    monkeypatch.setattr("homeo.runs.simulation._compiler", lambda: None)
    monkeypatch.setattr("sys.platform", "linux")
    assert fastest_target() == "numpy"


def test_fastest_target_leaves_the_device_of_the_caller_alone():
    set_device("cpp_standalone", build_on_run=False)
    try:
        assert fastest_target() == "numpy"
    finally:
        get_device().reinit()
        reset_device()


# --- Progress -------------------------------------------------------------


def test_progress_is_one_line_that_ends_with_the_run(capfd):
    """Nothing for who has not waited for more than 3 s."""
    for completed, elapsed in ((0, 0), (0.2, 2), (1, 3)):
        print_progress(completed, elapsed)
    assert capfd.readouterr().out == ""
    for completed, elapsed in ((0.004, 3.1), (0.5, 20), (1, 41.6)):
        print_progress(completed, elapsed)
    line = "\r  0% after 3 s\r 50% after 20 s\r100% after 42 s\n"
    assert capfd.readouterr().out == line
