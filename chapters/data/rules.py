"""Run the network of chapter 7 under every rule, over several seeds.

Writes beside itself rules_runs.csv (60 s in a few numbers), rules_courses.csv (their
rates), rules_cells.csv (spikes of each cell in the last 10 s, one seed) and
rules_frozen.csv (what the cells do when learning stops). Takes ten minutes on one
core, and a C++ compiler.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from brian2 import Hz, second
from network import course, run, summary
from tables import write_table

from homeo import ZENKE_2015, NetworkParameters, Parameters, theory
from homeo.network import simulate_network

SEEDS = range(1, 6)

#: The network of the Lab: its cells have as many synapses as those of the large one.
SMALL = NetworkParameters(n_E=400, n_I=100, p=0.25)

#: Mean rate of the inhibitory cells at the target, from network_phi.csv.
RATE_I = 26.1 * Hz

#: Start: learning rate of the paper's rule (s), and weight.
STARTS = {"too active": (1e-4, 0.05), "too silent": (1e-3, 2.0)}

RULES = ("zenke_2015", "brian_example", "vogels_2011")
FROZEN = ("zenke_2015", "vogels_2011")

#: Cells that learn and are then frozen are counted in the last window of learning, and
#: in two windows after they have woken up again.
LEARNING, WINDOW, AWAKE = 40 * second, 10 * second, 2 * second


def comparable(rule: str, eta: float) -> Parameters:
    """Return a rule that is as fast near the target as the paper's."""
    like = ZENKE_2015.replace(tau_H=1 * second, eta=eta * second)
    own = {} if rule != "vogels_2011" else {"eta": 1.0, "rho_0": 4 * Hz}
    other = like.replace(rule=rule, **own)
    return other.replace(eta=theory.comparable_learning_rate(other, like, RATE_I))


def conditions() -> Iterator[tuple[str, str, Parameters, bool]]:
    """Yield start, rule, its parameters, and whether the synapses learn."""
    for start, (eta, w_0) in STARTS.items():
        for rule in RULES:
            yield start, rule, comparable(rule, eta).replace(w_0=w_0), True
        yield start, "none", comparable("zenke_2015", eta).replace(w_0=w_0), False
    # The learning rate of network_reference.csv for the rule of Vogels et al.
    slow = comparable("vogels_2011", 1e-4).replace(eta=1e-3, w_0=0.05)
    yield "too active, slower", "vogels_2011", slow, True


def frozen(rule: Parameters, seed: int) -> dict:
    """Return how far cells are apart while they learn, and with frozen weights.

    The same cells are counted in two windows. What both counts share is the cells'
    own rates; the rest is the noise of counting.
    """
    options = {
        "network": SMALL,
        "end_window": WINDOW,
        "seed": seed,
        "target": "cpp_standalone",
    }
    learned = simulate_network(rule, LEARNING, **options)
    held = {"plastic": False, "start_weights": learned.end_w.values}
    windows = [
        simulate_network(rule, AWAKE + n * WINDOW, **held, **options).end_rate_E
        for n in (1, 2)
    ]
    covariance = np.cov(windows)
    whole, shared = np.trace(covariance) / 2, covariance[0, 1]
    return {
        "learning_hz": round(float(learned.end_rate_E.std(ddof=1)), 4),
        "frozen_hz": round(float(np.sqrt(whole)), 4),
        "own_rates_hz": round(float(np.sqrt(shared)), 4),
        "counting_hz": round(float(np.sqrt(whole - shared)), 4),
    }


def main() -> None:
    """Run all and write the tables."""
    courses, cells = [], {}

    def runs() -> Iterator[dict]:
        for start, name, rule, plastic in conditions():
            for seed in SEEDS:
                result = run(rule, seed, plastic=plastic, network=SMALL)
                run_of = {"start": start, "rule": name, "seed": seed}
                courses.extend(
                    run_of | {key: row[key] for key in ("time_s", "rate_E_hz")}
                    for row in course(result)
                )
                if seed == SEEDS[0]:
                    spikes = result.end_rate_E * float(result.end_window)
                    cells[f"{start}, {name}"] = np.rint(spikes.values).astype(int)
                yield (
                    run_of
                    | {"eta": float(f"{float(rule.synapse.eta):.6g}")}
                    | summary(result)
                )

    write_table("rules_runs.csv", runs())
    write_table("rules_courses.csv", courses)
    write_table("rules_cells.csv", pd.DataFrame(cells).to_dict("records"))
    write_table(
        "rules_frozen.csv",
        (
            {"start": start, "rule": name, "seed": seed} | frozen(rule, seed)
            for start, name, rule, _ in conditions()
            if name in FROZEN
            for seed in SEEDS
        ),
    )


if __name__ == "__main__":
    main()
