r"""The plastic inhibitory synapse: many synapses share one number.

.. math::

    \frac{dw}{dt} = \eta\, G \left[ (z_\mathrm{post} + 1)\, S_\mathrm{pre}(t)
                    + z_\mathrm{pre}\, S_\mathrm{post}(t) \right]

Both traces jump by 1 at a spike of their own neuron and decay with
:math:`\tau_\mathrm{STDP}`. The weight stays within its bounds [1]_.

The older rule of Vogels and colleagues has no global factor. It compares each
postsynaptic neuron with a target :math:`\rho_0` of its own [2]_:

.. math::

    \frac{dw}{dt} = \eta \left[ (z_\mathrm{post} - 2 \rho_0 \tau_\mathrm{STDP})\,
                    S_\mathrm{pre}(t) + z_\mathrm{pre}\, S_\mathrm{post}(t) \right]

References
----------
.. [1] Zenke, Agnes & Gerstner (2015), Nature Communications 6:6922, Eq. 15,
   doi:10.1038/ncomms7922
.. [2] Vogels, Sprekeler, Zenke, Clopath & Gerstner (2011), Science 334:1569-1573,
   doi:10.1126/science.1211095
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import cleandoc
from numbers import Integral, Real

import numpy as np
from brian2 import (
    Equations,
    Hz,
    NeuronGroup,
    Quantity,
    Subgroup,
    Synapses,
    have_same_dimensions,
    linked_var,
    second,
)
from brian2.groups.group import Group
from brian2.groups.neurongroup import check_identifier_pre_post
from brian2.units.fundamentalunits import Unit
from brian2.utils.stringtools import word_substitute

from .checks import check_choice, check_kind, check_quantity, refuse
from .global_factor import spiking_compartment
from .parameters import SynapseParameters
from .rules import Rule, check_language, name_of_rule
from .units import unit_name

#: What a rule that reads the global factor compares with its target.
GLOBAL_TARGET = """
G : Hz (linked)
G_element : integer (constant)"""

#: What a rule that does not read it has instead: a target for each neuron.
OWN_TARGET = """
rho_0 : Hz (shared, constant)"""

#: Brian2 reserves names that end in ``_pre`` and ``_post``: hence ``pre_trace``.
SHARED = """
w : {weight}
dpre_trace/dt = -pre_trace/tau_stdp   : 1 ({updates})
dpost_trace/dt = -post_trace/tau_stdp : 1 ({updates})
eta      : {learning_rate} (shared, constant)
tau_stdp : second (shared, constant)
w_min    : {weight} (shared, constant)
w_max    : {weight} (shared, constant)
"""

#: The synapse of a rule that reads the global factor.
EQUATIONS = GLOBAL_TARGET + SHARED

#: The variable that each parameter sets.
VARIABLES = {
    "rho_0": "rho_0",
    "eta": "eta",
    "tau_stdp": "tau_stdp",
    "w_min": "w_min",
    "w_max": "w_max",
    "w_0": "w",
}

TRACE_UPDATES = ("event-driven", "clock-driven")

#: The variables of every plastic synapse; a rule adds G and its element, or rho_0.
NAMES = ("w", "pre_trace", "post_trace", "eta", "tau_stdp", "w_min", "w_max")


def plastic_synapses(
    presynaptic: Group,
    postsynaptic: Group,
    synapse: SynapseParameters,
    global_factor: NeuronGroup | None,
    *,
    connect: Mapping[str, object] | None = None,
    transmission: str = "",
    namespace: Mapping[str, object] | None = None,
    names: Mapping[str, str] | None = None,
    G_index: str | None = None,
    trace_updates: str = "event-driven",
    delay: Quantity | None = None,
    name: str = "plastic_synapses*",
) -> Synapses:
    r"""Build plastic inhibitory synapses, which share the global factor.

    Parameters
    ----------
    presynaptic, postsynaptic : brian2.Group
        The inhibitory neurons and the excitatory neurons they inhibit: any groups
        that spike.
    synapse : SynapseParameters
        The rule and its parameters.
    global_factor : brian2.NeuronGroup or None
        A group with a variable G in Hz; None for a rule that does not read it.
    connect : mapping, optional
        Arguments of `brian2.Synapses.connect`; by default neuron *k* connects to
        neuron *k*.
    transmission : str, optional
        What a presynaptic spike does to the postsynaptic neuron, such as
        ``"g_post += w"``. It uses the weight before the update. Here ``w`` is always
        the weight, and the neurons' own variables end in ``_pre`` or ``_post``: a
        cell with a variable ``w`` has it as ``w_post``.
    namespace : mapping, optional
        Constants of your own by name, for `connect` and `transmission`. Names in
        `transmission` that are not here are looked up where the network runs.
    names : mapping, optional
        Other names for the variables, such as ``{"w": "weight"}``. A variable whose
        name a neuron owns is called ``w_syn`` in Brian2 without being asked. In
        either case ``synapses.w`` remains the weight.
    G_index : {"i", "j"}, optional
        Which G a synapse uses: that of its presynaptic or of its postsynaptic
        neuron, where the global factor has one element for each of these. Not
        needed where it has one element only.
    trace_updates : {"event-driven", "clock-driven"}, optional
        Update the traces at spikes only, or in every step so that they can be
        recorded.
    delay : Quantity, optional
        Delay of the presynaptic spikes.
    name : str, optional
        Name of the synapses.

    Returns
    -------
    brian2.Synapses
        Connected, linked and set to the initial weight. Variables w,
        pre_trace, post_trace and G, the last taken from element G_element of the
        global factor; parameters eta, tau_stdp, w_min, w_max. In place of G, a rule
        that has a target of its own has the parameter rho_0.

    Raises
    ------
    ValueError
        If an argument is refused: the neurons do not spike, `global_factor` does not
        fit the rule or `G_index` the global factor, `connect` is missing for groups
        of unequal size, or a name is taken.

    Notes
    -----
    In one time step a presynaptic event comes before a postsynaptic one
    (Brian2's orders -1 and 1). Two spikes in the same step therefore count as
    a pair at lag zero: the change is :math:`2 \eta G` under either published rule
    that reads G. The authors' simulator does not count the pair and gives
    :math:`\eta G`.
    """
    check_kind("synapse", synapse, SynapseParameters)
    check_choice("trace_updates", trace_updates, TRACE_UPDATES)
    rule = synapse.plasticity
    groups = {"presynaptic": presynaptic, "postsynaptic": postsynaptic}
    compartments = {n: spiking_compartment(n, group) for n, group in groups.items()}
    _check_source_of_G(rule, global_factor, G_index)
    if G_index is not None:
        n_needed = len(presynaptic if G_index == "i" else postsynaptic)
        if n_needed > len(global_factor):
            allowed = f"a global factor with {n_needed} elements, one for each neuron"
            raise refuse("G_index", G_index, allowed)
    connect = _checked_connect(connect, len(presynaptic), len(postsynaptic))
    check_language("transmission", transmission)
    if delay is not None:
        delay = check_quantity("delay", delay, second, at_least=0)
    called = _names_in_brian(names or {}, rule, presynaptic, postsynaptic)
    synapses = Synapses(
        presynaptic,
        postsynaptic,
        _equations(synapse, trace_updates, called),
        on_pre=word_substitute(f"{cleandoc(transmission)}\n{rule.on_pre}", called),
        on_post=word_substitute(rule.on_post, called),
        delay=delay,
        method="exact",
        namespace=dict(namespace or {}),
        name=name,
    )
    try:
        _connect(synapses, connect)
        _check_compartments(synapses, connect, compartments)
    except ValueError:
        # Brian2 would complain, too, of synapses that belong to nothing.
        synapses.add_attribute("group")
        synapses.group = presynaptic
        raise
    if rule.reads_G:
        # An index of our own: linked by Brian's `i`, 2.11 compiles no Cython code.
        link = linked_var(global_factor, "G", index=called["G_element"])
        setattr(synapses, called["G"], link)
        if G_index is not None:
            elements = getattr(synapses, called["G_element"])
            elements.set_item(slice(None), G_index, namespace={})
    for variable, value in variable_values(synapse).items():
        setattr(synapses, called[variable], value)
    for variable, other in called.items():
        if other != variable and variable not in rule.temporaries:
            _reach_by(synapses, variable, other)
    return synapses


def variable_values(synapse: SynapseParameters) -> dict[str, Quantity | float]:
    """Return what the variables of a synapse are set to.

    Parameters
    ----------
    synapse : SynapseParameters
        The parameters.

    Returns
    -------
    dict
        Values by the names of `VARIABLES`; infinite where there is no bound, without
        rho_0 where the rule has none.
    """
    low, high = synapse.bounds
    values = {**synapse.values(), "w_min": low, "w_max": high}
    return {VARIABLES[name]: values[name] for name in VARIABLES if name in values}


def _equations(
    synapse: SynapseParameters, trace_updates: str, called: Mapping[str, str]
) -> str:
    rule, unit = synapse.plasticity, _unit_in_equations(synapse.weight_unit)
    equations = (
        (GLOBAL_TARGET if rule.reads_G else "")
        + (OWN_TARGET if rule.has_target else "")
        + SHARED
    )
    per_G = "second" if unit == "1" else f"{unit}*second"
    rate = per_G if rule.reads_G else unit
    equations = equations.format(weight=unit, learning_rate=rate, updates=trace_updates)
    derivatives = {f"d{n}": f"d{called[n]}" for n in ("pre_trace", "post_trace")}
    return word_substitute(equations, {**called, **derivatives})


def _unit_in_equations(unit: Unit | int) -> str:
    # Brian2's equations take base units only: "second ** -2", not "hertz2".
    name = repr(unit)
    return repr(Unit(1, dim=unit.dim)) if name[-1] in "23" else name


def _names_in_brian(
    names: Mapping[str, str], rule: Rule, presynaptic: Group, postsynaptic: Group
) -> dict[str, str]:
    taken = {*presynaptic.variables, *postsynaptic.variables}
    in_use = [
        *(["G", "G_element"] if rule.reads_G else []),
        *(["rho_0"] if rule.has_target else []),
        *NAMES,
    ]
    check_kind("names", names, Mapping)
    called = {}
    for name in [*in_use, *rule.temporaries]:
        other = name
        while other in taken:
            other = f"{other}_syn"
        called[name] = other
    for name, chosen in names.items():
        check_choice("names", name, in_use)
        if not isinstance(chosen, str):
            raise refuse("names", dict(names), "words for Brian2")
        if chosen in {*taken, *called, *called.values()} - {name}:
            allowed = "a name that neither the neurons nor the synapses use"
            raise refuse("names", dict(names), allowed)
        try:
            Equations.check_identifier(chosen)
            check_identifier_pre_post(chosen)
        except (SyntaxError, TypeError, ValueError) as error:
            raise refuse("names", dict(names), f"names for Brian2 ({error})") from None
        called[name] = chosen
    return called


def _reach_by(synapses: Synapses, name: str, variable: str) -> None:
    # Brian2 gives synapses all variables of their targets, so that `synapses.w` and
    # a monitor of "w" would be a cell's own. They have to be the weight.
    if name in synapses.variables:
        try:
            del synapses.variables._variables[name]
        except (AttributeError, KeyError):
            advice = "choose a name that no neuron owns, with `names`"
            raise RuntimeError(
                f"this Brian2 does not let go of a neuron's {name!r}: {advice}"
            ) from None
    index = synapses.variables.indices[variable]
    synapses.variables.add_reference(name, synapses, variable, index=index)


_CONNECT = ("condition", "i", "j", "p", "n", "skip_if_invalid", "namespace")


def _checked_connect(
    connect: Mapping[str, object] | None, n_pre: int, n_post: int
) -> dict[str, object]:
    if connect is None:
        if n_pre != n_post:
            sizes = f"{n_pre} and {n_post} neurons"
            raise refuse("connect", None, f"None for groups of equal size, not {sizes}")
        return {"i": np.arange(n_pre), "j": np.arange(n_pre)}
    check_kind("connect", connect, Mapping)
    for key in connect:
        check_choice("connect", key, _CONNECT)
    p = connect.get("p", 1)
    if not isinstance(p, str) and not (
        isinstance(p, Real) and not isinstance(p, bool) and 0 <= p <= 1
    ):
        raise refuse("connect", dict(connect), "a probability p from 0 to 1")
    n = connect.get("n", 1)
    if not isinstance(n, str) and not (isinstance(n, Integral) and n >= 0):
        raise refuse("connect", dict(connect), "a number n of synapses for each pair")
    for key, size in (("i", n_pre), ("j", n_post)):
        given = connect.get(key)
        if given is None or isinstance(given, str) or hasattr(given, "_indices"):
            continue
        numbers = np.asarray(given)
        if numbers.dtype.kind not in "iu" or np.any((numbers < 0) | (numbers >= size)):
            allowed = f"whole numbers {key} from 0 to {size - 1}"
            raise refuse("connect", dict(connect), allowed)
    return dict(connect)


def _connect(synapses: Synapses, connect: Mapping[str, object]) -> None:
    given = {**synapses.namespace, **(connect.get("namespace") or {})}
    try:
        synapses.connect(**{**connect, "namespace": given})
    except (IndexError, KeyError, SyntaxError, TypeError, ValueError) as error:
        allowed = (
            "arguments of brian2.Synapses.connect, with names that are variables of "
            f"the neurons or stand in `namespace` ({error})"
        )
        raise refuse("connect", dict(connect), allowed) from error


def _check_compartments(
    synapses: Synapses,
    connect: Mapping[str, object],
    compartments: Mapping[str, int | None],
) -> None:
    # Brian2 tells a synapse of the spikes of its own compartment only.
    for key, (name, compartment) in zip("ij", compartments.items(), strict=True):
        if compartment is None:
            continue
        try:
            indices = np.asarray(getattr(synapses, key))
        except NotImplementedError:  # a C++ program has not made them yet
            indices = connect.get(key)
        if not np.array_equal(np.unique(indices), [compartment]):
            allowed = (
                f"{key} = {compartment}, the compartment at which the {name} neuron "
                "spikes: synapses elsewhere would not hear it"
            )
            raise refuse("connect", dict(connect), allowed)


def _check_source_of_G(
    rule: Rule, global_factor: NeuronGroup | None, G_index: str | None
) -> None:
    if not rule.reads_G:
        for name, value in (("global_factor", global_factor), ("G_index", G_index)):
            if value is not None:
                shown = name_of_rule(rule)
                allowed = f"None, because the rule {shown!r} does not read G"
                raise refuse(name, value, allowed)
        return
    if "G" not in getattr(global_factor, "variables", {}):
        allowed = f"a group with a variable G, which {name_of_rule(rule)!r} reads"
        raise refuse("global_factor", global_factor, allowed)
    if isinstance(global_factor, Subgroup):
        # A linked variable would be counted from the beginning of the whole group.
        name = f"the subgroup {global_factor.name}"
        raise refuse("global_factor", name, "a whole group, not a part of one")
    if not have_same_dimensions(global_factor.variables["G"].dim, Hz):
        unit = unit_name(global_factor.variables["G"].dim)
        raise refuse("global_factor", f"G in {unit}", "a group whose G is in Hz")
    if G_index is not None:
        check_choice("G_index", G_index, ("i", "j"))
    elif len(global_factor) > 1:
        allowed = "'i' or 'j', because the global factor has several elements"
        raise refuse("G_index", G_index, allowed)
