"""Chapter 2: two spikes at one synapse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from brian2 import Hz, Network, ms

from ...global_factor import clamped_global_factor
from ...protocol import periodic_neurons
from ...runs.recording import time_of
from ..settings import Setting, plain
from .experiment import Affine, Experiment, Output, recording_clock, with_shape
from .shared import (
    HELD_FACTOR,
    LAG,
    NEVER,
    PRE_SPIKES,
    RULE,
    SPIKE_DT,
    SYNAPSE_SETTINGS,
    record_under_each_rule,
    set_under_each_rule,
    synapses_under_each_rule,
)

_PRE_SPIKE = 150 * ms


def _build_pair(network: Network, experiment: Experiment) -> list[Output]:
    dt, lag = experiment.dt, experiment.setting("lag").value
    once = {"period": NEVER * dt, "dt": dt}
    pre = periodic_neurons(_PRE_SPIKE, name="presynaptic", **once)
    post = periodic_neurons(_PRE_SPIKE + lag, name="postsynaptic", **once)
    factor = clamped_global_factor(
        [plain(experiment.setting("G").value)] * Hz, name="global_factor"
    )
    synapses = synapses_under_each_rule(pre, post, factor, trace_updates="clock-driven")
    clock = recording_clock(experiment)
    network.add(pre, post, factor, *synapses.values())
    monitors, recorded = record_under_each_rule(
        synapses, ["w", "pre_trace", "post_trace"], 1, experiment, clock
    )
    network.add(monitors)
    time = with_shape([time_of(monitors[0])], experiment)
    return [*time, *(output for of_rule in recorded.values() for output in of_rule)]


def _first_step(switch: str, terms: Mapping[str, float]) -> Affine:
    spike = round(float(_PRE_SPIKE / SPIKE_DT))
    far = NEVER - 1_000_000  # leaves room for the lag
    return Affine(terms={**terms, switch: spike - far}, offset=far, integer=True)


PAIR = Experiment(
    name="pair",
    title="Two spikes at one synapse, the global factor held constant",
    duration=400 * ms,
    dt=SPIKE_DT,
    record_dt=SPIKE_DT,
    settings=(
        HELD_FACTOR,
        replace(LAG, value=10 * ms),
        PRE_SPIKES,
        Setting(name="post_spike", meaning="postsynaptic spike", value=True),
        RULE,
        *SYNAPSE_SETTINGS,
    ),
    arguments={
        "global_factor.G": Affine(terms={"G": 1}),
        "presynaptic.first_step": _first_step("pre_spike", {}),
        "postsynaptic.first_step": _first_step(
            "post_spike", {"lag": float(1 / SPIKE_DT)}
        ),
        **set_under_each_rule(SYNAPSE_SETTINGS),
    },
    build=_build_pair,
    facts={"pre_spike": plain(_PRE_SPIKE)},
)
