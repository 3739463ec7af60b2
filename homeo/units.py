"""Names of the units that the book's models use.

Brian2 reduces units to base dimensions, so siemens times second comes back as
farad. A learning rate is not a capacitance: the names here are the field's.
"""

from __future__ import annotations

import numpy as np
from brian2 import Hz, Quantity, get_dimensions, get_unit, second, siemens, volt
from brian2.units.fundamentalunits import Dimension, Unit

#: SI units by the name that results and records carry.
UNITS: dict[str, Unit | int] = {
    "1": 1,
    "s": second,
    "Hz": Hz,
    "V": volt,
    "S": siemens,
    "S s": siemens * second,
}


def unit_name(dim: Dimension) -> str:
    """Return the name of the SI unit of a dimension.

    Parameters
    ----------
    dim : brian2.Dimension
        The dimension.

    Returns
    -------
    str
        A key of `UNITS` where there is one, Brian2's name otherwise.
    """
    for name, unit in UNITS.items():
        if get_dimensions(unit) is dim:
            return name
    return str(get_unit(dim))


def show(quantity: Quantity | float) -> str:
    """Write a quantity the way a table does, such as ``20 ms``.

    Parameters
    ----------
    quantity : Quantity or float
        One value or several.

    Returns
    -------
    str
        Number and unit.
    """
    values = np.atleast_1d(np.asarray(quantity))
    if not isinstance(quantity, Quantity):
        return ", ".join(f"{value:g}" for value in values)
    unit = quantity.get_best_unit()
    numbers = ", ".join(f"{value:g}" for value in np.atleast_1d(quantity / unit))
    return f"{numbers} {str(unit).replace('F', 'S s')}"


def from_si(values: object, name: str) -> Quantity:
    """Give numbers in SI units their unit back.

    Parameters
    ----------
    values : array_like
        The numbers.
    name : str
        A key of `UNITS`, such as a result's ``attrs["units"]``.

    Returns
    -------
    Quantity
        The quantity.
    """
    return Quantity(values, dim=get_dimensions(UNITS[name]))
