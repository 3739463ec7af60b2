r"""A recurrent network whose inhibitory synapses listen to the cells they inhibit.

Excitatory (E) and inhibitory (I) cells are integrate-and-fire neurons with
conductances in units of the leak conductance [1]_:

.. math::

    \tau_m \frac{dV}{dt} &= (V_\mathrm{rest} - V) + g_\mathrm{exc}(E_\mathrm{exc} - V)
                            + g_\mathrm{inh}(E_\mathrm{inh} - V) \\
    g_\mathrm{exc} &= \frac{\alpha\, g_\mathrm{AMPA} + g_\mathrm{NMDA}}{\alpha + 1},
    \qquad
    \tau_\mathrm{NMDA} \frac{dg_\mathrm{NMDA}}{dt} = g_\mathrm{AMPA} - g_\mathrm{NMDA}

A cell spikes when V passes the threshold :math:`\theta`. The spike resets V and
puts the threshold out of reach; it returns within milliseconds. In E cells every
spike adds to an adaptation conductance, which inhibits.

The synapses from I to E learn. They read the global factor of the E population,
and so the loop is closed.

References
----------
.. [1] Zenke, Agnes & Gerstner (2015), Nature Communications 6:6922, Methods,
   doi:10.1038/ncomms7922
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from brian2 import (
    BrianObject,
    Hz,
    NeuronGroup,
    PoissonInput,
    Quantity,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    get_dimensions,
    have_same_dimensions,
    ms,
    second,
)
from brian2.groups.group import Group

from .checks import (
    check_interval,
    check_kind,
    check_multiple,
    check_on_grid,
    check_quantity,
    refuse,
)
from .global_factor import global_factor_group, listen
from .parameters import NetworkParameters, Parameters
from .simulation import (
    Report,
    check_dt,
    check_report,
    check_seed,
    check_target,
    free_names,
    in_si,
    provenance,
    run_again,
    simulation,
)
from .synapse import plastic_synapses

#: ``w_inh`` is for recorders; `weigh_inhibition` writes the weight of all inhibition.
CELL = """
dv/dt = (v_rest - v + g_exc*(E_exc - v) + g_inh*(E_inh - v))/tau_m : volt
g_exc = (ampa_nmda*g_ampa + g_nmda)/(ampa_nmda + 1)                : 1
dg_ampa/dt = -g_ampa/tau_ampa                                      : 1
dg_nmda/dt = (g_ampa - g_nmda)/tau_nmda                            : 1
dg_gaba/dt = -g_gaba/tau_gaba                                      : 1
dtheta/dt = (theta_rest - theta)/tau_theta                         : volt
"""

E_CELL = f"""{CELL}
g_inh = g_gaba + g_adapt           : 1
dg_adapt/dt = -g_adapt/tau_adapt   : 1
w_inh                              : 1
"""

I_CELL = f"""{CELL}
g_inh = g_gaba                     : 1
"""

THRESHOLD = "v > theta"

RESET = """
v = v_rest
theta = theta_rest + theta_jump
"""

E_RESET = f"""{RESET}
g_adapt += adaptation
"""

#: With the shortest time constant 50 steps long, Euler moves a rate by under 1 %.
METHOD = "euler"

#: Rules whose values are arguments of a compiled program have these in their place.
COMPILED = {"gamma": 4 * Hz, "tau_H": 1 * second, "H_0": 4 * Hz}
COMPILED_SYNAPSE = {
    "tau_stdp": 20 * ms,
    "w_0": 0.0,
    "w_min": 0.0,
    "w_max": 5.0,
}

#: Names of the objects whose values are arguments.
FACTOR, PLASTIC = "global_factor", "inhibition"


def excitatory_cells(
    parameters: NetworkParameters, name: str = "excitatory*"
) -> NeuronGroup:
    """Build the excitatory cells: they adapt.

    Parameters
    ----------
    parameters : NetworkParameters
        Their number and their constants.
    name : str, optional
        Name of the group.

    Returns
    -------
    brian2.NeuronGroup
        Variables v and theta (volt), g_ampa, g_nmda, g_gaba and g_adapt (leak
        conductances), at rest.
    """
    return _cells(
        parameters,
        parameters.n_E,
        E_CELL,
        E_RESET,
        {
            "ampa_nmda": parameters.ampa_nmda_E,
            "adaptation": parameters.adaptation,
            "tau_adapt": parameters.tau_adapt,
        },
        name,
    )


def inhibitory_cells(
    parameters: NetworkParameters, name: str = "inhibitory*"
) -> NeuronGroup:
    """Build the inhibitory cells: they do not adapt.

    Parameters
    ----------
    parameters : NetworkParameters
        Their number and their constants.
    name : str, optional
        Name of the group.

    Returns
    -------
    brian2.NeuronGroup
        Variables v and theta (volt), g_ampa, g_nmda and g_gaba (leak
        conductances), at rest.
    """
    return _cells(
        parameters,
        parameters.n_I,
        I_CELL,
        RESET,
        {"ampa_nmda": parameters.ampa_nmda_I},
        name,
    )


def _cells(
    parameters: NetworkParameters,
    n: int,
    equations: str,
    reset: str,
    constants: dict,
    name: str,
) -> NeuronGroup:
    check_kind("parameters", parameters, NetworkParameters)
    shared = ("v_rest", "E_exc", "E_inh", "tau_m", "theta_rest", "theta_jump")
    shared += ("tau_theta", "tau_ampa", "tau_nmda", "tau_gaba")
    cells = NeuronGroup(
        n,
        equations,
        threshold=THRESHOLD,
        reset=reset,
        method=METHOD,
        namespace={key: getattr(parameters, key) for key in shared} | constants,
        name=name,
    )
    cells.v = parameters.v_rest
    cells.theta = parameters.theta_rest
    return cells


def background(
    cells: NeuronGroup,
    weight: float,
    parameters: NetworkParameters,
) -> PoissonInput:
    """Build the background: independent Poisson inputs to each cell.

    Parameters
    ----------
    cells : brian2.NeuronGroup
        Cells with a variable g_ampa.
    weight : float
        What one spike adds to g_ampa, in leak conductances.
    parameters : NetworkParameters
        Number and rate of the inputs.

    Returns
    -------
    brian2.PoissonInput
        The inputs.
    """
    check_kind("parameters", parameters, NetworkParameters)
    return PoissonInput(
        cells,
        "g_ampa",
        N=parameters.n_inputs,
        rate=parameters.input_rate,
        weight=weight,
    )


def random_pairs(
    n_pre: int, n_post: int, p: float, rng: np.random.Generator, *, same: bool = False
) -> dict[str, np.ndarray]:
    """Draw which pairs of cells are connected.

    All pairs are equally likely, and their number is fixed: the fraction p of all
    possible ones. So every seed gives a network of the same size.

    Parameters
    ----------
    n_pre, n_post : int
        Number of presynaptic and of postsynaptic cells.
    p : float
        Fraction of the possible pairs.
    rng : numpy.random.Generator
        Where the random numbers come from.
    same : bool, optional
        Whether both are the same population; no cell connects to itself then.

    Returns
    -------
    dict of str to numpy.ndarray
        Indices ``i`` and ``j`` of the presynaptic and postsynaptic cells, sorted;
        arguments of `brian2.Synapses.connect`.
    """
    n_targets = n_post - same
    n_pairs = n_pre * n_targets
    pairs = rng.choice(n_pairs, round(p * n_pairs), replace=False, shuffle=False)
    i, j = np.divmod(np.sort(pairs), n_targets)
    return {"i": i, "j": j + (same & (j >= i))}


def connections(
    n_pre: int,
    n_post: int,
    p: float,
    rng: np.random.Generator | None,
    *,
    same: bool = False,
) -> dict[str, object]:
    """Say which pairs of cells are connected.

    Parameters
    ----------
    n_pre, n_post : int
        Number of presynaptic and of postsynaptic cells.
    p : float
        Fraction of the possible pairs.
    rng : numpy.random.Generator or None
        Where the random numbers come from. With None, Brian2 draws them where the
        model runs: every pair is connected with the probability p, and the number of
        connections is random too.
    same : bool, optional
        Whether both are the same population; no cell connects to itself then.

    Returns
    -------
    dict
        Arguments of `brian2.Synapses.connect`.
    """
    if rng is not None:
        return random_pairs(n_pre, n_post, p, rng, same=same)
    return {"p": p, **({"condition": "i != j"} if same else {})}


def n_plastic_synapses(parameters: NetworkParameters) -> int:
    """Return the number of synapses from I to E.

    Parameters
    ----------
    parameters : NetworkParameters
        Numbers of cells and the fraction of pairs that are connected.

    Returns
    -------
    int
        The number of those that `random_pairs` draws, the same for every seed.
    """
    return round(parameters.p * parameters.n_I * parameters.n_E)


def static_synapses(
    presynaptic: Group,
    postsynaptic: Group,
    conductance: str,
    weight: float,
    connect: Mapping[str, object],
    delay: Quantity,
    name: str = "static_synapses*",
) -> Synapses:
    """Build synapses that do not learn.

    Parameters
    ----------
    presynaptic, postsynaptic : brian2.Group
        The cells.
    conductance : {"g_ampa", "g_gaba"}
        What a spike adds to.
    weight : float
        How much it adds, in leak conductances.
    connect : mapping
        Arguments of `brian2.Synapses.connect`, such as those of `connections`.
    delay : Quantity
        Delay of every spike.
    name : str, optional
        Name of the synapses.

    Returns
    -------
    brian2.Synapses
        Connected; parameter w.
    """
    synapses = Synapses(
        presynaptic,
        postsynaptic,
        "w : 1 (shared, constant)",
        on_pre=f"{conductance}_post += w",
        delay=delay,
        namespace={},
        name=name,
    )
    synapses.connect(**connect, namespace={})
    synapses.w = weight
    return synapses


def inhibitory_synapses(
    inhibitory: NeuronGroup,
    excitatory: NeuronGroup,
    global_factor: NeuronGroup,
    rule: Parameters,
    network: NetworkParameters,
    rng: np.random.Generator | None,
    name: str = PLASTIC,
) -> Synapses:
    """Build the synapses from I to E: they inhibit, and they learn.

    Parameters
    ----------
    inhibitory, excitatory : brian2.NeuronGroup
        The cells.
    global_factor : brian2.NeuronGroup
        What they read, under a rule that reads it.
    rule : Parameters
        The rule, with weights in leak conductances.
    network : NetworkParameters
        Fraction of pairs that are connected, and the delay.
    rng : numpy.random.Generator or None
        Draws the connections; see `connections`.
    name : str, optional
        Name of the synapses.

    Returns
    -------
    brian2.Synapses
        What `homeo.synapse.plastic_synapses` builds.
    """
    return plastic_synapses(
        inhibitory,
        excitatory,
        rule.synapse,
        global_factor if rule.reads_G else None,
        connect=connections(len(inhibitory), len(excitatory), network.p, rng),
        transmission="g_gaba_post += w",
        delay=network.delay,
        name=name,
    )


@dataclass(frozen=True)
class RecurrentNetwork:
    """The Brian2 objects of a recurrent network, by what they are.

    Parameters
    ----------
    excitatory, inhibitory : brian2.NeuronGroup
        The cells.
    global_factor : brian2.NeuronGroup
        H and G of the excitatory cells.
    inhibition : brian2.Synapses
        The plastic synapses from I to E.
    others : tuple of brian2.BrianObject
        Static synapses, background, and the synapses by which the global factor
        hears the excitatory cells.
    """

    excitatory: NeuronGroup
    inhibitory: NeuronGroup
    global_factor: NeuronGroup
    inhibition: Synapses
    others: tuple[BrianObject, ...]

    @property
    def objects(self) -> tuple[BrianObject, ...]:
        """All objects, to be added to a network."""
        cells = (self.excitatory, self.inhibitory)
        return (*cells, self.global_factor, self.inhibition, *self.others)


def recurrent_network(
    rule: Parameters,
    network: NetworkParameters,
    rng: np.random.Generator | None,
    *,
    factor: NeuronGroup | None = None,
) -> RecurrentNetwork:
    """Build a recurrent network whose inhibition regulates the excitatory cells.

    Parameters
    ----------
    rule : Parameters
        The global factor and the plastic synapses, with weights in leak
        conductances. H averages over the excitatory cells of the network,
        whatever N is.
    network : NetworkParameters
        Cells, static synapses and background.
    rng : numpy.random.Generator or None
        Draws the connections and the potentials at the start. With None Brian2
        draws them, which in C++ happens when the program runs.
    factor : brian2.NeuronGroup, optional
        What the synapses read G from, with the variables of
        `homeo.global_factor.global_factor_group`; by default that group itself.

    Returns
    -------
    RecurrentNetwork
        The objects. Every cell starts at a random potential between rest and
        threshold, so that the cells do not spike together.

    Raises
    ------
    ValueError
        If an argument is refused.
    """
    check_weights_in_leaks(rule)
    check_kind("network", network, NetworkParameters)
    excitatory = excitatory_cells(network, name="excitatory")
    inhibitory = inhibitory_cells(network, name="inhibitory")
    for cells in (excitatory, inhibitory):
        low, high = network.v_rest, network.theta_rest
        if rng is None:
            cells.v = "v_rest + rand()*(theta_rest - v_rest)"
        else:
            cells.v = low + rng.random(len(cells)) * (high - low)
    if factor is None:
        factor = global_factor_group(rule.global_factor, name=FACTOR)
    static = [
        static_synapses(
            pre,
            post,
            conductance,
            weight,
            connections(len(pre), len(post), network.p, rng, same=pre is post),
            network.delay,
            name=name,
        )
        for name, pre, post, conductance, weight in (
            ("E_to_E", excitatory, excitatory, "g_ampa", network.w_EE),
            ("E_to_I", excitatory, inhibitory, "g_ampa", network.w_EI),
            ("I_to_I", inhibitory, inhibitory, "g_gaba", network.w_II),
        )
    ]
    inhibition = inhibitory_synapses(inhibitory, excitatory, factor, rule, network, rng)
    return RecurrentNetwork(
        excitatory=excitatory,
        inhibitory=inhibitory,
        global_factor=factor,
        inhibition=inhibition,
        others=(
            *static,
            background(excitatory, network.w_input_E, network),
            background(inhibitory, network.w_input_I, network),
            listen(factor, excitatory, name="aggregator"),
        ),
    )


def check_weights_in_leaks(rule: Parameters) -> None:
    """Check that the weights of a rule count in leak conductances.

    Parameters
    ----------
    rule : Parameters
        The rule.

    Raises
    ------
    ValueError
        If they have the unit of a conductance, or it is no rule.
    """
    check_kind("rule", rule, Parameters)
    if not have_same_dimensions(rule.synapse.weight_unit, 1):
        allowed = "a learning rate for weights in units of the leak conductance"
        raise refuse("rule", rule.synapse.eta, allowed)


def weigh_inhibition(
    cells: NeuronGroup, inhibition: Synapses, interval: Quantity
) -> None:
    """Sum the inhibitory weights onto each cell, at regular intervals.

    Parameters
    ----------
    cells : brian2.NeuronGroup
        Cells with a variable w_inh, which the sum is written to.
    inhibition : brian2.Synapses
        Synapses onto these cells, with a variable w.
    interval : Quantity
        Time between two sums.
    """
    when = {"dt": interval, "when": "start"}
    cells.run_regularly("w_inh = 0", order=-2, **when)
    inhibition.run_regularly("w_inh_post += w", order=-1, **when)


def simulate_network(
    rule: Parameters,
    duration: Quantity,
    *,
    network: NetworkParameters | None = None,
    plastic: bool = True,
    start_weights: np.ndarray | None = None,
    end_window: Quantity | None = None,
    record_dt: Quantity = 100 * ms,
    dt: Quantity = 0.1 * ms,
    seed: int | None = None,
    target: str = "numpy",
    report: Report | None = None,
) -> xr.Dataset:
    r"""Simulate a recurrent network whose inhibition regulates its own cause.

    Parameters
    ----------
    rule : Parameters
        The rule, with weights in leak conductances. H averages over the excitatory
        cells of the network, whatever N is.
    duration : Quantity
        Length of the run, a multiple of `record_dt`.
    network : NetworkParameters, optional
        Cells, static synapses and background; by default 1000 E and 250 I cells.
    plastic : bool, optional
        Whether the synapses from I to E learn. With False they keep the weight
        `w_0`: this measures the rate :math:`\phi(w)`.
    start_weights : numpy.ndarray, optional
        Weights from I to E at the start, one for each synapse in the order of the
        result's dimension ``synapse``; by default all are `w_0`.
    end_window : Quantity, optional
        Stretch before the end over which rates of single cells are averaged; by
        default 10 s, or half of a shorter run.
    record_dt : Quantity, optional
        Interval between two samples and width of a bin, a multiple of `dt`.
    dt : Quantity, optional
        Time step.
    seed : int, optional
        Seed of the connections, the start and the background; without one, a seed
        is drawn and recorded.
    target : {"numpy", "cython", "cpp_standalone"}, optional
        Brian2's code generation target. In C++ the network is compiled once, and
        run again with other rules and seeds.
    report : callable, optional
        Called about twice a second with the completed fraction and the seconds
        since the start, such as `homeo.simulation.print_progress`. By default
        nothing is shown.

    Returns
    -------
    xarray.Dataset
        Dimension ``time``: rates ``rate_E`` and ``rate_I`` (Hz) in the bin that
        starts at this time; ``H``, ``G`` (Hz) and the mean weight ``w`` at this
        time. Dimensions ``E_cell`` and ``I_cell``: rates of single cells at the
        end, ``end_rate_E`` and ``end_rate_I`` (Hz). Dimension ``synapse``, the
        synapses from I to E: the cells ``pre`` and ``post``, and the weight
        ``end_w`` at the end.

    Raises
    ------
    ValueError
        If an argument is refused; nothing has run then.
    RuntimeError
        If the C++ program cannot be compiled.

    Notes
    -----
    Rates of single cells are counts of spikes: over a window T they are multiples
    of 1/T.
    """
    check_weights_in_leaks(rule)
    network = NetworkParameters() if network is None else network
    check_kind("network", network, NetworkParameters)
    check_kind("plastic", plastic, bool)
    dt = check_dt(dt)
    check_on_grid("delay", network.delay, dt)
    record_dt = check_interval("record_dt", record_dt, dt)
    duration = check_multiple("duration", duration, "record_dt", record_dt)
    if end_window is None:
        end_window = min(10 * second, duration / 2)
    end_window = check_quantity("end_window", end_window, second, above=0)
    if end_window > duration:
        raise refuse("end_window", end_window, f"at most the duration, {duration}")
    seed = check_seed(seed)
    check_target(target)
    check_report(report)
    rule = rule.replace(N=network.n_E)
    start_weights = _check_start_weights(start_weights, rule, network)

    free_names()
    # The seed comes later, as an argument: it is no part of the compiled program.
    with simulation(target=target, seed=0, dt=dt) as simulated:
        parts = recurrent_network(_compiled(rule), network, np.random.default_rng(seed))
        weigh_inhibition(parts.excitatory, parts.inhibition, record_dt)
        E_spikes, I_spikes = map(SpikeMonitor, (parts.excitatory, parts.inhibitory))
        factor = StateMonitor(parts.global_factor, ["H", "G"], record=[0], dt=record_dt)
        weights = StateMonitor(
            parts.excitatory, "w_inh", record=np.arange(network.n_E), dt=record_dt
        )
        simulated.add(*parts.objects, E_spikes, I_spikes, factor, weights)
        run_again(
            simulated,
            duration,
            _arguments(rule, plastic, start_weights),
            seed=seed,
            report=report,
        )
        synapses, n_synapses = parts.inhibition, n_plastic_synapses(network)
        time, cell = ("time",), {"E": ("E_cell",), "I": ("I_cell",)}
        n_bins = round(float(duration / record_dt))
        variables = {
            "H": in_si(factor.H[0], time, "rate estimate"),
            "G": in_si(factor.G[0], time, "global factor"),
            "w": in_si(weights.w_inh.sum(axis=0) / n_synapses, time, "mean weight"),
            "pre": ("synapse", np.array(synapses.i), {"long_name": "I cell"}),
            "post": ("synapse", np.array(synapses.j), {"long_name": "E cell"}),
            "end_w": in_si(synapses.w[:], ("synapse",), "weight at the end"),
        }
        for name, spikes in (("E", E_spikes), ("I", I_spikes)):
            i, t = np.asarray(spikes.i), np.asarray(spikes.t)
            n = len(spikes.source)
            variables[f"rate_{name}"] = in_si(
                _counts(t, n_bins, record_dt) / (n * record_dt), time, f"rate of {name}"
            )
            late = t >= float(duration - end_window) - float(dt) / 2
            variables[f"end_rate_{name}"] = in_si(
                np.bincount(i[late], minlength=n) / end_window,
                cell[name],
                f"rate of single {name} cells",
            )
        return xr.Dataset(
            variables,
            coords={"time": in_si(factor.t, time, "time")},
            attrs={
                "network": network.to_json(),
                "plastic": int(plastic),
                "end_window_s": float(end_window / second),
                **provenance(
                    parameters=rule.to_json(),
                    duration=duration,
                    record_dt=record_dt,
                    seed=seed,
                    target=target,
                    dt=dt,
                ),
            },
        )


def _compiled(rule: Parameters) -> Parameters:
    eta = Quantity(1e-4, dim=get_dimensions(rule.synapse.eta))
    target = {} if rule.reads_G else {"rho_0": 4 * Hz}
    return rule.replace(**COMPILED, **COMPILED_SYNAPSE, eta=eta, **target)


def _arguments(
    rule: Parameters, plastic: bool, start_weights: np.ndarray | None
) -> dict[str, Quantity | float | np.ndarray]:
    factor, synapse = rule.global_factor, rule.synapse
    low, high = synapse.bounds
    target = {} if rule.reads_G else {f"{PLASTIC}.rho_0": synapse.rho_0}
    return {
        f"{FACTOR}.gamma": factor.gamma,
        f"{FACTOR}.tau_H": factor.tau_H,
        f"{FACTOR}.H": factor.H_0,
        f"{PLASTIC}.eta": synapse.eta if plastic else 0 * synapse.eta,
        f"{PLASTIC}.tau_stdp": synapse.tau_stdp,
        f"{PLASTIC}.w_min": low,
        f"{PLASTIC}.w_max": high,
        f"{PLASTIC}.w": synapse.w_0 if start_weights is None else start_weights,
        **target,
    }


def _check_start_weights(
    weights: object, rule: Parameters, network: NetworkParameters
) -> np.ndarray | None:
    if weights is None:
        return None
    low, high = rule.synapse.bounds
    checked, n = np.asarray(weights, dtype=float), n_plastic_synapses(network)
    if checked.shape != (n,) or not np.all((checked >= low) & (checked <= high)):
        allowed = f"{n} weights, one for each plastic synapse, from {low} to {high}"
        raise refuse("start_weights", weights, allowed)
    return checked


def _counts(t: np.ndarray, n_bins: int, width: Quantity) -> np.ndarray:
    # Half a bin is far from the edges, where a time may lie by rounding.
    bins = np.floor(t / float(width) + 1e-6).astype(int)
    return np.bincount(bins, minlength=n_bins)


def settling_time(
    result: xr.Dataset, *, tolerance: float = 0.1, window: Quantity = 1 * second
) -> float:
    r"""Return when the rate of the excitatory cells came to its target to stay.

    The target is that of the rule: :math:`\gamma`, or :math:`\rho_0` under a rule
    that does not read the global factor.

    Parameters
    ----------
    result : xarray.Dataset
        What `simulate_network` returned.
    tolerance : float, optional
        How far from the target, as a fraction of it, counts as arrived.
    window : Quantity, optional
        The rate is averaged over a window of this length that moves along.

    Returns
    -------
    float
        Seconds from the start to the end of the last window whose mean is further
        from the target; 0 if there is none, NaN if that is the last window.

    Raises
    ------
    ValueError
        If the tolerance is not positive, or the window is no multiple of the bins
        or longer than the run.
    """
    tolerance = float(check_quantity("tolerance", tolerance, 1, above=0))
    record_dt = result.attrs["record_dt_s"] * second
    window = check_multiple("window", window, "record_dt", record_dt)
    rule = Parameters.from_json(result.attrs["parameters"])
    target = float(rule.target_rate)
    n = round(float(window) / result.attrs["record_dt_s"])
    if n > result.sizes["time"]:
        raise refuse("window", window, f"at most {result.attrs['duration_s']} s")
    means = np.convolve(result.rate_E, np.full(n, 1 / n), mode="valid")
    outside = np.flatnonzero(np.abs(means - target) > tolerance * target)
    if not outside.size:
        return 0.0
    if outside[-1] == len(means) - 1:
        return np.nan
    return float((outside[-1] + n) * result.attrs["record_dt_s"])
