"""What it costs to hand one number to many synapses: the data of chapter 2.

    .venv/bin/python benchmarks/sharing.py

Prints the median wall time of one time step without spikes on the numpy target,
for each way and each number of synapses, and writes it to
``chapters/data/sharing_cost.csv``.
"""

from __future__ import annotations

import platform
import statistics
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from brian2 import NetworkOperation, NeuronGroup, Synapses, linked_var, ms

from homeo.runs.simulation import run, simulation

RESULT = Path(__file__).parents[1] / "chapters" / "data" / "sharing_cost.csv"
SIZES = (1, 100, 1000, 10_000, 100_000)
WAYS = ("linked", "summed", "copied", "clock-driven trace")
STEPS = 1000
REPEATS = 9


def build(way: str, n: int) -> list:
    """Build n synapses that get G in one of the ways, and the objects it needs."""
    factor = NeuronGroup(1, "G : Hz", namespace={})
    neurons = NeuronGroup(n, "G_here : Hz", threshold="False", reset="", namespace={})
    updates = "clock-driven" if way == "clock-driven trace" else "event-driven"
    flag = "" if way == "copied" else "(linked)"
    synapses = Synapses(
        neurons,
        neurons,
        f"G : Hz {flag}\ndz/dt = -z/(20*ms) : 1 ({updates})",
        on_pre="z += 1",
        method="exact",
        namespace={},
    )
    synapses.connect(i=np.arange(n), j=np.arange(n))
    objects = [factor, neurons, synapses]
    if way == "copied":

        def copy() -> None:
            synapses.G = factor.G[0]

        return [*objects, NetworkOperation(copy)]
    synapses.G = linked_var(factor, "G")
    if way == "summed":
        tell = Synapses(factor, neurons, "G_here_post = G_pre : Hz (summed)")
        tell.connect(i=np.zeros(n, dtype=int), j=np.arange(n))
        objects.append(tell)
    return objects


def step_time(way: str, n: int) -> float:
    """Return the median time of a step in µs, without what a run costs to begin."""
    dt = 0.1 * ms
    with simulation(target="numpy", seed=0, dt=dt) as network:
        network.add(*build(way, n))
        run(network, dt)
        times = {1: [], 1 + STEPS: []}
        for _ in range(REPEATS):
            for steps, seconds in times.items():
                start = time.perf_counter()
                run(network, steps * dt)
                seconds.append(time.perf_counter() - start)
    short, long = (statistics.median(seconds) for seconds in times.values())
    return (long - short) / STEPS * 1e6


def main() -> None:
    """Measure, print and write."""
    costs = pd.DataFrame(
        {way: [step_time(way, n) for n in SIZES] for way in WAYS},
        index=pd.Index(SIZES, name="synapses"),
    ).round(1)
    print(costs.to_string())
    ratios = costs.div(costs["linked"], axis="index").round(1)
    print("As a multiple of linked:", ratios.to_string(), sep="\n")
    with RESULT.open("w") as file:
        file.write(
            "# Median wall time of one step in µs, from benchmarks/sharing.py:"
            f" numpy target, {REPEATS} repeats, Brian2 {version('Brian2')},"
            f" NumPy {version('numpy')}, Python {platform.python_version()}\n"
        )
        costs.to_csv(file)


if __name__ == "__main__":
    main()
