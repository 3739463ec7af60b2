"""Chapter 3: one pairing in each of five epochs."""

from __future__ import annotations

from brian2 import Network, TimedArray, ms

from ...global_factor import VARIABLES, global_factor_group, listen_pooled
from ...parameters import PairingProtocol
from ...protocol import periodic_neurons
from ...published import BRIAN_EXAMPLE, BRIAN_EXAMPLE_PROTOCOL
from ...runs.recording import record, time_of
from ..settings import plain
from .experiment import Affine, Experiment, Output, recording_clock, with_shape
from .shared import (
    GLOBAL_FACTOR_SETTINGS,
    LAG,
    RULE,
    SPIKE_DT,
    SYNAPSE_SETTINGS,
    rate_setting,
    record_under_each_rule,
    set_by,
    set_under_each_rule,
    synapses_under_each_rule,
)

_HIGHEST_RATE = BRIAN_EXAMPLE_PROTOCOL.rates[-1]


def _build_pairing(network: Network, experiment: Experiment) -> list[Output]:
    protocol: PairingProtocol = BRIAN_EXAMPLE_PROTOCOL
    factor = global_factor_group(BRIAN_EXAMPLE.global_factor, name="global_factor")
    rates = TimedArray(protocol.rates, dt=protocol.epoch, name="population_rate")
    listen_pooled(factor, rates)
    pre, post = (
        periodic_neurons(times[0], protocol.epoch, dt=experiment.dt, name=name)
        for times, name in (
            (protocol.pre_spike_times, "presynaptic"),
            (protocol.post_spike_times, "postsynaptic"),
        )
    )
    synapses = synapses_under_each_rule(pre, post, factor)
    clock = recording_clock(experiment)
    monitor, of_factor = record(
        factor, ["G"], "trial", clock=clock, name="recording_of_G"
    )
    outputs = with_shape([time_of(monitor), *of_factor], experiment, 1)
    network.add(factor, pre, post, *synapses.values(), monitor)
    monitors, recorded = record_under_each_rule(synapses, ["w"], 1, experiment, clock)
    network.add(monitors)
    return [*outputs, *(output for of_rule in recorded.values() for output in of_rule)]


_RATE_SHARES = tuple(BRIAN_EXAMPLE_PROTOCOL.rates / _HIGHEST_RATE)

PAIRING = Experiment(
    name="pairing",
    title="One pairing in each of five epochs",
    duration=BRIAN_EXAMPLE_PROTOCOL.duration,
    dt=SPIKE_DT,
    record_dt=1 * ms,
    settings=(
        rate_setting(
            "rate_max",
            "r_5",
            "last population rate; the others are 0, ¼, ½ and ¾ of it",
            _HIGHEST_RATE,
        ),
        *GLOBAL_FACTOR_SETTINGS,
        LAG,
        RULE,
        *SYNAPSE_SETTINGS,
    ),
    arguments={
        **set_by(GLOBAL_FACTOR_SETTINGS, "global_factor", VARIABLES),
        "population_rate.values": [
            Affine(terms={"rate_max": float(share)}) for share in _RATE_SHARES
        ],
        "postsynaptic.first_step": Affine(
            terms={"lag": float(1 / SPIKE_DT)},
            offset=round(float(BRIAN_EXAMPLE_PROTOCOL.pairing_time / SPIKE_DT)),
            integer=True,
        ),
        **set_under_each_rule(SYNAPSE_SETTINGS),
    },
    build=_build_pairing,
    facts={
        "epoch": plain(BRIAN_EXAMPLE_PROTOCOL.epoch),
        "pairing_time": plain(BRIAN_EXAMPLE_PROTOCOL.pairing_time),
        "rate_shares": [float(share) for share in _RATE_SHARES],
    },
)
