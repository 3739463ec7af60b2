"""What a population costs, pooled and in full, as it grows.

Prints the median time of a run, and the ratio to the smallest population.
"""

from __future__ import annotations

from statistics import median
from time import perf_counter

from brian2 import Hz, ms

from homeo import BRIAN_EXAMPLE, simulate_global_factor

SIZES = {
    "pooled": (1_000, 10_000, 100_000, 1_000_000),
    "full": (1_000, 10_000, 100_000),
}
REPEATS = 5
DURATION = 100 * ms


def seconds(population: str, size: int) -> float:
    """Return the time that one run takes, set-up included."""
    parameters = BRIAN_EXAMPLE.replace(N=size)
    start = perf_counter()
    simulate_global_factor(parameters, 5 * Hz, DURATION, population=population, seed=1)
    return perf_counter() - start


def main() -> None:
    """Measure every population size and print a table."""
    seconds("pooled", 1)  # imports and caches
    print(f"{DURATION} of activity at 5 Hz, numpy target, median of {REPEATS} runs")
    print(f"{'N':>9}  {'pooled':>9} {'ratio':>6}  {'full':>9} {'ratio':>6}")
    first = {}
    for size in SIZES["pooled"]:
        row = f"{size:>9}"
        for population, sizes in SIZES.items():
            if size in sizes:
                time = median(seconds(population, size) for _ in range(REPEATS))
                ratio = time / first.setdefault(population, time)
                row += f"  {time:>7.3f} s {ratio:>6.2f}"
        print(row)


if __name__ == "__main__":
    main()
