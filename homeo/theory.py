r"""Closed forms that the simulations are held against.

Each function is one formula: parameters in, numbers out, nothing simulated.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from brian2 import Hz, Quantity, have_same_dimensions, second

from .checks import check_choice, check_kind, check_quantity, refuse
from .parameters import GlobalFactorParameters, Parameters, SynapseParameters
from .rules import GLOBAL_RULES, RULES


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


def gain(G: Quantity | None, parameters: SynapseParameters) -> Quantity | float:
    r"""Return the weight change that one pair at lag zero contributes.

    :math:`\eta G` under a rule that reads the global factor, :math:`\eta` under one
    that does not. All weight changes at constant G are proportional to it.

    Parameters
    ----------
    G : Quantity or None
        The global factor, one value or several; None for a rule that does not
        read it.
    parameters : SynapseParameters
        The rule and the learning rate.

    Returns
    -------
    Quantity or float
        The gain, in the unit of the weight, with the shape of `G`.

    Raises
    ------
    ValueError
        If `G` is missing, or given to a rule that does not read it.
    """
    if RULES[parameters.rule].reads_G:
        if G is None:
            allowed = f"the global factor, which the rule {parameters.rule!r} reads"
            raise refuse("G", None, allowed)
        return parameters.eta * G
    if G is not None:
        allowed = f"None, because the rule {parameters.rule!r} does not read G"
        raise refuse("G", G, allowed)
    return parameters.eta


def lone_spikes(parameters: SynapseParameters) -> tuple[float, float]:
    r"""Return what a spike without a partner is worth, over the gain.

    .. math::

        (a_\mathrm{pre}, a_\mathrm{post}) =
        (1, 0),\; (0, 1),\; (-2\rho_0\tau_\mathrm{STDP}, 0)

    for the paper's rule, the example's, and that of Vogels et al. [1]_. A pair adds
    :math:`e^{-|\Delta|/\tau_\mathrm{STDP}}` under all three: these two numbers are
    all that tells them apart while G is constant.

    Parameters
    ----------
    parameters : SynapseParameters
        The rule and its parameters.

    Returns
    -------
    pre, post : float
        Of a presynaptic and of a postsynaptic spike.

    References
    ----------
    .. [1] Vogels, Sprekeler, Zenke, Clopath & Gerstner (2011), Science
       334:1569-1573, doi:10.1126/science.1211095
    """
    if parameters.rule == "vogels_2011":
        return -2 * float(parameters.rho_0 * parameters.tau_stdp), 0.0
    return {"zenke_2015": (1.0, 0.0), "brian_example": (0.0, 1.0)}[parameters.rule]


def weight_change(
    pre_spikes: Quantity | None,
    post_spikes: Quantity | None,
    G: Quantity | None,
    parameters: SynapseParameters,
) -> Quantity:
    r"""Return the weight change of given spike trains at constant G, without bounds.

    .. math::

        \Delta w = k \Big[ a_\mathrm{pre} n_\mathrm{pre}
                   + a_\mathrm{post} n_\mathrm{post}
                   + \sum_{k,l} e^{-|t_k - t'_l|/\tau} \Big]

    with the gain :math:`k` of `gain` and the worth :math:`a` of a lone spike of
    `lone_spikes`. Under the paper's rule this is :math:`\eta G [n_\mathrm{pre} +
    \ldots]`. A pair at lag zero counts in full.

    Parameters
    ----------
    pre_spikes, post_spikes : Quantity or None
        Spike times; None for a silent neuron.
    G : Quantity or None
        The global factor, one value or several; None for a rule that does not
        read it.
    parameters : SynapseParameters
        The rule, the learning rate and the time constant of the traces.

    Returns
    -------
    Quantity
        The change, in the unit of the weight, with the shape of `G`.
    """
    n_pre, n_post = (0 if s is None else len(s) for s in (pre_spikes, post_spikes))
    pre, post = lone_spikes(parameters)
    paired = 0.0
    if n_pre and n_post:
        lags = np.subtract.outer(np.asarray(post_spikes), np.asarray(pre_spikes))
        paired = np.exp(-np.abs(lags) / float(parameters.tau_stdp)).sum()
    return gain(G, parameters) * (pre * n_pre + post * n_post + paired)


def pair_weight_change(
    lag: Quantity, G: Quantity | None, parameters: SynapseParameters
) -> Quantity:
    r"""Return the weight change of one pair of spikes at constant G, without bounds.

    .. math::

        \Delta w = k \left( a_\mathrm{pre} + a_\mathrm{post}
                   + e^{-|\Delta|/\tau_\mathrm{STDP}} \right)

    which is :math:`\eta G (1 + e^{-|\Delta|/\tau_\mathrm{STDP}})` under both rules
    that read G: each counts one "+1". The same for either order.

    Parameters
    ----------
    lag : Quantity
        Postsynaptic minus presynaptic spike time, one value or several.
    G : Quantity or None
        The global factor, broadcast against `lag`; None for a rule that does not
        read it.
    parameters : SynapseParameters
        The rule, the learning rate and the time constant of the traces.

    Returns
    -------
    Quantity
        The change, in the unit of the weight.
    """
    paired = np.exp(-np.abs(lag) / parameters.tau_stdp)
    return gain(G, parameters) * (sum(lone_spikes(parameters)) + paired)


def train_weight_change(
    frequency: Quantity,
    pairs: int,
    lag: Quantity,
    G: Quantity | None,
    parameters: SynapseParameters,
) -> Quantity:
    r"""Return the weight change of a long regular train of pairs, its ends neglected.

    .. math::

        \Delta w = k\, n \left[ a_\mathrm{pre} + a_\mathrm{post} +
            \frac{e^{-|\Delta|/\tau} + e^{-(T - |\Delta|)/\tau}}{1 - e^{-T/\tau}}
            \right], \qquad T = 1/f

    The geometric sum over all pairs of an endless train, for :math:`|\Delta| \le T`.
    `train_end_effect` is what *n* pairs fall short of it.

    Parameters
    ----------
    frequency : Quantity
        Pairs per second, one value or several.
    pairs : int
        How many pairs.
    lag : Quantity
        Postsynaptic minus presynaptic spike time.
    G : Quantity or None
        The global factor; None for a rule that does not read it.
    parameters : SynapseParameters
        The rule, the learning rate and the time constant of the traces.

    Returns
    -------
    Quantity
        The change, in the unit of the weight, with the shape of `frequency`.

    Raises
    ------
    ValueError
        If the lag is longer than a period.
    """
    lag, period = _within_period(lag, frequency), 1 / frequency
    before, after = (
        np.exp(-distance / parameters.tau_stdp) for distance in (lag, period - lag)
    )
    paired = (before + after) / (1 - np.exp(-period / parameters.tau_stdp))
    return gain(G, parameters) * pairs * (sum(lone_spikes(parameters)) + paired)


def train_end_effect(
    frequency: Quantity,
    pairs: int,
    lag: Quantity,
    G: Quantity | None,
    parameters: SynapseParameters,
) -> Quantity:
    r"""Return what the ends of a regular train take off its weight change.

    .. math::

        k\, \frac{2 \cosh(\Delta/\tau)\, q\, (1 - q^n)}{(1 - q)^2},
        \qquad q = e^{-T/\tau}

    The first and the last pairs lack neighbours on one side. Summed over all pairs,
    what is missing stays finite however long the train. `train_weight_change` less
    this is exact.

    Parameters
    ----------
    frequency : Quantity
        Pairs per second, one value or several.
    pairs : int
        How many pairs.
    lag : Quantity
        Postsynaptic minus presynaptic spike time.
    G : Quantity or None
        The global factor; None for a rule that does not read it.
    parameters : SynapseParameters
        The rule, the learning rate and the time constant of the traces.

    Returns
    -------
    Quantity
        The missing change, in the unit of the weight, with the shape of `frequency`.

    Raises
    ------
    ValueError
        If the lag is longer than a period.
    """
    lag = _within_period(lag, frequency)
    q = np.exp(-1 / (frequency * parameters.tau_stdp))
    missing = 2 * np.cosh(lag / parameters.tau_stdp) * q * (1 - q**pairs) / (1 - q) ** 2
    return gain(G, parameters) * missing


def _within_period(lag: Quantity, frequency: Quantity) -> Quantity:
    # A lag may reach the period by rounding; beyond it the sum is another one.
    if np.any(np.abs(lag) * frequency > 1 + 1e-9):
        raise refuse("lag", lag, "at most one period of the train, either way")
    return np.abs(lag)


def poisson_drift(
    pre_rate: Quantity,
    post_rate: Quantity,
    G: Quantity | None,
    parameters: SynapseParameters,
) -> Quantity:
    r"""Return the mean weight change per second under Poisson spikes, without bounds.

    .. math::

        \langle \dot w \rangle = k \left[ a_\mathrm{pre} r_\mathrm{pre}
            + a_\mathrm{post} r_\mathrm{post}
            + 2 \tau r_\mathrm{pre} r_\mathrm{post} \right]

    For independent trains. It is :math:`\eta G\, r_\mathrm{pre} (1 + 2\tau
    r_\mathrm{post})` under the paper's rule, :math:`\eta G\, r_\mathrm{post} (1 +
    2\tau r_\mathrm{pre})` under the example's and :math:`2 \eta \tau r_\mathrm{pre}
    (r_\mathrm{post} - \rho_0)` under that of Vogels et al. (2011).

    Parameters
    ----------
    pre_rate, post_rate : Quantity
        Firing rates, in Hz; broadcast against each other.
    G : Quantity or None
        The global factor; None for a rule that does not read it.
    parameters : SynapseParameters
        The rule, the learning rate and the time constant of the traces.

    Returns
    -------
    Quantity
        The drift, in the unit of the weight per second.
    """
    pre, post = lone_spikes(parameters)
    per_pair = 2 * parameters.tau_stdp * pre_rate * post_rate
    return gain(G, parameters) * (pre * pre_rate + post * post_rate + per_pair)


def poisson_variance(
    duration: Quantity,
    pre_rate: Quantity,
    post_rate: Quantity,
    G: Quantity | None,
    parameters: SynapseParameters,
) -> Quantity:
    r"""Return the variance of the weight change under Poisson spikes, without bounds.

    .. math::

        \mathrm{Var}[\Delta w] = k^2\, t \left[
            r_\mathrm{pre} (a_\mathrm{pre} + 2\tau r_\mathrm{post})^2
            + r_\mathrm{post} (a_\mathrm{post} + 2\tau r_\mathrm{pre})^2
            + \tau r_\mathrm{pre} r_\mathrm{post} \right]

    The first two terms are the noise of either spike count, each spike weighted with
    its mean effect; the last is the noise in how the spikes fall together
    (the Hoeffding decomposition of the pair sum). For :math:`t \gg \tau`.

    Parameters
    ----------
    duration : Quantity
        How long the neurons fire.
    pre_rate, post_rate : Quantity
        Firing rates, in Hz; broadcast against each other.
    G : Quantity or None
        The global factor; None for a rule that does not read it.
    parameters : SynapseParameters
        The rule, the learning rate and the time constant of the traces.

    Returns
    -------
    Quantity
        The variance, in the unit of the weight squared.
    """
    pre, post = lone_spikes(parameters)
    tau = parameters.tau_stdp
    single = (
        pre_rate * (pre + 2 * tau * post_rate) ** 2
        + post_rate * (post + 2 * tau * pre_rate) ** 2
    )
    together = tau * pre_rate * post_rate
    return gain(G, parameters) ** 2 * duration * (single + together)


def restoring_drift(rule: Parameters, rate_I: Quantity) -> Quantity | float:
    r"""Return how fast weights drift for each Hz of deviation from the target.

    .. math::

        \frac{\partial \langle \dot w \rangle}{\partial r} =
        \eta \rho_I (1 + 2\tau\gamma),\quad
        \eta \gamma (1 + 2\tau\rho_I),\quad
        2 \eta \tau \rho_I

    under the paper's rule, the example's, and that of Vogels et al. [1]_, for Poisson
    spikes and a deviation that lasts: the first two see it through H.

    Parameters
    ----------
    rule : Parameters
        The rule, its learning rate and its target.
    rate_I : Quantity
        Mean rate of the inhibitory cells, in Hz; not negative.

    Returns
    -------
    Quantity or float
        The drift, in the unit of the weight per second for each Hz: the unit of the
        weight.

    Raises
    ------
    ValueError
        If an argument is not as stated.

    References
    ----------
    .. [1] Vogels, Sprekeler, Zenke, Clopath & Gerstner (2011), Science
       334:1569-1573, doi:10.1126/science.1211095
    """
    check_kind("rule", rule, Parameters)
    rate_I = check_quantity("rate_I", rate_I, Hz, at_least=0)
    deviation, target = 1 * Hz, rule.target_rate
    if rule.reads_G:
        return poisson_drift(rate_I, target, deviation, rule.synapse) / deviation
    return poisson_drift(rate_I, target + deviation, None, rule.synapse) / deviation


def comparable_learning_rate(
    rule: Parameters, like: Parameters, rate_I: Quantity
) -> Quantity | float:
    """Return the learning rate at which one rule is as fast as another.

    As fast means: the same `restoring_drift`. It says nothing about the time far
    from the target, nor about what a filter adds.

    Parameters
    ----------
    rule : Parameters
        The rule that is to get a learning rate; that which it has does not matter.
    like : Parameters
        The rule to be compared with.
    rate_I : Quantity
        Mean rate of the inhibitory cells, in Hz; positive.

    Returns
    -------
    Quantity or float
        The learning rate for `rule`, in the unit that it has there.

    Raises
    ------
    ValueError
        If an argument is not as stated.
    """
    rate_I = check_quantity("rate_I", rate_I, Hz, above=0)
    check_kind("rule", rule, Parameters)
    check_kind("like", like, Parameters)
    unit = rule.synapse.weight_unit
    if not have_same_dimensions(unit, like.synapse.weight_unit):
        allowed = f"a rule whose weights have the unit of those of `rule`, {unit!r}"
        raise refuse("like", like.synapse.eta, allowed)
    ratio = restoring_drift(like, rate_I) / restoring_drift(rule, rate_I)
    return rule.synapse.eta * ratio


def loop_gain(
    rule: Parameters, rate_I: Quantity, kappa: Quantity, heterogeneity: float = 1.0
) -> Quantity:
    r"""Return how fast the closed loop pulls a rate back, by the rule alone.

    .. math:: K = h\, \eta\, \rho_I (1 + 2 \tau_\mathrm{STDP}\, \gamma)\, \kappa

    under the paper's rule. Between Poisson spikes the weights drift as
    `restoring_drift` says, and the rate answers with :math:`-\kappa` times that,
    near the target.

    Parameters
    ----------
    rule : Parameters
        A rule that reads the global factor; weights in leak conductances.
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
    drift = restoring_drift(rule, rate_I)
    check_choice("rule", rule.synapse.rule, GLOBAL_RULES)
    check_quantity("eta", rule.synapse.eta, second, above=0)
    kappa = check_quantity("kappa", kappa, Hz, above=0)
    h = check_quantity("heterogeneity", heterogeneity, 1, above=0)
    return h * drift * kappa


def loop_eigenvalues(
    gain: Quantity, tau_H: Quantity, lead: Quantity = 0 * second
) -> Quantity:
    r"""Return the two rates at which the closed loop relaxes to its target.

    .. math::

        \lambda = \frac{-1 \pm \sqrt{1 - 4 K \tau_H}}{2 \tau_H},

    the roots of :math:`\tau_H \lambda^2 + \lambda + K`: H follows the rate r, and
    :math:`\dot r = -K G`. The loop rings if and only if :math:`4 K \tau_H > 1`.
    With a lead :math:`\ell` the rate also feels how fast the weights change,
    :math:`\dot r = -K (G + \ell \dot G)`, which adds damping:
    :math:`\tau_H \lambda^2 + (1 + K \ell) \lambda + K`.

    Parameters
    ----------
    gain : Quantity
        K, in Hz; positive.
    tau_H : Quantity
        Time constant of the rate estimate, in seconds; positive.
    lead : Quantity, optional
        How far the rate runs ahead of the weights, in seconds; negative if it lags.

    Returns
    -------
    Quantity
        Complex, shape ``(2,)``, in Hz. Without a lag their real parts are negative:
        in this theory the loop is stable whatever the gain.

    Raises
    ------
    ValueError
        If an argument is not as stated.
    """
    gain = check_quantity("gain", gain, Hz, above=0)
    tau_H = check_quantity("tau_H", tau_H, second, above=0)
    damping = 1 + float(gain * check_quantity("lead", lead, second))
    root = np.emath.sqrt(damping**2 - 4 * float(gain * tau_H))
    return np.array([-damping + root, -damping - root], dtype=complex) / (2 * tau_H)


def ringing_period(
    gain: Quantity, tau_H: Quantity, lead: Quantity = 0 * second
) -> Quantity:
    r"""Return the period of the closed loop's ringing.

    .. math:: T = 2 \pi / \omega, \qquad
        \omega = \sqrt{K / \tau_H - 1 / (4 \tau_H^2)}

    Parameters
    ----------
    gain : Quantity
        K, in Hz; positive.
    tau_H : Quantity
        Time constant of the rate estimate, in seconds; positive.
    lead : Quantity, optional
        How far the rate runs ahead of the weights, in seconds; negative if it lags.

    Returns
    -------
    Quantity
        The period, in seconds; infinite where the loop does not ring.

    Raises
    ------
    ValueError
        If an argument is not as stated.
    """
    omega = np.abs(np.imag(np.asarray(loop_eigenvalues(gain, tau_H, lead)))).max()
    return (2 * np.pi / omega if omega > 0 else np.inf) * second


def damping_time(
    gain: Quantity, tau_H: Quantity, lead: Quantity = 0 * second
) -> Quantity:
    r"""Return the time constant with which the closed loop forgets its start.

    :math:`2 \tau_H / (1 + K \ell)` if it rings, with the lead :math:`\ell`; otherwise
    that of the slower of its two exponentials, which tends to :math:`1/K` for a weak
    gain.

    Parameters
    ----------
    gain : Quantity
        K, in Hz; positive.
    tau_H : Quantity
        Time constant of the rate estimate, in seconds; positive.
    lead : Quantity, optional
        How far the rate runs ahead of the weights, in seconds; negative if it lags.

    Returns
    -------
    Quantity
        The time constant, in seconds.

    Raises
    ------
    ValueError
        If an argument is not as stated.
    """
    real = np.real(np.asarray(loop_eigenvalues(gain, tau_H, lead)))
    return -1 / real.max() * second


def loop_course(
    t: Quantity,
    gain: Quantity,
    tau_H: Quantity,
    deviation: Quantity,
    lead: Quantity = 0 * second,
) -> tuple[Quantity, Quantity]:
    r"""Return how the closed loop comes back from a deviation of the rate.

    .. math::

        \tau_H \dot G = -G + (r - \gamma), \qquad
        \dot r = -K (G + \ell \dot G), \qquad G(0) = 0

    With the eigenvalues of `loop_eigenvalues` and the deviation d at the start,

    .. math::

        G = \frac{d}{\tau_H}
            \frac{e^{\lambda_1 t} - e^{\lambda_2 t}}{\lambda_1 - \lambda_2},
        \qquad r - \gamma = G + \tau_H \dot G .

    Parameters
    ----------
    t : Quantity
        Times since the start, shape ``(n,)``.
    gain : Quantity
        K, in Hz; positive.
    tau_H : Quantity
        Time constant of the rate estimate, in seconds; positive.
    deviation : Quantity
        Rate minus target at the start, in Hz.
    lead : Quantity, optional
        :math:`\ell`, how far the rate runs ahead of the weights, in seconds; negative
        if it lags.

    Returns
    -------
    rate, G : Quantity
        Rate minus target, and the global factor, in Hz, shape ``(n,)``.

    Raises
    ------
    ValueError
        If an argument is not as stated.
    """
    slow, fast = np.asarray(loop_eigenvalues(gain, tau_H, lead))
    deviation = check_quantity("deviation", deviation, Hz)
    t = np.asarray(t)
    apart = slow - fast
    # In this form nothing is lost where the two are close, or the same.
    spread = -np.expm1(-apart * t) / apart if apart else t
    shape = np.exp(slow * t) * spread
    slope = np.exp(slow * t) + fast * shape
    G = np.real(shape) / float(tau_H) * deviation
    return G + np.real(slope) * deviation, G


def lagged_loop_eigenvalues(
    gain: Quantity, tau_H: Quantity, lag: Quantity, lead: Quantity = 0 * second
) -> Quantity:
    r"""Return the rates at which the closed loop relaxes if something in it is late.

    The roots of

    .. math:: \tau_H \tau_m \lambda^3 + (\tau_H + \tau_m) \lambda^2
        + (1 + K \ell) \lambda + K :

    somewhere in the loop, in the network or on the way of G to the synapses, a signal
    is followed with the time constant :math:`\tau_m`.

    Parameters
    ----------
    gain : Quantity
        K, in Hz; positive.
    tau_H : Quantity
        Time constant of the rate estimate, in seconds; positive.
    lag : Quantity
        :math:`\tau_m`, in seconds; positive.
    lead : Quantity, optional
        :math:`\ell`, how far the rate runs ahead of the weights, in seconds.

    Returns
    -------
    Quantity
        Complex, shape ``(3,)``, in Hz. All real parts are negative if and only if K
        is below `largest_stable_gain`.

    Raises
    ------
    ValueError
        If an argument is not as stated.
    """
    K = float(check_quantity("gain", gain, Hz, above=0))
    tau_H = float(check_quantity("tau_H", tau_H, second, above=0))
    tau_m = float(check_quantity("lag", lag, second, above=0))
    damping = 1 + K * float(check_quantity("lead", lead, second))
    return np.roots([tau_H * tau_m, tau_H + tau_m, damping, K]).astype(complex) * Hz


def largest_stable_gain(
    tau_H: Quantity, lag: Quantity, lead: Quantity = 0 * second
) -> Quantity:
    r"""Return the gain at which a loop with a lag rings for ever.

    .. math:: K < \frac{s}{1 - \ell s}, \qquad
        s = \frac{1}{\tau_H} + \frac{1}{\tau_m}

    By the criterion of Routh and Hurwitz, applied to `lagged_loop_eigenvalues`.

    Parameters
    ----------
    tau_H : Quantity
        Time constant of the rate estimate, in seconds; positive.
    lag : Quantity
        :math:`\tau_m`, in seconds; positive.
    lead : Quantity, optional
        :math:`\ell`, how far the rate runs ahead of the weights, in seconds.

    Returns
    -------
    Quantity
        The bound of K, in Hz; infinite if the lead makes up for the lag,
        :math:`\ell s \geq 1`.

    Raises
    ------
    ValueError
        If an argument is not as stated.
    """
    tau_H = check_quantity("tau_H", tau_H, second, above=0)
    lag = check_quantity("lag", lag, second, above=0)
    lead = check_quantity("lead", lead, second)
    s = 1 / tau_H + 1 / lag
    left = 1 - float(lead * s)
    return s / left if left > 0 else np.inf * Hz
