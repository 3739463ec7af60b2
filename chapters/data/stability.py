"""Measure how strong the closed loop of chapter 6 is, and how it rings.

Writes beside itself

- stability_loop.csv (what the gain is made of),
- stability_rings.csv (periods and damping) and stability_courses.csv (two courses),
- stability_creep.csv (a loop that does not ring),
- stability_predicted.csv (the same fits to a mean field with noise),
- stability_steps.csv (how the rate answers to a step of the weights),
- stability_strong.csv (gains far beyond those of the other tables),
- stability_map.csv (gains for many learning rates and time constants),
- stability_late.csv and stability_late_courses.csv (a global factor that is late).

Takes 45 minutes on one core, and a C++ compiler. Needs network_phi.csv; all tables
but the first need stability_loop.csv.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product

import numpy as np
import pandas as pd
import xarray as xr
from brian2 import Hz, ms, second
from tables import HERE, Measurement, points

from homeo import SMALL_NETWORK, ZENKE_2015, NetworkParameters, Parameters, theory
from homeo.network import simulate_network
from homeo.ringing import (
    MeanField,
    count_swings,
    fit_gain,
    fit_ringings,
    simulate_mean_field,
)
from homeo.stability import (
    balanced_weight,
    fano_factor,
    lead_time,
    rule_pattern,
    sensitivity,
    simulate_late_sensor,
    simulate_weight_changes,
    simulate_weight_steps,
)

TARGET = "cpp_standalone"
SEEDS = range(1, 6)
STEP = 0.04

LARGE, SMALL = NetworkParameters(), SMALL_NETWORK
NETWORKS = {network.n_E: network for network in (LARGE, SMALL)}
SMALL_WEIGHTS = (0.3, 0.35, 0.4, 0.45, 0.5)

#: Learning rate and time constant of H, both in s.
RINGS = ((1e-3, 10), (1e-2, 10), (3e-3, 10), (3e-3, 3), (1e-2, 3))
COURSES = RINGS[:2]
#: One that should not ring.
CREEP = ((1e-4, 1),)
#: With a shorter time constant all is over before the cells are awake.
MAP = tuple(product((3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2), (1, 3, 10)))
#: The large network far beyond the bound of a loop that lags by 100 ms, and the small
#: one with an estimate that is hardly an average any more.
STRONG = (
    (LARGE, 5e-2, 10),
    (LARGE, 2e-1, 10),
    (SMALL, 1e-1, 0.1),
    (SMALL, 2e-1, 0.1),
)

#: Learning rates (s) for a global factor that comes late, time constants of H and of
#: the lag, and for how long the oscillation is small enough for a linear theory (s).
LATE = (8e-4, 1.2e-3, 1.6e-3, 2e-3, 2.4e-3)
LATE_COURSES = (LATE[1], LATE[-1])
LATE_TAU_H, LAG, LATE_LINEAR = 2 * second, 1 * second, 30

#: How far below equilibrium the weights start, and how long the cells take to wake.
OFFSET, AWAKE = 0.05, 0.5

#: Trials of the mean field: for its mean fits, and for its mean count of swings.
TRIALS, TRIALS_OF_MAP = 200, 20

#: A swing counts if a mean over three bins is further from the target: four standard
#: deviations of the noise of the large network.
SWING_BINS, SWING = 3, 0.2 * Hz

#: How long the spikes of a network at rest are counted for their noise.
NOISE_DURATION, NOISE_START = 62 * second, 2


def rule_at(eta: float, tau_H: float) -> Parameters:
    """Return the paper's rule with a learning rate and a time constant in seconds."""
    return ZENKE_2015.replace(eta=eta * second, tau_H=tau_H * second)


def loop_table() -> pd.DataFrame:
    """Return stability_loop.csv."""
    return pd.read_csv(HERE / "stability_loop.csv", comment="#")


def gain(rule: Parameters) -> float:
    """Return the gain of the large network, in Hz: where fits start."""
    mean = loop_table().query("n_E == @LARGE.n_E").mean()
    return theory.loop_gain(rule, mean.rate_I_hz * Hz, mean.kappa_hz * Hz, mean.h)


@cache
def phi(network: NetworkParameters, seed: int) -> pd.DataFrame:
    """Return the rates of one network with plasticity off, at some weights."""
    if network == LARGE:
        table = pd.read_csv(HERE / "network_phi.csv", comment="#")
        return table.query("seed == @seed")
    rows = []
    for w in SMALL_WEIGHTS:
        result = simulate_network(
            ZENKE_2015.replace(w_0=w),
            22 * second,
            network=network,
            plastic=False,
            end_window=20 * second,
            seed=seed,
            target=TARGET,
        )
        rates = {f"rate_{x}_hz": float(result[f"end_rate_{x}"].mean()) for x in "EI"}
        rows.append({"w": w} | rates)
    return pd.DataFrame(rows)


def balance(network: NetworkParameters, seed: int) -> float:
    """Measure the weight at which a network fires at the target rate."""
    curve = phi(network, seed)
    return balanced_weight(curve.w, curve.rate_E_hz, ZENKE_2015.target_rate)


def weight(n_E: int, seed: int) -> float:
    """Return the weight at which a network fires at the target rate."""
    return loop_table().set_index(["n_E", "seed"]).w[n_E, seed]


def rate_I_exponent(network: NetworkParameters, seed: int) -> float:
    """Return how the I cells of a network follow its E cells, as a power."""
    curve = np.log(phi(network, seed)[["rate_E_hz", "rate_I_hz"]])
    return np.polyfit(curve.rate_E_hz, curve.rate_I_hz, 1)[0]


def steps_of(network: NetworkParameters, w: float, seed: int) -> xr.Dataset:
    """Return how the rate of one network answers to steps of its weights."""
    rule = ZENKE_2015.replace(w_0=w)
    options = {"network": network, "seed": seed, "target": TARGET}
    return simulate_weight_steps(rule, STEP, **options)


def steps(seed: int) -> dict[str, list[dict]]:
    """Measure the answer of a small network, until 1 s after a step."""
    rate = steps_of(SMALL, weight(SMALL.n_E, seed), seed).rate_E
    half = rate.sizes["time"] // 2
    swing = ((rate.values[:half] - rate.values[half:]) / 2)[: half // 2]
    rows = [
        {"seed": seed, "time_s": round(float(t), 3), "swing_hz": round(float(value), 4)}
        for t, value in zip(rate.time.values[: half // 2], swing, strict=True)
    ]
    return {"stability_steps.csv": rows}


def noise(network: NetworkParameters, w: float, seed: int) -> dict:
    """Return how noisy a network at rest is, and the mean of the rule's pattern."""
    rule = ZENKE_2015.replace(w_0=w)
    result = simulate_network(
        rule,
        NOISE_DURATION,
        network=network,
        plastic=False,
        end_window=NOISE_DURATION - NOISE_START * second,
        seed=seed,
        target=TARGET,
    )
    rate = result.rate_E.sel(time=slice(NOISE_START, None))
    return {
        "pattern_mean": round(float(rule_pattern(result, rule).mean()), 4),
        "fano_1s": round(float(fano_factor(rate, network.n_E)), 4),
        "fano_100ms": round(float(fano_factor(rate, network.n_E, 100 * ms)), 4),
    }


def loop(n_E: int, seed: int) -> dict[str, list[dict]]:
    """Measure what the gain of one network is made of."""
    network = NETWORKS[n_E]
    w = balance(network, seed)
    options = {"network": network, "seed": seed, "target": TARGET}
    changes = simulate_weight_changes(ZENKE_2015.replace(w_0=w), STEP, **options)
    found = sensitivity(changes)
    changed = {
        f"{pattern}_{side}_hz": round(
            float(changes.changed_rate_E.sel(pattern=pattern, sign=sign)), 4
        )
        for pattern in changes.pattern.values
        for side, sign in (("below", -1), ("above", 1))
    }
    row = {
        "n_E": network.n_E,
        "seed": seed,
        "w": round(w, 5),
        "step": STEP,
        "rate_E_hz": round(float(changes.rate_E), 4),
        "rate_I_hz": round(float(changes.rate_I), 4),
        **changed,
        "kappa_hz": round(float(found.kappa), 3),
        "h": round(float(found.heterogeneity), 4),
        "rate_I_exponent": round(rate_I_exponent(network, seed), 4),
        **noise(network, w, seed),
        "lead_s": round(float(lead_time(steps_of(network, w, seed))), 4),
    }
    return {"stability_loop.csv": [row]}


def displaced(
    rule: Parameters,
    seed: int,
    duration: float,
    network: NetworkParameters = LARGE,
) -> xr.Dataset:
    """Return a run that starts a little too active, its bins centred."""
    result = simulate_network(
        rule.replace(w_0=weight(network.n_E, seed) - OFFSET),
        duration * second,
        network=network,
        seed=seed,
        target=TARGET,
    )
    centred = result.assign_coords(time=result.time + result.attrs["record_dt_s"] / 2)
    return centred.sel(time=slice(AWAKE, None))


def mean_field(seed: int) -> MeanField:
    """Return what was measured on one large network.

    The noise of one network is known to a fifth, so it is the mean of all.
    """
    large = loop_table().query("n_E == @LARGE.n_E").set_index("seed")
    one = large.loc[seed]
    return MeanField(
        n_E=LARGE.n_E,
        rate_I=one.rate_I_hz * Hz,
        rate_I_exponent=one.rate_I_exponent,
        kappa=one.kappa_hz * Hz,
        heterogeneity=one.h,
        lead=one.lead_s * second,
        fano_factor=large.fano_1s.mean(),
    )


def predicted_courses(
    rule: Parameters, seed: int, duration: float, trials: int
) -> xr.DataArray:
    """Return rates of the mean field, from the start of `displaced`."""
    result = simulate_mean_field(
        rule,
        mean_field(seed),
        duration * second,
        offset=OFFSET,
        trials=trials,
        seed=seed,
    )
    return result.rate_E.sel(time=slice(AWAKE, None))


def fitted(rate: xr.DataArray, rule: Parameters) -> xr.Dataset:
    """Return the fit of a ringing, which starts from the theory."""
    K, tau_H = gain(rule), rule.global_factor.tau_H
    expected = theory.ringing_period(K, tau_H), theory.damping_time(K, tau_H)
    return fit_ringings(rate, *expected)


def swings(rate: xr.DataArray) -> xr.DataArray:
    """Return how often the rate changes the side of its target."""
    binned = rate.coarsen(time=SWING_BINS, boundary="trim").mean()
    return count_swings(binned, ZENKE_2015.target_rate, SWING)


def ring(eta_s: float, tau_H_s: float, seed: int) -> dict[str, list[dict]]:
    """Measure how one network rings."""
    rule = rule_at(eta_s, tau_H_s)
    result = displaced(rule, seed, 5 * tau_H_s)
    fit = fitted(result.rate_E, rule)
    point = {"eta_s": eta_s, "tau_H_s": tau_H_s, "seed": seed}
    row = point | {
        "period_s": round(float(fit.period), 4),
        "damping_s": round(float(fit.damping_time), 3),
        "mean_hz": round(float(fit["mean"]), 4),
        "swings": int(swings(result.rate_E)),
    }
    shown = (eta_s, tau_H_s) in COURSES
    return {
        "stability_rings.csv": [row],
        "stability_courses.csv": [point | r for r in binned(result)] if shown else [],
    }


def creep(eta_s: float, tau_H_s: float, seed: int) -> dict[str, list[dict]]:
    """Return how one network comes home without ringing."""
    point = {"eta_s": eta_s, "tau_H_s": tau_H_s, "seed": seed}
    result = displaced(rule_at(eta_s, tau_H_s), seed, 50)
    return {"stability_creep.csv": [point | row for row in binned(result)]}


def prediction(eta_s: float, tau_H_s: float, seed: int) -> dict[str, list[dict]]:
    """Fit courses of the mean field in the same way."""
    rule = rule_at(eta_s, tau_H_s)
    rate = predicted_courses(rule, seed, 5 * tau_H_s, TRIALS)
    fit = fitted(rate, rule)
    mean, spread = fit.mean("trial"), fit.std("trial", ddof=1)
    row = {
        "eta_s": eta_s,
        "tau_H_s": tau_H_s,
        "seed": seed,
        "trials": TRIALS,
        "period_s": round(float(mean.period), 4),
        "damping_s": round(float(mean.damping_time), 3),
        "period_sd_s": round(float(spread.period), 4),
        "damping_sd_s": round(float(spread.damping_time), 3),
        "swings": round(float(swings(rate).mean()), 2),
    }
    return {"stability_predicted.csv": [row]}


def gain_at(eta_s: float, tau_H_s: float, seed: int) -> dict[str, list[dict]]:
    """Fit the gain of one network, and count its swings."""
    lead = loop_table().query("n_E == @LARGE.n_E").lead_s.mean() * second
    rule = rule_at(eta_s, tau_H_s)
    K = gain(rule)
    duration = round(min(60, max(8, 5 * tau_H_s, 6 / float(K))))
    rate = displaced(rule, seed, duration).rate_E
    course = rate.time.values, rate.values, tau_H_s * second, K
    predicted = predicted_courses(rule, seed, duration, TRIALS_OF_MAP)
    row = {
        "eta_s": eta_s,
        "tau_H_s": tau_H_s,
        "seed": seed,
        "duration_s": duration,
        "gain_hz": round(float(fit_gain(*course)), 5),
        "gain_with_lead_hz": round(float(fit_gain(*course, lead)), 5),
        "swings": int(swings(rate)),
        "predicted_swings": round(float(swings(predicted).mean()), 2),
    }
    return {"stability_map.csv": [row]}


def strong(n_E: int, eta_s: float, tau_H_s: float, seed: int) -> dict[str, list[dict]]:
    """Measure a network whose gain is far beyond those of the other tables."""
    result = displaced(rule_at(eta_s, tau_H_s), seed, 60, NETWORKS[n_E])
    late = result.sel(time=slice(40, None))
    row = {
        "n_E": n_E,
        "eta_s": eta_s,
        "tau_H_s": tau_H_s,
        "seed": seed,
        "late_rate_hz": round(float(late.rate_E.mean()), 4),
        "late_sd_hz": round(float(late.rate_E.std()), 4),
        "late_sd_of_H_hz": round(float(late.H.std()), 5),
        "w_end": round(float(result.end_w.mean()), 4),
        "w_end_sd": round(float(result.end_w.std()), 4),
    }
    return {"stability_strong.csv": [row]}


def late(eta_s: float, seed: int) -> dict[str, list[dict]]:
    """Measure the swings of a network whose global factor comes late."""
    rule = ZENKE_2015.replace(eta=eta_s * second, tau_H=LATE_TAU_H)
    result = simulate_late_sensor(
        rule.replace(w_0=weight(SMALL.n_E, seed) - OFFSET),
        LAG,
        60 * second,
        network=SMALL,
        seed=seed,
        target=TARGET,
    ).sel(time=slice(AWAKE, None))
    linear = result.sel(time=slice(None, LATE_LINEAR))
    fit = fit_ringings(linear.rate_E, 9 * second, 20 * second)
    point = {"eta_s": eta_s, "seed": seed}
    row = point | {
        "period_s": round(float(fit.period), 3),
        "decay_hz": round(float(fit.decay), 5),
    }
    shown = eta_s in LATE_COURSES
    rows = [point | row for row in binned(result)] if shown else []
    return {"stability_late.csv": [row], "stability_late_courses.csv": rows}


def binned(result: xr.Dataset) -> Iterator[dict]:
    """Yield the rate in bins of 0.3 s."""
    bins = result.coarsen(time=3, boundary="trim").mean()
    for t, rate in zip(bins.time, bins.rate_E, strict=True):
        yield {"time_s": round(float(t), 3), "rate_E_hz": round(float(rate), 3)}


def at(pairs: Sequence[tuple[float, float]], seeds: Sequence[int]) -> list[dict]:
    """Return points for pairs of learning rate and time constant."""
    return [
        {"eta_s": eta, "tau_H_s": tau_H, "seed": seed}
        for (eta, tau_H), seed in product(pairs, seeds)
    ]


LOOP = ("stability_loop.csv",)
MEASUREMENTS = (
    Measurement(
        tables=LOOP,
        points=points(n_E=tuple(NETWORKS), seed=SEEDS),
        measure=loop,
        needs=("network_phi.csv",),
    ),
    Measurement(
        tables=("stability_rings.csv", "stability_courses.csv"),
        points=at(RINGS, SEEDS),
        measure=ring,
        needs=LOOP,
    ),
    Measurement(
        tables=("stability_creep.csv",),
        points=at(CREEP, SEEDS),
        measure=creep,
        needs=LOOP,
    ),
    Measurement(
        tables=("stability_predicted.csv",),
        points=at(RINGS, SEEDS),
        measure=prediction,
        needs=LOOP,
        simulated=False,
    ),
    Measurement(
        tables=("stability_steps.csv",),
        points=points(seed=SEEDS),
        measure=steps,
        needs=LOOP,
    ),
    Measurement(
        tables=("stability_strong.csv",),
        points=[
            {"n_E": network.n_E, "eta_s": eta, "tau_H_s": tau_H, "seed": seed}
            for (network, eta, tau_H), seed in product(STRONG, SEEDS)
        ],
        measure=strong,
        needs=LOOP,
    ),
    Measurement(
        tables=("stability_map.csv",),
        points=at(MAP, SEEDS[:2]),
        measure=gain_at,
        needs=LOOP,
    ),
    Measurement(
        tables=("stability_late.csv", "stability_late_courses.csv"),
        points=points(eta_s=LATE, seed=SEEDS),
        measure=late,
        needs=LOOP,
    ),
)

if __name__ == "__main__":
    for measurement in MEASUREMENTS:
        measurement.write()
