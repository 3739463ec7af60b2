"""How Brian2 writes and starts a C++ program: all that is private to it, or generated.

Brian2 writes values, the seed and the duration into a program. Here they are taken
out, so that one program does for all of them. Whatever is not found where this
Brian2 has it is an error that says so.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

import brian2
import numpy as np
from brian2 import (
    Function,
    Network,
    NeuronGroup,
    Quantity,
    check_units,
    implementation,
    second,
)
from brian2.core.variables import ArrayVariable, DynamicArrayVariable
from brian2.devices.device import get_device
from brian2.groups.group import Group

from ..checks import refuse

SEED_ARGUMENT = "random_numbers.seed"
LENGTH_ARGUMENT = "run_length.duration"

RUN_LENGTH = """
duration  : second (shared, constant)
completed : 1
"""

#: Variable of the environment that tells a program who waits for it.
PARENT = "HOMEO_PARENT"

#: What a compiled program does with its progress, and after how many steps. Brian2's
#: own report would ask the system for the time before each object of each step, which
#: is half of all that a small network costs. Nobody waits for a program whose parent
#: was killed.
REPORT_IN_CPP = "std::cout << completed << std::endl;"
END_WITH_PARENT = f"""
static const char* parent = std::getenv("{PARENT}");
if (parent && std::atol(parent) != getppid()) std::_Exit(1);
"""
REPORT_STEPS = 1000
HEADERS = ("<iostream>",)

#: Entries of Brian2's list of what a program does that set one variable as a whole.
SET_AS_A_WHOLE = ("set_by_constant", "set_by_array", "set_by_single_value")

#: What Brian2 writes for numbers that C++ has no literal for.
NUMBERS = {"INFINITY": np.inf, "-INFINITY": -np.inf, "true": 1, "false": 0}

#: What a program says, on either stream, that could not read or write its files; it
#: goes on then, with other numbers.
COMPLAINT = re.compile(r"^(?:Error|Could not|Cannot) .*", re.MULTILINE)

#: Brian2 keeps clocks in a set and starts them in an order that is not repeated.
CLOCKS_AT_ZERO = re.compile(
    rb"(?:^ +_array_\w+_(?:timestep|t)\[0\] = 0[.0]*;\n)+", re.MULTILINE
)

#: Brian2 numbers its random functions through a whole session.
NUMBERED_FUNCTIONS = re.compile(rb"\b(\w*_binomial)_\d+\b")

#: The files that a program is compiled from, and those that say how.
SOURCES = ("*.cpp", "*.h", "*/*.cpp", "*/*.h")
MAKEFILES = ("makefile", "win_makefile")


def _expect(found: object, what: str) -> None:
    if not found:
        raise RuntimeError(
            f"Brian2 {brian2.__version__}: expected {what}. homeo.runs.standalone"
            " leans on it and was written for Brian2 2.9: install that, or use"
            " target='numpy'"
        )


def _of_device(name: str, kind: type) -> Any:
    value = getattr(get_device(), name, None)
    _expect(isinstance(value, kind), f"the device to have a {kind.__name__} {name!r}")
    return value


# --- What is no part of the program ----------------------------------------


def take_values(network: Network, names: Iterable[str]) -> dict[str, np.ndarray]:
    """Take the values of variables out of the program that is going to be written.

    Parameters
    ----------
    network : brian2.Network
        A network of `simulation` on the target ``"cpp_standalone"``.
    names : iterable of str
        Variables, ``object.variable``.

    Returns
    -------
    dict of str to numpy.ndarray
        The values that they were set to, one or one for each element, in the type
        of the variable, by the name that the program has for it. Variables that were
        not set are left out: they are zero.

    Raises
    ------
    ValueError
        If a variable was not set as a whole, or code needs it before the run.
    """
    taken = {}
    for name in names:
        variable = check_argument(network, name)
        value = _take(name, variable)
        if value is not None:
            # The program knows it by its owner: a delay belongs to a pathway.
            taken[f"{variable.owner.name}.{variable.name}"] = value
    return taken


def check_argument(network: Network, name: str) -> ArrayVariable:
    """Find the variable that an argument names.

    Parameters
    ----------
    network : brian2.Network
        The network.
    name : str
        ``object.variable``.

    Returns
    -------
    brian2.core.variables.ArrayVariable
        The variable.

    Raises
    ------
    ValueError
        If there is none, or its values cannot be set.
    """
    owner, _, variable = name.partition(".")
    owners = {thing.name: thing for thing in network.sorted_objects}
    found = getattr(owners.get(owner), "variables", {}).get(variable)
    if not isinstance(found, ArrayVariable) or found.read_only:
        allowed = "object.variable of the network, one whose values can be set"
        raise refuse("arguments", name, allowed)
    return found


def _take(name: str, variable: ArrayVariable) -> np.ndarray | None:
    array = get_device().get_array_name(variable, access_data=False)
    statics = _of_device("static_arrays", dict)
    queue = _of_device("main_queue", list)
    others, value = [], None
    for kind, content in queue:
        if kind in SET_AS_A_WHOLE and content[0] == array:
            if kind == "set_by_constant":
                value = content[1]
            elif kind == "set_by_array":
                value = statics.pop(content[1])
            elif variable.scalar or variable.size == 1:
                value = _number(content[2])
            else:
                raise _not_whole(name)
        elif _needs(variable, array, kind, content):
            raise _not_whole(name)
        else:
            others.append((kind, content))
    queue[:] = others
    return None if value is None else np.asarray(value, dtype=variable.dtype)


def _needs(variable: ArrayVariable, array: str, kind: str, content: Any) -> bool:
    if kind == "set_array_by_array":
        return content[0] == array
    if not kind.endswith("run_code_object"):
        return False
    used = getattr(content[0], "variables", None)
    _expect(isinstance(used, dict), "code objects to have variables")
    return any(other is variable for other in used.values())


def _not_whole(name: str) -> ValueError:
    allowed = (
        "variables that are set as a whole, to one value or to an array, and that"
        " no string of code reads or sets before the run"
    )
    return refuse("arguments", name, allowed)


def _number(text: str) -> float:
    compact = text.replace(" ", "")
    try:
        return NUMBERS[compact] if compact in NUMBERS else float(compact)
    except ValueError:
        _expect(False, f"a number where it writes {text!r}")


def take_seed(network: Network) -> int:
    """Let a C++ program take the seed from its first argument, `SEED_ARGUMENT`.

    Parameters
    ----------
    network : brian2.Network
        A network of `simulation` on the target ``"cpp_standalone"``.

    Returns
    -------
    int
        The seed that Brian2 was given when the simulation began.
    """
    queue = _of_device("main_queue", list)
    seeded = [k for k, (kind, _) in enumerate(queue) if kind == "seed"]
    _expect(seeded, "the seed in the queue of the device")
    first = seeded[0]
    seed = queue[first][1]
    array = _random_numbers(network)
    # Objects that are made later may draw too, and have no place for values yet.
    queue[first : first + 1] = [
        ("insert_code", "set_from_command_line({args.at(0)});"),
        ("insert_code", "for (size_t i = 0; i < _random_generators.size(); i++)"),
        ("insert_code", f"    _random_generators[i].seed({array}[0] + i);"),
    ]
    return int(seed)


def _random_numbers(network: Network) -> str:
    numbers = NeuronGroup(
        1, "seed : integer (shared, constant)", namespace={}, name="random_numbers"
    )
    network.add(numbers)
    return get_device().get_array_name(numbers.variables["seed"])


def seed_from_argument(network: Network) -> None:
    """Let the C++ program of the Lab take its seed from the argument `SEED_ARGUMENT`.

    Brian2 writes the seed into the program. A parameter of a group can be given to
    the program instead, and read before anything is drawn.

    Parameters
    ----------
    network : brian2.Network
        A network of `simulation` on the target ``"cpp_standalone"``. What is added
        to it before this call must draw no random numbers.
    """
    array = _random_numbers(network)
    network["random_numbers"].seed = 0
    device = get_device()
    # Brian2 reads the arguments once more before it runs: states that are given may
    # belong to objects that come later.
    device.insert_code("main", "set_from_command_line(args);")
    device.insert_code("main", f"_random_generators[0].seed({array}[0]);")


# --- Writing ---------------------------------------------------------------


def write_sources(
    network: Network,
    directory: Path,
    *,
    report: str = "",
    headers: Iterable[str] = HEADERS,
    delays: bool = False,
) -> None:
    """Write a network as a C++ program and do not compile it.

    How long the program simulates is its argument `LENGTH_ARGUMENT`.

    Parameters
    ----------
    network : brian2.Network
        A network of `simulation` on the target ``"cpp_standalone"``.
    directory : Path
        Where to write.
    report : str, optional
        What the program does now and then while it runs: C++ that may read the
        fraction ``completed``.
    headers : iterable of str, optional
        What it includes.
    delays : bool, optional
        Whether delays may be among the arguments: these are read before the run is
        prepared, and not just before it starts.
    """
    # In single precision a long duration would be some steps off.
    precise = {"duration": np.float64, "completed": np.float64}
    length = NeuronGroup(1, RUN_LENGTH, dtype=precise, namespace={}, name="run_length")
    length.duration = 0 * second
    if report:
        length.namespace["report"] = _function_in_cpp(report, headers)
        length.run_regularly(
            "completed = report(t/duration)",
            dt=REPORT_STEPS * brian2.defaultclock.dt,
            when="end",
        )
    network.add(length)
    if delays:
        get_device().apply_run_args()
    network.run(0 * second, namespace={})
    get_device().build(
        directory=str(directory), compile=False, run=False, with_output=False
    )
    _take_duration_from(length, network, directory / "main.cpp")


def _function_in_cpp(statements: str, headers: Iterable[str]) -> Function:
    @implementation(
        "cpp",
        f"static double report(double completed) {{ {statements} return completed; }}",
        headers=list(headers),
    )
    @check_units(completed=1, result=1)
    def report(completed: float) -> float:
        raise NotImplementedError

    return report


def _take_duration_from(length: NeuronGroup, network: Network, main: Path) -> None:
    # Brian2 writes the duration into the program, and has no other way to set it.
    array = get_device().get_array_name(length.variables["duration"])
    written, n = re.subn(
        rf"\b{network.name}\.run\([^,]+,",
        f"{network.name}.run({array}[0],",
        main.read_text(encoding="utf-8"),
    )
    _expect(n == 1, f"a C++ program to start in one place, not in {n}")
    main.write_text(written, encoding="utf-8")


def write_program(network: Network, directory: Path) -> None:
    """Write the program of a run: it reports, and it ends with who waits for it.

    Parameters
    ----------
    network : brian2.Network
        A network of `simulation`, after `take_values` and `take_seed`.
    directory : Path
        Where to write.
    """
    report, headers = REPORT_IN_CPP, HEADERS
    if os.name != "nt":
        report, headers = END_WITH_PARENT + report, (*headers, "<cstdlib>")
        headers = (*headers, "<unistd.h>")
    write_sources(network, directory, report=report, headers=headers, delays=True)
    _expect((directory / "objects.cpp").exists(), "the sources of a program")


def source_text(path: Path) -> bytes:
    """Return a source file of a C++ program, the same whenever Brian2 writes it.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    bytes
        Its text, with the lines in order that Brian2 writes in any order.
    """
    return CLOCKS_AT_ZERO.sub(_sort_lines, path.read_bytes())


def _sort_lines(match: re.Match) -> bytes:
    return b"".join(sorted(match[0].splitlines(keepends=True)))


def hash_of_sources(directory: Path, patterns: Iterable[str] = SOURCES) -> str:
    """Return the hash of a program that Brian2 has written.

    Parameters
    ----------
    directory : Path
        Where it was written.
    patterns : iterable of str, optional
        Which files count; by default not those with the options of the compiler.

    Returns
    -------
    str
        SHA-256 of their names and of what does not change from one time to the next.
    """
    digest = sha256()
    for path in sorted({p for pattern in patterns for p in directory.glob(pattern)}):
        text = NUMBERED_FUNCTIONS.sub(rb"\1", source_text(path))
        digest.update(path.relative_to(directory).as_posix().encode() + b"\0")
        digest.update(text + b"\0")
    return digest.hexdigest()


# --- Starting, and reading what came out -----------------------------------


def in_cpp(value: Quantity | float) -> str:
    """Write a number the way a program of Brian2 reads it as an argument.

    Parameters
    ----------
    value : Quantity or float
        One number; it may be infinite.

    Returns
    -------
    str
        The number in SI units.
    """
    number = np.asarray(value).item()
    # A program takes a word, such as "inf", for the name of a file.
    return repr(number) if np.isfinite(number) else f"{np.sign(number):.0f}e999"


def in_command_line(name: str, value: np.ndarray, directory: Path) -> str:
    """Write an argument of a program.

    Parameters
    ----------
    name : str
        Name of the argument.
    value : numpy.ndarray
        One value, or one for each element, in the type of the variable.
    directory : Path
        Where the program works; arrays are written there.

    Returns
    -------
    str
        The argument.
    """
    if np.ndim(value) == 0:
        return f"{name}={in_cpp(value)}"
    file = f"{name}.argument"
    value.tofile(directory / file)
    return f"{name}={file}"


def run_environment() -> dict[str, str]:
    """Return the environment that Brian2 gives its programs, and whose they are.

    Returns
    -------
    dict of str to str
        Variables to set.
    """
    preferences = brian2.prefs.devices.cpp_standalone
    whose = {PARENT: str(os.getpid())} if preferences.run_cmd_unix == "./main" else {}
    return {
        **preferences.run_environment_variables,
        **_of_device("run_environment_variables", dict),
        **whose,
    }


def check_output(results: Path, code: int) -> None:
    """Check that a program came to its end, read what it was given, and wrote all.

    Parameters
    ----------
    results : Path
        Where it wrote.
    code : int
        Its exit code.

    Raises
    ------
    RuntimeError
        If not.
    """
    out, err = (
        (results / name).read_text(errors="replace")
        for name in ("stdout.txt", "stderr.txt")
    )
    complaints = COMPLAINT.findall(f"{err}\n{out}")
    if code:
        complaints += err.splitlines()[-5:] or [f"exit code {code}"]
    elif not complaints:
        sys.stderr.write(err)
        complaints = [
            f"{name} is not written to its end: is there room in {results.parent}?"
            for name, size in _sizes_of_results().items()
            if not (results / name).exists() or (results / name).stat().st_size < size
        ]
    if complaints:
        raise RuntimeError("\n".join(["The compiled program failed:", *complaints]))


def _sizes_of_results() -> dict[str, int]:
    arrays, device = _of_device("arrays", dict), get_device()
    fixed = [a for a in arrays if not isinstance(a, DynamicArrayVariable)]
    sizes = {
        device.get_array_filename(a): a.size * np.dtype(a.dtype).itemsize for a in fixed
    }
    return {**sizes, "last_run_info.txt": 1}


def mark_as_run(network: Network, results: Path) -> None:
    """Let the objects of a network read what its program wrote.

    Parameters
    ----------
    network : brian2.Network
        The network.
    results : Path
        Where the program wrote.
    """
    device = get_device()
    cache = _of_device("array_cache", dict)
    _of_device("has_been_run", bool)
    device.results_dir = os.path.join(results, "")
    device.has_been_run = True
    for clock in _of_device("clocks", set):
        for name in ("t", "timestep"):
            cache[clock.variables[name]] = None
    for thing in network.objects:
        if isinstance(thing, Group):
            thing._check_for_invalid_states()
