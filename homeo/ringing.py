r"""How a closed loop rings: fits to its course, and a noisy mean field to predict it.

`homeo.theory` has the linear loop without noise. In the mean field here the rate
bends as that of a network does, and the spikes of a finite population disturb it,
so that what a fit makes of noise can be predicted too.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import xarray as xr
from brian2 import Hz, Quantity, ms, second
from scipy.optimize import OptimizeWarning, curve_fit

from .checks import (
    REFUSED,
    check_choice,
    check_count,
    check_kind,
    check_quantity,
    pure_numbers,
    refuse,
)
from .docstrings import BINS, DT, NOT_RUN, SEED, described, entry
from .parameters import Parameters
from .records import Record, parameter
from .runs.recording import check_run
from .runs.results import in_si, times_of, told, versions
from .theory import loop_course

NO_FIT = REFUSED + entry(
    "RuntimeError", "If the search does not end, or finds nothing."
)


@dataclass(frozen=True)
class Ringing:
    """An oscillation that was fitted to a course.

    Parameters
    ----------
    period, damping_time : Quantity
        In seconds. The damping time is negative if the oscillation grows.
    mean : float
        What the course swings around, in its own unit.
    cosine, sine : float
        Amplitudes at time zero, in the unit of the course.
    """

    period: Quantity
    damping_time: Quantity
    mean: float
    cosine: float
    sine: float

    def at(self, t: np.ndarray) -> np.ndarray:
        """Return the oscillation at some times.

        Parameters
        ----------
        t : numpy.ndarray
            Times in seconds.

        Returns
        -------
        numpy.ndarray
            In the unit of the course.
        """
        decay = 1 / float(self.damping_time)
        amplitudes = self.mean, self.cosine, self.sine
        return _oscillation(t, float(self.period), decay, *amplitudes)


def _oscillation(t, period, decay, mean, cosine, sine):
    phase = 2 * np.pi * t / period
    oscillation = cosine * np.cos(phase) + sine * np.sin(phase)
    return mean + np.exp(-t * decay) * oscillation


@described("", NO_FIT)
def fit_ringing(
    t: np.ndarray, course: np.ndarray, period: Quantity, damping_time: Quantity
) -> Ringing:
    """Fit a damped or a growing oscillation to a course, by least squares.

    Parameters
    ----------
    t : numpy.ndarray
        Times in seconds, shape ``(n,)``.
    course : numpy.ndarray
        What oscillates, such as the population rate, shape ``(n,)``.
    period, damping_time : Quantity
        Where the search starts, in seconds; positive.

    Returns
    -------
    Ringing
        The best fit.
    """
    period = float(check_quantity("period", period, second, above=0))
    damping = float(check_quantity("damping_time", damping_time, second, above=0))
    t, course = _check_course("course", t, course)
    # The rate of decay, and not its inverse: it passes zero where nothing is damped.
    start = [period, 1 / damping, course.mean(), course[0] - course.mean(), 0.0]
    low = [0.0, -np.inf, -np.inf, -np.inf, -np.inf]
    # Times from the first sample on: later ones would turn the phase by whole periods.
    first = t[0]
    with _search():
        (period, decay, mean, cosine, sine), _ = curve_fit(
            _oscillation, t - first, course, p0=start, bounds=(low, np.inf)
        )
    turned = np.exp(decay * first + 2j * np.pi * first / period) * (cosine + 1j * sine)
    rest = mean, turned.real, turned.imag
    return Ringing(period * second, second / decay, *map(float, rest))


@described("", NO_FIT)
def fit_ringings(
    rate: xr.DataArray, period: Quantity, damping_time: Quantity
) -> xr.Dataset:
    """Fit a damped or a growing oscillation to every course of a grid.

    Parameters
    ----------
    rate : xarray.DataArray
        Courses along the dimension ``time``, whose coordinate is in seconds.
    period, damping_time : Quantity
        Where each search starts, in seconds; positive.

    Returns
    -------
    xarray.Dataset
        ``period`` and ``damping_time`` (s), ``decay``, the inverse of the latter (Hz),
        and ``mean``, in the unit of the courses; with the dimensions of the grid.
    """
    time, _ = times_of("rate", rate)

    def fit(course: np.ndarray) -> tuple[float, float, float, float]:
        found = fit_ringing(time, course, period, damping_time)
        damping = float(found.damping_time)
        return float(found.period), damping, 1 / damping, found.mean

    fitted = xr.apply_ufunc(
        fit,
        rate,
        input_core_dims=[["time"]],
        output_core_dims=[[]] * 4,
        vectorize=True,
    )
    units = {"period": "s", "damping_time": "s", "decay": "Hz"}
    units["mean"] = rate.attrs.get("units", "1")
    return xr.Dataset(
        {
            name: values.drop_attrs().assign_attrs(units=unit)
            for (name, unit), values in zip(units.items(), fitted, strict=True)
        }
    )


def _check_course(
    name: str, t: np.ndarray, course: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    t, course = pure_numbers("t", t, second), pure_numbers(name, course, Hz)
    if t.ndim != 1 or t.shape != course.shape or len(t) < 6:
        raise refuse(
            name, course, f"at least 6 values, one for each of {t.shape} times"
        )
    if np.any(np.diff(t) <= 0):
        raise refuse("t", t, "ascending times")
    if np.ptp(course) <= 1e-12 * np.abs(course).max():
        raise refuse(name, course, "values that are not all the same")
    return t, course


@contextmanager
def _search() -> Iterator[None]:
    """Make an error of what scipy only warns of: a search that went nowhere."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", OptimizeWarning)
            yield
    except (OptimizeWarning, OverflowError) as error:
        raise RuntimeError(
            f"the search for a fit went astray ({error}); start it elsewhere"
        ) from None


@described("", REFUSED)
def count_swings(
    rate: xr.DataArray, target_rate: Quantity, threshold: Quantity
) -> xr.DataArray:
    """Count how often a course goes from one side of its target to the other.

    A course that creeps home never does; one that rings does so twice in a period,
    until its swings are too small to be seen.

    Parameters
    ----------
    rate : xarray.DataArray
        Rates (Hz) along the dimension ``time``.
    target_rate : Quantity
        The target, in Hz.
    threshold : Quantity
        How far from the target a rate has to be to count, in Hz, so that noise
        does not; not negative.

    Returns
    -------
    xarray.DataArray
        Number of changes of side between rates that count; without a dimension, or
        with those of the grid.
    """
    target = float(check_quantity("target_rate", target_rate, Hz, at_least=0))
    threshold = float(check_quantity("threshold", threshold, Hz, at_least=0))

    def count(course: np.ndarray) -> int:
        deviation = course - target
        sides = np.sign(deviation[np.abs(deviation) > threshold])
        return np.count_nonzero(np.diff(sides))

    swings = xr.apply_ufunc(count, rate, input_core_dims=[["time"]], vectorize=True)
    return swings.drop_attrs().assign_attrs(units="1", long_name="changes of side")


@described("", NO_FIT)
def fit_gain(
    t: np.ndarray,
    rate: np.ndarray,
    tau_H: Quantity,
    gain: Quantity,
    lead: Quantity = 0 * second,
) -> Quantity:
    """Fit the gain of the closed loop to a course, whether it rings or not.

    The course is that of `homeo.theory.loop_course`; its start and the rate that it
    comes back to are fitted as well.

    Parameters
    ----------
    t : numpy.ndarray
        Times since the estimate was at the target, in seconds, shape ``(n,)``.
    rate : numpy.ndarray
        Population rate, in Hz, shape ``(n,)``.
    tau_H : Quantity
        Time constant of the rate estimate, in seconds; positive.
    gain : Quantity
        Where the search starts, in Hz; positive.
    lead : Quantity, optional
        How far the rate runs ahead of the weights, in seconds.

    Returns
    -------
    Quantity
        K, in Hz.
    """
    tau_H = check_quantity("tau_H", tau_H, second, above=0)
    gain = check_quantity("gain", gain, Hz, above=0)
    lead = check_quantity("lead", lead, second)
    t, rate = _check_course("rate", t, rate)

    def course(t, log_gain, deviation, mean):
        K = np.exp(log_gain) * Hz
        return mean + loop_course(t * second, K, tau_H, deviation * Hz, lead)[0] / Hz

    mean = rate[len(rate) // 2 :].mean()
    start = [np.log(float(gain)), rate[0] - mean, mean]
    with _search():
        (log_gain, *_), _ = curve_fit(course, t, rate, p0=start)
    return np.exp(log_gain) * Hz


@dataclass(frozen=True, kw_only=True, eq=False)
class MeanField(Record):
    r"""What the mean field has to know of a network, at the target of its rule.

    Parameters
    ----------
    n_E : int
        Number of excitatory cells.
    rate_I : Quantity
        :math:`\rho_I`, mean rate of the inhibitory cells, in Hz; positive.
    rate_I_exponent : float
        How the inhibitory cells follow the excitatory ones:
        :math:`d \ln \rho_I / d \ln r`.
    kappa : Quantity
        :math:`-\phi'(w)`, in Hz for each unit of weight; positive.
    heterogeneity : float
        h, by how much more the rate answers to weights that the rule has changed
        than to an equal change of all weights; positive.
    lead : Quantity
        :math:`\ell`, how far the rate runs ahead of the weights, in seconds.
    fano_factor : float
        Variance over mean of the number of spikes of the population, in bins that
        are long against its correlations; not negative.

    Raises
    ------
    ValueError
        If a value has the wrong unit or lies outside its range.
    """

    n_E: int = parameter("$N_E$", "excitatory cells")
    rate_I: Quantity = parameter(
        r"$\rho_I$", "mean rate of I at the target", unit=Hz, above=0
    )
    rate_I_exponent: float = parameter(
        r"$\varepsilon$", "how the rate of I follows that of E", unit=1
    )
    kappa: Quantity = parameter(
        r"$\kappa$", "answer of the rate to the weights", unit=Hz, above=0
    )
    heterogeneity: float = parameter("$h$", "heterogeneity factor", unit=1, above=0)
    lead: Quantity = parameter(r"$\ell$", "lead of the rate", unit=second)
    fano_factor: float = parameter(
        "$F$", "Fano factor of the population", unit=1, at_least=0
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "n_E", check_count("n_E", self.n_E))


@described(BINS + DT + SEED, NOT_RUN)
def simulate_mean_field(
    rule: Parameters,
    mean_field: MeanField,
    duration: Quantity,
    *,
    offset: float = 0.0,
    trials: int = 100,
    record_dt: Quantity = 100 * ms,
    dt: Quantity = 10 * ms,
    seed: int | None = None,
) -> xr.Dataset:
    r"""Simulate the mean field of a closed loop, many trials at once.

    .. math::

        r = \gamma\, e^{-h \kappa (w + \ell \dot w) / \gamma}, \qquad
        \dot w = \eta\, G\, \rho_I \left(\frac{r}{\gamma}\right)^{\varepsilon}
                 (1 + 2 \tau_\mathrm{STDP}\, r), \qquad
        \tau_H \dot H = -H + r + \sqrt{\frac{F r}{N_E}}\, \xi(t),

    with w counted from the balanced weight and white noise :math:`\xi` of unit
    strength: over a time T, the population's count of spikes has F times the
    variance of that of Poisson neurons. For small deviations and without noise this
    is `homeo.theory.loop_course`.

    Parameters
    ----------
    rule : Parameters
        The paper's rule, with weights in leak conductances; `w_0` does not matter.
    mean_field : MeanField
        What was measured on the network.
    duration : Quantity
        Length of each trial, a multiple of `record_dt`.
    offset : float, optional
        How far below the balanced weight all weights start, in leak conductances.
    trials : int, optional
        Number of trials.

    Returns
    -------
    xarray.Dataset
        ``rate_E`` (Hz), the counted rate, with dimensions ``trial`` and ``time``, the
        middle of each bin.

    Raises
    ------
    RuntimeError
        If the rate grows beyond all bounds.
    """
    check_kind("rule", rule, Parameters)
    check_choice("rule", rule.synapse.rule, ("zenke_2015",))
    check_quantity("eta", rule.synapse.eta, second, above=0)
    check_quantity("gamma", rule.target_rate, Hz, above=0)
    check_kind("mean_field", mean_field, MeanField)
    settings = check_run(
        duration, dt=dt, record_dt=record_dt, whole_intervals=True, seed=seed
    )
    offset = float(check_quantity("offset", offset, 1))
    trials = check_count("trials", trials)
    steps_per_bin = round(float(settings.record_dt / settings.dt))
    steps = _steps(rule, mean_field, offset, float(settings.dt), trials, settings.seed)
    rate = np.zeros((trials, settings.n_samples))
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(settings.n_samples):
            for _ in range(steps_per_bin):
                rate[:, k] += next(steps) / steps_per_bin
    if not np.isfinite(rate).all():
        raise RuntimeError(
            f"the rate grew beyond all bounds: dt = {settings.dt} is too long for this "
            f"gain, or a lag (lead = {mean_field.lead}) makes the loop unstable"
        )
    middle = (np.arange(settings.n_samples) + 0.5) * settings.record_dt
    return xr.Dataset(
        {"rate_E": in_si(rate * Hz, ("trial", "time"), "rate of E")},
        coords={
            "time": in_si(middle, ("time",), "time"),
            "trial": np.arange(trials),
            **told(rule, mean_field=mean_field, offset=offset),
            "seed": in_si(settings.seed, (), "seed of the random numbers"),
            "dt": in_si(settings.dt, (), "time step"),
        },
        attrs={
            "duration_s": float(settings.duration),
            "record_dt_s": float(settings.record_dt),
            **versions(),
        },
    )


def _steps(rule, mean_field, offset, dt, trials, seed):
    """Yield the counted rate of each trial in one time step after the other."""
    target, tau_H = float(rule.target_rate), float(rule.global_factor.tau_H)
    eta_rho = float(rule.synapse.eta) * float(mean_field.rate_I)
    paired = 2 * float(rule.synapse.tau_stdp)
    exponent, lead = mean_field.rate_I_exponent, float(mean_field.lead)
    steepness = mean_field.heterogeneity * float(mean_field.kappa) / target
    noise = np.sqrt(mean_field.fano_factor / (mean_field.n_E * dt))
    kept = np.exp(-dt / tau_H)
    rng = np.random.default_rng(seed)
    # An equal change of all weights counts for less than one in the rule's pattern.
    w = np.full(trials, -offset / mean_field.heterogeneity)
    H = np.full(trials, float(rule.global_factor.H_0))
    rate = target * np.exp(-steepness * w)
    while True:
        # The lead makes the rate depend on a drift that depends on the rate: that of
        # the step before, which is as good where it changes little in a step.
        drift = eta_rho * (H - target) * (rate / target) ** exponent
        drift *= 1 + paired * rate
        rate = target * np.exp(-steepness * (w + lead * drift))
        counted = rate + noise * np.sqrt(rate) * rng.standard_normal(trials)
        H = counted + (H - counted) * kept
        w = w + dt * drift
        yield counted
