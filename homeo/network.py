r"""The closed loop: a network whose inhibition regulates its own cause.

The cells and their connections are those of `homeo.circuit`. The rates are counted in
the network, so that what a run keeps grows with neither the cells nor the steps.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from brian2 import Clock, Hz, Network, Quantity, ms, second

from .checks import (
    Report,
    check_kind,
    check_multiple,
    check_on_grid,
    check_quantity,
    refuse,
)
from .circuit import (
    RecurrentNetwork,
    arguments_of,
    at_rest,
    check_network,
    n_plastic_synapses,
    recurrent_network,
)
from .docstrings import DT, NOT_RUN, described, entry
from .parameters import NetworkParameters, Parameters
from .runs.counting import COUNTED_FROM, count_spikes
from .runs.recording import Output, Run, check_run, record, simulate
from .runs.results import in_si, times_of, told

NETWORK = entry(
    "network : NetworkParameters, optional",
    "Cells, static synapses and background; by default 1000 E and 250 I cells.",
)
LENGTH = entry("duration : Quantity", "Length of the run, a multiple of `record_dt`.")


@described(LENGTH + NETWORK + DT, NOT_RUN)
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
    RuntimeError
        If the C++ program cannot be compiled.

    Notes
    -----
    Rates of single cells are counts of spikes: over a window T they are multiples
    of 1/T.
    """
    options = {"dt": dt, "record_dt": record_dt, "seed": seed, "target": target}
    settings = check_run(duration, whole_intervals=True, report=report, **options)
    network = check_network(rule, network, settings.dt)
    check_kind("plastic", plastic, bool)
    if end_window is None:
        half = np.ceil(settings.duration / settings.dt / 2) * settings.dt
        end_window = min(10 * second, half)
    end_window = check_quantity("end_window", end_window, second, above=0)
    check_on_grid("end_window", end_window, settings.dt)
    if end_window > settings.duration:
        raise refuse("end_window", end_window, f"at most {settings.duration}, the run")
    rule = rule.replace(N=network.n_E)
    start_weights = _check_start_weights(start_weights, rule, network)
    built = rule if plastic else at_rest(rule)

    def build(simulated: Network) -> list[Output]:
        rng = np.random.default_rng(settings.seed)
        parts = recurrent_network(built, network, rng)
        if not plastic:
            parts.inhibition.eta = 0 * built.synapse.eta
        if start_weights is not None:
            parts.inhibition.w = start_weights
        return record_network(simulated, parts, settings, end_window)

    recorded = simulate(
        build,
        settings,
        told(rule, network=network, plastic=int(plastic), end_window=end_window),
        arguments=[*arguments_of(built), COUNTED_FROM],
    )
    result = rates_in_bins(recorded, network, settings.record_dt)
    return _rates_of_cells(result, end_window)


def record_network(
    simulated: Network,
    parts: RecurrentNetwork,
    settings: Run,
    end_window: Quantity | None = None,
) -> list[Output]:
    """Add a recurrent network to an empty one, and what counts and records.

    Parameters
    ----------
    simulated : brian2.Network
        The empty network.
    parts : RecurrentNetwork
        The objects.
    settings : Run
        Length of the run and interval between two samples.
    end_window : Quantity, optional
        Stretch before the end over which the spikes of single cells count; by
        default all of the run.

    Returns
    -------
    list of Output
        What is recorded: the samples of `homeo.runs.counting.count_spikes`, H and G,
        and of the plastic synapses their cells and their weights at the end.
    """
    end_window = settings.duration if end_window is None else end_window
    clock = Clock(dt=settings.record_dt, name="recording_clock")
    counts = count_spikes(
        {"E": parts.excitatory, "I": parts.inhibitory},
        clock,
        counted_from=settings.duration - end_window,
        weighed=[parts.inhibition],
    )
    factor, outputs = record(
        parts.global_factor, ["H", "G"], clock=clock, name="recording_of_H_and_G"
    )
    simulated.add(*parts.objects, *counts.objects, factor)
    synapses = parts.inhibition.variables
    return [
        *counts.samples,
        *counts.last,
        *counts.late,
        *outputs,
        *(
            Output(name=name, variable=synapses[of], dims=("synapse",), meaning=meaning)
            for name, of, meaning in (
                ("pre", "i", "I cell"),
                ("post", "j", "E cell"),
                ("end_w", "w", "weight at the end"),
            )
        ),
    ]


def rates_in_bins(
    recorded: xr.Dataset, network: NetworkParameters, interval: Quantity
) -> xr.Dataset:
    """Return the rates of both populations in the interval that begins at each time.

    Parameters
    ----------
    recorded : xarray.Dataset
        What `record_network` recorded: each sample has the rate before it, and the
        last counts are those of the interval after the last sample.
    network : NetworkParameters
        Numbers of cells.
    interval : Quantity
        Time between two samples, in seconds.

    Returns
    -------
    xarray.Dataset
        The same, with ``rate_E`` and ``rate_I`` (Hz) moved by one interval, and
        without the last counts.
    """
    rates = {}
    for name, size in (("E", network.n_E), ("I", network.n_I)):
        last = recorded[f"last_spikes_{name}"].values / (size * float(interval))
        moved = np.append(recorded[f"rate_{name}"].values[1:], last)
        rates[f"rate_{name}"] = in_si(moved * Hz, ("time",), f"rate of {name}")
    return recorded.drop_vars(["last_spikes_E", "last_spikes_I"]).assign(rates)


def _rates_of_cells(recorded: xr.Dataset, window: Quantity) -> xr.Dataset:
    counts = {name: recorded[f"late_spikes_{name}"].values for name in "EI"}
    return recorded.drop_vars(["late_spikes_E", "late_spikes_I"]).assign(
        {
            f"end_rate_{name}": in_si(
                spikes / window, (f"{name}_cell",), f"rate of single {name} cells"
            )
            for name, spikes in counts.items()
        }
    )


def _check_start_weights(
    weights: object, rule: Parameters, network: NetworkParameters
) -> np.ndarray | None:
    if weights is None:
        return None
    low, high = rule.synapse.bounds
    n = n_plastic_synapses(network)
    allowed = f"{n} weights, one for each plastic synapse, from {low} to {high}"
    try:
        checked = check_quantity("start_weights", weights, 1, ndim=1)
    except ValueError:
        raise refuse("start_weights", weights, allowed) from None
    if checked.shape != (n,) or not np.all((checked >= low) & (checked <= high)):
        raise refuse("start_weights", weights, allowed)
    return checked


def settling_time(
    result: xr.Dataset, *, tolerance: float = 0.1, window: Quantity = 1 * second
) -> float | xr.DataArray:
    r"""Return when the rate of the excitatory cells came to its target to stay.

    The target is that of the rule: :math:`\gamma`, or :math:`\rho_0` under a rule
    that does not read the global factor.

    Parameters
    ----------
    result : xarray.Dataset
        What `simulate_network` returned, or several of these along new dimensions.
    tolerance : float, optional
        How far from the target, as a fraction of it, counts as arrived.
    window : Quantity, optional
        The rate is averaged over a window of this length that moves along.

    Returns
    -------
    float or xarray.DataArray
        Seconds from the start to the end of the last window whose mean is further
        from the target; the first time if there is none, NaN if that is the last
        window. One value for each run where there are several.

    Raises
    ------
    ValueError
        If the tolerance is not positive, the window is no multiple of the bins or
        longer than the run, bins are missing, or the rule has no target.
    """
    tolerance = float(check_quantity("tolerance", tolerance, 1, above=0))
    if "target_rate" not in result:
        raise refuse("result", "no target_rate", "a result of a rule with a target")
    time, interval = times_of("result", result.rate_E)
    if not np.isclose(interval, result.attrs["record_dt_s"]):
        allowed = f"all samples, {result.attrs['record_dt_s']} s apart"
        raise refuse("result", f"samples {interval} s apart", allowed)
    window = check_multiple("window", window, "record_dt", interval * second)
    n = round(float(window) / interval)
    if n > result.sizes["time"]:
        raise refuse("window", window, f"at most {result.sizes['time'] * interval} s")
    settled = xr.apply_ufunc(
        _last_outside,
        result.rate_E,
        result.target_rate,
        kwargs={"tolerance": tolerance, "n": n},
        input_core_dims=[["time"], []],
        vectorize=True,
    )
    settled = (time[0] + settled * interval).assign_attrs(
        units="s", long_name="settling time"
    )
    return settled if settled.dims else settled.item()


def _last_outside(
    rate: np.ndarray, target: float, *, tolerance: float, n: int
) -> float:
    """Return how many samples have passed when the last window outside is over."""
    means = np.convolve(rate, np.full(n, 1 / n), mode="valid")
    outside = np.flatnonzero(~(np.abs(means - target) <= tolerance * target))
    if not outside.size:
        return 0.0
    return np.nan if outside[-1] == len(means) - 1 else float(outside[-1] + n)
