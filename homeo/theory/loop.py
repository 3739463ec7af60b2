r"""The closed loop: how fast a rule restores its target, and how the rate rings."""

from __future__ import annotations

import numpy as np
from brian2 import Hz, Quantity, have_same_dimensions, second

from ..arguments import Instance, Values, checked, rates, times
from ..checks import check_quantity, refuse
from ..docstrings import described
from ..parameters import Parameters
from ..rules import name_of_rule
from .weights import VOGELS_2011, poisson_drift

RATE_I = rates("Mean rate of the inhibitory cells", at_least=0)
GAIN = rates("K, the gain of the loop", above=0)
TAU_H = times("Time constant of the rate estimate", above=0)
LAG = times(r":math:`\tau_m`, the time constant of what is late", above=0)
LEAD = times(
    r":math:`\ell`, how far the rate runs ahead of the weights, negative if it lags"
)


@checked(
    rule=Instance(
        meaning="The rule, its learning rate and its target", kind=Parameters
    ),
    rate_I=RATE_I,
)
@described(references=VOGELS_2011)
def restoring_drift(rule: Parameters, rate_I: Quantity) -> Quantity | float:
    r"""Return how fast weights drift for each Hz of deviation from the target.

    .. math::

        \frac{\partial \langle \dot w \rangle}{\partial r} =
        \eta \rho_I (1 + 2\tau\gamma),\quad
        \eta \gamma (1 + 2\tau\rho_I),\quad
        2 \eta \tau \rho_I

    under the paper's rule, the example's, and that of Vogels et al. [1]_, for Poisson
    spikes and a deviation that lasts: the first two see it through H.

    Returns
    -------
    Quantity or float
        The drift, in the unit of the weight per second for each Hz: the unit of the
        weight.

    Examples
    --------
    >>> from brian2 import Hz, second
    >>> from homeo import ZENKE_2015
    >>> rule = ZENKE_2015.replace(eta=1 * second)
    >>> round(float(restoring_drift(rule, 25 * Hz)), 6)
    29.0
    """
    deviation, target = 1 * Hz, rule.target_rate
    if rule.reads_G:
        return poisson_drift(rate_I, target, deviation, rule.synapse) / deviation
    return poisson_drift(rate_I, target + deviation, None, rule.synapse) / deviation


@checked(
    rule=Instance(
        meaning="The rule that is to get a learning rate, whichever it has now",
        kind=Parameters,
    ),
    like=Instance(meaning="The rule to be compared with", kind=Parameters),
    rate_I=rates("Mean rate of the inhibitory cells", above=0),
)
def comparable_learning_rate(
    rule: Parameters, like: Parameters, rate_I: Quantity
) -> Quantity | float:
    """Return the learning rate at which one rule is as fast as another.

    As fast means: the same `restoring_drift`. It says nothing about the time far
    from the target, nor about what a filter adds.

    Returns
    -------
    Quantity or float
        The learning rate for `rule`, in the unit that it has there.

    Examples
    --------
    >>> from brian2 import Hz
    >>> from homeo import ZENKE_2015
    >>> faster = ZENKE_2015.replace(eta=3 * ZENKE_2015.synapse.eta)
    >>> eta = comparable_learning_rate(ZENKE_2015, faster, 25 * Hz)
    >>> round(float(eta / ZENKE_2015.synapse.eta), 6)
    3.0
    """
    unit = rule.synapse.weight_unit
    if not have_same_dimensions(unit, like.synapse.weight_unit):
        allowed = f"a rule whose weights have the unit of those of `rule`, {unit!r}"
        raise refuse("like", like.synapse.eta, allowed)
    drifts = {
        "rule": restoring_drift(rule, rate_I),
        "like": restoring_drift(like, rate_I),
    }
    for name, drift in drifts.items():
        if drift == 0:
            allowed = "a rule that pulls a rate back to its target, at this rate_I"
            raise refuse(name, {"rule": rule, "like": like}[name], allowed)
    return rule.synapse.eta * (drifts["like"] / drifts["rule"])


@checked(
    rule=Instance(
        meaning="A rule that reads the global factor; weights in leak conductances",
        kind=Parameters,
    ),
    rate_I=RATE_I,
    kappa=rates(
        r":math:`-\phi'(w)` at the target, for each unit of weight",
        above=0,
    ),
    heterogeneity=Values(
        meaning="h, by how much more the rate answers to weights that the rule has "
        "changed than to an equal change of all weights",
        unit=1,
        above=0,
    ),
)
def loop_gain(
    rule: Parameters, rate_I: Quantity, kappa: Quantity, heterogeneity: float = 1.0
) -> Quantity:
    r"""Return how fast the closed loop pulls a rate back, by the rule alone.

    .. math:: K = h\, \eta\, \rho_I (1 + 2 \tau_\mathrm{STDP}\, \gamma)\, \kappa

    under the paper's rule. Between Poisson spikes the weights drift as
    `restoring_drift` says, and the rate answers with :math:`-\kappa` times that,
    near the target.

    Returns
    -------
    Quantity
        K, in Hz.

    Examples
    --------
    >>> from brian2 import Hz, second
    >>> from homeo import ZENKE_2015
    >>> rule = ZENKE_2015.replace(eta=1e-3 * second)
    >>> round(float(loop_gain(rule, 25 * Hz, 20 * Hz, 1.5)), 6)
    0.87
    """
    if not rule.reads_G:
        allowed = "a rule that reads the global factor"
        raise refuse("rule", name_of_rule(rule.synapse.rule), allowed)
    check_quantity("eta", rule.synapse.eta, second, above=0)
    return heterogeneity * restoring_drift(rule, rate_I) * kappa


@checked(gain=GAIN, tau_H=TAU_H, lead=LEAD)
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

    Returns
    -------
    Quantity
        Complex, shape ``(2,)``, in Hz. Without a lag their real parts are negative:
        in this theory the loop is stable whatever the gain.

    Examples
    --------
    >>> from brian2 import Hz, second
    >>> loop_eigenvalues(0.5 * Hz, 1 * second)
    array([-0.5+0.5j, -0.5-0.5j]) * hertz
    """
    return _eigenvalues(gain, tau_H, lead) * Hz


def _eigenvalues(gain: Quantity, tau_H: Quantity, lead: Quantity) -> np.ndarray:
    """Return the eigenvalues in Hz, the larger first where they are real."""
    K, tau_H = float(gain), float(tau_H)
    damping = 1 + float(gain * lead)
    root = np.emath.sqrt(damping**2 - 4 * K * tau_H)
    if np.iscomplex(root):
        return np.array([-damping + root, -damping - root]) / (2 * tau_H)
    # The other one, from their product: a difference would lose a weak gain.
    one = -(damping + np.copysign(root, damping)) / 2
    return np.sort(np.array([K / one, one / tau_H], dtype=complex))[::-1]


@checked(gain=GAIN, tau_H=TAU_H, lead=LEAD)
def ringing_period(
    gain: Quantity, tau_H: Quantity, lead: Quantity = 0 * second
) -> Quantity:
    r"""Return the period of the closed loop's ringing.

    .. math:: T = 2 \pi / \omega, \qquad
        \omega = \sqrt{K / \tau_H - 1 / (4 \tau_H^2)}

    without a lead; with one, :math:`\omega` is the imaginary part of
    `loop_eigenvalues`.

    Returns
    -------
    Quantity
        The period, in seconds; infinite where the loop does not ring.

    Examples
    --------
    >>> from brian2 import Hz, second
    >>> round(float(ringing_period(1 * Hz, 10 * second)), 2)
    20.12
    """
    omega = np.abs(np.imag(_eigenvalues(gain, tau_H, lead))).max()
    return (2 * np.pi / omega if omega > 0 else np.inf) * second


@checked(gain=GAIN, tau_H=TAU_H, lead=LEAD)
def damping_time(
    gain: Quantity, tau_H: Quantity, lead: Quantity = 0 * second
) -> Quantity:
    r"""Return the time constant with which the closed loop forgets its start.

    :math:`2 \tau_H / (1 + K \ell)` if it rings, with the lead :math:`\ell`; otherwise
    that of the slower of its two exponentials, which tends to :math:`1/K` for a weak
    gain.

    Returns
    -------
    Quantity
        The time constant, in seconds; negative where a deviation grows, infinite
        where it stays.

    Examples
    --------
    >>> from brian2 import Hz, second
    >>> float(damping_time(1 * Hz, 10 * second))
    20.0
    """
    slowest = np.real(_eigenvalues(gain, tau_H, lead)).max()
    return (-1 / slowest if slowest else np.inf) * second


@checked(
    t=times("Times since the start", at_least=0, ndim=None),
    gain=GAIN,
    tau_H=TAU_H,
    deviation=rates("Rate minus target at the start"),
    lead=LEAD,
)
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

    Returns
    -------
    rate, G : Quantity
        Rate minus target, and the global factor, in Hz, with the shape of `t`.

    Examples
    --------
    >>> from brian2 import Hz, second
    >>> rate, G = loop_course([0, 5] * second, 1 * Hz, 10 * second, 2 * Hz)
    >>> rate.round(3)
    array([2.   , 0.264]) * hertz
    """
    slow, fast = _eigenvalues(gain, tau_H, lead)
    t = np.asarray(t)
    apart = slow - fast
    # In this form nothing is lost where the two are close, or the same.
    spread = -np.expm1(-apart * t) / apart if apart else t
    shape = np.exp(slow * t) * spread
    slope = np.exp(slow * t) + fast * shape
    G = np.real(shape) / float(tau_H) * deviation
    return G + np.real(slope) * deviation, G


@checked(gain=GAIN, tau_H=TAU_H, lag=LAG, lead=LEAD)
def lagged_loop_eigenvalues(
    gain: Quantity, tau_H: Quantity, lag: Quantity, lead: Quantity = 0 * second
) -> Quantity:
    r"""Return the rates at which the closed loop relaxes if something in it is late.

    The roots of

    .. math:: \tau_H \tau_m \lambda^3 + (\tau_H + \tau_m) \lambda^2
        + (1 + K \ell) \lambda + K :

    somewhere in the loop, in the network or on the way of G to the synapses, a signal
    is followed with the time constant :math:`\tau_m`.

    Returns
    -------
    Quantity
        Complex, shape ``(3,)``, in Hz. All real parts are negative if and only if K
        is below `largest_stable_gain`.

    Examples
    --------
    >>> from brian2 import Hz, second
    >>> at_the_bound = lagged_loop_eigenvalues(2 * Hz, 1 * second, 1 * second)
    >>> abs(round(float(at_the_bound.real.max()), 6))
    0.0
    """
    K, tau_H, tau_m = float(gain), float(tau_H), float(lag)
    damping = 1 + K * float(lead)
    return np.roots([tau_H * tau_m, tau_H + tau_m, damping, K]).astype(complex) * Hz


@checked(tau_H=TAU_H, lag=LAG, lead=LEAD)
def largest_stable_gain(
    tau_H: Quantity, lag: Quantity, lead: Quantity = 0 * second
) -> Quantity:
    r"""Return the gain at which a loop with a lag rings for ever.

    .. math:: K < \frac{s}{1 - \ell s}, \qquad
        s = \frac{1}{\tau_H} + \frac{1}{\tau_m}

    By the criterion of Routh and Hurwitz, applied to `lagged_loop_eigenvalues`.

    Returns
    -------
    Quantity
        The bound of K, in Hz; infinite if the lead makes up for the lag,
        :math:`\ell s \geq 1`.

    Examples
    --------
    >>> from brian2 import second
    >>> largest_stable_gain(1 * second, 1 * second)
    2. * hertz
    """
    s = 1 / tau_H + 1 / lag
    left = 1 - float(lead * s)
    return s / left if left > 0 else np.inf * Hz
