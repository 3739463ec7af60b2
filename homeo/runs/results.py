"""What a simulation returns: labelled arrays that know their units and their origin.

What tells one run from another, the parameters and the seed, are scalar coordinates:
``xarray.concat`` makes an axis of what varies over a grid, and `rule_of` reads the
parameters of one run back.
"""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
import xarray as xr
from brian2 import get_dimensions

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


def rule_of(result: xr.Dataset) -> Parameters:
    """Return the rule that a result was simulated with.

    Parameters
    ----------
    result : xarray.Dataset
        One run of a simulation that takes whole `Parameters`.

    Returns
    -------
    homeo.parameters.Parameters
        The rule.

    Raises
    ------
    ValueError
        If it holds several rules.
    """
    return Parameters.from_json(_text(result, "parameters"))


def synapse_of(result: xr.Dataset) -> SynapseParameters:
    """Return the parameters of the synapse that a result was simulated with.

    Parameters
    ----------
    result : xarray.Dataset
        One run of any simulation.

    Returns
    -------
    synapse : SynapseParameters
        The parameters.

    Raises
    ------
    ValueError
        If it holds several.
    """
    text = _text(result, "parameters")
    whole = '"global_factor"' in text
    return rule_of(result).synapse if whole else SynapseParameters.from_json(text)


def protocol_of(result: xr.Dataset) -> PairingProtocol:
    """Return the protocol of a result of `homeo.protocol.simulate_pairing`.

    Parameters
    ----------
    result : xarray.Dataset
        One run.

    Returns
    -------
    PairingProtocol
        The protocol.

    Raises
    ------
    ValueError
        If it holds several.
    """
    return PairingProtocol.from_json(_text(result, "protocol"))


def _text(result: xr.Dataset, name: str) -> str:
    check_one(result, name)
    return str(result[name].item())


def check_one(result: xr.Dataset, name: str) -> None:
    """Check that a result has one value of what it was told, not a grid of them.

    Parameters
    ----------
    result : xarray.Dataset
        A result of a simulation, or several along a dimension.
    name : str
        The coordinate that must have one value.

    Raises
    ------
    ValueError
        If it has several, or none.
    """
    if name not in result.coords:
        raise refuse("result", dict(result.sizes), f"a result that tells its {name}")
    varies = result[name].dims
    if varies:
        allowed = f"one run: select one along {', '.join(map(repr, varies))}"
        raise refuse("result", dict(result.sizes), allowed)
