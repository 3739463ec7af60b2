"""The frozen, self-checking record that every model's parameters are."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self

import numpy as np
from brian2 import Quantity

from .checks import check_choice, check_quantity
from .units import from_si, show, unit_name

CHANGED = "set by the caller"


def parameter(symbol: str, meaning: str, **check: Any) -> Any:
    return field(metadata={"symbol": symbol, "meaning": meaning, "check": check})


def parameter_of_some_rules(symbol: str, meaning: str) -> Any:
    metadata = {"symbol": symbol, "meaning": meaning, "of_some_rules": True}
    return field(default=None, metadata=metadata)


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
        return hash(json.dumps(self.as_dict(), sort_keys=True))

    def __reduce__(self) -> tuple[Callable, tuple]:
        # A copy is made like the original, so that it is read-only too.
        return partial(type(self), **values_of(self)), ()

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
            What `to_json` returned.

        Returns
        -------
        record
            The parameters.
        """
        return cls(**{k: from_plain(v) for k, v in json.loads(text).items()})

    def as_dict(self) -> dict[str, Any]:
        """Return the parameters as plain numbers.

        Returns
        -------
        dict
            ``{"value": number or list, "unit": SI unit}`` for each quantity,
            the value itself for anything else.
        """
        return {name: plain(value) for name, value in values_of(self).items()}


def values_of(record: Any) -> dict[str, Any]:
    return {spec.name: getattr(record, spec.name) for spec in fields_in_use(record)}


def fields_in_use(record: Any) -> list[dataclasses.Field]:
    return [
        spec
        for spec in dataclasses.fields(record)
        if not spec.metadata.get("of_some_rules")
        or getattr(record, spec.name) is not None
    ]


def replaced(record: Record, changes: Mapping[str, Any]) -> Any:
    for name in changes:
        check_choice("parameter", name, values_of(record))
    return dataclasses.replace(record, **changes)


def plain(value: Any) -> Any:
    if isinstance(value, Quantity):
        return {"value": np.asarray(value).tolist(), "unit": unit_name(value.dim)}
    return value


def from_plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return from_si(value["value"], value["unit"])
    return value


def parameter_with_source(
    default: Any, symbol: str, meaning: str, source: str, **check: Any
) -> Any:
    facts = {"symbol": symbol, "meaning": meaning, "source": source}
    # A factory, because a quantity is an array, and dataclasses refuse arrays.
    return field(
        default_factory=lambda: default,
        metadata={**facts, "default": default, "check": check},
    )


def shown(value: Any) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else show(value)


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
    in_use = values_of(record)
    return [f"{owner}.{variables[name]}" for name in variables if name in in_use]
