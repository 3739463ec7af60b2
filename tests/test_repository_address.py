"""The address that links and launch buttons of the built pages use."""

import subprocess

import pytest
from repository_address import (
    book_address,
    git_origin,
    repository_address,
    theme_options,
)

ADDRESS = "https://github.com/some-one/homeo.book"


@pytest.mark.parametrize(
    "origin",
    [
        "https://github.com/some-one/homeo.book",
        "https://github.com/some-one/homeo.book.git",
        "https://github.com/some-one/homeo.book/",
        "https://user:token@github.com/some-one/homeo.book.git",
        "git@github.com:some-one/homeo.book.git",
        "ssh://git@github.com/some-one/homeo.book.git",
        "ssh://git@github.com:22/some-one/homeo.book",
        "https://github.com/some-one/homeo.book.git\n",
    ],
)
def test_remote_on_github(origin):
    assert repository_address({}, origin) == ADDRESS


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "/a/folder/github.com/some-one/homeo",
        "https://gitlab.com/some-one/homeo.git",
        "https://github.com.example.org/some-one/homeo",
        "https://example.org/github.com/some-one/homeo",
        "git@example.org:some-one/homeo.git",
        "https://github.com/some-one",
        "https://github.com/some-one/homeo/extra",
    ],
)
def test_remote_elsewhere(origin):
    assert repository_address({}, origin) is None


def test_environment_comes_first():
    environment = {"GITHUB_REPOSITORY": "some-one/homeo.book"}
    assert repository_address(environment, "git@github.com:a/b.git") == ADDRESS


def test_environment_of_another_server():
    environment = {
        "GITHUB_REPOSITORY": "some-one/homeo",
        "GITHUB_SERVER_URL": "https://git.example.org",
    }
    assert repository_address(environment, None) is None


@pytest.mark.parametrize("name", ["", "homeo", "a/b/c", 'a/b"><script>'])
def test_malformed_environment(name):
    assert repository_address({"GITHUB_REPOSITORY": name}, None) is None


def test_no_address_gives_no_buttons():
    assert theme_options(None) == {}
    assert book_address(None) is None


def test_book_is_on_github_pages():
    # GitHub's names of hosts are in lower case, its paths are as written.
    address = "https://github.com/Some-One/Homeo.book"
    assert book_address(address) == "https://some-one.github.io/Homeo.book/"


def test_origin_of_a_clone(tmp_path):
    assert git_origin(tmp_path) is None
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    assert git_origin(tmp_path) is None
    remote = ["git", "-C", tmp_path, "remote", "add", "origin", ADDRESS]
    subprocess.run(remote, check=True)
    assert repository_address({}, git_origin(tmp_path)) == ADDRESS


def test_origin_of_a_parent_folder_is_not_ours(tmp_path):
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    remote = ["git", "-C", tmp_path, "remote", "add", "origin", ADDRESS]
    subprocess.run(remote, check=True)
    (tmp_path / "book").mkdir()
    assert git_origin(tmp_path / "book") is None
