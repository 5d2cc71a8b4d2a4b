"""Docstrings as HTML: paragraphs, lists of arguments, lines of formulas, code, and links between names."""

import html
import re

from pellucid.course.page import highlighted
from pellucid.explain.find import plain

CODE = re.compile(r"``?([^`]+)``?")
FIELD = re.compile(r"(?: {4})?(\*{0,2}\w+(?:, \w+)*): (.*)")


class Links:
    """Where a name leads to: the page of what is public under that name, seen from the module of the reader's page."""

    def __init__(self, entries, file_of):
        self.files = {entry.written: file_of(entry) for entry in entries}
        self.by_name = {}
        for entry in entries:
            self.by_name.setdefault(entry.name, []).append(entry)

    def find(self, text, module):
        """The file for `Linear`, `nn.Linear`, `F.relu(x)`, `pc.nn.Linear` ..., or None."""
        name = text.partition("(")[0].strip().removeprefix("@")
        for candidate in (name, name.removeprefix("pc."), f"pc.{name}"):
            if candidate in self.files:
                return self.files[candidate]
        found = self.by_name.get(name, [])
        near = [entry for entry in found if entry.module == module] or (found if len(found) == 1 else [])
        return self.files[near[0].written] if near else None

    def alike(self, entry):
        """Others of the same name, as F.relu and nn.ReLU."""
        word = plain(entry.name)
        return [
            other
            for others in self.by_name.values()
            for other in others
            if plain(other.name) == word and other.written != entry.written
        ]


def prose(text, links, module):
    """One text between examples. Blank lines divide it; indented lines stand as they are, and so do lists of fields."""
    return "".join(block(part, links, module) for part in re.split(r"\n\s*\n", text) if part.strip())


def block(text, links, module):
    """One paragraph."""
    lines = text.split("\n")
    if re.fullmatch(r"(Args|Arguments|Attributes|Returns|Raises):", lines[0].strip()) and len(lines) > 1:
        heading = lines[0].strip(" :").replace("Args", "Arguments")
        return f"<h3>{heading}</h3>{fields(lines[1:], links, module)}"
    if all(line.startswith("    ") for line in lines):
        inner = [line.removeprefix("    ") for line in lines]
        if FIELD.match(inner[0]) and "(" not in inner[0].partition(":")[0]:
            return fields(lines, links, module)
        return f'<pre class="formula">{html.escape(chr(10).join(inner))}</pre>'
    if all(line.lstrip().startswith(("- ", "* ")) or line.startswith("  ") for line in lines):
        items = re.split(r"\n\s*[-*] ", "\n" + text.lstrip())[1:]
        return f"<ul>{''.join(f'<li>{inline(joined(item), links, module)}</li>' for item in items)}</ul>"
    source = re.match(r"Source: (.*)", joined(text))
    if source:
        return f'<p class="source"><b>Source:</b> {inline(source[1], links, module)}</p>'
    return f"<p>{inline(joined(text), links, module)}</p>"


def fields(lines, links, module):
    """Names with what is said of each."""
    found = []
    for line in lines:
        match = FIELD.fullmatch(line)
        if match and not line.startswith(" " * 8):
            found.append([match[1], match[2]])
        elif found:
            found[-1][1] += " " + line.strip()
        else:
            found.append(["", line.strip()])
    rows = "".join(
        f"<dt>{f'<code>{html.escape(name)}</code>' if name else ''}</dt><dd>{inline(said, links, module)}</dd>"
        for name, said in found
    )
    return f'<dl class="fields">{rows}</dl>'


def joined(text):
    return " ".join(line.strip() for line in text.split("\n"))


def inline(text, links, module):
    """Code in backquotes, and names of other pages as links."""
    pieces, at = [], 0
    for match in CODE.finditer(text):
        pieces.append(words(text[at : match.start()], links, module))
        code = f"<code>{html.escape(match[1])}</code>"
        file = links.find(match[1], module)
        pieces.append(f'<a href="{file}">{code}</a>' if file else code)
        at = match.end()
    return "".join([*pieces, words(text[at:], links, module)])


# Names that no English word can be taken for: with a point or an underscore inside, or with two capitals.
NAME = re.compile(r"\b(?:[A-Za-z]+\.)+\w+\b|\b[a-z]+(?:_[a-z0-9]+)+\b|\b[A-Z][a-z0-9]*[A-Z]\w*\b")


def words(text, links, module):
    """Plain text, in which names that are public elsewhere are links."""

    def one(match):
        file = links.find(match[0], module)
        return f'<a href="{file}">{html.escape(match[0])}</a>' if file else html.escape(match[0])

    pieces, at = [], 0
    for match in NAME.finditer(text):
        pieces += [html.escape(text[at : match.start()]), one(match)]
        at = match.end()
    return "".join([*pieces, html.escape(text[at:])])


def python(code):
    """Python with its words marked."""
    return f'<div class="code">{highlighted(code)}</div>'
