"""Where simulations run: three targets, one answer, and nothing left behind."""

import itertools
import os
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import brian2
import numpy as np
import psutil
import pytest
from brian2 import (
    Hz,
    NetworkOperation,
    NeuronGroup,
    Synapses,
    ms,
    second,
)
from brian2.devices.device import RuntimeDevice, get_device, reset_device, set_device
from brian2.utils.logger import catch_logs

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
from homeo.runs import program as program_module
from homeo.runs import simulation as simulation_module
from homeo.runs.program import program_folder
from homeo.runs.simulation import (
    TARGETS,
    check_seed,
    check_target,
    fastest_target,
    print_progress,
    run,
    simulation,
    sources_identity,
)
from homeo.synapse import plastic_synapses

pytestmark = pytest.mark.usefixtures("silent")


@pytest.fixture(scope="module", autouse=True)
def programs_of_tests(tmp_path_factory):
    """Keep programs apart from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        if "HOMEO_CACHE" not in os.environ:
            patch.setenv("HOMEO_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


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
    """In words that say what to do, for each target that needs one."""
    asked = []

    def none(target, _place):
        asked.append(target)
        return "", "no C++ compiler is found here; install g++"

    monkeypatch.setattr(simulation_module, "compiler", none)
    assert check_target("numpy") == "numpy"
    for target in ("cython", "cpp_standalone"):
        with pytest.raises(
            ValueError, match=f"^target: got '{target}'.*'numpy', because no C\\+\\+"
        ):
            check_target(target)
    assert asked == ["cython", "cpp_standalone"]


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
    none = ("", "no 'make' is found here")
    monkeypatch.setattr(simulation_module, "compiler", lambda *_asked: none)
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


# --- One program for many runs ----------------------------------------------

#: A walk in the unit interval, and synapses that are told how long spikes take.
WALK = """
x    : 1
rate : 1 (shared, constant)
fire : 1 (shared, constant)
"""

#: What is handed to the program. The rest is the same in all runs.
HANDED = ("walkers.x", "walkers.rate", "walkers.fire", "wires.gain", "wires_pre.delay")


def walkers(network, x=0.0, rate=0.0, fire=2.0, gain=1.0, delay=0 * ms):
    """Four cells that walk by random steps and pass on spikes along a line."""
    cells = NeuronGroup(
        4, WALK, threshold="x > fire", reset="", namespace={}, name="walkers"
    )
    cells.run_regularly("x += rate*rand()")
    wires = Synapses(
        cells, cells, "gain : 1", on_pre="x_post += gain", namespace={}, name="wires"
    )
    wires.connect(i=[0, 1, 2], j=[1, 2, 3])
    cells.x, cells.rate, cells.fire = x, rate, fire
    wires.gain, wires.delay = gain, delay
    network.add(cells, wires)
    return cells


def used(network):
    """Run a network for no time: Brian2 complains of objects that never ran."""
    network.run(0 * ms, namespace={})


def walk(
    duration=2 * ms,
    *,
    target="cpp_standalone",
    seed=1,
    report=None,
    handed=HANDED,
    **values,
):
    """Run the walkers and return where they are at the end."""
    with simulation(target=target, seed=seed, dt=0.1 * ms) as network:
        cells = walkers(network, **values)
        ran = run(network, duration, arguments=handed, report=report)
        assert network.t == duration
        return np.array(cells.x[:]), ran


@pytest.fixture
def compiled(monkeypatch):
    """Compile the walkers; fail if anything is compiled after that."""
    walk()

    def refuse(*_args, **_options):
        pytest.fail("a program was compiled")

    monkeypatch.setattr(program_module, "compile_sources", refuse)


VALUES = {
    "zero": {},
    "scalars": {"x": 0.25, "gain": -3.5, "fire": np.inf},
    "arrays": {
        "x": [0.1, 0.2, 1e-300, 3],
        "gain": [0.5, -np.inf, 7],
        "delay": [0.1, 0.5, 1] * ms,
    },
    "one delay": {"x": [3, 0, 0, 0], "gain": 2.5, "delay": 0.7 * ms},
}


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
def test_one_program_takes_any_values(values):
    """Numbers and arrays, infinite, tiny, and delays, which are read at the start.

    Nothing is drawn, so numpy gives the same to the last bit.
    """
    at_the_end, _ = walk(**values)
    np.testing.assert_array_equal(at_the_end, walk(target="numpy", **values)[0])


@pytest.mark.usefixtures("compiled")
def test_seed_and_duration_are_no_part_of_the_program():
    """Steps of mean 1/2 and variance 1/12; 5 standard errors of 4 x 1000 of them."""
    runs = {
        (seed, n): walk(n * 0.1 * ms, seed=seed, rate=1.0, fire=np.inf)[0]
        for seed in (1, 2)
        for n in (1, 1000)
    }
    for (_, n), x in runs.items():
        assert np.ptp(x) > 0
        assert abs(x.mean() - n / 2) < 5 * np.sqrt(n / 12 / 4)
    assert (runs[1, 1] != runs[2, 1]).all()
    again, _ = walk(0.1 * ms, seed=1, rate=1.0, fire=np.inf)
    np.testing.assert_array_equal(again, runs[1, 1])


def test_seed_counts_before_the_run_too():
    """What a string draws while the model is built."""

    def drawn(seed):
        with simulation(target="cpp_standalone", seed=seed, dt=0.1 * ms) as network:
            cells = NeuronGroup(1000, "x : 1", namespace={}, name="drawn")
            cells.x = "rand()"
            network.add(cells)
            run(network, 0.1 * ms)
            return np.array(cells.x[:])

    one, again, other = drawn(1), drawn(1), drawn(2)
    np.testing.assert_array_equal(one, again)
    assert np.mean(one == other) < 0.01
    assert abs(one.mean() - 0.5) < 5 / np.sqrt(12 * 1000)


def test_identity_tells_runs_apart():
    """By what is handed over, by seed, duration and the model; the same for equals.

    It is known without compiling.
    """

    def identity(duration=2 * ms, *, seed=1, handed=HANDED, **values):
        with simulation(target="cpp_standalone", seed=seed, dt=0.1 * ms) as network:
            walkers(network, **values)
            return sources_identity(network, duration, handed)

    runs = [
        {},
        {"seed": 2},
        {"duration": 3 * ms},
        {"x": 0.1},
        {"x": [0.1, 0.1, 0.1, 0.2]},
        {"delay": 1 * ms},
        {"handed": HANDED[1:], "x": 0.2},
        {"handed": HANDED[1:], "x": 0.3},
    ]
    found = [identity(**options) for options in runs]
    assert len(set(found)) == len(runs)
    assert [identity(**options) for options in runs] == found
    assert walk()[1].identity == found[0]
    assert walk(target="numpy")[1].identity is None


def test_values_that_cannot_be_handed_over_are_refused():
    """They would be lost: set in part, drawn by code, or read by code too early."""

    def partly(cells):
        cells.x[1:3] = [1, 2]

    def one(cells):
        cells.x[2] = 1

    def by_code(cells):
        cells.x = "rate*i"

    def read_by_code(cells):
        cells.y = "x*2"

    for change in (partly, one, by_code, read_by_code):
        with simulation(target="cpp_standalone", seed=1, dt=0.1 * ms) as network:
            cells = NeuronGroup(4, f"{WALK}\ny : 1", namespace={}, name="walkers")
            cells.x = 1
            network.add(cells)
            change(cells)
            with pytest.raises(
                ValueError,
                match="^arguments: got 'walkers.x'; allowed: variables.*whole",
            ):
                run(network, 1 * ms, arguments=["walkers.x"])
            used(network)


@pytest.mark.parametrize("target", ["numpy", "cpp_standalone"])
@pytest.mark.parametrize(
    "name", ["walkers.t", "walkers.N", "wires.i", "walkers.y", "x"]
)
def test_argument_that_is_no_variable_is_refused(target, name):
    with simulation(target=target, seed=1, dt=0.1 * ms) as network:
        walkers(network)
        with pytest.raises(ValueError, match=f"^arguments: got '{name}'; allowed: obj"):
            run(network, 1 * ms, arguments=[name])
        used(network)


def test_network_runs_once_as_a_program():
    with simulation(target="cpp_standalone", seed=1, dt=0.1 * ms) as network:
        walkers(network)
        run(network, 1 * ms, arguments=HANDED)
        with pytest.raises(RuntimeError, match="runs once"):
            run(network, 1 * ms, arguments=HANDED)


# --- What a program could not read -------------------------------------------


@pytest.fixture
def preference():
    """Return a function that sets a preference of Brian2; put all back."""
    saved = {}

    def change(name, value):
        saved.setdefault(name, brian2.prefs[name])
        brian2.prefs[name] = value

    yield change
    for name, value in saved.items():
        brian2.prefs[name] = value


def test_single_precision_is_honoured(preference):
    """Values arrive in single precision; the duration is counted as exactly as ever."""
    preference("core.default_float_dtype", np.float32)
    x, gain = [0.1, 0.2, 0.3, 0.7], [0.1, 0.2, 0.3]
    for target in ("numpy", "cpp_standalone"):
        at_the_end, _ = walk(target=target, x=x, gain=gain)
        assert at_the_end.dtype == np.float32
        np.testing.assert_array_equal(at_the_end, np.float32(x))
    steps = 20_000_001  # above 2**24, not a number of single precision
    with simulation(target="cpp_standalone", seed=1, dt=0.1 * ms) as network:
        walkers(network)
        run(network, steps * 0.1 * ms, arguments=HANDED)
        assert round(float(network.t) / 1e-4) == steps
        t = brian2.defaultclock.variables["t"].get_value().item()
        assert round(t / 1e-4) == steps


@pytest.mark.usefixtures("compiled")
def test_argument_that_cannot_be_read_is_an_error(monkeypatch):
    """Brian2's programs complain and go on, with another number."""
    tofile = simulation_module.in_command_line

    def half(name, value, directory):
        argument = tofile(name, value, directory)
        if np.ndim(value):
            file = directory / argument.partition("=")[2]
            file.write_bytes(file.read_bytes()[:-1])
        return argument

    monkeypatch.setattr(simulation_module, "in_command_line", half)
    with pytest.raises(RuntimeError, match="Error reading 'walkers.x.argument'"):
        walk(x=[1, 2, 3, 4])


@pytest.mark.usefixtures("compiled")
def test_results_that_are_not_whole_are_an_error(monkeypatch):
    """A disk that is full cuts them off, and Brian2's programs do not notice."""
    start = simulation_module.run_to_the_end

    def cut(command, *, directory, **options):
        code = start(command, directory=directory, **options)
        (file,) = (directory / "results").glob("_array_walkers_x_*")
        file.write_bytes(file.read_bytes()[:-8])
        return code

    monkeypatch.setattr(simulation_module, "run_to_the_end", cut)
    with pytest.raises(RuntimeError, match="_array_walkers_x_.*not written to its end"):
        walk()


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("main_queue", "to have a list 'main_queue'"),
        ("static_arrays", "to have a dict 'static_arrays'"),
        ("array_cache", "to have a dict 'array_cache'"),
    ],
)
def test_another_brian_is_told(monkeypatch, missing, message):
    """What is private to Brian2 may change; the error names it and what to do."""
    with simulation(target="cpp_standalone", seed=1, dt=0.1 * ms) as network:
        walkers(network)
        saved = getattr(get_device(), missing)
        start = simulation_module.run_to_the_end

        def without(*args, **options):
            code = start(*args, **options)
            setattr(get_device(), missing, None)
            return code

        monkeypatch.setattr(simulation_module, "run_to_the_end", without)
        if missing != "array_cache":
            setattr(get_device(), missing, None)
        with pytest.raises(
            RuntimeError, match=f"^Brian2 {brian2.__version__}: .*{message}.*install"
        ):
            run(network, 1 * ms, arguments=HANDED)
        setattr(get_device(), missing, saved)
        if missing != "array_cache":  # it ran
            used(network)


def test_program_that_starts_elsewhere_is_told(monkeypatch):
    """The duration is taken out of what Brian2 writes; it must be there, once."""
    with simulation(target="cpp_standalone", seed=1, dt=0.1 * ms) as network:
        walkers(network)
        get_device().insert_code("main", "network.run(0.0, NULL, 1.0);")
        with pytest.raises(RuntimeError, match="start in one place, not in 2"):
            run(network, 1 * ms, arguments=HANDED)


# --- Lengths that cannot be counted ------------------------------------------


@pytest.mark.parametrize("target", ["numpy", "cpp_standalone"])
@pytest.mark.parametrize(
    ("dt", "duration"),
    [
        (1e-21 * second, 10 * ms),  # 1e19 steps, more than a computer counts
        (1 * ms, 0.4 * ms),  # none
        (1 * ms, 1e-9 * ms),
        (1e-18 * second, 1 * second),
    ],
)
def test_steps_that_cannot_be_counted_are_refused(target, dt, duration, nothing_runs):
    with (
        simulation(target=target, seed=1, dt=dt) as network,
        pytest.raises(ValueError, match="^duration: got .*from one time step to"),
    ):
        run(network, duration)


@pytest.mark.parametrize("duration", [-1 * ms, np.nan * ms, 1, "1 ms", [1, 2] * ms])
def test_bad_duration_is_refused(duration, nothing_runs):
    with (
        simulation(target="numpy", seed=1, dt=0.1 * ms) as network,
        pytest.raises(ValueError, match="^duration: got "),
    ):
        run(network, duration)


@pytest.mark.parametrize("target", ["numpy", "cpp_standalone"])
def test_network_can_be_prepared_and_not_run(target):
    at_the_end, _ = walk(0 * ms, target=target, x=[1, 2, 3, 4])
    np.testing.assert_array_equal(at_the_end, [1, 2, 3, 4])


# --- Threads -----------------------------------------------------------------


@pytest.mark.usefixtures("unusual_state")
def test_threads_take_turns():
    """Four at a time give what they give one after the other, with their own dt."""

    def one(seed):
        result = simulate_global_factor(
            BRIAN_EXAMPLE,
            5 * Hz,
            20 * ms,
            seed=seed,
            dt=0.1 * (1 + seed % 2) * ms,
            record_dt=2 * ms,
        )
        return result.H.values, float(result.dt), fastest_target()

    before, seeds = state(), range(6)
    alone = [one(seed) for seed in seeds]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(one, seeds))
    for (H, dt, target), (other_H, other_dt, other_target) in zip(
        alone, together, strict=True
    ):
        np.testing.assert_array_equal(H, other_H)
        assert (dt, target) == (other_dt, other_target)
    assert state() == before


@pytest.mark.usefixtures("compiled")
def test_threads_of_programs_take_turns():
    seeds = range(4)
    alone = [walk(seed=seed, rate=0.1, fire=np.inf)[0] for seed in seeds]
    with ThreadPoolExecutor(4) as threads:
        together = threads.map(
            lambda seed: walk(seed=seed, rate=0.1, fire=np.inf)[0], seeds
        )
        for x, other in zip(alone, together, strict=True):
            np.testing.assert_array_equal(x, other)


def test_simulation_of_another_thread_is_waited_for():
    """It enters when the first has left, and not before."""
    entered, order = Event(), []

    def second_one():
        entered.set()
        with simulation(target="numpy", seed=1, dt=0.1 * ms):
            order.append("second")

    with ThreadPoolExecutor(1) as threads:
        with simulation(target="numpy", seed=1, dt=0.1 * ms):
            done = threads.submit(second_one)
            assert entered.wait(60)
            order.append("first")
        done.result(60)
    assert order == ["first", "second"]


@pytest.mark.usefixtures("unusual_state")
def test_simulation_within_one_is_refused():
    """It would wait for itself for ever, or change the time step of the first."""
    before = state()
    with simulation(target="numpy", seed=1, dt=0.2 * ms) as network:
        for target in TARGETS:
            with (
                pytest.raises(RuntimeError, match="^simulation: this thread is within"),
                simulation(target=target, seed=1, dt=0.1 * ms),
            ):
                pytest.fail("the block ran")
        assert float(brian2.defaultclock.dt) == 2e-4
        walkers(network)
        run(network, 1 * ms)
    assert state() == before
    walk(target="numpy")


# --- Runs that are interrupted, or end early -----------------------------------

#: A run that takes hours, in a Python of its own. It says when it runs, then how it
#: ended and what is left of it.
INTERRUPTED = """
import signal, sys
# Whoever starts the tests in the background has it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
import psutil, test_simulation as tests
from brian2 import NeuronGroup, second

before, told = tests.state(), []

def report(completed, elapsed):
    if completed > 0 and not told:
        told.append(completed)
        children = psutil.Process().children()
        print("runs", *(child.pid for child in children), flush=True)

ended = "returned"
try:
    tests.walk(200_000 * second, target=sys.argv[1], report=report)
except KeyboardInterrupt:
    ended = "interrupted"
same = tests.state() == before
print(ended, same, len(psutil.Process().children(recursive=True)), flush=True)
"""


def python(target, folder):
    """Start a Python that runs for hours; return it and the child that it named."""
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, target],
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,
        env={**os.environ, "TMPDIR": str(folder), "PYTHONPATH": os.pathsep.join(PATHS)},
    )
    word, *children = process.stdout.readline().split()
    assert word == "runs"
    return process, [psutil.Process(int(child)) for child in children]


PATHS = [str(Path(__file__).parent), str(Path(__file__).parents[1])]


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("who", ["group", "python"])
@pytest.mark.parametrize("target", ["numpy", "cpp_standalone"])
def test_interrupted_run_returns_nothing(tmp_path, target, who, capfd):
    """Ctrl-C in a terminal reaches the whole group; in Jupyter, Python alone."""
    process, children = python(target, tmp_path)
    assert len(children) == (target == "cpp_standalone")
    kill = os.killpg if who == "group" else os.kill
    kill(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=120)
    assert said.split() == ["interrupted", "True", "0"]
    assert not any(child.is_running() for child in children)
    assert [path for path in tmp_path.iterdir() if path.name.startswith("homeo")] == []
    capfd.readouterr()  # Brian2 says that it was asked to stop


@pytest.mark.usefixtures("compiled")
def test_killed_python_leaves_nothing_running(tmp_path, capfd):
    """The program ends by itself; the next run removes its folder."""
    process, (child,) = python("cpp_standalone", tmp_path)
    process.kill()
    process.communicate(timeout=60)
    _, alive = psutil.wait_procs([child], timeout=120)
    assert [a for a in alive if a.status() != psutil.STATUS_ZOMBIE] == []
    assert len(list(tmp_path.glob("homeo-*"))) == 1
    with simulation_module.temporary_folder(tmp_path) as folder:
        assert list(tmp_path.glob("homeo-*")) == [folder]
    capfd.readouterr()


@pytest.mark.usefixtures("unusual_state", "compiled")
@pytest.mark.parametrize("target", ["numpy", "cpp_standalone"])
def test_report_may_interrupt(target):
    """Whatever is raised while it runs ends it, and nothing is left of it."""

    def stop(completed, _elapsed):
        if completed > 0:
            raise ZeroDivisionError

    before = state()
    with pytest.raises(ZeroDivisionError):
        walk(200_000 * second, target=target, report=stop)
    assert state() == before
    assert psutil.Process().children() == []


def test_run_that_an_object_ends_is_an_error():
    with simulation(target="numpy", seed=1, dt=0.1 * ms) as network:
        walkers(network)
        network.add(NetworkOperation(lambda: network.stop()))
        with pytest.raises(
            RuntimeError, match=r"^The run ended early, at .* of 10. ms"
        ):
            run(network, 10 * ms)


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize(
    ("signal_", "message"),
    [(signal.SIGINT, "^The run ended early"), (signal.SIGTERM, "exit code -15")],
)
def test_program_that_a_signal_ends_is_an_error(signal_, message):
    """Brian2's programs write what they have, as if that were all."""

    def end(completed, _elapsed):
        if completed > 0:
            psutil.Process().children()[0].send_signal(signal_)

    with pytest.raises(RuntimeError, match=message):
        walk(200_000 * second, report=end)


# --- Preferences and folders ----------------------------------------------------


def test_every_generator_gets_the_seed(preference):
    """Two OpenMP threads draw from a generator each; a seed gives the same again."""
    preference("devices.cpp_standalone.openmp_threads", 2)

    def drawn(seed):
        with simulation(target="cpp_standalone", seed=seed, dt=0.1 * ms) as network:
            cells = NeuronGroup(1000, "x : 1", namespace={}, name="drawn")
            cells.run_regularly("x = rand()")
            network.add(cells)
            run(network, 0.1 * ms)
            return np.array(cells.x[:])

    with catch_logs():  # Brian2 says that it is little tested
        one, again, other = drawn(1), drawn(1), drawn(2)
    np.testing.assert_array_equal(one, again)
    assert np.mean(one == other) < 0.01
    assert abs(one.mean() - 0.5) < 5 / np.sqrt(12 * 1000)
    assert len(set(one)) > 990  # the second generator repeats nothing of the first


@pytest.mark.filterwarnings("always::RuntimeWarning")
def test_run_goes_on_where_no_program_can_be_kept(monkeypatch):
    """One warning, and the same numbers."""
    kept, _ = walk(rate=0.1, fire=np.inf)
    monkeypatch.setenv("HOMEO_CACHE", "/proc/nowhere")
    with pytest.warns(RuntimeWarning, match="not kept in /proc/nowhere") as told:
        x, _ = walk(rate=0.1, fire=np.inf)
    assert [one.category for one in told].count(RuntimeWarning) == 1
    np.testing.assert_array_equal(x, kept)


@pytest.mark.parametrize("target", ["cython", "cpp_standalone"])
def test_compiler_that_was_tested_is_used(monkeypatch, target):
    """Brian2 and make find it in the environment, for as long as they need it."""
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr(simulation_module, "compiler", lambda *_: ("clang++", ""))
    with simulation(target=target, seed=1, dt=0.1 * ms):
        assert os.environ["CXX"] == "clang++"
    assert "CXX" not in os.environ


def test_temporary_folder_that_runs_no_programs(monkeypatch):
    """Another folder is used, or the target is refused; numpy goes on."""
    noexec = Path(tempfile.gettempdir())
    real = simulation_module.place_to_build

    monkeypatch.setattr(
        "homeo.runs.compiler.runs_programs", lambda folder: folder != noexec
    )
    assert real(program_folder()) == program_folder()
    walk()
    monkeypatch.setattr("homeo.runs.compiler.runs_programs", lambda _folder: False)
    assert fastest_target() == "numpy"
    with pytest.raises(ValueError, match="^target: got 'cpp_standalone'.*set TMPDIR"):
        walk()
    walk(target="numpy")
