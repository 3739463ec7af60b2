"""A Sphinx extension that finds the address of this repository by itself.

The book's source names no address, so that a copy of the repository links to
itself. Where an address on github.com is known, every page gets a link to the
repository and to its issues, every notebook a button that opens it on Binder,
and every page names the place on GitHub Pages that a search engine should list.
Where none is known there is none of these.

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


def book_address(address):
    """Return the address of the book on GitHub Pages.

    Parameters
    ----------
    address : str or None
        The address of the repository's web page.

    Returns
    -------
    str or None
        The address of the book, or None if that of the repository is not known.
    """
    if address is None:
        return None
    owner, name = address.removeprefix("https://github.com/").split("/")
    return f"https://{owner.lower()}.github.io/{name}/"


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


def fill_in_addresses(app, config):
    """Fill in what follows from the address, once Sphinx has read the configuration."""
    address = repository_address(os.environ, git_origin(app.srcdir))
    for option in theme_options("any"):
        config.html_theme_options.pop(option, None)
    config.html_theme_options.update(theme_options(address))
    config.html_baseurl = config.ogp_site_url = book_address(address) or ""
    if address is None:
        config.ogp_image = None  # what shows a preview needs the whole address


def setup(app):
    """Register the extension with Sphinx."""
    app.connect("config-inited", fill_in_addresses)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
