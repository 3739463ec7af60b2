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
from brian2 import (
    BrianObject,
    NeuronGroup,
    PoissonInput,
    Quantity,
    Synapses,
    have_same_dimensions,
    second,
)
from brian2.groups.group import Group

from .checks import (
    check_kind,
    check_memory,
    check_on_grid,
    check_spikes_per_step,
    check_steps_fine_enough,
    refuse,
)
from .docstrings import NAME_OF_GROUP, described, entry
from .global_factor import VARIABLES as FACTOR_VARIABLES
from .global_factor import global_factor_group, listen
from .parameters import NetworkParameters, Parameters
from .records import variables_of
from .synapse import VARIABLES as SYNAPSE_VARIABLES
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

#: The time constants of the cells, which `METHOD` integrates.
TIME_CONSTANTS = (
    "tau_m",
    "tau_theta",
    "tau_ampa",
    "tau_nmda",
    "tau_gaba",
    "tau_adapt",
)

#: What a synapse takes, and what drawing one takes for each possible pair, about.
BYTES_OF_A_SYNAPSE, BYTES_TO_DRAW = 100, 8

#: Names of the objects whose values are arguments.
FACTOR, PLASTIC = "global_factor", "inhibition"

CELLS = entry("parameters : NetworkParameters", "Their number and their constants.")
PAIRS = entry(
    "n_pre, n_post : int", "Number of presynaptic and of postsynaptic cells."
) + entry("p : float", "Fraction of the possible pairs.")
SAME = entry(
    "same : bool, optional",
    "Whether both are the same population; no cell connects to itself then.",
)
RULE = entry("rule : Parameters", "The rule, with weights in leak conductances.")


@described(CELLS + NAME_OF_GROUP)
def excitatory_cells(
    parameters: NetworkParameters, name: str = "excitatory*"
) -> NeuronGroup:
    """Build the excitatory cells: they adapt.

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


@described(CELLS + NAME_OF_GROUP)
def inhibitory_cells(
    parameters: NetworkParameters, name: str = "inhibitory*"
) -> NeuronGroup:
    """Build the inhibitory cells: they do not adapt.

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


@described(PAIRS + SAME)
def random_pairs(
    n_pre: int, n_post: int, p: float, rng: np.random.Generator, *, same: bool = False
) -> dict[str, np.ndarray]:
    """Draw which pairs of cells are connected.

    All pairs are equally likely, and their number is fixed: the fraction p of all
    possible ones. So every seed gives a network of the same size.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where the random numbers come from.

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


@described(PAIRS + SAME)
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
    rng : numpy.random.Generator or None
        Where the random numbers come from. With None, Brian2 draws them where the
        model runs: every pair is connected with the probability p, and the number of
        connections is random too.

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


@described(RULE)
def at_rest(rule: Parameters) -> Parameters:
    """Return a rule under which weights stay as they are once eta is 0.

    Under the rules of the book they do. A rule of one's own may change weights
    without eta, so the paper's takes its place: where nothing learns, all rules make
    the same network.

    Returns
    -------
    homeo.parameters.Parameters
        The rule itself, or the same values with the paper's rule.

    Raises
    ------
    ValueError
        If an argument is refused.
    """
    if isinstance(rule.synapse.rule, str):
        return rule
    return rule.replace(rule="zenke_2015", eta=1 * second, rho_0=None)


@described(RULE)
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


@described(RULE)
def check_weights_in_leaks(rule: Parameters) -> None:
    """Check that the weights of a rule count in leak conductances.

    Raises
    ------
    ValueError
        If they have the unit of a conductance, or it is no rule.
    """
    check_kind("rule", rule, Parameters)
    if not have_same_dimensions(rule.synapse.weight_unit, 1):
        allowed = "a learning rate for weights in units of the leak conductance"
        raise refuse("rule", rule.synapse.eta, allowed)


def arguments_of(rule: Parameters) -> list[str]:
    """Name the variables of a recurrent network that the rule's parameters set.

    Parameters
    ----------
    rule : Parameters
        The rule.

    Returns
    -------
    list of str
        As ``object.variable``.
    """
    return [
        *variables_of(rule.global_factor, FACTOR, FACTOR_VARIABLES),
        *variables_of(rule.synapse, PLASTIC, SYNAPSE_VARIABLES),
    ]


@described(RULE)
def check_network(
    rule: Parameters, network: NetworkParameters | None, dt: Quantity
) -> NetworkParameters:
    """Check that a rule and a network can be simulated together.

    Parameters
    ----------
    network : NetworkParameters or None
        The network; None for the default, 1000 E and 250 I cells.
    dt : Quantity
        Time step.

    Returns
    -------
    NetworkParameters
        The network.

    Raises
    ------
    ValueError
        If one of them is refused, or a delay lies between two time steps.
    """
    check_weights_in_leaks(rule)
    network = NetworkParameters() if network is None else network
    check_kind("network", network, NetworkParameters)
    check_on_grid("delay", network.delay, dt)
    check_steps_fine_enough(
        dt,
        {name: getattr(network, name) for name in TIME_CONSTANTS},
        method=METHOD,
    )
    check_steps_fine_enough(dt, {"tau_H": rule.global_factor.tau_H})
    check_spikes_per_step("input_rate", network.input_rate, dt)
    _check_connections(network)
    return network


def _check_connections(network: NetworkParameters) -> None:
    n_E, n_I = network.n_E, network.n_I
    possible = {
        "E to E": n_E * (n_E - 1),
        "E to I": n_E * n_I,
        "I to I": n_I * (n_I - 1),
        "I to E": n_I * n_E,
    }
    fewest = min(possible, key=possible.get)
    if round(network.p * possible[fewest]) < 1:
        allowed = (
            f"more than {0.5 / possible[fewest]:.3g}, so that there is a synapse "
            f"from {fewest} with {n_E} E and {n_I} I cells"
        )
        raise refuse("p", network.p, allowed)
    largest, connected = max(possible.values()), network.p * sum(possible.values())
    check_memory("n_E", BYTES_OF_A_SYNAPSE * connected + BYTES_TO_DRAW * largest)
