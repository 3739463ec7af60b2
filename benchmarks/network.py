"""What a second of the recurrent network costs on every target.

Each target runs the network twice, once for longer. The difference is what the
biological time takes; the rest of the first run is setting up and compiling.
Processor time counts too, because it says what wall time would be on a machine that
does nothing else.
"""

from __future__ import annotations

import os
from time import perf_counter

from brian2 import second

from homeo import ZENKE_2015
from homeo.network import simulate_network

#: Near its equilibrium: the rates stay at 4 and 27 Hz.
RULE = ZENKE_2015.replace(eta=1e-4 * second, tau_H=1 * second, w_0=0.37)

#: Seconds of biological time: a short run, and how much longer the long one is.
SHORT = 0.5
LONGER = {"numpy": 3.0, "cython": 5.0, "cpp_standalone": 60.0}


def seconds(target: str, duration: float) -> tuple[float, float]:
    """Return wall and processor time of one run, set-up included."""
    start, used = perf_counter(), sum(os.times()[:4])
    simulate_network(RULE, duration * second, seed=1, target=target)
    return perf_counter() - start, sum(os.times()[:4]) - used


def main() -> None:
    """Measure every target and print a table."""
    print("1000 + 250 cells; seconds for each biological second, and to set up")
    print(f"{'target':>15} {'measured':>9} {'wall':>8} {'processor':>10} {'set-up':>8}")
    for target, longer in LONGER.items():
        first, _ = seconds(target, SHORT)
        again = seconds(target, SHORT)
        long = seconds(target, SHORT + longer)
        wall, processor = ((b - a) / longer for a, b in zip(again, long, strict=True))
        print(
            f"{target:>15} {longer:>7.0f} s {wall:>8.3f} {processor:>10.3f} "
            f"{first - SHORT * wall:>8.1f}"
        )


if __name__ == "__main__":
    main()
