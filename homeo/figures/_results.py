"""What figures read from results and tables, and what they refuse to draw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import xarray as xr
from brian2 import Hz, Quantity
from matplotlib.axes import Axes

from ..checks import refuse
from ..parameters import SynapseParameters
from ..runs.results import synapse_of, told_by
from ..theory import gain

_ONE_RUN = "choose one run with .sel or .isel"


def with_dims(name: str, data: xr.DataArray, *dims: str) -> xr.DataArray:
    """Return an array with its dimensions in order, if it has no others."""
    if not isinstance(data, xr.DataArray):
        raise refuse(name, data, f"an array with the dimensions {dims}")
    if set(data.dims) != set(dims):
        raise refuse(name, dict(data.sizes), f"the dimensions {dims}; {_ONE_RUN}")
    return data.transpose(*dims)


def of_one_run(
    name: str, result: xr.Dataset, variable: str, *dims: str
) -> xr.DataArray:
    """Return a variable of a result, if it has no dimensions but those drawn."""
    if not isinstance(result, xr.Dataset) or variable not in result.variables:
        raise refuse(name, result, f"a result with the variable {variable!r}")
    return with_dims(name, result[variable], *dims)


def held(
    name: str, result: xr.Dataset
) -> tuple[SynapseParameters, Quantity | None, Quantity | float]:
    """Return the synapse, the G it was held at, and its gain, by which one divides."""
    synapse = synapse_of(result, name)
    reads_G = synapse.plasticity.reads_G
    G = float(told_by(result, "G", name)) * Hz if reads_G else None
    unit = gain(G, synapse)
    if unit == 0:
        raise refuse(name, f"G = {G}", "a result at a G that is not 0 Hz")
    return synapse, G, unit


def finite(name: str, values: Iterable[float]) -> np.ndarray:
    """Return a row of numbers, all of which can be drawn."""
    numbers = np.asarray(values, dtype=float)
    if numbers.ndim != 1 or not np.all(np.isfinite(numbers)):
        raise refuse(name, values, "one row of finite numbers")
    return numbers


def check_one_row_each(name: str, table: pd.DataFrame, columns: list[str]) -> None:
    """Refuse a table in which a mean over rows would mix several experiments."""
    twice = table.duplicated(columns)
    if twice.any():
        row = table.loc[twice, columns].iloc[0].to_dict()
        raise refuse(name, f"several rows at {row}", f"one row for each of {columns}")


def panels(axes: Sequence[Axes], n: int) -> list[Axes]:
    """Return the axes of a figure with several panels, if they are as many."""
    found = list(np.ravel(axes))
    if not all(isinstance(ax, Axes) for ax in found):
        raise refuse("axes", axes, f"a sequence of {n} axes")
    if len(found) != n:
        raise refuse("axes", f"{len(found)} of them", f"{n}")
    return found
