"""Chapters 5 to 7: a network whose inhibition regulates its own cause."""

from __future__ import annotations

from dataclasses import replace

from brian2 import Hz, Network, ms, second

from ...circuit import FACTOR, PLASTIC, inhibitory_synapses, recurrent_network
from ...global_factor import VARIABLES as FACTOR_VARIABLES
from ...published import SMALL_NETWORK, ZENKE_2015
from ...rules import RULES
from ...runs.counting import COUNTED_FROM, count_spikes
from ...runs.recording import record
from ...synapse import VARIABLES as SYNAPSE_VARIABLES
from ..settings import (
    Preset,
    Setting,
    accept,
    accept_learning_rate,
    by_decade,
    evenly,
    plain,
)
from .experiment import (
    Affine,
    Experiment,
    Output,
    recording_clock,
    with_shape,
)
from .shared import SPIKE_DT, parameter_setting, set_by

#: Rates of single cells count over this stretch before the end.
_END_WINDOW = 10 * second

#: The weights from I to E change under one of these; the others stay at 0.
_INHIBITION = {
    rule: PLASTIC if rule == "zenke_2015" else f"{PLASTIC}_{rule}" for rule in RULES
}

#: Learning rate under the rule of Vogels et al. for each second of the paper's: with
#: it both are as fast near 4 Hz, whatever the rate of the inhibitory cells.
_COMPARABLE = 1 / (2 * plain(ZENKE_2015.synapse.tau_stdp)) + 4


def _build_network(network: Network, experiment: Experiment) -> list[Output]:
    parts = recurrent_network(ZENKE_2015, SMALL_NETWORK, None)
    own_target = {"rule": "vogels_2011", "eta": 1.0, "rho_0": 4 * Hz}
    others = [
        inhibitory_synapses(
            parts.inhibitory,
            parts.excitatory,
            parts.global_factor,
            ZENKE_2015.replace(**changes),
            SMALL_NETWORK,
            None,
            name=_INHIBITION[changes["rule"]],
        )
        for changes in ({"rule": "brian_example"}, own_target)
    ]
    clock = recording_clock(experiment)
    counts = count_spikes(
        {"E": parts.excitatory, "I": parts.inhibitory},
        clock,
        counted_from=0 * second,
        weighed=[parts.inhibition, *others],
    )
    factor, of_factor = record(
        parts.global_factor, ["H"], clock=clock, name="recording_of_H"
    )
    network.add(*parts.objects, *others, *counts.objects, factor)
    samples = with_shape([*counts.samples, *of_factor], experiment)
    late = with_shape(counts.late[:1], experiment)[0]
    return [*samples, replace(late, shape=(SMALL_NETWORK.n_E,))]


def _inhibition_arguments(rule: str) -> dict[str, Affine]:
    name, reads_G = _INHIBITION[rule], RULES[rule].reads_G
    # Where nothing learns, it is the paper's synapses that keep their weights.
    inhibits = (rule, "none") if rule == "zenke_2015" else (rule,)
    factor = 1 if reads_G else _COMPARABLE
    own_target = {} if reads_G else {"rho_0": Affine(terms={"gamma": 1})}
    by_parameter = {
        "eta": Affine(terms={"eta": factor}, when={"rule": (rule,)}),
        "w_0": Affine(terms={"w_0": 1}, when={"rule": inhibits}),
        **own_target,
    }
    return {f"{name}.{SYNAPSE_VARIABLES[p]}": a for p, a in by_parameter.items()}


def _network_preset(
    label: str, meaning: str, duration: float, *, eta: float, tau_H: float, w_0: float
) -> Preset:
    # All times in seconds.
    times = {"eta": eta * second, "tau_H": tau_H * second}
    return Preset(
        parameters=ZENKE_2015.replace(w_min=0.0, w_max=5.0, w_0=w_0, **times),
        label=label,
        meaning=meaning,
        values={"duration": duration * second},
    )


_PRESETS = {
    "TOO_ACTIVE": _network_preset(
        "Too active", "weak inhibition at the start", 20, eta=1e-4, tau_H=1, w_0=0.05
    ),
    "TOO_SILENT": _network_preset(
        "Too silent", "strong inhibition at the start", 30, eta=1e-3, tau_H=1, w_0=2.0
    ),
    "RINGING": _network_preset(
        "Ringing",
        "fast learning from a late estimate",
        30,
        eta=1e-2,
        tau_H=10,
        w_0=0.25,
    ),
}

_FACTOR_SETTINGS = (
    parameter_setting("gamma", "γ", evenly("Hz", 1, 20, 0.5)),
    parameter_setting("tau_H", "τ_H", by_decade("s", 0.1, 20)),
)

NETWORK = Experiment(
    name="network",
    title="A recurrent network whose inhibition listens to the cells it inhibits",
    dt=SPIKE_DT,
    record_dt=100 * ms,
    duration=None,
    settings=(
        *_FACTOR_SETTINGS,
        Setting(
            name="rule",
            meaning="rule of the inhibitory synapses",
            options={
                "zenke_2015": "global, paper",
                "brian_example": "global, Brian2's example",
                "vogels_2011": "local, Vogels et al.",
                "none": "none: weights stay",
            },
        ),
        parameter_setting(
            "eta", "η", by_decade("leak s", 1e-5, 0.2), accept=accept_learning_rate
        ),
        parameter_setting("w_0", "w(0)", evenly("leak", 0, 3, 0.05)),
        Setting(
            name="duration",
            symbol="T",
            meaning="length of the run",
            value=20 * second,
            stops=evenly("s", 20, 60, 5),
            grid=100 * ms,
            accept=accept(second, above=0),
        ),
    ),
    arguments={
        **set_by(_FACTOR_SETTINGS, FACTOR, FACTOR_VARIABLES),
        f"{FACTOR}.{FACTOR_VARIABLES['H_0']}": Affine(terms={"gamma": 1}),
        COUNTED_FROM: Affine(terms={"duration": 1}, offset=-plain(_END_WINDOW)),
        **{k: v for rule in RULES for k, v in _inhibition_arguments(rule).items()},
    },
    build=_build_network,
    facts={
        "n_E": SMALL_NETWORK.n_E,
        "end_window": plain(_END_WINDOW),
        "comparable": _COMPARABLE,
    },
    presets=_PRESETS,
    presets_title="Start (sets η, τ_H, w(0) and T)",
    preset_settings=("eta", "tau_H", "w_0", "duration"),
    default_preset="TOO_ACTIVE",
    streams=True,
)
