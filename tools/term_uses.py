"""A Sphinx extension that links each term of the glossary to the pages that use it."""

from docutils import nodes
from sphinx.addnodes import glossary, pending_xref


def pages_by_term(env):
    """Return the pages that link to each term, in the order of the book.

    Parameters
    ----------
    env : sphinx.environment.BuildEnvironment
        The environment, all pages read.

    Returns
    -------
    dict
        From a term, in lower case, to the names of pages.
    """
    order = [env.config.root_doc, *env.toctree_includes.get(env.config.root_doc, ())]
    uses = {}
    for page in sorted(env.found_docs, key=lambda name: (name not in order, name)):
        for link in env.get_doctree(page).findall(pending_xref):
            if (link["refdomain"], link["reftype"]) == ("std", "term"):
                pages = uses.setdefault(link["reftarget"].lower(), [])
                if page not in pages:
                    pages.append(page)
    return uses


def page_name(env, page):
    """Return the number of a chapter, or the title of another page."""
    number = env.toc_secnumbers.get(page, {}).get("")
    return str(number[0]) if number else env.titles[page].astext()


def link_to_pages(app, doctree, page):
    """Add a line with links to the definition of every term, in place."""
    items = [
        item
        for group in doctree.findall(glossary)
        for item in group.findall(nodes.definition_list_item)
    ]
    uses = pages_by_term(app.env) if items else {}
    for item in items:
        terms = [term.astext().lower() for term in item.findall(nodes.term)]
        pages = {name: None for term in terms for name in uses.get(term, ())}
        pages.pop(page, None)
        if not pages:
            continue
        line = nodes.paragraph("", "Used in ", classes=["term-uses"])
        for number, name in enumerate(pages):
            address = app.builder.get_relative_uri(page, name)
            line += nodes.Text(", " if number else "")
            line += nodes.reference(
                "", page_name(app.env, name), refuri=address, internal=True
            )
        next(item.findall(nodes.definition)).append(line)


def glossaries(app, env):
    """Return the pages to write again when any other has changed."""
    return [
        page
        for page in env.found_docs
        if any(True for _ in env.get_doctree(page).findall(glossary))
    ]


def setup(app):
    """Register with Sphinx."""
    app.connect("env-updated", glossaries)
    app.connect("doctree-resolved", link_to_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
