"""Programs that are started from here, and the folders that they work in.

A program ends with the one who waits for it; its folder does not outlive it.
"""

from __future__ import annotations

import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import psutil

#: A program of its own group is not reached by the Ctrl-C of a terminal: Python is,
#: and ends the program, and what that started too.
OWN_GROUP = (
    {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    if sys.platform == "win32"
    else {"process_group": 0}
)


def run_to_the_end(
    command: Sequence[str],
    *,
    directory: Path,
    out: Path | None = None,
    err: Path | None = None,
    environment: Mapping[str, str] | None = None,
    tell: Callable[[], None] | None = None,
    period: float | None = None,
) -> int:
    """Start a program and wait for its end; end it if the wait is interrupted.

    Parameters
    ----------
    command : sequence of str
        The program and its arguments.
    directory : Path
        Where it works.
    out, err : Path, optional
        Where its output and its complaints are written; by default nowhere.
    environment : mapping of str to str, optional
        Variables that are set beside those of Python.
    tell : callable, optional
        Called again and again while the program runs.
    period : float, optional
        Seconds between two calls.

    Returns
    -------
    int
        The exit code of the program; negative if a signal ended it.

    Raises
    ------
    OSError
        If the program cannot be started.
    """
    with (
        open(out or os.devnull, "wb") as to_out,
        open(err or os.devnull, "wb") as to_err,
        subprocess.Popen(
            command,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=to_out,
            stderr=to_err,
            env={**os.environ, **(environment or {})},
            **OWN_GROUP,
        ) as process,
    ):
        try:
            return _wait(process, tell, period)
        except BaseException:
            _end(process)
            raise


def _wait(
    process: subprocess.Popen, tell: Callable[[], None] | None, period: float | None
) -> int:
    while tell is not None:
        with suppress(subprocess.TimeoutExpired):
            return process.wait(timeout=period)
        tell()
    return process.wait()


def _end(process: subprocess.Popen) -> None:
    if sys.platform == "win32":
        process.kill()
    else:
        # The group outlives its first member: make may be gone, a compiler not.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def temporary_folder(place: Path) -> Iterator[Path]:
    """Make a folder for one run, and remove it and those that were left behind.

    A process that is killed leaves its folder. The name says whose it is, so that
    the next run can see that nobody works there.

    Parameters
    ----------
    place : Path
        Where to make it.

    Yields
    ------
    Path
        The folder.
    """
    # Containers may share a folder and not see each other's processes.
    machine = sha256(platform.node().encode()).hexdigest()[:8]
    _remove_left_behind(place, f"homeo-{machine}-")
    folder = Path(tempfile.mkdtemp(prefix=f"homeo-{machine}-{os.getpid()}-", dir=place))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_left_behind(place: Path, prefix: str) -> None:
    for folder in place.glob(f"{prefix}*-*"):
        process = folder.name.removeprefix(prefix).partition("-")[0]
        if process.isdecimal() and not psutil.pid_exists(int(process)):
            shutil.rmtree(folder, ignore_errors=True)


@lru_cache
def runs_programs(folder: Path) -> bool:
    """Say whether a folder is there and programs in it may be started.

    Parameters
    ----------
    folder : Path
        The folder; it is made if it is not there.

    Returns
    -------
    bool
        False for one that cannot be written, or is mounted noexec.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="homeo-try-", dir=folder) as place:
            if os.name == "nt":
                return True
            script = Path(place) / "script"
            script.write_text("#!/bin/sh\n")
            script.chmod(0o700)
            return subprocess.run([script], check=False).returncode == 0
    except OSError:
        return False
