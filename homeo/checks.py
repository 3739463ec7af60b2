"""Refuse bad arguments before anything runs.

Every check names the argument, shows what it was and says what is allowed.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from brian2 import (
    DimensionMismatchError,
    Hz,
    Quantity,
    TimedArray,
    get_dimensions,
    have_same_dimensions,
    second,
)
from brian2.units.fundamentalunits import Unit

from .units import unit_name

#: How far a time may lie from a multiple of the time step, in time steps.
#: Times such as ``3 * 0.1 * ms`` miss the grid by rounding only.
GRID_TOLERANCE = 1e-6

LARGEST_SEED = 2**31 - 1

# What is told of a run: the completed fraction, and the seconds since its start.
Report = Callable[[float, float], None]


def refuse(name: str, value: object, allowed: str) -> ValueError:
    """Build the error for a refused argument.

    Parameters
    ----------
    name : str
        Name of the argument.
    value : object
        What it was.
    allowed : str
        What would have been accepted.

    Returns
    -------
    ValueError
        To be raised by the caller.
    """
    shown = repr(value)
    if len(shown) > 120:
        shown = f"{shown[:117]}..."
    return ValueError(f"{name}: got {shown}; allowed: {allowed}")


def check_quantity(
    name: str,
    value: object,
    unit: Unit,
    *,
    above: float | None = None,
    at_least: float | None = None,
    ndim: int = 0,
) -> Quantity:
    """Check the unit, the shape and the range of a quantity.

    Parameters
    ----------
    name : str
        Name of the argument.
    value : Quantity
        What was given.
    unit : Unit
        A unit of the dimension that is expected.
    above, at_least : float, optional
        Exclusive and inclusive lower bound, in SI units.
    ndim : int, optional
        0 for a single value, 1 for a non-empty sequence of values.

    Returns
    -------
    Quantity
        A read-only copy of the value.

    Raises
    ------
    ValueError
        If the unit, the shape or the range is not as stated.
    """
    bound = "" if above is None else f" > {above:g}"
    bound = bound if at_least is None else f" >= {at_least:g}"
    form = "one finite value" if ndim == 0 else "one or more finite values"
    allowed = f"{form}{bound} {_unit_phrase(unit)}"
    try:
        given = np.asarray(value)
        dimensions_agree = given.dtype.kind in "iuf" and have_same_dimensions(
            value, unit
        )
    except (TypeError, ValueError, DimensionMismatchError):
        raise refuse(name, value, allowed) from None
    if not dimensions_agree:
        raise refuse(name, value, allowed)
    # Adding zero copies, and turns -0.0 into 0.0: equal records have equal text.
    numbers_only = given.astype(float) + 0.0
    acceptable = (
        numbers_only.ndim == ndim
        and numbers_only.size > 0
        and bool(np.all(np.isfinite(numbers_only)))
        and (above is None or bool(np.all(numbers_only > above)))
        and (at_least is None or bool(np.all(numbers_only >= at_least)))
    )
    if not acceptable:
        raise refuse(name, value, allowed)
    quantity = Quantity(numbers_only, dim=get_dimensions(unit))
    # Brian's quantities are arrays: `p.gamma += 1*Hz` would change a frozen record.
    # One number without a unit is a plain float, and cannot be changed anyway.
    if isinstance(quantity, np.ndarray):
        quantity.flags.writeable = False
    return quantity


def _unit_phrase(unit: Unit) -> str:
    if have_same_dimensions(unit, 1):
        return "without a unit"
    return f"in {unit_name(get_dimensions(unit))}"


def check_count(name: str, value: object, *, at_least: int = 1) -> int:
    """Check a whole number.

    Parameters
    ----------
    name : str
        Name of the argument.
    value : int
        What was given.
    at_least : int, optional
        The smallest number allowed.

    Returns
    -------
    int
        The number.

    Raises
    ------
    ValueError
        If it is not a whole number or too small.
    """
    is_whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not is_whole or value < at_least:
        raise refuse(name, value, f"a whole number >= {at_least}")
    return int(value)


def check_choice(name: str, value: object, choices: Iterable[str]) -> str:
    """Check that a name is one of those known.

    Parameters
    ----------
    name : str
        Name of the argument.
    value : str
        What was given.
    choices : iterable of str
        What is known.

    Returns
    -------
    str
        The name.

    Raises
    ------
    ValueError
        If the name is not among the choices.
    """
    choices = list(choices)
    if not isinstance(value, str) or value not in choices:
        raise refuse(name, value, "one of " + ", ".join(map(repr, choices)))
    return value


def check_kind(name: str, value: object, kind: type) -> None:
    """Check that an argument is what the function works on.

    Parameters
    ----------
    name : str
        Name of the argument.
    value : object
        What was given.
    kind : type
        What is expected.

    Raises
    ------
    ValueError
        If it is something else.
    """
    if not isinstance(value, kind):
        raise refuse(name, value, f"a {kind.__name__}")


def check_on_grid(name: str, value: object, dt: Quantity) -> None:
    """Check that times are multiples of the time step; zero is one.

    Parameters
    ----------
    name : str
        Name of the argument.
    value : Quantity
        One time or several.
    dt : Quantity
        The time step.

    Raises
    ------
    ValueError
        If a time lies between two steps.
    """
    steps = np.asarray(value / dt, dtype=float)
    too_short = (np.round(steps) == 0) & (steps != 0)
    if np.any((np.abs(steps - np.round(steps)) > GRID_TOLERANCE) | too_short):
        raise refuse(name, value, f"multiples of the time step dt = {dt}")


def check_interval(name: str, value: object, dt: Quantity) -> Quantity:
    """Check a length of time that a simulation has to count in steps.

    Parameters
    ----------
    name : str
        Name of the argument.
    value : Quantity
        What was given.
    dt : Quantity
        The time step.

    Returns
    -------
    Quantity
        The length of time.

    Raises
    ------
    ValueError
        If it is not a positive time, or no multiple of the time step.
    """
    interval = check_quantity(name, value, second, above=0)
    check_on_grid(name, interval, dt)
    return interval


def check_multiple(
    name: str, value: object, interval_name: str, interval: Quantity
) -> Quantity:
    """Check a length of time that must hold a whole number of intervals.

    Parameters
    ----------
    name : str
        Name of the argument.
    value : object
        What was given.
    interval_name : str
        Name of the interval.
    interval : Quantity
        The interval.

    Returns
    -------
    Quantity
        The value.

    Raises
    ------
    ValueError
        If it is no positive multiple of the interval.
    """
    length = check_quantity(name, value, second, above=0)
    steps = float(length / interval)
    if round(steps) < 1 or abs(steps - round(steps)) > 1e-6:
        raise refuse(name, value, f"a multiple of {interval_name} = {interval}")
    return length


def check_spike_times(
    name: str, times: object, *, duration: Quantity, dt: Quantity
) -> Quantity | None:
    """Check the spike times of one neuron.

    Parameters
    ----------
    name : str
        Name of the argument.
    times : Quantity or None
        Spike times, in ascending order; None for a silent neuron.
    duration : Quantity
        The length of the run: every spike must come before its end.
    dt : Quantity
        The time step: every spike must lie on it, no two on the same one.

    Returns
    -------
    Quantity or None
        The spike times, or None for a silent neuron.

    Raises
    ------
    ValueError
        If the times are empty, unsorted, off the grid, in the same time step,
        negative or after the end.
    """
    if times is None:
        return None
    if np.size(times) == 0:
        raise refuse(name, times, "at least one spike time, or None for no spike")
    if np.ndim(times) == 0:
        allowed = "one or more finite values >= 0 in s, such as [10, 20]*ms"
        raise refuse(name, times, f"{allowed}; a list of these, one per synapse")
    times = check_quantity(name, times, second, at_least=0, ndim=1)
    steps = np.asarray(times / dt, dtype=float)
    if np.any(np.diff(steps) < 0):
        raise refuse(name, times, "spike times in ascending order")
    if np.any(np.diff(np.round(steps)) == 0):
        raise refuse(name, times, f"at most one spike per time step (dt = {dt})")
    check_on_grid(name, times, dt)
    if np.any(np.round(steps) >= np.round(float(duration / dt))):
        raise refuse(name, times, f"spikes before the end of the run ({duration})")
    return times


def check_rate(
    name: str, rate: object, dt: Quantity | None = None
) -> Quantity | TimedArray:
    """Check a firing rate, constant or varying in time.

    Parameters
    ----------
    name : str
        Name of the argument.
    rate : Quantity or TimedArray
        A constant rate, or one value per epoch as a Brian2 `TimedArray`.
    dt : Quantity, optional
        The time step, if known: an epoch must be a multiple of it.

    Returns
    -------
    Quantity or TimedArray
        The rate.

    Raises
    ------
    ValueError
        If it is negative, not finite, not a rate or changes between two steps.
    """
    if not isinstance(rate, TimedArray):
        return check_quantity(name, rate, Hz, at_least=0)
    values = Quantity(rate.values, dim=rate.dim)
    check_quantity(f"{name}.values", values, Hz, at_least=0, ndim=1)
    if dt is not None:
        check_on_grid(f"{name}.dt", Quantity(rate.dt, dim=second.dim), dt)
    return rate


def check_one_per_synapse(name: str, items: Sequence, n: int) -> list:
    """Repeat one item for every synapse, or check that there is one for each.

    Parameters
    ----------
    name : str
        Name of the argument.
    items : sequence
        One item, or one per synapse.
    n : int
        Number of synapses.

    Returns
    -------
    list
        `n` items.

    Raises
    ------
    ValueError
        If there are neither one nor `n`.
    """
    if len(items) == 1:
        return list(items) * n
    if len(items) != n:
        raise refuse(name, f"{len(items)} items", f"1 or {n} (one per synapse)")
    return list(items)


def check_seed(seed: int | None) -> int:
    """Check a seed, or draw one.

    Parameters
    ----------
    seed : int or None
        The seed; None to draw one, so that the run can be repeated from its record.

    Returns
    -------
    int
        A seed from 0 to 2**31 - 1.

    Raises
    ------
    ValueError
        If it is not a whole number in that range.
    """
    if seed is None:
        return int(np.random.default_rng().integers(LARGEST_SEED))
    seed = check_count("seed", seed, at_least=0)
    if seed > LARGEST_SEED:
        raise refuse("seed", seed, f"a whole number from 0 to {LARGEST_SEED}")
    return seed


def check_dt(dt: Quantity) -> Quantity:
    """Check a time step.

    Parameters
    ----------
    dt : Quantity
        The time step.

    Returns
    -------
    Quantity
        The time step.

    Raises
    ------
    ValueError
        If it is not a positive time.
    """
    return check_quantity("dt", dt, second, above=0)


def check_report(report: Report | None) -> Report | None:
    """Check what is to be told of the progress of a run.

    Parameters
    ----------
    report : callable or None
        The function to call; None for silence.

    Returns
    -------
    callable or None
        The function.

    Raises
    ------
    ValueError
        If it is something else.
    """
    if report is not None and not callable(report):
        allowed = "None, or a function of the completed fraction and the seconds"
        raise refuse("report", report, allowed)
    return report
