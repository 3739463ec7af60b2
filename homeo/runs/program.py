"""Compile the C++ programs that Brian2 writes, and keep them for the next run.

A program is found again by the hash of its sources, compiler and machine. It is
checked before it is used. A run that is interrupted, or another one at the same
time, never leaves half a program.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from hashlib import file_digest, sha256
from pathlib import Path

import brian2
from brian2.codegen.cpp_prefs import get_compiler_and_args
from brian2.devices.device import get_device
from filelock import FileLock, Timeout
from platformdirs import user_cache_path

from ..docstrings import described, entry
from .compiler import jobs
from .process import run_to_the_end
from .standalone import MAKEFILES, SOURCES, hash_of_sources

#: How many programs are kept. Those that were not used for longest go first.
KEPT_PROGRAMS = 64

SUFFIX = ".exe" if os.name == "nt" else ""

#: Names within the folder of one program.
PROGRAM, DIGEST, LOCK = f"main{SUFFIX}", "main.sha256", "lock"

COMPILING = (
    entry("directory : Path", "Where Brian2's current device wrote the sources.")
    + entry("command : str", "The compiler.")
    + entry("tell : callable, optional", "Called again and again meanwhile.")
    + entry("period : float, optional", "Seconds between two calls.")
)
NOT_COMPILED = entry("RuntimeError", "If the sources cannot be compiled.")


def program_folder() -> Path:
    """Return the folder where compiled programs are kept from run to run.

    Returns
    -------
    Path
        In the folder that the variable ``HOMEO_CACHE`` of the environment names, or
        else in the user's cache folder. Whatever is in it may be deleted at any time.
    """
    named = os.environ.get("HOMEO_CACHE")
    cache = Path(named) if named else user_cache_path("homeo", appauthor=False)
    return cache.absolute() / "programs"


@described(COMPILING, NOT_COMPILED)
def compiled_program(
    directory: Path,
    command: str,
    *,
    tell: Callable[[], None] | None = None,
    period: float | None = None,
) -> Path:
    """Compile a C++ program that Brian2 has written, unless it is kept already.

    Returns
    -------
    Path
        The program, beside its sources.

    Warns
    -----
    RuntimeWarning
        If the program cannot be kept. It is there for this run.
    """
    program = directory / PROGRAM
    kept = program_folder() / f"main-{_program_key(directory, command)}"
    with _locked(kept) as may_keep:
        if not (may_keep and _copy_if_whole(kept, program)):
            compile_sources(directory, command, tell, period)
            if may_keep:
                _keep(program, kept)
    return program


@contextmanager
def _locked(kept: Path) -> Iterator[bool]:
    """Wait for others who build or remove a program; say whether it can be kept."""
    folder = kept.parent
    lock = FileLock(kept / LOCK)
    try:
        kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.name != "nt":
            # Programs are started from here: nobody else may put one there.
            folder.chmod(0o700)
        lock.acquire()
    except (OSError, NotImplementedError) as error:
        _warn_that_nothing_is_kept(folder, str(error))
        yield False
        return
    try:
        yield True
    finally:
        if not (kept / DIGEST).exists():
            shutil.rmtree(kept, ignore_errors=True)
        lock.release()


@lru_cache
def _said_about(folder: Path) -> list[str]:
    """Return what was said about a folder in this process."""
    return []


def _warn_that_nothing_is_kept(folder: Path, reason: str) -> None:
    if not _said_about(folder):
        _said_about(folder).append(reason)
        warnings.warn(
            f"Compiled programs are not kept in {folder} ({reason}): each run"
            " compiles its own. HOMEO_CACHE may name another folder",
            RuntimeWarning,
            stacklevel=2,
        )


def _copy_if_whole(kept: Path, program: Path) -> bool:
    """Copy a kept program; what was copied is what is checked and what runs."""
    try:
        expected = (kept / DIGEST).read_text()
        shutil.copy2(kept / PROGRAM, program)
        if _digest(program) == expected:
            os.utime(kept / DIGEST)
            return True
    except OSError:
        pass  # as good as none: it is compiled anew
    program.unlink(missing_ok=True)
    return False


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return file_digest(content, "sha256").hexdigest()


def _keep(program: Path, kept: Path) -> None:
    try:
        kept.mkdir(mode=0o700, exist_ok=True)
        for unfinished in kept.glob("unfinished-*"):
            unfinished.unlink()
        _put(program, kept / PROGRAM)
        digest = program.with_suffix(".sha256")
        digest.write_text(_digest(program))
        _put(digest, kept / DIGEST)
        _remove_oldest(kept)
    except OSError as error:
        _warn_that_nothing_is_kept(kept.parent, str(error))


def _put(source: Path, destination: Path) -> None:
    # Renaming is atomic: another run sees the whole file or none.
    handle, unfinished = tempfile.mkstemp(prefix="unfinished-", dir=destination.parent)
    os.close(handle)
    try:
        shutil.copy2(source, unfinished)
        os.replace(unfinished, destination)
    except BaseException:
        os.unlink(unfinished)
        raise


def _remove_oldest(newest: Path) -> None:
    others = sorted(
        (path for path in newest.parent.iterdir() if path != newest), key=_last_use
    )
    for path in others[: max(0, len(others) + 1 - KEPT_PROGRAMS)]:
        _remove(path)


def _last_use(kept: Path) -> float:
    for path in (kept / DIGEST, kept):
        with suppress(OSError):
            return path.stat().st_mtime
    return 0.0


def _remove(kept: Path) -> None:
    if not kept.is_dir():  # as earlier versions kept them
        kept.unlink(missing_ok=True)
        return
    # One that is in use is being built or copied now; it goes another time.
    with suppress(Timeout), FileLock(kept / LOCK, timeout=0):
        shutil.rmtree(kept, ignore_errors=True)


def _program_key(directory: Path, command: str) -> str:
    digest = sha256(_compiler_and_machine(command))
    digest.update(hash_of_sources(directory, (*SOURCES, *MAKEFILES)).encode())
    return digest.hexdigest()[:32]


def _compiler_and_machine(command: str) -> bytes:
    # The predefined macros name the compiler's version and, with -march=native,
    # the instructions of this machine: a home folder may be shared by several.
    kind, flags = get_compiler_and_args()
    if kind == "msvc":
        return " ".join([sys.version, *flags]).encode()
    return _predefined_macros(command, tuple(flags), os.environ.get("PATH", ""))


@lru_cache
def _predefined_macros(command: str, flags: tuple[str, ...], _path: str) -> bytes:
    asked = [*shlex.split(command), *flags, "-dM", "-E", "-x", "c++", os.devnull]
    return subprocess.run(asked, check=True, capture_output=True).stdout


@described(COMPILING, NOT_COMPILED)
def compile_sources(
    directory: Path,
    command: str,
    tell: Callable[[], None] | None = None,
    period: float | None = None,
) -> None:
    """Compile a C++ program that Brian2 has written."""
    if os.name == "nt":
        kind, _ = get_compiler_and_args()
        get_device().compile_source(str(directory), kind, debug=False, clean=False)
        return
    said = directory / "make.log"
    # No further file is compiled for a Python that was killed.
    while_wanted = f"kill -0 {os.getpid()} 2>/dev/null && {command}"
    code = run_to_the_end(
        make_command(),
        directory=directory,
        err=said,
        environment={"CXX": while_wanted},
        tell=tell,
        period=period,
    )
    if code:
        lines = said.read_text(errors="replace").strip().splitlines()
        raise RuntimeError(
            "\n".join([f"Project compilation failed (exit code {code}):", *lines[-20:]])
        )


def make_command() -> list[str]:
    """Return the command that compiles a program, in the folder of its sources.

    Returns
    -------
    list of str
        Brian2's preferences; where they set no bound to the number of compilers that
        run at once, with a bound.
    """
    preferences = brian2.prefs.devices.cpp_standalone
    options = list(preferences.extra_make_args_unix)
    bounded = [f"-j{jobs()}" if option == "-j" else option for option in options]
    # What depends on what is of use to who changes sources and compiles again.
    return [*shlex.split(preferences.make_cmd_unix), "DEPS=", *bounded]
