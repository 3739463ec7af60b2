r"""The whole STDP window, and what repeats a pair: trains and Poisson neurons.

Every function here simulates one grid of experiments as one set of synapses, and
returns one weight change for each. G is held constant; the closed forms are in
`homeo.theory`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import xarray as xr
from brian2 import Hz, PoissonGroup, Quantity, ms, second
from brian2.groups.group import Group

from .checks import (
    GRID_TOLERANCE,
    check_count,
    check_dt,
    check_interval,
    check_kind,
    check_on_grid,
    check_quantity,
    check_seed,
    refuse,
)
from .global_factor import clamped_global_factor
from .parameters import SynapseParameters
from .protocol import check_clamped_G, forced_neurons
from .runs.results import in_si, provenance
from .runs.simulation import check_target, run, simulation
from .synapse import plastic_synapses


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
    parameters : SynapseParameters
        The rule and its parameters.
    lags : Quantity
        Postsynaptic minus presynaptic spike times, multiples of `dt`.
    G : Quantity or None
        The global factor, in Hz, one value or several; None for a rule that does
        not read it.
    dt : Quantity, optional
        Time step.
    target : {"numpy", "cython", "cpp_standalone"}, optional
        Brian2's code generation target.

    Returns
    -------
    xarray.Dataset
        ``delta_w`` with dimensions ``(lag, G)``; ``(lag,)`` under a rule that does
        not read G.

    Raises
    ------
    ValueError
        If an argument is refused; nothing has run then.
    """
    check_kind("parameters", parameters, SynapseParameters)
    dt = check_dt(dt)
    lags = check_quantity("lags", lags, second, ndim=1)
    check_on_grid("lags", lags, dt)
    G = check_clamped_G(G, parameters)
    check_target(target)
    steps = np.round(np.asarray(lags / dt)).astype(int)
    pre_step = max(-steps.min(), 0)
    post_steps = pre_step + steps
    shape = (1 if G is None else len(G), len(lags))
    settings = {"seed": 0, "dt": dt, "target": target}
    duration = (max(pre_step, post_steps.max()) + 1) * dt

    def neurons() -> tuple[Group, Group]:
        pre = forced_neurons([[pre_step] * dt] * shape[0])
        return pre, forced_neurons([[step] * dt for step in post_steps])

    i, j = np.indices(shape).reshape(2, -1)
    grid = {"connect": {"i": i, "j": j}, "G_index": None if G is None else "i"}
    changes = _measure(neurons, parameters, G, duration, settings, **grid)
    coordinates = {"lag": (lags, "lag")}
    if G is not None:
        coordinates["G"] = (G, "global factor")
    return _dataset(
        changes.reshape(shape).T if G is not None else changes,
        tuple(coordinates),
        coordinates,
        _attributes(parameters, duration, settings),
    )


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
    parameters : SynapseParameters
        The rule and its parameters.
    frequencies : Quantity
        Pairs per second; their periods are multiples of `dt`.
    lag : Quantity
        Postsynaptic minus presynaptic spike time, a multiple of `dt`.
    G : Quantity or None
        The global factor, in Hz; None for a rule that does not read it.
    pairs : int, optional
        How many pairs at each frequency.
    dt : Quantity, optional
        Time step. It may be long: the traces are exact between spikes.
    target : {"numpy", "cython", "cpp_standalone"}, optional
        Brian2's code generation target.

    Returns
    -------
    xarray.Dataset
        ``delta_w`` of the whole train with dimension ``frequency``; the number of
        ``pairs``, ``lag_s`` and ``G_Hz`` in the attributes.

    Raises
    ------
    ValueError
        If an argument is refused; nothing has run then.
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
    check_target(target)
    # In time steps, so that no rounding moves a spike.
    lag_steps = round(float(lag / dt))
    onsets = np.outer(np.round(steps), np.arange(pairs)).astype(int)
    pre, post = onsets + max(-lag_steps, 0), onsets + max(lag_steps, 0)
    duration = (max(pre.max(), post.max()) + 1) * dt
    settings = {"seed": 0, "dt": dt, "target": target}

    def neurons() -> tuple[Group, Group]:
        return tuple(forced_neurons([s * dt for s in steps]) for steps in (pre, post))

    return _dataset(
        _measure(neurons, parameters, G, duration, settings),
        ("frequency",),
        {"frequency": (frequencies, "pairs per second")},
        {
            "pairs": pairs,
            "lag_s": float(lag / second),
            **_held(G),
            **_attributes(parameters, duration, settings),
        },
    )


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
    parameters : SynapseParameters
        The rule and its parameters.
    pre_rates, post_rates : Quantity
        Firing rates, in Hz; not negative. Every presynaptic rate meets every
        postsynaptic one.
    G : Quantity or None
        The global factor, in Hz; None for a rule that does not read it.
    duration : Quantity
        How long they fire, a multiple of `dt`.
    trials : int, optional
        Independent pairs of neurons for each pair of rates.
    dt : Quantity, optional
        Time step. A neuron spikes at most once in it, which makes its spike count
        less variable than a Poisson count by a fraction ``rate * dt``.
    seed : int, optional
        Seed; without one, a seed is drawn and recorded.
    target : {"numpy", "cython", "cpp_standalone"}, optional
        Brian2's code generation target.

    Returns
    -------
    xarray.Dataset
        ``delta_w`` with dimensions ``(pre_rate, post_rate, trial)``; ``G_Hz`` in
        the attributes.

    Raises
    ------
    ValueError
        If an argument is refused; nothing has run then.
    """
    check_kind("parameters", parameters, SynapseParameters)
    dt = check_dt(dt)
    pre_rates, post_rates = (
        _check_rates(name, rates, dt)
        for name, rates in (("pre_rates", pre_rates), ("post_rates", post_rates))
    )
    G = _one_G(G, parameters)
    duration = check_interval("duration", duration, dt)
    trials = check_count("trials", trials)
    seed = check_seed(seed)
    check_target(target)
    shape = (len(pre_rates), len(post_rates), trials)
    settings = {"seed": seed, "dt": dt, "target": target}

    def neurons() -> tuple[Group, Group]:
        pre = np.broadcast_to(pre_rates[:, None, None] / Hz, shape).ravel() * Hz
        post = np.broadcast_to(post_rates[:, None] / Hz, shape).ravel() * Hz
        # Brian2 draws the groups' spikes in the order of their names.
        return tuple(
            PoissonGroup(len(rates), rates, namespace={}, name=name)
            for rates, name in ((pre, "presynaptic*"), (post, "postsynaptic*"))
        )

    changes = _measure(neurons, parameters, G, duration, settings)
    return _dataset(
        changes.reshape(shape),
        ("pre_rate", "post_rate", "trial"),
        {
            "pre_rate": (pre_rates, "presynaptic rate"),
            "post_rate": (post_rates, "postsynaptic rate"),
        },
        {**_held(G), **_attributes(parameters, duration, settings)},
    )


def _one_G(G: object, parameters: SynapseParameters) -> Quantity | None:
    checked = check_clamped_G(G, parameters)
    if checked is not None and np.ndim(G) > 0:
        raise refuse("G", G, "one finite value in Hz")
    return checked


def _held(G: Quantity | None) -> dict[str, float]:
    return {} if G is None else {"G_Hz": float(G[0] / Hz)}


def _check_rates(name: str, rates: object, dt: Quantity) -> Quantity:
    rates = check_quantity(name, rates, Hz, at_least=0, ndim=1)
    if np.any(rates * dt > 1):
        raise refuse(name, rates, f"at most one spike per time step (dt = {dt})")
    return rates


def _measure(
    neurons: Callable[[], tuple[Group, Group]],
    parameters: SynapseParameters,
    G: Quantity | None,
    duration: Quantity,
    settings: Mapping[str, Any],
    **options: Any,
) -> Quantity:
    """Run neurons on both sides of synapses; return the weight change of each."""
    with simulation(**settings) as network:
        presynaptic, postsynaptic = neurons()
        factor = None if G is None else clamped_global_factor(G)
        synapses = plastic_synapses(
            presynaptic, postsynaptic, parameters, factor, **options
        )
        network.add(presynaptic, postsynaptic, synapses)
        if factor is not None:
            network.add(factor)
        run(network, duration)
        return synapses.w[:] - parameters.w_0


def _dataset(
    changes: Quantity,
    dims: tuple[str, ...],
    coordinates: Mapping[str, tuple[Quantity, str]],
    attributes: Mapping[str, Any],
) -> xr.Dataset:
    return xr.Dataset(
        {"delta_w": in_si(changes, dims, "weight change")},
        coords={
            name: in_si(values, (name,), description)
            for name, (values, description) in coordinates.items()
        },
        attrs=attributes,
    )


def _attributes(
    parameters: SynapseParameters, duration: Quantity, settings: Mapping[str, Any]
) -> dict[str, Any]:
    return provenance(
        parameters=parameters.to_json(),
        duration=duration,
        record_dt=duration,
        **settings,
    )
