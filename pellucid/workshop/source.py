"""What can be seen in the text of an answer without running it: empty bodies, missing parts, swallowed exceptions."""

import ast
import functools
import warnings


@functools.lru_cache(100)
def parsed(text):
    """The syntax tree of a text. What Python warns of, it says when the text is loaded."""
    with warnings.catch_warnings(action="ignore"):
        return ast.parse(text)


def heads(text):
    """The functions and classes of a text, by qualified name: {"Value": node, "Value.backward": node, ...}."""
    found = {}

    def visit(body, prefix):
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                found[prefix + node.name] = node
                if isinstance(node, ast.ClassDef):
                    visit(node.body, f"{prefix}{node.name}.")

    visit(parsed(text).body, "")
    return found


def is_empty(node):
    """Is there nothing but a docstring, `...`, `pass` or `raise NotImplementedError`?"""
    return all(is_nothing(each) for each in node.body)


def is_nothing(node):
    if isinstance(node, ast.Raise) and node.exc is not None:
        called = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return isinstance(called, ast.Name) and called.id == "NotImplementedError"
    constant = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Pass) or (constant and (node.value.value is ... or isinstance(node.value.value, str)))


def to_write(piece):
    """The names that the signature asks for, each with an empty body there that is not empty in the solution."""
    solution = heads(piece.right[0])
    names = [
        name for name, node in heads(piece.signature).items() if isinstance(node, ast.FunctionDef) and is_empty(node)
    ]
    return [name for name in names if name not in solution or not is_empty(solution[name])] + dots(piece.signature)


def dots(text):
    """The names that are `...` so far: AND = ..."""
    return [
        target.id
        for node in parsed(text).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and node.value.value is ...
        for target in node.targets
        if isinstance(target, ast.Name)
    ]


def unwritten(piece, text):
    """Names whose bodies are still empty, and names that are not there at all."""
    found, bound = heads(text), names_bound(text)
    empty, missing = [], []
    for name in to_write(piece):
        owner, _, word = name.rpartition(".")
        node = found.get(name)
        if (isinstance(node, ast.FunctionDef) and is_empty(node)) or name in dots(text):
            empty.append(name)
        elif node is None and word not in bound and not getattr(found.get(owner), "bases", None):
            missing.append(name)  # and a base class does not have it either
    return empty, missing


def names_bound(text):
    """All names that are given to something anywhere: by def, class, import, or assignment."""
    found = set()
    for node in ast.walk(parsed(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.attr)
    return found


BROAD = {"Exception", "BaseException"}


def swallows(text):
    """The lines of handlers that catch every exception and do not raise it again."""
    return [
        node.lineno
        for node in ast.walk(parsed(text))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or any(isinstance(each, ast.Name) and each.id in BROAD for each in ast.walk(node.type)))
        and not any(isinstance(each, ast.Raise) for each in ast.walk(node))
    ]


def without_docstring(text):
    """A text without the docstring at its top; as it is, if it is no Python."""
    try:
        body = parsed(text).body
    except (SyntaxError, ValueError, RecursionError):
        return text
    first = body[0] if body else None
    if not (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    ):
        return text
    return "\n".join(text.splitlines()[first.end_lineno :]).strip("\n") + "\n"
