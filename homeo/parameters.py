"""The parameters of the models, each with its unit, its range and its source.

Every model of the book has one frozen record. A record checks itself when it is
made, so a simulation that starts has sensible parameters. `ZENKE_2015` and
`BRIAN_EXAMPLE` are the two published sets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, Self

import numpy as np
from brian2 import Hz, Quantity, have_same_dimensions, ms, mV, second, volt
from brian2.units.fundamentalunits import Unit

from .checks import check_choice, check_count, check_kind, check_quantity, refuse
from .docstrings import described
from .records import (
    AS_DICT,
    CHANGED,
    CHANGES,
    UNCHANGED,
    UNREADABLE,
    Record,
    parameter,
    parameter_of_some_rules,
    parameter_with_source,
    part,
)
from .rules import RULES, Rule, find_rule
from .units import show, unit_of


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

    The weights may have any unit, or none: conductances in siemens, potentials in
    volts, currents in amperes, numbers in units of the leak conductance. That of
    `w_0` decides, and the unit of `eta` follows.

    Parameters
    ----------
    rule : str or Rule
        A key of `homeo.rules.RULES`, or a rule of one's own. ``"zenke_2015"`` and
        ``"brian_example"`` read the global factor; the "+1" is on the presynaptic
        spike or on the postsynaptic one. ``"vogels_2011"`` does not read it.
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
        has such a target, and for no other.

    Raises
    ------
    ValueError
        If a value has the wrong unit or lies outside its range.
    """

    rule: str | Rule = field(
        metadata={"symbol": "", "meaning": "plasticity rule", "kind": Rule}
    )
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
        rule = find_rule(self.rule)
        # A published rule has one name, however it was given.
        known = [name for name, published in RULES.items() if published == rule]
        w_0 = check_quantity("w_0", self.w_0, _unit_of_weight(self.w_0))
        unit = unit_of(w_0)
        eta_unit = unit * (second if rule.reads_G else 1)
        checked = {
            "rule": known[0] if known else rule,
            "w_0": w_0,
            "eta": check_quantity("eta", self.eta, eta_unit, above=0),
        }
        if rule.has_target:
            checked["rho_0"] = check_quantity("rho_0", self.rho_0, Hz, at_least=0)
        elif self.rho_0 is not None:
            reason = "reads the global factor" if rule.reads_G else "has no target"
            allowed = f"None, because the rule {self.rule!r} {reason}"
            raise refuse("rho_0", self.rho_0, allowed)
        for name in ("w_min", "w_max"):
            if getattr(self, name) is not None:
                checked[name] = check_quantity(name, getattr(self, name), unit)
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        if not known:
            rule.check_units(unit)
        low, high = self.bounds
        if low > high:
            raise refuse("w_min", self.w_min, f"at most w_max = {self.w_max}")
        if not low <= self.w_0 <= high:
            allowed = f"a weight from w_min = {self.w_min} to w_max = {self.w_max}"
            raise refuse("w_0", self.w_0, allowed)

    @property
    def plasticity(self) -> Rule:
        """The rule itself: what a spike does to the synapse."""
        return find_rule(self.rule)

    @property
    def weight_unit(self) -> Unit | int:
        """SI unit of the weight; 1 for pure numbers, such as leak conductances."""
        return unit_of(self.w_0)

    @property
    def bounds(self) -> tuple[Quantity, Quantity]:
        """Lower and upper bound; infinite where there is none."""
        unit = self.weight_unit
        low = -np.inf * unit if self.w_min is None else self.w_min
        high = np.inf * unit if self.w_max is None else self.w_max
        return low, high


def _unit_of_weight(w_0: object) -> Unit | int:
    return unit_of(w_0) if isinstance(w_0, Quantity) else 1


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


@dataclass(frozen=True, kw_only=True, eq=False)
class Parameters(Record):
    """The parameters of the rule: the global factor, the synapse, and their sources.

    Parameters
    ----------
    global_factor : GlobalFactorParameters
        The rate estimate and the target.
    synapse : SynapseParameters
        The plastic synapse.
    sources : mapping of str to str
        Where each value comes from, by parameter name.

    Raises
    ------
    ValueError
        If a part is of another kind, or a source is missing or of no parameter.
    """

    global_factor: GlobalFactorParameters = part(GlobalFactorParameters)
    synapse: SynapseParameters = part(SynapseParameters)
    sources: Mapping[str, str] = field()

    def __post_init__(self) -> None:
        for name, kind in _PARTS.items():
            check_kind(name, getattr(self, name), kind)
        check_kind("sources", self.sources, Mapping)
        names = [n for record in self.values().values() for n in record.values()]
        if set(self.sources) != set(names):
            allowed = f"one source for each of {', '.join(sorted(names))}"
            raise refuse("sources", dict(self.sources), allowed)
        object.__setattr__(self, "sources", MappingProxyType(dict(self.sources)))

    def __reduce__(self) -> tuple[Callable, tuple]:
        # Pickle does not know read-only mappings.
        values = {**self.values(), "sources": dict(self.sources)}
        return partial(Parameters, **values), ()

    @property
    def reads_G(self) -> bool:
        """Whether the rule reads the global factor."""
        return self.synapse.plasticity.reads_G

    @property
    def target_rate(self) -> Quantity:
        """The rate that the rule aims at: γ of the population, or ρ₀ of each cell."""
        rule = self.synapse.plasticity
        if not rule.aims_at_a_rate:
            raise refuse("rule", rule.label, "a rule that aims at a rate")
        return self.global_factor.gamma if rule.reads_G else self.synapse.rho_0

    @described(CHANGES, UNCHANGED)
    def replace(self, **changes: Any) -> Self:
        """Return parameters with some values changed.

        Returns
        -------
        parameters : Parameters
            The new parameters; the source of a changed value says so.
        """
        owner = {
            spec.name: key for key, kind in _PARTS.items() for spec in kind._specs()
        }
        for name in changes:
            check_choice("parameter", name, owner)
        parts = {
            key: record.replace(**{n: v for n, v in changes.items() if owner[n] == key})
            for key, record in self.values().items()
        }
        sources = {**self.sources, **dict.fromkeys(changes, CHANGED)}
        return _with_sources(parts, sources)

    def with_weights_in(self, unit: Quantity) -> Self:
        """Return the same rule for weights that have a unit.

        Parameters
        ----------
        unit : Quantity
            What a weight of 1 becomes, such as the leak conductance of the reader's
            cells, ``10*nS``, where the weights are numbers of leak conductances.

        Returns
        -------
        parameters : Parameters
            `eta`, `w_0`, `w_min` and `w_max` times the unit; all else as before.

        Raises
        ------
        ValueError
            If `unit` is not one positive quantity, or the weights have a unit already.
        """
        if not have_same_dimensions(self.synapse.weight_unit, 1):
            allowed = "a rule whose weights are numbers"
            raise refuse("w_0", self.synapse.w_0, allowed)
        unit = check_quantity("unit", unit, _unit_of_weight(unit), above=0)
        weights = {
            name: value * unit
            for name, value in self.synapse.values().items()
            if name in ("eta", "w_0", "w_min", "w_max") and value is not None
        }
        sources = {n: f"{self.sources[n]}; times {show(unit)}" for n in weights}
        changed = self.replace(**weights)
        return _with_sources(changed.values(), {**changed.sources, **sources})

    @classmethod
    @described(AS_DICT, UNREADABLE)
    def from_dict(cls, given: object) -> Self:
        """Read parameters that `as_dict` wrote.

        Returns
        -------
        parameters : Parameters
            The parameters; their sources say that they were read.
        """
        return _with_sources(cls._read(given), {})

    def _rows(self) -> list[dict[str, str]]:
        return [
            {**row, "source": self.sources[row["name"]]}
            for record in self.values().values()
            for row in record._rows()
        ]


_PARTS = {"global_factor": GlobalFactorParameters, "synapse": SynapseParameters}


def _with_sources(
    parts: Mapping[str, Record], sources: Mapping[str, str]
) -> Parameters:
    names = [name for record in parts.values() for name in record.values()]
    read = "read from a result"
    return Parameters(**parts, sources={n: sources.get(n, read) for n in names})
