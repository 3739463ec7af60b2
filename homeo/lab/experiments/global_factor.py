"""Chapter 1: a step of the population rate."""

from __future__ import annotations

from brian2 import Hz, Network, TimedArray, ms, second

from ...global_factor import VARIABLES, global_factor_group, listen_pooled
from ...published import BRIAN_EXAMPLE
from ...runs.recording import record, time_of
from ..settings import plain
from .experiment import Affine, Experiment, Output, recording_clock, with_shape
from .shared import GLOBAL_FACTOR_SETTINGS, rate_setting, set_by

_STEP = 5 * second
_POPULATIONS = 12


def _build_global_factor(network: Network, experiment: Experiment) -> list[Output]:
    parameters = BRIAN_EXAMPLE.global_factor
    factor = global_factor_group(parameters, _POPULATIONS, name="global_factor")
    rates = [plain(experiment.setting(n).value) for n in ("rate_before", "rate_after")]
    listen_pooled(factor, TimedArray(rates * Hz, dt=_STEP, name="population_rate"))
    monitor, outputs = record(
        factor,
        ["H", "G"],
        "trial",
        clock=recording_clock(experiment),
        n=_POPULATIONS,
        name="recording_of_H_and_G",
    )
    network.add(factor, monitor)
    return with_shape([time_of(monitor), *outputs], experiment, _POPULATIONS)


GLOBAL_FACTOR = Experiment(
    name="global_factor",
    title="A step of the population rate",
    duration=20 * second,
    dt=1 * ms,
    record_dt=50 * ms,
    settings=(
        rate_setting("rate_before", "r_1", "population rate before the step", 2 * Hz),
        rate_setting("rate_after", "r_2", "population rate after the step", 8 * Hz),
        *GLOBAL_FACTOR_SETTINGS,
    ),
    arguments={
        **set_by(GLOBAL_FACTOR_SETTINGS, "global_factor", VARIABLES),
        "population_rate.values": [
            Affine(terms={"rate_before": 1}),
            Affine(terms={"rate_after": 1}),
        ],
    },
    build=_build_global_factor,
    facts={"step": plain(_STEP), "trials": _POPULATIONS},
)
