r"""The rate estimate H: its mean, its variance, and what the time step adds."""

from __future__ import annotations

import numpy as np
from brian2 import Hz, Quantity

from ..arguments import Instance, Values, checked, rates, times
from ..parameters import GlobalFactorParameters

SINCE_THE_STEP = times(
    "Time since the step, ``np.inf * second`` for the stationary value",
    at_least=0,
    ndim=None,
    finite=False,
)
AFTER_THE_STEP = rates("Population rate after the step", at_least=0, ndim=None)
PARAMETERS = Instance(
    meaning="Time constant, population size and initial estimate",
    kind=GlobalFactorParameters,
)


@checked(t=SINCE_THE_STEP, rate=AFTER_THE_STEP, parameters=PARAMETERS)
def H_mean(t: Quantity, rate: Quantity, parameters: GlobalFactorParameters) -> Quantity:
    r"""Return the expected rate estimate after a step of the population rate.

    .. math:: \langle H(t) \rangle = r + (H(0) - r)\, e^{-t/\tau_H}

    Returns
    -------
    Quantity
        The mean, in Hz, with the shape of `t` and `rate`.

    Examples
    --------
    >>> from brian2 import Hz, second
    >>> from homeo import ZENKE_2015
    >>> H_mean([0, 10] * second, 5 * Hz, ZENKE_2015.global_factor)
    array([4.        , 4.63212056]) * hertz
    """
    return _relaxed(t, rate, parameters.H_0, parameters.tau_H)


@checked(
    t=SINCE_THE_STEP,
    rate=AFTER_THE_STEP,
    parameters=PARAMETERS,
    initial=Values(
        meaning="Variance at the step, zero by default",
        unit=Hz**2,
        at_least=0,
        ndim=None,
        or_none=True,
    ),
)
def H_variance(
    t: Quantity,
    rate: Quantity,
    parameters: GlobalFactorParameters,
    initial: Quantity | None = None,
) -> Quantity:
    r"""Return the variance of the rate estimate after a step of the rate.

    .. math::

        \mathrm{Var}[H(t)] = \frac{r}{2 N \tau_H} (1 - e^{-2t/\tau_H})
                             + \mathrm{Var}[H(0)]\, e^{-2t/\tau_H}

    Campbell's theorem for shot noise with an exponential kernel, applied to
    the summed spike train of *N* independent Poisson neurons.

    Returns
    -------
    Quantity
        The variance, in Hz², with the shape of `t` and `rate`.

    Examples
    --------
    >>> import numpy as np
    >>> from brian2 import Hz, second
    >>> from homeo import BRIAN_EXAMPLE
    >>> float(H_variance(np.inf * second, 5 * Hz, BRIAN_EXAMPLE.global_factor))
    0.025
    """
    start = 0 * Hz**2 if initial is None else initial
    return _relaxed(t, _stationary(rate, parameters), start, parameters.tau_H / 2)


@checked(
    rate=rates("Population rate in each interval, shape ``(m,)``", at_least=0, ndim=1),
    interval=times("Length of an interval", above=0),
    parameters=PARAMETERS,
)
def H_course(
    rate: Quantity, interval: Quantity, parameters: GlobalFactorParameters
) -> tuple[Quantity, Quantity]:
    """Return mean and variance of the rate estimate while the rate changes in steps.

    Returns
    -------
    mean, variance : Quantity
        At the start of each interval, in Hz and Hz², shape ``(m,)``.

    Examples
    --------
    >>> from brian2 import Hz, second
    >>> from homeo import BRIAN_EXAMPLE
    >>> mean, variance = H_course([5, 0] * Hz, 1 * second, BRIAN_EXAMPLE.global_factor)
    >>> float(mean[1].round(3))
    5.0
    """
    tau_H = parameters.tau_H
    mean, variance = [parameters.H_0], [0 * Hz**2]
    for r in rate[:-1]:
        end = _stationary(r, parameters)
        mean.append(_relaxed(interval, r, mean[-1], tau_H))
        variance.append(_relaxed(interval, end, variance[-1], tau_H / 2))
    return Quantity(mean), Quantity(variance)


def _stationary(rate: Quantity, parameters: GlobalFactorParameters) -> Quantity:
    return rate / (2 * parameters.N * parameters.tau_H)


def _relaxed(t: Quantity, end: Quantity, start: Quantity, tau: Quantity) -> Quantity:
    x = np.asarray(t / tau)
    return start * np.exp(-x) - end * np.expm1(-x)


@checked(
    dt=times("Time step", at_least=0),
    tau=times("Time constant", above=0),
)
def clock_driven_gain(dt: Quantity, tau: Quantity) -> float:
    r"""Return how much too high a clock-driven filter reads on average.

    .. math:: \frac{x}{1 - e^{-x}} \approx 1 + \frac{x}{2}, \qquad x = dt/\tau

    A filter that decays by :math:`e^{-x}` in every time step, and then takes in
    the spikes of the step, forgets none of the time in which they came. Exact
    where it is read after these spikes. The square of H decays with
    :math:`\tau_H/2`: its variance is too large by the gain for that constant.

    Returns
    -------
    float
        The factor, 1 in continuous time.

    Examples
    --------
    >>> from brian2 import ms
    >>> round(float(clock_driven_gain(1 * ms, 50 * ms)), 4)
    1.01
    """
    x = float(dt / tau)
    return 1.0 if x == 0 else float(-x / np.expm1(-x))
