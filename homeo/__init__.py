"""Homeostatic inhibitory plasticity with Brian2: the code behind the book.

One module per chapter: `global_factor`, `synapse`, `protocol`, `window`, `network`,
`stability` (with `ringing`) and `rules`. They share `parameters`, `theory` and `plotting`; `lab` is
the live widget in their pages. Underneath lie `simulation`, which chooses where a
model runs, `program`, which keeps what was compiled, `units` and `checks`.
"""

from .circuit import recurrent_network
from .global_factor import (
    global_factor_group,
    listen,
    listen_pooled,
    simulate_global_factor,
)
from .lab import Lab
from .network import settling_time, simulate_network
from .parameters import (
    GlobalFactorParameters,
    NetworkParameters,
    PairingProtocol,
    Parameters,
    SynapseParameters,
)
from .protocol import simulate_forced_spikes, simulate_pairing, weight_changes
from .published import (
    BRIAN_EXAMPLE,
    BRIAN_EXAMPLE_PROTOCOL,
    SMALL_NETWORK,
    ZENKE_2015,
    preset,
)
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
    "SMALL_NETWORK",
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
