"""What a simulation returns: labelled arrays that know their units and origin."""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
import xarray as xr
from brian2 import Quantity, second

from ..units import unit_name


def provenance(
    *,
    parameters: str,
    duration: Quantity,
    record_dt: Quantity,
    seed: int,
    target: str,
    dt: Quantity,
) -> dict:
    """Describe a run, so that it can be repeated.

    Parameters
    ----------
    parameters : str
        The parameters as JSON.
    duration : Quantity
        Length of the run.
    record_dt : Quantity
        Interval between two samples.
    seed : int
        The seed.
    target : str
        The code generation target.
    dt : Quantity
        The time step.

    Returns
    -------
    dict
        Attributes for the result; strings and numbers only, so NetCDF keeps them.
    """
    packages = {"homeo": "homeo", "brian2": "Brian2", "numpy": "numpy"}
    return {
        "parameters": parameters,
        "seed": seed,
        "target": target,
        "dt_s": float(dt / second),
        "duration_s": float(duration / second),
        "record_dt_s": float(record_dt / second),
        **{f"version_{key}": version(name) for key, name in packages.items()},
    }


def in_si(values: Quantity, dims: tuple[str, ...], description: str) -> xr.Variable:
    """Turn a Brian2 quantity into a labelled array that knows its unit.

    Parameters
    ----------
    values : Quantity
        What was recorded.
    dims : tuple of str
        Names of its dimensions.
    description : str
        What it is, for tables and axis labels.

    Returns
    -------
    xarray.Variable
        The numbers in SI units, the unit in ``attrs["units"]``.
    """
    values = Quantity(values)
    attrs = {"units": unit_name(values.dim), "long_name": description}
    return xr.Variable(dims, np.array(values), attrs)
