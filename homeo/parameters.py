"""The parameters of the models, each with its unit, its range and its source.

Every model of the book has one frozen record. A record checks itself when it is
made, so a simulation that starts has sensible parameters. `ZENKE_2015` and
`BRIAN_EXAMPLE` are the two published sets.
"""

from __future__ import annotations

import dataclasses
import json
import numbers
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from brian2 import (
    Hz,
    Quantity,
    get_dimensions,
    ms,
    mV,
    second,
    siemens,
    volt,
)
from brian2.units.fundamentalunits import Unit

from .checks import check_choice, check_count, check_kind, check_quantity, refuse
from .records import (
    CHANGED,
    Record,
    fields_in_use,
    parameter,
    parameter_of_some_rules,
    parameter_with_source,
    plain,
    replaced,
    shown,
    values_of,
)
from .rules import RULES


@dataclass(frozen=True, kw_only=True, eq=False)
class GlobalFactorParameters(Record):
    r"""Parameters of the global factor, :math:`G = H - \gamma`.

    Parameters
    ----------
    gamma : Quantity
        Target rate of the population, in Hz; not negative.
    tau_H : Quantity
        Time constant of the rate estimate H, in seconds; positive.
    H_0 : Quantity
        The estimate at the start, in Hz; not negative.
    N : int
        Number of excitatory neurons that H averages over; at least 1.

    Raises
    ------
    ValueError
        If a value has the wrong unit or lies outside its range.
    """

    gamma: Quantity = parameter(r"$\gamma$", "target rate", unit=Hz, at_least=0)
    tau_H: Quantity = parameter(
        r"$\tau_H$", "time constant of the rate estimate", unit=second, above=0
    )
    H_0: Quantity = parameter(
        r"$H(0)$", "rate estimate at the start", unit=Hz, at_least=0
    )
    N: int = parameter(r"$N$", "excitatory neurons that are averaged")

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "N", check_count("N", self.N))


@dataclass(frozen=True, kw_only=True, eq=False)
class SynapseParameters(Record):
    r"""Parameters of one plastic inhibitory synapse.

    The weights may be conductances in siemens or numbers in units of the leak
    conductance. The unit of `eta` decides which.

    Parameters
    ----------
    rule : str
        A key of `homeo.rules.RULES`. ``"zenke_2015"`` and ``"brian_example"`` read
        the global factor; the "+1" is on the presynaptic spike or on the
        postsynaptic one. ``"vogels_2011"`` does not read it.
    eta : Quantity or float
        Learning rate; positive. Weight times second where the rule reads the global
        factor; otherwise the unit of the weight.
    tau_stdp : Quantity
        Time constant of both traces, in seconds; positive.
    w_0 : Quantity or float
        Weight at the start, within the bounds.
    w_min, w_max : Quantity or float or None
        Bounds of the weight; None for no bound.
    rho_0 : Quantity, optional
        Target rate of the postsynaptic neuron, in Hz; not negative. For a rule that
        does not read the global factor, and for no other.

    Raises
    ------
    ValueError
        If a value has the wrong unit or lies outside its range.
    """

    rule: str = parameter("", "plasticity rule")
    eta: Quantity | float = parameter(r"$\eta$", "learning rate")
    tau_stdp: Quantity = parameter(
        r"$\tau_\mathrm{STDP}$", "time constant of the traces", unit=second, above=0
    )
    w_0: Quantity = parameter("$w(0)$", "weight at the start")
    w_min: Quantity | None = parameter(r"$w_\min$", "lower bound of the weight")
    w_max: Quantity | None = parameter(r"$w_\max$", "upper bound of the weight")
    rho_0: Quantity | None = parameter_of_some_rules(
        r"$\rho_0$", "target rate of the postsynaptic neuron"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_choice("rule", self.rule, RULES)
        weight_unit = self.weight_unit
        eta_unit = weight_unit * _per_G(self.rule)
        checked = {"eta": check_quantity("eta", self.eta, eta_unit, above=0)}
        if not RULES[self.rule].reads_G:
            checked["rho_0"] = check_quantity("rho_0", self.rho_0, Hz, at_least=0)
        elif self.rho_0 is not None:
            allowed = f"None, because the rule {self.rule!r} reads the global factor"
            raise refuse("rho_0", self.rho_0, allowed)
        for name in ("w_0", "w_min", "w_max"):
            value = getattr(self, name)
            if name == "w_0" or value is not None:
                checked[name] = check_quantity(name, value, weight_unit)
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        low, high = self.bounds
        if low > high:
            raise refuse("w_min", self.w_min, f"at most w_max = {self.w_max}")
        if not low <= self.w_0 <= high:
            allowed = f"a weight from w_min = {self.w_min} to w_max = {self.w_max}"
            raise refuse("w_0", self.w_0, allowed)

    @property
    def weight_unit(self) -> Unit | int:
        """Unit of the weight: siemens, or 1 for units of the leak conductance."""
        return _weight_unit(self.eta, self.rule)

    @property
    def bounds(self) -> tuple[Quantity, Quantity]:
        """Lower and upper bound; infinite where there is none."""
        unit = self.weight_unit
        low = -np.inf * unit if self.w_min is None else self.w_min
        high = np.inf * unit if self.w_max is None else self.w_max
        return low, high


def _per_G(rule: str) -> Unit | int:
    return second if RULES[rule].reads_G else 1


def _weight_unit(eta: object, rule: str) -> Unit | int:
    is_number = isinstance(eta, Quantity | numbers.Real) and not isinstance(eta, bool)
    for unit in (1, siemens):
        if is_number and get_dimensions(eta) is get_dimensions(unit * _per_G(rule)):
            return unit
    units = (
        "in seconds or in siemens times second"
        if RULES[rule].reads_G
        else "without a unit or in siemens"
    )
    raise refuse("eta", eta, f"a value > 0 {units}")


@dataclass(frozen=True, kw_only=True, eq=False)
class PairingProtocol(Record):
    """An STDP protocol in which the population rate changes from epoch to epoch.

    Each epoch holds one pairing: a presynaptic spike at `pairing_time` after the
    start of the epoch and a postsynaptic spike one `lag` later.

    Parameters
    ----------
    rates : Quantity
        Population rate in each epoch, in Hz; not negative.
    epoch : Quantity
        Length of an epoch, in seconds; positive.
    pairing_time : Quantity
        Presynaptic spike, counted from the start of its epoch, in seconds.
    lag : Quantity
        Postsynaptic minus presynaptic spike time, in seconds; either sign.

    Raises
    ------
    ValueError
        If a value has the wrong unit or a spike falls outside its epoch.
    """

    rates: Quantity = parameter(
        "$r$", "population rate in each epoch", unit=Hz, at_least=0, ndim=1
    )
    epoch: Quantity = parameter("$T$", "length of an epoch", unit=second, above=0)
    pairing_time: Quantity = parameter(
        "$t_0$", "presynaptic spike within its epoch", unit=second, at_least=0
    )
    lag: Quantity = parameter(
        r"$\Delta$", "postsynaptic minus presynaptic spike time", unit=second
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, time in (
            ("pairing_time", self.pairing_time),
            ("lag", self.pairing_time + self.lag),
        ):
            if not 0 * second <= time < self.epoch:
                allowed = f"spikes within the epoch of {self.epoch}"
                raise refuse(name, getattr(self, name), allowed)

    @property
    def duration(self) -> Quantity:
        """Length of the whole protocol."""
        return len(self.rates) * self.epoch

    @property
    def pre_spike_times(self) -> Quantity:
        """Presynaptic spike times, one per epoch."""
        return np.arange(len(self.rates)) * self.epoch + self.pairing_time

    @property
    def post_spike_times(self) -> Quantity:
        """Postsynaptic spike times, one per epoch."""
        return self.pre_spike_times + self.lag

    def replace(self, **changes: Any) -> PairingProtocol:
        """Return a protocol with some values changed.

        Parameters
        ----------
        **changes
            New values by name.

        Returns
        -------
        PairingProtocol
            The new protocol.

        Raises
        ------
        ValueError
            If a name is unknown or a value is refused.
        """
        return replaced(self, changes)


_SIMULATOR = "authors' simulator, fzenke/auryn"
_CELL_CODE = "authors' simulator, fzenke/auryn, IFGroup.cpp and AIFGroup.cpp"
_NETWORK_CODE = "authors' code, fzenke/pub2015orchestrated, sim_rc_p10c.cpp"
_SMALLER = "this book: a quarter of the paper's network"
_BALANCED = "this book: balanced without short-term plasticity"


@dataclass(frozen=True, kw_only=True, eq=False)
class NetworkParameters(Record):
    r"""Parameters of a recurrent network of excitatory and inhibitory cells.

    The defaults are a network of 1000 excitatory and 250 inhibitory cells, with
    the cells of Zenke, Agnes & Gerstner (2015) [1]_. Conductances and weights are
    numbers in units of the leak conductance. The weights from I to E are not
    here: they learn, and the parameters of the rule have them.

    Parameters
    ----------
    n_E, n_I : int
        Number of excitatory and of inhibitory cells; at least 2.
    p : float
        Fraction of all possible pairs of cells that are connected; above 0, at
        most 1.
    w_EE, w_EI, w_II : float
        Weights from E to E, from E to I and from I to I; not negative.
    delay : Quantity
        Delay of every synapse, in seconds; not negative.
    n_inputs : int
        Poisson inputs to each cell; at least 1.
    input_rate : Quantity
        Rate of each of these, in Hz; not negative.
    w_input_E, w_input_I : float
        Their weights onto E and onto I cells; not negative.
    tau_m : Quantity
        Membrane time constant, in seconds; positive.
    v_rest, E_exc, E_inh : Quantity
        Resting potential, which is the reset too, and reversal potentials of
        excitation and inhibition, in volts.
    theta_rest : Quantity
        Threshold at rest, in volts; above `v_rest`.
    theta_jump : Quantity
        How far above its rest a spike puts the threshold, in volts; not negative.
    tau_theta : Quantity
        Time constant of its return, in seconds; positive.
    tau_ampa, tau_nmda, tau_gaba : Quantity
        Time constants of the synaptic conductances, in seconds; positive.
    ampa_nmda_E, ampa_nmda_I : float
        Ratio of AMPA to NMDA in E and in I cells; not negative.
    adaptation : float
        Jump of the adaptation conductance at a spike of an E cell; not negative.
    tau_adapt : Quantity
        Its time constant, in seconds; positive.

    Raises
    ------
    ValueError
        If a value has the wrong unit or lies outside its range.

    References
    ----------
    .. [1] Zenke, Agnes & Gerstner (2015), Nature Communications 6:6922, Methods,
       doi:10.1038/ncomms7922
    """

    n_E: int = parameter_with_source(1000, r"$N_E$", "excitatory cells", _SMALLER)
    n_I: int = parameter_with_source(250, r"$N_I$", "inhibitory cells", _SMALLER)
    p: float = parameter_with_source(
        0.1, "$p$", "fraction of pairs connected", _NETWORK_CODE, unit=1, above=0
    )
    w_EE: float = parameter_with_source(
        0.05, r"$w_{EE}$", "weight from E to E", _BALANCED, unit=1, at_least=0
    )
    w_EI: float = parameter_with_source(
        0.2, r"$w_{EI}$", "weight from E to I", _BALANCED, unit=1, at_least=0
    )
    w_II: float = parameter_with_source(
        0.2, r"$w_{II}$", "weight from I to I", _NETWORK_CODE, unit=1, at_least=0
    )
    delay: Quantity = parameter_with_source(
        0.8 * ms, "$d$", "delay of every synapse", _SIMULATOR, unit=second, at_least=0
    )
    n_inputs: int = parameter_with_source(
        100, r"$N_\mathrm{in}$", "Poisson inputs to each cell", _BALANCED
    )
    input_rate: Quantity = parameter_with_source(
        25 * Hz,
        r"$r_\mathrm{in}$",
        "rate of each Poisson input",
        _BALANCED,
        unit=Hz,
        at_least=0,
    )
    w_input_E: float = parameter_with_source(
        0.1,
        r"$w_{\mathrm{in},E}$",
        "input weight onto E",
        _BALANCED,
        unit=1,
        at_least=0,
    )
    w_input_I: float = parameter_with_source(
        0.06,
        r"$w_{\mathrm{in},I}$",
        "input weight onto I",
        _BALANCED,
        unit=1,
        at_least=0,
    )
    tau_m: Quantity = parameter_with_source(
        20 * ms, r"$\tau_m$", "membrane time constant", _CELL_CODE, unit=second, above=0
    )
    v_rest: Quantity = parameter_with_source(
        -70 * mV, r"$V_\mathrm{rest}$", "rest and reset", _CELL_CODE, unit=volt
    )
    E_exc: Quantity = parameter_with_source(
        0 * mV, r"$E_\mathrm{exc}$", "reversal of excitation", _CELL_CODE, unit=volt
    )
    E_inh: Quantity = parameter_with_source(
        -80 * mV, r"$E_\mathrm{inh}$", "reversal of inhibition", _CELL_CODE, unit=volt
    )
    theta_rest: Quantity = parameter_with_source(
        -50 * mV, r"$\theta$", "threshold at rest", _CELL_CODE, unit=volt
    )
    theta_jump: Quantity = parameter_with_source(
        100 * mV,
        r"$\Delta\theta$",
        "threshold above its rest after a spike",
        _CELL_CODE,
        unit=volt,
        at_least=0,
    )
    tau_theta: Quantity = parameter_with_source(
        5 * ms,
        r"$\tau_\theta$",
        "return of the threshold",
        _CELL_CODE,
        unit=second,
        above=0,
    )
    tau_ampa: Quantity = parameter_with_source(
        5 * ms,
        r"$\tau_\mathrm{AMPA}$",
        "decay of AMPA",
        _CELL_CODE,
        unit=second,
        above=0,
    )
    tau_nmda: Quantity = parameter_with_source(
        100 * ms,
        r"$\tau_\mathrm{NMDA}$",
        "rise and decay of NMDA",
        _CELL_CODE,
        unit=second,
        above=0,
    )
    tau_gaba: Quantity = parameter_with_source(
        10 * ms,
        r"$\tau_\mathrm{GABA}$",
        "decay of GABA",
        _CELL_CODE,
        unit=second,
        above=0,
    )
    ampa_nmda_E: float = parameter_with_source(
        0.2, "", "AMPA to NMDA in E cells", _NETWORK_CODE, unit=1, at_least=0
    )
    ampa_nmda_I: float = parameter_with_source(
        0.3, "", "AMPA to NMDA in I cells", _NETWORK_CODE, unit=1, at_least=0
    )
    adaptation: float = parameter_with_source(
        0.1,
        "$b$",
        "adaptation of E cells at a spike",
        _NETWORK_CODE,
        unit=1,
        at_least=0,
    )
    tau_adapt: Quantity = parameter_with_source(
        100 * ms,
        r"$\tau_a$",
        "decay of the adaptation",
        _CELL_CODE,
        unit=second,
        above=0,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, at_least in (("n_E", 2), ("n_I", 2), ("n_inputs", 1)):
            value = check_count(name, getattr(self, name), at_least=at_least)
            object.__setattr__(self, name, value)
        if self.p > 1:
            raise refuse("p", self.p, "a fraction > 0 and <= 1")
        if self.theta_rest <= self.v_rest:
            allowed = f"a threshold above v_rest = {self.v_rest}"
            raise refuse("theta_rest", self.theta_rest, allowed)

    def replace(self, **changes: Any) -> NetworkParameters:
        """Return a network with some values changed.

        Parameters
        ----------
        **changes
            New values by name.

        Returns
        -------
        NetworkParameters
            The new parameters.

        Raises
        ------
        ValueError
            If a name is unknown or a value is refused.
        """
        return replaced(self, changes)

    def to_frame(self) -> pd.DataFrame:
        """Return a table of the parameters.

        Returns
        -------
        pandas.DataFrame
            One row per parameter: symbol, value, meaning, source.
        """
        rows = [
            {
                "name": spec.name,
                "symbol": spec.metadata["symbol"],
                "value": shown(value),
                "meaning": spec.metadata["meaning"],
                "source": spec.metadata["source"]
                if plain(value) == plain(spec.metadata["default"])
                else CHANGED,
            }
            for spec, value in zip(
                dataclasses.fields(self), values_of(self).values(), strict=True
            )
        ]
        return pd.DataFrame(rows).set_index("name")


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """The parameters of the rule: the global factor, the synapse, and their sources.

    Parameters
    ----------
    global_factor : GlobalFactorParameters
        The rate estimate and the target.
    synapse : SynapseParameters
        The plastic synapse.
    sources : mapping of str to str
        Where each value comes from, by parameter name.
    """

    global_factor: GlobalFactorParameters
    synapse: SynapseParameters
    sources: Mapping[str, str] = field(compare=False)

    def __post_init__(self) -> None:
        check_kind("global_factor", self.global_factor, GlobalFactorParameters)
        check_kind("synapse", self.synapse, SynapseParameters)
        check_kind("sources", self.sources, Mapping)
        names = {
            name for record in self._records.values() for name in values_of(record)
        }
        if set(self.sources) != names:
            allowed = f"one source for each of {', '.join(sorted(names))}"
            raise refuse("sources", dict(self.sources), allowed)
        object.__setattr__(self, "sources", MappingProxyType(dict(self.sources)))

    def __reduce__(self) -> tuple[Callable, tuple]:
        # Pickle does not know read-only mappings.
        values = {**values_of(self), "sources": dict(self.sources)}
        return partial(Parameters, **values), ()

    @property
    def reads_G(self) -> bool:
        """Whether the rule reads the global factor."""
        return RULES[self.synapse.rule].reads_G

    @property
    def target_rate(self) -> Quantity:
        """The rate that the rule aims at: γ of the population, or ρ₀ of each cell."""
        return self.global_factor.gamma if self.reads_G else self.synapse.rho_0

    @property
    def _records(self) -> dict[str, Record]:
        return {"global_factor": self.global_factor, "synapse": self.synapse}

    def replace(self, **changes: Any) -> Parameters:
        """Return parameters with some values changed.

        Parameters
        ----------
        **changes
            New values by name, such as ``tau_H=1*second``.

        Returns
        -------
        parameters : Parameters
            The new parameters; the source of a changed value says so.

        Raises
        ------
        ValueError
            If a name is unknown or a value is refused.
        """
        owner = {
            spec.name: key
            for key, record in self._records.items()
            for spec in dataclasses.fields(record)
        }
        for name in changes:
            check_choice("parameter", name, owner)
        records = {
            key: dataclasses.replace(
                record, **{n: v for n, v in changes.items() if owner[n] == key}
            )
            for key, record in self._records.items()
        }
        sources = {**self.sources, **dict.fromkeys(changes, CHANGED)}
        in_use = [name for record in records.values() for name in values_of(record)]
        return Parameters(**records, sources={n: sources[n] for n in in_use})

    def to_frame(self) -> pd.DataFrame:
        """Return a table of the parameters.

        Returns
        -------
        pandas.DataFrame
            One row per parameter: symbol, value, meaning, source.
        """
        rows = [
            {
                "name": spec.name,
                "symbol": spec.metadata["symbol"],
                "value": shown(getattr(record, spec.name)),
                "meaning": spec.metadata["meaning"],
                "source": self.sources[spec.name],
            }
            for record in self._records.values()
            for spec in fields_in_use(record)
        ]
        return pd.DataFrame(rows).set_index("name")

    def to_json(self) -> str:
        """Return the parameters as text that a file can carry.

        Returns
        -------
        str
            JSON: value and SI unit of every parameter.
        """
        return json.dumps({k: r.as_dict() for k, r in self._records.items()})

    @classmethod
    def from_json(cls, text: str) -> Parameters:
        """Read parameters that `to_json` wrote.

        Parameters
        ----------
        text : str
            What `to_json` returned; a result of `simulate_pairing` or
            `simulate_global_factor` has it in ``attrs["parameters"]``.

        Returns
        -------
        parameters : Parameters
            The parameters; their sources say that they were read.
        """
        texts = {key: json.dumps(record) for key, record in json.loads(text).items()}
        global_factor = GlobalFactorParameters.from_json(texts["global_factor"])
        synapse = SynapseParameters.from_json(texts["synapse"])
        names = [*values_of(global_factor), *values_of(synapse)]
        return cls(
            global_factor=global_factor,
            synapse=synapse,
            sources=dict.fromkeys(names, "read from a result"),
        )
