"""Refuse bad arguments before anything runs.

Every check names the argument, shows what it was and says what is allowed.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable, Iterable, Mapping, Sequence

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

from .docstrings import described, entry
from .memory import available_memory
from .units import unit_name

#: How far a time may lie from a multiple of the time step, in time steps.
#: Times such as ``3 * 0.1 * ms`` miss the grid by rounding only.
GRID_TOLERANCE = 1e-6

#: The largest whole number of 32 bits, in which Brian2 counts spikes and Poisson
#: events. Beyond so many time steps, rounding alone exceeds `GRID_TOLERANCE`.
LARGEST_COUNT = 2**31 - 1

LARGEST_SEED = LARGEST_COUNT

#: The longest time step, over the shortest time constant. Where the decay in a step
#: is exact, a step of one time constant makes a filter read 1.6 times too high
#: (`homeo.theory.clock_driven_gain`), and shorter constants are lost altogether.
#: Euler's method overshoots above 1 and grows without bound above 2. It decays too
#: fast by -log(1 - x)/x - 1, which is 12 % at 0.2. The recurrent network, with the
#: shortest constant of 5 ms, then fires 5 % too fast; at 0.5 it is 17, at 1 it is 77 %.
LONGEST_STEP: Mapping[str, float] = {"exact": 1.0, "euler": 0.2}

# What is told of a run: the completed fraction, and the seconds since its start.
Report = Callable[[float, float], None]

NAME = entry("name : str", "Name of the argument.")
VALUE = entry("value : object", "What was given.")
DT = entry("dt : Quantity", "The time step.")
REFUSED = entry(
    "ValueError", "If an argument is refused; the message says what is allowed."
)


@described(NAME)
def refuse(name: str, value: object, allowed: str) -> ValueError:
    """Build the error for a refused argument.

    Parameters
    ----------
    value : object
        What it was.
    allowed : str
        What would have been accepted.

    Returns
    -------
    ValueError
        To be raised by the caller.
    """
    return ValueError(f"{name}: got {in_short(value)}; allowed: {allowed}")


def in_short(value: object) -> str:
    """Write a value as Python does, in at most 120 letters.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    str
        The text, cut short where it is longer.
    """
    # Brian2 overflows when it looks for a unit that suits a very large number.
    with np.errstate(over="ignore"):
        text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."


@described(NAME + VALUE, REFUSED)
def check_quantity(
    name: str,
    value: object,
    unit: Unit | int,
    *,
    above: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    ndim: int | None = 0,
    finite: bool = True,
) -> Quantity:
    """Check the unit, the shape and the range of a quantity.

    Parameters
    ----------
    unit : Unit or int
        A unit of the dimension that is expected; 1 for a number without a unit.
    above, at_least, at_most : float, optional
        Exclusive lower, inclusive lower and inclusive upper bound, in SI units.
    ndim : int or None, optional
        0 for a single value, 1 for a non-empty sequence of values, None for an array
        of any shape that is not empty.
    finite : bool, optional
        Whether infinity is refused, as NaN always is.

    Returns
    -------
    Quantity
        A read-only copy of the value.
    """
    limits = {"above": above, "at_least": at_least, "at_most": at_most}
    given = _numbers(value, unit)
    acceptable = (
        given is not None
        and given.size > 0
        and ndim in (None, given.ndim)
        and not np.isnan(given).any()
        and (not finite or bool(np.isfinite(given).all()))
        and (above is None or bool((given > above).all()))
        and (at_least is None or bool((given >= at_least).all()))
        and (at_most is None or bool((given <= at_most).all()))
    )
    if not acceptable:
        raise refuse(name, value, quantity_phrase(unit, ndim, finite, **limits))
    quantity = Quantity(given, dim=get_dimensions(unit))
    # Brian's quantities are arrays: `p.gamma += 1*Hz` would change a frozen record.
    # One number without a unit is a plain float, and cannot be changed anyway.
    if isinstance(quantity, np.ndarray):
        quantity.flags.writeable = False
    return quantity


def _numbers(value: object, unit: Unit | int) -> np.ndarray | None:
    """Return a copy of the numbers in SI units, None if they are none of that unit."""
    # numpy would count True as 1, and take the number from behind a mask.
    if _has_truth_value(value) or np.ma.is_masked(value):
        return None
    try:
        given = np.asarray(value)
        agree = given.dtype.kind in "iuf" and have_same_dimensions(value, unit)
    except (TypeError, ValueError, DimensionMismatchError):
        return None
    # Adding zero copies, and turns -0.0 into 0.0: equal records have equal text.
    return given.astype(float) + 0.0 if agree else None


def _has_truth_value(value: object) -> bool:
    if isinstance(value, list | tuple):
        return any(_has_truth_value(item) for item in value)
    return isinstance(value, bool | np.bool_)


def quantity_phrase(
    unit: Unit | int,
    ndim: int | None = 0,
    finite: bool = True,
    *,
    above: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
) -> str:
    """Say in words what `check_quantity` accepts.

    Parameters
    ----------
    unit, ndim, finite, above, at_least, at_most
        As in `check_quantity`.

    Returns
    -------
    str
        Such as ``one finite value > 0 in Hz``.
    """
    number = " finite" if finite else ""
    form = f"one{number} value" if ndim == 0 else f"one or more{number} values"
    bounds = {" >": above, " >=": at_least, " <=": at_most}
    limits = " and".join(f"{s} {b:g}" for s, b in bounds.items() if b is not None)
    dimensionless = have_same_dimensions(unit, 1)
    where = (
        "without a unit" if dimensionless else f"in {unit_name(get_dimensions(unit))}"
    )
    return f"{form}{limits} {where}{', of any shape' if ndim is None else ''}"


@described(NAME + VALUE, REFUSED)
def check_count(name: str, value: object, *, at_least: int = 1) -> int:
    """Check a whole number.

    Parameters
    ----------
    at_least : int, optional
        The smallest number allowed.

    Returns
    -------
    int
        The number.
    """
    is_whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not is_whole or value < at_least:
        raise refuse(name, value, count_phrase(at_least))
    return int(value)


def count_phrase(at_least: int) -> str:
    """Say in words what `check_count` accepts.

    Parameters
    ----------
    at_least : int
        As in `check_count`.

    Returns
    -------
    str
        Such as ``a whole number >= 1``.
    """
    return f"a whole number >= {at_least}"


@described(NAME + VALUE, REFUSED)
def check_choice(name: str, value: object, choices: Iterable[str]) -> str:
    """Check that a name is one of those known.

    Parameters
    ----------
    choices : iterable of str
        What is known.

    Returns
    -------
    str
        The name.
    """
    choices = list(choices)
    if not isinstance(value, str) or value not in choices:
        raise refuse(name, value, "one of " + ", ".join(map(repr, choices)))
    return value


@described(NAME + VALUE, REFUSED)
def check_kind(name: str, value: object, kind: type) -> None:
    """Check that an argument is what the function works on.

    Parameters
    ----------
    kind : type
        What is expected.
    """
    if not isinstance(value, kind):
        raise refuse(name, value, f"a {kind.__name__}")


@described(NAME + DT, REFUSED)
def check_on_grid(name: str, value: Quantity, dt: Quantity) -> None:
    """Check that times are multiples of the time step; zero is one.

    Parameters
    ----------
    value : Quantity
        One time or several; at most `LARGEST_COUNT` time steps.
    """
    steps = _steps(name, value, dt)
    too_short = (np.round(steps) == 0) & (steps != 0)
    if np.any((np.abs(steps - np.round(steps)) > GRID_TOLERANCE) | too_short):
        raise refuse(name, value, f"multiples of the time step dt = {dt}")


def _steps(name: str, value: Quantity, dt: Quantity) -> np.ndarray:
    """Return times in time steps, not rounded; refuse what Brian2 cannot count."""
    with np.errstate(over="ignore"):
        steps = np.asarray(value, dtype=float) / float(dt)
    largest = np.max(np.abs(steps), initial=0)
    if largest > LARGEST_COUNT:
        allowed = f"at most {LARGEST_COUNT} time steps (dt = {dt})"
        raise refuse(name, value, f"{allowed}; it would take {largest:.3g}")
    return steps


@described(NAME + VALUE, REFUSED)
def pure_numbers(name: str, value: object, unit: Unit | int) -> np.ndarray:
    """Return finite numbers without a unit, in SI units if they came with one.

    Parameters
    ----------
    unit : Unit or int
        What they may be measured in.

    Returns
    -------
    numpy.ndarray
        The numbers; an array of any shape.
    """
    allowed = f"finite numbers, pure or in {unit_name(get_dimensions(unit))}"
    try:
        fits = have_same_dimensions(value, unit) or have_same_dimensions(value, 1)
        numbers = np.asarray(value, float)
    except (TypeError, ValueError):
        raise refuse(name, value, allowed) from None
    if not fits or not np.isfinite(numbers).all():
        raise refuse(name, value, allowed)
    return numbers


@described(NAME + VALUE + DT, REFUSED)
def check_interval(name: str, value: object, dt: Quantity) -> Quantity:
    """Check a length of time that a simulation has to count in steps.

    Returns
    -------
    Quantity
        The length of time: positive, a multiple of the time step, and at most
        `LARGEST_COUNT` of them.
    """
    interval = check_quantity(name, value, second, above=0)
    check_on_grid(name, interval, dt)
    return interval


@described(NAME + VALUE, REFUSED)
def check_multiple(
    name: str, value: object, interval_name: str, interval: Quantity
) -> Quantity:
    """Check a length of time that must hold a whole number of intervals.

    Parameters
    ----------
    interval_name : str
        Name of the interval.
    interval : Quantity
        The interval.

    Returns
    -------
    Quantity
        The value, a positive multiple of the interval.
    """
    length = check_quantity(name, value, second, above=0)
    count = float(length) / float(interval)
    rounded = np.round(count)
    if not 1 <= rounded < np.inf or abs(count - rounded) > GRID_TOLERANCE:
        raise refuse(name, value, f"a multiple of {interval_name} = {interval}")
    return length


@described(NAME, REFUSED)
def check_spike_times(
    name: str, times: object, *, duration: Quantity, dt: Quantity
) -> Quantity | None:
    """Check the spike times of one neuron.

    Parameters
    ----------
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
    """
    if times is None:
        return None
    if np.size(times) == 0:
        raise refuse(name, times, "at least one spike time, or None for no spike")
    if np.ndim(times) == 0:
        allowed = "one or more finite values >= 0 in s, such as [10, 20]*ms"
        raise refuse(name, times, f"{allowed}; a list of these, one per synapse")
    times = check_quantity(name, times, second, at_least=0, ndim=1)
    steps = _steps(name, times, dt)
    if np.any(np.diff(steps) < 0):
        raise refuse(name, times, "spike times in ascending order")
    if np.any(np.diff(np.round(steps)) == 0):
        raise refuse(name, times, f"at most one spike per time step (dt = {dt})")
    check_on_grid(name, times, dt)
    if np.any(np.round(steps) >= np.round(float(duration / dt))):
        raise refuse(name, times, f"spikes before the end of the run ({duration})")
    return times


@described(NAME + VALUE, REFUSED)
def check_train(name: str, value: object) -> Quantity | None:
    """Check the spike times of one neuron where there is no time step.

    Returns
    -------
    Quantity or None
        The spike times, each later than the one before, with any origin of time; none
        at all, or None, for a silent neuron.
    """
    if value is None:
        return None
    is_empty = np.size(value) == 0 and np.ndim(value) == 1
    if is_empty and have_same_dimensions(value, second):
        return Quantity([], dim=second.dim)
    times = check_quantity(name, value, second, ndim=1)
    if np.any(np.diff(times) <= 0):
        raise refuse(name, value, "spike times in ascending order, no two the same")
    return times


@described(NAME, REFUSED)
def check_rate(
    name: str, rate: object, dt: Quantity | None = None
) -> Quantity | TimedArray:
    """Check a firing rate, constant or varying in time.

    Parameters
    ----------
    rate : Quantity or TimedArray
        A constant rate, or one value per epoch as a Brian2 `TimedArray`; not negative.
    dt : Quantity, optional
        The time step, if known: an epoch must be a multiple of it.

    Returns
    -------
    Quantity or TimedArray
        The rate.
    """
    if not isinstance(rate, TimedArray):
        return check_quantity(name, rate, Hz, at_least=0)
    check_quantity(f"{name}.values", _values_of(rate), Hz, at_least=0, ndim=1)
    if dt is not None:
        check_on_grid(f"{name}.dt", Quantity(rate.dt, dim=second.dim), dt)
    return rate


def _values_of(rate: Quantity | TimedArray) -> Quantity:
    if isinstance(rate, TimedArray):
        return Quantity(rate.values, dim=rate.dim)
    return rate


@described(NAME + DT, REFUSED)
def check_spikes_per_step(name: str, rate: Quantity | TimedArray, dt: Quantity) -> None:
    """Check that no neuron has to spike more than once in a time step.

    Parameters
    ----------
    rate : Quantity or TimedArray
        Rate of one neuron, constant, one for each neuron, or varying in time.
    """
    values = check_quantity(name, _values_of(rate), Hz, at_least=0, ndim=None)
    largest = float(values.max() * dt)
    # At 1 a neuron spikes in every step: rounding may not make the difference.
    if largest > 1 + GRID_TOLERANCE:
        allowed = f"at most one spike per time step (dt = {dt}), so at most {1 / dt}"
        raise refuse(name, values, f"{allowed}; it would take {largest:g} per step")


@described(DT, REFUSED)
def check_steps_fine_enough(
    dt: Quantity, time_constants: Mapping[str, Quantity], *, method: str = "exact"
) -> None:
    """Check that a time step resolves what is integrated in it.

    Parameters
    ----------
    time_constants : mapping of str to Quantity
        Every time constant of the model by its name.
    method : {"exact", "euler"}, optional
        How it is integrated. Exponentials that decay exactly in every time step need
        a step no longer than the shortest time constant. Euler's method needs a fifth
        of it (`LONGEST_STEP` says why). Exponentials that are only looked at when a
        spike comes need no check.
    """
    check_choice("method", method, LONGEST_STEP)
    name = min(time_constants, key=lambda key: float(time_constants[key]))
    longest = LONGEST_STEP[method] * time_constants[name]
    if dt > longest * (1 + GRID_TOLERANCE):
        constant = f"{name} = {time_constants[name]}"
        raise refuse("dt", dt, f"at most {longest}, because the model has {constant}")


@described(NAME, REFUSED)
def check_fits_32_bits(name: str, number: float) -> None:
    """Check that a count does not exceed what Brian2's 32 bits hold.

    Parameters
    ----------
    number : float
        The count; of a random one, its mean. Eight standard deviations of a Poisson
        count are added, so that no draw is too large either.
    """
    largest = float(number) + 8 * np.sqrt(float(number))
    if not largest <= LARGEST_COUNT:
        allowed = f"what comes to a count of at most {LARGEST_COUNT}"
        raise refuse(name, f"a count of {number:.6g}", allowed)


@described(NAME, REFUSED)
def check_memory(name: str, n_bytes: float) -> None:
    """Check that something fits in the memory that is available.

    Parameters
    ----------
    n_bytes : float
        How many bytes it takes.
    """
    available = available_memory()
    if not n_bytes <= available:
        allowed = f"what fits in the {available / 1e9:.3g} GB that are available"
        raise refuse(name, f"a size of {n_bytes / 1e9:.3g} GB", allowed)


@described(NAME)
def check_one_per_synapse(name: str, items: Sequence, n: int) -> list:
    """Repeat one item for every synapse, or check that there is one for each.

    Parameters
    ----------
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


@described("", REFUSED)
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
    """
    if seed is None:
        return int(np.random.default_rng().integers(LARGEST_SEED))
    seed = check_count("seed", seed, at_least=0)
    if seed > LARGEST_SEED:
        raise refuse("seed", seed, f"a whole number from 0 to {LARGEST_SEED}")
    return seed


@described("", REFUSED)
def check_dt(dt: object, duration: Quantity | None = None) -> Quantity:
    """Check a time step.

    Parameters
    ----------
    dt : Quantity
        The time step; positive.
    duration : Quantity, optional
        How long a run lasts, if known: it may have `LARGEST_COUNT` time steps.

    Returns
    -------
    Quantity
        The time step.
    """
    dt = check_quantity("dt", dt, second, above=0)
    steps = float(second if duration is None else duration) / float(dt)
    most = np.finfo(float).max if duration is None else LARGEST_COUNT
    if steps > most:
        span = "a second" if duration is None else f"the duration of {duration}"
        allowed = f"a step of which {span} has at most {most:.10g}"
        raise refuse("dt", dt, f"{allowed}; it would take {steps:.3g}")
    return dt


@described("", REFUSED)
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
    """
    if report is not None and not callable(report):
        allowed = "None, or a function of the completed fraction and the seconds"
        raise refuse("report", report, allowed)
    return report
