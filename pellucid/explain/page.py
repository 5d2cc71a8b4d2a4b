"""The page of a subject, as text."""

import dataclasses
import inspect
import textwrap
from pathlib import Path

import numpy as np

import pellucid as pc
import pellucid.functional as F
from pellucid import engine, nn, ops, optim
from pellucid.engine import Spec
from pellucid.explain.examples import INPUTS, example_of
from pellucid.explain.find import find, plain, short, subjects
from pellucid.explain.raised import error_parts
from pellucid.tensors import Tensor, default_generator

RULE = "-" * 72
ENGLISH_ONLY = "（这一页只有英文；错误的帮助页有中文。）"


def page(name, lang="en"):
    """Everything there is to say about a name; several things of one name come one after the other.

    The pages of errors are in English and Chinese (`lang` is "en" or "zh"), all others in English.
    """
    found = find(name)
    key = default_generator.key.numpy().copy()
    try:
        pages = [one_page(subject, lang) for subject in found]
    finally:
        default_generator.key.assign(key)  # examples draw random numbers; the reader's own go on where they were
    related = [s.name for s in subjects() if plain(short(s.name)) == plain(short(found[0].name)) and s not in found]
    if related:
        pages[-1] += f"\n\nSee also: {', '.join(related)}"
    if lang == "zh" and any(subject.kind != "error" for subject in found):
        pages.append(ENGLISH_ONLY)
    return f"\n\n{RULE}\n\n".join(pages)


def one_page(subject, lang="en"):
    """The page of one subject."""
    if subject.kind == "error":
        return "\n\n".join([title(subject), *error_parts(subject.thing, lang, namespace())])
    parts = [title(subject), inspect.getdoc(subject.thing) or ""]
    if subject.kind == "op":
        parts += op_parts(subject)
    example = example_of(subject.kind, subject.name)
    if example and ">>>" not in parts[1]:
        parts.append(indented("Example, run just now:", run(example)))
    if is_method(subject.thing):
        parts.append(indented("One step, from the source:", source(subject.thing.update)))
    elif subject.kind in ("function", "loss", "layer", "model"):
        parts += composition(subject, example)
    return "\n\n".join([part for part in parts if part])


def title(subject):
    """Name, kind, signature and place."""
    thing = subject.thing
    try:
        signature = str(inspect.signature(thing)).replace("dtype('float32')", "float32")
    except (TypeError, ValueError):
        signature = ""
    if subject.kind in ("op", "error"):
        signature = ""
    path = Path(inspect.getsourcefile(thing) or "")
    line = inspect.getsourcelines(thing)[1]
    place = "/".join(path.parts[path.parts.index("pellucid", -4) :]) if "pellucid" in path.parts[-4:] else path.name
    return f"{subject.name}{signature}\n{subject.kind}, {place}:{line}"


def op_parts(subject):
    """Attributes of an op, its numbers and its gradient from the source, and how shapes come about."""
    op = subject.thing
    parts = []
    fields = [f"{field.name}: {getattr(field.type, '__name__', field.type)}" for field in dataclasses.fields(op)]
    if fields:
        parts.append(f"Attributes: {', '.join(fields)}")
    forward = inspect.unwrap(op.forward)
    if inspect.isfunction(forward):
        parts.append(indented("The numbers, from the source:", source(forward)))
    else:
        parts.append(f"The numbers: NumPy's {getattr(forward, '__name__', forward)}")
    if op.differentiable:
        parts.append(indented("The gradient, from the source (g: what is owed to y):", source(op.gradient)))
    else:
        parts.append(
            "It has no gradient: a small change of its inputs changes nothing, or it has none that could change."
        )
    return parts


def composition(subject, example):
    """The source of a function, and the gradients of the operations of which it is made."""
    thing = subject.thing
    text = source(
        thing.forward if inspect.isclass(thing) and "forward" in vars(thing) else thing, without_docstring=True
    )
    parts = [indented("From the source:", text)] if not inspect.isclass(thing) or "forward" in vars(thing) else []
    used = [] if thing in (nn.Module, nn.Parameter) else ops_of(example or docstring_example(thing))
    if len(used) == 1:
        parts.append(f"Made of the operation {used[0]}, whose page has the gradient: pellucid explain {used[0]}")
    elif used:
        parts.append(
            f"Made of the operations {', '.join(used)}. Its gradient follows from theirs; each has a page: "
            f"pellucid explain {used[-1]}"
        )
    return parts


def is_method(thing):
    """Is it a method of optimization, rather than what all of them share?"""
    return inspect.isclass(thing) and issubclass(thing, optim.Optimizer) and thing is not optim.Optimizer


class Watcher:
    """Stands at the door and notes which operations pass."""

    def __init__(self):
        self.names = {}

    def apply(self, op, inputs):
        self.names.setdefault(type(op).__name__)
        with engine.Setting(tracer=None):
            return op(*inputs)


def ops_of(example):
    """The names of the operations that the last line of an example is made of."""
    if not example:
        return []
    *before, last = example.strip().split("\n")
    space = namespace()
    exec("\n".join(before), space)
    watcher = Watcher()
    with engine.Setting(tracer=watcher):
        exec(last, space)
    return [name for name in watcher.names if name in ops.__all__]


def docstring_example(thing):
    """The first lines of a docstring's example that can be run, up to its first result."""
    import doctest

    examples = doctest.DocTestParser().get_examples(inspect.getdoc(thing) or "")
    lines = []
    for each in examples:
        lines.append(each.source.strip())
        if each.want:
            break
    return "\n".join(lines) if lines and "\n" not in lines[-1] else None


def namespace():
    """The names that examples may use; functions under their own names too, as in docstrings."""
    named = {name: getattr(package, name) for package in (pc.models, F, nn) for name in package.__all__}
    return {**named, "pc": pc, "F": F, "nn": nn, "optim": optim, "ops": ops, "np": np}


def run(example):
    """The lines of an example, its y, and the gradients of y.sum()."""
    space = namespace()
    exec(example, space)
    lines, y = [example], space["y"]
    lines.append(f"y = {said(y)}")
    if isinstance(y, Tensor) and y.requires_grad:
        y.sum().backward()
        learned = [name for name in INPUTS if isinstance(space.get(name), Tensor) and space[name].grad is not None]
        lines += ["y.sum().backward()"] if learned else []
        lines += [f"{name}.grad = {said(space[name].grad)}" for name in learned]
    return "\n".join(lines)


def said(value):
    """A value, and for tensors its shape and dtype."""
    if isinstance(value, Tensor):
        return f"{value.detach()!r}   {Spec(value.shape, value.dtype)}"
    if isinstance(value, list):
        return str([round(number, 4) for number in value])
    return repr(value)


def source(thing, without_docstring=False):
    """The lines of a function, without its indentation."""
    text = textwrap.dedent(inspect.getsource(thing)).rstrip()
    doc = getattr(thing, "__doc__", None)
    if without_docstring and doc:
        head, _, tail = text.partition('"""')
        text = (head.rstrip() + tail.partition('"""')[2]).rstrip() if tail else text
    return text


def indented(heading, text):
    return f"{heading}\n{textwrap.indent(text, '    ')}"
