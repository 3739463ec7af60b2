r"""The global factor: how a population measures its own activity.

.. math::

    \tau_H \frac{dH}{dt} = -H + \frac{1}{N} \sum_{k=1}^{N} S_k(t), \qquad
    G = H - \gamma

:math:`S_k` is the spike train of excitatory neuron *k*, *N* the size of the
population, :math:`\gamma` its target rate [1]_. H is written here as a rate for
each neuron; the authors' code keeps N times that and a learning rate to match.

References
----------
.. [1] Zenke, Agnes & Gerstner (2015), Nature Communications 6:6922, Methods,
   doi:10.1038/ncomms7922
"""

from __future__ import annotations

import re

import numpy as np
import xarray as xr
from brian2 import (
    Clock,
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    Quantity,
    SpatialNeuron,
    Subgroup,
    Synapses,
    TimedArray,
    ms,
)
from brian2.groups.group import CodeRunner, Group

from .checks import (
    check_choice,
    check_count,
    check_fits_32_bits,
    check_kind,
    check_memory,
    check_quantity,
    check_rate,
    check_spikes_per_step,
    check_steps_fine_enough,
    refuse,
)
from .docstrings import NAME_OF_GROUP, NOT_RUN, SAMPLED, described, entry
from .parameters import GlobalFactorParameters, Parameters
from .records import variables_of
from .runs.recording import Output, check_record, check_run, record, simulate, time_of
from .runs.results import course_at, in_si, told

#: ``population_size`` is N, a name that Brian2 keeps for the size of a group.
EQUATIONS = """
dH/dt = -H/tau_H : Hz
G = H - gamma    : Hz
tau_H            : second (shared, constant)
gamma            : Hz (shared, constant)
population_size  : 1 (shared, constant)
"""

#: What one spike of the population does to H: a jump, then the decay of the equation.
ON_SPIKE = "H_post += 1/(population_size_post*tau_H_post)"

#: What the spikes of a whole population do to H in one time step.
ON_POOLED_SPIKES = """
H += poisson(population_size*{rate}*dt)/(population_size*tau_H)
"""

#: The variable that each parameter sets.
VARIABLES = {"tau_H": "tau_H", "gamma": "gamma", "N": "population_size", "H_0": "H"}

POPULATIONS = ("pooled", "full")

#: What a Poisson neuron and its synapse onto the global factor take, about.
BYTES_OF_A_NEURON = 100

RATE = entry("rate : Quantity or TimedArray", "Firing rate of each neuron, in Hz.")
POPULATION = entry(
    'population : {"pooled", "full"}, optional',
    "Draw the number of spikes of the population, or simulate every neuron.",
)
OF_POPULATION = RATE + POPULATION.replace(", optional", "")
BUILT = entry("global_factor : brian2.NeuronGroup", "What `global_factor_group` built.")


@described(NAME_OF_GROUP)
def global_factor_group(
    factor: GlobalFactorParameters, n: int = 1, name: str = "global_factor*"
) -> NeuronGroup:
    """Build the global factor: a group whose variable G the synapses link to.

    Parameters
    ----------
    factor : GlobalFactorParameters
        Target rate, time constant, initial estimate and population size.
    n : int, optional
        Number of independent populations, each with its own H and G.

    Returns
    -------
    brian2.NeuronGroup
        Variables H and G (Hz), parameters tau_H, gamma and population_size.
        Let it hear spikes with `listen` or `listen_pooled`.
    """
    check_kind("factor", factor, GlobalFactorParameters)
    group = NeuronGroup(
        check_count("n", n), EQUATIONS, method="exact", namespace={}, name=name
    )
    for parameter, variable in VARIABLES.items():
        setattr(group, variable, getattr(factor, parameter))
    return group


@described(NAME_OF_GROUP)
def clamped_global_factor(
    G: Quantity | TimedArray, name: str = "global_factor*"
) -> NeuronGroup:
    """Build a global factor that is held at given values, or follows a given course.

    Parameters
    ----------
    G : Quantity or TimedArray
        The values, in Hz, shape ``(n,)``; or a course in time, with one value per
        interval, or several in the columns of a two-dimensional array.

    Returns
    -------
    brian2.NeuronGroup
        Variable G (Hz).

    Raises
    ------
    ValueError
        If a value is not a finite number of Hz.
    """
    if isinstance(G, TimedArray):
        check_quantity(
            "G.values", Quantity(G.values, dim=G.dim), Hz, ndim=G.values.ndim
        )
        n, course = (1, "t") if G.values.ndim == 1 else (G.values.shape[1], "t, i")
        # An array, because synapses would look for the course in their own namespace.
        equation = f"G = course({course}) : Hz (constant over dt)"
        return NeuronGroup(n, equation, namespace={"course": G}, name=name)
    G = check_quantity("G", G, Hz, ndim=1)
    group = NeuronGroup(
        len(G), "G : Hz (constant)", method="exact", namespace={}, name=name
    )
    group.G = G
    return group


@described(RATE + NAME_OF_GROUP)
def poisson_population(
    factor: GlobalFactorParameters,
    rate: Quantity | TimedArray,
    n: int = 1,
    name: str = "population*",
) -> PoissonGroup:
    """Build a population of independent Poisson neurons, every neuron of it.

    Parameters
    ----------
    factor : GlobalFactorParameters
        Its `N` is the size of a population.
    n : int, optional
        Number of independent populations.

    Returns
    -------
    brian2.PoissonGroup
        ``n * N`` neurons, one population after the other.

    Raises
    ------
    ValueError
        If the rate is negative, not finite or not a rate.
    """
    check_kind("factor", factor, GlobalFactorParameters)
    rate = check_rate("rate", rate)
    return PoissonGroup(
        check_count("n", n) * factor.N,
        rates=_rate_at_t(rate),
        namespace={"rate": rate},
        name=name,
    )


def _rate_at_t(rate: Quantity | TimedArray) -> str:
    return "rate(t)" if isinstance(rate, TimedArray) else "rate"


@described(BUILT)
def listen(
    global_factor: NeuronGroup, population: Group, name: str = "aggregator*"
) -> Synapses:
    """Let a global factor hear every spike of a population.

    Parameters
    ----------
    population : brian2.Group
        Any group that spikes. H averages over its neurons, as many as there
        are, whatever N the parameters name. With *n* global factors it holds
        *n* populations of equal size, one after the other. A SpatialNeuron is one
        neuron, however many compartments it has.
    name : str, optional
        Name of the synapses.

    Returns
    -------
    brian2.Synapses
        From each neuron to the global factor of its population.

    Raises
    ------
    ValueError
        If the neurons do not spike or cannot be shared out evenly, or the global
        factor hears a population already.

    Notes
    -----
    Within a time step a presynaptic plasticity event sees G before these
    spikes, a postsynaptic one sees it after them: the pathways have Brian2's
    orders -1, 0 and 1.
    """
    compartment = spiking_compartment("population", population)
    neurons = np.arange(len(population)) if compartment is None else [compartment]
    n_groups, n_neurons = len(global_factor), len(neurons)
    if n_neurons % n_groups:
        allowed = f"a multiple of {n_groups}, the number of global factors"
        raise refuse("population", f"{n_neurons} neurons", allowed)
    _hear_once(global_factor)
    global_factor.population_size = n_neurons // n_groups
    synapses = Synapses(
        population,
        global_factor,
        on_pre={"hear": ON_SPIKE},
        namespace={},
        name=name,
    )
    synapses.hear.order = 0
    synapses.connect(i=neurons, j=np.arange(n_neurons) * n_groups // n_neurons)
    return synapses


def spiking_compartment(name: str, group: Group) -> int | None:
    """Check that a group spikes, and find the one compartment that does.

    Parameters
    ----------
    name : str
        Name of the argument.
    group : brian2.Group
        Any group.

    Returns
    -------
    int or None
        The compartment of a SpatialNeuron at which it spikes; None for groups in
        which every element is a neuron.

    Raises
    ------
    ValueError
        If the group does not spike, or several compartments do.
    """
    if "spike" not in getattr(group, "events", {}):
        shown = getattr(group, "name", group)
        raise refuse(name, shown, "a Brian2 group that spikes: one with a threshold")
    neuron = group.source if isinstance(group, Subgroup) else group
    if not isinstance(neuron, SpatialNeuron):
        return None
    # Brian2 keeps `threshold_location` in the condition only.
    found = re.search(r"and \(i == (\d+)\)$", neuron.events["spike"])
    compartment = int(found[1]) - getattr(group, "start", 0) if found else -1
    if not 0 <= compartment < len(group):
        allowed = "a SpatialNeuron that spikes at the one threshold_location within it"
        raise refuse(name, group.name, allowed)
    return compartment


@described(BUILT + RATE)
def listen_pooled(
    global_factor: NeuronGroup, rate: Quantity | TimedArray
) -> CodeRunner:
    r"""Let a global factor hear a Poisson population without simulating its neurons.

    In one time step, *N* independent Poisson neurons emit a binomial number of
    spikes. For :math:`r\,dt \ll 1` a Poisson number with mean :math:`N r\,dt`
    is the same, and costs the same for every *N*.

    Returns
    -------
    brian2.CodeRunner
        The operation, already part of the group.

    Raises
    ------
    ValueError
        If the rate is negative, not finite or not a rate, or if the global
        factor hears a population already.
    """
    rate = check_rate("rate", rate)
    _hear_once(global_factor)
    global_factor.namespace["rate"] = rate
    return global_factor.run_regularly(
        ON_POOLED_SPIKES.format(rate=_rate_at_t(rate)), when="synapses", order=0
    )


def _hear_once(global_factor: NeuronGroup) -> None:
    # Two populations would add up: H would be a sum of rates, not a mean.
    if hasattr(global_factor, "hears"):
        allowed = "a global factor that hears no population yet"
        raise refuse("global_factor", global_factor.name, allowed)
    global_factor.add_attribute("hears")
    global_factor.hears = True


@described(POPULATION + SAMPLED, NOT_RUN)
def simulate_global_factor(
    parameters: Parameters,
    rate: Quantity | TimedArray,
    duration: Quantity,
    *,
    population: str = "pooled",
    trials: int = 1,
    record_dt: Quantity = 1 * ms,
    dt: Quantity = 0.1 * ms,
    seed: int | None = None,
    target: str = "numpy",
) -> xr.Dataset:
    """Simulate how a population estimates its own rate.

    Parameters
    ----------
    parameters : Parameters
        The rule; the part on the global factor is used.
    rate : Quantity or TimedArray
        Firing rate of each neuron, in Hz, constant or one value per epoch.
    duration : Quantity
        Length of the run.
    trials : int, optional
        Independent populations, simulated side by side.

    Returns
    -------
    xarray.Dataset
        ``H`` and ``G`` in Hz with dimensions ``(trial, time)``, the population
        ``rate`` in Hz with dimension ``time``.
    """
    check_kind("parameters", parameters, Parameters)
    settings = check_run(duration, dt=dt, record_dt=record_dt, seed=seed, target=target)
    rate = check_rate("rate", rate, settings.dt)
    trials = check_count("trials", trials)
    check_population(
        parameters.global_factor, "rate", rate, population, trials, settings.dt
    )
    check_record(settings, 2 * trials)

    def build(network: Network) -> list[Output]:
        of_population = parameters.global_factor
        factor = global_factor_group(of_population, trials, name="global_factor")
        clock = Clock(dt=settings.record_dt, name="recording_clock")
        monitor, outputs = record(factor, ["H", "G"], "trial", clock=clock, n=trials)
        network.add(factor, *hear_population(factor, of_population, rate, population))
        network.add(monitor)
        return [time_of(monitor), *outputs]

    result = simulate(
        build,
        settings,
        told(parameters, population=population),
        arguments=variables_of(parameters.global_factor, "global_factor", VARIABLES),
    )
    times = result.time.values
    rates = (
        course_at(rate, times)
        if isinstance(rate, TimedArray)
        else np.full(len(times), rate / Hz) * Hz
    )
    return result.assign(rate=in_si(rates, ("time",), "population rate"))


@described(OF_POPULATION)
def check_population(
    parameters: GlobalFactorParameters,
    name: str,
    rate: Quantity | TimedArray,
    population: str,
    trials: int,
    dt: Quantity,
) -> None:
    """Check that populations can be simulated, and their rate be measured.

    Parameters
    ----------
    parameters : GlobalFactorParameters
        Size of a population, and time constant of the estimate of its rate.
    name : str
        Name of the argument that holds the rate.
    trials : int
        Number of populations.
    dt : Quantity
        Time step.

    Raises
    ------
    ValueError
        If a neuron had to spike more than once in a time step, the step is longer
        than the time constant, a count exceeds 32 bits, or the neurons the memory.
    """
    check_choice("population", population, POPULATIONS)
    check_spikes_per_step(name, rate, dt)
    check_steps_fine_enough(dt, {"tau_H": parameters.tau_H})
    neurons = trials * parameters.N
    if population == "pooled":
        highest = np.max(rate.values if isinstance(rate, TimedArray) else rate)
        check_fits_32_bits("N", parameters.N * float(highest) * float(dt))
    else:
        check_fits_32_bits("N", neurons)
        check_memory("N", BYTES_OF_A_NEURON * neurons)


@described(BUILT + OF_POPULATION)
def hear_population(
    global_factor: NeuronGroup,
    parameters: GlobalFactorParameters,
    rate: Quantity | TimedArray,
    population: str,
) -> list:
    """Let a global factor hear a Poisson population, pooled or in full.

    Parameters
    ----------
    parameters : GlobalFactorParameters
        The same that it was built from.

    Returns
    -------
    list of brian2.BrianObject
        Objects to add to the network besides the global factor itself.

    Raises
    ------
    ValueError
        If an argument is refused.
    """
    check_choice("population", population, POPULATIONS)
    if population == "pooled":
        listen_pooled(global_factor, rate)
        return []
    neurons = poisson_population(parameters, rate, len(global_factor))
    return [neurons, listen(global_factor, neurons)]
