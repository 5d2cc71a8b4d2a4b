"""Builds the reference: a folder of pages that open from disk.

    reference/index.html           all names, module by module
    reference/nn.Linear.html       the page of a name
    reference/module-nn.html       the names of a module
    reference/map.html             what is where in the source
    reference/assets/              style, script, and the names for the search
    reference/pellucid-reference.json   what this folder is, and which files we wrote

The new folder is written beside the old one and takes its place as a whole, as the site of the lessons does.
"""

import ast
import inspect
import json
import os
import shutil
import tempfile
from pathlib import Path

import pellucid
from pellucid.course.outputs import script
from pellucid.course.site import FORMAT, check_replaceable, files_in, put, put_in_place
from pellucid.reference import page
from pellucid.reference.names import entries, methods, modules
from pellucid.reference.text import Links

LABEL = "pellucid-reference.json"
COMMAND = "pellucid reference"
HERE = Path(__file__).parent / "browser"


def build(out, only=None, tell=lambda text: None):
    """Write the reference into the folder `out`; the path of its first page, and the examples that gave something else.

    `only` limits the names whose pages are written (all others are linked as if they were there): for tests.
    """
    out = Path(os.path.abspath(out))
    check_replaceable(out, LABEL, COMMAND)
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{out.name}-", suffix=".unfinished", dir=out.parent))
    try:
        os.chmod(beside, 0o755)  # mkdtemp makes it for its owner only, but pages are to be served
        book = write(beside, only, tell)
        put_in_place(beside, out)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return out / "index.html", book.wrong


def write(folder, only, tell):
    """All files, into an empty folder."""
    everything = list(entries())
    files = file_names(everything)
    book = page.Book(everything, Links(everything, files.__getitem__), files.__getitem__, keeper(folder / "pictures"))
    put(folder / "assets" / "site.css", "".join(script(f"{name}.css") for name in ("questions", "site")))
    for name in ("reference.css", "reference.js"):
        put(folder / "assets" / name, (HERE / name).read_text(encoding="utf-8"))
    put(folder / "assets" / "names.js", f"const NAMES = {json.dumps(search_names(everything, files), indent=0)};\n")
    for short, module in modules():
        own = [entry for entry in everything if entry.module == short]
        if not own:
            continue
        tell(f"{short}: {len(own)} names")
        put(folder / f"module-{short}.html", page.module_page(short, module, own, book))
        for entry in own:
            if only is None or entry.written in only:
                put(folder / files[entry], page.entry_page(entry, book))
    put(folder / "index.html", page.index_page(book))
    put(folder / "map.html", page.map_page(source_map()))
    label = {"format": FORMAT, "pellucid": pellucid.__version__, "files": files_in(folder)}
    put(folder / LABEL, json.dumps(label, indent=1) + "\n")
    return book


def file_names(everything):
    """The file of each entry. Tensor and tensor are one name to many disks: the class gets another."""
    taken, files = set(), {}
    for entry in sorted(everything, key=inspect_class):
        name = entry.written
        if name.lower() in taken:
            name += "-class"
        taken.add(name.lower())
        files[entry] = f"{name}.html"
    return files


def inspect_class(entry):
    """Functions before classes."""
    return inspect.isclass(entry.thing)


def search_names(everything, files):
    """What the search looks through: name, page, first line. Methods of Tensor are found too."""
    found = [[entry.written, files[entry], entry.summary.replace("`", "")] for entry in everything]
    for entry in everything:
        found += [[m.written, f"{files[entry]}#{m.name}", m.summary.replace("`", "")] for m in methods(entry)]
    return found


def keeper(folder):
    """A function that writes a picture and gives the way to it."""

    def keep(name, content):
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.png").write_bytes(content)
        return f"{folder.name}/{name}.png"

    return keep


def source_map():
    """The parts of the package, lowest first: name, first line, parts it imports, (file, first line) of its files."""
    root = Path(pellucid.__file__).parent
    parts = {}
    for path in sorted(root.rglob("*.py")):
        below = path.relative_to(root)
        name = below.parts[0].removesuffix(".py")
        if "lessons" in below.parts or name in ("__init__", "__main__"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        text, imports, files = parts.setdefault(name, ["", set(), []])
        line = (ast.get_docstring(tree) or "").split("\n")[0]
        if not text or path.name == "__init__.py":
            parts[name][0] = line
        imports |= imported(tree)
        if len(below.parts) > 1 and path.name != "__init__.py":
            files.append((below.as_posix(), line))
    needs = {name: imports & set(parts) - {name} for name, (_, imports, _) in parts.items()}
    return [(name, parts[name][0], sorted(needs[name]), parts[name][2]) for name in lowest_first(needs)]


def imported(tree):
    """The parts of Pellucid that a file imports at its top."""
    found = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "pellucid":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pellucid."):
            found.add(node.module.split(".")[1])
    return found


def lowest_first(needs):
    """Each part after those that it imports; where two import each other, by name."""
    order = []
    while len(order) < len(needs):
        free = [name for name in needs if name not in order and needs[name] <= set(order)]
        order += sorted(free) or [min(name for name in needs if name not in order)]
    return order
