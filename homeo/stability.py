r"""How strong a closed loop is, measured on the network, and how it rings.

Theory knows the loop by one number, the gain
:math:`K = h\, \eta\, \rho_I (1 + 2\tau\gamma)\, \kappa` (`homeo.theory.loop_gain`).
Here are the experiments that measure :math:`\rho_I`, :math:`\kappa` and h with
plasticity off. `homeo.ringing` has what follows from them for its course.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from brian2 import Hz, Network, NeuronGroup, Quantity, ms, second

from .checks import (
    check_choice,
    check_count,
    check_dt,
    check_interval,
    check_kind,
    check_multiple,
    check_quantity,
    check_seed,
    pure_numbers,
    refuse,
)
from .circuit import (
    FACTOR,
    RULE,
    arguments_of,
    at_rest,
    check_network,
    recurrent_network,
)
from .docstrings import BINS, DT, NOT_RUN, SEED, TARGET, described, entry
from .network import (
    LENGTH,
    NETWORK,
    rates_in_bins,
    record_network,
    simulate_network,
)
from .parameters import NetworkParameters, Parameters
from .runs.counting import COUNTED_FROM
from .runs.recording import Output, check_run, simulate
from .runs.results import in_si, times_of, told

#: A sensor that hears the population with the time constant tau_H, and whose message
#: reaches the synapses with the time constant tau_lag.
LATE_SENSOR = """
dH/dt = -H/tau_H                    : Hz
dH_late/dt = (H - H_late)/tau_lag   : Hz
G = H_late - gamma                  : Hz
tau_H                               : second (shared, constant)
tau_lag                             : second (shared, constant)
gamma                               : Hz (shared, constant)
population_size                     : 1 (shared, constant)
"""

#: The patterns in which weights are changed, and the sign of the change.
PATTERNS = ("uniform", "rule")
SIGNS = (-1, 1)

LAG = entry(
    "lag : Quantity",
    r":math:`\tau_m`, with which H reaches the synapses, in seconds; positive.",
)


def balanced_weight(w: np.ndarray, rate: np.ndarray, target_rate: Quantity) -> float:
    r"""Return the weight at which a measured :math:`\phi(w)` passes the target rate.

    Parameters
    ----------
    w : numpy.ndarray
        Weights, ascending, shape ``(n,)``.
    rate : numpy.ndarray
        Rates at these weights, in Hz, descending, shape ``(n,)``.
    target_rate : Quantity
        The target, in Hz.

    Returns
    -------
    float
        The weight, by linear interpolation of the logarithm of the rate.

    Raises
    ------
    ValueError
        If the rates do not fall, or do not pass the target.
    """
    target = float(check_quantity("target_rate", target_rate, Hz, above=0))
    w, rate = pure_numbers("w", w, 1), pure_numbers("rate", rate, Hz)
    if w.ndim != 1 or not w.size or w.shape != rate.shape or np.any(np.diff(w) <= 0):
        raise refuse("w", w, f"ascending weights, as many as rates: {rate.shape}")
    if np.any(np.diff(rate) >= 0) or rate[-1] <= 0:
        raise refuse("rate", rate, "positive rates that fall with the weight")
    if not rate[-1] <= target <= rate[0]:
        raise refuse("target_rate", target_rate, f"from {rate[-1]} to {rate[0]} Hz")
    return float(np.interp(-np.log(target), -np.log(rate), w))


def rule_pattern(result: xr.Dataset, rule: Parameters) -> np.ndarray:
    r"""Return how the rule spreads a weight change over the synapses.

    .. math:: \frac{\rho_j (1 + 2 \tau_\mathrm{STDP}\, r_i)}
                   {\rho_I (1 + 2 \tau_\mathrm{STDP}\, r)}

    for the synapse from the inhibitory cell *j* to the excitatory cell *i*, with
    the means :math:`\rho_I` and *r* of all cells: the drift of each synapse under
    the paper's rule, over the drift of one between two mean cells.

    Parameters
    ----------
    result : xarray.Dataset
        What `simulate_network` returned; the rates of single cells at the end
        count.
    rule : Parameters
        Time constant of the traces.

    Returns
    -------
    numpy.ndarray
        One factor for each synapse, in the order of the dimension ``synapse``.

    Raises
    ------
    ValueError
        If the rule is another than the paper's.

    Notes
    -----
    The mean over the *synapses* is not 1 but some percent less: cells with many
    inhibitory synapses fire less, so more synapses than cells are on slow ones.
    """
    check_kind("rule", rule, Parameters)
    check_choice("rule", rule.synapse.rule, ("zenke_2015",))
    paired = 2 * float(rule.synapse.tau_stdp)
    rho, r = result.end_rate_I.values, result.end_rate_E.values
    pattern = rho[result.pre.values] * (1 + paired * r[result.post.values])
    return pattern / (rho.mean() * (1 + paired * r.mean()))


@described(NETWORK + SEED + TARGET, NOT_RUN)
def simulate_weight_changes(
    rule: Parameters,
    step: float,
    *,
    network: NetworkParameters | None = None,
    duration: Quantity = 30 * second,
    settle: Quantity = 2 * second,
    seed: int | None = None,
    target: str = "numpy",
) -> xr.Dataset:
    r"""Measure how the rates answer to weights that are changed and then held.

    Five runs with plasticity off and the same random numbers: all weights equal,
    then a bit more or less, for all synapses alike or in the pattern of the rule
    (`rule_pattern`).

    Parameters
    ----------
    rule : Parameters
        The rule; `w_0` is the weight that is changed.
    step : float
        By how much, in leak conductances; positive.
    duration : Quantity, optional
        How long the rates are averaged in each run.
    settle : Quantity, optional
        How long each run goes on before that.

    Returns
    -------
    xarray.Dataset
        ``rate_E`` and ``rate_I`` (Hz) at the start weight, and ``changed_rate_E``
        (Hz) with dimensions ``pattern`` ("uniform", "rule") and ``sign`` (-1, 1).
    """
    check_kind("rule", rule, Parameters)
    check_choice("rule", rule.synapse.rule, ("zenke_2015",))
    step = float(check_quantity("step", step, 1, above=0))
    duration = check_quantity("duration", duration, second, above=0)
    settle = check_quantity("settle", settle, second, at_least=0)
    seed = check_seed(seed)
    options = {
        "network": network,
        "plastic": False,
        "end_window": duration,
        "seed": seed,
        "target": target,
    }
    total = duration + settle
    middle = simulate_network(rule, total, **options)
    alike = np.ones(middle.sizes["synapse"])
    patterns = {"uniform": alike, "rule": rule_pattern(middle, rule)}
    rates = [
        [
            simulate_network(
                rule,
                total,
                start_weights=rule.synapse.w_0 + sign * step * patterns[pattern],
                **options,
            ).end_rate_E.mean()
            for sign in SIGNS
        ]
        for pattern in PATTERNS
    ]
    dims = ("pattern", "sign")
    return xr.Dataset(
        {
            "rate_E": in_si(middle.end_rate_E.values.mean() * Hz, (), "rate of E"),
            "rate_I": in_si(middle.end_rate_I.values.mean() * Hz, (), "rate of I"),
            "changed_rate_E": in_si(np.array(rates) * Hz, dims, "rate of E"),
        },
        coords={
            "pattern": list(PATTERNS),
            "sign": list(SIGNS),
            "step": in_si(step, (), "change of the weights"),
            **{name: c for name, c in middle.coords.items() if not c.dims},
        },
        attrs=middle.attrs,
    )


def sensitivity(changes: xr.Dataset) -> xr.Dataset:
    r"""Return how strongly the rate answers to weights.

    .. math:: \kappa = r\, \frac{\ln r_- - \ln r_+}{2\, \Delta w}

    with the rates :math:`r_\mp` at weights that are :math:`\Delta w` smaller and
    larger, and r between: the slope of an exponential through the two. A chord
    would be too steep, because the curve of the rate bends.

    Parameters
    ----------
    changes : xarray.Dataset
        What `simulate_weight_changes` returned, or a grid of that.

    Returns
    -------
    xarray.Dataset
        ``kappa``, :math:`-\phi'(w)` in Hz for each unit of weight, and
        ``heterogeneity``, h: the answer to a change in the pattern of the rule, over
        that to an equal change of all weights. Without a dimension, or with those of
        the grid.

    Raises
    ------
    ValueError
        If a rate is zero.
    """
    rates = changes.changed_rate_E
    if not ((rates > 0).all() and (changes.rate_E > 0).all()):
        raise refuse("changes", rates.values, "rates above 0 Hz")
    below, above = (rates.sel(sign=sign, drop=True) for sign in SIGNS)
    fall = np.log(below) - np.log(above)
    slope = changes.rate_E * fall / (2 * changes.step)
    kappa = slope.sel(pattern="uniform", drop=True)
    h = slope.sel(pattern="rule", drop=True) / kappa
    return xr.Dataset(
        {
            "kappa": kappa.drop_attrs().assign_attrs(
                units="Hz", long_name="answer to weights"
            ),
            "heterogeneity": h.drop_attrs().assign_attrs(
                units="1", long_name="heterogeneity factor"
            ),
        }
    )


@described(NETWORK + DT + SEED + TARGET, NOT_RUN)
def simulate_weight_steps(
    rule: Parameters,
    step: float,
    *,
    half_period: Quantity = 2 * second,
    repetitions: int = 50,
    bin_width: Quantity = 10 * ms,
    network: NetworkParameters | None = None,
    dt: Quantity = 0.1 * ms,
    seed: int | None = None,
    target: str = "numpy",
) -> xr.Dataset:
    """Measure how fast the rate answers when all weights are changed at once.

    Without plasticity, the weights go up and down between two values, again and
    again.

    Parameters
    ----------
    rule : Parameters
        The rule; `w_0` is the middle of the two weights.
    step : float
        How far either weight is from the middle, in leak conductances.
    half_period : Quantity, optional
        How long the weights stay at either value, a multiple of `bin_width`.
    repetitions : int, optional
        How often they go up and down. One more comes before, and does not count.
    bin_width : Quantity, optional
        Width of the bins of the answer, a multiple of `dt`.

    Returns
    -------
    xarray.Dataset
        ``rate_E`` (Hz), mean over the repetitions, against ``time`` since the
        weights fell; they rise again after `half_period`.
    """
    dt = check_dt(dt)
    bin_width = check_interval("bin_width", bin_width, dt)
    half_period = check_multiple("half_period", half_period, "bin_width", bin_width)
    repetitions = check_count("repetitions", repetitions)
    settings = check_run(
        (repetitions + 1) * 2 * half_period,
        dt=dt,
        record_dt=bin_width,
        seed=seed,
        target=target,
    )
    network = check_network(rule, network, dt)
    step = float(check_quantity("step", step, 1, above=0))
    low, high = map(float, rule.synapse.bounds)
    room = min(float(rule.synapse.w_0) - low, high - float(rule.synapse.w_0))
    if step > room:
        raise refuse("step", step, f"at most {room:g}, within the bounds")
    built = at_rest(rule)

    def build(simulated: Network) -> list[Output]:
        parts = recurrent_network(built, network, np.random.default_rng(settings.seed))
        synapses = parts.inhibition
        synapses.eta = 0 * built.synapse.eta
        # The bounds are arguments of the program: one does for every weight.
        synapses.w_min = rule.synapse.w_0 - step
        synapses.w_max = synapses.w = rule.synapse.w_0 + step
        synapses.run_regularly("w = w_min + w_max - w", dt=half_period)
        return record_network(simulated, parts, settings)

    recorded = simulate(
        build,
        settings,
        told(rule, network=network, step=step, half_period=half_period),
        arguments=[*arguments_of(built), COUNTED_FROM],
    )
    rate = rates_in_bins(recorded, network, bin_width).rate_E
    # The first period does not count: the cells wake.
    repeated = rate.values.reshape(repetitions + 1, -1)[1:].mean(axis=0)
    time = np.arange(len(repeated)) * bin_width
    return (
        recorded.drop_dims(["time", "synapse", "E_cell", "I_cell"])[[]]
        .assign(rate_E=in_si(repeated * Hz, ("time",), "rate of E"))
        .assign_coords(time=in_si(time, ("time",), "time since the weights fell"))
    )


def lead_time(steps: xr.Dataset) -> xr.DataArray:
    r"""Return how far the answer of the rate runs ahead of the weights.

    .. math:: \int_0^\infty \left( \frac{s(t)}{s(\infty)} - 1 \right) dt

    for the answer s to a step, the mean of that to a fall and to a rise. Negative
    for an answer that lags; :math:`-\tau` if it is first order with the time
    constant :math:`\tau`.

    Parameters
    ----------
    steps : xarray.Dataset
        What `simulate_weight_steps` returned, or a grid of that. The second half of
        the time between two steps counts as infinitely late.

    Returns
    -------
    xarray.DataArray
        The lead, in seconds; without a dimension, or with those of the grid.
    """
    n = steps.sizes["time"] // 2
    fall = steps.rate_E.isel(time=slice(n)).drop_vars("time")
    rise = steps.rate_E.isel(time=slice(n, None)).drop_vars("time")
    swing = (fall - rise) / 2
    late = swing.isel(time=slice(n // 2, None)).mean("time")
    # From -late before the step to late after it.
    excess = (swing - late) / (2 * late)
    lead = excess.sum("time") * steps.half_period / n
    return lead.drop_attrs().assign_attrs(units="s", long_name="lead of the rate")


def fano_factor(
    rate: xr.DataArray, n: int, bin_width: Quantity = 1 * second
) -> xr.DataArray:
    """Return how noisy a population is, over Poisson neurons at the same rate.

    Parameters
    ----------
    rate : xarray.DataArray
        Rate of the population (Hz) while nothing changes, in bins along the
        dimension ``time``, whose coordinate is in seconds.
    n : int
        Number of cells.
    bin_width : Quantity, optional
        Length of time over which spikes are counted, a multiple of the bins. Short
        bins hold what cells do within some tenths of a second; the noise that a slow
        loop sees is that of long ones.

    Returns
    -------
    xarray.DataArray
        Variance of the counts over their mean: 1 for Poisson neurons. Without a
        dimension, or with those of the grid.

    Raises
    ------
    ValueError
        If an argument is refused, or fewer than two bins remain.
    """
    n = check_count("n", n)
    time, interval = times_of("rate", rate)
    record_dt = interval * second
    bin_width = check_multiple("bin_width", bin_width, "record_dt", record_dt)
    whole = round(float(bin_width / record_dt))
    if len(time) < 2 * whole:
        raise refuse("bin_width", bin_width, f"at most half of {len(time) * record_dt}")
    binned = rate.coarsen(time=whole, boundary="trim").mean()
    counted = n * float(bin_width) * binned.var("time", ddof=1) / binned.mean("time")
    return counted.drop_attrs().assign_attrs(
        units="1", long_name="Fano factor of the population"
    )


@described(LAG)
def late_sensor(rule: Parameters, lag: Quantity) -> NeuronGroup:
    r"""Build a global factor that reaches the synapses late.

    .. math:: \tau_m \dot H_\mathrm{late} = H - H_\mathrm{late}, \qquad
        G = H_\mathrm{late} - \gamma

    Parameters
    ----------
    rule : Parameters
        Target, time constant of H, and its value at the start.

    Returns
    -------
    brian2.NeuronGroup
        Variables H, H_late and G (Hz), for `homeo.network.recurrent_network`.

    Raises
    ------
    ValueError
        If an argument is refused.
    """
    check_kind("rule", rule, Parameters)
    factor = rule.global_factor
    group = NeuronGroup(1, LATE_SENSOR, method="exact", namespace={}, name=FACTOR)
    group.tau_lag = check_quantity("lag", lag, second, above=0)
    group.tau_H, group.gamma = factor.tau_H, factor.gamma
    group.H = group.H_late = factor.H_0
    return group


@described(RULE + LAG + LENGTH + NETWORK + BINS + DT + SEED + TARGET, NOT_RUN)
def simulate_late_sensor(
    rule: Parameters,
    lag: Quantity,
    duration: Quantity,
    *,
    network: NetworkParameters | None = None,
    record_dt: Quantity = 100 * ms,
    dt: Quantity = 0.1 * ms,
    seed: int | None = None,
    target: str = "numpy",
) -> xr.Dataset:
    """Simulate the closed loop with a global factor that reaches the synapses late.

    Returns
    -------
    xarray.Dataset
        ``rate_E`` (Hz) against ``time``, the middle of each bin.
    """
    lag = check_quantity("lag", lag, second, above=0)
    options = {"dt": dt, "record_dt": record_dt, "seed": seed, "target": target}
    settings = check_run(duration, whole_intervals=True, **options)
    network = check_network(rule, network, settings.dt)

    def build(simulated: Network) -> list[Output]:
        rng = np.random.default_rng(settings.seed)
        parts = recurrent_network(rule, network, rng, factor=late_sensor(rule, lag))
        return record_network(simulated, parts, settings)

    recorded = simulate(
        build,
        settings,
        told(rule, network=network, lag=lag),
        arguments=[
            *arguments_of(rule),
            COUNTED_FROM,
            f"{FACTOR}.H_late",
            f"{FACTOR}.tau_lag",
        ],
    )
    result = rates_in_bins(recorded, network, settings.record_dt)[["rate_E"]]
    middle = result.time.values + float(settings.record_dt) / 2
    return result.assign_coords(time=in_si(middle * second, ("time",), "time"))
