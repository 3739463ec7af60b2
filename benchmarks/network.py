"""What a second of the recurrent network costs on every target.

Each target runs the network twice, once for longer. The difference is what the
biological time takes; the rest of the first run is setting up and compiling.
Processor time counts too, because it says what wall time would be on a machine that
does nothing else.
"""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import pandas as pd
from brian2 import prefs, second

from homeo import ZENKE_2015
from homeo.network import simulate_network
from homeo.runs.simulation import TARGETS

#: Near its equilibrium: the rates stay at 4 and 27 Hz.
RULE = ZENKE_2015.replace(eta=1e-4 * second, tau_H=1 * second, w_0=0.37)

#: Seconds of biological time: a short run, and how much longer the long one is.
SHORT, LONGER = 0.5, 60.0

TABLE = Path(__file__).parents[1] / "chapters" / "data" / "network_cost.csv"


def seconds(target: str, duration: float) -> tuple[float, float]:
    """Return wall and processor time of one run, set-up included."""
    start, used = perf_counter(), sum(os.times()[:4])
    simulate_network(RULE, duration * second, seed=1, target=target)
    return perf_counter() - start, sum(os.times()[:4]) - used


def cost(target: str) -> dict:
    """Return what a biological second costs on one target, and the set-up."""
    first, _ = seconds(target, SHORT)
    again, long = seconds(target, SHORT), seconds(target, SHORT + LONGER)
    wall, processor = ((b - a) / LONGER for a, b in zip(again, long, strict=True))
    return {
        "target": target,
        "wall": round(wall, 3),
        "processor": round(processor, 3),
        "set-up": round(first - SHORT * wall, 1),
    }


def main() -> None:
    """Measure every target; print the table and write it for chapter 5."""
    with TemporaryDirectory() as folder:
        # Empty caches: the set-up of the compiled targets includes compiling.
        os.environ["XDG_CACHE_HOME"] = folder
        prefs.codegen.runtime.cython.cache_dir = folder
        table = pd.DataFrame(map(cost, TARGETS))
    versions = f"Brian2 {version('brian2')}, NumPy {version('numpy')}"
    with open(TABLE, "w", encoding="utf-8", newline="\n") as file:
        file.write(
            "# Seconds for each biological second of the network of 1000 + 250 cells, "
            f"and to set up, from benchmarks/network.py: {LONGER:.0f} biological "
            f"seconds on each target; {versions}\n"
        )
        table.to_csv(file, index=False, lineterminator="\n")
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
