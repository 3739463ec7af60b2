"""The rule in a network of one's own: one call adds all that it needs."""

from __future__ import annotations

from collections.abc import Mapping

from brian2 import BrianObject, NeuronGroup, Quantity, Synapses
from brian2.groups.group import Group

from .checks import check_kind
from .global_factor import global_factor_group, listen
from .parameters import Parameters
from .synapse import plastic_synapses


class HomeostaticInhibition(BrianObject):
    """Plastic synapses, the global factor they read, and what that hears.

    One object for Brian2: whoever adds it to a network, or has it in a variable where
    ``run()`` is called, has added its parts. It keeps them alive.

    Parameters
    ----------
    synapses : brian2.Synapses
        The plastic synapses.
    global_factor : brian2.NeuronGroup or None
        H and G; None under a rule that does not read G.
    aggregator : brian2.Synapses or None
        By which the global factor hears the population.
    name : str, optional
        Name of the object.
    """

    add_to_magic_network = True

    def __init__(
        self,
        synapses: Synapses,
        global_factor: NeuronGroup | None,
        aggregator: Synapses | None,
        *,
        name: str = "homeostatic_inhibition*",
    ) -> None:
        super().__init__(name=name)
        self.synapses = synapses
        self.global_factor = global_factor
        self.aggregator = aggregator
        self.contained_objects.extend(self.objects)

    def __del__(self) -> None:
        """Say nothing: parts that were in no network complain for themselves."""

    @property
    def objects(self) -> tuple[BrianObject, ...]:
        """The parts, to be added to a network one by one."""
        parts = (self.global_factor, self.aggregator, self.synapses)
        return tuple(part for part in parts if part is not None)


def homeostatic_inhibition(
    inhibitory: Group,
    excitatory: Group,
    rule: Parameters,
    *,
    transmission: str,
    connect: Mapping[str, object] | None = None,
    population: Group | None = None,
    delay: Quantity | None = None,
    namespace: Mapping[str, object] | None = None,
    names: Mapping[str, str] | None = None,
    trace_updates: str = "event-driven",
    name: str = "homeostatic_inhibition*",
) -> HomeostaticInhibition:
    """Let inhibition learn in a network of your own.

    Parameters
    ----------
    inhibitory, excitatory : brian2.Group
        The neurons on both sides of the synapses: any groups that spike, parts of
        groups too.
    rule : Parameters
        The rule. Its weights may have any unit that fits `transmission`; see
        `homeo.parameters.Parameters.with_weights_in`.
    transmission : str
        What a spike of an inhibitory neuron does, such as ``"g_post += w"``: ``w`` is
        the weight, the cell's own variables end in ``_post``.
    connect : mapping, optional
        Arguments of `brian2.Synapses.connect`; by default neuron *k* connects to
        neuron *k*.
    population : brian2.Group, optional
        The neurons whose mean rate is to reach the target; by default `excitatory`.
        Their number takes the place of N.
    delay : Quantity, optional
        Delay of the inhibitory spikes.
    namespace : mapping, optional
        Constants of your own by name, for `connect` and `transmission`.
    names : mapping, optional
        Other names for the variables of the synapses.
    trace_updates : {"event-driven", "clock-driven"}, optional
        Update the traces at spikes only, or in every step.
    name : str, optional
        Name of the object.

    Returns
    -------
    HomeostaticInhibition
        Its ``synapses``, ``global_factor`` and ``aggregator``. Add it to a network, or
        keep it in a variable where ``run()`` is called.

    Raises
    ------
    ValueError
        If an argument is refused.

    See Also
    --------
    homeo.synapse.plastic_synapses, homeo.global_factor.global_factor_group,
    homeo.global_factor.listen : the parts, for what this does not do.
    """
    check_kind("rule", rule, Parameters)
    factor, aggregator = None, None
    if rule.reads_G:
        heard = excitatory if population is None else population
        factor = global_factor_group(rule.global_factor)
        aggregator = listen(factor, heard)
    synapses = plastic_synapses(
        inhibitory,
        excitatory,
        rule.synapse,
        factor,
        connect=connect,
        transmission=transmission,
        namespace=namespace,
        names=names,
        trace_updates=trace_updates,
        delay=delay,
    )
    return HomeostaticInhibition(synapses, factor, aggregator, name=name)
