"""Names of the units that the book's models use.

Brian2 reduces units to base dimensions, so siemens times second comes back as
farad. A learning rate is not a capacitance: the names here are the field's.
"""

from __future__ import annotations

import re

import numpy as np
from brian2 import (
    Hz,
    Quantity,
    amp,
    get_dimensions,
    get_or_create_dimension,
    get_unit,
    second,
    siemens,
    volt,
)
from brian2.units.fundamentalunits import DIMENSIONLESS, Dimension, Unit

#: SI units by the name that results and records carry.
UNITS: dict[str, Unit | int] = {
    "1": 1,
    "s": second,
    "Hz": Hz,
    "V": volt,
    "A": amp,
    "S": siemens,
    "V s": volt * second,
    "A s": amp * second,
    "S s": siemens * second,
}

#: What Brian2 calls a product with the second: weber, coulomb and farad.
_PRODUCTS = {"V s": "Wb", "A s": "C", "S s": "F"}

_BASE_UNITS = ("m", "kg", "s", "A", "K", "mol", "cd")


def unit_name(dim: Dimension) -> str:
    """Return the name of the SI unit of a dimension.

    Parameters
    ----------
    dim : brian2.Dimension
        The dimension.

    Returns
    -------
    str
        A key of `UNITS` where there is one; otherwise a product of base units such
        as ``"m s^-1"``. `unit_named` reads both.
    """
    for name, unit in UNITS.items():
        if get_dimensions(unit) is dim:
            return name
    powers = [dim.get_dimension(base) for base in _BASE_UNITS]
    return " ".join(
        base if power == 1 else f"{base}^{power:g}"
        for base, power in zip(_BASE_UNITS, powers, strict=True)
        if power
    )


def unit_named(name: object) -> Unit | int:
    """Return the SI unit of a name that `unit_name` wrote.

    Parameters
    ----------
    name : str
        A key of `UNITS`, or a product of base units.

    Returns
    -------
    Unit or int
        The unit; 1 for a pure number.

    Raises
    ------
    ValueError
        If the name is none of these.
    """
    if isinstance(name, str) and name in UNITS:
        return UNITS[name]
    factor = rf"({'|'.join(_BASE_UNITS)})(?:\^(-?[\d.]+))?"
    if not isinstance(name, str) or not re.fullmatch(rf"{factor}( {factor})*", name):
        allowed = f"{', '.join(UNITS)}, or a product such as 'm s^-1'"
        raise ValueError(f"unit: got {name!r}; allowed: {allowed}")
    powers = dict.fromkeys(_BASE_UNITS, 0.0)
    for base, power in re.findall(factor, name):
        powers[base] += float(power or 1)
    return get_unit(get_or_create_dimension(list(powers.values())))


def unit_of(quantity: Quantity | float) -> Unit | int:
    """Return the SI unit of a quantity.

    Parameters
    ----------
    quantity : Quantity or float
        Any quantity.

    Returns
    -------
    Unit or int
        The unit; 1 for a pure number.
    """
    dim = get_dimensions(quantity)
    return 1 if dim is DIMENSIONLESS else get_unit(dim)


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
    unit, product = quantity.get_best_unit(), unit_name(quantity.dim)
    numbers = ", ".join(f"{value:g}" for value in np.atleast_1d(quantity / unit))
    symbol = str(unit).removeprefix("1. ")
    if product in _PRODUCTS:
        symbol = symbol.removesuffix(_PRODUCTS[product]) + product
    return f"{numbers} {symbol}"


def from_si(values: object, name: str) -> Quantity:
    """Give numbers in SI units their unit back.

    Parameters
    ----------
    values : array_like
        The numbers.
    name : str
        What `unit_name` wrote, such as a result's ``attrs["units"]``.

    Returns
    -------
    Quantity
        The quantity.

    Raises
    ------
    ValueError
        If the name is not one of a unit.
    """
    return Quantity(values, dim=get_dimensions(unit_named(name)))
