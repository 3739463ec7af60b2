"""The records of parameters: frozen, self-checking, complete, with their sources."""

import copy
import dataclasses
import json
import pickle
from fractions import Fraction

import numpy as np
import pytest
from brian2 import (
    Hz,
    Quantity,
    have_same_dimensions,
    meter,
    ms,
    mV,
    nS,
    pA,
    second,
    siemens,
)

from homeo import (
    BRIAN_EXAMPLE,
    BRIAN_EXAMPLE_PROTOCOL,
    ZENKE_2015,
    GlobalFactorParameters,
    PairingProtocol,
    Parameters,
    SynapseParameters,
    preset,
)
from homeo.parameters import NetworkParameters
from homeo.published import PRESETS
from homeo.rules import RULES, Rule, name_of_rule
from homeo.units import unit_name, unit_named

pytestmark = pytest.mark.usefixtures("silent")

FACTOR = {"gamma": 4 * Hz, "tau_H": 10 * second, "H_0": 4 * Hz, "N": 4096}
SYNAPSE = {
    "rule": "zenke_2015",
    "eta": 5e-6 * second,
    "tau_stdp": 20 * ms,
    "w_0": 0.15,
    "w_min": 0.0,
    "w_max": 5.0,
}
PROTOCOL = {
    "rates": [0, 2.5, 5, 7.5, 10] * Hz,
    "epoch": 1 * second,
    "pairing_time": 500 * ms,
    "lag": 1 * ms,
}
MAKERS = {
    GlobalFactorParameters: FACTOR,
    SynapseParameters: SYNAPSE,
    PairingProtocol: PROTOCOL,
}


# --- The published values -------------------------------------------------


def test_zenke_2015_is_the_papers_code():
    """The values of the authors' run scripts; eta = eta_i / gamma = 2e-5 / 4 Hz."""
    factor, synapse = ZENKE_2015.global_factor, ZENKE_2015.synapse
    assert factor == GlobalFactorParameters(**FACTOR)
    assert synapse == SynapseParameters(**SYNAPSE)
    assert float(synapse.eta / second) == pytest.approx(2e-5 / 4, rel=1e-15)
    assert factor.H_0 - factor.gamma == 0 * Hz  # G starts at 0
    assert synapse.weight_unit == 1  # leak conductances


def test_brian_example_is_the_published_script():
    """Brian2's example: target 5 Hz, time constant 0.1 s, 1 nS s, no bounds."""
    assert BRIAN_EXAMPLE.global_factor == GlobalFactorParameters(
        gamma=5 * Hz, tau_H=0.1 * second, H_0=0 * Hz, N=1000
    )
    assert BRIAN_EXAMPLE.synapse == SynapseParameters(
        rule="brian_example",
        eta=1 * nS * second,
        tau_stdp=20 * ms,
        w_0=0 * nS,
        w_min=None,
        w_max=None,
    )
    assert PairingProtocol(**PROTOCOL) == BRIAN_EXAMPLE_PROTOCOL
    assert BRIAN_EXAMPLE.synapse.weight_unit is siemens


@pytest.mark.parametrize("name", PRESETS)
def test_every_parameter_of_a_preset_has_a_source(name):
    parameters = preset(name)
    named = {*FACTOR, *SYNAPSE}
    assert set(parameters.sources) == named
    assert all(len(source) > 20 for source in parameters.sources.values())
    table = parameters.to_frame()
    assert set(table.index) == named
    assert list(table.columns) == ["symbol", "value", "meaning", "source"]


def test_table_shows_units_and_missing_bounds():
    table = BRIAN_EXAMPLE.to_frame().value
    assert table["tau_H"] == "100 ms"
    assert table["eta"] == "1 nS s"  # siemens times second is not a capacitance
    assert table["w_max"] == "none"
    assert table["N"] == "1000"


def test_unknown_preset_is_refused(refused):
    with refused("preset", "ZENKE_2016", "'ZENKE_2015', 'BRIAN_EXAMPLE'"):
        preset("ZENKE_2016")


# --- Refusals -------------------------------------------------------------

REFUSALS = [
    # wrong units
    (GlobalFactorParameters, "gamma", 4 * second, ">= 0 in Hz"),
    (GlobalFactorParameters, "gamma", 4, ">= 0 in Hz"),
    (GlobalFactorParameters, "gamma", [1, 2] * Hz, "one finite value"),
    (GlobalFactorParameters, "gamma", -1 * Hz, ">= 0 in Hz"),
    (GlobalFactorParameters, "H_0", -1 * Hz, ">= 0 in Hz"),
    (GlobalFactorParameters, "H_0", 1 * nS, ">= 0 in Hz"),
    (SynapseParameters, "eta", 1 * Hz, "> 0 in s"),
    (SynapseParameters, "eta", 5e-6, "> 0 in s"),
    (SynapseParameters, "eta", 1 * nS * second, "> 0 in s"),
    (SynapseParameters, "w_max", 1 * nS, "without a unit"),
    (PairingProtocol, "rates", 5 * Hz, "one or more finite values >= 0 in Hz"),
    (PairingProtocol, "rates", [] * Hz, "one or more finite values >= 0 in Hz"),
    (PairingProtocol, "rates", [1, -1] * Hz, "one or more finite values >= 0 in Hz"),
    (PairingProtocol, "rates", [[1, 2]] * Hz, "one or more finite values >= 0 in Hz"),
    (PairingProtocol, "lag", 1, "one finite value in s"),
    # time constants and learning rate
    (GlobalFactorParameters, "tau_H", 0 * second, "> 0 in s"),
    (GlobalFactorParameters, "tau_H", -1 * second, "> 0 in s"),
    (SynapseParameters, "tau_stdp", 0 * ms, "> 0 in s"),
    (SynapseParameters, "tau_stdp", -20 * ms, "> 0 in s"),
    (SynapseParameters, "eta", 0 * second, "> 0 in s"),
    (SynapseParameters, "eta", -1e-3 * second, "> 0 in s"),
    (PairingProtocol, "epoch", 0 * ms, "> 0 in s"),
    (PairingProtocol, "pairing_time", -1 * ms, ">= 0 in s"),
    # counts
    (GlobalFactorParameters, "N", 0, "a whole number >= 1"),
    (GlobalFactorParameters, "N", -5, "a whole number >= 1"),
    (GlobalFactorParameters, "N", 10.0, "a whole number >= 1"),
    (GlobalFactorParameters, "N", True, "a whole number >= 1"),
    (GlobalFactorParameters, "N", "10", "a whole number >= 1"),
    # bounds and spikes
    (SynapseParameters, "w_min", 6.0, "at most w_max = 5.0"),
    (SynapseParameters, "w_0", 5.1, "from w_min = 0.0 to w_max = 5.0"),
    (SynapseParameters, "w_0", -0.1, "from w_min = 0.0 to w_max = 5.0"),
    (SynapseParameters, "w_0", None, "without a unit"),
    (PairingProtocol, "pairing_time", 1 * second, "spikes within the epoch"),
    (PairingProtocol, "lag", 500 * ms, "spikes within the epoch"),
    (PairingProtocol, "lag", -501 * ms, "spikes within the epoch"),
    # names
    (SynapseParameters, "rule", "vogels", "'zenke_2015', 'brian_example'"),
    (SynapseParameters, "rule", None, "'zenke_2015', 'brian_example', 'vogels_2011'"),
    (SynapseParameters, "rho_0", 4 * Hz, "None, because the rule 'zenke_2015' reads"),
]
NOT_QUANTITIES = ["1", None, True, object, 1j * Hz, [[1], [1, 2]], [1 * Hz, 2 * ms]]
REFUSALS += [
    (kind, name, value, "finite value")
    for kind, name in [
        (GlobalFactorParameters, "gamma"),
        (GlobalFactorParameters, "tau_H"),
        (SynapseParameters, "tau_stdp"),
        (SynapseParameters, "w_0"),
        (PairingProtocol, "rates"),
        (PairingProtocol, "epoch"),
    ]
    for value in NOT_QUANTITIES
]
REFUSALS += [
    (kind, name, bad * unit, "finite value")
    for bad in (np.nan, np.inf, -np.inf)
    for kind, name, unit in [
        (GlobalFactorParameters, "gamma", Hz),
        (GlobalFactorParameters, "tau_H", second),
        (GlobalFactorParameters, "H_0", Hz),
        (SynapseParameters, "eta", second),
        (SynapseParameters, "tau_stdp", second),
        (SynapseParameters, "w_0", 1),
        (SynapseParameters, "w_min", 1),
        (SynapseParameters, "w_max", 1),
        (PairingProtocol, "rates", [1] * Hz),
        (PairingProtocol, "epoch", second),
        (PairingProtocol, "pairing_time", second),
        (PairingProtocol, "lag", second),
    ]
]


@pytest.mark.parametrize(
    ("kind", "name", "value", "allowed"),
    REFUSALS,
    ids=[f"{kind.__name__}-{name}-{value!r}" for kind, name, value, _ in REFUSALS],
)
def test_record_refuses(kind, name, value, allowed, refused):
    """The message names the argument, what it was and what is allowed."""
    with refused(name, value, allowed):
        kind(**{**MAKERS[kind], name: value})


VOGELS = {**SYNAPSE, "rule": "vogels_2011", "eta": 1e-3, "rho_0": 4 * Hz}


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("eta", 1e-3 * second, "> 0 without a unit"),
        ("eta", 1e-3 * nS * second, "> 0 without a unit"),
        ("eta", 0.0, "> 0 without a unit"),
        ("eta", np.nan, "> 0 without a unit"),
        ("eta", True, "> 0 without a unit"),
        ("eta", "1e-3", "> 0 without a unit"),
        ("eta", [1e-3, 1e-3], "> 0 without a unit"),
        ("rho_0", None, ">= 0 in Hz"),
        ("rho_0", 4, ">= 0 in Hz"),
        ("rho_0", -1 * Hz, ">= 0 in Hz"),
        ("rho_0", [4, 5] * Hz, "one finite value"),
        ("w_min", 0.15 * nS, "without a unit"),
    ],
)
def test_rule_with_a_target_of_its_own_refuses(name, value, allowed, refused):
    """Without G the learning rate has the unit of the weight, and rho_0 is needed."""
    with refused(name, value, allowed):
        SynapseParameters(**{**VOGELS, name: value})


WEIGHTS = {"1": 1, "S": nS, "V": mV, "A": pA, "m s^-1": meter / second, "s^-2": Hz**2}


@pytest.mark.parametrize("unit", WEIGHTS.values(), ids=list(WEIGHTS))
def test_weights_may_have_any_unit_and_that_of_eta_follows(unit):
    """Weight times second where the rule reads G, the unit of the weight elsewhere."""
    for given, eta in ((SYNAPSE, 5e-6 * unit * second), (VOGELS, 1e-3 * unit)):
        weights = {"w_0": 0.15 * unit, "w_min": 0 * unit, "w_max": 5 * unit}
        synapse = SynapseParameters(**{**given, **weights, "eta": eta})
        assert have_same_dimensions(synapse.weight_unit, unit)
        assert float(synapse.weight_unit) == 1  # an SI unit
        low, high = synapse.bounds
        assert (low, high) == (0 * unit, 5 * unit)
        assert SynapseParameters.from_json(synapse.to_json()) == synapse


def test_a_number_has_the_unit_one():
    """Pure numbers stay plain floats, and siemens is what a table calls siemens."""
    assert SynapseParameters(**SYNAPSE).weight_unit == 1
    assert BRIAN_EXAMPLE.synapse.weight_unit is siemens


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("eta", 5e-6 * second, "> 0 in V s"),
        ("eta", 5e-6 * mV, "> 0 in V s"),
        ("w_min", 0.0, "in V"),
        ("w_max", 5 * nS, "in V"),
    ],
)
def test_all_weights_and_eta_share_a_unit(name, value, allowed, refused):
    with refused(name, value, allowed):
        ZENKE_2015.with_weights_in(0.1 * mV).replace(**{name: value})


def test_weights_of_the_paper_in_siemens():
    """Numbers of leak conductances times the leak of the reader's cells."""
    in_siemens = ZENKE_2015.with_weights_in(10 * nS)
    expected = {"eta": 5e-14, "w_0": 1.5e-9, "w_min": 0, "w_max": 5e-8}
    for name, value in in_siemens.synapse.values().items():
        if name in expected:
            assert float(value) == pytest.approx(expected[name], rel=1e-15)
        else:
            assert value == getattr(ZENKE_2015.synapse, name)
    assert in_siemens.synapse.weight_unit is siemens
    assert in_siemens.global_factor == ZENKE_2015.global_factor
    changed = {n for n, text in in_siemens.sources.items() if "times 10 nS" in text}
    assert changed == {"eta", "w_0", "w_min", "w_max"}
    assert all(in_siemens.sources[n].startswith(ZENKE_2015.sources[n]) for n in changed)
    unbound = ZENKE_2015.replace(w_min=None, w_max=None).with_weights_in(10 * nS)
    assert unbound.synapse.bounds == (-np.inf * siemens, np.inf * siemens)


@pytest.mark.parametrize(
    "unit", [0 * nS, -1 * nS, np.inf * nS, "nS", None, [1, 2] * nS]
)
def test_weights_in_what_is_no_unit_are_refused(unit, refused):
    with refused("unit", unit, "one finite value > 0"):
        ZENKE_2015.with_weights_in(unit)


def test_weights_that_have_a_unit_get_no_other(refused):
    with refused("w_0", BRIAN_EXAMPLE.synapse.w_0, "a rule whose weights are numbers"):
        BRIAN_EXAMPLE.with_weights_in(10 * nS)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"global_factor": FACTOR}, "global_factor"),
        ({"synapse": None}, "synapse"),
        ({"sources": None}, "sources"),
        ({"sources": {}}, "sources"),
        ({"sources": {**ZENKE_2015.sources, "delta": "?"}}, "sources"),
    ],
)
def test_parameters_refuse_what_is_not_a_record(changes, name):
    parts = {
        "global_factor": ZENKE_2015.global_factor,
        "synapse": ZENKE_2015.synapse,
        "sources": ZENKE_2015.sources,
    }
    with pytest.raises(ValueError, match=f"^{name}: got .*; allowed: "):
        Parameters(**{**parts, **changes})


# --- Frozen ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "name"),
    [
        (ZENKE_2015, "synapse"),
        (ZENKE_2015.global_factor, "gamma"),
        (ZENKE_2015.synapse, "w_0"),
        (BRIAN_EXAMPLE_PROTOCOL, "rates"),
        (BRIAN_EXAMPLE_PROTOCOL, "anything"),
    ],
)
def test_attributes_cannot_be_set(record, name):
    before = getattr(record, name, None)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(record, name, before)
    assert getattr(record, name, None) is before


PRESET_TEXT = {parameters: parameters.to_json() for parameters in PRESETS.values()}


def copies(record):
    return [record, copy.copy(record), copy.deepcopy(record), _pickled(record)]


def _pickled(record):
    return pickle.loads(pickle.dumps(record))


@pytest.mark.parametrize(
    "which", range(4), ids=["itself", "copy", "deepcopy", "pickle"]
)
@pytest.mark.parametrize("parameters", PRESETS.values(), ids=list(PRESETS))
def test_quantities_cannot_change_in_place(parameters, which):
    """Brian2's quantities are arrays: writing into one would change the record.

    The same holds for copies, which parallel runs work on.
    """
    same = copies(parameters)[which]
    with pytest.raises(dataclasses.FrozenInstanceError):
        same.global_factor.gamma += 1 * Hz
    gamma = same.global_factor.gamma
    gamma += 1 * Hz
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(same.synapse.eta)[...] = 0
    with pytest.raises(ValueError, match="read-only"):
        same.synapse.tau_stdp.fill(0)
    assert same == parameters
    assert same.to_json() == PRESET_TEXT[parameters]
    assert dict(same.sources) == dict(parameters.sources)
    with pytest.raises(TypeError):
        same.sources["gamma"] = "me"


@pytest.mark.parametrize(
    "which", range(4), ids=["itself", "copy", "deepcopy", "pickle"]
)
def test_arrays_of_a_protocol_cannot_change_in_place(which):
    same = copies(BRIAN_EXAMPLE_PROTOCOL)[which]
    with pytest.raises(ValueError, match="read-only"):
        same.rates[0] = 99 * Hz
    with pytest.raises(ValueError, match="read-only"):
        same.rates[1:] *= 2
    assert same == PairingProtocol(**PROTOCOL)


def test_record_keeps_no_view_of_the_callers_array():
    rates = [1, 2] * Hz
    protocol = BRIAN_EXAMPLE_PROTOCOL.replace(rates=rates)
    rates[0] = 99 * Hz
    assert list(protocol.rates / Hz) == [1, 2]
    assert rates.flags.writeable


# --- Equality, text, changes ----------------------------------------------


def test_equality_and_hash_follow_the_values():
    same = GlobalFactorParameters(**{**FACTOR, "tau_H": 10_000 * ms})
    other = GlobalFactorParameters(**{**FACTOR, "tau_H": 9 * second})
    assert same == ZENKE_2015.global_factor
    assert hash(same) == hash(ZENKE_2015.global_factor)
    assert other != same
    assert hash(other) != hash(same)
    assert ZENKE_2015 != BRIAN_EXAMPLE
    assert len({ZENKE_2015, ZENKE_2015.replace(), BRIAN_EXAMPLE}) == 2
    assert ZENKE_2015.global_factor != ZENKE_2015.synapse
    assert PairingProtocol(**PROTOCOL) != BRIAN_EXAMPLE_PROTOCOL.replace(lag=2 * ms)


def test_negative_zero_is_zero():
    """-0.0 == 0.0, so both must hash alike and be written alike."""
    minus, plus = ZENKE_2015.replace(w_0=-0.0), ZENKE_2015.replace(w_0=0.0)
    assert minus == plus
    assert hash(minus) == hash(plus)
    assert minus.to_json() == plus.to_json()


@pytest.mark.parametrize("parameters", PRESETS.values(), ids=list(PRESETS))
def test_json_round_trip(parameters):
    text = parameters.to_json()
    same = Parameters.from_json(text)
    assert same == parameters
    assert same.to_json() == text
    assert set(same.sources) == set(parameters.sources)
    written = json.loads(text)
    assert written["global_factor"]["tau_H"] == {
        "value": float(parameters.global_factor.tau_H),
        "unit": "s",
    }
    # Siemens times second is Brian2's farad, but a learning rate is no capacitance.
    in_siemens = parameters is BRIAN_EXAMPLE
    assert written["synapse"]["eta"]["unit"] == ("S s" if in_siemens else "s")
    assert isinstance(same.global_factor.tau_H, Quantity)


def test_replace_changes_one_value_and_marks_its_source():
    changed = ZENKE_2015.replace(tau_H=1 * second, w_max=2.0)
    assert changed.global_factor == GlobalFactorParameters(
        **{**FACTOR, "tau_H": 1 * second}
    )
    assert changed.synapse == SynapseParameters(**{**SYNAPSE, "w_max": 2.0})
    marked = {n for n in changed.sources if changed.sources[n] != ZENKE_2015.sources[n]}
    assert marked == {"tau_H", "w_max"}
    assert changed.sources["tau_H"] == "set by the caller"
    assert ZENKE_2015.global_factor == GlobalFactorParameters(**FACTOR)


def test_target_of_the_neuron_comes_and_goes_with_its_rule(refused):
    """A record lists the parameters that its rule has, with a source for each."""
    vogels = ZENKE_2015.replace(rule="vogels_2011", eta=1e-3, rho_0=4 * Hz)
    assert vogels.synapse == SynapseParameters(**VOGELS)
    assert vogels.sources["rho_0"] == "set by the caller"
    assert vogels.to_frame().value["rho_0"] == "4 Hz"
    assert Parameters.from_json(vogels.to_json()) == vogels
    assert _pickled(vogels) == vogels
    back = vogels.replace(rule="zenke_2015", eta=5e-6 * second, rho_0=None)
    assert back == ZENKE_2015
    assert back.sources.keys() == ZENKE_2015.sources.keys()
    assert "rho_0" not in ZENKE_2015.to_json()
    with refused("rho_0", 4 * Hz, "None, because the rule 'zenke_2015' reads"):
        vogels.replace(rule="zenke_2015", eta=5e-6 * second)


@pytest.mark.parametrize("record", [ZENKE_2015, BRIAN_EXAMPLE_PROTOCOL])
def test_replace_refuses_unknown_names(record, refused):
    with refused("parameter", "tau", "one of "):
        record.replace(tau=1 * second)


def test_replace_checks_the_new_value(refused):
    with refused("tau_H", 0 * second, "> 0 in s"):
        ZENKE_2015.replace(tau_H=0 * second)
    with refused("lag", 1 * second, "within the epoch"):
        BRIAN_EXAMPLE_PROTOCOL.replace(lag=1 * second)


def test_missing_bounds_are_infinite():
    low, high = BRIAN_EXAMPLE.synapse.bounds
    assert (low, high) == (-np.inf * siemens, np.inf * siemens)


def test_spike_times_of_a_protocol():
    protocol = BRIAN_EXAMPLE_PROTOCOL.replace(lag=-10 * ms)
    assert protocol.pre_spike_times / second == pytest.approx([0.5, 1.5, 2.5, 3.5, 4.5])
    assert protocol.post_spike_times / second == pytest.approx(
        [0.49, 1.49, 2.49, 3.49, 4.49]
    )
    assert protocol.duration == 5 * second


# --- A rule of one's own --------------------------------------------------

#: Half of the "+1" on each side: between the paper's rule and the example's.
HALVES = Rule(
    on_pre="pre_trace += 1\nw = clip(w + eta*G*(post_trace + 0.5), w_min, w_max)",
    on_post="post_trace += 1\nw = clip(w + eta*G*(pre_trace + 0.5), w_min, w_max)",
    label="half on each side",
    lone_pre=0.5,
    lone_post="1/2",
)


def test_a_rule_of_ones_own_is_a_value_like_the_others():
    """It can be compared, copied, written out whole and read again."""
    own = ZENKE_2015.replace(rule=HALVES)
    assert own.synapse.plasticity == HALVES
    assert own.reads_G
    assert own.target_rate == 4 * Hz
    assert own != ZENKE_2015
    assert len({own, ZENKE_2015, ZENKE_2015.replace(rule=HALVES)}) == 2
    assert _pickled(own) == copy.deepcopy(own) == own
    assert Parameters.from_json(own.to_json()) == own
    assert json.loads(own.to_json())["synapse"]["rule"] == {
        "on_pre": HALVES.on_pre,
        "on_post": HALVES.on_post,
        "label": "half on each side",
        "lone_pre": "0.5",
        "lone_post": "1/2",
    }
    assert own.to_frame().value["rule"] == "half on each side"
    assert own.sources["rule"] == "set by the caller"


@pytest.mark.parametrize("name", RULES)
def test_a_published_rule_has_one_name_however_it_is_given(name):
    target = {} if RULES[name].reads_G else {"rho_0": 4 * Hz, "eta": 1e-3}
    given = SynapseParameters(**{**SYNAPSE, **target, "rule": RULES[name]})
    assert given.rule == name
    assert given == SynapseParameters(**{**SYNAPSE, **target, "rule": name})
    assert name_of_rule(RULES[name]) == name_of_rule(name) == name


def test_a_rule_may_have_neither_target():
    """Pair-based STDP without a target: no rho_0, eta in units of the weight."""
    hebb = Rule(on_pre="pre_trace += 1", on_post="post_trace += 1; w += eta*pre_trace")
    synapse = SynapseParameters(**{**SYNAPSE, "rule": hebb, "eta": 1e-3})
    assert "rho_0" not in synapse.values()
    rule = Parameters(
        global_factor=ZENKE_2015.global_factor,
        synapse=synapse,
        sources=ZENKE_2015.sources,
    )
    with pytest.raises(ValueError, match="^rule: got 'own rule'; .* aims at a rate"):
        rule.target_rate  # noqa: B018
    with pytest.raises(ValueError, match="^rho_0: got .* has no target"):
        rule.replace(rho_0=4 * Hz)


SPIKES = {"on_pre": "pre_trace += 1", "on_post": "post_trace += 1"}


@pytest.mark.parametrize(
    ("changes", "name", "allowed"),
    [
        ({"on_pre": "w += alpha"}, "on_pre", "statements without alpha"),
        ({"on_post": "w += f(1)"}, "on_post", "statements without f"),
        ({"on_pre": "eta = 1"}, "on_pre", "statements without eta"),
        ({"on_pre": "w += a; a = 1"}, "on_pre", "statements without a"),
        ({"on_pre": "w += "}, "on_pre", "statements in Brian2's language"),
        ({"on_pre": "w + 1"}, "on_pre", "statements in Brian2's language"),
        ({"on_pre": "import os"}, "on_pre", "statements in Brian2's language"),
        ({"on_pre": "w += w.real"}, "on_pre", "statements in Brian2's language"),
        ({"on_pre": None}, "on_pre", "text"),
        ({"on_pre": "", "on_post": ""}, "on_pre", "statements in on_pre, in on_post"),
        ({"label": 3}, "label", "text"),
        ({"lone_pre": 1}, "lone_post", "give both worths, or neither"),
        ({"lone_pre": "beta", "lone_post": 0}, "lone_pre", "a number, or an expr"),
        ({"lone_pre": "1; 2", "lone_post": 0}, "lone_pre", "a number, or an expr"),
        ({"lone_pre": True, "lone_post": 0}, "lone_pre", "a number, or an expr"),
    ],
)
def test_rules_refuse(changes, name, allowed):
    """Before anything is built: syntax, unknown names, worths that are not whole."""
    with pytest.raises(ValueError, match=f"^{name}: got .*; allowed: .*{allowed}"):
        Rule(**{**SPIKES, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"lone_pre": 0},  # its pre spike is worth 1/2
        {"lone_post": "rho_0*tau_stdp"},
        {"on_pre": "pre_trace += 1; w += eta*G*(post_trace**2 + 0.5)"},
        {"on_pre": "pre_trace = 1; w += eta*G*(post_trace + 0.5)"},  # nearest pairs
        {"on_pre": "pre_trace += 1; w += eta*(post_trace + 0.5)"},  # not times G
        {"on_pre": "pre_trace += 1; w += eta*G*w*(post_trace + 0.5)"},
        {"on_pre": "pre_trace += 1; w += eta*G*(1 - w/w_max)*(post_trace + 0.5)"},
        {"on_pre": "pre_trace += 1; w += eta*G*(post_trace + 25*Hz*tau_stdp)"},
        {"lone_pre": "25*tau_stdp"},  # half, if tau_stdp were 20 ms
        {"on_pre": "pre_trace += 1; w += eta*G*rand()*(post_trace + 0.5)"},
        {"on_pre": "pre_trace += 1; w += eta*G*v_post*(post_trace + 0.5)"},
    ],
)
def test_a_rule_cannot_claim_what_it_does_not_do(changes):
    """Theory would describe it wrongly, and nobody would be told."""
    given = dataclasses.asdict(HALVES)
    with pytest.raises(ValueError, match="^lone_(pre|post): got"):
        Rule(**{**given, **changes})


@pytest.mark.parametrize("unit", [1, nS, mV])
def test_units_of_a_rule_are_those_of_its_weight(unit):
    """An Ohmic weight has no volt in it: statements are checked with the record."""
    in_volts = Rule(on_pre="w += 1*mV", on_post="")
    weights = {"w_0": 1 * unit, "w_min": None, "w_max": None, "eta": 1 * unit}
    given = {**SYNAPSE, **weights, "rule": in_volts}
    if unit is mV:
        assert SynapseParameters(**given).plasticity == in_volts
    else:
        with pytest.raises(ValueError, match="^on_pre: got .* units that agree"):
            SynapseParameters(**given)


# --- Text that is not whole -----------------------------------------------

WHOLE = ZENKE_2015.with_weights_in(10 * nS).to_json()


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("[]", "Parameters", "a mapping of global_factor, synapse"),
        ("3", "Parameters", "a mapping"),
        ("null", "Parameters", "a mapping"),
        ("", "text", "JSON that `to_json` wrote"),
        ("{", "text", "JSON that `to_json` wrote"),
        (None, "text", "JSON that `to_json` wrote"),
        ("{}", "Parameters", "missing: global_factor, synapse"),
        (WHOLE.replace("tau_H", "tau_h"), "GlobalFactorParameters", "missing: tau_H"),
        (WHOLE.replace('"N": 4096', '"N": 4096, "M": 1'), "Global", "unknown: M"),
        (WHOLE.replace('"S"', '"furlong"'), "w_0", "got 'furlong'"),
        (WHOLE.replace('"S"', '["S"]'), "w_0", "unit"),
        (WHOLE.replace('"S"', '"V"'), "eta", "in V s"),
        (WHOLE.replace("4.0", '"4"'), "gamma", '"value": number'),
        (WHOLE.replace("4.0", "NaN"), "gamma", "finite"),
        (WHOLE.replace('"value": 4.0, ', ""), "gamma", '"value": number'),
        (WHOLE.replace("4096", '"many"'), "N", "a whole number"),
        (WHOLE.replace('"zenke_2015"', "[]"), "rule", "a mapping of on_pre"),
        (WHOLE.replace('"zenke_2015"', '{"on_pre": "w += 1"}'), "rule", "on_post"),
        (WHOLE.replace("zenke_2015", "zenke_2016"), "rule", "'zenke_2015'"),
    ],
)
def test_text_that_is_not_whole_is_refused_in_words(text, name, said):
    with pytest.raises(ValueError, match=f"^{name}.*: got ") as caught:
        Parameters.from_json(text)
    assert said in str(caught.value)


def test_a_network_is_read_whole_or_not_at_all():
    """A missing value would be a default that nobody asked for."""
    whole = json.loads(NetworkParameters().to_json())
    del whole["tau_m"]
    with pytest.raises(ValueError, match="^NetworkParameters: got .*missing: tau_m"):
        NetworkParameters.from_json(json.dumps(whole))


@pytest.mark.parametrize("name", ["S", "V s", "m s^-1", "kg^0.5"])
def test_units_have_names_that_can_be_read(name):
    assert unit_name(unit_named(name).dim) == name


# --- The recurrent network ------------------------------------------------


def test_network_is_the_papers_cells_in_a_smaller_network():
    """1000 + 250 cells with the constants of the authors' IFGroup and AIFGroup."""
    network = NetworkParameters()
    assert (network.n_E, network.n_I, network.p) == (1000, 250, 0.1)
    assert (network.w_EE, network.w_EI, network.w_II) == (0.05, 0.2, 0.2)
    assert network.delay == 0.8 * ms
    assert (network.n_inputs, network.input_rate) == (100, 25 * Hz)
    assert (network.w_input_E, network.w_input_I) == (0.1, 0.06)
    milliseconds = {"m": 20, "theta": 5, "ampa": 5, "nmda": 100, "gaba": 10}
    for name, value in {**milliseconds, "adapt": 100}.items():
        owner = f"tau_{name}"
        assert float(getattr(network, owner) / ms) == pytest.approx(value), owner
    potentials = {"v_rest": -70, "E_exc": 0, "E_inh": -80}
    for name, value in {**potentials, "theta_rest": -50, "theta_jump": 100}.items():
        assert float(getattr(network, name) / mV) == pytest.approx(value), name
    assert (network.ampa_nmda_E, network.ampa_nmda_I) == (0.2, 0.3)
    assert network.adaptation == 0.1


def test_table_of_a_network_says_what_was_changed():
    """Every parameter has a source, and a changed one says that the caller set it."""
    changed = NetworkParameters().replace(n_E=80, tau_m=10 * ms)
    table = changed.to_frame()
    assert set(table.index) == {f.name for f in dataclasses.fields(changed)}
    assert all(len(source) > 10 for source in NetworkParameters().to_frame().source)
    by_caller = table.index[table.source == "set by the caller"]
    assert sorted(by_caller) == ["n_E", "tau_m"]
    assert table.value["tau_m"] == "10 ms"


def test_network_survives_text_and_copies():
    network = NetworkParameters(n_E=80, v_rest=-65 * mV)
    assert NetworkParameters.from_json(network.to_json()) == network
    assert copy.deepcopy(network) == pickle.loads(pickle.dumps(network)) == network
    assert network != NetworkParameters()
    with pytest.raises(dataclasses.FrozenInstanceError):
        network.tau_m = 10 * ms
    assert not network.tau_m.flags.writeable


NETWORK_REFUSALS = [
    ("n_E", 1, "a whole number >= 2"),
    ("n_I", 10.0, "a whole number >= 2"),
    ("n_inputs", 0, "a whole number >= 1"),
    ("p", 0, "> 0 without a unit"),
    ("p", 1.5, "a fraction > 0 and <= 1"),
    ("w_EE", -0.1, ">= 0 without a unit"),
    ("w_II", 1 * nS, "without a unit"),
    ("input_rate", 25, ">= 0 in Hz"),
    ("delay", -1 * ms, ">= 0 in s"),
    ("tau_m", 0 * ms, "> 0 in s"),
    ("v_rest", -70, "in V"),
    ("theta_jump", -1 * mV, ">= 0 in V"),
    ("theta_rest", -80 * mV, "a threshold above v_rest"),
]


@pytest.mark.parametrize(("name", "value", "allowed"), NETWORK_REFUSALS)
def test_networks_refuse(name, value, allowed, refused):
    with refused(name, value, allowed):
        NetworkParameters(**{name: value})


def test_network_refuses_an_unknown_name(refused):
    with refused("parameter", "n_e", "'n_E'"):
        NetworkParameters().replace(n_e=80)


@pytest.mark.parametrize("half", [np.float64(0.5), np.float32(0.5), Fraction(1, 2)])
def test_a_worth_may_be_any_real_number(half):
    worths = dataclasses.replace(HALVES, lone_pre=half, lone_post=half)
    assert worths.lone_spikes(0.02) == (0.5, 0.5)
