"""What every notebook of the book must be like, as it is committed."""

import re
import statistics
from functools import cache
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ("image/png", "image/svg+xml", "image/jpeg")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"


def pages():
    """Return the pages in the table of contents, without suffix."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    files = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    return [toc["root"], *files]


NOTEBOOKS = [page for page in pages() if (ROOT / f"{page}.ipynb").exists()]


@cache
def read(page):
    return nbformat.read(ROOT / f"{page}.ipynb", as_version=4)


def code_cells(page):
    """Return the code cells, each with a name for messages."""
    cells = [cell for cell in read(page).cells if cell.cell_type == "code"]
    return [(f"{page}, code cell {n}", cell) for n, cell in enumerate(cells, 1)]


def code_lines(cell):
    """Return the lines that are neither blank nor comments."""
    lines = map(str.strip, cell.source.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def prose_words(cell):
    """Count the words of a cell of prose, without code, equations and addresses."""
    text = re.sub(r"^(```|~~~|:::|:\w+:).*$", "", cell.source, flags=re.MULTILINE)
    text = re.sub(r"\$\$.*?\$\$|\$[^$]*\$", " ", text, flags=re.DOTALL)
    text = re.sub(r"https?://\S+|<[^>]*>", " ", text)
    return len(re.findall(r"[^\W\d_][\w'’-]*", text))


def words_per_line(cells):
    """Return the words of prose for each line of code."""
    words = sum(prose_words(cell) for cell in cells if cell.cell_type == "markdown")
    lines = sum(len(code_lines(cell)) for cell in cells if cell.cell_type == "code")
    return words / lines


def data(cell):
    """Return all kinds of data that the outputs of a cell hold."""
    return {kind for output in cell.outputs for kind in output.get("data", {})}


def test_every_page_exists():
    missing = [
        page
        for page in pages()
        if not any((ROOT / f"{page}{suffix}").exists() for suffix in (".ipynb", ".md"))
    ]
    assert not missing


def test_every_notebook_is_in_the_table_of_contents():
    files = (ROOT / "chapters").glob("*.ipynb")
    found = {path.relative_to(ROOT).with_suffix("").as_posix() for path in files}
    assert found == set(NOTEBOOKS)


@pytest.mark.parametrize("page", NOTEBOOKS)
class TestNotebook:
    """One notebook."""

    def test_ran_from_top_to_bottom(self, page):
        counts = [cell.execution_count for _, cell in code_cells(page)]
        assert counts == list(range(1, len(counts) + 1)), (
            "run `make notebooks` and commit the result"
        )

    def test_has_neither_errors_nor_warnings(self, page):
        for name, cell in code_cells(page):
            for output in cell.outputs:
                assert output.output_type != "error", name
                assert output.get("name") != "stderr", f"{name}: {output.text}"

    def test_no_cell_is_long(self, page):
        for name, cell in code_cells(page):
            assert len(cell.source.splitlines()) <= 30, name

    def test_figures_have_captions_and_words_for_who_cannot_see_them(self, page):
        for name, cell in code_cells(page):
            if data(cell).intersection(IMAGES):
                settings = cell.metadata.get("mystnb", {})
                assert settings.get("image", {}).get("alt", "").strip(), name
                assert settings.get("figure", {}).get("caption", "").strip(), name

    def test_widgets_are_saved(self, page):
        saved = read(page).metadata.get("widgets", {}).get(WIDGET_STATE, {})
        for name, cell in code_cells(page):
            for output in cell.outputs:
                view = output.get("data", {}).get(WIDGET_VIEW)
                assert view is None or view["model_id"] in saved["state"], name

    def test_kernel_is_any_python(self, page):
        assert read(page).metadata.kernelspec.name == "python3"


@pytest.mark.parametrize("page", [page for page in NOTEBOOKS if page != pages()[0]])
class TestChapter:
    """One chapter; the landing page has too little code to be measured so."""

    def test_half_of_the_cells_are_short(self, page):
        lengths = [len(cell.source.splitlines()) for _, cell in code_cells(page)]
        assert statistics.median(lengths) <= 5

    def test_prose_carries_the_page(self, page):
        """Exercises have as many words as they need: only too few are too few."""
        cells = read(page).cells
        exercises = next(
            n for n, cell in enumerate(cells) if "## Check yourself" in cell.source
        )
        assert words_per_line(cells) >= 8
        assert words_per_line(cells[:exercises]) <= 16
