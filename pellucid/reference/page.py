"""The pages of the reference: one for each name, one for each module, the list of all, and the map of the source."""

import html
import inspect
from pathlib import Path
from string import Template
from typing import Any

import pellucid
from pellucid.course.outputs import script
from pellucid.explain.error_pages import PAGES
from pellucid.explain.page import namespace, run, source
from pellucid.explain.raised import message_of
from pellucid.reference.examples import written_example
from pellucid.reference.names import example, inherited, methods, modules
from pellucid.reference.run import prompted, ran, ran_statements
from pellucid.reference.text import inline, prose, python

BACK = '<nav class="trail" aria-label="Where this is"><a href="index.html">All names</a>'
LEAD = (
    "{} public names, each with its signature, formula, shapes and errors, its source, and an example with what it "
    "gave when this page was made."
)
SEARCH = (
    '<div class="search" role="search"><label for="find">Find a name</label>'
    '<input id="find" type="search" autocomplete="off" spellcheck="false" placeholder="softmax, nn.Linear, …" '
    'aria-controls="found" aria-describedby="keys"><span id="keys">Press <kbd>/</kbd> to search.</span>'
    '<ol id="found" aria-label="Names found" hidden></ol></div>'
)


class Book:
    """All that the pages share: the entries, the links between them, and where pictures go."""

    def __init__(self, everything, links, file_of, keep_picture):
        self.everything = everything
        self.links = links
        self.file_of = file_of
        self.keep_picture = keep_picture
        self.wrong = []  # examples that did not give what their docstring says


def entry_page(entry, book):
    """The page of a name: signature, text with examples and what they gave, methods, source."""
    shown = [f"<h1><code>{html.escape(entry.written)}</code></h1>", place(entry), signature(entry), body(entry, book)]
    own = methods(entry)
    if own:
        listed = " ".join(f'<a href="#{method.name}"><code>{method.name}</code></a>' for method in own)
        shown.append(f'<h2 id="methods">Methods</h2><p class="chips">{listed}</p>')
        shown += [method_part(method, book) for method in own]
    for base, names in inherited(entry):
        listed = ", ".join(f'<a href="{book.file_of(base)}#{name}"><code>{name}</code></a>' for name in names)
        shown.append(f'<p>From <a href="{book.file_of(base)}"><code>{base.written}</code></a>: {listed}.</p>')
    alike = book.links.alike(entry)
    if alike:
        also = ", ".join(f'<a href="{book.file_of(other)}"><code>{other.written}</code></a>' for other in alike)
        shown.append(f"<p><b>See also:</b> {also}</p>")
    shown.append(source_part(entry))
    contents = "".join(f'<li><a href="#{m.name}"><code>{m.name}</code></a></li>' for m in own)
    aside = f'<nav class="toc" aria-label="Methods"><h2>Methods</h2><ol>{contents}</ol></nav>' if own else ""
    main = f'<div class="columns">{aside}<main id="text">{trail(entry.module)}{"".join(shown)}</main></div>'
    return whole(entry.written, main)


def method_part(method, book):
    """A method on the page of its class."""
    return (
        f'<section class="method" id="{method.name}"><h3><code>{html.escape(method.written)}</code></h3>'
        f"{signature(method)}{body(method, book)}{source_part(method)}</section>"
    )


def body(entry, book):
    """The docstring, its examples as they ran; an example of `explain` where it has none; an error's own program."""
    shown = []
    for part in ran(entry):
        if isinstance(part, str):
            shown.append(prose(part, book.links, entry.module))
            continue
        book.wrong += [(entry.written, each) for each in part if not each.agrees]
        shown.append(session_part(part, entry, book))
    lines = example(entry) if entry.kind not in ("constant", "error") else ""
    if lines:
        shown.append(
            f'<figure class="example"><figcaption>Example, as it ran</figcaption>{python(run(lines))}</figure>'
        )
    if entry.kind != "constant" and ">>>" not in entry.text and (statements := written_example(entry)):
        part = ran_statements(statements, entry)
        book.wrong += [(entry.written, each) for each in part if "Traceback" in each.came]
        shown.append(session_part(part, entry, book))
    if entry.kind == "error":
        name, message = message_of(PAGES[entry.name].example, namespace())
        shown.append(f"<h3>The smallest program that raises it</h3>{python(PAGES[entry.name].example)}")
        shown.append(f'<pre class="printed">{html.escape(f"{name}: {message}")}</pre>')
    return "".join(shown)


def session_part(part, entry, book):
    """Examples that stand together, with what they gave and drew."""
    lines = "\n".join(f"{prompted(each.source)}\n{each.came}".rstrip("\n") for each in part)
    shown = [f'<figure class="example"><figcaption>Example, as it ran</figcaption>{console(lines)}']
    for number, picture in enumerate(picture for each in part for picture in each.pictures):
        file = book.keep_picture(f"{entry.written}-{number + 1}", picture)
        shown.append(f'<img src="{file}" alt="What this example of {entry.written} draws" loading="lazy">')
    return "".join([*shown, "</figure>"])


def console(text):
    """A session at Python's prompt, with its words marked."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonConsoleLexer

    formatter = HtmlFormatter(cssclass="codehilite", wrapcode=True)
    return f'<div class="code">{highlight(text, PythonConsoleLexer(), formatter)}</div>'


def signature(entry):
    """Name and arguments, or nothing where there are none."""
    if entry.kind in ("constant", "property", "error"):
        return ""
    try:
        arguments = str(inspect.signature(entry.thing))
    except (TypeError, ValueError):
        return ""
    for dtype in ("float16", "float32", "float64", "int64"):
        arguments = arguments.replace(f"dtype('{dtype}')", f"pc.{dtype}")
    return f'<div class="signature">{python(f"{entry.written}{arguments}")}</div>'


def place(entry):
    """What it is, and in which file."""
    if entry.kind == "constant":
        return '<p class="place">constant</p>'
    path, line = where(entry.thing)
    return f'<p class="place">{entry.kind}, <code>{path}</code>, line {line}</p>'


def where(thing):
    """The file of a thing, from the package on, and its line."""
    thing = plain_function(thing)
    path = Path(inspect.getsourcefile(thing) or "")
    below = path.relative_to(Path(pellucid.__file__).parent.parent).as_posix()
    return below, inspect.getsourcelines(thing)[1]


def plain_function(thing) -> Any:
    """The function behind a property or a decorator; anything else as it is."""
    return inspect.unwrap(getattr(thing, "fget", thing))


def source_part(entry):
    """Its source, to be opened. Of a class with methods these have theirs; it shows what is left."""
    if entry.kind == "constant":
        return ""
    thing = plain_function(entry.thing)
    return f"<details><summary>Source of {html.escape(entry.written)}</summary>{python(source(thing))}</details>"


def trail(module):
    """The way back: all names, then the module."""
    return f'{BACK} / <a href="module-{module}.html"><code>{module}</code></a></nav>'


def module_page(short, module, entries, book):
    """A module: what it is for, and its names with a line each."""
    text = prose(inspect.getdoc(module) or "", book.links, short)
    main = f'<main id="text" class="index">{BACK}</nav><h1><code>{short}</code></h1>{text}{table(entries, book)}</main>'
    return whole(short, main)


def table(entries, book):
    """Names with a line each."""
    rows = "".join(
        f'<dt><a href="{book.file_of(entry)}"><code>{html.escape(entry.name)}</code></a></dt>'
        f"<dd>{inline(entry.summary, book.links, entry.module)}</dd>"
        for entry in entries
    )
    return f'<dl class="names">{rows}</dl>'


def index_page(book):
    """All names, module by module."""
    shown = []
    for short, module in modules():
        own = [entry for entry in book.everything if entry.module == short]
        if own:
            first = inspect.getdoc(module).split("\n")[0]
            shown.append(
                f'<h2 id="{short}"><a href="module-{short}.html"><code>{short}</code></a></h2>'
                f"<p>{inline(first, book.links, short)}</p>{table(own, book)}"
            )
    count = len(book.everything)
    main = (
        f'<main id="text" class="index"><h1>Pellucid: the reference</h1><p class="lead">{LEAD.format(count)}</p>'
        '<p><a href="map.html">The map of the source</a> says what is where and who may import whom.</p>'
        f"{''.join(shown)}</main>"
    )
    return whole(None, main)


def map_page(parts):
    """The map of the source: each part with what it is, what it imports, and its files."""
    rows = []
    for name, text, imported, files in parts:
        listed = "".join(
            f"<dt><code>{html.escape(file)}</code></dt><dd>{html.escape(line)}</dd>" for file, line in files
        )
        uses = ", ".join(f'<a href="#{other}"><code>{other}</code></a>' for other in imported) or "nothing of Pellucid"
        rows.append(
            f'<section id="{name}"><h2><code>{name}</code></h2><p>{html.escape(text)}</p><p class="place">'
            f'imports {uses}</p><dl class="names">{listed}</dl></section>'
        )
    main = (
        f'<main id="text" class="index">{BACK}</nav>'
        "<h1>The map of the source</h1><p>Read from the files themselves: what each says it is, and what it imports. "
        f"Parts stand below those that they are made of.</p>{''.join(rows)}</main>"
    )
    return whole("The map of the source", main)


def whole(title, main):
    """A whole page around its main part, in the frame of the course's pages."""
    site = "Pellucid: the reference"
    frame = Template(script("page.html")).substitute(
        lang="en",
        title=f"{html.escape(title)} · {site}" if title else site,
        up="",
        alternates='<link rel="stylesheet" href="assets/reference.css"><script src="assets/names.js" defer></script>',
        skip="To the text",
        header=f'<header class="top"><a class="home" href="index.html">{site}</a>{SEARCH}</header>',
        main=main,
        made=f"Made from the docstrings of Pellucid {pellucid.__version__}, MIT licence. Every example was run.",
    )
    return frame.replace("assets/site.js", "assets/reference.js")
