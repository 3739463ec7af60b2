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

import numpy as np
from brian2 import (
    NeuronGroup,
    Quantity,
    Synapses,
    have_same_dimensions,
    linked_var,
    siemens,
)
from brian2.groups.group import Group

from .checks import check_choice, check_kind, refuse
from .parameters import SynapseParameters
from .rules import RULES

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
    "eta": "eta",
    "tau_stdp": "tau_stdp",
    "w_0": "w",
    "w_min": "w_min",
    "w_max": "w_max",
    "rho_0": "rho_0",
}

TRACE_UPDATES = ("event-driven", "clock-driven")


def plastic_synapses(
    presynaptic: Group,
    postsynaptic: Group,
    parameters: SynapseParameters,
    global_factor: NeuronGroup | None,
    *,
    connect: Mapping[str, object] | None = None,
    transmission: str = "",
    G_index: str | None = None,
    trace_updates: str = "event-driven",
    delay: Quantity | None = None,
    name: str = "plastic_synapses*",
) -> Synapses:
    r"""Build plastic inhibitory synapses, which share the global factor.

    Parameters
    ----------
    presynaptic, postsynaptic : brian2.Group
        The inhibitory neurons and the excitatory neurons they inhibit.
    parameters : SynapseParameters
        The rule and its parameters.
    global_factor : brian2.NeuronGroup or None
        A group with a variable G in Hz; None for a rule that does not read it.
    connect : mapping, optional
        Arguments of `brian2.Synapses.connect`; by default neuron *k* connects to
        neuron *k*.
    transmission : str, optional
        What a presynaptic spike does to the postsynaptic neuron, such as
        ``"g_post += w"``. It uses the weight before the update. Names that are
        not variables of the neurons are looked up where the network runs.
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
        that does not read it has the parameter rho_0.

    Raises
    ------
    ValueError
        If `trace_updates` or `G_index` is unknown, `global_factor` does not fit the
        rule or `G_index` the global factor, or `connect` is missing for groups of
        unequal size.

    Notes
    -----
    In one time step a presynaptic event comes before a postsynaptic one
    (Brian2's orders -1 and 1). Two spikes in the same step therefore count as
    a pair at lag zero: the change is :math:`2 \eta G` under either rule that
    reads G. The authors' simulator does not count the pair and gives
    :math:`\eta G`.
    """
    check_kind("parameters", parameters, SynapseParameters)
    check_choice("trace_updates", trace_updates, TRACE_UPDATES)
    rule = RULES[parameters.rule]
    _check_source_of_G(parameters.rule, global_factor, G_index)
    if G_index is not None:
        n_needed = len(presynaptic if G_index == "i" else postsynaptic)
        if n_needed > len(global_factor):
            allowed = f"a global factor with {n_needed} elements, one for each neuron"
            raise refuse("G_index", G_index, allowed)
    if connect is None and len(presynaptic) != len(postsynaptic):
        sizes = f"{len(presynaptic)} and {len(postsynaptic)} neurons"
        raise refuse("connect", None, f"None for groups of equal size, not {sizes}")
    equations = _equations(parameters, trace_updates)
    synapses = Synapses(
        presynaptic,
        postsynaptic,
        equations,
        on_pre=f"{transmission}\n{rule.on_pre}",
        on_post=rule.on_post,
        delay=delay,
        method="exact",
        namespace={},
        name=name,
    )
    if connect is None:
        neurons = np.arange(len(presynaptic))
        connect = {"i": neurons, "j": neurons}
    synapses.connect(**connect, namespace={})
    if rule.reads_G:
        # An index of our own: linked by Brian's `i`, 2.11 compiles no Cython code.
        synapses.G = linked_var(global_factor, "G", index="G_element")
        if G_index is not None:
            synapses.G_element.set_item(slice(None), G_index, namespace={})
    else:
        synapses.rho_0 = parameters.rho_0
    synapses.eta = parameters.eta
    synapses.tau_stdp = parameters.tau_stdp
    synapses.w_min, synapses.w_max = parameters.bounds
    synapses.w = parameters.w_0
    return synapses


def _equations(parameters: SynapseParameters, trace_updates: str) -> str:
    reads_G = RULES[parameters.rule].reads_G
    in_siemens = have_same_dimensions(parameters.weight_unit, siemens)
    units = (["siemens"] if in_siemens else []) + (["second"] if reads_G else [])
    equations = EQUATIONS if reads_G else OWN_TARGET + SHARED
    return equations.format(
        weight="siemens" if in_siemens else "1",
        learning_rate="*".join(units) or "1",
        updates=trace_updates,
    )


def _check_source_of_G(
    rule: str, global_factor: NeuronGroup | None, G_index: str | None
) -> None:
    if not RULES[rule].reads_G:
        for name, value in (("global_factor", global_factor), ("G_index", G_index)):
            if value is not None:
                allowed = f"None, because the rule {rule!r} does not read G"
                raise refuse(name, value, allowed)
        return
    if global_factor is None:
        allowed = f"a group with a variable G, which the rule {rule!r} reads"
        raise refuse("global_factor", None, allowed)
    if G_index is not None:
        check_choice("G_index", G_index, ("i", "j"))
    elif len(global_factor) > 1:
        allowed = "'i' or 'j', because the global factor has several elements"
        raise refuse("G_index", G_index, allowed)
