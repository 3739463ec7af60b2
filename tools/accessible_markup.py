"""A Sphinx extension that mends markup which screen readers stumble over.

Each row is markup of another package, as it is written, and what it should be.
"""

MENDED = {
    # MyST-NB: the label hides what the summary says, "Show the code".
    '<summary aria-label="Toggle hidden content">': "<summary>",
    # Sphinx: a deprecated role, which no entry of a list may have.
    ' role="doc-biblioentry"': ' role="listitem"',
    # pandas: the corner above the index is no header.
    "<th></th>": "<td></td>",
}


def mend_markup(app, page, template, context, doctree):
    """Mend the body of a page."""
    if "body" in context:  # an index and the search have none
        for written, mended in MENDED.items():
            context["body"] = context["body"].replace(written, mended)


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", mend_markup)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
