"""Homeostatic inhibitory plasticity with Brian2: the code behind the book.

One module per chapter: `global_factor`, `synapse`, `protocol`, `window`, `network` and
`stability`. They share `parameters`, `rules`, `theory` and
`plotting`; `lab` is the live widget in their pages. Underneath lie `simulation`,
which chooses where a model runs, `program`, which keeps what was compiled, `units`
and `checks`.
"""

from .global_factor import (
    global_factor_group,
    listen,
    listen_pooled,
    simulate_global_factor,
)
from .lab import Lab
from .network import recurrent_network, settling_time, simulate_network
from .parameters import (
    BRIAN_EXAMPLE,
    BRIAN_EXAMPLE_PROTOCOL,
    ZENKE_2015,
    GlobalFactorParameters,
    NetworkParameters,
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
    "NetworkParameters",
    "PairingProtocol",
    "Parameters",
    "SynapseParameters",
    "global_factor_group",
    "listen",
    "listen_pooled",
    "plastic_synapses",
    "preset",
    "recurrent_network",
    "settling_time",
    "simulate_forced_spikes",
    "simulate_global_factor",
    "simulate_network",
    "simulate_pairing",
    "simulate_poisson",
    "simulate_trains",
    "simulate_window",
    "weight_changes",
]
