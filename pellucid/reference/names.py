"""What is public, taken from the lists of the packages themselves: nothing is listed here by name."""

import inspect
from importlib import import_module
from typing import Any, NamedTuple

import pellucid as pc
from pellucid.errors import PellucidError, UnsupportedError
from pellucid.explain.examples import example_of
from pellucid.reference.examples import written_example

# The short name under which a module's things are written in a program -> the module. Those that are not there yet,
# or not any more, are left out.
MODULES = {
    "pc": "pellucid",
    "F": "pellucid.functional",
    "nn": "pellucid.nn",
    "nn.init": "pellucid.nn.init",
    "nn.utils": "pellucid.nn.utils",
    "optim": "pellucid.optim",
    "metrics": "pellucid.metrics",
    "data": "pellucid.data",
    "data.transforms": "pellucid.data.transforms",
    "pc.autograd": "pellucid.autograd",
    "train": "pellucid.train",
    "models": "pellucid.models",
    "view": "pellucid.view",
    "keras": "pellucid.keras",
    "keras.layers": "pellucid.keras.layers",
    "keras.models": "pellucid.keras.models",
    "keras.losses": "pellucid.keras.losses",
    "keras.metrics": "pellucid.keras.metrics",
    "keras.optimizers": "pellucid.keras.optimizers",
    "keras.optimizers.schedules": "pellucid.keras.optimizers.schedules",
    "keras.callbacks": "pellucid.keras.callbacks",
    "keras.initializers": "pellucid.keras.initializers",
    "keras.regularizers": "pellucid.keras.regularizers",
    "keras.activations": "pellucid.keras.activations",
    "keras.utils": "pellucid.keras.utils",
    "pellucid.sklearn": "pellucid.sklearn",
    "search": "pellucid.search",
    "report": "pellucid.report",
    "errors": "pellucid.errors",
}
ALIASES = {"pc.autograd": "pellucid.tensors.autograd"}  # where a module lies whose full name is not its short one


class Entry(NamedTuple):
    """A public name: `nn.Linear` of the module `nn`; for a method the class is the owner."""

    module: str
    name: str
    thing: Any
    owner: str = ""

    @property
    def written(self):
        """As it is written in a program: nn.Linear, Tensor.reshape."""
        return f"{self.owner}.{self.name}" if self.owner else f"{self.module}.{self.name}"

    @property
    def kind(self):
        """What it is, in a word."""
        if inspect.ismodule(self.thing):
            return "module"
        if inspect.isclass(self.thing):
            return "error" if issubclass(self.thing, PellucidError) else "class"
        if isinstance(self.thing, property):
            return "property"
        return "method" if self.owner else "function" if callable(self.thing) else "constant"

    @property
    def text(self):
        """Its docstring, or what a constant is."""
        if self.kind == "constant":
            return f"The dtype {self.thing}." if hasattr(self.thing, "itemsize") else repr(self.thing)
        return inspect.getdoc(self.thing) or ""

    @property
    def summary(self):
        """The first sentence or line of its text."""
        return self.text.split("\n\n")[0].split("\n")[0]


def modules():
    """Pairs of short name and module, for all that exist."""
    for short, name in MODULES.items():
        for full in (name, ALIASES.get(short)):
            try:
                module = import_module(full) if full else None
            except (ImportError, UnsupportedError):  # the latter: a package that it needs is not installed
                continue
            if module is not None:
                yield short, module
                break


def names_of(module):
    """The public names of a module: its list, or the functions and classes that are written in it."""
    if hasattr(module, "__all__"):
        return list(module.__all__)
    return [
        name
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and (inspect.isfunction(thing) or inspect.isclass(thing))
        and thing.__module__ == module.__name__
        and (module is not pc.errors or (inspect.isclass(thing) and issubclass(thing, PellucidError)))
    ]


def entries():
    """Every public name that is no module, in the order of the modules. What has two names stands under both."""
    for short, module in modules():
        listed = hasattr(module, "__all__")
        for name in names_of(module):
            thing = getattr(module, name)
            if inspect.ismodule(thing):
                continue
            if not (listed or inspect.isclass(thing) or name.endswith("_") or ">>>" in (thing.__doc__ or "")):
                continue  # a helper of a module without a list
            yield Entry(short, name, thing)


def methods(entry):
    """The public methods and properties of a class, with those of the parts that it is put together from.

    What it has from another public class stands on the page of that.
    """
    if not inspect.isclass(entry.thing) or entry.kind == "error":
        return []
    public = public_classes()
    above = {name for base in entry.thing.__mro__[1:] if base in public for name in dir(base)}
    found = []
    for base in entry.thing.__mro__:
        if not base.__module__.startswith("pellucid") or (base in public and base is not entry.thing):
            continue
        for name, plain_or_bound in vars(base).items():
            if name.startswith("_") or name in above or name in [method.name for method in found]:
                continue
            value = getattr(plain_or_bound, "__func__", plain_or_bound)  # of class methods
            if (inspect.isfunction(value) or isinstance(value, property)) and inspect.getdoc(value):
                found.append(Entry(entry.module, name, value, owner=entry.name))
    return sorted(found, key=lambda method: method.name)


def public_classes():
    """All classes that have a page of their own."""
    return {entry.thing for entry in entries() if inspect.isclass(entry.thing)}


def inherited(entry):
    """Pairs of a public class above this one, and the names of the methods that this one has from it."""
    if not inspect.isclass(entry.thing) or entry.kind == "error":
        return []
    by_class = {other.thing: other for other in reversed(list(entries())) if inspect.isclass(other.thing)}
    return [
        (by_class[base], [method.name for method in methods(by_class[base])])
        for base in entry.thing.__mro__[1:]
        if base in by_class
    ]


def example(entry):
    """The lines of an example: None if the docstring has one, those of `explain` if that has them, else ""."""
    if ">>>" in entry.text:
        return None
    if entry.owner or written_example(entry):
        return ""  # see examples.py
    optimizer = inspect.isclass(entry.thing) and issubclass(entry.thing, pc.optim.Optimizer)
    return example_of("optimizer" if optimizer else "schedule" if entry.module == "optim" else "", entry.written) or ""


def gaps():
    """The public names that lack a docstring or an example: pairs of name and what is missing."""
    found = []
    for entry in entries():
        tensor = [] if entry.name != "Tensor" else methods(entry)
        for each in [entry, *tensor]:
            if each.kind in ("constant", "error"):
                continue  # a dtype says what it is; an error has its own program, see explain/error_pages.py
            if not each.text:
                found.append((each.written, "a docstring"))
            if example(each) == "" and not written_example(each):
                found.append((each.written, "an example"))
    return found
