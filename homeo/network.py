"""The closed loop."""

from __future__ import annotations

import numpy as np
import xarray as xr
from brian2 import Hz, Quantity, SpikeMonitor, StateMonitor, get_dimensions, ms, second

from .checks import (
    Report,
    check_dt,
    check_interval,
    check_kind,
    check_multiple,
    check_on_grid,
    check_quantity,
    check_report,
    check_seed,
    refuse,
)
from .circuit import (
    COMPILED,
    COMPILED_SYNAPSE,
    FACTOR,
    PLASTIC,
    check_weights_in_leaks,
    n_plastic_synapses,
    recurrent_network,
    weigh_inhibition,
)
from .parameters import NetworkParameters, Parameters
from .runs.results import in_si, provenance
from .runs.simulation import check_target, run, simulation


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
        since the start, such as `homeo.runs.simulation.print_progress`. By default
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

    with simulation(target=target, seed=seed, dt=dt) as simulated:
        parts = recurrent_network(_compiled(rule), network, np.random.default_rng(seed))
        weigh_inhibition(parts.excitatory, parts.inhibition, record_dt)
        E_spikes, I_spikes = map(SpikeMonitor, (parts.excitatory, parts.inhibitory))
        factor = StateMonitor(parts.global_factor, ["H", "G"], record=[0], dt=record_dt)
        weights = StateMonitor(
            parts.excitatory, "w_inh", record=np.arange(network.n_E), dt=record_dt
        )
        simulated.add(*parts.objects, E_spikes, I_spikes, factor, weights)
        arguments = _arguments(rule, plastic, start_weights)
        for name, value in arguments.items():
            owner, _, variable = name.partition(".")
            setattr(simulated[owner], variable, value)
        run(simulated, duration, arguments=arguments, report=report)
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
