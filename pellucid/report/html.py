"""Pieces of a page: sections, tables, and the page around them. All that comes from files is escaped here."""

import html
import json
import math
from pathlib import Path
from string import Template

import pellucid
from pellucid.course.outputs import script

HERE = Path(__file__).parent / "browser"


def said(value):
    """A value of a file as a short text: numbers with five digits, all else as JSON."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return "not finite" if not math.isfinite(value) else f"{value:.5g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def cell(tag, value, extra=""):
    """A cell of a table."""
    look = ' class="number"' if isinstance(value, (int, float)) and not isinstance(value, bool) else ""
    return f"<{tag}{extra}{look}>{html.escape(said(value))}</{tag}>"


def table(caption, headings, rows):
    """A table that scrolls for itself where it is too wide, also by keyboard."""
    head = "".join(cell("th", heading, ' scope="col"') for heading in headings)
    body = "".join(
        "<tr>" + cell("th", row[0], ' scope="row"') + "".join(cell("td", value) for value in row[1:]) + "</tr>"
        for row in rows
    )
    name = html.escape(caption, quote=True)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{name}"><table><caption>{html.escape(caption)}'
        f"</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def folded(summary, content):
    """What is only wanted by some: to be opened by a click or by Enter."""
    return f"<details><summary>{html.escape(summary)}</summary>{content}</details>"


def paragraph(text):
    """A paragraph of plain text."""
    return f"<p>{html.escape(text)}</p>"


def bullets(texts):
    """A list of plain texts."""
    return "<ul>" + "".join(f"<li>{html.escape(text)}</li>" for text in texts) + "</ul>" if texts else ""


def whole(title, sections):
    """The page: `sections` are triples of name, heading and content. One file, which needs nothing else."""
    contents = "".join(f'<li><a href="#{name}">{html.escape(heading)}</a></li>' for name, heading, _ in sections)
    body = "".join(
        f'<section aria-labelledby="{name}"><h2 id="{name}">{html.escape(heading)}</h2>{content}</section>'
        for name, heading, content in sections
    )
    style = script("site.css") + (HERE / "report.css").read_text(encoding="utf-8")
    return Template((HERE / "report.html").read_text(encoding="utf-8")).substitute(
        title=html.escape(title), style=style, contents=contents, body=body, version=html.escape(pellucid.__version__)
    )
