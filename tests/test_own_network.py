"""The rule in a network of one's own: cells, units, names and rules as they come."""

import gc

import numpy as np
import pytest
from brian2 import (
    Cylinder,
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    SpatialNeuron,
    SpikeMonitor,
    StateMonitor,
    TimedArray,
    amp,
    collect,
    ms,
    mV,
    nS,
    pA,
    run,
    second,
    siemens,
    um,
    volt,
)

from homeo import (
    ZENKE_2015,
    Rule,
    homeostatic_inhibition,
    simulate_forced_spikes,
    simulate_window,
    snap_spikes,
)
from homeo.global_factor import clamped_global_factor, global_factor_group, listen
from homeo.protocol import forced_neurons
from homeo.runs.simulation import simulation
from homeo.synapse import NAMES, plastic_synapses, variable_values
from homeo.theory import lone_spikes, weight_change

pytestmark = pytest.mark.usefixtures("silent")

#: eta = 5e-3 s, no bounds: what the closed forms describe.
FREE = ZENKE_2015.replace(eta=5e-3 * second, w_0=0.5, w_min=None, w_max=None)

#: A pre spike at 1 ms, a post spike at 3 ms, G = 4 Hz.
PAIR = 5e-3 * 4 * (1 + np.exp(-2 / 20))


@pytest.fixture
def network():
    """Return an empty network on the numpy target, which needs no compiler."""
    with simulation(target="numpy", seed=5, dt=0.1 * ms) as empty:
        yield empty


def cells(equations, n=1, **more):
    """Return cells that spike at 3 ms, with variables of the reader's own."""
    options = {"threshold": "t_in_timesteps == 30", "reset": "", "namespace": {}}
    return NeuronGroup(n, equations, method="euler", **{**options, **more})


def one_pair(network, post, synapse, transmission, **options):
    """Run one pair of spikes at G = 4 Hz; return the synapses."""
    pre, factor = forced_neurons([[1] * ms]), clamped_global_factor([4] * Hz)
    synapses = plastic_synapses(
        pre, post, synapse, factor, transmission=transmission, **options
    )
    network.add(pre, post, factor, synapses)
    network.run(4 * ms, namespace={})
    return synapses


# --- Whatever the cells call their variables --------------------------------

OWNED = [*NAMES, "G", "G_element", "w_syn", "rho_0"]


def test_cells_may_own_every_name_of_the_rule(network):
    """AdEx has a w. The weight stays w for who reads it; the cell keeps its own."""
    post = cells("\n".join(f"{name} : 1" for name in OWNED) + "\ng : 1")
    for k, name in enumerate(OWNED):
        setattr(post, name, k + 10)
    pre, factor = forced_neurons([[1] * ms]), clamped_global_factor([4] * Hz)
    synapses = plastic_synapses(
        pre, post, FREE.synapse, factor, transmission="g_post += w + 100*w_post"
    )
    monitor = StateMonitor(synapses, ["w", "G", "pre_trace"], record=True)
    network.add(pre, post, factor, synapses, monitor)
    network.run(4 * ms, namespace={})
    assert synapses.w[0] == synapses.w_syn_syn[0] == pytest.approx(0.5 + PAIR)
    assert monitor.w[0, -1] == pytest.approx(0.5 + PAIR)
    assert monitor.G[0, -1] == 4 * Hz
    assert monitor.pre_trace[0, -1] > 0
    assert synapses.eta == 5e-3 * second
    assert post.g[0] == 0.5 + 100 * 10  # the weight before the update, and its own w
    assert [getattr(post, name)[0] for name in OWNED] == list(
        range(10, 10 + len(OWNED))
    )
    synapses.w = 0.25  # settable by its name, too
    assert synapses.w_syn_syn[0] == 0.25


def test_a_presynaptic_cell_may_own_them_too(network):
    pre = cells("w : amp\neta : 1", threshold="t_in_timesteps == 10")
    pre.w = 3 * pA
    post = cells("g : 1")
    factor = clamped_global_factor([4] * Hz)
    synapses = plastic_synapses(
        pre, post, FREE.synapse, factor, transmission="g_post += w"
    )
    network.add(pre, post, factor, synapses)
    network.run(4 * ms, namespace={})
    assert synapses.w[0] == pytest.approx(0.5 + PAIR)
    assert post.g[0] == 0.5
    assert pre.w[0] == 3 * pA


def test_without_a_clash_nothing_is_renamed(network):
    synapses = one_pair(network, cells("v : 1"), FREE.synapse, "")
    assert set(NAMES) <= set(synapses.equations.names) | {"pre_trace", "post_trace"}
    assert "w_syn" not in synapses.variables


def test_names_can_be_chosen(network):
    """The chosen name and the rule's own mean the same."""
    post = cells("w : 1\ng : 1")
    names = {"w": "weight", "eta": "rate_of_learning"}
    synapses = one_pair(network, post, FREE.synapse, "g_post += weight", names=names)
    assert synapses.weight[0] == synapses.w[0] == pytest.approx(0.5 + PAIR)
    assert synapses.rate_of_learning == synapses.eta == 5e-3 * second
    assert post.g[0] == 0.5
    assert post.w[0] == 0


@pytest.mark.parametrize(
    "names",
    [
        {"w": "v"},  # a cell's
        {"w": "eta"},  # another variable's
        {"w": "g", "eta": "g"},
        {"w": "2w"},
        {"w": "w_post"},
        {"w": "volt"},
        {"w": "t"},
        {"w": 3},
        {"weight": "w"},
    ],
)
def test_names_that_are_taken_or_no_names_are_refused(network, names):
    pre, post = forced_neurons([None]), cells("v : 1")
    factor = clamped_global_factor([4] * Hz)
    network.add(pre, post, factor)
    with pytest.raises(ValueError, match="^names: got .*; allowed: "):
        plastic_synapses(pre, post, FREE.synapse, factor, names=names)
    network.run(0 * ms, namespace={})


# --- Weights of any unit ----------------------------------------------------


@pytest.mark.parametrize("unit", [1 * mV, 1 * pA, 1 * nS, 1 * second, 1 * mV**2])
def test_weights_have_the_unit_that_the_cells_need(network, unit):
    """CUBA: "v_post += w" with w in millivolts, and eta in millivolts times second."""
    post = cells(f"x : {unit_in_equations(unit)}")
    synapse = FREE.with_weights_in(unit).synapse
    synapses = one_pair(network, post, synapse, "x_post += w")
    assert float(synapses.w[0] / unit) == pytest.approx(0.5 + PAIR)
    assert float(post.x[0] / unit) == pytest.approx(0.5)


def unit_in_equations(unit):
    names = {volt.dim: "volt", amp.dim: "amp", siemens.dim: "siemens"}
    return names.get(unit.dim, "second" if unit.dim is second.dim else "volt**2")


def test_missing_bounds_set_infinite_ones():
    values = variable_values(FREE.with_weights_in(1 * mV).synapse)
    assert (values["w_min"], values["w_max"]) == (-np.inf * volt, np.inf * volt)
    assert "rho_0" not in values


# --- Connections, constants, transmission ----------------------------------


def test_connections_take_the_readers_own_constants(network):
    """As in `Synapses.connect`; transmission sees them, too."""
    pre, post = forced_neurons([[1] * ms] * 4), cells("g : 1", 4)
    factor = clamped_global_factor([4] * Hz)
    synapses = plastic_synapses(
        pre,
        post,
        FREE.synapse,
        factor,
        connect={"condition": "i < half and i == j"},
        transmission="g_post += gain*w",
        namespace={"half": 2, "gain": 3},
    )
    network.add(pre, post, factor, synapses)
    network.run(4 * ms, namespace={})
    assert list(synapses.j) == [0, 1]
    assert list(post.g) == [1.5, 1.5, 0, 0]


def test_a_namespace_may_stand_in_connect_itself(network):
    pre, post = forced_neurons([None] * 4), cells("g : 1", 4)
    factor = clamped_global_factor([4] * Hz)
    connect = {"condition": "i < half", "namespace": {"half": 1}}
    synapses = plastic_synapses(pre, post, FREE.synapse, factor, connect=connect)
    network.add(pre, post, factor, synapses)
    network.run(0 * ms, namespace={})
    assert len(synapses) == 4


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("connect", {"p": 2}, "a probability p from 0 to 1"),
        ("connect", {"p": -0.1}, "a probability p from 0 to 1"),
        ("connect", {"p": np.nan}, "a probability p from 0 to 1"),
        ("connect", {"p": True}, "a probability p from 0 to 1"),
        ("connect", {"n": -1}, "a number n of synapses"),
        ("connect", {"n": 1.5}, "a number n of synapses"),
        ("connect", {"i": [0], "j": [3]}, "whole numbers j from 0 to 2"),
        ("connect", {"i": [-1], "j": [0]}, "whole numbers i from 0 to 2"),
        ("connect", {"i": [0.5], "j": [0]}, "whole numbers i from 0 to 2"),
        ("connect", {"i": [0, 1], "j": [0, 1, 2]}, "arguments of brian2.Synapses"),
        ("connect", {"condition": "i < half"}, "`namespace`.*half"),
        ("connect", {"condition": "i <"}, "arguments of brian2.Synapses"),
        ("connect", {"condition": "i < 2", "i": [0]}, "arguments of brian2.Synapses"),
        ("connect", {"probability": 1}, "one of 'condition'"),
        ("connect", "i == j", "a Mapping"),
        ("delay", -1 * ms, ">= 0 in s"),
        ("delay", 1, ">= 0 in s"),
        ("delay", np.nan * ms, ">= 0 in s"),
        ("transmission", "g_post += ", "statements in Brian2's language"),
        ("transmission", "w + 1", "statements in Brian2's language"),
        ("transmission", None, "statements in Brian2's language"),
        ("global_factor", "G", "a group with a variable G"),
        ("presynaptic", "cells", "a Brian2 group that spikes"),
    ],
)
def test_builder_refuses_in_words(network, name, value, allowed):
    """Not in those of numpy or of a compiler, and before anything runs."""
    given = {
        "presynaptic": forced_neurons([None] * 3),
        "postsynaptic": cells("g : 1", 3),
        "synapse": FREE.synapse,
        "global_factor": clamped_global_factor([4] * Hz),
    }
    network.add(given["presynaptic"], given["postsynaptic"], given["global_factor"])
    with pytest.raises(ValueError, match=f"(?s)^{name}: got .*; allowed: .*{allowed}"):
        plastic_synapses(**{**given, name: value})
    gc.collect()
    network.run(0 * ms, namespace={})


# --- Parts of groups, and neurons with a shape -------------------------------


@pytest.mark.parametrize("part", [slice(0, 3), slice(2, 5)])
def test_parts_of_groups_are_populations(network, part):
    """H averages over the three cells of the part, wherever it begins."""
    condition = "t_in_timesteps == 0 and (i == 2 or i == 4)"
    neurons = cells("v : 1", 5, threshold=condition)
    parameters = ZENKE_2015.replace(gamma=0 * Hz, H_0=0 * Hz, tau_H=1 * second)
    factor = global_factor_group(parameters.global_factor)
    heard = neurons[part]
    network.add(neurons, factor, listen(factor, heard))
    network.run(0.1 * ms, namespace={})
    spikes = 1 if part.start == 0 else 2
    assert factor.population_size == 3
    assert float(factor.H[0] / Hz) == pytest.approx(spikes / 3)


def shaped(where=7, n=10):
    """Return a neuron of ten compartments; compartment 7 spikes at 1 ms."""
    return SpatialNeuron(
        Cylinder(diameter=1 * um, length=100 * um, n=n),
        "Im = 0*amp/meter**2 : amp/meter**2\ng : 1",
        threshold="t_in_timesteps == 10",
        threshold_location=where,
        reset="",
        method="exponential_euler",
        namespace={},
    )


@pytest.mark.parametrize("part", [slice(None), slice(0, 9), slice(5, 10)])
def test_a_neuron_with_a_shape_is_one_neuron(network, part):
    """One spike of a neuron of 10 compartments is 1/(1 tau_H), not 1/(10 tau_H)."""
    neuron = shaped()
    parameters = ZENKE_2015.replace(gamma=0 * Hz, H_0=0 * Hz, tau_H=1 * second)
    factor = global_factor_group(parameters.global_factor)
    heard = neuron if part == slice(None) else neuron[part.start : part.stop]
    network.add(neuron, factor, listen(factor, heard))
    network.run(1.1 * ms, namespace={})
    assert factor.population_size == 1
    assert float(factor.H[0] / Hz) == pytest.approx(1)


@pytest.mark.parametrize(
    ("population", "allowed"),
    [
        (lambda: cells("v : 1", 5, threshold=None, reset=None), "one with a threshold"),
        (lambda: shaped(where=None), "at the one threshold_location"),
        (lambda: [1, 2], "a Brian2 group that spikes"),
    ],
)
def test_listen_refuses_who_does_not_spike(network, population, allowed):
    """Or where it cannot be known how many neurons do."""
    factor, population = global_factor_group(FREE.global_factor), population()
    network.add(factor, *([] if isinstance(population, list) else [population]))
    with pytest.raises(ValueError, match=f"^population: got .*; allowed: .*{allowed}"):
        listen(factor, population)
    network.run(0 * ms, namespace={})


def test_listen_refuses_compartments_that_do_not_spike(network):
    factor, neuron = global_factor_group(FREE.global_factor), shaped()
    network.add(factor, neuron)
    with pytest.raises(ValueError, match="^population: got .* threshold_location"):
        listen(factor, neuron[0:5])
    network.run(0 * ms, namespace={})


def test_synapses_learn_at_the_compartment_that_spikes(network):
    """Brian2 tells a synapse of the spikes of its own compartment only."""
    pre, post = forced_neurons([[3] * ms]), shaped()
    factor = clamped_global_factor([4] * Hz)
    options = {"transmission": "g_post += w"}
    synapses = plastic_synapses(
        pre, post, FREE.synapse, factor, connect={"i": [0], "j": [7]}, **options
    )
    network.add(pre, post, factor, synapses)
    with pytest.raises(ValueError, match="^connect: got .* j = 7, the compartment"):
        plastic_synapses(
            pre, post, FREE.synapse, factor, connect={"condition": "j > 5"}, **options
        )
    gc.collect()
    network.run(4 * ms, namespace={})
    assert synapses.w[0] == pytest.approx(0.5 + PAIR)
    assert list(post.g) == [0] * 7 + [0.5, 0, 0]


# --- One call ---------------------------------------------------------------


def leaky(n):
    return NeuronGroup(
        n,
        """
        dv/dt = (drive - v)/(20*ms) : volt
        drive : volt (constant)
        """,
        threshold="v > 20*mV",
        reset="v = 0*mV",
        method="exact",
        namespace={},
    )


def test_one_call_brings_a_population_to_its_target():
    """Current-based cells far above 10 Hz end within 5 % of it; CUBA's "v_post -= w".

    The mean of the last two seconds over 50 cells has a standard error of about 1 %;
    the controller is integral, so that its error at rest is zero.
    """
    rule = ZENKE_2015.replace(
        gamma=10 * Hz, H_0=10 * Hz, tau_H=0.2 * second, eta=4e-3 * second
    ).with_weights_in(1 * mV)
    with simulation(target="numpy", seed=5, dt=0.5 * ms) as network:
        excitatory, inhibitory = leaky(50), PoissonGroup(50, 20 * Hz, namespace={})
        excitatory.drive = np.linspace(22, 30, 50) * mV
        inhibition = homeostatic_inhibition(
            inhibitory,
            excitatory,
            rule,
            transmission="v_post -= w",
            connect={"p": 0.5},
            delay=1 * ms,
        )
        spikes = SpikeMonitor(excitatory)
        network.add(excitatory, inhibitory, inhibition, spikes)
        network.run(8 * second, namespace={})
        before, after = (
            np.sum((spikes.t >= start) & (spikes.t < start + 2 * second)) / 2 / 50
            for start in (0 * second, 6 * second)
        )
        assert before > 12
        assert after == pytest.approx(10, rel=0.05)
        assert inhibition.global_factor.population_size == 50
        assert inhibition.synapses.w[0].dim is volt.dim


def two_groups():
    return PoissonGroup(3, 20 * Hz, namespace={}), PoissonGroup(4, 9 * Hz, namespace={})


def test_run_finds_the_parts_of_one_object(network):
    """Brian2's own `run()` looks for objects in variables, not inside of them."""
    inhibitory, excitatory = two_groups()
    inhibition = homeostatic_inhibition(
        inhibitory, excitatory, FREE, transmission="", connect={}
    )
    assert inhibition in collect()
    gc.collect()
    run(100 * ms, namespace={})
    assert inhibition.global_factor.H[0] != 4 * Hz  # it heard the cells
    assert len(inhibition.synapses) == 12
    assert not np.allclose(inhibition.synapses.w, 0.5)
    network.run(0 * ms, namespace={})


def test_parts_can_be_added_one_by_one(network):
    inhibitory, excitatory = two_groups()
    objects = homeostatic_inhibition(
        inhibitory, excitatory, FREE, transmission="", connect={}
    ).objects
    gc.collect()
    assert len(objects) == 3
    Network(inhibitory, excitatory, *objects).run(1 * ms, namespace={})
    network.run(0 * ms, namespace={})


def test_another_population_may_be_heard(network):
    inhibitory, excitatory = two_groups()
    inhibition = homeostatic_inhibition(
        inhibitory,
        excitatory,
        FREE,
        transmission="",
        connect={},
        population=excitatory[1:3],
    )
    network.add(inhibitory, excitatory, inhibition)
    network.run(1 * ms, namespace={})
    assert inhibition.global_factor.population_size == 2


def test_a_rule_that_reads_no_G_needs_no_factor(network):
    inhibitory, excitatory = two_groups()
    local = FREE.replace(rule="vogels_2011", eta=1e-3, rho_0=4 * Hz)
    inhibition = homeostatic_inhibition(
        inhibitory, excitatory, local, transmission="", connect={}
    )
    network.add(inhibitory, excitatory, inhibition)
    network.run(1 * ms, namespace={})
    assert inhibition.objects == (inhibition.synapses,)
    assert inhibition.global_factor is inhibition.aggregator is None


def test_one_call_refuses_another_kind_of_record(network):
    inhibitory, excitatory = two_groups()
    network.add(inhibitory, excitatory)
    with pytest.raises(ValueError, match="^rule: got .*; allowed: a Parameters"):
        homeostatic_inhibition(inhibitory, excitatory, FREE.synapse, transmission="")
    network.run(0 * ms, namespace={})


# --- A rule of one's own ------------------------------------------------------

#: Half of the "+1" on each side, with a variable of the rule's own.
HALVES = Rule(
    on_pre="""
    pre_trace += 1
    dw = eta*G*(post_trace + 0.5)
    w = clip(w + dw, w_min, w_max)
    """,
    on_post="post_trace += 1\nw = clip(w + eta*G*(pre_trace + 0.5), w_min, w_max)",
    label="half on each side",
    lone_pre=0.5,
    lone_post=0.5,
)


def test_a_rule_of_ones_own_is_simulated_and_predicted():
    """Closed form of many spikes, and what a lone one is worth, as for any rule."""
    synapse = FREE.replace(rule=HALVES).synapse
    random = np.random.default_rng(6)
    pre, post = (
        np.sort(random.choice(4000, n, replace=False)) * 0.1 * ms for n in (25, 15)
    )
    result = simulate_forced_spikes(
        synapse, [pre, [1] * ms, None], [post, None, [1] * ms], 4 * Hz, 0.4 * second
    )
    expected = [
        float(weight_change(*trains, 4 * Hz, synapse))
        for trains in ((pre, post), ([1] * ms, None), (None, [1] * ms))
    ]
    np.testing.assert_allclose(result.delta_w, expected, rtol=1e-11)
    assert lone_spikes(synapse) == (0.5, 0.5)
    window = simulate_window(synapse, [-20, 20] * ms, 4 * Hz)
    np.testing.assert_allclose(
        window.delta_w.values.ravel(), 5e-3 * 4 * (1 + np.exp(-1)), rtol=1e-11
    )
    assert result.rule.item() == "half on each side"


def test_a_variable_of_the_rule_does_not_write_into_the_cells(network):
    """Brian2 would take the rule's dw for the cells' own variable of that name."""
    post = cells("dw : 1")
    synapse = FREE.replace(rule=HALVES).synapse
    synapses = one_pair(network, post, synapse, "")
    assert synapses.w[0] == pytest.approx(0.5 + PAIR)
    assert post.dw[0] == 0


def test_a_rule_may_read_the_cells(network):
    """Weights that grow with the potential of their cell; theory cannot know them."""
    by_potential = Rule(on_pre="w += eta*v_post/mV", on_post="")
    synapse = FREE.replace(rule=by_potential, eta=1e-2).synapse
    pre, post = forced_neurons([[1] * ms]), cells("v : volt")
    post.v = 7 * mV
    synapses = plastic_synapses(pre, post, synapse, None)
    network.add(pre, post, synapses)
    network.run(2 * ms, namespace={})
    assert synapses.w[0] == pytest.approx(0.57)
    with pytest.raises(ValueError, match="^rule: got 'own rule'; .*theory needs"):
        lone_spikes(synapse)


# --- Recorded spikes, and a G that changes -----------------------------------


def test_recorded_spikes_go_to_the_nearest_step():
    """3.14159 ms to 3.1 ms; 10.02 and 10.04 ms become one; order does not matter."""
    snapped = snap_spikes([10.02, 3.14159, 10.04, 7] * ms)
    np.testing.assert_allclose(snapped.times / ms, [3.1, 7, 10])
    assert snapped.merged == 1
    assert float(snapped.largest_shift / ms) == pytest.approx(0.04159)
    result = simulate_forced_spikes(
        FREE.synapse, snapped.times, None, 4 * Hz, 11 * ms, dt=0.1 * ms
    )
    assert float(result.delta_w[0]) == pytest.approx(3 * 5e-3 * 4)


def test_spikes_on_the_step_stay_there():
    times = np.arange(1, 2000) * 0.1 * ms
    snapped = snap_spikes(times)
    np.testing.assert_allclose(snapped.times, times, rtol=1e-15)
    assert snapped.merged == 0
    assert snapped.largest_shift < 1e-12 * ms
    assert snap_spikes([] * ms).times is None


@pytest.mark.parametrize(
    ("times", "dt", "name"),
    [
        ([-1] * ms, 0.1 * ms, "times"),
        ([1, np.nan] * ms, 0.1 * ms, "times"),
        ([1, 2], 0.1 * ms, "times"),
        ([], 0.1 * ms, "times"),
        (1 * ms, 0.1 * ms, "times"),
        ([1] * ms, 0 * ms, "dt"),
        ([1] * ms, 1, "dt"),
    ],
)
def test_snapping_refuses(times, dt, name):
    with pytest.raises(ValueError, match=f"^{name}: got .*; allowed: "):
        snap_spikes(times, dt)


def test_several_G_are_an_axis_with_a_name():
    """Where nothing but G differs, results are found by its value."""
    G = np.arange(-10, 10) * Hz
    result = simulate_forced_spikes(FREE.synapse, [1] * ms, None, G, 2 * ms)
    assert result.delta_w.dims == ("G",)
    assert result.w.dims == ("G", "time")
    assert result.G.attrs["units"] == "Hz"
    assert float(result.delta_w.sel(G=-4)) == pytest.approx(-5e-3 * 4)
    paired = simulate_forced_spikes(
        FREE.synapse, [[1] * ms, None], None, [4, 5] * Hz, 2 * ms
    )
    assert paired.delta_w.dims == ("synapse",)
    assert list(paired.delta_w.G) == [4, 5]


def test_G_may_change_in_time():
    """Each spike counts with the G of its own moment: 4, then -2 Hz from 2 ms on."""
    course = TimedArray([4, -2] * Hz, dt=2 * ms)
    result = simulate_forced_spikes(
        FREE.synapse, [[1, 2.1] * ms, [3] * ms], None, course, 4 * ms
    )
    np.testing.assert_allclose(result.delta_w, [5e-3 * 2, 5e-3 * -2])
    assert result.G.dims == ("time",)
    np.testing.assert_array_equal(result.G, np.repeat([4, -2], 20))


def test_each_synapse_may_have_its_course_of_G():
    courses = TimedArray([[4, 1], [-2, 3]] * Hz, dt=2 * ms)
    result = simulate_forced_spikes(FREE.synapse, [1, 2.1] * ms, None, courses, 4 * ms)
    np.testing.assert_allclose(result.delta_w, [5e-3 * 2, 5e-3 * 4])
    assert result.G.dims == ("synapse", "time")
    np.testing.assert_array_equal(result.G[:, -1], [-2, 3])


@pytest.mark.parametrize(
    ("values", "dt", "said"),
    [
        ([4, -2] * second, 2 * ms, "G: got .* in Hz"),
        ([4, np.nan] * Hz, 2 * ms, "G: got .* finite"),
        ([4, -2] * Hz, 0.25 * ms, "G.dt: got .* multiples of the time step"),
        (np.ones((2, 3)) * Hz, 2 * ms, "pre_spikes: got '2 items'; allowed: 1 or 3"),
    ],
)
@pytest.mark.usefixtures("nothing_runs")
def test_courses_of_G_are_checked(values, dt, said):
    course, trains = TimedArray(values, dt=dt), [[1] * ms] * 2
    arguments = (FREE.synapse, trains, None, course, 4 * ms)
    with pytest.raises(ValueError, match=said):
        simulate_forced_spikes(*arguments)
