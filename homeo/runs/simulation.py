"""Where a simulation runs, and what is written down about it.

The one place in the package that chooses Brian2's code generation target.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock, local
from time import perf_counter

import brian2
import numpy as np
from brian2 import Network, Quantity, second
from brian2.devices.device import (
    Device,
    RuntimeDevice,
    get_device,
    reset_device,
    set_device,
)

from ..checks import (
    Report,
    check_choice,
    check_dt,
    check_quantity,
    check_report,
    check_seed,
    refuse,
)
from ..docstrings import described, entry
from .compiler import compiler, compiler_settings, place_to_build
from .process import run_to_the_end, temporary_folder
from .program import compiled_program, program_folder
from .standalone import (
    LENGTH_ARGUMENT,
    SEED_ARGUMENT,
    check_argument,
    check_output,
    hash_of_sources,
    in_command_line,
    mark_as_run,
    run_environment,
    take_seed,
    take_values,
    write_program,
)

TARGETS = ("numpy", "cython", "cpp_standalone")

#: How often the one who waits is told, in seconds.
REPORT_PERIOD = 0.5 * second

#: Runs that are over before, in seconds, need no report.
PATIENCE = 3

#: Above, a count of time steps is no longer exact.
MOST_STEPS = 2**53

#: Brian2 has one device, one time step and one source of random numbers for all
#: threads of a process: they take turns.
TURN = Lock()
WITHIN = local()

ASKED = entry("target : str", "What was asked for.")


@dataclass(frozen=True)
class Ran:
    """What is known of a run that came to its end.

    Parameters
    ----------
    identity : str or None
        Hash of the C++ program and of all that it was given: arrays, arguments,
        seed and duration. None on the other targets.
    """

    identity: str | None = None


@contextmanager
def simulation(*, target: str, seed: int, dt: Quantity) -> Iterator[Network]:
    """Give an empty network that runs on one target, with one seed and time step.

    Build the model and read its results inside the ``with`` block. Afterwards
    Brian2's device, target, time step and NumPy's random state are what they
    were before. Simulations of other threads wait for its end.

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
    RuntimeError
        If this thread is within a simulation already.
    """
    check_target(target)
    seed, dt = check_seed(seed), check_dt(dt)
    with _turn(), ExitStack() as undo:
        check_device(target)
        # A name that is taken would be numbered, and make another program.
        gc.collect()
        _remember(undo)
        if target != "numpy":
            undo.enter_context(_environment(compiler_settings(_compiler(target)[0])))
        if target == "cpp_standalone":
            folder = undo.enter_context(temporary_folder(_place()))
            undo.callback(_go_back_to, get_device())
            set_device(target, directory=str(folder), build_on_run=False)
        else:
            undo.callback(_go_back_to, get_device())
            if not isinstance(get_device(), RuntimeDevice):
                set_device("runtime")
            undo.callback(setattr, brian2.defaultclock, "dt", brian2.defaultclock.dt)
            undo.callback(brian2.seed)
            brian2.prefs.codegen.target = target
        brian2.defaultclock.dt = dt
        brian2.seed(seed)
        # Not numbered: the same model is the same program, whatever ran before.
        yield Network(name="network")


@contextmanager
def _turn() -> Iterator[None]:
    if _is_within():
        raise RuntimeError(
            "simulation: this thread is within one already; allowed: one after the"
            " other, each in a `with` block of its own"
        )
    with TURN:
        WITHIN.simulation = True
        try:
            yield
        finally:
            WITHIN.simulation = False


def _is_within() -> bool:
    return getattr(WITHIN, "simulation", False)


def _remember(undo: ExitStack) -> None:
    preferences = brian2.prefs.codegen
    undo.callback(setattr, preferences, "target", preferences.target)
    random_state = np.random.get_state()  # noqa: NPY002 - the state Brian2 uses
    undo.callback(np.random.set_state, random_state)
    for flag in ("_globally_running", "_globally_stopped"):
        undo.callback(setattr, Network, flag, getattr(Network, flag))


def _go_back_to(device: Device) -> None:
    if get_device() is device:
        return
    if isinstance(device, RuntimeDevice):
        get_device().reinit()
    reset_device()


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def run(
    network: Network,
    duration: Quantity,
    *,
    arguments: Iterable[str] = (),
    report: Report | None = None,
) -> Ran:
    """Run a network on whatever target `simulation` has chosen.

    On the target ``"cpp_standalone"`` the network is compiled only if the same
    program is not kept in `program_folder` yet. The arguments, the seed, the
    duration and the arrays that the model was given, such as its connections, are
    no part of the program; all other values are.

    Parameters
    ----------
    network : brian2.Network
        A network of `simulation`.
    duration : Quantity
        For how long; 0 only prepares the network.
    arguments : iterable of str, optional
        Variables, as ``object.variable``, whose values are handed to a compiled
        program when it starts. Each was set as a whole, to one value or to an array.
    report : callable, optional
        Called about twice a second with the completed fraction and the seconds
        since the start; `print_progress` is one.

    Returns
    -------
    Ran
        What is known of the run.

    Raises
    ------
    ValueError
        If the duration cannot be counted in time steps, or an argument names nothing
        in the network; nothing has run then.
    KeyboardInterrupt
        If the run was interrupted. Nothing is left running.
    RuntimeError
        If the program cannot be compiled, fails, or ends early.

    Warns
    -----
    RuntimeWarning
        If the compiled program cannot be kept.
    """
    duration = _check_duration(network, duration)
    check_report(report)
    names = list(arguments)
    for name in names:
        check_argument(network, name)
    if isinstance(get_device(), RuntimeDevice):
        _run_here(network, duration, report)
        return Ran()
    return _run_program(network, duration, names, report)


def sources_identity(
    network: Network, duration: Quantity, arguments: Iterable[str] = ()
) -> str:
    """Return the identity of a run without compiling or running it.

    Parameters
    ----------
    network : brian2.Network
        A network of `simulation` on the target ``"cpp_standalone"``. It cannot be
        run afterwards.
    duration : Quantity
        For how long it would run.
    arguments : iterable of str, optional
        What would be handed to the program; see `run`.

    Returns
    -------
    str
        What `run` returns as `Ran.identity`. It does not depend on the compiler and
        the machine; another version of Brian2 may write another program.

    Raises
    ------
    ValueError
        If an argument is refused, or the target is another.
    """
    duration = _check_duration(network, duration)
    if isinstance(get_device(), RuntimeDevice):
        raise refuse("network", network.name, "one of the target 'cpp_standalone'")
    return _written(network, duration, list(arguments), _build_directory())[1]


def _check_duration(network: Network, duration: Quantity) -> Quantity:
    duration = check_quantity("duration", duration, second, at_least=0)
    steps = [brian2.defaultclock.dt, *(thing.clock.dt for thing in network.objects)]
    dt = min(steps)
    n = float(duration / dt)
    if n and not 0.5 <= n <= MOST_STEPS:
        allowed = f"from one time step to 2**53 of them, and 0 (dt = {dt})"
        raise refuse("duration", duration, allowed)
    return duration


def _run_here(network: Network, duration: Quantity, report: Report | None) -> None:
    start = network.t
    network.run(
        duration,
        report=report and (lambda elapsed, done, *_: report(done, float(elapsed))),
        report_period=REPORT_PERIOD,
        namespace={},
    )
    # Brian2 takes Ctrl-C for a wish to end the run and keep what is there.
    if Network._globally_stopped:
        raise KeyboardInterrupt
    _check_end(float(network.t - start), duration)


def _check_end(t: float, duration: Quantity) -> None:
    if t < float(duration) - float(brian2.defaultclock.dt) / 2:
        raise RuntimeError(f"The run ended early, at {t} s of {duration}")


def _build_directory() -> Path:
    device = get_device()
    if LENGTH_ARGUMENT.partition(".")[0] in {
        thing.name for net in device.networks for thing in net.objects
    }:
        raise RuntimeError(
            "On the target 'cpp_standalone' a network runs once: begin another"
            " simulation"
        )
    return Path(device.build_options["directory"])


def _written(
    network: Network, duration: Quantity, names: list[str], directory: Path
) -> tuple[list[str], str]:
    """Write the program; return its command line and the identity of the run."""
    values = take_values(network, names)
    # The program reads the seed from the first argument, before it does anything.
    values = {SEED_ARGUMENT: np.array(take_seed(network), np.int32), **values}
    values[LENGTH_ARGUMENT] = np.array(float(duration))
    write_program(network, directory)
    identity = sha256(hash_of_sources(directory).encode())
    for path in sorted((directory / "static_arrays").iterdir()):
        identity.update(path.name.encode() + b"\0" + path.read_bytes())
    for name, value in sorted(values.items()):
        identity.update(f"{name} {value.dtype} ".encode() + value.tobytes())
    line = [in_command_line(name, value, directory) for name, value in values.items()]
    return line, identity.hexdigest()


def _run_program(
    network: Network, duration: Quantity, names: list[str], report: Report | None
) -> Ran:
    start = perf_counter()
    directory = _build_directory()
    line, identity = _written(network, duration, names, directory)
    results = directory / "results"
    out, err = results / "stdout.txt", results / "stderr.txt"
    telling = {"tell": None}
    if report is not None:
        telling = {
            "tell": lambda: report(_completed(out), perf_counter() - start),
            "period": float(REPORT_PERIOD),
        }
    command, _ = _compiler("cpp_standalone")
    program = compiled_program(directory, command, **telling)
    started = brian2.prefs.devices.cpp_standalone.run_cmd_unix
    if os.name == "nt":
        started = str(program)
    code = run_to_the_end(
        [
            *([started] if isinstance(started, str) else started),
            *("--results_dir", os.path.join(results, "")),
            *line,
        ],
        directory=directory,
        out=out,
        err=err,
        environment=run_environment(),
        **telling,
    )
    check_output(results, code)
    mark_as_run(network, results)
    _check_end(brian2.defaultclock.variables["t"].get_value().item(), duration)
    network.t_ = float(duration)
    if report is not None:
        report(1.0, perf_counter() - start)
    return Ran(identity)


def _completed(path: Path) -> float:
    # Nothing is printed while the program is being compiled; a line may be half there.
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    return float(lines[-1]) if lines else 0.0


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


@described(ASKED)
def check_target(target: str) -> str:
    """Check that a target is known and can be used on this machine.

    Returns
    -------
    str
        The target.

    Raises
    ------
    ValueError
        If it is unknown, or needs a C++ compiler, or ``make``, and none works here.
    """
    check_choice("target", target, TARGETS)
    if target != "numpy":
        _, reason = _compiler(target)
        if reason:
            raise refuse("target", target, f"'numpy', because {reason}")
    return target


def _compiler(target: str) -> tuple[str, str]:
    return compiler(target, _place())


def _place() -> Path | None:
    return place_to_build(program_folder())


def fastest_target() -> str:
    """Return the fastest target that a long run can have on this machine.

    Returns
    -------
    str
        ``"cpp_standalone"`` where a C++ compiler and ``make`` work and no standalone
        device of the caller's is in the way, otherwise ``"numpy"``.
    """
    try:
        check_target("cpp_standalone")
        # Another thread's simulation may have set a device, for as long as it lasts.
        with nullcontext() if _is_within() else TURN:
            check_device("cpp_standalone")
    except ValueError:
        return "numpy"
    return "cpp_standalone"


@described(ASKED)
def check_device(target: str) -> str:
    """Check that a run in C++ standalone mode would not disturb one of the caller's.

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
