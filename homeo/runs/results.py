"""What a simulation returns: labelled arrays that know their units and their origin.

What tells one run from another, the parameters and the seed, are scalar coordinates:
``xarray.concat`` makes an axis of what varies over a grid, and `rule_of` reads the
parameters of one run back.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version

import numpy as np
import xarray as xr
from brian2 import Quantity, TimedArray, get_dimensions

from ..checks import refuse
from ..parameters import PairingProtocol, Parameters, SynapseParameters
from ..rules import name_of_rule
from ..units import unit_name

PACKAGES = {"homeo": "homeo", "brian2": "Brian2", "numpy": "numpy"}


def in_si(values: object, dims: tuple[str, ...], description: str) -> xr.Variable:
    """Turn numbers or a Brian2 quantity into a labelled array that knows its unit.

    Parameters
    ----------
    values : Quantity or array_like
        The values.
    dims : tuple of str
        Names of its dimensions.
    description : str
        What it is, for tables and axis labels.

    Returns
    -------
    xarray.Variable
        The numbers in SI units, the unit in ``attrs["units"]``.
    """
    attrs = {"units": unit_name(get_dimensions(values)), "long_name": description}
    return xr.Variable(dims, np.array(values), attrs)


def versions() -> dict[str, str]:
    """Return the versions of the packages that make the numbers.

    Returns
    -------
    dict of str to str
        Attributes for a result.
    """
    return {f"version_{key}": version(name) for key, name in PACKAGES.items()}


def told(
    parameters: Parameters | SynapseParameters, **others: object
) -> dict[str, xr.Variable]:
    """Describe what a model was told, as scalar coordinates of its result.

    Parameters
    ----------
    parameters : Parameters or SynapseParameters
        The rule, or its part on the synapse.
    **others
        Further records, quantities, numbers or words, by name.

    Returns
    -------
    dict of str to xarray.Variable
        ``parameters`` and each further record as JSON, and the value of every
        parameter of the rule by its name, an infinite one for a bound that there
        is not. ``target_rate`` is what the rule aims at.
    """
    whole = isinstance(parameters, Parameters)
    synapse = parameters.synapse if whole else parameters
    low, high = synapse.bounds
    values = {
        "rule": name_of_rule(synapse.rule),
        "eta": synapse.eta,
        "tau_stdp": synapse.tau_stdp,
        "w_0": synapse.w_0,
        "w_min": low,
        "w_max": high,
    }
    if whole:
        factor = parameters.global_factor
        values |= factor.values()
        if synapse.plasticity.aims_at_a_rate:
            values["target_rate"] = parameters.target_rate
    values |= {"parameters": parameters, **others}
    return {name: _scalar(name, value) for name, value in values.items()}


def _scalar(name: str, value: object) -> xr.Variable:
    if hasattr(value, "to_json"):
        value = value.to_json()
    if isinstance(value, str):
        return xr.Variable((), value)
    return in_si(value, (), name.replace("_", " "))


def rule_of(result: xr.Dataset, name: str = "result") -> Parameters:
    """Return the rule that a result was simulated with.

    Parameters
    ----------
    result : xarray.Dataset
        One run of a simulation that takes whole `Parameters`.
    name : str, optional
        What the argument is called where it is refused.

    Returns
    -------
    homeo.parameters.Parameters
        The rule.

    Raises
    ------
    ValueError
        If it holds several rules, or none.
    """
    return Parameters.from_json(str(told_by(result, "parameters", name)))


def synapse_of(result: xr.Dataset, name: str = "result") -> SynapseParameters:
    """Return the parameters of the synapse that a result was simulated with.

    Parameters
    ----------
    result : xarray.Dataset
        One run of any simulation.
    name : str, optional
        What the argument is called where it is refused.

    Returns
    -------
    synapse : SynapseParameters
        The parameters.

    Raises
    ------
    ValueError
        If it holds several, or none.
    """
    text = str(told_by(result, "parameters", name))
    if "global_factor" in json.loads(text):
        return rule_of(result, name).synapse
    return SynapseParameters.from_json(text)


def protocol_of(result: xr.Dataset, name: str = "result") -> PairingProtocol:
    """Return the protocol of a result of `homeo.protocol.simulate_pairing`.

    Parameters
    ----------
    result : xarray.Dataset
        One run.
    name : str, optional
        What the argument is called where it is refused.

    Returns
    -------
    PairingProtocol
        The protocol.

    Raises
    ------
    ValueError
        If it holds several, or none.
    """
    return PairingProtocol.from_json(str(told_by(result, "protocol", name)))


def told_by(result: xr.Dataset, key: str, name: str = "result") -> object:
    """Return one of the things that a result was told, if it is the same for all of it.

    Parameters
    ----------
    result : xarray.Dataset
        A result of a simulation, or several along a dimension.
    key : str
        Name of the coordinate.
    name : str, optional
        What the argument is called where it is refused.

    Returns
    -------
    object
        Its value.

    Raises
    ------
    ValueError
        If there are several, or none.
    """
    if not isinstance(result, xr.Dataset):
        raise refuse(name, result, "a result of a simulation")
    if key not in result.variables:
        raise refuse(name, list(result.variables), f"a result that tells its {key}")
    values = np.unique(result[key].values)
    if values.size != 1:
        varies = ", ".join(map(repr, result[key].dims))
        allowed = f"one {key}; choose one run with .sel or .isel along {varies}"
        raise refuse(name, dict(result.sizes), allowed)
    return values[0]


def times_of(name: str, data: xr.DataArray) -> tuple[np.ndarray, float]:
    """Return the times of samples, and the interval between them, in seconds.

    Parameters
    ----------
    name : str
        Name of the argument.
    data : xarray.DataArray
        What was sampled, along the dimension ``time``.

    Returns
    -------
    times : numpy.ndarray
        The coordinate ``time``.
    interval : float
        The same between all of them.

    Raises
    ------
    ValueError
        If there are fewer than two times, or they are not equally far apart.
    """
    times = data.coords["time"].values if "time" in data.coords else np.empty(0)
    intervals = np.diff(times)
    if not intervals.size or not (
        intervals[0] > 0 and np.allclose(intervals, intervals[0], rtol=1e-6, atol=0)
    ):
        allowed = "a coordinate time in seconds with two equal steps forward or more"
        raise refuse(name, f"time {times}", allowed)
    return times, float((times[-1] - times[0]) / len(intervals))


def course_at(course: TimedArray, times: np.ndarray) -> Quantity:
    """Return what a simulation reads from a course at some times.

    A course itself, called with times, counts in steps of Brian2's default clock,
    which outside a simulation is anybody's.

    Parameters
    ----------
    course : brian2.TimedArray
        Values along the first axis; its steps begin on the grid of the simulation.
    times : numpy.ndarray, shape (n,)
        Times of that grid, in seconds.

    Returns
    -------
    Quantity, shape (n, ...)
        The values; before the first and after the last step, that one.
    """
    values = Quantity(course.values, dim=course.dim)
    # A time on the grid is as good as one that rounding has put just before it.
    steps = np.floor(times / float(course.dt) + 1e-9).astype(int)
    return values[np.clip(steps, 0, len(values) - 1)]


def stack(results: Sequence[xr.Dataset], dim: str) -> xr.Dataset:
    """Return several results as one, along a new dimension.

    What tells the runs apart becomes a coordinate along it, whichever default
    ``xarray.concat`` has; measures such as `homeo.network.settling_time` take the
    whole grid.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        Results of the same simulation, with the same lengths and intervals.
    dim : str
        The dimension: something that the results were told, such as ``"eta"``, or a
        new name.

    Returns
    -------
    xarray.Dataset
        The grid.

    Raises
    ------
    ValueError
        If there are no results, or their dimensions or attributes differ.

    Examples
    --------
    >>> from brian2 import Hz, ms
    >>> from homeo import BRIAN_EXAMPLE, simulate_global_factor
    >>> rules = [BRIAN_EXAMPLE.replace(gamma=gamma * Hz) for gamma in (4, 5)]
    >>> runs = [simulate_global_factor(rule, 5 * Hz, 5 * ms, seed=1) for rule in rules]
    >>> stack(runs, "gamma").gamma.values
    array([4., 5.])
    """
    results = list(results)
    if not results or not all(isinstance(r, xr.Dataset) for r in results):
        raise refuse("results", results, "one or more results of a simulation")
    unlike = [r.attrs for r in results if r.attrs != results[0].attrs]
    if unlike:
        raise refuse("results", unlike[0], f"results that all have {results[0].attrs}")
    if not isinstance(dim, str) or any(dim in r.dims for r in results):
        raise refuse(
            "dim", dim, f"no dimension of the results: {dict(results[0].sizes)}"
        )
    unlike = [list(r.data_vars) for r in results if set(r) != set(results[0])]
    if unlike:
        allowed = f"results that all have {list(results[0].data_vars)}"
        raise refuse("results", unlike[0], allowed)
    how = {"data_vars": "all", "coords": "different", "compat": "equals"}
    return xr.concat(results, dim, join="exact", combine_attrs="identical", **how)
