"""STDP protocols: spikes at chosen times, and what they do to the weight."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from brian2 import (
    Clock,
    Hz,
    Network,
    NeuronGroup,
    Quantity,
    SpikeGeneratorGroup,
    Synapses,
    TimedArray,
    have_same_dimensions,
    ms,
    second,
)
from brian2.groups.group import Group

from .checks import (
    check_choice,
    check_count,
    check_dt,
    check_interval,
    check_kind,
    check_on_grid,
    check_one_per_synapse,
    check_quantity,
    check_spike_times,
    check_steps_fine_enough,
    refuse,
)
from .docstrings import DT, NAME_OF_GROUP, NOT_RUN, SAMPLED, TARGET, described, entry
from .global_factor import POPULATION as HOW_TO_DRAW
from .global_factor import VARIABLES as FACTOR_VARIABLES
from .global_factor import (
    check_population,
    clamped_global_factor,
    global_factor_group,
    hear_population,
)
from .parameters import PairingProtocol, Parameters, SynapseParameters
from .records import variables_of
from .rules import name_of_rule
from .runs.recording import Output, check_record, check_run, record, simulate, time_of
from .runs.results import course_at, in_si, told
from .synapse import TRACE_UPDATES, VARIABLES, plastic_synapses

SYNAPSE = entry("parameters : SynapseParameters", "The rule and its parameters.")


@described(NAME_OF_GROUP)
def forced_neurons(
    trains: Sequence[Quantity | None], name: str = "neurons*"
) -> SpikeGeneratorGroup:
    """Build neurons that spike at given times.

    Parameters
    ----------
    trains : sequence of Quantity or None
        One spike train per neuron; None for a silent neuron.

    Returns
    -------
    brian2.SpikeGeneratorGroup
        One neuron per train.
    """
    times = [[] if train is None else train / second for train in trains]
    neurons = np.repeat(np.arange(len(times)), [len(t) for t in times])
    return SpikeGeneratorGroup(
        len(times), neurons, np.concatenate(times) * second, name=name
    )


#: Spikes are counted in time steps, so that no rounding moves them.
PERIODIC_EQUATIONS = """
first_step   : integer (shared, constant)
period_steps : integer (shared, constant)
"""

PERIODIC_THRESHOLD = (
    "t_in_timesteps >= first_step and (t_in_timesteps - first_step) % period_steps == 0"
)


@described(NAME_OF_GROUP)
def periodic_neurons(
    first_spike: Quantity,
    period: Quantity,
    *,
    n: int = 1,
    dt: Quantity,
    name: str = "neurons*",
) -> NeuronGroup:
    """Build neurons that spike together at regular intervals.

    Unlike the times of `forced_neurons`, the first spike and the period are
    parameters of the group: a compiled model can change them from run to run.

    Parameters
    ----------
    first_spike : Quantity
        Time of the first spike, a multiple of `dt`.
    period : Quantity
        Interval between two spikes, a multiple of `dt`.
    n : int, optional
        Number of neurons.
    dt : Quantity
        Time step.

    Returns
    -------
    brian2.NeuronGroup
        Parameters first_step and period_steps, both in time steps.

    Raises
    ------
    ValueError
        If a time is not a multiple of the time step, the first is negative or
        the period is not positive.
    """
    first_spike = check_quantity("first_spike", first_spike, second, at_least=0)
    check_on_grid("first_spike", first_spike, dt)
    period = check_interval("period", period, dt)
    group = NeuronGroup(
        check_count("n", n),
        PERIODIC_EQUATIONS,
        threshold=PERIODIC_THRESHOLD,
        reset="",
        method="exact",
        namespace={},
        name=name,
    )
    group.first_step = round(float(first_spike / dt))
    group.period_steps = round(float(period / dt))
    return group


def check_clamped_G(G: object, parameters: SynapseParameters) -> Quantity | None:
    """Check the values at which the global factor is to be held.

    Parameters
    ----------
    G : Quantity or None
        One value in Hz or several; None for a rule that does not read it.
    parameters : SynapseParameters
        The rule.

    Returns
    -------
    Quantity or None
        The values, shape ``(n,)``; None for a rule that does not read G.

    Raises
    ------
    ValueError
        If `G` does not fit the rule, or is not one or more finite values in Hz.
    """
    if not parameters.plasticity.reads_G:
        if G is not None:
            rule = name_of_rule(parameters.rule)
            allowed = f"None, because the rule {rule!r} does not read G"
            raise refuse("G", G, allowed)
        return None
    several = isinstance(G, (list, tuple)) or np.ndim(G) > 0
    return np.atleast_1d(check_quantity("G", G, Hz, ndim=int(several)) / Hz) * Hz


@described(SYNAPSE + DT + TARGET, NOT_RUN)
def simulate_forced_spikes(
    parameters: SynapseParameters,
    pre_spikes: Quantity | None | Sequence[Quantity | None],
    post_spikes: Quantity | None | Sequence[Quantity | None],
    G: Quantity | TimedArray | None,
    duration: Quantity,
    *,
    trace_updates: str = "event-driven",
    record_dt: Quantity | None = None,
    dt: Quantity = 0.1 * ms,
    target: str = "numpy",
) -> xr.Dataset:
    """Force the spikes on both sides of synapses, and G too.

    Every synapse has its own pair of neurons and its own G; all run side by
    side. One spike train, or one G, given for several synapses is used for each.

    Parameters
    ----------
    pre_spikes, post_spikes : Quantity, None or list of these
        Spike times of the presynaptic and the postsynaptic neuron: ascending,
        on the time step, before the end; None for a silent neuron. A list
        holds one entry per synapse.
    G : Quantity, TimedArray or None
        The global factor, in Hz: one value, or one per synapse; or its course in
        time, the same for all or one per column; None for a rule that does not read
        it.
    duration : Quantity
        Length of the run.
    trace_updates : {"event-driven", "clock-driven"}, optional
        Traces are recorded when they are clock-driven.
    record_dt : Quantity, optional
        Interval between two samples; the time step by default.

    Returns
    -------
    xarray.Dataset
        ``w`` with dimensions ``(synapse, time)``, ``w_end`` after the last
        step and ``delta_w`` with dimension ``synapse``; with clock-driven traces also
        ``pre_trace`` and ``post_trace``. Where the rule reads it, ``G`` is the
        coordinate of the synapses; where nothing but G differs between them, it is
        their dimension, in place of ``synapse``. A course of G is a variable with
        dimension ``time``.
    """
    check_kind("parameters", parameters, SynapseParameters)
    record_dt = dt if record_dt is None else record_dt
    settings = check_run(duration, dt=dt, record_dt=record_dt, target=target)
    check_choice("trace_updates", trace_updates, TRACE_UPDATES)
    pre_trains, post_trains = (
        [
            check_spike_times(name, train, duration=settings.duration, dt=settings.dt)
            for train in (given if isinstance(given, (list, tuple)) else [given])
        ]
        for name, given in (("pre_spikes", pre_spikes), ("post_spikes", post_spikes))
    )
    G = _checked_G(G, parameters, settings.dt)
    n_trains = max(len(pre_trains), len(post_trains))
    n = max(n_trains, _n_of(G))
    pre_trains = check_one_per_synapse("pre_spikes", pre_trains, n)
    post_trains = check_one_per_synapse("post_spikes", post_trains, n)
    if isinstance(G, Quantity):
        G = check_one_per_synapse("G", G / Hz, n) * Hz
    elif _n_of(G) not in (1, n):
        raise refuse("G", f"{_n_of(G)} courses", f"1 or {n} (one per synapse)")
    traces = ["pre_trace", "post_trace"] if trace_updates == "clock-driven" else []
    if traces:
        check_steps_fine_enough(settings.dt, {"tau_stdp": parameters.tau_stdp})
    check_record(settings, n * (1 + len(traces)))

    def build(network: Network) -> list[Output]:
        presynaptic = forced_neurons(pre_trains)
        postsynaptic = forced_neurons(post_trains)
        synapses = add_synapses(
            network,
            presynaptic,
            postsynaptic,
            parameters,
            G,
            G_index="j" if _n_of(G) == n else None,
            trace_updates=trace_updates,
        )
        clock = Clock(dt=settings.record_dt, name="recording_clock")
        monitor, outputs = record(synapses, ["w", *traces], "synapse", clock=clock, n=n)
        network.add(monitor)
        return [time_of(monitor), *outputs, end_weight(synapses)]

    result = simulate(
        build,
        settings,
        told(
            parameters,
            pre_spikes=_trains_as_json(pre_trains),
            post_spikes=_trains_as_json(post_trains),
        ),
        arguments=variables_of(parameters, SYNAPSES, VARIABLES),
    )
    result["delta_w"] = weight_change_of(result.w_end, parameters)
    if isinstance(G, TimedArray):
        result["G"] = _course(G, result.time)
    elif G is not None:
        result = result.assign_coords(G=in_si(G, ("synapse",), "global factor"))
        if n_trains == 1 < n:
            result = result.swap_dims(synapse="G")
    return result


def _checked_G(
    G: object, parameters: SynapseParameters, dt: Quantity
) -> Quantity | TimedArray | None:
    if not isinstance(G, TimedArray):
        return check_clamped_G(G, parameters)
    check_clamped_G(Quantity(G.values.flatten(), dim=G.dim), parameters)
    check_on_grid("G.dt", Quantity(G.dt, dim=second.dim), dt)
    return G


def _n_of(G: Quantity | TimedArray | None) -> int:
    if isinstance(G, TimedArray):
        return 1 if G.values.ndim == 1 else G.values.shape[1]
    return 1 if G is None else len(G)


def _course(G: TimedArray, time: xr.DataArray) -> xr.Variable:
    values = course_at(G, time.values)
    dims = ("time",) if values.ndim == 1 else ("synapse", "time")
    return in_si(values.T, dims, "global factor")


@dataclass(frozen=True)
class SnappedSpikes:
    """A spike train on the time step, and what it took to put it there.

    Parameters
    ----------
    times : Quantity or None
        The spike times, in ascending order; None where there are none.
    merged : int
        How many spikes shared the time step of another one and are gone.
    largest_shift : Quantity
        How far the spike that moved most has moved.
    """

    times: Quantity | None
    merged: int
    largest_shift: Quantity


def snap_spikes(times: Quantity, dt: Quantity = 0.1 * ms) -> SnappedSpikes:
    """Put recorded spike times on the time step.

    Each spike goes to the nearest multiple of the time step. Spikes of one neuron
    that come to the same step become one, since a neuron of `simulate_forced_spikes`
    spikes once in a step.

    Parameters
    ----------
    times : Quantity
        Spike times of one neuron, in any order; not negative.
    dt : Quantity, optional
        The time step.

    Returns
    -------
    SnappedSpikes
        The times, how many spikes were merged, and the largest shift.

    Raises
    ------
    ValueError
        If a time is negative, not finite or not a time, or `dt` is not positive.
    """
    dt = check_dt(dt)
    if np.size(times) == 0 and have_same_dimensions(times, second):
        return SnappedSpikes(times=None, merged=0, largest_shift=0 * second)
    times = check_quantity("times", times, second, at_least=0, ndim=1)
    nearest = np.round(np.asarray(times / dt))
    steps = np.unique(nearest)
    return SnappedSpikes(
        times=steps * dt,
        merged=len(times) - len(steps),
        largest_shift=np.max(np.abs(times - nearest * dt)),
    )


#: Name of the synapses of an experiment, whose variables are arguments.
SYNAPSES = "synapses"


@described(SYNAPSE)
def add_synapses(
    network: Network,
    presynaptic: Group,
    postsynaptic: Group,
    parameters: SynapseParameters,
    G: Quantity | TimedArray | None,
    *,
    G_index: str | None = None,
    **options: object,
) -> Synapses:
    """Put synapses between two groups, and hold G constant.

    Parameters
    ----------
    network : brian2.Network
        All objects are added to it.
    presynaptic, postsynaptic : brian2.Group
        The neurons.
    G : Quantity, TimedArray or None
        Where G is held, in Hz, shape ``(n,)``, or its course; None for a rule that
        does not read it.
    G_index : {"i", "j"}, optional
        Which G a synapse uses, under a rule that reads it.
    **options
        Passed on to `homeo.synapse.plastic_synapses`.

    Returns
    -------
    brian2.Synapses
        The synapses, named `SYNAPSES`.
    """
    factor = None if G is None else clamped_global_factor(G)
    synapses = plastic_synapses(
        presynaptic,
        postsynaptic,
        parameters,
        factor,
        G_index=None if G is None else G_index,
        name=SYNAPSES,
        **options,
    )
    network.add(presynaptic, postsynaptic, synapses)
    if factor is not None:
        network.add(factor)
    return synapses


def end_weight(synapses: Synapses) -> Output:
    """Return the weights at the end of a run as an output.

    Parameters
    ----------
    synapses : brian2.Synapses
        The synapses.

    Returns
    -------
    Output
        ``w_end``, with dimension ``synapse``.
    """
    return Output(
        name="w_end",
        variable=synapses.variables["w"],
        dims=("synapse",),
        meaning="weight at the end",
    )


def weight_change_of(w_end: xr.DataArray, parameters: SynapseParameters) -> xr.Variable:
    """Return by how much weights have changed.

    Parameters
    ----------
    w_end : xarray.DataArray
        Weights at the end, in SI units.
    parameters : SynapseParameters
        The weight at the start.

    Returns
    -------
    xarray.Variable
        The change, with the dimensions of `w_end`.
    """
    change = w_end.variable - float(parameters.w_0)
    attrs = {"units": w_end.attrs["units"], "long_name": "weight change"}
    return xr.Variable(change.dims, change.values, attrs)


def _trains_as_json(trains: Sequence[Quantity | None]) -> str:
    return json.dumps([None if t is None else (t / second).tolist() for t in trains])


@described(HOW_TO_DRAW + SAMPLED, NOT_RUN)
def simulate_pairing(
    parameters: Parameters,
    protocol: PairingProtocol,
    *,
    population: str = "pooled",
    trials: int = 1,
    record_dt: Quantity = 1 * ms,
    dt: Quantity = 0.1 * ms,
    seed: int | None = None,
    target: str = "numpy",
) -> xr.Dataset:
    """Pair spikes at one synapse while a population drives the global factor.

    The loop is open: the population is Poisson, and the weight acts on nothing.

    Parameters
    ----------
    parameters : Parameters
        The rule.
    protocol : PairingProtocol
        Population rates and spike times.
    trials : int, optional
        Independent repetitions, simulated side by side: each has its own
        population and its own synapse.

    Returns
    -------
    xarray.Dataset
        ``H``, ``G`` (Hz) and ``w`` with dimensions ``(trial, time)``; the
        population ``rate`` and the spike times with dimension ``pairing``.
    """
    check_kind("parameters", parameters, Parameters)
    check_kind("protocol", protocol, PairingProtocol)
    for name, time in (
        ("epoch", protocol.epoch),
        ("pairing_time", protocol.pairing_time),
        ("lag", protocol.lag),
    ):
        check_on_grid(name, time, check_dt(dt))
    settings = check_run(
        protocol.duration, dt=dt, record_dt=record_dt, seed=seed, target=target
    )
    # A lag may reach the end of its epoch by rounding: 0.1 s + 0.7 s < 0.8 s.
    spikes = protocol.pre_spike_times, protocol.post_spike_times
    for times in spikes:
        limits = {"duration": protocol.duration, "dt": settings.dt}
        check_spike_times("protocol", times, **limits)
    trials = check_count("trials", trials)
    check_population(
        parameters.global_factor,
        "rates",
        protocol.rates,
        population,
        trials,
        settings.dt,
    )
    check_record(settings, 3 * trials)

    def build(network: Network) -> list[Output]:
        of_population = parameters.global_factor
        factor = global_factor_group(of_population, trials, name="global_factor")
        rate = TimedArray(protocol.rates, dt=protocol.epoch)
        presynaptic, postsynaptic = (
            periodic_neurons(times[0], protocol.epoch, n=trials, dt=settings.dt)
            for times in spikes
        )
        synapses = plastic_synapses(
            presynaptic,
            postsynaptic,
            parameters.synapse,
            factor,
            G_index="j",
            name=SYNAPSES,
        )
        clock = Clock(dt=settings.record_dt, name="recording_clock")
        sampled = {"clock": clock, "n": trials}
        of_factor, outputs = record(factor, ["H", "G"], "trial", **sampled)
        of_weight, weight = record(synapses, ["w"], "trial", **sampled)
        network.add(factor, *hear_population(factor, of_population, rate, population))
        network.add(presynaptic, postsynaptic, synapses, of_factor, of_weight)
        return [time_of(of_factor), *outputs, *weight]

    result = simulate(
        build,
        settings,
        told(parameters, protocol=protocol, population=population),
        arguments=[
            *variables_of(parameters.global_factor, "global_factor", FACTOR_VARIABLES),
            *variables_of(parameters.synapse, SYNAPSES, VARIABLES),
        ],
    )
    pairing = ("pairing",)
    return result.assign(
        rate=in_si(protocol.rates, pairing, "population rate"),
        pre_spike=in_si(spikes[0], pairing, "presynaptic spike"),
        post_spike=in_si(spikes[1], pairing, "postsynaptic spike"),
    )


def weight_changes(result: xr.Dataset, window: Quantity = 10 * ms) -> xr.Dataset:
    """Read the weight change of each pairing, and G at its spikes.

    Parameters
    ----------
    result : xarray.Dataset
        What `simulate_pairing` returned.
    window : Quantity, optional
        The weight is read this long before and after the presynaptic spike, at the
        samples nearest to these times.

    Returns
    -------
    xarray.Dataset
        ``G_pre``, ``G_post`` (Hz, at the samples nearest to the spikes) and
        ``delta_w`` with dimensions ``(trial, pairing)``, ``rate`` with dimension
        ``pairing``.

    Raises
    ------
    ValueError
        If the window reaches beyond the run, or if the samples at its two ends
        do not enclose both spikes.
    """
    window = float(check_quantity("window", window, second, above=0) / second)
    before, after = result.pre_spike - window, result.pre_spike + window
    w_before = result.w.sel(time=before, method="nearest")
    w_after = result.w.sel(time=after, method="nearest")
    first = np.minimum(result.pre_spike, result.post_spike)
    last = np.maximum(result.pre_spike, result.post_spike)
    # A sample is taken before the spikes of its own time step.
    step = float(result.dt)
    enclosed = bool(
        (w_before.time < first + step / 2).all()
        and (w_after.time > last + step / 2).all()
    )
    inside = bool(before.min() >= result.time[0] and after.max() <= result.time[-1])
    if not (enclosed and inside):
        allowed = (
            "a time within the run whose two samples, before and after the "
            "presynaptic spike, enclose both spikes"
        )
        raise refuse("window", window * second, allowed)
    delta_w = (w_after.drop_vars("time") - w_before.drop_vars("time")).assign_attrs(
        units=result.w.attrs["units"], long_name="weight change"
    )
    return xr.Dataset(
        {
            "G_pre": result.G.sel(time=result.pre_spike, method="nearest").drop_vars(
                "time"
            ),
            "G_post": result.G.sel(time=result.post_spike, method="nearest").drop_vars(
                "time"
            ),
            "delta_w": delta_w,
            "rate": result.rate,
        },
        attrs=result.attrs,
    )
