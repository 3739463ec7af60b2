"""What a reader can set in the Lab: values, units, and where the sliders stop.

A preset is a set of parameters to begin with. It says which unit the weights have,
and so which unit the sliders count in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from numbers import Real
from types import MappingProxyType
from typing import Any

import numpy as np
from brian2 import Quantity, have_same_dimensions, siemens
from brian2.units.fundamentalunits import Unit

from ..checks import GRID_TOLERANCE, REFUSED, check_choice, check_quantity, refuse
from ..docstrings import described, entry
from ..parameters import Parameters
from ..published import BRIAN_EXAMPLE, BRIAN_EXAMPLE_PROTOCOL, ZENKE_2015
from ..units import from_si, show, unit_name

UNIT = entry("unit : str", "A key of `DISPLAY_UNITS`.")
STOPS = entry("stops : Stops", "The stops.")
PRESET = entry("preset : Preset", "The preset.")
TO_ACCEPT = entry("name : str", "Name of the setting.") + entry(
    "preset : Preset", "The other parameters."
)

DISPLAY_UNITS: Mapping[str, tuple[str, float]] = MappingProxyType(
    {
        "s": ("s", 1.0),
        "ms": ("ms", 1e-3),
        "Hz": ("Hz", 1.0),
        "nS": ("nS", 1e-9),
        "nS s": ("nS s", 1e-9),
        "neurons": ("neurons", 1.0),
        "leak": ("leak conductances", 1.0),
        "leak s": ("s", 1.0),
    }
)


@dataclass(frozen=True, kw_only=True)
class Stops:
    """The values at which a slider stops.

    Parameters
    ----------
    unit : str
        A key of `DISPLAY_UNITS`.
    positions : tuple of float or None
        Values in SI units, ascending; None at an end means "no bound".
    """

    unit: str
    positions: tuple[float | None, ...]

    @property
    def limits(self) -> tuple[float, float]:
        """The smallest and the largest value, in SI units."""
        finite = [value for value in self.positions if value is not None]
        return finite[0], finite[-1]

    def allow(self, value: float | None) -> bool:
        """Say whether a value may be set, at a stop or between two.

        Parameters
        ----------
        value : float or None
            The value, in SI units.

        Returns
        -------
        bool
            Whether it lies within the limits, or is None where that is a stop.
        """
        if value is None:
            return None in self.positions
        low, high = self.limits
        return low <= value <= high

    def including(self, value: float | None) -> Stops:
        """Return the stops with one more.

        Parameters
        ----------
        value : float or None
            The value; None adds nothing.

        Returns
        -------
        Stops
            The stops.
        """
        if value is None or value in self.positions:
            return self
        finite = sorted({*self.positions, value} - {None})
        head = self.positions[:1] if self.positions[0] is None else ()
        tail = self.positions[-1:] if self.positions[-1] is None else ()
        return Stops(unit=self.unit, positions=(*head, *finite, *tail))


@described(UNIT)
def evenly(unit: str, low: float, high: float, step: float) -> Stops:
    """Return stops that lie evenly.

    Parameters
    ----------
    low, high, step : float
        First and last stop and the distance between two, in that unit.

    Returns
    -------
    Stops
        The stops.
    """
    factor = DISPLAY_UNITS[unit][1]
    numbers = np.arange(round(low / step), round(high / step) + 1) * step
    return Stops(unit=unit, positions=tuple(_tidy(numbers * factor)))


@described(UNIT)
def by_decade(unit: str, low: float, high: float) -> Stops:
    """Return stops at round numbers, ten to a decade.

    Parameters
    ----------
    low, high : float
        First and last stop, in that unit.

    Returns
    -------
    Stops
        The stops.
    """
    mantissas = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
    factor = DISPLAY_UNITS[unit][1]
    decades = np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    numbers = np.multiply.outer(10.0**decades, mantissas).ravel()
    inside = (numbers >= low * 0.999) & (numbers <= high * 1.001)
    return Stops(unit=unit, positions=tuple(_tidy(numbers[inside] * factor)))


def _tidy(numbers: np.ndarray) -> list[float]:
    return [float(f"{number:.6g}") for number in numbers]


@described(STOPS)
def whole(stops: Stops) -> Stops:
    """Return stops as whole numbers.

    Returns
    -------
    Stops
        The same, as integers.
    """
    return Stops(unit=stops.unit, positions=tuple(map(int, stops.positions)))


@described(STOPS)
def or_none(stops: Stops, end: str) -> Stops:
    """Return stops with "no bound" at one end.

    Parameters
    ----------
    end : {"low", "high"}
        Which end.

    Returns
    -------
    Stops
        With None there.
    """
    positions = (None, *stops.positions) if end == "low" else (*stops.positions, None)
    return Stops(unit=stops.unit, positions=positions)


@dataclass(frozen=True, kw_only=True)
class Preset:
    """Where a Lab can begin.

    Parameters
    ----------
    parameters : Parameters
        The global factor and the synapse.
    meaning : str
        What it is, in words.
    label : str, optional
        What its button says; by default its name.
    values : mapping of str to Quantity, optional
        Settings that are no parameters, where they begin elsewhere.
    """

    parameters: Parameters
    meaning: str
    label: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def weights(self) -> str:
        """``"nS"`` if weights are conductances, ``"leak"`` if they count in leaks."""
        unit = self.parameters.synapse.weight_unit
        return "nS" if have_same_dimensions(unit, siemens) else "leak"

    def all_values(self) -> dict[str, Any]:
        """Return the values by name.

        Returns
        -------
        dict
            Those of the global factor, of the synapse, and its own.
        """
        records = (self.parameters.global_factor, self.parameters.synapse)
        values = {f.name: getattr(r, f.name) for r in records for f in fields(r)}
        return values | dict(self.values)


#: The presets of `homeo.parameters`.
PARAMETER_PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "ZENKE_2015": Preset(
            parameters=ZENKE_2015, meaning="the paper's own simulation code"
        ),
        "BRIAN_EXAMPLE": Preset(
            parameters=BRIAN_EXAMPLE, meaning="Brian2's published example"
        ),
    }
)


@described(TO_ACCEPT)
def accept_parameter(name: str, value: Any, preset: Preset) -> Any:
    """Return a parameter, or refuse it in the words of its record.

    Parameters
    ----------
    value : Quantity, int or None
        The value.

    Returns
    -------
    Quantity, int or None
        The value.

    Raises
    ------
    ValueError
        If the record refuses it.
    """
    changed = preset.parameters.replace(**{name: value})
    return Preset(parameters=changed, meaning=preset.meaning).all_values()[name]


@described(TO_ACCEPT, REFUSED)
def accept_learning_rate(name: str, value: Any, preset: Preset) -> Quantity:
    """Return a learning rate, or refuse it.

    Parameters
    ----------
    value : Quantity
        The learning rate, in the unit of the weights times seconds.

    Returns
    -------
    Quantity
        The learning rate.
    """
    rates = [p.parameters.synapse.eta for p in PARAMETER_PRESETS.values()]
    if isinstance(value, Quantity) and value.dim in {rate.dim for rate in rates}:
        # The record would refuse the weights, which count in the other unit.
        return check_quantity(name, value, preset.parameters.synapse.eta, above=0)
    return accept_parameter(name, value, preset)


@described("", REFUSED)
def accept_lag(name: str, value: Any, _preset: Preset) -> Quantity:
    """Return a lag, or refuse it in the words of the protocol.

    Parameters
    ----------
    name : str
        Name of the setting.
    value : Quantity
        The lag.
    _preset : Preset
        Not needed.

    Returns
    -------
    Quantity
        The lag.
    """
    return getattr(BRIAN_EXAMPLE_PROTOCOL.replace(**{name: value}), name)


def accept(unit: Unit, **bounds: float) -> Callable[[str, Any, Preset], Quantity]:
    """Make a function that returns a quantity, or refuses what is none.

    Parameters
    ----------
    unit : Unit
        A unit of the dimension that is expected.
    **bounds
        Bounds of `homeo.checks.check_quantity`, in SI units.

    Returns
    -------
    callable
        To be given to a `Setting`; it takes the name, the value and the preset.
    """
    return lambda name, value, _preset: check_quantity(name, value, unit, **bounds)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Something that a reader can set.

    Parameters
    ----------
    name : str
        Name, as in the records of `homeo.parameters` where it is one of them.
    meaning : str
        What it is, in words.
    value : Quantity, int, bool, str or None
        Value at the start; a preset replaces it where it has one of that name.
    symbol : str, optional
        Symbol; what follows an underscore is written as an index.
    stops : Stops or mapping of str to Stops, optional
        Where a slider stops; by `Preset.weights` where the unit depends on it.
    options : mapping of str to str, optional
        What to choose from, with the words for each.
    grid : Quantity, optional
        Values are multiples of this.
    accept : callable, optional
        ``accept(name, value, preset)`` returns the value as a quantity, or refuses
        it; by default as `homeo.parameters` does for a parameter of that name.
    """

    name: str
    meaning: str
    value: Any = None
    symbol: str = ""
    stops: Stops | Mapping[str, Stops] | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    grid: Quantity | None = None
    accept: Callable[[str, Any, Preset], Any] = accept_parameter

    @property
    def kind(self) -> str:
        """``"number"``, ``"count"``, ``"choice"`` or ``"switch"``."""
        if self.options:
            return "choice"
        if isinstance(self.value, bool):
            return "switch"
        counts = isinstance(self.stops, Stops) and self.stops.unit == "neurons"
        return "count" if counts else "number"

    @described(PRESET)
    def start(self, preset: Preset) -> Any:
        """Return the value at the start under a preset.

        Returns
        -------
        Quantity, int, bool, str or None
            The value.
        """
        return preset.all_values().get(self.name, self.value)

    @described(PRESET)
    def stops_for(self, preset: Preset) -> Stops | None:
        """Return where the slider stops under a preset.

        Returns
        -------
        Stops or None
            The stops, the value at the start among them; None for no slider.
        """
        if self.stops is None:
            return None
        by_unit = isinstance(self.stops, Mapping)
        stops = self.stops[preset.weights] if by_unit else self.stops
        return stops.including(plain(self.start(preset)))

    @described(PRESET)
    def like(self, preset: Preset) -> Any:
        """Return a value with the unit of this setting.

        Returns
        -------
        Quantity or object
            The value at the start; for a bound that is not set, a weight.
        """
        value = self.start(preset)
        return preset.parameters.synapse.w_0 if value is None else value

    @described(PRESET, REFUSED)
    def check(self, value: Any, preset: Preset) -> Any:
        """Check a value that is to be set.

        Parameters
        ----------
        value : Quantity, int, bool, str or None
            The value.

        Returns
        -------
        float, int, bool, str or None
            The value in SI units.
        """
        if self.kind == "choice":
            return check_choice(self.name, value, self.options)
        if self.kind == "switch":
            if not isinstance(value, bool):
                raise refuse(self.name, value, "True or False")
            return value
        accepted = self.accept(self.name, value, preset)
        if self.grid is not None:
            self._check_grid(accepted)
        stops = self.stops_for(preset)
        if not stops.allow(plain(accepted)):
            low, high = (show(with_unit(e, self.like(preset))) for e in stops.limits)
            unless = " or None" if None in stops.positions else ""
            raise refuse(self.name, value, f"from {low} to {high}{unless} in this Lab")
        return plain(accepted)

    def _check_grid(self, value: Quantity) -> None:
        steps = float(value / self.grid)
        if abs(steps - round(steps)) > GRID_TOLERANCE:
            raise refuse(self.name, value, f"multiples of {show(self.grid)}")


def plain(value: Any) -> Any:
    """Return a value as a number in SI units; what is no quantity stays as it is.

    Parameters
    ----------
    value : Quantity or object
        The value.

    Returns
    -------
    object
        A float for a quantity.
    """
    return float(value) if isinstance(value, Quantity) else value


def with_unit(value: Any, like: Any) -> Any:
    """Give a plain number the unit of another value.

    Parameters
    ----------
    value : object
        What `plain` returned.
    like : Quantity or object
        A value with the unit.

    Returns
    -------
    object
        A quantity where `like` is one and `value` is a number.
    """
    if not isinstance(value, Real) or not isinstance(like, Quantity):
        return value
    return from_si(value, unit_name(like.dim))
