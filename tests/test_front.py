"""The front end's functions, tested in JavaScript: ``tests/front``."""

import re
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent / "front"


def test_the_functions_of_the_front_end():
    """All in one process of Node.js, with its own runner."""
    node = Path(sys.executable).with_name("node")
    files = sorted(TESTS.glob("*.test.js"))
    options = ["--test", "--test-isolation=none", "--test-reporter=tap"]
    done = subprocess.run([node, *options, *files], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    told = dict(re.findall(r"^# (\w+) (\d+)$", done.stdout, re.MULTILINE))
    assert int(told["pass"]) == int(told["tests"]) > len(files)
