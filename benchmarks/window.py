"""What a grid of experiments costs as one run and as many: the data of chapter 4.

    .venv/bin/python benchmarks/window.py

Times the STDP window of 101 lags and 21 values of G on the numpy target, as one run
and point by point. Of the 2121 separate runs 20 are measured, drawn at random; the
rest are extrapolated from their mean. Prints the times and writes them to
``chapters/data/window_cost.csv``.
"""

from __future__ import annotations

import platform
import statistics
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from brian2 import Hz, Quantity, ms, second

from homeo import ZENKE_2015, simulate_window

RESULT = Path(__file__).parents[1] / "chapters" / "data" / "window_cost.csv"
MODEL = ZENKE_2015.replace(eta=5e-3 * second, w_0=0, w_min=None, w_max=None).synapse
LAGS = np.linspace(-100, 100, 101) * ms
GS = np.linspace(-10, 10, 21) * Hz
SEPARATE = 20
REPEATS = 7


def seconds(lags: Quantity, G: Quantity) -> float:
    """Return the wall time of one run over a grid."""
    start = time.perf_counter()
    simulate_window(MODEL, lags, G)
    return time.perf_counter() - start


def main() -> None:
    """Measure, print and write."""
    random = np.random.default_rng(1)
    seconds(LAGS, GS)  # imports and caches
    one_run = {
        # Every grid reaches from -100 to 100 ms: the runs are equally long.
        n * m: statistics.median(
            seconds(LAGS[:: 100 // (n - 1)], GS[:m]) for _ in range(REPEATS)
        )
        for n, m in ((2, 1), (5, 1), (21, 1), (101, 1), (101, 21))
    }
    points = random.choice(LAGS.size * GS.size, SEPARATE, replace=False)
    single = [seconds(LAGS[[k // GS.size]], GS[[k % GS.size]]) for k in points]
    total = LAGS.size * GS.size
    costs = pd.DataFrame(
        {
            "one run": pd.Series(one_run),
            "separate runs": pd.Series({n: sum(single[:n]) for n in (1, 5, SEPARATE)}),
            "extrapolated": pd.Series(
                {n: statistics.mean(single) * n for n in (SEPARATE, total)}
            ),
        }
    ).rename_axis("points")
    print(costs.round(3).to_string())
    ratio = costs["extrapolated"][total] / costs["one run"][total]
    print(f"{total} points: one run is {ratio:.0f} times faster")
    with RESULT.open("w") as file:
        file.write(
            "# Wall time in s of the STDP window, from benchmarks/window.py: numpy"
            f" target; one run: median of {REPEATS}; separate runs: {SEPARATE}"
            f" measured, the rest extrapolated; Brian2 {version('brian2')},"
            f" NumPy {version('numpy')}, Python {platform.python_version()}\n"
        )
        costs.round(4).to_csv(file)


if __name__ == "__main__":
    main()
