r"""Closed forms that the simulations are held against.

Each function is one formula: parameters in, numbers out, nothing simulated. What it
is given is checked first, as it is everywhere in the package.
"""

from .estimate import H_course, H_mean, H_variance, clock_driven_gain
from .loop import (
    comparable_learning_rate,
    damping_time,
    lagged_loop_eigenvalues,
    largest_stable_gain,
    loop_course,
    loop_eigenvalues,
    loop_gain,
    restoring_drift,
    ringing_period,
)
from .weights import (
    gain,
    lone_spikes,
    pair_weight_change,
    poisson_drift,
    poisson_variance,
    train_end_effect,
    train_weight_change,
    weight_change,
)

__all__ = [
    "H_mean",
    "H_variance",
    "H_course",
    "clock_driven_gain",
    "gain",
    "lone_spikes",
    "weight_change",
    "pair_weight_change",
    "train_weight_change",
    "train_end_effect",
    "poisson_drift",
    "poisson_variance",
    "restoring_drift",
    "comparable_learning_rate",
    "loop_gain",
    "loop_eigenvalues",
    "ringing_period",
    "damping_time",
    "loop_course",
    "lagged_loop_eigenvalues",
    "largest_stable_gain",
]
