"""Where a simulation runs, and what is written down about it.

The one place in the package that chooses Brian2's code generation target.
"""

from __future__ import annotations

import gc
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Event, Thread
from time import perf_counter

import brian2
import numpy as np
from brian2 import (
    Function,
    Network,
    NeuronGroup,
    Quantity,
    check_units,
    implementation,
    second,
)
from brian2.devices.device import RuntimeDevice, get_device, reset_device, set_device

from ..checks import Report, check_choice, check_dt, check_seed, refuse
from .program import compiled_program

TARGETS = ("numpy", "cython", "cpp_standalone")

SEED_ARGUMENT = "random_numbers.seed"
LENGTH_ARGUMENT = "run_length.duration"

RUN_LENGTH = """
duration  : second (shared, constant)
completed : 1
"""

#: What a compiled program does with its progress, and after how many steps. Brian2's
#: own report would ask the system for the time before each object of each step, which
#: is half of all that a small network costs.
REPORT_IN_CPP = "std::cout << completed << std::endl;"
REPORT_STEPS = 1000

#: How often the one who waits is told, in seconds.
REPORT_PERIOD = 0.5 * second

#: Runs that are over before, in seconds, need no report.
PATIENCE = 3


@contextmanager
def simulation(*, target: str, seed: int, dt: Quantity) -> Iterator[Network]:
    """Give an empty network that runs on one target, with one seed and time step.

    Build the model and read its results inside the ``with`` block. Afterwards
    Brian2's device, target, time step and NumPy's random state are what they
    were before.

    Parameters
    ----------
    target : {"numpy", "cython", "cpp_standalone"}
        Brian2's code generation target.
    seed : int
        Seed of every random number in the run.
    dt : Quantity
        Time step.

    Yields
    ------
    brian2.Network
        Add the objects, then call `run`.

    Raises
    ------
    ValueError
        If an argument is refused.
    """
    check_target(target)
    check_device(target)
    seed, dt = check_seed(seed), check_dt(dt)
    saved_target = brian2.prefs.codegen.target
    saved_random_state = np.random.get_state()  # noqa: NPY002 - the state Brian2 uses
    with tempfile.TemporaryDirectory(
        prefix="homeo-", ignore_cleanup_errors=True
    ) as build_directory:
        if target == "cpp_standalone":
            set_device(target, directory=build_directory, build_on_run=False)
        else:
            set_device("runtime")
            brian2.prefs.codegen.target = target
        saved_dt = brian2.defaultclock.dt
        try:
            brian2.defaultclock.dt = dt
            brian2.seed(seed)
            # Not numbered: the same model is the same program, whatever ran before.
            yield Network(name="network")
        finally:
            if target == "cpp_standalone":
                get_device().reinit()
            else:
                brian2.defaultclock.dt = saved_dt
                brian2.seed()
            reset_device()
            brian2.prefs.codegen.target = saved_target
            np.random.set_state(saved_random_state)  # noqa: NPY002


def run(network: Network, duration: Quantity, *, arguments=(), report=None) -> None:
    """Run a network on whatever target `simulation` has chosen.

    Parameters
    ----------
    network : brian2.Network
        What to run.
    duration : Quantity
        For how long.
    """
    network.run(duration, namespace={})
    device = get_device()
    if not isinstance(device, RuntimeDevice):
        device.build(**device.build_options, with_output=False)


def free_names() -> None:
    """Let objects of earlier runs go, so that those of the next get the same names.

    A name that is taken would be numbered, and a program with other names is
    another program. Call it before a network is built that `run_again` is to run.
    """
    gc.collect()


def run_again(
    network: Network,
    duration: Quantity,
    arguments: Mapping[str, Quantity | float | np.ndarray],
    *,
    seed: int,
    report: Report | None = None,
) -> None:
    """Run a network that is compiled once and run with many arguments and seeds.

    On the target ``"cpp_standalone"`` the network is compiled only if the same
    program is not kept in `program_folder` yet. The arguments, the seed, the
    duration and the arrays that the model was given, such as its connections, are
    no part of the program; all other values are.

    Parameters
    ----------
    network : brian2.Network
        A network of `simulation`, built with a seed that is always the same.
    duration : Quantity
        For how long.
    arguments : mapping of str to Quantity, float or numpy.ndarray
        Values by ``object.variable``: shared parameters and initial states. One
        value is for all elements, an array has one for each. It takes the place of
        what is in the model.
    seed : int
        Seed of the random numbers that are drawn during the run.
    report : callable, optional
        Called about twice a second with the completed fraction and the seconds
        since the start; `print_progress` is one.

    Raises
    ------
    ValueError
        If an argument names nothing in the network.
    RuntimeError
        If the program cannot be compiled, or fails.
    """
    for name in arguments:
        _check_argument(network, name)
    start = _run_here if isinstance(get_device(), RuntimeDevice) else _run_program
    start(network, duration, arguments, seed, report)


def _run_here(
    network: Network,
    duration: Quantity,
    arguments: Mapping[str, Quantity | float | np.ndarray],
    seed: int,
    report: Report | None,
) -> None:
    for name, value in arguments.items():
        owner, _, variable = name.partition(".")
        setattr(network[owner], variable, value)
    brian2.seed(seed)
    network.run(
        duration,
        report=report and (lambda elapsed, done, *_: report(done, float(elapsed))),
        report_period=REPORT_PERIOD,
        namespace={},
    )


def _run_program(
    network: Network,
    duration: Quantity,
    arguments: Mapping[str, Quantity | float | np.ndarray],
    seed: int,
    report: Report | None,
) -> None:
    device = get_device()
    directory = Path(device.build_options["directory"])
    with _reporting(directory / "results" / "stdout.txt", report):
        seed_from_argument(network)
        write_sources(network, directory, report=REPORT_IN_CPP)
        program = compiled_program(directory)
        shutil.copy2(program, directory / f"main{program.suffix}")
        values = {**arguments, LENGTH_ARGUMENT: duration, SEED_ARGUMENT: seed}
        device.run(
            str(directory),
            "results",
            with_output=False,
            run_args=[_in_command_line(*item, directory) for item in values.items()],
        )


def _in_command_line(
    name: str, value: Quantity | float | np.ndarray, directory: Path
) -> str:
    if np.ndim(value) == 0:
        return f"{name}={in_cpp(value)}"
    file = f"{name}.argument"
    np.asarray(value, dtype=float).tofile(directory / file)
    return f"{name}={file}"


def _check_argument(network: Network, name: str) -> None:
    owner, _, variable = name.partition(".")
    owners = {thing.name: thing for thing in network.objects}
    if variable not in getattr(owners.get(owner), "variables", {}):
        raise refuse("arguments", name, "object.variable of the network")


def in_cpp(value: Quantity | float) -> str:
    """Write a number the way a program of Brian2 reads it as an argument.

    Parameters
    ----------
    value : Quantity or float
        One number; it may be infinite.

    Returns
    -------
    str
        The number in SI units.
    """
    number = np.asarray(value).item()
    # A program takes a word, such as "inf", for the name of a file.
    return repr(number) if np.isfinite(number) else f"{np.sign(number):.0f}e999"


def seed_from_argument(network: Network) -> None:
    """Let a C++ program take its seed from the argument `SEED_ARGUMENT`.

    Brian2 writes the seed into the program. A parameter of a group can be given to
    the program instead, and read before anything is drawn.

    Parameters
    ----------
    network : brian2.Network
        A network of `simulation` on the target ``"cpp_standalone"``. What is added
        to it before this call must draw no random numbers.
    """
    numbers = NeuronGroup(
        1, "seed : integer (shared, constant)", namespace={}, name="random_numbers"
    )
    numbers.seed = 0
    network.add(numbers)
    device = get_device()
    array = device.get_array_name(numbers.variables["seed"])
    # Brian2 reads the arguments once more before it runs: states that are given may
    # belong to objects that come later.
    device.insert_code("main", "set_from_command_line(args);")
    device.insert_code("main", f"_random_generators[0].seed({array}[0]);")


@contextmanager
def _following(path: Path, report: Report) -> Iterator[None]:
    """Report what a program prints about its progress, until the block ends."""
    start, ended = perf_counter(), Event()

    def follow() -> None:
        while not ended.wait(float(REPORT_PERIOD)):
            report(_completed(path), perf_counter() - start)

    follower = Thread(target=follow, daemon=True)
    follower.start()
    try:
        yield
    finally:
        ended.set()
        follower.join()
    report(1.0, perf_counter() - start)


def _completed(path: Path) -> float:
    # Nothing is printed while the program is being compiled; a line may be half there.
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    return float(lines[-1]) if lines else 0.0


def _reporting(path: Path, report: Report | None):
    return nullcontext() if report is None else _following(path, report)


def print_progress(completed: float, elapsed: float) -> None:
    """Print how far a run is, on one line, if it takes more than a few seconds.

    Parameters
    ----------
    completed : float
        Fraction of the run, from 0 to 1.
    elapsed : float
        Seconds since its start.
    """
    if elapsed > PATIENCE:
        end = "\n" if completed >= 1 else ""
        print(f"\r{completed:4.0%} after {elapsed:.0f} s", end=end, flush=True)


def write_sources(
    network: Network,
    directory: Path,
    *,
    report: str = "",
) -> None:
    """Write a network as a C++ program and do not compile it.

    How long the program simulates is its argument `LENGTH_ARGUMENT`.

    Parameters
    ----------
    network : brian2.Network
        A network of `simulation` on the target ``"cpp_standalone"``.
    directory : Path
        Where to write.
    report : str, optional
        What the program does now and then while it runs: C++ that may read the
        fraction ``completed``.
    """
    length = NeuronGroup(1, RUN_LENGTH, namespace={}, name="run_length")
    length.duration = 0 * second
    if report:
        length.namespace["report"] = _function_in_cpp(report)
        length.run_regularly(
            "completed = report(t/duration)",
            dt=REPORT_STEPS * brian2.defaultclock.dt,
            when="end",
        )
    network.add(length)
    network.run(0 * second, namespace={})
    get_device().build(
        directory=str(directory), compile=False, run=False, with_output=False
    )
    _take_duration_from(length, network, directory / "main.cpp")


def _function_in_cpp(statements: str) -> Function:
    @implementation(
        "cpp",
        f"static double report(double completed) {{ {statements} return completed; }}",
        headers=["<iostream>"],
    )
    @check_units(completed=1, result=1)
    def report(completed: float) -> float:
        raise NotImplementedError

    return report


def _take_duration_from(length: NeuronGroup, network: Network, main: Path) -> None:
    # Brian2 writes the duration into the program, and has no other way to set it.
    array = get_device().get_array_name(length.variables["duration"])
    written, n = re.subn(
        rf"\b{network.name}\.run\([^,]+,",
        f"{network.name}.run({array}[0],",
        main.read_text(encoding="utf-8"),
    )
    if n != 1:
        raise RuntimeError(
            f"This Brian2 starts a C++ program in {n} places, not in one"
        )
    main.write_text(written, encoding="utf-8")


def check_target(target: str) -> str:
    """Check that a target is known and can be used on this machine.

    Parameters
    ----------
    target : str
        What was asked for.

    Returns
    -------
    str
        The target.

    Raises
    ------
    ValueError
        If it is unknown, or needs a C++ compiler and there is none.
    """
    check_choice("target", target, TARGETS)
    if target != "numpy" and sys.platform != "win32" and not _compiler():
        raise refuse("target", target, "'numpy', because no C++ compiler is found here")
    return target


def fastest_target() -> str:
    """Return the fastest target that a long run can have on this machine.

    Returns
    -------
    str
        ``"cpp_standalone"`` where a C++ compiler is found and no standalone device
        of the caller's is in the way, otherwise ``"numpy"``.
    """
    try:
        check_device(check_target("cpp_standalone"))
    except ValueError:
        return "numpy"
    return "cpp_standalone"


def check_device(target: str) -> str:
    """Check that a run in C++ standalone mode would not disturb one of the caller's.

    Parameters
    ----------
    target : str
        What was asked for.

    Returns
    -------
    str
        The target.

    Raises
    ------
    ValueError
        If the caller has already set Brian2's only C++ standalone device.
    """
    if target == "cpp_standalone" and not isinstance(get_device(), RuntimeDevice):
        allowed = "'numpy' or 'cython' while Brian2's device is set to standalone"
        raise refuse("target", target, allowed)
    return target


def _compiler() -> str | None:
    return next(filter(None, map(shutil.which, ("g++", "clang++", "c++"))), None)
