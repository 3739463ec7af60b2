"""The one recipe of every simulation: check, build, record, run, label.

A `Run` is checked before anything is built. A builder adds the objects of a model to
an empty network and says what is recorded; `simulate` runs it and returns the record
as a labelled dataset that tells where it comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass

import numpy as np
import xarray as xr
from brian2 import Clock, Network, Quantity, StateMonitor, second
from brian2.core.variables import ArrayVariable

from ..checks import (
    Report,
    check_dt,
    check_interval,
    check_memory,
    check_multiple,
    check_report,
    check_seed,
    refuse,
)
from ..docstrings import NOT_RUN, TARGET, described
from .results import in_si, versions
from .simulation import check_target, run, simulation, sources_identity

#: What a recorded variable is, in words.
MEANINGS = {
    "H": "rate estimate",
    "G": "global factor",
    "w": "weight",
    "pre_trace": "presynaptic trace",
    "post_trace": "postsynaptic trace",
}


@dataclass(frozen=True, kw_only=True)
class Run:
    """How a model is run: for how long, how fine, with which seed, and where.

    Parameters
    ----------
    duration, dt, record_dt : Quantity
        Length of the run, time step, interval between two samples.
    seed : int
        Seed of every random number.
    target : str
        Brian2's code generation target.
    report : callable or None
        Told of the progress.
    """

    duration: Quantity
    dt: Quantity
    record_dt: Quantity
    seed: int
    target: str
    report: Report | None = None

    @property
    def n_samples(self) -> int:
        """Number of intervals between two samples that the run holds."""
        return round(float(self.duration / self.record_dt))


@described(TARGET, NOT_RUN)
def check_run(
    duration: object,
    *,
    dt: object,
    record_dt: object,
    whole_intervals: bool = False,
    seed: object = 0,
    target: str = "numpy",
    report: object = None,
) -> Run:
    """Check how a model is to be run, before anything is built.

    Parameters
    ----------
    duration : Quantity
        Length of the run, a multiple of `dt`.
    dt : Quantity
        Time step.
    record_dt : Quantity
        Interval between two samples, a multiple of `dt`.
    whole_intervals : bool, optional
        Whether the run has to be a multiple of `record_dt`.
    seed : int or None, optional
        The seed; None to draw one.
    report : callable, optional
        Told of the progress.

    Returns
    -------
    Run
        What was given.
    """
    dt = check_dt(dt)
    if not whole_intervals:
        duration = check_interval("duration", duration, dt)
    record_dt = check_interval("record_dt", record_dt, dt)
    if whole_intervals:
        duration = check_multiple("duration", duration, "record_dt", record_dt)
    check_dt(dt, duration)
    return Run(
        duration=duration,
        dt=dt,
        record_dt=record_dt,
        seed=check_seed(seed),
        target=check_target(target),
        report=check_report(report),
    )


def check_record(settings: Run, n_values: int) -> None:
    """Check that what is to be recorded fits in the memory that is available.

    Parameters
    ----------
    settings : Run
        Length of the run and interval between two samples.
    n_values : int
        Number of values in one sample.

    Raises
    ------
    ValueError
        If it does not; the message says how much it would take.
    """
    # Brian2 keeps a record that it doubles while it grows, and the result is a copy.
    check_memory("record_dt", 3 * 8 * settings.n_samples * n_values)


@dataclass(frozen=True, kw_only=True)
class Output:
    """An array that a run records.

    Parameters
    ----------
    name : str
        What it is called in the result.
    variable : brian2.core.variables.ArrayVariable
        Where Brian2 keeps it.
    dims : tuple of str
        Names of its dimensions, in Brian2's order: a sample is a row.
    meaning : str
        What it is, in words.
    """

    name: str
    variable: ArrayVariable
    dims: tuple[str, ...]
    meaning: str

    def read(self) -> xr.Variable:
        """Return what was recorded, with its unit.

        Returns
        -------
        xarray.Variable
            In SI units; time is the last dimension.
        """
        values = np.asarray(self.variable.get_value())
        if values.ndim > len(self.dims):  # one element was recorded
            values = values[..., 0]
        quantity = Quantity(values, dim=self.variable.dim)
        labelled = in_si(quantity, self.dims, self.meaning)
        return labelled.transpose(*sorted(self.dims, key=lambda dim: dim == "time"))


def record(
    group: object,
    names: Sequence[str],
    *dims: str,
    clock: Clock,
    n: int = 1,
    **monitor: object,
) -> tuple[StateMonitor, list[Output]]:
    """Record variables of a group at regular intervals.

    Parameters
    ----------
    group : brian2.Group
        The group.
    names : sequence of str
        Its variables.
    *dims : str
        Name of the dimension of its elements; none where only one is recorded.
    clock : brian2.Clock
        When.
    n : int, optional
        Number of elements, counted from the first.
    **monitor
        Passed on to `brian2.StateMonitor`.

    Returns
    -------
    monitor : brian2.StateMonitor
        To be added to the network.
    outputs : list of Output
        One for each variable.
    """
    monitor = StateMonitor(group, names, record=np.arange(n), clock=clock, **monitor)
    return monitor, [
        Output(
            name=name,
            variable=monitor.variables[name],
            dims=("time", *dims),
            meaning=MEANINGS.get(name, name),
        )
        for name in names
    ]


def time_of(monitor: StateMonitor) -> Output:
    """Return the times of a monitor as an output.

    Parameters
    ----------
    monitor : brian2.StateMonitor
        The monitor.

    Returns
    -------
    Output
        The coordinate ``time``.
    """
    return Output(
        name="time", variable=monitor.variables["t"], dims=("time",), meaning="time"
    )


def simulate(
    build: Callable[[Network], Iterable[Output]],
    settings: Run,
    coordinates: Mapping[str, xr.Variable],
    *,
    arguments: Sequence[str] = (),
) -> xr.Dataset:
    """Build a model, run it, and return what it recorded.

    Parameters
    ----------
    build : callable
        Adds the objects of the model to an empty network, and returns the outputs.
    settings : Run
        How it is run.
    coordinates : mapping of str to xarray.Variable
        What the model was told; see `homeo.runs.results.told`.
    arguments : sequence of str, optional
        Variables, as ``object.variable``, whose values are no part of a compiled
        program, so that it is compiled once for all values.

    Returns
    -------
    xarray.Dataset
        The outputs. Scalar coordinates tell the parameters, the seed and the time
        step; attributes the length, the interval, the target and the versions.
    """
    with simulation(
        target=settings.target, seed=settings.seed, dt=settings.dt
    ) as network:
        outputs = list(build(network))
        if _ONLY_IDENTITY.get():
            raise _Identified(sources_identity(network, settings.duration, arguments))
        run(network, settings.duration, arguments=arguments, report=settings.report)
        recorded = {output.name: output.read() for output in outputs}
    return xr.Dataset(
        {name: values for name, values in recorded.items() if values.dims != (name,)},
        coords={
            **{name: v for name, v in recorded.items() if v.dims == (name,)},
            **coordinates,
            "seed": in_si(settings.seed, (), "seed of the random numbers"),
            "dt": in_si(settings.dt, (), "time step"),
        },
        attrs={
            "target": settings.target,
            "duration_s": float(settings.duration / second),
            "record_dt_s": float(settings.record_dt / second),
            **versions(),
        },
    )


#: Whether a simulation is only asked for its identity; see `identity_of`.
_ONLY_IDENTITY: ContextVar[bool] = ContextVar("_ONLY_IDENTITY", default=False)


class _Identified(Exception):
    """Carries the identity of a run that is not to be run."""


def identity_of(function: Callable, *args: object, **kwargs: object) -> str:
    """Return the identity of the first simulation that a function would run.

    The identity is a hash of the C++ program and of all that it is given: arrays,
    arguments, seed and duration. The program is written, but neither compiled nor run.

    Parameters
    ----------
    function : callable
        Runs a simulation on the target ``"cpp_standalone"``.
    *args, **kwargs
        Its arguments.

    Returns
    -------
    str
        The hash. Another version of Brian2 may write another program.

    Raises
    ------
    ValueError
        If it runs none.
    """
    token = _ONLY_IDENTITY.set(True)
    try:
        function(*args, **kwargs)
    except _Identified as identified:
        return str(identified)
    finally:
        _ONLY_IDENTITY.reset(token)
    raise refuse("function", function, "a function that runs a simulation")
