r"""Closed forms that the simulations are held against.

Each function is one formula: parameters in, numbers out, nothing simulated.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from brian2 import Hz, Quantity, second

from .checks import check_choice, check_kind, check_quantity
from .parameters import GlobalFactorParameters, Parameters, SynapseParameters


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


def loop_gain(
    rule: Parameters, rate_I: Quantity, kappa: Quantity, heterogeneity: float = 1.0
) -> Quantity:
    r"""Return how fast the closed loop pulls a rate back, by the rule alone.

    .. math:: K = h\, \eta\, \rho_I (1 + 2 \tau_\mathrm{STDP}\, \gamma)\, \kappa

    Between Poisson spikes the weights drift by
    :math:`\eta G \rho_I (1 + 2 \tau r)` (the paper's rule), and the rate answers
    with :math:`-\kappa` times that, near the target.

    Parameters
    ----------
    rule : Parameters
        Learning rate, time constant of the traces and target; weights in leak
        conductances, the "+1" on the presynaptic spike.
    rate_I : Quantity
        Mean rate of the inhibitory cells, in Hz; not negative.
    kappa : Quantity
        :math:`-\phi'(w)` at the target, in Hz for each unit of weight; positive.
    heterogeneity : float, optional
        h, by how much more the rate answers to weights that the rule has changed
        than to an equal change of all weights; positive.

    Returns
    -------
    Quantity
        K, in Hz.

    Raises
    ------
    ValueError
        If an argument is not as stated.
    """
    check_kind("rule", rule, Parameters)
    check_choice("rule", rule.synapse.rule, ["zenke_2015"])
    eta = check_quantity("eta", rule.synapse.eta, second, above=0)
    rate_I = check_quantity("rate_I", rate_I, Hz, at_least=0)
    kappa = check_quantity("kappa", kappa, Hz, above=0)
    h = check_quantity("heterogeneity", heterogeneity, 1, above=0)
    pairs = 2 * rule.synapse.tau_stdp * rule.global_factor.gamma
    return h * eta * rate_I * (1 + pairs) * kappa


def loop_eigenvalues(gain: Quantity, tau_H: Quantity) -> Quantity:
    r"""Return the two rates at which the closed loop relaxes to its target.

    .. math::

        \lambda = \frac{-1 \pm \sqrt{1 - 4 K \tau_H}}{2 \tau_H},

    the roots of :math:`\tau_H \lambda^2 + \lambda + K`: H follows the rate r, and
    :math:`\dot r = -K G`. The loop rings if and only if :math:`4 K \tau_H > 1`.

    Parameters
    ----------
    gain : Quantity
        K, in Hz; positive.
    tau_H : Quantity
        Time constant of the rate estimate, in seconds; positive.

    Returns
    -------
    Quantity
        Complex, shape ``(2,)``, in Hz. Their real parts are negative: in this
        theory the loop is stable whatever the gain.

    Raises
    ------
    ValueError
        If an argument is not as stated.
    """
    gain = check_quantity("gain", gain, Hz, above=0)
    tau_H = check_quantity("tau_H", tau_H, second, above=0)
    root = np.emath.sqrt(1 - 4 * float(gain * tau_H))
    return np.array([-1 + root, -1 - root], dtype=complex) / (2 * tau_H)


def ringing_period(gain: Quantity, tau_H: Quantity) -> Quantity:
    r"""Return the period of the closed loop's ringing.

    .. math:: T = 2 \pi / \omega, \qquad
        \omega = \sqrt{K / \tau_H - 1 / (4 \tau_H^2)}

    Parameters
    ----------
    gain : Quantity
        K, in Hz; positive.
    tau_H : Quantity
        Time constant of the rate estimate, in seconds; positive.

    Returns
    -------
    Quantity
        The period, in seconds; infinite where the loop does not ring.

    Raises
    ------
    ValueError
        If an argument is not as stated.
    """
    omega = np.abs(np.imag(np.asarray(loop_eigenvalues(gain, tau_H)))).max()
    return (2 * np.pi / omega if omega > 0 else np.inf) * second


def damping_time(gain: Quantity, tau_H: Quantity) -> Quantity:
    r"""Return the time constant with which the closed loop forgets its start.

    :math:`2 \tau_H` if it rings, whatever the gain; otherwise that of the slower
    of its two exponentials, which tends to :math:`1/K` for a weak gain.

    Parameters
    ----------
    gain : Quantity
        K, in Hz; positive.
    tau_H : Quantity
        Time constant of the rate estimate, in seconds; positive.

    Returns
    -------
    Quantity
        The time constant, in seconds.

    Raises
    ------
    ValueError
        If an argument is not as stated.
    """
    real = np.real(np.asarray(loop_eigenvalues(gain, tau_H)))
    return -1 / real.max() * second
