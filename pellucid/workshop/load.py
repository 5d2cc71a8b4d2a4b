"""Answers are texts; here a text becomes a module, `workshop.NAME`.

An answer may import what is harmless, and earlier pieces as `from workshop.value import Value`: those that its piece
needs, and no others. That is seen to by an `__import__` of its own.
"""

import builtins
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types

HARMLESS = {
    "__future__", "abc", "array", "bisect", "builtins", "cmath", "collections", "contextlib", "copy", "dataclasses",
    "decimal", "enum", "fractions", "functools", "gc", "heapq", "importlib", "inspect", "io", "itertools", "json",
    "math", "numbers", "numpy", "operator", "os", "pathlib", "pellucid", "pprint", "random", "re", "shutil",
    "statistics", "string", "sys", "tempfile", "textwrap", "time", "traceback", "types", "typing", "warnings",
}  # fmt: skip
# Some of these can do harm (os, sys, gc ...). What they do is watched (guard.py); to import them is no mistake.

NOT_INSIDE = {"numpy.ctypeslib": "import", "numpy.f2py": "import", "pellucid.workshop": "solution"}


class NotAllowedError(ImportError):
    """An answer imports what it may not. `kind` is that of the verdict: "import", "solution" or "ancestor"."""

    def __init__(self, kind, name, message):
        super().__init__(message, name=name)
        self.kind = kind


def load(name, source, ancestors=None, filename=None, refused=None):
    """The module that is made from the text of an answer.

    `ancestors` are the pieces that it may import: {name: text}, or {name: (text, file name)}. They are loaded when they
    are first asked for. `filename` is what tracebacks show. `refused(kind, name)` is told of each import that is not
    allowed, before NotAllowedError is raised, since the answer may catch that.
    """
    return Texts(ancestors or {}, refused).load(name, source, filename)


class Texts:
    """The texts that can be imported as `workshop.NAME` by one answer, and by each other."""

    def __init__(self, ancestors, refused=None):
        self.ancestors = ancestors
        self.refused = refused
        self.modules = {}

    def load(self, name, source, filename=None):
        """Load one text."""
        loader = TextLoader(source, filename or f"<{name}>", self.importer(name))
        spec = importlib.machinery.ModuleSpec(f"workshop.{name}", loader, origin=loader.filename)
        spec.has_location = True  # so that the module has a __file__
        module = importlib.util.module_from_spec(spec)
        sys.modules[module.__name__] = module  # dataclasses and the like look their module up
        loader.exec_module(module)
        return module

    def ancestor(self, name):
        """A piece that was asked for, loaded at most once."""
        if name not in self.modules:
            given = self.ancestors[name]
            source, filename = given if isinstance(given, (tuple, list)) else (given, f"<{name}>")
            self.modules[name] = self.load(name, source, filename)
        return self.modules[name]

    def importer(self, importing):
        """The `__import__` of one answer."""
        usual = builtins.__import__

        def import_(name, globals=None, locals=None, fromlist=(), level=0):
            if level:
                name = importlib.util.resolve_name("." * level + name, "workshop")
            first, _, rest = name.partition(".")
            if first == "workshop":
                return self.from_workshop(importing, rest, fromlist or ())
            for each in (name, *[f"{name}.{word}" for word in fromlist or ()]):
                self.look_at(importing, each)
            return usual(name, globals, locals, fromlist, 0)

        return import_

    def from_workshop(self, importing, rest, fromlist):
        """`from workshop.value import Value`, `from workshop import value`, `import workshop.value`."""
        package = types.ModuleType("workshop")
        for word in [rest] if rest else fromlist:
            if word not in self.ancestors:
                known = ", ".join(self.ancestors) or "none"
                self.refuse(
                    "ancestor", word,
                    f"{importing} may not use workshop.{word}: it is not among what {importing} needs ({known}).",
                )  # fmt: skip
            setattr(package, word, self.ancestor(word))
        return getattr(package, rest) if rest and fromlist else package

    def look_at(self, importing, name):
        """Refuse what an answer may not import."""
        kind = next((kind for inside, kind in NOT_INSIDE.items() if f"{name}.".startswith(f"{inside}.")), None)
        if name.partition(".")[0] not in HARMLESS:
            kind = "import"
        if kind:
            self.refuse(kind, name, f"{importing} may not import {name}.")

    def refuse(self, kind, name, message):
        if self.refused:
            self.refused(kind, name)
        raise NotAllowedError(kind, name, message)


class TextLoader(importlib.abc.SourceLoader):
    """Python's own loader of sources, given the text instead of a file. No bytecode is kept."""

    def __init__(self, source, filename, import_):
        self.source = source
        self.filename = filename
        self.import_ = import_

    def get_filename(self, fullname):
        """What tracebacks show."""
        return self.filename

    def get_data(self, path):
        """The text; there is no other file."""
        if path != self.filename:
            raise OSError(path)
        return self.source.encode("utf-8")

    def exec_module(self, module):
        """Run the text, with builtins of its own."""
        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": self.import_}
        super().exec_module(module)
