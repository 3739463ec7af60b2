"""The plasticity rules: what a presynaptic and a postsynaptic spike do to a synapse."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from inspect import cleandoc
from numbers import Integral, Real
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from brian2 import DimensionMismatchError, Hz, get_dimensions, second
from brian2.core.functions import DEFAULT_CONSTANTS, DEFAULT_FUNCTIONS
from brian2.core.namespace import DEFAULT_UNITS
from brian2.core.variables import Constant, Variable
from brian2.equations.unitcheck import check_units_statements
from brian2.parsing.dependencies import abstract_code_dependencies
from brian2.parsing.rendering import NodeRenderer
from brian2.units.fundamentalunits import Unit
from brian2.utils.stringtools import get_identifiers

from .checks import refuse
from .docstrings import described, entry
from .records import AS_DICT, UNREADABLE

#: What the statements of a rule may write, and what they may only read.
WRITTEN = ("w", "pre_trace", "post_trace")
READ = ("G", "rho_0", "eta", "tau_stdp", "w_min", "w_max", "t", "dt")

_DEFAULTS = {**DEFAULT_CONSTANTS, **DEFAULT_UNITS}

ONE_RULE = entry("rule : str or Rule", "A key of `RULES`, or a rule of one's own.")


@dataclass(frozen=True)
class Rule:
    r"""What a presynaptic and a postsynaptic spike do to a synapse.

    A rule reads the global factor ``G``, has a target rate ``rho_0`` for the
    postsynaptic neuron, or neither.

    Parameters
    ----------
    on_pre, on_post : str
        Statements in Brian2's language; empty where a spike does nothing. They write
        ``w``, ``pre_trace`` and ``post_trace``, may read ``eta``, ``tau_stdp``,
        ``w_min``, ``w_max``, ``t``, ``dt`` and either ``G`` or ``rho_0``, and the
        neurons' own variables with ``_pre`` or ``_post`` at the end. Bounds hold
        where a statement clips to them, and nowhere else.
    label : str, optional
        What a figure calls the rule.
    lone_pre, lone_post : str or float, optional
        What a spike without a partner is worth: the change of the weight over
        ``eta*G``, or over ``eta`` where the rule does not read G. An expression in
        ``rho_0`` and ``tau_stdp``, or a number. `homeo.theory` needs both, and
        describes rules whose pairs add :math:`e^{-|\Delta|/\tau_\mathrm{STDP}}`.

    Raises
    ------
    ValueError
        If a statement is not in Brian2's language or uses an unknown name, or if the
        statements do not do what `lone_pre` and `lone_post` say.
    """

    on_pre: str
    on_post: str
    label: str = "own rule"
    lone_pre: str | None = None
    lone_post: str | None = None

    def __post_init__(self) -> None:
        for name in ("on_pre", "on_post", "label"):
            value = getattr(self, name)
            if not isinstance(value, str):
                raise refuse(name, value, "text")
            object.__setattr__(self, name, cleandoc(value))
        if not self.on_pre + self.on_post:
            raise refuse("on_pre", "", "statements in on_pre, in on_post or in both")
        for name in ("on_pre", "on_post"):
            _check_statements(name, getattr(self, name))
        for name in ("lone_pre", "lone_post"):
            object.__setattr__(self, name, _checked_worth(name, getattr(self, name)))
        if self.is_known_to_theory:
            self._check_worths()
        elif self.lone_pre is not self.lone_post:
            missing = "lone_pre" if self.lone_pre is None else "lone_post"
            raise refuse(missing, None, "an expression: give both worths, or neither")

    @property
    def reads_G(self) -> bool:
        """Whether the rule reads the global factor."""
        return "G" in self._names

    @property
    def has_target(self) -> bool:
        """Whether the postsynaptic neuron has a target rate of its own, rho_0."""
        return "rho_0" in self._names

    @property
    def aims_at_a_rate(self) -> bool:
        """Whether the rule has a target, of the population or of each neuron."""
        return self.reads_G or self.has_target

    @property
    def is_known_to_theory(self) -> bool:
        """Whether the rule says what a spike without a partner is worth."""
        return self.lone_pre is not None and self.lone_post is not None

    @property
    def temporaries(self) -> set[str]:
        """Names that the statements define for themselves."""
        return {
            name
            for code in (self.on_pre, self.on_post)
            for name in _dependencies(code).newly_defined
            if not _is_of_a_neuron(name)
        }

    @property
    def _names(self) -> set[str]:
        return get_identifiers(f"{self.on_pre}\n{self.on_post}")

    def lone_spikes(
        self, tau_stdp: float, rho_0: float | None = None
    ) -> tuple[float, float]:
        """Return what a spike without a partner is worth, over the gain.

        Parameters
        ----------
        tau_stdp : float
            Time constant of the traces, in seconds.
        rho_0 : float, optional
            Target rate of the postsynaptic neuron, in Hz.

        Returns
        -------
        pre, post : float
            Of a presynaptic and of a postsynaptic spike.

        Raises
        ------
        ValueError
            If the rule does not say it.
        """
        if not self.is_known_to_theory:
            allowed = "a rule with lone_pre and lone_post, which theory needs"
            raise refuse("rule", self.label, allowed)
        values = {"tau_stdp": tau_stdp, "rho_0": rho_0}
        pre, post = (_value(worth, values) for worth in (self.lone_pre, self.lone_post))
        return pre, post

    @classmethod
    @described(AS_DICT, UNREADABLE)
    def from_dict(cls, given: object) -> Rule:
        """Read a rule that `as_dict` wrote.

        Returns
        -------
        Rule
            The rule.
        """
        names = [spec.name for spec in dataclasses.fields(cls)]
        if not isinstance(given, Mapping) or set(given) != set(names):
            raise refuse("rule", given, f"a name, or a mapping of {', '.join(names)}")
        return cls(**given)

    def as_dict(self) -> dict[str, str | None]:
        """Return the rule as plain text, by the names of its parameters."""
        return dataclasses.asdict(self)

    def check_units(self, weight_unit: Unit | int) -> None:
        """Check that the statements agree with a unit of the weight.

        Parameters
        ----------
        weight_unit : Unit or int
            The unit; 1 for pure numbers. That of eta is this one times second where
            the rule reads G.

        Raises
        ------
        ValueError
            If a statement adds or assigns what has another unit.
        """
        units = {
            **dict.fromkeys(("w", "w_min", "w_max"), weight_unit),
            **dict.fromkeys(("pre_trace", "post_trace"), 1),
            **dict.fromkeys(("G", "rho_0"), Hz),
            **dict.fromkeys(("tau_stdp", "t", "dt"), second),
            "eta": weight_unit * (second if self.reads_G else 1),
        }
        variables = {
            **DEFAULT_FUNCTIONS,
            **{
                name: Constant(name, dimensions=get_dimensions(value), value=value)
                for name, value in DEFAULT_UNITS.items()
            },
            **DEFAULT_CONSTANTS,
            **{n: Variable(n, dimensions=get_dimensions(u)) for n, u in units.items()},
        }
        for name in ("on_pre", "on_post"):
            code = getattr(self, name)
            if any(map(_is_of_a_neuron, get_identifiers(code))):
                continue  # their units are known where the synapses are built
            try:
                check_units_statements(code, variables)
            except DimensionMismatchError as error:
                raise refuse(name, code, f"units that agree: {error}") from None

    def _check_worths(self) -> None:
        # Theory adds a pair's exp(-|lag|/tau) to the lone worths: a rule that does
        # anything else would be described wrongly without a word.
        for name, own, other in (
            ("on_pre", "pre_trace", "post_trace"),
            ("on_post", "post_trace", "pre_trace"),
        ):
            code, worth = getattr(self, name), getattr(self, f"lone_{name[3:]}")
            unclear = sorted(n for n in get_identifiers(code) if not _is_evident(n))
            if unclear:
                allowed = f"None for a rule that reads {', '.join(unclear)}"
                raise refuse(f"lone_{name[3:]}", worth, allowed)
            if not all(self._agrees(code, worth, own, other, s) for s in _SAMPLES):
                allowed = (
                    f"what {name} does; that has to raise {own} by 1 and to change w "
                    f"by the gain times (the worth + {other})"
                )
                raise refuse(f"lone_{name[3:]}", worth, allowed)

    def _agrees(
        self, code: str, worth: str, own: str, other: str, sample: Mapping[str, float]
    ) -> bool:
        try:
            after, value = _run(code, sample), _value(worth, sample)
        except (ArithmeticError, TypeError, ValueError):
            return False
        gain = sample["eta"] * (sample["G"] if self.reads_G else 1)
        change = (after["w"] - sample["w"]) / gain
        jumps = (after[own] - sample[own], after[other] - sample[other])
        return np.allclose((change, *jumps), (value + sample[other], 1, 0), rtol=1e-9)


#: At these values the statements are compared with what theory will say of them. No
#: value is a round one or stays the same, so that a number in its place is found out;
#: the bounds are far away, but not so far that a rule could read them unseen.
_SAMPLES = (
    {
        "w": 0.2,
        "G": 1.3,
        "pre_trace": 0.4,
        "post_trace": 0.9,
        "eta": 0.7,
        "tau_stdp": 0.0193,
        "rho_0": 5.1,
        "w_min": -1.1e3,
        "w_max": 1.3e3,
    },
    {
        "w": 0.5,
        "G": -0.6,
        "pre_trace": 1.7,
        "post_trace": 0.3,
        "eta": 0.23,
        "tau_stdp": 0.0571,
        "rho_0": 0.0,
        "w_min": -0.7e3,
        "w_max": 0.9e3,
    },
)


def _is_of_a_neuron(name: str) -> bool:
    return name.endswith(("_pre", "_post"))


def _is_evident(name: str) -> bool:
    # Nothing of the neurons, of time or of chance.
    function = DEFAULT_FUNCTIONS.get(name)
    chance = function is not None and not function.stateless
    return not (_is_of_a_neuron(name) or chance or name in ("t", "dt"))


def check_language(name: str, code: object) -> None:
    """Check that statements are in Brian2's language, whatever their names mean.

    Parameters
    ----------
    name : str
        Name of the argument.
    code : str
        The statements.

    Raises
    ------
    ValueError
        If they are not.
    """
    try:
        for statement in ast.parse(cleandoc(code)).body:
            if isinstance(statement, ast.Expr):
                raise SyntaxError("a statement has to assign something")
            # Brian2's own renderer refuses all that is not in its language.
            NodeRenderer().render_node(statement)
    except (SyntaxError, ValueError, NotImplementedError, AttributeError) as error:
        allowed = f"statements in Brian2's language ({error})"
        raise refuse(name, code, allowed) from None


def _dependencies(code: str) -> NamedTuple:
    return abstract_code_dependencies(
        code, {*WRITTEN, *READ, *_DEFAULTS}, set(DEFAULT_FUNCTIONS)
    )


def _check_statements(name: str, code: str) -> None:
    check_language(name, code)
    found = _dependencies(code)
    unknown = {
        *(n for n in found.undefined_read if not _is_of_a_neuron(n)),
        *found.unknown_funcs,
        *found.write & {*READ, *_DEFAULTS},
    }
    if unknown:
        allowed = (
            f"statements without {', '.join(sorted(unknown))}: they write "
            f"{', '.join(WRITTEN)}, and read {', '.join(READ)} or the neurons' "
            "variables, with _pre or _post"
        )
        raise refuse(name, code, allowed)


def _checked_worth(name: str, worth: object) -> str | None:
    if worth is None:
        return None
    allowed = "a number, or an expression in tau_stdp and rho_0"
    if isinstance(worth, Real) and not isinstance(worth, bool):
        worth = repr(int(worth) if isinstance(worth, Integral) else float(worth))
    if not isinstance(worth, str):
        raise refuse(name, worth, allowed)
    try:
        NodeRenderer().render_expr(worth)
        found = abstract_code_dependencies(
            f"worth = {worth}",
            {"tau_stdp", "rho_0", *DEFAULT_CONSTANTS},
            set(DEFAULT_FUNCTIONS),
        )
    except (SyntaxError, ValueError, NotImplementedError, AttributeError):
        raise refuse(name, worth, allowed) from None
    if found.undefined_read or found.unknown_funcs:
        raise refuse(name, worth, allowed)
    return worth


def _run(code: str, values: Mapping[str, float]) -> dict[str, float]:
    names = {**DEFAULT_FUNCTIONS, **_CONSTANTS, **values}
    # `_check_statements` lets pass assignments, arithmetic and Brian2's functions.
    exec(code, {"__builtins__": {}}, names)
    return names


def _value(worth: str, values: Mapping[str, float]) -> float:
    return float(_run(f"worth = {worth}", values)["worth"])


_CONSTANTS = {
    **{name: constant.get_value() for name, constant in DEFAULT_CONSTANTS.items()},
    **{name: float(unit) for name, unit in DEFAULT_UNITS.items()},
}


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
            label="paper's rule",
            lone_pre="1",
            lone_post="0",
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
            label="example's rule",
            lone_pre="0",
            lone_post="1",
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
            label="Vogels' rule",
            lone_pre="-2*rho_0*tau_stdp",
            lone_post="0",
        ),
    }
)

#: The rules that read the global factor.
GLOBAL_RULES: Mapping[str, Rule] = MappingProxyType(
    {name: rule for name, rule in RULES.items() if rule.reads_G}
)


@described(ONE_RULE)
def find_rule(rule: str | Rule) -> Rule:
    """Return the rule of a name; a rule itself is returned as it is.

    Returns
    -------
    Rule
        The rule.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if isinstance(rule, Rule):
        return rule
    if not isinstance(rule, str) or rule not in RULES:
        names = ", ".join(map(repr, RULES))
        raise refuse("rule", rule, f"one of {names}, or a Rule of one's own")
    return RULES[rule]


@described(ONE_RULE)
def name_of_rule(rule: str | Rule) -> str:
    """Return the name of a rule: its key in `RULES`, or else its label.

    Returns
    -------
    str
        The name.
    """
    found = find_rule(rule)
    return next((name for name, r in RULES.items() if r == found), found.label)
