"""The rule at single synapses, and the builders in a network of one's own."""

from dataclasses import replace

import numpy as np
import pytest
from brian2 import (
    Hz,
    NeuronGroup,
    PoissonGroup,
    SpikeGeneratorGroup,
    SpikeMonitor,
    StateMonitor,
    ms,
    second,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeo import ZENKE_2015, simulate_forced_spikes
from homeo.global_factor import (
    clamped_global_factor,
    global_factor_group,
    listen,
)
from homeo.protocol import forced_neurons
from homeo.rules import GLOBAL_RULES, RULES
from homeo.runs.simulation import simulation
from homeo.synapse import plastic_synapses
from homeo.theory import pair_weight_change, weight_change

pytestmark = pytest.mark.usefixtures("silent")

#: eta = 5e-3 s, no bounds: what the closed forms describe.
FREE = ZENKE_2015.replace(eta=5e-3 * second, w_0=0, w_min=None, w_max=None).synapse


VOGELS = replace(FREE, rule="vogels_2011", eta=5e-3, rho_0=4 * Hz)


def rule(name):
    return {"vogels_2011": VOGELS}.get(name) or replace(FREE, rule=name)


@pytest.fixture
def network():
    """Return an empty network on the numpy target, which needs no compiler."""
    with simulation(target="numpy", seed=5, dt=0.1 * ms) as empty:
        yield empty


# --- The two rules --------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "lone_pre", "lone_post"),
    [("zenke_2015", 0.4, 0.0), ("brian_example", 0.0, 0.4)],
)
def test_lone_spikes_tell_the_rules_apart(name, lone_pre, lone_post):
    """20 lone spikes at G = 4 Hz: 20 eta G = 0.4 for those that carry the "+1"."""
    spikes = np.arange(1, 21) * 10 * ms
    result = simulate_forced_spikes(
        rule(name), [spikes, None], [None, spikes], 4 * Hz, 0.25 * second
    )
    np.testing.assert_allclose(result.delta_w, [lone_pre, lone_post], atol=1e-14)


@pytest.mark.parametrize("name", GLOBAL_RULES)
def test_one_pair_at_any_lag(name):
    """Eta G (1 + exp(-|lag|/tau)) for either order; 2 eta G in the same time step."""
    lags = np.array([-100, -20, -1, -0.1, 0, 0.1, 1, 20, 100]) * ms
    G = np.linspace(-8, 8, len(lags)) * Hz
    result = simulate_forced_spikes(
        rule(name),
        [[150] * ms] * len(lags),
        [[150 + lag / ms] * ms for lag in lags],
        G,
        0.3 * second,
    )
    expected = 5e-3 * np.asarray(G) * (1 + np.exp(-np.abs(np.asarray(lags)) / 0.02))
    np.testing.assert_allclose(result.delta_w, expected, rtol=1e-12, atol=1e-17)
    theory = pair_weight_change(lags, G, rule(name))
    np.testing.assert_allclose(theory, expected * second * Hz, rtol=1e-14)


def test_coincidence_counts_the_pair():
    """Brian2's convention: 2 eta G. Auryn, which does not count it, gives eta G."""
    for name in GLOBAL_RULES:
        result = simulate_forced_spikes(rule(name), [1] * ms, [1] * ms, 4 * Hz, 2 * ms)
        assert float(result.delta_w[0]) == pytest.approx(2 * 5e-3 * 4, rel=1e-14)


@pytest.mark.parametrize("name", GLOBAL_RULES)
def test_many_spikes(name):
    """All-to-all pairing: eta G [n + sum over pairs of exp(-|t - t'|/tau)].

    Irregular trains of 25 pre and 15 post spikes on each of eight synapses.
    """
    random = np.random.default_rng(6)
    pre, post = (
        [np.sort(random.choice(4000, n, replace=False)) * 0.1 * ms for _ in range(8)]
        for n in (25, 15)
    )
    result = simulate_forced_spikes(rule(name), pre, post, 4 * Hz, 0.4 * second)
    n = {"zenke_2015": 25, "brian_example": 15}[name]
    for k in range(8):
        distance = np.abs(np.subtract.outer(pre[k] / ms, post[k] / ms))
        expected = 5e-3 * 4 * (n + np.exp(-distance / 20).sum())
        assert float(result.delta_w[k]) == pytest.approx(expected, rel=1e-11)
        theory = weight_change(pre[k], post[k], 4 * Hz, rule(name))
        assert float(theory) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("rho_0", "lone_pre"), [(4, -16e-3), (0, 0.0), (25, -0.1)])
def test_vogels_rule_takes_alpha_off_for_each_presynaptic_spike(rho_0, lone_pre):
    r"""20 lone pre spikes: -20 eta alpha, alpha = 2 rho_0 tau = 0.16 at 4 Hz.

    Lone post spikes do nothing; a pair adds eta exp(-|lag|/tau) in either order.
    """
    spikes = np.arange(1, 21) * 10 * ms
    pre, post = [spikes, None, [100] * ms, [100] * ms], [None, spikes, [107] * ms]
    result = simulate_forced_spikes(
        replace(VOGELS, rho_0=rho_0 * Hz),
        pre,
        [*post, [93] * ms],
        None,
        0.25 * second,
    )
    pair = 5e-3 * np.exp(-7 / 20) + lone_pre / 20
    np.testing.assert_allclose(
        result.delta_w, [lone_pre, 0, pair, pair], rtol=1e-12, atol=1e-15
    )
    assert "G" not in result


def test_vogels_rule_with_many_spikes():
    """All-to-all: eta [sum over pairs of exp(-|t - t'|/tau) - 2 rho_0 tau n_pre]."""
    random = np.random.default_rng(8)
    pre, post = (
        np.sort(random.choice(4000, n, replace=False)) * 0.1 * ms for n in (25, 15)
    )
    result = simulate_forced_spikes(VOGELS, pre, post, None, 0.4 * second)
    distance = np.abs(np.subtract.outer(pre / ms, post / ms))
    expected = 5e-3 * (np.exp(-distance / 20).sum() - 0.16 * 25)
    assert float(result.delta_w[0]) == pytest.approx(expected, rel=1e-11)
    theory = weight_change(pre, post, None, VOGELS)
    assert float(theory) == pytest.approx(expected, rel=1e-12)


def test_theory_counts_silent_neurons():
    """Without a partner only the "+1" is left."""
    spikes = [1, 2, 3] * ms
    assert float(weight_change(spikes, None, 4 * Hz, FREE)) == pytest.approx(0.06)
    assert float(weight_change(None, spikes, 4 * Hz, FREE)) == 0
    assert float(weight_change(None, None, 4 * Hz, FREE)) == 0


@pytest.mark.parametrize("name", GLOBAL_RULES)
def test_traces_in_every_step_or_at_spikes_only(name):
    """Event-driven and clock-driven traces give the same weights to 1e-12.

    The clock-driven traces are recorded: each is the sum of exp(-(t - t_k)/tau)
    over the past spikes of its own neuron, as of the end of the last time step.
    """
    random = np.random.default_rng(7)
    pre, post = (
        [np.sort(random.choice(2000, 20, replace=False)) * 0.1 * ms for _ in range(5)]
        for _ in range(2)
    )
    G = np.arange(-2, 3) * Hz
    event, clock = (
        simulate_forced_spikes(
            rule(name), pre, post, G, 0.2 * second, trace_updates=f"{kind}-driven"
        )
        for kind in ("event", "clock")
    )
    np.testing.assert_allclose(event.w, clock.w, rtol=1e-12, atol=1e-15)
    assert "pre_trace" not in event
    for neuron, trains in (("pre", pre), ("post", post)):
        past = clock.time.values[:, None] - 1e-4 - np.asarray(trains[3])
        kernel = np.exp(-past / 0.02) * (past > -1e-9)
        np.testing.assert_allclose(
            clock[f"{neuron}_trace"][3], kernel.sum(axis=1), atol=1e-10
        )


# --- Any lag, any G, any bounds -------------------------------------------

CASES = st.lists(
    st.tuples(
        st.integers(-300, 300),  # lag in ms, which is the time step
        st.floats(-50, 50).filter(lambda G: G == 0 or abs(G) > 1e-6),
    ),
    min_size=1,
    max_size=20,
)
LOOK = settings(
    max_examples=8,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def pairs(parameters, lags, G, n=1):
    """Force n pairs at every lag (ms), 7 ms apart, in one run."""
    pre, post = (
        [(320 + offset + 7 * np.arange(n)) * ms for offset in offsets]
        for offsets in (np.zeros(len(lags)), lags)
    )
    return simulate_forced_spikes(
        parameters, pre, post, G * Hz, (641 + 7 * n) * ms, dt=1 * ms
    )


@LOOK
@given(name=st.sampled_from(sorted(GLOBAL_RULES)), cases=CASES)
def test_sign_of_the_change_is_the_sign_of_G(name, cases):
    """Without bounds: G > 0 strengthens inhibition, G < 0 weakens it, 0 nothing."""
    lags, G = np.array(cases, dtype=float).T
    result = pairs(rule(name), lags, G)
    assert (np.sign(result.delta_w) == np.sign(G)).all()


@LOOK
@given(name=st.sampled_from(sorted(GLOBAL_RULES)), cases=CASES)
def test_order_of_a_pair_changes_nothing(name, cases):
    """The window is symmetric: lag and -lag give the same change."""
    lags, G = np.array(cases, dtype=float).T
    both = pairs(rule(name), np.concatenate([lags, -lags]), np.concatenate([G, G]))
    one, other = np.split(both.delta_w.values, 2)
    np.testing.assert_allclose(one, other, rtol=1e-12)


@LOOK
@given(
    name=st.sampled_from(sorted(GLOBAL_RULES)),
    bounds=st.lists(
        st.floats(-10, 10, allow_subnormal=False), min_size=3, max_size=3
    ).map(sorted),
    cases=CASES,
)
def test_weights_stay_within_any_bounds(name, bounds, cases):
    """At all recorded times; with eta = 1 s most cases hit a bound."""
    w_min, w_0, w_max = bounds
    parameters = ZENKE_2015.replace(
        rule=name, eta=1 * second, w_min=w_min, w_0=w_0, w_max=w_max
    ).synapse
    lags, G = np.array(cases, dtype=float).T
    result = pairs(parameters, lags, G, n=3)
    for w in (result.w, result.w_end):
        assert (w >= w_min).all()
        assert (w <= w_max).all()


def test_both_bounds_hold_at_both_spikes():
    """The authors' code checks one bound at each spike; here each checks both."""
    spikes = [1, 2] * ms
    for name in GLOBAL_RULES:
        parameters = ZENKE_2015.replace(
            rule=name, eta=1 * second, w_min=-1, w_0=0, w_max=2
        ).synapse
        result = simulate_forced_spikes(
            parameters, spikes, spikes, [-9, 9] * Hz, 3 * ms
        )
        assert list(result.w_end) == [-1, 2]
        assert set(np.unique(result.w)) == {-1, 0, 2}


# --- The builders in a network of one's own -------------------------------


def test_transmission_uses_the_weight_before_the_update(network):
    """The spike arrives after its delay, delivers w = 0.15, then changes w."""
    pre = forced_neurons([[1] * ms])
    post = NeuronGroup(1, "g_inh : 1", threshold="False", reset="", namespace={})
    synapses = plastic_synapses(
        pre,
        post,
        ZENKE_2015.replace(eta=5e-3 * second).synapse,
        factor := clamped_global_factor([4] * Hz),
        transmission="g_inh_post += w",
        delay=0.8 * ms,
    )
    network.add(pre, post, factor, synapses)
    network.run(1.8 * ms, namespace={})  # the last step begins at 1.7 ms
    assert post.g_inh[0] == 0
    assert synapses.w[0] == 0.15
    network.run(0.1 * ms, namespace={})
    assert post.g_inh[0] == 0.15
    assert synapses.w[0] == pytest.approx(0.15 + 5e-3 * 4)


def test_order_within_one_time_step(network):
    """Pre spikes see G before the population's spikes of this step, post after.

    Both neurons and the population spike at 1 ms; tau_H = 1 s, one neuron, so G
    jumps by 1 Hz. Change: eta [G (pre, z_post = 0) + (G + 1 Hz) z_pre].
    """
    parameters = ZENKE_2015.replace(tau_H=1 * second, gamma=0 * Hz, H_0=2 * Hz, N=1)
    factor = global_factor_group(parameters.global_factor)
    pre, post, heard = (forced_neurons([[1] * ms]) for _ in range(3))
    synapses = plastic_synapses(pre, post, FREE, factor)
    network.add(pre, post, heard, factor, listen(factor, heard), synapses)
    network.run(1.1 * ms, namespace={})
    G = 2 * np.exp(-1.1e-3)  # after the decay of this step
    assert synapses.w[0] == pytest.approx(5e-3 * (G + (G + 1)), rel=1e-12)


@pytest.mark.parametrize(("index", "n_pre", "n_post"), [("j", 4, 2), ("i", 2, 4)])
def test_each_synapse_reads_the_G_of_its_own_population(network, index, n_pre, n_post):
    """Two populations, two global factors; all-to-all synapses link through i or j.

    Only population 1 spikes, so only its synapses see H > 0.
    """
    parameters = ZENKE_2015.replace(gamma=0 * Hz, H_0=0 * Hz)
    factor = global_factor_group(parameters.global_factor, 2)
    heard = SpikeGeneratorGroup(6, [3, 4, 5], [0, 0, 0] * ms)
    pre = forced_neurons([[1] * ms] * n_pre)
    post = forced_neurons([None] * n_post)
    synapses = plastic_synapses(pre, post, FREE, factor, connect={}, G_index=index)
    network.add(heard, factor, listen(factor, heard), pre, post, synapses)
    network.run(1.1 * ms, namespace={})
    assert len(synapses) == 8
    H = np.exp(-1e-3 / 10) / 10  # 3 spikes of 3 neurons, tau_H = 10 s, 1 ms ago
    expected = np.where(np.asarray(getattr(synapses, index)) == 1, 5e-3 * H, 0)
    np.testing.assert_allclose(synapses.w, expected, rtol=1e-12)


def test_closed_loop(network):
    """Twenty neurons under plastic inhibition, all on one page.

    H is rebuilt from the recorded spikes, sum of exp(-(t - t_k)/tau_H)/(N tau_H).
    They start far above the target, so G > 0 and every used weight has grown.
    """
    parameters = ZENKE_2015.replace(
        tau_H=50 * ms, eta=1e-3 * second, H_0=0 * Hz, w_0=0.05
    )
    excitatory = NeuronGroup(
        20,
        """
        dv/dt = (drive - v - g_inh*(v + 0.5)) / (20*ms) : 1
        dg_inh/dt = -g_inh / (10*ms) : 1
        drive : 1
        """,
        threshold="v > 1",
        reset="v = 0",
        method="euler",
        namespace={},
    )
    excitatory.drive = np.linspace(1.2, 2, 20)
    inhibitory = PoissonGroup(10, 40 * Hz, namespace={})
    factor = global_factor_group(parameters.global_factor)
    synapses = plastic_synapses(
        inhibitory,
        excitatory,
        parameters.synapse,
        factor,
        connect={"p": 0.5},
        transmission="g_inh_post += w",
        delay=0.8 * ms,
    )
    spikes = SpikeMonitor(excitatory)
    weights = StateMonitor(synapses, "w", record=[0, 1], dt=10 * ms)
    network.add(
        excitatory,
        inhibitory,
        factor,
        listen(factor, excitatory),
        synapses,
        spikes,
        weights,
    )
    network.run(300 * ms, namespace={})

    assert 20 < len(synapses) < 180
    assert spikes.num_spikes > 50
    # The last step begins at 299.9 ms; a spike in it has jumped, not decayed.
    since = 0.2999 - np.asarray(spikes.t)
    expected = np.exp(-since / 0.05).sum() / (20 * 0.05)
    assert float(factor.H[0] / Hz) == pytest.approx(expected, rel=1e-9)
    assert factor.G[0] > 0 * Hz
    assert np.min(synapses.w) >= 0.05 - 0.01
    assert np.mean(synapses.w) > 0.06


def test_two_synapse_groups_share_one_factor(network):
    """Names are made unique, so a network may hold several of each."""
    factor = clamped_global_factor([1] * Hz)
    pre, post = forced_neurons([[0] * ms]), forced_neurons([None])
    one, other = (
        plastic_synapses(pre, post, rule(name), factor) for name in sorted(GLOBAL_RULES)
    )
    network.add(pre, post, factor, one, other)
    network.run(0.1 * ms, namespace={})
    assert (one.w[0], other.w[0]) == pytest.approx((0, 5e-3))  # example, paper


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"G_index": "j"}, "G_index"),  # three neurons, two G
        ({"G_index": "population"}, "G_index"),
        ({"G_index": None}, "G_index"),  # which of the two?
        ({"trace_updates": "sometimes"}, "trace_updates"),
    ],
)
def test_builder_refuses(network, changes, name):
    """Compiled code would read beyond the last G without a word."""
    pre, post = forced_neurons([None] * 3), forced_neurons([None] * 3)
    factor = clamped_global_factor([1, 2] * Hz)
    with pytest.raises(ValueError, match=f"^{name}: got .*; allowed: "):
        plastic_synapses(pre, post, FREE, factor, **{"G_index": "j", **changes})
    network.add(pre, post, factor)
    network.run(0 * ms, namespace={})


def test_one_to_one_needs_groups_of_equal_size(network):
    """By default neuron k connects to neuron k; one would be left over."""
    pre, post = forced_neurons([None] * 3), forced_neurons([None] * 2)
    factor = clamped_global_factor([1] * Hz)
    network.add(pre, post, factor)
    with pytest.raises(ValueError, match="^connect: got None; .* not 3 and 2 neurons"):
        plastic_synapses(pre, post, FREE, factor)
    network.run(0.1 * ms, namespace={})


@pytest.mark.parametrize(
    ("name", "given", "allowed"),
    [
        ("zenke_2015", {"global_factor": None}, "a group with a variable G"),
        ("vogels_2011", {}, "None, because the rule 'vogels_2011' does not read G"),
        (
            "vogels_2011",
            {"global_factor": None, "G_index": "j"},
            "None, because the rule 'vogels_2011' does not read G",
        ),
    ],
)
def test_global_factor_must_fit_the_rule(network, name, given, allowed):
    """No G for a rule that reads it is a mistake; so is one that would be ignored."""
    neurons, factor = forced_neurons([None]), clamped_global_factor([1] * Hz)
    refused = "G_index" if "G_index" in given else "global_factor"
    with pytest.raises(ValueError, match=f"^{refused}: got .*; allowed: {allowed}"):
        plastic_synapses(
            neurons, neurons, rule(name), **{"global_factor": factor, **given}
        )
    network.add(neurons, factor)
    network.run(0 * ms, namespace={})


def test_rules_say_whether_they_read_the_global_factor():
    """From their statements: G or a target of the neuron's own, never both."""
    assert {name: r.reads_G for name, r in RULES.items()} == {
        "zenke_2015": True,
        "brian_example": True,
        "vogels_2011": False,
    }
    assert list(GLOBAL_RULES) == ["zenke_2015", "brian_example"]
    assert all(("rho_0" in r.on_pre) != r.reads_G for r in RULES.values())


def test_builder_refuses_another_kind_of_record(network):
    factor = clamped_global_factor([1] * Hz)
    neurons = forced_neurons([None])
    network.add(neurons, factor)
    with pytest.raises(ValueError, match="^synapse: got .* a SynapseParameters"):
        plastic_synapses(neurons, neurons, ZENKE_2015, factor)
    network.run(0.1 * ms, namespace={})


def test_a_part_of_a_global_factor_is_refused():
    """It would be read from the beginning of the whole."""
    with simulation(target="numpy", seed=0, dt=1 * ms) as network:
        neurons, whole = forced_neurons([[1] * ms]), clamped_global_factor([1, 2] * Hz)
        network.add(neurons, whole)
        with pytest.raises(ValueError, match="global_factor: got .*a whole group"):
            plastic_synapses(neurons, neurons, FREE, whole[1:])
        network.run(1 * ms, namespace={})


def test_a_global_factor_is_in_hertz():
    with simulation(target="numpy", seed=0, dt=1 * ms) as network:
        neurons, pure = (
            forced_neurons([[1] * ms]),
            NeuronGroup(1, "G : 1", namespace={}),
        )
        network.add(neurons, pure)
        with pytest.raises(ValueError, match="global_factor: got 'G in 1'.* in Hz"):
            plastic_synapses(neurons, neurons, FREE, pure)
        network.run(1 * ms, namespace={})
