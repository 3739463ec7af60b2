"""The experiments of the Lab: what a reader can set, and the network that runs.

An experiment is built from the same functions as every simulation in this
package. What a reader can set are parameters of Brian2 objects; each is an
affine function of the settings, so that a compiled model can be run again with
other values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from brian2 import (
    Clock,
    Hz,
    Network,
    NeuronGroup,
    Quantity,
    StateMonitor,
    Synapses,
    TimedArray,
    ms,
    nsiemens,
    second,
)
from brian2.core.variables import ArrayVariable
from brian2.groups.group import Group

from ..circuit import FACTOR, PLASTIC, inhibitory_synapses, recurrent_network
from ..global_factor import clamped_global_factor, global_factor_group, listen_pooled
from ..parameters import (
    GlobalFactorParameters,
    PairingProtocol,
    Parameters,
    SynapseParameters,
)
from ..protocol import forced_neurons, periodic_neurons
from ..published import BRIAN_EXAMPLE, BRIAN_EXAMPLE_PROTOCOL, SMALL_NETWORK, ZENKE_2015
from ..rules import GLOBAL_RULES, RULES
from ..runs.standalone import in_cpp
from ..synapse import plastic_synapses
from ..units import show
from .settings import (
    PARAMETER_PRESETS,
    Preset,
    Setting,
    accept_duration,
    accept_factor,
    accept_lag,
    accept_learning_rate,
    accept_rate,
    by_decade,
    evenly,
    or_none,
    plain,
    whole,
)

#: A spike at this time step never comes.
NEVER = 2**31 - 1


@dataclass(frozen=True, kw_only=True)
class Affine:
    """A parameter of a Brian2 object as an affine function of the settings.

    Parameters
    ----------
    terms : mapping of str to float, optional
        Factor of each setting, in SI units; a switch counts as 1 or 0.
    offset : float, optional
        What is added.
    integer : bool, optional
        Round the result.
    none : str, optional
        Text that stands for "no bound".
    when : mapping of str to tuple of str, optional
        Choices under which it holds; under all others the parameter is 0.
    """

    terms: Mapping[str, float] = field(default_factory=dict)
    offset: float = 0.0
    integer: bool = False
    none: str = ""
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Output:
    """An array that a run records.

    Parameters
    ----------
    name : str
        What it is called in the result.
    variable : brian2.core.variables.ArrayVariable
        Where Brian2 keeps it.
    dims : tuple of str
        Names of its dimensions.
    shape : tuple of int or None
        Its shape; None for a length that depends on the settings.
    meaning : str
        What it is, in words.
    when : mapping of str to str, optional
        Settings under which it is the one of that name to use.
    """

    name: str
    variable: ArrayVariable
    dims: tuple[str, ...]
    shape: tuple[int | None, ...]
    meaning: str
    when: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """An experiment of the Lab.

    Parameters
    ----------
    name : str
        Name of the experiment and of its engine.
    title : str
        What it is, in words.
    dt, record_dt : Quantity
        Time step, interval between two samples.
    duration : Quantity or None
        Length of a run; None where it is a setting.
    settings : tuple of Setting
        What a reader can set, in the order of the controls.
    arguments : mapping of str to Affine or list of Affine
        Parameters of the compiled model, by ``object.variable``.
    build : callable
        Adds all objects to a network: ``build(network, experiment)`` returns the
        outputs.
    facts : mapping of str to number
        What a plot has to know besides the settings, in SI units.
    presets : mapping of str to Preset
        Where it can begin.
    presets_title : str
        What the buttons of the presets choose, in words.
    default_preset : str
        Where it begins.
    streams : bool
        Whether a run takes so long that it is drawn while it goes on.
    """

    name: str
    title: str
    dt: Quantity
    record_dt: Quantity
    duration: Quantity | None
    settings: tuple[Setting, ...]
    arguments: Mapping[str, Affine | Sequence[Affine]]
    build: Callable[[Network, Experiment], list[Output]]
    facts: Mapping[str, Any] = field(default_factory=dict)
    presets: Mapping[str, Preset] = field(default_factory=lambda: PARAMETER_PRESETS)
    presets_title: str = "Parameters of"
    default_preset: str = "BRIAN_EXAMPLE"
    streams: bool = False

    def setting(self, name: str) -> Setting:
        """Return the setting of a name.

        Parameters
        ----------
        name : str
            The name.

        Returns
        -------
        Setting
            The setting.
        """
        return next(s for s in self.settings if s.name == name)

    def start(self, preset: str) -> dict[str, Any]:
        """Return all settings at the start under a preset, in SI units.

        Parameters
        ----------
        preset : str
            A key of `presets`.

        Returns
        -------
        dict
            The values by name.
        """
        return {s.name: plain(s.start(self.presets[preset])) for s in self.settings}


def _meaning(record: type, name: str) -> str:
    return next(f.metadata["meaning"] for f in fields(record) if f.name == name)


def _samples(experiment: Experiment) -> int | None:
    if experiment.duration is None:
        return None
    return round(float(experiment.duration / experiment.record_dt))


def _record(
    group: Any,
    names: Sequence[str],
    n: int,
    experiment: Experiment,
    clock: Clock,
    name: str,
    several: str = "trial",
) -> tuple[StateMonitor, dict[str, Output]]:
    monitor = StateMonitor(group, names, record=np.arange(n), clock=clock, name=name)
    meanings = {
        "H": "rate estimate",
        "G": "global factor",
        "w": "weight",
        "pre_trace": "presynaptic trace",
        "post_trace": "postsynaptic trace",
    }
    return monitor, {
        key: Output(
            name=key,
            variable=monitor.variables[key],
            dims=("time", several),
            shape=(_samples(experiment), n),
            meaning=meanings[key],
        )
        for key in names
    }


def _time(monitor: StateMonitor, experiment: Experiment) -> Output:
    return Output(
        name="time",
        variable=monitor.variables["t"],
        dims=("time",),
        shape=(_samples(experiment),),
        meaning="time",
    )


# --- What can be set -------------------------------------------------------

_GLOBAL_FACTOR_SETTINGS = (
    Setting(
        name="gamma",
        symbol="γ",
        meaning=_meaning(GlobalFactorParameters, "gamma"),
        stops=evenly("Hz", 0, 20, 0.5),
    ),
    Setting(
        name="tau_H",
        symbol="τ_H",
        meaning=_meaning(GlobalFactorParameters, "tau_H"),
        stops=by_decade("s", 0.05, 10),
    ),
    Setting(
        name="N",
        symbol="N",
        meaning=_meaning(GlobalFactorParameters, "N"),
        stops=whole(by_decade("neurons", 10, 1e6)),
    ),
    Setting(
        name="H_0",
        symbol="H(0)",
        meaning=_meaning(GlobalFactorParameters, "H_0"),
        stops=evenly("Hz", 0, 20, 0.5),
    ),
)
_GLOBAL_FACTOR_ARGUMENTS = {
    "global_factor.gamma": Affine(terms={"gamma": 1}),
    "global_factor.tau_H": Affine(terms={"tau_H": 1}),
    "global_factor.population_size": Affine(terms={"N": 1}),
    "global_factor.H": Affine(terms={"H_0": 1}),
}

#: Time step of the experiments with spikes at given times.
_SPIKE_DT = 0.1 * ms

_LAG = Setting(
    name="lag",
    symbol="Δ",
    meaning="lag, postsynaptic minus presynaptic spike time",
    value=BRIAN_EXAMPLE_PROTOCOL.lag,
    stops=evenly("ms", -100, 100, 1),
    grid=_SPIKE_DT,
    accept=accept_lag,
)
_RULE = Setting(
    name="rule",
    meaning='spike that carries the "+1"',
    value="brian_example",
    options={
        "zenke_2015": "presynaptic (paper)",
        "brian_example": "postsynaptic (example)",
    },
)
_HELD_FACTOR = Setting(
    name="G",
    symbol="G",
    meaning="global factor",
    value=4 * Hz,
    stops=evenly("Hz", -10, 10, 0.5),
    accept=accept_factor,
)
_PRE_SPIKES = Setting(name="pre_spike", meaning="presynaptic spike", value=True)
_PLASTICITY_SETTINGS = (
    Setting(
        name="tau_stdp",
        symbol="τ_STDP",
        meaning=_meaning(SynapseParameters, "tau_stdp"),
        stops=evenly("ms", 5, 100, 1),
    ),
    Setting(
        name="eta",
        symbol="η",
        meaning=_meaning(SynapseParameters, "eta"),
        accept=accept_learning_rate,
        stops={
            "nS": by_decade("nS s", 0.1, 10),
            "leak": by_decade("leak s", 1e-6, 0.1),
        },
    ),
)
_SYNAPSE_SETTINGS = (
    *_PLASTICITY_SETTINGS,
    # The weight at the start lies between the bounds wherever the sliders stop.
    Setting(
        name="w_0",
        symbol="w(0)",
        meaning=_meaning(SynapseParameters, "w_0"),
        stops={
            "nS": evenly("nS", 0, 20, 0.5),
            "leak": evenly("leak", 0.05, 0.5, 0.01),
        },
    ),
    Setting(
        name="w_min",
        symbol="w_min",
        meaning=_meaning(SynapseParameters, "w_min"),
        stops={
            "nS": or_none(evenly("nS", -20, 0, 0.5), "low"),
            "leak": or_none(evenly("leak", 0, 0.05, 0.01), "low"),
        },
    ),
    Setting(
        name="w_max",
        symbol="w_max",
        meaning=_meaning(SynapseParameters, "w_max"),
        stops={
            "nS": or_none(evenly("nS", 20, 60, 0.5), "high"),
            "leak": or_none(evenly("leak", 0.5, 5, 0.05), "high"),
        },
    ),
)


def _plasticity_arguments(name: str) -> dict[str, Affine]:
    return {
        f"{name}.tau_stdp": Affine(terms={"tau_stdp": 1}),
        f"{name}.eta": Affine(terms={"eta": 1}),
    }


def _synapse_arguments(name: str) -> dict[str, Affine]:
    return {
        **_plasticity_arguments(name),
        f"{name}.w_min": Affine(terms={"w_min": 1}, none=in_cpp(-np.inf)),
        f"{name}.w_max": Affine(terms={"w_max": 1}, none=in_cpp(np.inf)),
        f"{name}.w": Affine(terms={"w_0": 1}),
    }


#: One synapse for each rule: a rule is part of the equations, not a parameter.
_SYNAPSES = {rule: f"synapse_{rule}" for rule in GLOBAL_RULES}


def _synapses_under_each_rule(
    pre: Group,
    post: Group,
    factor: NeuronGroup,
    parameters: Parameters = BRIAN_EXAMPLE,
    **options: Any,
) -> dict[str, Any]:
    return {
        rule: plastic_synapses(
            pre,
            post,
            parameters.replace(rule=rule).synapse,
            factor,
            name=name,
            **options,
        )
        for rule, name in _SYNAPSES.items()
    }


def _record_under_each_rule(
    synapses: Mapping[str, Any],
    names: Sequence[str],
    n: int,
    experiment: Experiment,
    clock: Clock,
    several: str = "trial",
) -> tuple[list[StateMonitor], dict[str, dict[str, Output]]]:
    monitors, recorded = [], {}
    for rule, synapse in synapses.items():
        name = f"recording_of_{rule}"
        monitor, recorded[rule] = _record(
            synapse, names, n, experiment, clock, name, several
        )
        monitors.append(monitor)
    return monitors, recorded


def _chosen_by_rule(recorded: Mapping[str, Mapping[str, Output]]) -> list[Output]:
    return [
        replace(output, when={"rule": rule})
        for rule, outputs in recorded.items()
        for output in outputs.values()
    ]


def _for_each_synapse(
    arguments: Callable[[str], dict[str, Affine]],
) -> dict[str, Affine]:
    return {
        name: argument
        for synapse in _SYNAPSES.values()
        for name, argument in arguments(synapse).items()
    }


# --- Chapter 1 -------------------------------------------------------------

_STEP = 5 * second
_POPULATIONS = 12


def _build_global_factor(network: Network, experiment: Experiment) -> list[Output]:
    parameters = BRIAN_EXAMPLE.global_factor
    factor = global_factor_group(parameters, _POPULATIONS, name="global_factor")
    rates = [plain(experiment.setting(n).value) for n in ("rate_before", "rate_after")]
    listen_pooled(factor, TimedArray(rates * Hz, dt=_STEP, name="population_rate"))
    clock = Clock(dt=experiment.record_dt, name="recording_clock")
    monitor, outputs = _record(
        factor, ["H", "G"], _POPULATIONS, experiment, clock, "recording_of_H_and_G"
    )
    network.add(factor, monitor)
    return [_time(monitor, experiment), *outputs.values()]


GLOBAL_FACTOR = Experiment(
    name="global_factor",
    title="A step of the population rate",
    duration=20 * second,
    dt=1 * ms,
    record_dt=50 * ms,
    settings=(
        Setting(
            name="rate_before",
            symbol="r_1",
            meaning="population rate before the step",
            value=2 * Hz,
            stops=evenly("Hz", 0, 20, 0.5),
            accept=accept_rate,
        ),
        Setting(
            name="rate_after",
            symbol="r_2",
            meaning="population rate after the step",
            value=8 * Hz,
            stops=evenly("Hz", 0, 20, 0.5),
            accept=accept_rate,
        ),
        *_GLOBAL_FACTOR_SETTINGS,
    ),
    arguments={
        **_GLOBAL_FACTOR_ARGUMENTS,
        "population_rate.values": [
            Affine(terms={"rate_before": 1}),
            Affine(terms={"rate_after": 1}),
        ],
    },
    build=_build_global_factor,
    facts={"step": plain(_STEP), "trials": _POPULATIONS},
)

# --- Chapter 2 -------------------------------------------------------------

_PRE_SPIKE = 150 * ms


def _build_pair(network: Network, experiment: Experiment) -> list[Output]:
    dt, lag = experiment.dt, experiment.setting("lag").value
    once = {"period": NEVER * dt, "dt": dt}
    pre = periodic_neurons(_PRE_SPIKE, name="presynaptic", **once)
    post = periodic_neurons(_PRE_SPIKE + lag, name="postsynaptic", **once)
    factor = clamped_global_factor(
        [plain(experiment.setting("G").value)] * Hz, name="global_factor"
    )
    synapses = _synapses_under_each_rule(
        pre, post, factor, trace_updates="clock-driven"
    )
    clock = Clock(dt=experiment.record_dt, name="recording_clock")
    network.add(pre, post, factor, *synapses.values())
    monitors, recorded = _record_under_each_rule(
        synapses, ["w", "pre_trace", "post_trace"], 1, experiment, clock
    )
    network.add(monitors)
    return [_time(monitors[0], experiment), *_chosen_by_rule(recorded)]


def _first_step(switch: str, terms: Mapping[str, float]) -> Affine:
    spike = round(float(_PRE_SPIKE / _SPIKE_DT))
    far = NEVER - 1_000_000  # leaves room for the lag
    return Affine(terms={**terms, switch: spike - far}, offset=far, integer=True)


PAIR = Experiment(
    name="pair",
    title="Two spikes at one synapse, the global factor held constant",
    duration=400 * ms,
    dt=_SPIKE_DT,
    record_dt=_SPIKE_DT,
    settings=(
        _HELD_FACTOR,
        replace(_LAG, value=10 * ms),
        _PRE_SPIKES,
        Setting(name="post_spike", meaning="postsynaptic spike", value=True),
        _RULE,
        *_SYNAPSE_SETTINGS,
    ),
    arguments={
        "global_factor.G": Affine(terms={"G": 1}),
        "presynaptic.first_step": _first_step("pre_spike", {}),
        "postsynaptic.first_step": _first_step(
            "post_spike", {"lag": float(1 / _SPIKE_DT)}
        ),
        **_for_each_synapse(_synapse_arguments),
    },
    build=_build_pair,
    facts={"pre_spike": plain(_PRE_SPIKE)},
)

# --- Chapter 3 -------------------------------------------------------------

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
    synapses = _synapses_under_each_rule(pre, post, factor)
    clock = Clock(dt=experiment.record_dt, name="recording_clock")
    monitor, recorded = _record(factor, ["G"], 1, experiment, clock, "recording_of_G")
    outputs = [_time(monitor, experiment), recorded["G"]]
    network.add(factor, pre, post, *synapses.values(), monitor)
    monitors, recorded = _record_under_each_rule(synapses, ["w"], 1, experiment, clock)
    network.add(monitors)
    return [*outputs, *_chosen_by_rule(recorded)]


_RATE_SHARES = tuple(BRIAN_EXAMPLE_PROTOCOL.rates / _HIGHEST_RATE)

PAIRING = Experiment(
    name="pairing",
    title="One pairing in each of five epochs",
    duration=BRIAN_EXAMPLE_PROTOCOL.duration,
    dt=_SPIKE_DT,
    record_dt=1 * ms,
    settings=(
        Setting(
            name="rate_max",
            symbol="r_5",
            meaning="last population rate; the others are 0, ¼, ½ and ¾ of it",
            value=_HIGHEST_RATE,
            stops=evenly("Hz", 0, 20, 0.5),
            accept=accept_rate,
        ),
        *_GLOBAL_FACTOR_SETTINGS,
        _LAG,
        _RULE,
        *_SYNAPSE_SETTINGS,
    ),
    arguments={
        **_GLOBAL_FACTOR_ARGUMENTS,
        "population_rate.values": [
            Affine(terms={"rate_max": float(share)}) for share in _RATE_SHARES
        ],
        "postsynaptic.first_step": Affine(
            terms={"lag": float(1 / _SPIKE_DT)},
            offset=round(float(BRIAN_EXAMPLE_PROTOCOL.pairing_time / _SPIKE_DT)),
            integer=True,
        ),
        **_for_each_synapse(_synapse_arguments),
    },
    build=_build_pairing,
    facts={
        "epoch": plain(BRIAN_EXAMPLE_PROTOCOL.epoch),
        "pairing_time": plain(BRIAN_EXAMPLE_PROTOCOL.pairing_time),
        "rate_shares": [float(share) for share in _RATE_SHARES],
    },
)

# --- Chapter 4 -------------------------------------------------------------

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
    synapses = _synapses_under_each_rule(
        pre,
        post,
        factor,
        BRIAN_EXAMPLE.replace(w_0=0 * nsiemens, w_min=None, w_max=None),
        connect={"i": np.zeros(n, dtype=int), "j": np.arange(n)},
    )
    clock = Clock(dt=experiment.record_dt, name="recording_clock")
    network.add(pre, post, factor, *synapses.values())
    monitors, recorded = _record_under_each_rule(
        synapses, ["w"], n, experiment, clock, "lag"
    )
    network.add(monitors)
    return [
        _time(monitors[0], experiment),
        *(replace(recorded[rule]["w"], name=f"w_{rule}") for rule in recorded),
    ]


WINDOW = Experiment(
    name="window",
    title="One pair of spikes at every lag, the global factor held constant",
    # Two samples: before all spikes and after.
    duration=2 * (2 * _WINDOW_STEPS + 1) * _WINDOW_DT,
    dt=_WINDOW_DT,
    record_dt=(2 * _WINDOW_STEPS + 1) * _WINDOW_DT,
    settings=(_HELD_FACTOR, _PRE_SPIKES, *_PLASTICITY_SETTINGS),
    arguments={
        "global_factor.G": Affine(terms={"G": 1}),
        "presynaptic.first_step": Affine(
            terms={"pre_spike": _WINDOW_STEPS - NEVER}, offset=NEVER, integer=True
        ),
        **_for_each_synapse(_plasticity_arguments),
    },
    build=_build_window,
    facts={"lags": [plain(lag * _WINDOW_DT) for lag in _WINDOW_LAGS]},
)

# --- Chapters 5 to 7 -------------------------------------------------------

#: Rates of single cells count over this stretch before the end.
_END_WINDOW = 10 * second

#: The weights from I to E change under one of these; the others stay at 0.
_INHIBITION = {
    rule: PLASTIC if rule == "zenke_2015" else f"{PLASTIC}_{rule}" for rule in RULES
}

#: Learning rate under the rule of Vogels et al. for each second of the paper's: with
#: it both are as fast near 4 Hz, whatever the rate of the inhibitory cells.
_COMPARABLE = 1 / (2 * plain(ZENKE_2015.synapse.tau_stdp)) + 4

_RECORDER = """
rate_E       : Hz
rate_I       : Hz
w            : 1
counted_from : second (shared, constant)
"""


def _count(
    cells: NeuronGroup, recorder: NeuronGroup, on_pre: str, **constants: Quantity
) -> Synapses:
    counter = Synapses(
        cells,
        recorder,
        "end_rate : Hz",
        on_pre=on_pre,
        namespace=constants,
        name=f"counter_of_{cells.name}",
    )
    counter.connect(namespace={})
    return counter


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
    recorder = NeuronGroup(1, _RECORDER, namespace={}, name="recorder")
    clock = Clock(dt=experiment.record_dt, name="recording_clock")
    record_dt = experiment.record_dt
    E_counter = _count(
        parts.excitatory,
        recorder,
        """
        rate_E_post += 1/(N_pre*record_dt)
        end_rate += int(t > counted_from_post - dt/2)/end_window
        """,
        record_dt=record_dt,
        end_window=_END_WINDOW,
    )
    I_counter = _count(
        parts.inhibitory,
        recorder,
        "rate_I_post += 1/(N_pre*record_dt)",
        record_dt=record_dt,
    )
    # In this order: average, record, begin anew. A synapse knows no recorder: its
    # share in the mean goes by way of its cell.
    tick = {"clock": clock, "when": "start"}
    parts.excitatory.run_regularly("w_inh = 0", order=-2, **tick)
    for inhibition in (parts.inhibition, *others):
        inhibition.run_regularly("w_inh_post += w/N", order=-1, **tick)
    recorder.run_regularly("w = 0", order=-1, **tick)
    E_counter.run_regularly("w_post += w_inh_pre", order=0, **tick)
    courses, factor = (
        StateMonitor(group, names, record=[0], clock=clock, order=1, name=name)
        for group, names, name in (
            (recorder, ["rate_E", "rate_I", "w"], "recording_of_courses"),
            (parts.global_factor, ["H"], "recording_of_H"),
        )
    )
    recorder.run_regularly("rate_E = 0*Hz\nrate_I = 0*Hz", order=2, **tick)
    network.add(
        *parts.objects, *others, recorder, E_counter, I_counter, courses, factor
    )
    in_the_past = f"in the {show(record_dt)} before; none at time 0"
    recorded = (
        ("rate_E", courses, f"rate of the excitatory cells {in_the_past}"),
        ("rate_I", courses, f"rate of the inhibitory cells {in_the_past}"),
        ("H", factor, "rate estimate"),
        ("w", courses, "mean weight from I to E"),
    )
    return [
        _time(courses, experiment),
        *(
            Output(
                name=name,
                variable=monitor.variables[name],
                dims=("time",),
                shape=(None,),
                meaning=meaning,
            )
            for name, monitor, meaning in recorded
        ),
        Output(
            name="end_rate_E",
            variable=E_counter.variables["end_rate"],
            dims=("E_cell",),
            shape=(SMALL_NETWORK.n_E,),
            meaning=f"rate of single excitatory cells in the last {show(_END_WINDOW)}",
        ),
    ]


def _inhibition_arguments(rule: str) -> dict[str, Affine]:
    name, reads_G = _INHIBITION[rule], RULES[rule].reads_G
    # Where nothing learns, it is the paper's synapses that keep their weights.
    inhibits = (rule, "none") if rule == "zenke_2015" else (rule,)
    factor = 1 if reads_G else _COMPARABLE
    own_target = {} if reads_G else {f"{name}.rho_0": Affine(terms={"gamma": 1})}
    return {
        f"{name}.eta": Affine(terms={"eta": factor}, when={"rule": (rule,)}),
        f"{name}.w": Affine(terms={"w_0": 1}, when={"rule": inhibits}),
        **own_target,
    }


def _network_preset(label: str, meaning: str, duration: float, **changes) -> Preset:
    return Preset(
        parameters=ZENKE_2015.replace(w_min=0.0, w_max=5.0, **changes),
        label=label,
        meaning=meaning,
        values={"duration": duration * second},
    )


NETWORK = Experiment(
    name="network",
    title="A recurrent network whose inhibition listens to the cells it inhibits",
    dt=_SPIKE_DT,
    record_dt=100 * ms,
    duration=None,
    settings=(
        Setting(
            name="gamma",
            symbol="γ",
            meaning=_meaning(GlobalFactorParameters, "gamma"),
            stops=evenly("Hz", 1, 20, 0.5),
        ),
        Setting(
            name="tau_H",
            symbol="τ_H",
            meaning=_meaning(GlobalFactorParameters, "tau_H"),
            stops=by_decade("s", 0.1, 20),
        ),
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
        Setting(
            name="eta",
            symbol="η",
            meaning=_meaning(SynapseParameters, "eta"),
            accept=accept_learning_rate,
            stops=by_decade("leak s", 1e-5, 0.2),
        ),
        Setting(
            name="w_0",
            symbol="w(0)",
            meaning=_meaning(SynapseParameters, "w_0"),
            stops=evenly("leak", 0, 3, 0.05),
        ),
        Setting(
            name="duration",
            symbol="T",
            meaning="length of the run",
            value=20 * second,
            stops=evenly("s", 20, 60, 5),
            grid=100 * ms,
            accept=accept_duration,
        ),
    ),
    arguments={
        f"{FACTOR}.gamma": Affine(terms={"gamma": 1}),
        f"{FACTOR}.tau_H": Affine(terms={"tau_H": 1}),
        f"{FACTOR}.H": Affine(terms={"gamma": 1}),
        "recorder.counted_from": Affine(
            terms={"duration": 1}, offset=-plain(_END_WINDOW)
        ),
        **{k: v for rule in RULES for k, v in _inhibition_arguments(rule).items()},
    },
    build=_build_network,
    facts={
        "n_E": SMALL_NETWORK.n_E,
        "end_window": plain(_END_WINDOW),
        "comparable": _COMPARABLE,
    },
    presets={
        "TOO_ACTIVE": _network_preset(
            "Too active",
            "weak inhibition at the start",
            20,
            eta=1e-4 * second,
            tau_H=1 * second,
            w_0=0.05,
        ),
        "TOO_SILENT": _network_preset(
            "Too silent",
            "strong inhibition at the start",
            30,
            eta=1e-3 * second,
            tau_H=1 * second,
            w_0=2.0,
        ),
        "RINGING": _network_preset(
            "Ringing",
            "fast learning from a late estimate",
            30,
            eta=1e-2 * second,
            tau_H=10 * second,
            w_0=0.25,
        ),
    },
    presets_title="Start",
    default_preset="TOO_ACTIVE",
    streams=True,
)

#: The experiments by name.
EXPERIMENTS: Mapping[str, Experiment] = MappingProxyType(
    {e.name: e for e in (GLOBAL_FACTOR, PAIR, PAIRING, WINDOW, NETWORK)}
)
