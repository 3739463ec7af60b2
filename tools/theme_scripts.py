"""A Sphinx extension that leaves out scripts of the theme that no page needs.

The theme brings every icon twice: as a font, and as a program of half a megabyte
that replaces icons by drawings. And Jupyter Book prepares every page for Thebe, which
runs code on a server; it declares the same constants twice, and so each page begins
with an error.
"""

from pathlib import Path


def leave_out_thebe(app, page, template, context, doctree):
    """Take the scripts of Thebe off a page."""
    context["script_files"] = [
        script
        for script in context["script_files"]
        if "thebe" not in f"{script.filename} {script.attributes.get('body')}".lower()
    ]


def empty_the_icons(app, failure):
    """Put a comment where the program for icons is; every page asks for it."""
    if app.builder.format == "html" and not failure:
        program = Path(app.outdir, "_static", "scripts", "fontawesome.js")
        program.write_text("// Icons come from the font.\n", encoding="utf-8")


def setup(app):
    """Register with Sphinx."""
    # After the extensions that add scripts to a page.
    app.connect("html-page-context", leave_out_thebe, priority=900)
    app.connect("build-finished", empty_the_icons)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
