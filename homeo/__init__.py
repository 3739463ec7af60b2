"""Homeostatic inhibitory plasticity with Brian2: the code behind the book.

One module per chapter: `global_factor`, `synapse` and `protocol`. The chapters
share `parameters`, `theory` and `plotting`.
"""

from .global_factor import simulate_global_factor
from .parameters import (
    BRIAN_EXAMPLE,
    BRIAN_EXAMPLE_PROTOCOL,
    ZENKE_2015,
    GlobalFactorParameters,
    PairingProtocol,
    Parameters,
    SynapseParameters,
    preset,
)
from .protocol import simulate_forced_spikes, simulate_pairing, weight_changes

__all__ = [
    "BRIAN_EXAMPLE",
    "BRIAN_EXAMPLE_PROTOCOL",
    "ZENKE_2015",
    "GlobalFactorParameters",
    "PairingProtocol",
    "Parameters",
    "SynapseParameters",
    "preset",
    "simulate_forced_spikes",
    "simulate_global_factor",
    "simulate_pairing",
    "weight_changes",
]
