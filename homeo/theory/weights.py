r"""Weight changes at constant G: single pairs, trains of pairs and Poisson spikes."""

from __future__ import annotations

import numpy as np
from brian2 import Quantity

from ..arguments import Count, Instance, Train, checked, rates, times
from ..checks import refuse
from ..docstrings import described
from ..parameters import SynapseParameters
from ..rules import name_of_rule

GLOBAL_FACTOR = rates(
    "The global factor; None for a rule that does not read it, and for no other",
    ndim=None,
    or_none=True,
)
PARAMETERS = Instance(
    meaning="The rule, the learning rate and the time constant of the traces",
    kind=SynapseParameters,
)
FREQUENCY = rates("Pairs per second", above=0, ndim=None)
PAIRS = Count(meaning="How many pairs")
LAG_WITHIN_A_PERIOD = times(
    "Postsynaptic minus presynaptic spike time, at most one period either way",
    ndim=None,
)
TRAIN = {
    "frequency": FREQUENCY,
    "pairs": PAIRS,
    "lag": LAG_WITHIN_A_PERIOD,
    "G": GLOBAL_FACTOR,
    "parameters": PARAMETERS,
}
RATE = rates("Firing rate", at_least=0, ndim=None)

VOGELS_2011 = """\
.. [1] Vogels, Sprekeler, Zenke, Clopath & Gerstner (2011), Science
   334:1569-1573, doi:10.1126/science.1211095
"""


@checked(G=GLOBAL_FACTOR, parameters=PARAMETERS)
def gain(G: Quantity | None, parameters: SynapseParameters) -> Quantity | float:
    r"""Return the weight change that one pair at lag zero contributes.

    :math:`\eta G` under a rule that reads the global factor, :math:`\eta` under one
    that does not. All weight changes at constant G are proportional to it.

    Returns
    -------
    Quantity or float
        The gain, in the unit of the weight, with the shape of `G`.

    Examples
    --------
    >>> from brian2 import Hz
    >>> from homeo import BRIAN_EXAMPLE
    >>> gain(2 * Hz, BRIAN_EXAMPLE.synapse) / BRIAN_EXAMPLE.synapse.eta
    2. * hertz
    """
    rule = name_of_rule(parameters.rule)
    if parameters.plasticity.reads_G:
        if G is None:
            allowed = f"the global factor, which the rule {rule!r} reads"
            raise refuse("G", None, allowed)
        return parameters.eta * G
    if G is not None:
        allowed = f"None, because the rule {rule!r} does not read G"
        raise refuse("G", G, allowed)
    return parameters.eta


@checked(parameters=PARAMETERS)
@described(references=VOGELS_2011)
def lone_spikes(parameters: SynapseParameters) -> tuple[float, float]:
    r"""Return what a spike without a partner is worth, over the gain.

    .. math::

        (a_\mathrm{pre}, a_\mathrm{post}) =
        (1, 0),\; (0, 1),\; (-2\rho_0\tau_\mathrm{STDP}, 0)

    for the paper's rule, the example's, and that of Vogels et al. [1]_. A pair adds
    :math:`e^{-|\Delta|/\tau_\mathrm{STDP}}` under all three: these two numbers are
    all that tells them apart while G is constant.

    Returns
    -------
    pre, post : float
        Of a presynaptic and of a postsynaptic spike.

    Examples
    --------
    >>> from homeo import ZENKE_2015
    >>> lone_spikes(ZENKE_2015.synapse)
    (1.0, 0.0)
    """
    rho_0 = None if parameters.rho_0 is None else float(parameters.rho_0)
    return parameters.plasticity.lone_spikes(float(parameters.tau_stdp), rho_0)


@checked(
    pre_spikes=Train(meaning="Presynaptic spike times; None for none", or_none=True),
    post_spikes=Train(meaning="Postsynaptic spike times; None for none", or_none=True),
    G=GLOBAL_FACTOR,
    parameters=PARAMETERS,
)
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

    Returns
    -------
    Quantity
        The change, in the unit of the weight, with the shape of `G`.

    Examples
    --------
    >>> from brian2 import Hz, ms
    >>> from homeo import BRIAN_EXAMPLE
    >>> weight_change([10, 30] * ms, None, 1 * Hz, BRIAN_EXAMPLE.synapse)
    0. * siemens
    """
    k = gain(G, parameters)
    n_pre, n_post = (0 if s is None else len(s) for s in (pre_spikes, post_spikes))
    pre, post = lone_spikes(parameters)
    paired = 0.0
    if n_pre and n_post:
        lags = np.subtract.outer(np.asarray(post_spikes), np.asarray(pre_spikes))
        paired = np.exp(-np.abs(lags) / float(parameters.tau_stdp)).sum()
    return k * (pre * n_pre + post * n_post + paired)


@checked(
    lag=times("Postsynaptic minus presynaptic spike time", ndim=None),
    G=GLOBAL_FACTOR,
    parameters=PARAMETERS,
)
def pair_weight_change(
    lag: Quantity, G: Quantity | None, parameters: SynapseParameters
) -> Quantity:
    r"""Return the weight change of one pair of spikes at constant G, without bounds.

    .. math::

        \Delta w = k \left( a_\mathrm{pre} + a_\mathrm{post}
                   + e^{-|\Delta|/\tau_\mathrm{STDP}} \right)

    which is :math:`\eta G (1 + e^{-|\Delta|/\tau_\mathrm{STDP}})` under both rules
    that read G: each counts one "+1". The same for either order.

    Returns
    -------
    Quantity
        The change, in the unit of the weight, with the shape of `lag` and `G`.

    Examples
    --------
    >>> from brian2 import Hz, ms, nS
    >>> from homeo import BRIAN_EXAMPLE
    >>> pair_weight_change([-20, 0, 20] * ms, 4 * Hz, BRIAN_EXAMPLE.synapse) / nS
    array([5.47151776, 8.        , 5.47151776])
    """
    k = gain(G, parameters)
    paired = np.exp(-np.abs(lag) / parameters.tau_stdp)
    return k * (sum(lone_spikes(parameters)) + paired)


@checked(**TRAIN)
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

    Returns
    -------
    Quantity
        The change, in the unit of the weight, with the shape of `frequency`, `lag`
        and `G`.

    Examples
    --------
    >>> from brian2 import Hz, ms
    >>> from homeo import ZENKE_2015
    >>> train = 40 * Hz, 60, 5 * ms, 4 * Hz, ZENKE_2015.synapse
    >>> f"{float(train_end_effect(*train) / train_weight_change(*train)):.2%}"
    '0.74%'
    """
    k = gain(G, parameters)
    distance, period, tau = _within_period(lag, frequency, parameters)
    before, after = np.exp(-distance / tau), np.exp((distance - period) / tau)
    paired = -(before + after) / np.expm1(-period / tau)
    return k * pairs * (sum(lone_spikes(parameters)) + paired)


@checked(**TRAIN)
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

    Returns
    -------
    Quantity
        The missing change, in the unit of the weight, with the shape of `frequency`,
        `lag` and `G`.

    Examples
    --------
    >>> from brian2 import Hz, ms
    >>> from homeo import BRIAN_EXAMPLE
    >>> float(train_end_effect(1 * Hz, 60, 0 * ms, 0 * Hz, BRIAN_EXAMPLE.synapse))
    0.0
    """
    k = gain(G, parameters)
    distance, period, tau = _within_period(lag, frequency, parameters)
    # The cosine alone is too large for a float where the period is long.
    missed = np.exp((distance - period) / tau) + np.exp(-(distance + period) / tau)
    one, all_pairs = np.expm1(-period / tau), np.expm1(-pairs * period / tau)
    return -k * missed * all_pairs / one**2


def _within_period(
    lag: Quantity, frequency: Quantity, parameters: SynapseParameters
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return how far pre and post are apart, the period, and the traces' constant."""
    distance, period = np.abs(np.asarray(lag)), 1 / np.asarray(frequency)
    # A lag may reach the period by rounding; beyond it the sum is another one.
    if np.any(distance > period * (1 + 1e-9)):
        raise refuse("lag", lag, "at most one period of the train, either way")
    return distance, period, float(parameters.tau_stdp)


@checked(pre_rate=RATE, post_rate=RATE, G=GLOBAL_FACTOR, parameters=PARAMETERS)
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

    Returns
    -------
    Quantity
        The drift, in the unit of the weight per second, with the shape of `pre_rate`,
        `post_rate` and `G`.

    Examples
    --------
    >>> from brian2 import Hz
    >>> from homeo import ZENKE_2015
    >>> synapse = ZENKE_2015.synapse
    >>> drift = poisson_drift(20 * Hz, [0, 5] * Hz, 1 * Hz, synapse)
    >>> drift / (synapse.eta * Hz)
    array([20., 24.]) * hertz
    """
    k = gain(G, parameters)
    pre, post = lone_spikes(parameters)
    per_pair = 2 * parameters.tau_stdp * pre_rate * post_rate
    return k * (pre * pre_rate + post * post_rate + per_pair)


@checked(
    duration=times("How long the neurons fire", at_least=0, ndim=None),
    pre_rate=RATE,
    post_rate=RATE,
    G=GLOBAL_FACTOR,
    parameters=PARAMETERS,
)
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

    Returns
    -------
    Quantity
        The variance, in the unit of the weight squared, with the shape of the
        arguments.

    Examples
    --------
    >>> from brian2 import Hz, second
    >>> from homeo import ZENKE_2015
    >>> synapse = ZENKE_2015.synapse
    >>> variance = poisson_variance(2 * second, 20 * Hz, 0 * Hz, 1 * Hz, synapse)
    >>> round(float(variance / (synapse.eta * Hz) ** 2), 6)
    40.0
    """
    k = gain(G, parameters)
    pre, post = lone_spikes(parameters)
    tau = parameters.tau_stdp
    single = (
        pre_rate * (pre + 2 * tau * post_rate) ** 2
        + post_rate * (post + 2 * tau * pre_rate) ** 2
    )
    together = tau * pre_rate * post_rate
    return k**2 * duration * (single + together)
