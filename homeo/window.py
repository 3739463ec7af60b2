r"""The whole STDP window, and what repeats a pair: trains and Poisson neurons.

Every function here simulates one grid of experiments as one set of synapses, and
returns one weight change for each. G is held constant; the closed forms are in
`homeo.theory`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr
from brian2 import Hz, Network, PoissonGroup, Quantity, ms, second
from brian2.groups.group import Group

from .checks import (
    GRID_TOLERANCE,
    check_count,
    check_dt,
    check_kind,
    check_memory,
    check_on_grid,
    check_quantity,
    check_spikes_per_step,
    refuse,
)
from .docstrings import described, entry
from .parameters import SynapseParameters
from .protocol import (
    SYNAPSE,
    SYNAPSES,
    add_synapses,
    check_clamped_G,
    end_weight,
    forced_neurons,
    weight_change_of,
)
from .records import variables_of
from .runs.recording import (
    DT,
    NOT_RUN,
    SEED,
    TARGET,
    Output,
    Run,
    check_run,
    simulate,
)
from .runs.results import in_si, told
from .synapse import VARIABLES

#: What a pair of neurons and the synapse between them take, about.
BYTES_OF_A_PAIR = 300

HELD_G = entry(
    "G : Quantity or None",
    "The global factor, in Hz; None for a rule that does not read it.",
)


@described(SYNAPSE + DT + TARGET, NOT_RUN)
def simulate_window(
    parameters: SynapseParameters,
    lags: Quantity,
    G: Quantity | None,
    *,
    dt: Quantity = 0.1 * ms,
    target: str = "numpy",
) -> xr.Dataset:
    """Measure the STDP window: one pair of spikes at every lag and every G.

    One presynaptic neuron for each G, all of which spike together; one
    postsynaptic neuron for each lag; a synapse between any two. So a grid of
    lags and Gs is one set of synapses and one run.

    Parameters
    ----------
    lags : Quantity
        Postsynaptic minus presynaptic spike times, multiples of `dt`.
    G : Quantity or None
        The global factor, in Hz, one value or several; None for a rule that does
        not read it.

    Returns
    -------
    xarray.Dataset
        ``delta_w`` with dimensions ``(lag, G)``; ``(lag,)`` under a rule that does
        not read G.
    """
    check_kind("parameters", parameters, SynapseParameters)
    dt = check_dt(dt)
    lags = check_quantity("lags", lags, second, ndim=1)
    check_on_grid("lags", lags, dt)
    G = check_clamped_G(G, parameters)
    steps = np.round(np.asarray(lags / dt)).astype(int)
    pre_step = max(-steps.min(), 0)
    post_steps = pre_step + steps
    shape = (1 if G is None else len(G), len(lags))
    duration = (max(pre_step, post_steps.max()) + 1) * dt
    settings = check_run(duration, dt=dt, record_dt=duration, target=target)

    def neurons() -> tuple[Group, Group]:
        pre = forced_neurons([[pre_step] * dt] * shape[0])
        return pre, forced_neurons([[step] * dt for step in post_steps])

    i, j = np.indices(shape).reshape(2, -1)
    grid = {"connect": {"i": i, "j": j}, "G_index": "i"}
    axes = {"lag": in_si(lags, ("lag",), "lag")}
    if G is not None:
        axes = {"G": in_si(G, ("G",), "global factor"), **axes}
    result = _measure(neurons, parameters, G, settings, axes, **grid)
    return result.transpose("lag", ...)


@described(SYNAPSE + HELD_G + TARGET, NOT_RUN)
def simulate_trains(
    parameters: SynapseParameters,
    frequencies: Quantity,
    lag: Quantity,
    G: Quantity | None,
    *,
    pairs: int = 60,
    dt: Quantity = 0.1 * ms,
    target: str = "numpy",
) -> xr.Dataset:
    """Repeat a pair of spikes at several frequencies, all in one run.

    Parameters
    ----------
    frequencies : Quantity
        Pairs per second; their periods are multiples of `dt`.
    lag : Quantity
        Postsynaptic minus presynaptic spike time, a multiple of `dt`.
    pairs : int, optional
        How many pairs at each frequency.
    dt : Quantity, optional
        Time step. It may be long: the traces are exact between spikes.

    Returns
    -------
    xarray.Dataset
        ``delta_w`` of the whole train with dimension ``frequency``; the number of
        ``pairs``, ``lag`` and ``G`` are scalar coordinates.
    """
    check_kind("parameters", parameters, SynapseParameters)
    dt = check_dt(dt)
    frequencies = check_quantity("frequencies", frequencies, Hz, above=0, ndim=1)
    steps = np.asarray(1 / (frequencies * dt))
    if np.any(np.abs(steps - np.round(steps)) > GRID_TOLERANCE):
        allowed = f"frequencies whose periods are multiples of dt = {dt}"
        raise refuse("frequencies", frequencies, allowed)
    lag = check_quantity("lag", lag, second)
    check_on_grid("lag", lag, dt)
    G = _one_G(G, parameters)
    pairs = check_count("pairs", pairs)
    # In time steps, so that no rounding moves a spike.
    lag_steps = round(float(lag / dt))
    onsets = np.outer(np.round(steps), np.arange(pairs)).astype(int)
    pre, post = onsets + max(-lag_steps, 0), onsets + max(lag_steps, 0)
    duration = (max(pre.max(), post.max()) + 1) * dt
    settings = check_run(duration, dt=dt, record_dt=duration, target=target)

    def neurons() -> tuple[Group, Group]:
        return tuple(forced_neurons([s * dt for s in steps]) for steps in (pre, post))

    axes = {"frequency": in_si(frequencies, ("frequency",), "pairs per second")}
    held = {"pairs": pairs, "lag": lag, **_held(G)}
    return _measure(neurons, parameters, G, settings, axes, told_too=held)


@described(SYNAPSE + HELD_G + SEED + TARGET, NOT_RUN)
def simulate_poisson(
    parameters: SynapseParameters,
    pre_rates: Quantity,
    post_rates: Quantity,
    G: Quantity | None,
    duration: Quantity,
    *,
    trials: int = 100,
    dt: Quantity = 0.5 * ms,
    seed: int | None = None,
    target: str = "numpy",
) -> xr.Dataset:
    """Let Poisson neurons fire on both sides of a synapse, many trials in one run.

    Parameters
    ----------
    pre_rates, post_rates : Quantity
        Firing rates, in Hz; not negative. Every presynaptic rate meets every
        postsynaptic one.
    duration : Quantity
        How long they fire, a multiple of `dt`.
    trials : int, optional
        Independent pairs of neurons for each pair of rates.
    dt : Quantity, optional
        Time step. A neuron spikes at most once in it, which makes its spike count
        less variable than a Poisson count by a fraction ``rate * dt``.

    Returns
    -------
    xarray.Dataset
        ``delta_w`` with dimensions ``(pre_rate, post_rate, trial)``; ``G`` is a
        scalar coordinate.
    """
    check_kind("parameters", parameters, SynapseParameters)
    settings = check_run(duration, dt=dt, record_dt=duration, seed=seed, target=target)
    pre_rates, post_rates = (
        _check_rates(name, rates, settings.dt)
        for name, rates in (("pre_rates", pre_rates), ("post_rates", post_rates))
    )
    G = _one_G(G, parameters)
    trials = check_count("trials", trials)
    shape = (len(pre_rates), len(post_rates), trials)
    check_memory("trials", BYTES_OF_A_PAIR * len(pre_rates) * len(post_rates) * trials)

    def neurons() -> tuple[Group, Group]:
        pre = np.broadcast_to(pre_rates[:, None, None] / Hz, shape).ravel() * Hz
        post = np.broadcast_to(post_rates[:, None] / Hz, shape).ravel() * Hz
        # Brian2 draws the groups' spikes in the order of their names.
        return tuple(
            PoissonGroup(len(rates), rates, namespace={}, name=name)
            for rates, name in ((pre, "presynaptic"), (post, "postsynaptic"))
        )

    axes = {
        "pre_rate": in_si(pre_rates, ("pre_rate",), "presynaptic rate"),
        "post_rate": in_si(post_rates, ("post_rate",), "postsynaptic rate"),
        "trial": xr.Variable(("trial",), np.arange(trials)),
    }
    result = _measure(neurons, parameters, G, settings, axes, told_too=_held(G))
    return result.drop_vars("trial")


def _one_G(G: object, parameters: SynapseParameters) -> Quantity | None:
    checked = check_clamped_G(G, parameters)
    if checked is not None and np.ndim(G) > 0:
        raise refuse("G", G, "one finite value in Hz")
    return checked


def _held(G: Quantity | None) -> dict[str, Quantity]:
    return {} if G is None else {"G": G[0]}


def _check_rates(name: str, rates: object, dt: Quantity) -> Quantity:
    rates = check_quantity(name, rates, Hz, at_least=0, ndim=1)
    check_spikes_per_step(name, rates, dt)
    return rates


def _measure(
    neurons: Callable[[], tuple[Group, Group]],
    parameters: SynapseParameters,
    G: Quantity | None,
    settings: Run,
    axes: Mapping[str, xr.Variable],
    *,
    told_too: Mapping[str, object] | None = None,
    **options: object,
) -> xr.Dataset:
    """Run neurons on both sides of synapses; return the weight changes on a grid."""

    def build(network: Network) -> list[Output]:
        presynaptic, postsynaptic = neurons()
        synapses = add_synapses(
            network, presynaptic, postsynaptic, parameters, G, **options
        )
        return [end_weight(synapses)]

    result = simulate(
        build,
        settings,
        told(parameters, **(told_too or {})),
        arguments=variables_of(parameters, SYNAPSES, VARIABLES),
    )
    changes = weight_change_of(result.w_end, parameters)
    sizes = [axis.size for axis in axes.values()]
    on_grid = xr.Variable(tuple(axes), changes.values.reshape(sizes), changes.attrs)
    return result.drop_vars("w_end").assign(delta_w=on_grid).assign_coords(axes)
