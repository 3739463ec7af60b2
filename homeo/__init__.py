"""Homeostatic inhibitory plasticity with Brian2: the code behind the book.

One module per chapter: `global_factor`, `synapse`, `protocol` and `window`. The
chapters share `parameters`, `rules`, `theory` and `plotting`; `lab` is the live
widget in their pages. Underneath lie `simulation`, which chooses where a model runs,
`units` and `checks`.
"""

from .global_factor import (
    global_factor_group,
    listen,
    listen_pooled,
    simulate_global_factor,
)
from .lab import Lab
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
from .synapse import plastic_synapses
from .window import simulate_poisson, simulate_trains, simulate_window

__all__ = [
    "BRIAN_EXAMPLE",
    "BRIAN_EXAMPLE_PROTOCOL",
    "ZENKE_2015",
    "GlobalFactorParameters",
    "Lab",
    "PairingProtocol",
    "Parameters",
    "SynapseParameters",
    "global_factor_group",
    "listen",
    "listen_pooled",
    "plastic_synapses",
    "preset",
    "simulate_forced_spikes",
    "simulate_global_factor",
    "simulate_pairing",
    "simulate_poisson",
    "simulate_trains",
    "simulate_window",
    "weight_changes",
]
