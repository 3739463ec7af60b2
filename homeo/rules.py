"""The plasticity rules: what a presynaptic and a postsynaptic spike do to a synapse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import cleandoc
from types import MappingProxyType


@dataclass(frozen=True)
class Rule:
    """What a presynaptic and a postsynaptic spike do to a synapse.

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


#: The rules by name. They differ in the spike that carries the "+1".
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
    }
)
