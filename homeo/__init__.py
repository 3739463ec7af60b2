"""Homeostatic inhibitory plasticity with Brian2: the code behind the book.

One module per chapter: `global_factor`, `synapse`, `protocol`, `window`, `network`,
`stability` (with `ringing`) and `rules`; `own_network` is for networks of one's own.
What a model is told is in `records`, `parameters` and `published`; its cells and
connections are in `circuit`. `theory` has the closed forms, `runs` says how and where
a simulation runs, `figures` draws, and `lab` is the live widget in the pages.
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
from .own_network import homeostatic_inhibition
from .parameters import (
    GlobalFactorParameters,
    NetworkParameters,
    PairingProtocol,
    Parameters,
    SynapseParameters,
)
from .protocol import (
    simulate_forced_spikes,
    simulate_pairing,
    snap_spikes,
    weight_changes,
)
from .published import (
    BRIAN_EXAMPLE,
    BRIAN_EXAMPLE_PROTOCOL,
    SMALL_NETWORK,
    ZENKE_2015,
    preset,
)
from .rules import Rule
from .runs.results import stack
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
    "Rule",
    "SMALL_NETWORK",
    "SynapseParameters",
    "global_factor_group",
    "homeostatic_inhibition",
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
    "snap_spikes",
    "stack",
    "weight_changes",
]
