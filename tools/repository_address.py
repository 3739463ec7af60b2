"""A Sphinx extension that finds the address of this repository by itself.

The book's source names no address, so that a copy of the repository links to
itself. Where an address on github.com is known, every page gets a link to the
repository and to its issues, and every notebook a button that opens it on
Binder. Where none is known there is no such button.

The address comes from the environment variable ``GITHUB_REPOSITORY``, which
GitHub Actions sets, or else from the git remote ``origin``.
"""

import os
import re
import subprocess
from pathlib import Path

BRANCH = "main"
BINDER = "https://mybinder.org"

NAME = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
REMOTE = re.compile(
    r"(?:(?:https|ssh|git)://(?:[^@/\s]+@)?github\.com(?::\d+)?/|git@github\.com:)"
    r"(?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?",
    re.ASCII,
)


def repository_address(environment, origin):
    """Return the address of the repository's web page.

    Parameters
    ----------
    environment : Mapping
        The environment variables.
    origin : str or None
        The address of the git remote ``origin``.

    Returns
    -------
    str or None
        The address, or None if the repository is not on github.com.
    """
    name = environment.get("GITHUB_REPOSITORY", "")
    server = environment.get("GITHUB_SERVER_URL", "https://github.com")
    if NAME.fullmatch(name) and server == "https://github.com":
        return f"https://github.com/{name}"
    match = REMOTE.fullmatch((origin or "").strip())
    return f"https://github.com/{match['name']}" if match else None


def git_origin(root):
    """Return the address of the git remote ``origin`` of a folder, or None."""
    if not (Path(root) / ".git").exists():
        return None  # a parent folder's repository is not this book's
    command = ["git", "-C", str(root), "config", "--get", "remote.origin.url"]
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout or None
    except FileNotFoundError:
        return None


def theme_options(address):
    """Return the theme's options that a repository address gives rise to."""
    if address is None:
        return {}
    return {
        "repository_url": address,
        "repository_branch": BRANCH,
        "path_to_docs": "",
        "use_repository_button": True,
        "use_issues_button": True,
        "launch_buttons": {
            "binderhub_url": BINDER,
            "notebook_interface": "jupyterlab",
        },
    }


def fill_theme_options(app, config):
    """Fill in the options of the theme, once Sphinx has read the configuration."""
    address = repository_address(os.environ, git_origin(app.srcdir))
    for option in theme_options("any"):
        config.html_theme_options.pop(option, None)
    config.html_theme_options.update(theme_options(address))


def setup(app):
    """Register the extension with Sphinx."""
    app.connect("config-inited", fill_theme_options)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
