"""Measure the recurrent network of chapter 5 over several seeds.

Writes network_phi.csv (rates with plasticity off) and network_runs.csv (60 s with
plasticity on) beside itself. Takes some minutes on one core, and a C++ compiler.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np
from brian2 import second
from tables import write_table

from homeo import ZENKE_2015
from homeo.network import settling_time, simulate_network

SEEDS = range(1, 6)

#: Weights from I to E, of which `brian_phi_of_w.json` has one network.
WEIGHTS = (0.25, 0.30, 0.33, 0.36, 0.40, 0.45, 0.50)
PHI_DURATION, PHI_START = 12 * second, 2

#: Learning rate (s), time constant of H (s) and weight at the start.
STARTS = ((1e-4, 1, 0.05), (1e-4, 10, 0.05), (1e-3, 1, 2.0), (1e-4, 1, 2.0))
RUN_DURATION = 60 * second


def phi(seed: int, w: float) -> dict:
    """Return the rates of one network at one weight, from 2 s on."""
    result = simulate_network(
        ZENKE_2015.replace(w_0=w),
        PHI_DURATION,
        plastic=False,
        seed=seed,
        target="cpp_standalone",
    ).sel(time=slice(PHI_START, None))
    return {
        "seed": seed,
        "w": w,
        "rate_E_hz": round(float(result.rate_E.mean()), 4),
        "rate_I_hz": round(float(result.rate_I.mean()), 4),
    }


def run(seed: int, eta: float, tau_H: float, w_0: float) -> dict:
    """Return how one network settles, and how far its cells are from each other."""
    rule = ZENKE_2015.replace(eta=eta * second, tau_H=tau_H * second, w_0=w_0)
    start = perf_counter()
    result = simulate_network(rule, RUN_DURATION, seed=seed, target="cpp_standalone")
    return {
        "seed": seed,
        "eta_s": eta,
        "tau_H_s": tau_H,
        "w_0": w_0,
        "end_rate_hz": round(float(result.end_rate_E.mean()), 4),
        "lowest_1s_hz": round(float(result.rate_E.coarsen(time=10).mean().min()), 4),
        "settle_s": round(settling_time(result), 1),
        "sd_of_cells_hz": round(float(result.end_rate_E.std()), 3),
        "silent_cells": round(float(np.mean(result.end_rate_E == 0)), 4),
        "w_end": round(float(result.w[-1]), 4),
        "wall_s": round(perf_counter() - start, 1),
    }


def main() -> None:
    """Measure and write both tables."""
    write_table("network_phi.csv", (phi(seed, w) for seed in SEEDS for w in WEIGHTS))
    write_table(
        "network_runs.csv", (run(seed, *start) for start in STARTS for seed in SEEDS)
    )


if __name__ == "__main__":
    main()
