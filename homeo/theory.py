r"""Closed forms that the simulations are held against.

Each function is one formula: parameters in, numbers out, nothing simulated.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from brian2 import Hz, Quantity

from .parameters import GlobalFactorParameters, SynapseParameters


def H_mean(t: Quantity, rate: Quantity, parameters: GlobalFactorParameters) -> Quantity:
    r"""Return the expected rate estimate after a step of the population rate.

    .. math:: \langle H(t) \rangle = r + (H(0) - r)\, e^{-t/\tau_H}

    Parameters
    ----------
    t : Quantity
        Time since the step; ``np.inf * second`` for the stationary value.
    rate : Quantity
        Population rate after the step.
    parameters : GlobalFactorParameters
        Time constant and initial estimate.

    Returns
    -------
    Quantity
        The mean, in Hz, with the shape of `t`.
    """
    return rate + (parameters.H_0 - rate) * np.exp(-t / parameters.tau_H)


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

    Parameters
    ----------
    t : Quantity
        Time since the step; ``np.inf * second`` for the stationary value.
    rate : Quantity
        Population rate after the step.
    parameters : GlobalFactorParameters
        Time constant and population size.
    initial : Quantity, optional
        Variance at the step, in Hz²; zero by default.

    Returns
    -------
    Quantity
        The variance, in Hz², with the shape of `t`.
    """
    decay = np.exp(-2 * t / parameters.tau_H)
    stationary = rate / (2 * parameters.N * parameters.tau_H)
    return stationary * (1 - decay) + (0 if initial is None else initial * decay)


def H_course(
    rate: Quantity, interval: Quantity, parameters: GlobalFactorParameters
) -> tuple[Quantity, Quantity]:
    """Return mean and variance of the rate estimate while the rate changes in steps.

    Parameters
    ----------
    rate : Quantity
        Population rate in each interval, shape ``(m,)``.
    interval : Quantity
        Length of an interval.
    parameters : GlobalFactorParameters
        Time constant, population size and initial estimate.

    Returns
    -------
    mean, variance : Quantity
        At the start of each interval, in Hz and Hz², shape ``(m,)``.
    """
    mean, variance = [parameters.H_0], [0 * Hz**2]
    for r in rate[:-1]:
        start = replace(parameters, H_0=mean[-1])
        mean.append(H_mean(interval, r, start))
        variance.append(H_variance(interval, r, start, variance[-1]))
    return Quantity(mean), Quantity(variance)


def clock_driven_gain(dt: Quantity, tau: Quantity) -> float:
    r"""Return how much too high a clock-driven filter reads on average.

    .. math:: \frac{x}{1 - e^{-x}} \approx 1 + \frac{x}{2}, \qquad x = dt/\tau

    A filter that decays by :math:`e^{-x}` in every time step, and then takes in
    the spikes of the step, forgets none of the time in which they came. Exact
    where it is read after these spikes. The square of H decays with
    :math:`\tau_H/2`: its variance is too large by the gain for that constant.

    Parameters
    ----------
    dt : Quantity
        Time step.
    tau : Quantity
        Time constant.

    Returns
    -------
    float
        The factor, 1 in continuous time.
    """
    x = float(dt / tau)
    return 1.0 if x == 0 else -x / np.expm1(-x)


def weight_change(
    pre_spikes: Quantity | None,
    post_spikes: Quantity | None,
    G: Quantity,
    parameters: SynapseParameters,
) -> Quantity:
    r"""Return the weight change of given spike trains at constant G, without bounds.

    .. math::

        \Delta w = \eta G \Big[ n + \sum_{k,l} e^{-|t_k - t'_l|/\tau} \Big]

    *n* counts the spikes that carry the "+1": presynaptic ones under the
    paper's rule, postsynaptic ones under the example's. A pair at lag zero
    counts in full.

    Parameters
    ----------
    pre_spikes, post_spikes : Quantity or None
        Spike times; None for a silent neuron.
    G : Quantity
        The global factor, one value or several.
    parameters : SynapseParameters
        The rule, the learning rate and the time constant of the traces.

    Returns
    -------
    Quantity
        The change, in the unit of the weight, with the shape of `G`.
    """
    n_pre, n_post = (0 if s is None else len(s) for s in (pre_spikes, post_spikes))
    unpaired = {"zenke_2015": n_pre, "brian_example": n_post}[parameters.rule]
    paired = 0.0
    if n_pre and n_post:
        lags = np.subtract.outer(np.asarray(post_spikes), np.asarray(pre_spikes))
        paired = np.exp(-np.abs(lags) / float(parameters.tau_stdp)).sum()
    return parameters.eta * G * (unpaired + paired)


def pair_weight_change(
    lag: Quantity, G: Quantity, parameters: SynapseParameters
) -> Quantity:
    r"""Return the weight change of one pair of spikes at constant G, without bounds.

    .. math:: \Delta w = \eta G (1 + e^{-|\Delta|/\tau_\mathrm{STDP}})

    The same for either order and either rule: each counts one "+1".

    Parameters
    ----------
    lag : Quantity
        Postsynaptic minus presynaptic spike time, one value or several.
    G : Quantity
        The global factor; broadcast against `lag`.
    parameters : SynapseParameters
        The learning rate and the time constant of the traces.

    Returns
    -------
    Quantity
        The change, in the unit of the weight.
    """
    return parameters.eta * G * (1 + np.exp(-np.abs(lag) / parameters.tau_stdp))
