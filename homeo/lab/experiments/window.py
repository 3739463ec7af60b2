"""Chapter 4: one pair of spikes at every lag."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from brian2 import Hz, Network, ms, nsiemens

from ...global_factor import clamped_global_factor
from ...protocol import forced_neurons, periodic_neurons
from ...published import BRIAN_EXAMPLE
from ...runs.recording import time_of
from ..settings import plain
from .experiment import Affine, Experiment, Output, recording_clock, with_shape
from .shared import (
    HELD_FACTOR,
    NEVER,
    PLASTICITY_SETTINGS,
    PRE_SPIKES,
    record_under_each_rule,
    set_under_each_rule,
    synapses_under_each_rule,
)

#: All lags lie on this grid; the traces are exact between spikes.
_WINDOW_DT = 2 * ms
_WINDOW_STEPS = 50
_WINDOW_LAGS = np.arange(-_WINDOW_STEPS, _WINDOW_STEPS + 1)


def _build_window(network: Network, experiment: Experiment) -> list[Output]:
    dt, n = experiment.dt, len(_WINDOW_LAGS)
    pre = periodic_neurons(_WINDOW_STEPS * dt, NEVER * dt, dt=dt, name="presynaptic")
    post = forced_neurons([[_WINDOW_STEPS + lag] * dt for lag in _WINDOW_LAGS])
    factor = clamped_global_factor(
        [plain(experiment.setting("G").value)] * Hz, name="global_factor"
    )
    synapses = synapses_under_each_rule(
        pre,
        post,
        factor,
        BRIAN_EXAMPLE.replace(w_0=0 * nsiemens, w_min=None, w_max=None),
        connect={"i": np.zeros(n, dtype=int), "j": np.arange(n)},
    )
    clock = recording_clock(experiment)
    network.add(pre, post, factor, *synapses.values())
    monitors, recorded = record_under_each_rule(
        synapses, ["w"], n, experiment, clock, "lag"
    )
    network.add(monitors)
    return [
        *with_shape([time_of(monitors[0])], experiment),
        *(
            replace(weight, name=f"w_{rule}", when={})
            for rule, (weight,) in recorded.items()
        ),
    ]


WINDOW = Experiment(
    name="window",
    title="One pair of spikes at every lag, the global factor held constant",
    # Two samples: before all spikes and after.
    duration=2 * (2 * _WINDOW_STEPS + 1) * _WINDOW_DT,
    dt=_WINDOW_DT,
    record_dt=(2 * _WINDOW_STEPS + 1) * _WINDOW_DT,
    settings=(HELD_FACTOR, PRE_SPIKES, *PLASTICITY_SETTINGS),
    arguments={
        "global_factor.G": Affine(terms={"G": 1}),
        "presynaptic.first_step": Affine(
            terms={"pre_spike": _WINDOW_STEPS - NEVER}, offset=NEVER, integer=True
        ),
        **set_under_each_rule(PLASTICITY_SETTINGS),
    },
    build=_build_window,
    facts={"lags": [plain(lag * _WINDOW_DT) for lag in _WINDOW_LAGS]},
)
