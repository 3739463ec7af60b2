"""Leave out the theme's program for icons: its style sheet has them in a font.

The theme brings every icon twice, as a font and as a program of half a megabyte
that replaces icons by drawings, which breaks the icons of ipywidgets as well.
"""

from pathlib import Path


def empty_the_program(app, failure):
    """Put a comment where the program is; every page asks for it."""
    if app.builder.format == "html" and not failure:
        program = Path(app.outdir, "_static", "scripts", "fontawesome.js")
        program.write_text("// Icons come from the font.\n", encoding="utf-8")


def setup(app):
    """Register with Sphinx."""
    app.connect("build-finished", empty_the_program)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
