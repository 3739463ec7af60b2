"""Measure how strong the closed loop of chapter 6 is, and how it rings.

Writes beside itself

- stability_rings.csv (periods and damping) and stability_courses.csv (two courses),
- stability_loop.csv (what the gain is made of),
- stability_steps.csv (how the rate answers to a step of the weights),
- stability_strong.csv (learning rates beyond the bound of a loop that lags),
- stability_map.csv (gains for many learning rates and time constants),
- stability_late.csv and stability_late_courses.csv (a global factor that is late).

Takes 45 minutes on one core, and a C++ compiler. Needs network_phi.csv.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product

import pandas as pd
import xarray as xr
from brian2 import Hz, ms, second
from tables import HERE, write_table

from homeo import ZENKE_2015, theory
from homeo.network import simulate_network
from homeo.parameters import NetworkParameters
from homeo.stability import (
    balanced_weight,
    fit_gain,
    fit_ringing,
    lead_time,
    sensitivity,
    simulate_late_sensor,
    simulate_weight_changes,
    simulate_weight_steps,
)

TARGET = "cpp_standalone"
SEEDS = range(1, 6)
STEP = 0.04

#: The network of the Lab: its cells have as many synapses as those of the large one.
SMALL = NetworkParameters(n_E=400, n_I=100, p=0.25)
SMALL_WEIGHTS = (0.3, 0.35, 0.4, 0.45, 0.5)

#: Learning rate and time constant of H, both in s: of SCIENCE.md, and our own.
RINGS = ((1e-3, 10), (1e-2, 10), (3e-3, 10), (3e-3, 3), (1e-2, 3))
COURSES = RINGS[:2]
#: With a shorter time constant all is over before the cells are awake.
MAP = tuple(product((3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2), (1, 3, 10)))
STRONG = ((5e-2, 10), (2e-1, 10))

#: Learning rates (s) for a global factor that comes late, time constants of H and of
#: the lag, and for how long the oscillation is small enough for a linear theory (s).
LATE = (8e-4, 1.2e-3, 1.6e-3, 2e-3, 2.4e-3)
LATE_COURSES = (LATE[1], LATE[-1])
LATE_TAU_H, LAG, LATE_LINEAR = 2 * second, 1 * second, 30

#: How far below equilibrium the weights start, and how long the cells take to wake.
OFFSET, AWAKE = 0.05, 0.5

#: Gain over learning rate, roughly: where fits start.
GAIN_PER_ETA = 900

#: How far the rate runs ahead of the weights: the mean of stability_loop.csv.
LEAD = 54 * ms


@cache
def weight(seed: int) -> float:
    """Return the weight at which a network fires at the target rate."""
    phi = pd.read_csv(HERE / "network_phi.csv", comment="#").query("seed == @seed")
    return balanced_weight(phi.w, phi.rate_E_hz, 4 * Hz)


@cache
def small_weight(seed: int) -> float:
    """Return that weight for the small network."""
    rates = [
        simulate_network(
            ZENKE_2015.replace(w_0=w),
            22 * second,
            network=SMALL,
            plastic=False,
            end_window=20 * second,
            seed=seed,
            target=TARGET,
        ).end_rate_E.mean()
        for w in SMALL_WEIGHTS
    ]
    return balanced_weight(SMALL_WEIGHTS, rates, 4 * Hz)


def steps_of(network: NetworkParameters, w: float, seed: int) -> xr.Dataset:
    """Return how the rate of one network answers to steps of its weights."""
    rule = ZENKE_2015.replace(w_0=w)
    options = {"network": network, "seed": seed, "target": TARGET}
    return simulate_weight_steps(rule, STEP, **options)


def steps() -> Iterator[dict]:
    """Yield the rows of stability_steps.csv: small networks, until 1 s after a step."""
    for seed in SEEDS:
        rate = steps_of(SMALL, small_weight(seed), seed).rate_E
        half = rate.sizes["time"] // 2
        swing = (rate.values[:half] - rate.values[half:]) / 2
        for t, value in zip(rate.time.values[: half // 2], swing, strict=False):
            yield {
                "seed": seed,
                "time_s": round(float(t), 3),
                "swing_hz": round(float(value), 4),
            }


def loop(network: NetworkParameters, w: float, seed: int) -> dict:
    """Return what the gain of one network is made of."""
    rule = ZENKE_2015.replace(w_0=w)
    options = {"network": network, "seed": seed, "target": TARGET}
    changes = simulate_weight_changes(rule, STEP, **options)
    kappa, h = sensitivity(changes)
    return {
        "n_E": network.n_E,
        "seed": seed,
        "w": round(w, 5),
        "rate_E_hz": round(float(changes.rate_E), 4),
        "rate_I_hz": round(float(changes.rate_I), 4),
        "kappa_hz": round(float(kappa), 3),
        "h": round(h, 4),
        "lead_s": round(float(lead_time(steps_of(network, w, seed))), 4),
    }


def loops() -> Iterator[dict]:
    """Yield the rows of stability_loop.csv."""
    for seed in SEEDS:
        yield loop(NetworkParameters(), weight(seed), seed)
    for seed in SEEDS:
        yield loop(SMALL, small_weight(seed), seed)


def displaced(eta: float, tau_H: float, seed: int, duration: float) -> xr.Dataset:
    """Return a run that starts a little too active, its bins centred."""
    rule = ZENKE_2015.replace(eta=eta * second, tau_H=tau_H * second)
    result = simulate_network(
        rule.replace(w_0=weight(seed) - OFFSET),
        duration * second,
        seed=seed,
        target=TARGET,
    )
    centred = result.assign_coords(time=result.time + result.attrs["record_dt_s"] / 2)
    return centred.sel(time=slice(AWAKE, None))


def rings(courses: list[dict]) -> Iterator[dict]:
    """Yield the rows of stability_rings.csv; add the courses to a list."""
    for (eta, tau_H), seed in product(RINGS, SEEDS):
        result = displaced(eta, tau_H, seed, 5 * tau_H)
        gain, tau = GAIN_PER_ETA * eta * Hz, tau_H * second
        expected = theory.ringing_period(gain, tau), theory.damping_time(gain, tau)
        fit = fit_ringing(result.time.values, result.rate_E.values, *expected)
        point = {"eta_s": eta, "tau_H_s": tau_H, "seed": seed}
        yield point | {
            "period_s": round(float(fit.period), 4),
            "damping_s": round(float(fit.damping_time), 3),
            "mean_hz": round(fit.mean, 4),
        }
        if (eta, tau_H) in COURSES:
            courses.extend(point | row for row in binned(result))


def gains() -> Iterator[dict]:
    """Yield the rows of stability_map.csv."""
    for (eta, tau_H), seed in product(MAP, SEEDS[:2]):
        K = GAIN_PER_ETA * eta
        duration = round(min(60, max(8, 5 * tau_H, 6 / K)))
        result = displaced(eta, tau_H, seed, duration)
        course = result.time.values, result.rate_E.values, tau_H * second, K * Hz
        yield {
            "eta_s": eta,
            "tau_H_s": tau_H,
            "seed": seed,
            "gain_hz": round(float(fit_gain(*course)), 5),
            "gain_with_lead_hz": round(float(fit_gain(*course, LEAD)), 5),
        }


def strong() -> Iterator[dict]:
    """Yield the rows of stability_strong.csv."""
    for (eta, tau_H), seed in product(STRONG, SEEDS):
        late = displaced(eta, tau_H, seed, 60).sel(time=slice(40, None))
        yield {
            "eta_s": eta,
            "tau_H_s": tau_H,
            "seed": seed,
            "late_rate_hz": round(float(late.rate_E.mean()), 4),
            "late_sd_hz": round(float(late.rate_E.std()), 4),
            "late_sd_of_H_hz": round(float(late.H.std()), 5),
        }


def late(courses: list[dict]) -> Iterator[dict]:
    """Yield the rows of stability_late.csv; add two of the courses to a list."""
    for eta, seed in product(LATE, SEEDS):
        rule = ZENKE_2015.replace(eta=eta * second, tau_H=LATE_TAU_H)
        result = simulate_late_sensor(
            rule.replace(w_0=small_weight(seed) - OFFSET),
            LAG,
            60 * second,
            network=SMALL,
            seed=seed,
            target=TARGET,
        ).sel(time=slice(AWAKE, None))
        linear = result.sel(time=slice(None, LATE_LINEAR))
        fit = fit_ringing(
            linear.time.values, linear.rate_E.values, 9 * second, 20 * second
        )
        point = {"eta_s": eta, "seed": seed}
        yield point | {
            "period_s": round(float(fit.period), 3),
            "decay_hz": round(1 / float(fit.damping_time), 5),
        }
        if eta in LATE_COURSES:
            courses.extend(point | row for row in binned(result))


def binned(result: xr.Dataset) -> Iterator[dict]:
    """Yield the rate in bins of 0.3 s."""
    bins = result.coarsen(time=3, boundary="trim").mean()
    for t, rate in zip(bins.time, bins.rate_E, strict=True):
        yield {"time_s": round(float(t), 3), "rate_E_hz": round(float(rate), 3)}


def main() -> None:
    """Measure and write the tables."""
    courses, late_courses = [], []
    write_table("stability_rings.csv", rings(courses))
    write_table("stability_courses.csv", courses)
    write_table("stability_loop.csv", loops())
    write_table("stability_steps.csv", steps())
    write_table("stability_strong.csv", strong())
    write_table("stability_map.csv", gains())
    write_table("stability_late.csv", late(late_courses))
    write_table("stability_late_courses.csv", late_courses)


if __name__ == "__main__":
    main()
