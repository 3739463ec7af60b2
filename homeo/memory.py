"""How much memory there is, on the machine and in a container on it."""

from __future__ import annotations

from pathlib import Path

import psutil

#: Where a container is told how much memory it may use, and what of that it uses
#: (control groups, version 2 and version 1).
CGROUPS = (
    (Path("/sys/fs/cgroup"), "memory.max", "memory.current", "inactive_file"),
    (
        Path("/sys/fs/cgroup/memory"),
        "memory.limit_in_bytes",
        "memory.usage_in_bytes",
        "total_inactive_file",
    ),
)


def available_memory() -> int:
    """Return how many bytes of memory there are to be had.

    Returns
    -------
    int
        What the machine has available, and not more than a container may still use.
    """
    in_cgroups = (_left_in_cgroup(*cgroup) for cgroup in CGROUPS)
    left = [psutil.virtual_memory().available]
    left += [n_bytes for n_bytes in in_cgroups if n_bytes is not None]
    return max(0, min(left))


def _left_in_cgroup(root: Path, limit: str, usage: str, cache: str) -> int | None:
    try:
        allowed = (root / limit).read_text().strip()
    except OSError:
        return None
    if not allowed.isdecimal():  # "max"
        return None
    try:
        used = int((root / usage).read_text())
        stat = dict(map(str.split, (root / "memory.stat").read_text().splitlines()))
    except OSError:
        return int(allowed)
    # What files left in memory is given back when it is needed.
    return int(allowed) - used + int(stat.get(cache, 0))
