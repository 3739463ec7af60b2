"""The plasticity rules: what a presynaptic and a postsynaptic spike do to a synapse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import cleandoc
from types import MappingProxyType

from brian2.utils.stringtools import get_identifiers


@dataclass(frozen=True)
class Rule:
    """What a presynaptic and a postsynaptic spike do to a synapse.

    A rule either reads the global factor G, or has a target rate ``rho_0`` for the
    postsynaptic neuron.

    Parameters
    ----------
    on_pre, on_post : str
        Statements in Brian2's language.
    """

    on_pre: str
    on_post: str

    def __post_init__(self) -> None:
        for name in ("on_pre", "on_post"):
            object.__setattr__(self, name, cleandoc(getattr(self, name)))

    @property
    def reads_G(self) -> bool:
        """Whether the rule reads the global factor."""
        return "G" in get_identifiers(f"{self.on_pre}\n{self.on_post}")


#: The rules by name. Those that read the global factor differ in the spike that
#: carries the "+1". The rule of Vogels et al. (2011, doi:10.1126/science.1211095) has
#: a target for each postsynaptic neuron instead: every presynaptic spike takes off
#: ``2*rho_0*tau_stdp``.
RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "zenke_2015": Rule(
            on_pre="""
            pre_trace += 1
            w = clip(w + eta*G*(post_trace + 1), w_min, w_max)
            """,
            on_post="""
            post_trace += 1
            w = clip(w + eta*G*pre_trace, w_min, w_max)
            """,
        ),
        "brian_example": Rule(
            on_pre="""
            pre_trace += 1
            w = clip(w + eta*G*post_trace, w_min, w_max)
            """,
            on_post="""
            post_trace += 1
            w = clip(w + eta*G*(pre_trace + 1), w_min, w_max)
            """,
        ),
        "vogels_2011": Rule(
            on_pre="""
            pre_trace += 1
            w = clip(w + eta*(post_trace - 2*rho_0*tau_stdp), w_min, w_max)
            """,
            on_post="""
            post_trace += 1
            w = clip(w + eta*pre_trace, w_min, w_max)
            """,
        ),
    }
)

#: The rules that read the global factor.
GLOBAL_RULES: Mapping[str, Rule] = MappingProxyType(
    {name: rule for name, rule in RULES.items() if rule.reads_G}
)
