"""Measure the closed loop of chapter 5 over several seeds.

Writes beside itself network_phi.csv (rates with plasticity off), network_runs.csv
(60 s with plasticity on, in a few numbers) and network_courses.csv (their courses).
Takes some minutes on one core, and a C++ compiler.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from time import perf_counter

import numpy as np
import xarray as xr
from brian2 import second
from tables import Measurement, points

from homeo import ZENKE_2015, NetworkParameters, Parameters
from homeo.network import settling_time, simulate_network

SEEDS = range(1, 6)

#: Weights from I to E.
WEIGHTS = (0.25, 0.30, 0.33, 0.36, 0.40, 0.45, 0.50)
PHI_DURATION, PHI_START = 12 * second, 2

#: Rule, learning rate (s), time constant of H (s), weight at the start.
NAMES = ("rule", "eta_s", "tau_H_s", "w_0", "seed")
STARTS = (
    ("zenke_2015", 1e-4, 1, 0.05),
    ("zenke_2015", 1e-4, 10, 0.05),
    ("zenke_2015", 1e-3, 1, 2.0),
    ("zenke_2015", 1e-4, 1, 2.0),
    ("brian_example", 1e-3, 1, 2.0),
    ("brian_example", 1e-4, 1, 2.0),
)
RUN_DURATION = 60 * second


def phi(seed: int, w: float) -> dict[str, list[dict]]:
    """Measure the rates of one network at one weight, from 2 s on."""
    result = simulate_network(
        ZENKE_2015.replace(w_0=w),
        PHI_DURATION,
        plastic=False,
        seed=seed,
        target="cpp_standalone",
    ).sel(time=slice(PHI_START, None))
    row = {
        "seed": seed,
        "w": w,
        "rate_E_hz": round(float(result.rate_E.mean()), 4),
        "rate_I_hz": round(float(result.rate_I.mean()), 4),
    }
    return {"network_phi.csv": [row]}


def run(
    rule: Parameters,
    seed: int,
    *,
    plastic: bool = True,
    network: NetworkParameters | None = None,
) -> xr.Dataset:
    """Return one run, which knows how long it took."""
    start = perf_counter()
    result = simulate_network(
        rule,
        RUN_DURATION,
        network=network,
        plastic=plastic,
        seed=seed,
        target="cpp_standalone",
    )
    return result.assign_attrs(wall_s=perf_counter() - start)


def summary(result: xr.Dataset) -> dict:
    """Return how one network settles, and how far its cells are from each other."""
    end = result.end_rate_E
    return {
        "end_rate_hz": round(float(end.mean()), 4),
        "lowest_1s_hz": round(float(result.rate_E.coarsen(time=10).mean().min()), 4),
        "settle_s": round(settling_time(result), 1),
        "sd_of_cells_hz": round(float(end.std()), 3),
        "silent_cells": round(float(np.mean(end == 0)), 4),
        "w_end": round(float(result.w[-1]), 4),
        "wall_s": round(result.attrs["wall_s"], 1),
    }


def course(result: xr.Dataset) -> Iterator[dict]:
    """Yield rates and mean weight, averaged over half a second."""
    half_seconds = result.coarsen(time=5).mean()
    for k, middle in enumerate(half_seconds.time.values):
        yield {
            "time_s": round(float(middle) + result.attrs["record_dt_s"] / 2, 2),
            "rate_E_hz": round(float(half_seconds.rate_E[k]), 3),
            "rate_I_hz": round(float(half_seconds.rate_I[k]), 2),
            "H_hz": round(float(half_seconds.H[k]), 3),
            "w": round(float(half_seconds.w[k]), 5),
        }


def closed_loop(
    rule: str, eta_s: float, tau_H_s: float, w_0: float, seed: int
) -> dict[str, list[dict]]:
    """Measure one network with plasticity on."""
    point = {"rule": rule, "eta_s": eta_s, "tau_H_s": tau_H_s, "w_0": w_0, "seed": seed}
    model = ZENKE_2015.replace(
        rule=rule, eta=eta_s * second, tau_H=tau_H_s * second, w_0=w_0
    )
    result = run(model, seed)
    return {
        "network_runs.csv": [point | summary(result)],
        "network_courses.csv": [point | row for row in course(result)],
    }


MEASUREMENTS = (
    Measurement(
        tables=("network_phi.csv",),
        points=points(seed=SEEDS, w=WEIGHTS),
        measure=phi,
    ),
    Measurement(
        tables=("network_runs.csv", "network_courses.csv"),
        points=[
            dict(
                zip(
                    ("rule", "eta_s", "tau_H_s", "w_0", "seed"),
                    (*start, seed),
                    strict=True,
                )
            )
            for start, seed in product(STARTS, SEEDS)
        ],
        measure=closed_loop,
    ),
)

if __name__ == "__main__":
    for measurement in MEASUREMENTS:
        measurement.write()
