"""In which unit an axis shows a quantity, whatever the unit of the data."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import xarray as xr
from brian2 import Quantity, get_dimensions
from matplotlib.axis import Axis

from ..checks import refuse
from ..units import unit_name

#: What weights without a unit are counted in.
LEAK = "leak cond."

_PREFIXES = {0: "", -3: "m", -6: "µ", -9: "n", -12: "p", -15: "f"}


@dataclass(frozen=True)
class AxisUnit:
    """An SI unit, as results name it, with the power of ten of its prefix."""

    si: str
    power: int = 0

    def __str__(self) -> str:
        return _PREFIXES[self.power] + self.si

    def label(self, symbol: str, pure_number: str = "") -> str:
        """Write the symbol of a quantity with its unit, or that of a pure number."""
        unit = pure_number if self.si == "1" else str(self)
        return f"{symbol} ({unit})" if unit else symbol


def on_axis(
    axis: Axis, values: xr.DataArray | Quantity | float
) -> tuple[np.ndarray, AxisUnit]:
    """Return a quantity as numbers in the unit of an axis, and that unit."""
    unit = choose_unit(axis, values)
    return _in_si(values)[0] / 10.0**unit.power, unit


def choose_unit(axis: Axis, *several: xr.DataArray | Quantity | float) -> AxisUnit:
    """Choose in which unit an axis shows some quantities of one dimension.

    The axis keeps the unit, as do those that share it, and refuses other
    dimensions from then on. The prefix, from femto to none, is the one with which
    the largest number lies between 1 and 1000; rates stay in Hz.
    """
    arrays, names = zip(*map(_in_si, several), strict=True)
    unit = axis.get_units()
    shown = names[0] if unit is None else getattr(unit, "si", unit)
    if set(names) != {shown}:
        allowed = f"an axis in {' or '.join(sorted(set(names)))}, or a new one"
        raise refuse("ax", f"an axis in {shown}", allowed)
    if unit is not None:
        return unit
    numbers = np.abs(np.concatenate([np.ravel(array) for array in arrays]))
    largest = numbers[np.isfinite(numbers)].max(initial=0)
    if largest == 0:  # Zero is zero in every unit: later numbers may choose.
        return AxisUnit(shown)
    unit = AxisUnit(shown, _power(largest) if _takes_prefix(shown) else 0)
    axis.set_units(unit)
    return unit


def _in_si(values: xr.DataArray | Quantity | float) -> tuple[np.ndarray, str]:
    if isinstance(values, xr.DataArray):
        # What has lost its unit is drawn as the numbers that it holds.
        return values.values, values.attrs.get("units", "1")
    return np.asarray(values), unit_name(get_dimensions(values))


def _takes_prefix(si: str) -> bool:
    # nS and nS s, but neither a prefix inside a power nor one before kg.
    simple = re.fullmatch(r"[A-Za-z]+([ /][A-Za-z]+)*", si)
    return bool(simple) and si != "Hz" and not si.startswith("kg")


def _power(largest: float) -> int:
    # Rounding must not turn 1 nS, kept as 0.9999999999999999e-9 S, into 1000 pS.
    steps = np.floor(np.log10(largest * (1 + 1e-9)) / 3)
    return int(np.clip(3 * steps, min(_PREFIXES), 0))
