"""What several experiments share: settings, arguments, a synapse for each rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from brian2 import Clock, Hz, NeuronGroup, Quantity, StateMonitor, Synapses, ms
from brian2.groups.group import Group

from ...docstrings import described
from ...parameters import GlobalFactorParameters, Parameters, SynapseParameters
from ...published import BRIAN_EXAMPLE, BRIAN_EXAMPLE_PROTOCOL
from ...rules import GLOBAL_RULES
from ...runs.recording import record
from ...runs.standalone import in_cpp
from ...synapse import VARIABLES as SYNAPSE_VARIABLES
from ...synapse import plastic_synapses
from ..settings import (
    Setting,
    Stops,
    accept,
    accept_lag,
    accept_learning_rate,
    by_decade,
    evenly,
    or_none,
    whole,
)
from .experiment import OF_EXPERIMENT, Affine, Experiment, Output, with_shape

#: A spike at this time step never comes.
NEVER = 2**31 - 1


def parameter_setting(
    name: str, symbol: str, stops: Stops | Mapping[str, Stops], **options: Any
) -> Setting:
    """Let a reader set a parameter of the rule.

    Parameters
    ----------
    name : str
        Name of the parameter, in the part on the global factor or on the synapse.
    symbol : str
        Its symbol.
    stops : Stops or mapping of str to Stops
        Where its slider stops.
    **options
        Passed on to `homeo.lab.settings.Setting`.

    Returns
    -------
    Setting
        The setting, with what the record says that the parameter means.
    """
    specs = (*fields(GlobalFactorParameters), *fields(SynapseParameters))
    meaning = next(s.metadata["meaning"] for s in specs if s.name == name)
    return Setting(name=name, symbol=symbol, meaning=meaning, stops=stops, **options)


def rate_setting(name: str, symbol: str, meaning: str, value: Quantity) -> Setting:
    """Let a reader set a rate of the population.

    Parameters
    ----------
    name, symbol, meaning : str
        As of a `homeo.lab.settings.Setting`.
    value : Quantity
        The rate at the start, in Hz.

    Returns
    -------
    Setting
        The setting.
    """
    return Setting(
        name=name,
        symbol=symbol,
        meaning=meaning,
        value=value,
        stops=evenly("Hz", 0, 20, 0.5),
        accept=accept(Hz, at_least=0),
    )


GLOBAL_FACTOR_SETTINGS = (
    parameter_setting("gamma", "γ", evenly("Hz", 0, 20, 0.5)),
    parameter_setting("tau_H", "τ_H", by_decade("s", 0.05, 10)),
    parameter_setting("N", "N", whole(by_decade("neurons", 10, 1e6))),
    parameter_setting("H_0", "H(0)", evenly("Hz", 0, 20, 0.5)),
)
#: Time step of the experiments with spikes at given times.
SPIKE_DT = 0.1 * ms

LAG = Setting(
    name="lag",
    symbol="Δ",
    meaning="lag, postsynaptic minus presynaptic spike time",
    value=BRIAN_EXAMPLE_PROTOCOL.lag,
    stops=evenly("ms", -100, 100, 1),
    grid=SPIKE_DT,
    accept=accept_lag,
)
RULE = Setting(
    name="rule",
    meaning='spike that carries the "+1"',
    value="brian_example",
    options={
        "zenke_2015": "presynaptic (paper)",
        "brian_example": "postsynaptic (example)",
    },
)
HELD_FACTOR = Setting(
    name="G",
    symbol="G",
    meaning="global factor",
    value=4 * Hz,
    stops=evenly("Hz", -10, 10, 0.5),
    accept=accept(Hz),
)
PRE_SPIKES = Setting(name="pre_spike", meaning="presynaptic spike", value=True)
PLASTICITY_SETTINGS = (
    parameter_setting("tau_stdp", "τ_STDP", evenly("ms", 5, 100, 1)),
    parameter_setting(
        "eta",
        "η",
        {
            "nS": by_decade("nS s", 0.1, 10),
            "leak": by_decade("leak s", 1e-6, 0.1),
        },
        accept=accept_learning_rate,
    ),
)
SYNAPSE_SETTINGS = (
    *PLASTICITY_SETTINGS,
    # The weight at the start lies between the bounds wherever the sliders stop.
    parameter_setting(
        "w_0",
        "w(0)",
        {
            "nS": evenly("nS", 0, 20, 0.5),
            "leak": evenly("leak", 0.05, 0.5, 0.01),
        },
    ),
    parameter_setting(
        "w_min",
        "w_min",
        {
            "nS": or_none(evenly("nS", -20, 0, 0.5), "low"),
            "leak": or_none(evenly("leak", 0, 0.05, 0.01), "low"),
        },
    ),
    parameter_setting(
        "w_max",
        "w_max",
        {
            "nS": or_none(evenly("nS", 20, 60, 0.5), "high"),
            "leak": or_none(evenly("leak", 0.5, 5, 0.05), "high"),
        },
    ),
)

#: What stands for a bound that there is not.
_NO_BOUND = {"w_min": in_cpp(-np.inf), "w_max": in_cpp(np.inf)}


def set_by(
    settings: Sequence[Setting], owner: str, variables: Mapping[str, str]
) -> dict[str, Affine]:
    """Let settings set the variables that the parameters of their names set.

    Parameters
    ----------
    settings : sequence of Setting
        The settings.
    owner : str
        Name of the Brian2 object.
    variables : mapping of str to str
        The variable that each parameter sets, such as `homeo.synapse.VARIABLES`.

    Returns
    -------
    dict of str to Affine
        Arguments of an experiment.
    """
    return {
        f"{owner}.{variables[s.name]}": Affine(
            terms={s.name: 1}, none=_NO_BOUND.get(s.name, "")
        )
        for s in settings
        if s.name in variables
    }


#: One synapse for each rule: a rule is part of the equations, not a parameter.
SYNAPSES = {rule: f"synapse_{rule}" for rule in GLOBAL_RULES}


def synapses_under_each_rule(
    pre: Group,
    post: Group,
    factor: NeuronGroup,
    parameters: Parameters = BRIAN_EXAMPLE,
    **options: Any,
) -> dict[str, Synapses]:
    """Build the same synapses under each rule that reads the global factor.

    Parameters
    ----------
    pre, post : brian2.Group
        The neurons.
    factor : brian2.NeuronGroup
        What they read.
    parameters : Parameters, optional
        All but the rule.
    **options
        Passed on to `homeo.synapse.plastic_synapses`.

    Returns
    -------
    dict of str to brian2.Synapses
        By rule.
    """
    return {
        rule: plastic_synapses(
            pre,
            post,
            parameters.replace(rule=rule).synapse,
            factor,
            name=name,
            **options,
        )
        for rule, name in SYNAPSES.items()
    }


@described(OF_EXPERIMENT)
def record_under_each_rule(
    synapses: Mapping[str, Synapses],
    names: Sequence[str],
    n: int,
    experiment: Experiment,
    clock: Clock,
    several: str = "trial",
) -> tuple[list[StateMonitor], dict[str, list[Output]]]:
    """Record the synapses under each rule.

    Parameters
    ----------
    synapses : mapping of str to brian2.Synapses
        What `synapses_under_each_rule` built.
    names : sequence of str
        Their variables.
    n : int
        Number of synapses under a rule.
    clock : brian2.Clock
        When.
    several : str, optional
        Name of the dimension of the synapses.

    Returns
    -------
    monitors : list of brian2.StateMonitor
        To be added to the network.
    outputs : dict of str to list of Output
        By rule; each holds under its rule only.
    """
    monitors, recorded = [], {}
    for rule, synapse in synapses.items():
        monitor, outputs = record(
            synapse, names, several, clock=clock, n=n, name=f"recording_of_{rule}"
        )
        monitors.append(monitor)
        recorded[rule] = [
            replace(output, when={"rule": rule})
            for output in with_shape(outputs, experiment, n)
        ]
    return monitors, recorded


def set_under_each_rule(settings: Sequence[Setting]) -> dict[str, Affine]:
    """Let settings set the parameters of the synapses under each rule.

    Parameters
    ----------
    settings : sequence of Setting
        The settings.

    Returns
    -------
    dict of str to Affine
        Arguments of an experiment.
    """
    return {
        name: argument
        for owner in SYNAPSES.values()
        for name, argument in set_by(settings, owner, SYNAPSE_VARIABLES).items()
    }
