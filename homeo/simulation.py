"""Where a simulation runs, and what is written down about it.

The one place in the package that chooses Brian2's code generation target.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import brian2
import numpy as np
import xarray as xr
from brian2 import Network, Quantity, second
from brian2.devices.device import RuntimeDevice, get_device, reset_device, set_device

from .checks import check_choice, check_count, check_quantity, refuse
from .units import unit_name

TARGETS = ("numpy", "cython", "cpp_standalone")
LARGEST_SEED = 2**31 - 1


@contextmanager
def simulation(*, target: str, seed: int, dt: Quantity) -> Iterator[Network]:
    """Give an empty network that runs on one target, with one seed and time step.

    Build the model and read its results inside the ``with`` block. Afterwards
    Brian2's device, target, time step and NumPy's random state are what they
    were before.

    Parameters
    ----------
    target : {"numpy", "cython", "cpp_standalone"}
        Brian2's code generation target.
    seed : int
        Seed of every random number in the run.
    dt : Quantity
        Time step.

    Yields
    ------
    brian2.Network
        Add the objects, then call `run`.

    Raises
    ------
    ValueError
        If an argument is refused.
    """
    check_target(target)
    check_device(target)
    seed, dt = check_seed(seed), check_dt(dt)
    saved_target = brian2.prefs.codegen.target
    saved_random_state = np.random.get_state()  # noqa: NPY002 - the state Brian2 uses
    with tempfile.TemporaryDirectory(
        prefix="homeo-", ignore_cleanup_errors=True
    ) as build_directory:
        if target == "cpp_standalone":
            set_device(target, directory=build_directory, build_on_run=False)
        else:
            set_device("runtime")
            brian2.prefs.codegen.target = target
        saved_dt = brian2.defaultclock.dt
        try:
            brian2.defaultclock.dt = dt
            brian2.seed(seed)
            # Not numbered: the same model is the same program, whatever ran before.
            yield Network(name="network")
        finally:
            if target == "cpp_standalone":
                get_device().reinit()
            else:
                brian2.defaultclock.dt = saved_dt
                brian2.seed()
            reset_device()
            brian2.prefs.codegen.target = saved_target
            np.random.set_state(saved_random_state)  # noqa: NPY002


def run(network: Network, duration: Quantity) -> None:
    """Run a network on whatever target `simulation` has chosen.

    Parameters
    ----------
    network : brian2.Network
        What to run.
    duration : Quantity
        For how long.
    """
    network.run(duration, namespace={})
    device = get_device()
    if not isinstance(device, RuntimeDevice):
        device.build(**device.build_options, with_output=False)


def write_sources(network: Network, duration: Quantity, directory: Path) -> None:
    """Write a network as a C++ program and do not compile it.

    Parameters
    ----------
    network : brian2.Network
        A network of `simulation` on the target ``"cpp_standalone"``.
    duration : Quantity
        How long the program is to simulate.
    directory : Path
        Where to write.
    """
    network.run(duration, namespace={})
    get_device().build(
        directory=str(directory), compile=False, run=False, with_output=False
    )


def check_target(target: str) -> str:
    """Check that a target is known and can be used on this machine.

    Parameters
    ----------
    target : str
        What was asked for.

    Returns
    -------
    str
        The target.

    Raises
    ------
    ValueError
        If it is unknown, or needs a C++ compiler and there is none.
    """
    check_choice("target", target, TARGETS)
    if target != "numpy" and sys.platform != "win32" and not _compiler():
        raise refuse("target", target, "'numpy', because no C++ compiler is found here")
    return target


def check_device(target: str) -> None:
    """Check that a run in C++ standalone mode would not disturb one of the caller's.

    Parameters
    ----------
    target : str
        What was asked for.

    Raises
    ------
    ValueError
        If the caller has already set Brian2's only C++ standalone device.
    """
    if target == "cpp_standalone" and not isinstance(get_device(), RuntimeDevice):
        allowed = "'numpy' or 'cython' while Brian2's device is set to standalone"
        raise refuse("target", target, allowed)


def _compiler() -> str | None:
    return next(filter(None, map(shutil.which, ("g++", "clang++", "c++"))), None)


def check_seed(seed: int | None) -> int:
    """Check a seed, or draw one.

    Parameters
    ----------
    seed : int or None
        The seed; None to draw one, so that the run can be repeated from its record.

    Returns
    -------
    int
        A seed from 0 to 2**31 - 1.

    Raises
    ------
    ValueError
        If it is not a whole number in that range.
    """
    if seed is None:
        return int(np.random.default_rng().integers(LARGEST_SEED))
    seed = check_count("seed", seed, at_least=0)
    if seed > LARGEST_SEED:
        raise refuse("seed", seed, f"a whole number from 0 to {LARGEST_SEED}")
    return seed


def check_dt(dt: Quantity) -> Quantity:
    """Check a time step.

    Parameters
    ----------
    dt : Quantity
        The time step.

    Returns
    -------
    Quantity
        The time step.

    Raises
    ------
    ValueError
        If it is not a positive time.
    """
    return check_quantity("dt", dt, second, above=0)


def provenance(
    *,
    parameters: str,
    duration: Quantity,
    record_dt: Quantity,
    seed: int,
    target: str,
    dt: Quantity,
) -> dict:
    """Describe a run, so that it can be repeated.

    Parameters
    ----------
    parameters : str
        The parameters as JSON.
    duration : Quantity
        Length of the run.
    record_dt : Quantity
        Interval between two samples.
    seed : int
        The seed.
    target : str
        The code generation target.
    dt : Quantity
        The time step.

    Returns
    -------
    dict
        Attributes for the result; strings and numbers only, so NetCDF keeps them.
    """
    packages = {"homeo": "homeo", "brian2": "Brian2", "numpy": "numpy"}
    return {
        "parameters": parameters,
        "seed": seed,
        "target": target,
        "dt_s": float(dt / second),
        "duration_s": float(duration / second),
        "record_dt_s": float(record_dt / second),
        **{f"version_{key}": version(name) for key, name in packages.items()},
    }


def in_si(values: Quantity, dims: tuple[str, ...], description: str) -> xr.Variable:
    """Turn a Brian2 quantity into a labelled array that knows its unit.

    Parameters
    ----------
    values : Quantity
        What was recorded.
    dims : tuple of str
        Names of its dimensions.
    description : str
        What it is, for tables and axis labels.

    Returns
    -------
    xarray.Variable
        The numbers in SI units, the unit in ``attrs["units"]``.
    """
    values = Quantity(values)
    attrs = {"units": unit_name(values.dim), "long_name": description}
    return xr.Variable(dims, np.array(values), attrs)
