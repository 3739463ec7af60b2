"""The published parameters, each value with its source."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from brian2 import Hz, ms, nsiemens, second

from .checks import check_choice
from .parameters import (
    GlobalFactorParameters,
    NetworkParameters,
    PairingProtocol,
    Parameters,
    SynapseParameters,
)

_CODE = "authors' code, fzenke/pub2015orchestrated"
_PAPER = "Zenke, Agnes & Gerstner 2015, doi:10.1038/ncomms7922"

#: The rule as the paper's own simulation code runs it. Weights in leak conductances.
ZENKE_2015 = Parameters(
    global_factor=GlobalFactorParameters(
        gamma=4 * Hz, tau_H=10 * second, H_0=4 * Hz, N=4096
    ),
    synapse=SynapseParameters(
        rule="zenke_2015",
        eta=5e-6 * second,
        tau_stdp=20 * ms,
        w_0=0.15,
        w_min=0.0,
        w_max=5.0,
    ),
    sources={
        "gamma": f"{_CODE}, run scripts",
        "tau_H": f"{_PAPER}; {_CODE}",
        "H_0": f"{_CODE}, GlobalPFConnection.cpp: G starts at 0",
        "N": f"{_PAPER}; {_CODE}, sim_rc_p10c.cpp",
        "rule": f"{_CODE}, GlobalPFConnection.cpp",
        "eta": f"{_CODE}: eta_i / gamma with eta_i = 2e-5",
        "tau_stdp": f"{_PAPER}; {_CODE}, GlobalPFConnection.cpp",
        "w_0": f"{_CODE}, sim_rc_p10c.cpp",
        "w_min": f"{_CODE}, GlobalPFConnection.cpp",
        "w_max": f"{_CODE}, sim_rc_p10c.cpp",
    },
)

_EXAMPLE = (
    "Brian2 example homeostatic_stdp_at_inhibitory_synapes, "
    "P. Brodersen 2025, Brian2 <= 2.9"
)

#: The rule as Brian2's published example runs it. Weights in siemens.
BRIAN_EXAMPLE = Parameters(
    global_factor=GlobalFactorParameters(
        gamma=5 * Hz, tau_H=100 * ms, H_0=0 * Hz, N=1000
    ),
    synapse=SynapseParameters(
        rule="brian_example",
        eta=1 * nsiemens * second,
        tau_stdp=20 * ms,
        w_0=0 * nsiemens,
        w_min=None,
        w_max=None,
    ),
    sources={
        **dict.fromkeys(("gamma", "N", "rule", "eta", "tau_stdp", "w_0"), _EXAMPLE),
        "tau_H": f"{_EXAMPLE}: shortened on purpose",
        "H_0": f"{_EXAMPLE}: by default",
        "w_min": f"{_EXAMPLE}: no bound",
        "w_max": f"{_EXAMPLE}: no bound",
    },
)

PRESETS: Mapping[str, Parameters] = MappingProxyType(
    {"ZENKE_2015": ZENKE_2015, "BRIAN_EXAMPLE": BRIAN_EXAMPLE}
)

#: The experiment of the Brian2 example: five epochs, one pairing in the middle of each.
BRIAN_EXAMPLE_PROTOCOL = PairingProtocol(
    rates=[0, 2.5, 5, 7.5, 10] * Hz,
    epoch=1 * second,
    pairing_time=500 * ms,
    lag=1 * ms,
)


def preset(name: str) -> Parameters:
    """Return a published set of parameters by name.

    Parameters
    ----------
    name : {"ZENKE_2015", "BRIAN_EXAMPLE"}
        Which one.

    Returns
    -------
    parameters : Parameters
        The parameters.

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    return PRESETS[check_choice("preset", name, PRESETS)]


#: The small network: as many synapses on each cell as in that of 1000 + 250 cells.
SMALL_NETWORK = NetworkParameters(n_E=400, n_I=100, p=0.25)
