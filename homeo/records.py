"""The frozen, self-checking record that every model's parameters are.

A field says what its parameter is: symbol, meaning, unit and range, and, where the
default was published, its source. All else follows from the fields: checks, tables,
text that a file can carry, copies with other values.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self

import numpy as np
import pandas as pd
from brian2 import Quantity

from .checks import check_choice, check_quantity, refuse
from .docstrings import described, entry
from .units import from_si, show, unit_name

CHANGED = "set by the caller"

SHOWN = entry("symbol, meaning : str", "What a table shows.")
CHECK = entry(
    "**check",
    "Arguments of `homeo.checks.check_quantity`; none for what is not a quantity.",
)
AS_DICT = entry("given : dict", "What `as_dict` returned.")
UNREADABLE = entry("ValueError", "If a parameter is missing, unknown or refused.")
CHANGES = entry("**changes", "New values by name, such as ``tau_H=1*second``.")
UNCHANGED = entry("ValueError", "If a name is unknown or a value is refused.")


@described(SHOWN + CHECK)
def parameter(symbol: str, meaning: str, **check: Any) -> Any:
    """Declare a parameter that has no default.

    Returns
    -------
    dataclasses.Field
        The field.
    """
    return field(metadata={"symbol": symbol, "meaning": meaning, "check": check})


@described(SHOWN)
def parameter_of_some_rules(symbol: str, meaning: str) -> Any:
    """Declare a parameter that only some rules have; it is None for the others.

    Returns
    -------
    dataclasses.Field
        The field.
    """
    metadata = {"symbol": symbol, "meaning": meaning, "of_some_rules": True}
    return field(default=None, metadata=metadata)


@described(CHECK)
def parameter_with_source(
    default: Any, symbol: str, meaning: str, source: str, **check: Any
) -> Any:
    """Declare a parameter with a published default.

    Parameters
    ----------
    default : Quantity, float or int
        The published value.
    symbol, meaning, source : str
        What a table shows.

    Returns
    -------
    dataclasses.Field
        The field.
    """
    facts = {"symbol": symbol, "meaning": meaning, "source": source}
    # A factory, because a quantity is an array, and dataclasses refuse arrays.
    return field(
        default_factory=lambda: default,
        metadata={**facts, "default": default, "check": check},
    )


def part(kind: type) -> Any:
    """Declare a part that is a record itself.

    Parameters
    ----------
    kind : type
        The class of the part; it has `as_dict` and `from_dict`.

    Returns
    -------
    dataclasses.Field
        The field.
    """
    return field(metadata={"kind": kind})


@dataclass(frozen=True, kw_only=True, eq=False)
class Record:
    """A frozen, self-checking set of parameters."""

    def __post_init__(self) -> None:
        for spec in dataclasses.fields(self):
            if "unit" in spec.metadata.get("check", {}):
                value = getattr(self, spec.name)
                checked = check_quantity(spec.name, value, **spec.metadata["check"])
                object.__setattr__(self, spec.name, checked)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.as_dict() == other.as_dict()

    def __hash__(self) -> int:
        return hash(self.to_json())

    def __reduce__(self) -> tuple[Callable, tuple]:
        # A copy is made like the original, so that it is read-only too.
        return partial(type(self), **self.values()), ()

    def values(self) -> dict[str, Any]:
        """Return the parameters in use by name.

        Returns
        -------
        dict
            The values; a parameter that the rule does not have is left out.
        """
        return {
            spec.name: getattr(self, spec.name)
            for spec in self._specs()
            if not spec.metadata.get("of_some_rules")
            or getattr(self, spec.name) is not None
        }

    @described(CHANGES, UNCHANGED)
    def replace(self, **changes: Any) -> Self:
        """Return a record with some values changed.

        Returns
        -------
        record
            The new parameters.
        """
        names = [spec.name for spec in self._specs()]
        for name in changes:
            check_choice("parameter", name, names)
        return dataclasses.replace(self, **changes)

    def to_frame(self) -> pd.DataFrame:
        """Return a table of the parameters.

        Returns
        -------
        pandas.DataFrame
            One row per parameter: symbol, value, meaning, source.
        """
        return pd.DataFrame(self._rows()).set_index("name")

    def as_dict(self) -> dict[str, Any]:
        """Return the parameters as plain numbers.

        Returns
        -------
        dict
            ``{"value": number or list, "unit": SI unit}`` for each quantity, the
            same of its own for each part, the value itself for anything else.
        """
        return {name: _as_plain(value) for name, value in self.values().items()}

    @classmethod
    @described(AS_DICT, UNREADABLE)
    def from_dict(cls, given: object) -> Self:
        """Read parameters that `as_dict` wrote.

        Returns
        -------
        record
            The parameters.
        """
        return cls(**cls._read(given))

    def to_json(self) -> str:
        """Return the parameters as text that a file can carry.

        Returns
        -------
        str
            JSON: value and SI unit of every parameter.
        """
        return json.dumps(self.as_dict())

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read parameters that `to_json` wrote.

        Parameters
        ----------
        text : str
            What `to_json` returned; a result carries it.

        Returns
        -------
        record
            The parameters.

        Raises
        ------
        ValueError
            If it is no JSON, or a parameter is missing, unknown or refused.
        """
        try:
            given = json.loads(text)
        except (TypeError, ValueError):
            raise refuse("text", text, "JSON that `to_json` wrote") from None
        return cls.from_dict(given)

    @classmethod
    def _specs(cls) -> list[dataclasses.Field]:
        return [spec for spec in dataclasses.fields(cls) if spec.metadata]

    @classmethod
    def _read(cls, given: object) -> dict[str, Any]:
        specs = {spec.name: spec for spec in cls._specs()}
        if not isinstance(given, Mapping):
            raise refuse(cls.__name__, given, f"a mapping of {', '.join(specs)}")
        needed = {n for n, s in specs.items() if not s.metadata.get("of_some_rules")}
        for word, names in (
            ("missing", needed - given.keys()),
            ("unknown", given.keys() - specs.keys()),
        ):
            if names:
                listed = ", ".join(sorted(map(str, names)))
                allowed = f"a mapping of {', '.join(specs)} ({word}: {listed})"
                raise refuse(cls.__name__, dict(given), allowed)
        return {
            name: _from_plain(name, value, specs[name].metadata.get("kind"))
            for name, value in given.items()
        }

    def _sources(self) -> Mapping[str, str]:
        return {
            spec.name: spec.metadata["source"]
            if "source" in spec.metadata
            and _as_plain(getattr(self, spec.name))
            == _as_plain(spec.metadata["default"])
            else CHANGED
            for spec in self._specs()
        }

    def _rows(self) -> list[dict[str, str]]:
        sources, values = self._sources(), self.values()
        return [
            {
                "name": spec.name,
                "symbol": spec.metadata["symbol"],
                "value": _in_words(values[spec.name]),
                "meaning": spec.metadata["meaning"],
                "source": sources[spec.name],
            }
            for spec in self._specs()
            if spec.name in values
        ]


def _as_plain(value: Any) -> Any:
    if isinstance(value, Quantity):
        return {"value": np.asarray(value).tolist(), "unit": unit_name(value.dim)}
    return value.as_dict() if hasattr(value, "as_dict") else value


def _from_plain(name: str, value: Any, kind: type | None) -> Any:
    if kind is not None and not isinstance(value, str):
        return kind.from_dict(value)
    if not isinstance(value, Mapping):
        return value
    try:
        numbers = np.asarray(value["value"])
        if set(value) == {"value", "unit"} and numbers.dtype.kind in "iuf":
            return from_si(numbers, value["unit"])
    except (KeyError, ValueError) as error:
        allowed = f'{{"value": number, "unit": SI unit}} ({error})'
    else:
        allowed = '{"value": number, "unit": SI unit}'
    raise refuse(name, dict(value), allowed)


def _in_words(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, str):
        return value
    return getattr(value, "label", None) or show(value)


def variables_of(record: Record, owner: str, variables: Mapping[str, str]) -> list[str]:
    """Name the variables of a Brian2 object that the parameters of a record set.

    Parameters
    ----------
    record : Record
        The parameters.
    owner : str
        Name of the object.
    variables : mapping of str to str
        The variable that each parameter sets; it stands beside the equations.

    Returns
    -------
    list of str
        As ``object.variable``, for the parameters that the record has.
    """
    in_use = record.values()
    return [f"{owner}.{variables[name]}" for name in variables if name in in_use]
