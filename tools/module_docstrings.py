"""A Sphinx extension for headings in the docstrings of modules.

numpydoc reads the docstrings of functions and classes. A heading in a module's
docstring would become a section of the page, and two modules with the same
heading (``References``) could not stand on one page. So it becomes a rubric,
as in the docstrings of functions.
"""


def headings_to_rubrics(app, what, name, obj, options, lines):
    """Turn underlined headings in a module's docstring into rubrics, in place."""
    if what != "module":
        return
    for number, underline in enumerate(lines[1:]):
        if underline and underline == "-" * len(lines[number]):
            lines[number] = f".. rubric:: {lines[number]}"
            lines[number + 1] = ""


def setup(app):
    """Register the extension with Sphinx."""
    app.connect("autodoc-process-docstring", headings_to_rubrics)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
