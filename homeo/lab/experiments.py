"""The experiments of the Lab: what a reader can set, and the network that runs.

An experiment is built from the same functions as every simulation in this
package. What a reader can set are parameters of Brian2 objects; each is an
affine function of the settings, so that a compiled model can be run again with
other values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from numbers import Real
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
    TimedArray,
    ms,
    nsiemens,
    second,
)
from brian2.core.variables import ArrayVariable
from brian2.groups.group import Group

from ..checks import check_choice, check_on_grid, check_quantity, refuse
from ..global_factor import clamped_global_factor, global_factor_group, listen_pooled
from ..parameters import (
    BRIAN_EXAMPLE,
    BRIAN_EXAMPLE_PROTOCOL,
    PRESETS,
    GlobalFactorParameters,
    PairingProtocol,
    Parameters,
    SynapseParameters,
)
from ..protocol import forced_neurons, periodic_neurons
from ..rules import GLOBAL_RULES
from ..simulation import in_cpp
from ..synapse import plastic_synapses
from ..units import from_si, show, unit_name

#: A spike at this time step never comes.
NEVER = 2**31 - 1

DISPLAY_UNITS: Mapping[str, tuple[str, float]] = MappingProxyType(
    {
        "s": ("s", 1.0),
        "ms": ("ms", 1e-3),
        "Hz": ("Hz", 1.0),
        "nS": ("nS", 1e-9),
        "nS s": ("nS s", 1e-9),
        "neurons": ("neurons", 1.0),
        "leak": ("leak conductances", 1.0),
        "leak s": ("s", 1.0),
    }
)


@dataclass(frozen=True, kw_only=True)
class Stops:
    """The values at which a slider stops.

    Parameters
    ----------
    unit : str
        A key of `DISPLAY_UNITS`.
    positions : tuple of float or None
        Values in SI units, ascending; None at an end means "no bound".
    """

    unit: str
    positions: tuple[float | None, ...]

    @property
    def limits(self) -> tuple[float, float]:
        """The smallest and the largest value, in SI units."""
        finite = [value for value in self.positions if value is not None]
        return finite[0], finite[-1]

    def allow(self, value: float | None) -> bool:
        """Say whether a value may be set, at a stop or between two.

        Parameters
        ----------
        value : float or None
            The value, in SI units.

        Returns
        -------
        bool
            Whether it lies within the limits, or is None where that is a stop.
        """
        if value is None:
            return None in self.positions
        low, high = self.limits
        return low <= value <= high

    def including(self, value: float | None) -> Stops:
        """Return the stops with one more.

        Parameters
        ----------
        value : float or None
            The value; None adds nothing.

        Returns
        -------
        Stops
            The stops.
        """
        if value is None or value in self.positions:
            return self
        finite = sorted({*self.positions, value} - {None})
        head = self.positions[:1] if self.positions[0] is None else ()
        tail = self.positions[-1:] if self.positions[-1] is None else ()
        return Stops(unit=self.unit, positions=(*head, *finite, *tail))


def _evenly(unit: str, low: float, high: float, step: float) -> Stops:
    factor = DISPLAY_UNITS[unit][1]
    numbers = np.arange(round(low / step), round(high / step) + 1) * step
    return Stops(unit=unit, positions=tuple(_tidy(numbers * factor)))


def _by_decade(unit: str, low: float, high: float) -> Stops:
    mantissas = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
    factor = DISPLAY_UNITS[unit][1]
    decades = np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    numbers = np.multiply.outer(10.0**decades, mantissas).ravel()
    inside = (numbers >= low * 0.999) & (numbers <= high * 1.001)
    return Stops(unit=unit, positions=tuple(_tidy(numbers[inside] * factor)))


def _tidy(numbers: np.ndarray) -> list[float]:
    return [float(f"{number:.6g}") for number in numbers]


def _whole(stops: Stops) -> Stops:
    return Stops(unit=stops.unit, positions=tuple(map(int, stops.positions)))


def _or_none(stops: Stops, end: str) -> Stops:
    positions = (None, *stops.positions) if end == "low" else (*stops.positions, None)
    return Stops(unit=stops.unit, positions=positions)


def accept_parameter(name: str, value: Any, preset: str) -> Any:
    """Return a parameter of a preset, or refuse it in the words of its record.

    Parameters
    ----------
    name : str
        Name of the parameter.
    value : Quantity, int or None
        The value.
    preset : str
        A key of `homeo.parameters.PRESETS`.

    Returns
    -------
    Quantity, int or None
        The value.

    Raises
    ------
    ValueError
        If the record refuses it.
    """
    return preset_values(PRESETS[preset].replace(**{name: value}))[name]


def _accept_learning_rate(name: str, value: Any, preset: str) -> Quantity:
    rates = [parameters.synapse.eta for parameters in PRESETS.values()]
    if isinstance(value, Quantity) and value.dim in {rate.dim for rate in rates}:
        # The record would refuse the weights, which count in the other unit.
        return check_quantity(name, value, PRESETS[preset].synapse.eta, above=0)
    return accept_parameter(name, value, preset)


def _accept_lag(name: str, value: Any, _preset: str) -> Quantity:
    return getattr(BRIAN_EXAMPLE_PROTOCOL.replace(**{name: value}), name)


def _accept_rate(name: str, value: Any, _preset: str) -> Quantity:
    return check_quantity(name, value, Hz, at_least=0)


def _accept_factor(name: str, value: Any, _preset: str) -> Quantity:
    return check_quantity(name, value, Hz)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Something that a reader can set.

    Parameters
    ----------
    name : str
        Name, as in the records of `homeo.parameters` where it is one of them.
    meaning : str
        What it is, in words.
    value : Quantity, int, bool, str or None
        Value at the start; a preset replaces it where it has one of that name.
    symbol : str, optional
        Symbol; what follows an underscore is written as an index.
    stops : Stops or mapping of str to Stops, optional
        Where a slider stops; by preset where its unit depends on it.
    options : mapping of str to str, optional
        What to choose from, with the words for each.
    grid : Quantity, optional
        Values are multiples of this.
    accept : callable, optional
        ``accept(name, value, preset)`` returns the value as a quantity, or refuses
        it; by default as `homeo.parameters` does for a parameter of that name.
    """

    name: str
    meaning: str
    value: Any = None
    symbol: str = ""
    stops: Stops | Mapping[str, Stops] | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    grid: Quantity | None = None
    accept: Callable[[str, Any, str], Any] = accept_parameter

    @property
    def kind(self) -> str:
        """``"number"``, ``"count"``, ``"choice"`` or ``"switch"``."""
        if self.options:
            return "choice"
        if isinstance(self.value, bool):
            return "switch"
        return "count" if isinstance(self.start("BRIAN_EXAMPLE"), int) else "number"

    def start(self, preset: str) -> Any:
        """Return the value at the start under a preset.

        Parameters
        ----------
        preset : str
            A key of `homeo.parameters.PRESETS`.

        Returns
        -------
        Quantity, int, bool, str or None
            The value.
        """
        values = preset_values(PRESETS[preset])
        return values.get(self.name, self.value)

    def stops_for(self, preset: str) -> Stops | None:
        """Return where the slider stops under a preset.

        Parameters
        ----------
        preset : str
            A key of `homeo.parameters.PRESETS`.

        Returns
        -------
        Stops or None
            The stops, the value at the start among them; None for no slider.
        """
        if self.stops is None:
            return None
        stops = self.stops[preset] if isinstance(self.stops, Mapping) else self.stops
        return stops.including(plain(self.start(preset)))

    def like(self, preset: str) -> Any:
        """Return a value with the unit of this setting.

        Parameters
        ----------
        preset : str
            A key of `homeo.parameters.PRESETS`.

        Returns
        -------
        Quantity or object
            The value at the start; for a bound that is not set, a weight.
        """
        value = self.start(preset)
        return PRESETS[preset].synapse.w_0 if value is None else value

    def check(self, value: Any, preset: str) -> Any:
        """Check a value that is to be set.

        Parameters
        ----------
        value : Quantity, int, bool, str or None
            The value.
        preset : str
            A key of `homeo.parameters.PRESETS`.

        Returns
        -------
        float, int, bool, str or None
            The value in SI units.

        Raises
        ------
        ValueError
            If the value is refused.
        """
        if self.kind == "choice":
            return check_choice(self.name, value, self.options)
        if self.kind == "switch":
            if not isinstance(value, bool):
                raise refuse(self.name, value, "True or False")
            return value
        accepted = self.accept(self.name, value, preset)
        if self.grid is not None:
            check_on_grid(self.name, accepted, self.grid)
        stops = self.stops_for(preset)
        if not stops.allow(plain(accepted)):
            low, high = (show(with_unit(e, self.like(preset))) for e in stops.limits)
            unless = " or None" if None in stops.positions else ""
            raise refuse(self.name, value, f"from {low} to {high}{unless} in this Lab")
        return plain(accepted)


def plain(value: Any) -> Any:
    """Return a value as a number in SI units; what is no quantity stays as it is.

    Parameters
    ----------
    value : Quantity or object
        The value.

    Returns
    -------
    object
        A float for a quantity.
    """
    return float(value) if isinstance(value, Quantity) else value


def with_unit(value: Any, like: Any) -> Any:
    """Give a plain number the unit of another value.

    Parameters
    ----------
    value : object
        What `plain` returned.
    like : Quantity or object
        A value with the unit.

    Returns
    -------
    object
        A quantity where `like` is one and `value` is a number.
    """
    if not isinstance(value, Real) or not isinstance(like, Quantity):
        return value
    return from_si(value, unit_name(like.dim))


def preset_values(parameters: Parameters) -> dict[str, Any]:
    """Return the values of a set of parameters by name.

    Parameters
    ----------
    parameters : Parameters
        The parameters.

    Returns
    -------
    dict
        All values of the global factor and of the synapse.
    """
    records = (parameters.global_factor, parameters.synapse)
    return {spec.name: getattr(r, spec.name) for r in records for spec in fields(r)}


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
    """

    terms: Mapping[str, float] = field(default_factory=dict)
    offset: float = 0.0
    integer: bool = False
    none: str = ""


@dataclass(frozen=True, kw_only=True)
class Output:
    """An array that a run records.

    Parameters
    ----------
    name : str
        What it is called in the result.
    variable : brian2.core.variables.ArrayVariable
        Where Brian2 keeps it.
    shape : tuple of int
        Its shape; the first dimension is time.
    meaning : str
        What it is, in words.
    when : mapping of str to str, optional
        Settings under which it is the one of that name to use.
    """

    name: str
    variable: ArrayVariable
    shape: tuple[int, ...]
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
    duration, dt, record_dt : Quantity
        Length of a run, time step, interval between two samples.
    settings : tuple of Setting
        What a reader can set, in the order of the controls.
    arguments : mapping of str to Affine or list of Affine
        Parameters of the compiled model, by ``object.variable``.
    build : callable
        Adds all objects to a network: ``build(network, experiment)`` returns the
        outputs.
    facts : mapping of str to number
        What a plot has to know besides the settings, in SI units.
    default_preset : str
        The preset at the start.
    """

    name: str
    title: str
    duration: Quantity
    dt: Quantity
    record_dt: Quantity
    settings: tuple[Setting, ...]
    arguments: Mapping[str, Affine | Sequence[Affine]]
    build: Callable[[Network, Experiment], list[Output]]
    facts: Mapping[str, Any] = field(default_factory=dict)
    default_preset: str = "BRIAN_EXAMPLE"

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
            A key of `homeo.parameters.PRESETS`.

        Returns
        -------
        dict
            The values by name.
        """
        return {s.name: plain(s.start(preset)) for s in self.settings}


def _meaning(record: type, name: str) -> str:
    return next(f.metadata["meaning"] for f in fields(record) if f.name == name)


def _samples(experiment: Experiment) -> int:
    return round(float(experiment.duration / experiment.record_dt))


def _record(
    group: Any,
    names: Sequence[str],
    n: int,
    experiment: Experiment,
    clock: Clock,
    name: str,
) -> tuple[StateMonitor, dict[str, Output]]:
    monitor = StateMonitor(group, names, record=np.arange(n), clock=clock, name=name)
    meanings = {
        "H": "rate estimate",
        "G": "global factor",
        "w": "weight",
        "pre_trace": "presynaptic trace",
        "post_trace": "postsynaptic trace",
    }
    shape = (_samples(experiment), n)
    return monitor, {
        key: Output(
            name=key,
            variable=monitor.variables[key],
            shape=shape,
            meaning=meanings[key],
        )
        for key in names
    }


def _time(monitor: StateMonitor, experiment: Experiment) -> Output:
    return Output(
        name="time",
        variable=monitor.variables["t"],
        shape=(_samples(experiment),),
        meaning="time",
    )


# --- What can be set -------------------------------------------------------

_GLOBAL_FACTOR_SETTINGS = (
    Setting(
        name="gamma",
        symbol="γ",
        meaning=_meaning(GlobalFactorParameters, "gamma"),
        stops=_evenly("Hz", 0, 20, 0.5),
    ),
    Setting(
        name="tau_H",
        symbol="τ_H",
        meaning=_meaning(GlobalFactorParameters, "tau_H"),
        stops=_by_decade("s", 0.05, 10),
    ),
    Setting(
        name="N",
        symbol="N",
        meaning=_meaning(GlobalFactorParameters, "N"),
        stops=_whole(_by_decade("neurons", 10, 1e6)),
    ),
    Setting(
        name="H_0",
        symbol="H(0)",
        meaning=_meaning(GlobalFactorParameters, "H_0"),
        stops=_evenly("Hz", 0, 20, 0.5),
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
    stops=_evenly("ms", -100, 100, 1),
    grid=_SPIKE_DT,
    accept=_accept_lag,
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
    stops=_evenly("Hz", -10, 10, 0.5),
    accept=_accept_factor,
)
_PRE_SPIKES = Setting(name="pre_spike", meaning="presynaptic spike", value=True)
_PLASTICITY_SETTINGS = (
    Setting(
        name="tau_stdp",
        symbol="τ_STDP",
        meaning=_meaning(SynapseParameters, "tau_stdp"),
        stops=_evenly("ms", 5, 100, 1),
    ),
    Setting(
        name="eta",
        symbol="η",
        meaning=_meaning(SynapseParameters, "eta"),
        accept=_accept_learning_rate,
        stops={
            "BRIAN_EXAMPLE": _by_decade("nS s", 0.1, 10),
            "ZENKE_2015": _by_decade("leak s", 1e-6, 0.1),
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
            "BRIAN_EXAMPLE": _evenly("nS", 0, 20, 0.5),
            "ZENKE_2015": _evenly("leak", 0.05, 0.5, 0.01),
        },
    ),
    Setting(
        name="w_min",
        symbol="w_min",
        meaning=_meaning(SynapseParameters, "w_min"),
        stops={
            "BRIAN_EXAMPLE": _or_none(_evenly("nS", -20, 0, 0.5), "low"),
            "ZENKE_2015": _or_none(_evenly("leak", 0, 0.05, 0.01), "low"),
        },
    ),
    Setting(
        name="w_max",
        symbol="w_max",
        meaning=_meaning(SynapseParameters, "w_max"),
        stops={
            "BRIAN_EXAMPLE": _or_none(_evenly("nS", 20, 60, 0.5), "high"),
            "ZENKE_2015": _or_none(_evenly("leak", 0.5, 5, 0.05), "high"),
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
) -> tuple[list[StateMonitor], dict[str, dict[str, Output]]]:
    monitors, recorded = [], {}
    for rule, synapse in synapses.items():
        name = f"recording_of_{rule}"
        monitor, recorded[rule] = _record(synapse, names, n, experiment, clock, name)
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
            stops=_evenly("Hz", 0, 20, 0.5),
            accept=_accept_rate,
        ),
        Setting(
            name="rate_after",
            symbol="r_2",
            meaning="population rate after the step",
            value=8 * Hz,
            stops=_evenly("Hz", 0, 20, 0.5),
            accept=_accept_rate,
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
            stops=_evenly("Hz", 0, 20, 0.5),
            accept=_accept_rate,
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
    monitors, recorded = _record_under_each_rule(synapses, ["w"], n, experiment, clock)
    network.add(monitors)
    return [
        _time(monitors[0], experiment),
        *(replace(recorded[rule]["w"], name=f"w_{rule}") for rule in recorded),
    ]


def _weight_scale(preset: str) -> dict[str, Any]:
    unit, factor = DISPLAY_UNITS[PAIR.setting("w_max").stops_for(preset).unit]
    return {"unit": unit, "factor": factor}


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
    facts={
        "lags": [plain(lag * _WINDOW_DT) for lag in _WINDOW_LAGS],
        "weight_scale": {preset: _weight_scale(preset) for preset in PRESETS},
    },
)

#: The experiments by name.
EXPERIMENTS: Mapping[str, Experiment] = MappingProxyType(
    {e.name: e for e in (GLOBAL_FACTOR, PAIR, PAIRING, WINDOW)}
)
