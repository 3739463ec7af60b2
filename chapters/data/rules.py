"""Run the network of chapter 7 under every rule, over several seeds.

Writes beside itself rules_runs.csv (60 s in a few numbers), rules_courses.csv (their
rates), rules_cells.csv (spikes of each cell in the last 10 s, one seed),
rules_windows.csv (how far cells are apart if one counts for longer), rules_long.csv
(Vogels' rule for five minutes) and rules_frozen.csv (what the cells do when learning
stops). Takes fifteen minutes on one core, and a C++ compiler. Needs network_phi.csv.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
from brian2 import Hz, Quantity, second
from network import course, run, summary
from tables import HERE, Measurement, points

from homeo import SMALL_NETWORK, ZENKE_2015, Parameters, theory
from homeo.network import simulate_network

SEEDS = range(1, 6)

#: Start: learning rate of the paper's rule (s), and weight.
STARTS = {"too active": (1e-4, 0.05), "too silent": (1e-3, 2.0)}

RULES = ("zenke_2015", "brian_example", "vogels_2011")
FROZEN = ("zenke_2015", "vogels_2011")

#: Cells that learn and are then frozen are counted in the last window of learning, and
#: in two windows after they have woken up again.
LEARNING, WINDOW, AWAKE = 40 * second, 10 * second, 2 * second

#: For how long spikes are counted under Vogels' rule, and after how long (s).
WINDOWS, BEFORE = (10, 30), 60

#: How long Vogels' rule is watched, and over what its rate is averaged (s).
LONG, BIN = 300, 30


def rate_I_at_target() -> Quantity:
    """Return the mean rate of the inhibitory cells at the target."""
    phi = pd.read_csv(HERE / "network_phi.csv", comment="#").groupby("w").mean()
    by_rate = phi.sort_values("rate_E_hz")
    target = float(ZENKE_2015.target_rate)
    return np.interp(target, by_rate.rate_E_hz, by_rate.rate_I_hz) * Hz


def comparable(rule: str, eta: float) -> Parameters:
    """Return a rule that is as fast near the target as the paper's."""
    like = ZENKE_2015.replace(tau_H=1 * second, eta=eta * second)
    own = {} if rule != "vogels_2011" else {"eta": 1.0, "rho_0": 4 * Hz}
    other = like.replace(rule=rule, **own)
    return other.replace(
        eta=theory.comparable_learning_rate(other, like, rate_I_at_target())
    )


#: Start and rule. "slower" is slower than comparable: how the spread of the counts
#: depends on the learning rate.
CONDITIONS = (
    *product(STARTS, (*RULES, "none")),
    ("too active, slower", "vogels_2011"),
)


def model_of(start: str, rule: str) -> Parameters:
    """Return the parameters of a condition; where nothing learns, the paper's."""
    eta, w_0 = STARTS[start.removesuffix(", slower")]
    model = comparable("zenke_2015" if rule == "none" else rule, eta).replace(w_0=w_0)
    return model.replace(eta=1e-3) if start.endswith("slower") else model


def closed_loop(start: str, rule: str, seed: int) -> dict[str, list[dict]]:
    """Measure one network, and the spikes of its cells if it is the first."""
    model = model_of(start, rule)
    result = run(model, seed, plastic=rule != "none", network=SMALL_NETWORK)
    point = {"start": start, "rule": rule, "seed": seed}
    eta = {"eta": float(f"{float(model.synapse.eta):.6g}")}
    spikes = np.rint(result.end_rate_E.values * float(result.end_window)).astype(int)
    return {
        "rules_runs.csv": [point | eta | summary(result)],
        "rules_courses.csv": [
            point | {key: row[key] for key in ("time_s", "rate_E_hz")}
            for row in course(result)
        ],
        "rules_cells.csv": [
            {"start": start, "rule": rule, "cell": cell, "spikes": int(n)}
            for cell, n in enumerate(spikes)
        ]
        if seed == SEEDS[0]
        else [],
    }


def frozen(start: str, rule: str, seed: int) -> dict[str, list[dict]]:
    """Measure how far cells are apart while they learn, and with frozen weights.

    The same cells are counted in two windows. What both counts share is the cells'
    own rates; the rest is the noise of counting.
    """
    options = {
        "network": SMALL_NETWORK,
        "end_window": WINDOW,
        "seed": seed,
        "target": "cpp_standalone",
    }
    model = model_of(start, rule)
    learned = simulate_network(model, LEARNING, **options)
    held = {"plastic": False, "start_weights": learned.end_w.values}
    windows = [
        simulate_network(model, AWAKE + n * WINDOW, **held, **options).end_rate_E
        for n in (1, 2)
    ]
    covariance = np.cov(windows)
    whole, shared = np.trace(covariance) / 2, covariance[0, 1]
    row = {
        "start": start,
        "rule": rule,
        "seed": seed,
        "learning_hz": round(float(learned.end_rate_E.std(ddof=1)), 4),
        "frozen_hz": round(float(np.sqrt(whole)), 4),
        "own_rates_hz": round(float(np.sqrt(shared)), 4),
        "counting_hz": round(float(np.sqrt(whole - shared)), 4),
    }
    return {"rules_frozen.csv": [row]}


def window(window_s: float, seed: int) -> dict[str, list[dict]]:
    """Measure how far cells are apart under Vogels' rule, if counted for some time."""
    result = simulate_network(
        model_of("too active", "vogels_2011"),
        (BEFORE + window_s) * second,
        network=SMALL_NETWORK,
        end_window=window_s * second,
        seed=seed,
        target="cpp_standalone",
    )
    row = {
        "window_s": window_s,
        "seed": seed,
        "end_rate_hz": round(float(result.end_rate_E.mean()), 4),
        "sd_of_cells_hz": round(float(result.end_rate_E.std()), 4),
    }
    return {"rules_windows.csv": [row]}


def long_run(seed: int) -> dict[str, list[dict]]:
    """Watch one network under Vogels' rule for minutes."""
    model = model_of("too active", "vogels_2011")
    options = {"network": SMALL_NETWORK, "seed": seed, "target": "cpp_standalone"}
    result = simulate_network(model, LONG * second, record_dt=1 * second, **options)
    means = result[["rate_E", "w"]].coarsen(time=BIN).mean()
    return {
        "rules_long.csv": [
            {
                "seed": seed,
                "time_s": start + BIN / 2,
                "rate_E_hz": round(float(rate), 4),
                "w": round(float(w), 5),
            }
            for start, rate, w in zip(
                range(0, LONG, BIN), means.rate_E, means.w, strict=True
            )
        ]
    }


NEEDS = ("network_phi.csv",)
MEASUREMENTS = (
    Measurement(
        tables=("rules_runs.csv", "rules_courses.csv", "rules_cells.csv"),
        points=[
            {"start": start, "rule": rule, "seed": seed}
            for (start, rule), seed in product(CONDITIONS, SEEDS)
        ],
        measure=closed_loop,
        needs=NEEDS,
    ),
    Measurement(
        tables=("rules_windows.csv",),
        points=points(window_s=WINDOWS, seed=SEEDS),
        measure=window,
        needs=NEEDS,
    ),
    Measurement(
        tables=("rules_long.csv",),
        points=points(seed=SEEDS[:3]),
        measure=long_run,
        needs=NEEDS,
    ),
    Measurement(
        tables=("rules_frozen.csv",),
        points=[
            {"start": start, "rule": rule, "seed": seed}
            for (start, rule), seed in product(CONDITIONS, SEEDS)
            if rule in FROZEN
        ],
        measure=frozen,
        needs=NEEDS,
    ),
)

if __name__ == "__main__":
    for measurement in MEASUREMENTS:
        measurement.write()
