"""Declare, beside a function, what each of its arguments may be.

A declaration is used three times: `checked` refuses what it does not allow before
the function computes anything, writes the function's ``Parameters`` from it, and
the tests make their bad values from it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

import numpy as np
from brian2 import Hz, second
from brian2.units.fundamentalunits import Unit

from .checks import (
    REFUSED,
    check_count,
    check_kind,
    check_quantity,
    check_train,
    count_phrase,
    in_short,
    quantity_phrase,
    refuse,
)
from .docstrings import described, entry

Function = TypeVar("Function", bound=Callable)


@dataclass(frozen=True, kw_only=True)
class Argument:
    """What one argument may be.

    Parameters
    ----------
    meaning : str
        What it stands for, as its documentation says it.
    or_none : bool, optional
        Whether None is allowed too.
    """

    meaning: str
    or_none: bool = False

    def checked(self, name: str, value: object) -> Any:
        """Return the value of an argument, or refuse it.

        Parameters
        ----------
        name : str
            Name of the argument.
        value : object
            What was given.

        Returns
        -------
        object
            The value as the function is to see it.

        Raises
        ------
        ValueError
            If the value is not allowed.
        """
        return None if value is None and self.or_none else self._check(name, value)

    def described(self, parameter: inspect.Parameter) -> str:
        """Return the argument's entry in a docstring.

        Parameters
        ----------
        parameter : inspect.Parameter
            Its name, annotation and default.

        Returns
        -------
        str
            An entry of a ``Parameters`` section.
        """
        optional = "" if parameter.default is parameter.empty else ", optional"
        kind = parameter.annotation.replace(" | ", " or ")
        allowed = f"; {self.allowed}" if self.allowed else ""
        return entry(
            f"{parameter.name} : {kind}{optional}", f"{self.meaning}{allowed}."
        )

    @property
    def allowed(self) -> str:
        """What is allowed, in words; empty where the type says it all."""
        return ""

    def _check(self, name: str, value: object) -> Any:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Values(Argument):
    """A number or an array of numbers, with or without a unit.

    Parameters
    ----------
    unit : Unit or int
        A unit of the dimension that is expected; 1 for no unit.
    above, at_least, ndim, finite
        As in `homeo.checks.check_quantity`.
    """

    unit: Unit | int
    above: float | None = None
    at_least: float | None = None
    ndim: int | None = 0
    finite: bool = True

    @property
    def limits(self) -> dict[str, Any]:
        """The range and the shape, as `homeo.checks.check_quantity` takes them."""
        names = ("above", "at_least", "ndim", "finite")
        return {name: getattr(self, name) for name in names}

    @property
    def allowed(self) -> str:
        """What is allowed, in words."""
        return quantity_phrase(self.unit, **self.limits)

    def _check(self, name: str, value: object) -> Any:
        return check_quantity(name, value, self.unit, **self.limits)


@dataclass(frozen=True, kw_only=True)
class Count(Argument):
    """A whole number.

    Parameters
    ----------
    at_least : int, optional
        The smallest number allowed.
    """

    at_least: int = 1

    @property
    def allowed(self) -> str:
        """What is allowed, in words."""
        return count_phrase(self.at_least)

    def _check(self, name: str, value: object) -> int:
        return check_count(name, value, at_least=self.at_least)


@dataclass(frozen=True, kw_only=True)
class Instance(Argument):
    """A record.

    Parameters
    ----------
    kind : type
        The class of the record.
    """

    kind: type

    def _check(self, name: str, value: object) -> Any:
        check_kind(name, value, self.kind)
        return value


@dataclass(frozen=True, kw_only=True)
class Train(Argument):
    """The spike times of one neuron."""

    @property
    def allowed(self) -> str:
        """What is allowed, in words."""
        return "in s, in ascending order, no two the same"

    def _check(self, name: str, value: object) -> Any:
        return check_train(name, value)


def _in(unit: Unit) -> Callable[..., Values]:
    def declare(meaning: str, **limits: Any) -> Values:
        return Values(meaning=meaning, unit=unit, **limits)

    return declare


#: Declare times, and rates or what else is measured in Hz: their meaning, then the
#: limits of `Values` by name.
times, rates = _in(second), _in(Hz)


def checked(**arguments: Argument) -> Callable[[Function], Function]:
    """Return a decorator that checks the arguments of a function and describes them.

    Arguments that may have any shape must broadcast against each other. A result
    that overflows, or is no number, is an error too.

    Parameters
    ----------
    **arguments
        A declaration for every argument of the function, by name.

    Returns
    -------
    callable
        The decorator. The function keeps its name and its signature, carries the
        declarations as ``arguments``, and its docstring gets ``Parameters`` and
        ``Raises``.

    Raises
    ------
    TypeError
        If the declarations are not those of the arguments.
    """

    def decorate(function: Function) -> Function:
        signature = inspect.signature(function)
        if list(arguments) != list(signature.parameters):
            expected = ", ".join(signature.parameters)
            raise TypeError(f"{function.__name__} has the arguments {expected}")

        @wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            bound = signature.bind(*args, **kwargs)
            for name, value in bound.arguments.items():
                bound.arguments[name] = arguments[name].checked(name, value)
            _check_shapes(arguments, bound.arguments)
            return _computed(function, bound)

        wrapper.arguments = arguments
        entries = "".join(
            argument.described(signature.parameters[name])
            for name, argument in arguments.items()
        )
        overflow = entry("OverflowError", "If the result is too large, or no number.")
        return described(entries, REFUSED + overflow)(wrapper)

    return decorate


def _check_shapes(
    arguments: Mapping[str, Argument], values: Mapping[str, object]
) -> None:
    shape: tuple[int, ...] = ()
    for name, value in values.items():
        if getattr(arguments[name], "ndim", 0) is None:
            try:
                shape = np.broadcast_shapes(shape, np.shape(value))
            except ValueError:
                allowed = f"a shape that can be broadcast against {shape}"
                raise refuse(name, value, allowed) from None


def _computed(function: Callable, bound: inspect.BoundArguments) -> Any:
    try:
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            return function(*bound.args, **bound.kwargs)
    except FloatingPointError as error:
        given = (f"{name}={in_short(value)}" for name, value in bound.arguments.items())
        call = f"{function.__name__}({', '.join(given)})"
        raise OverflowError(f"{call}: {error}") from error
