"""Small pieces of text: nodes in words, arrays of numbers, comments that cannot break the C around them."""

from pellucid.graph.graph import attributes_of
from pellucid.ops import Matmul


def in_words(node):
    """What a node is, briefly."""
    if isinstance(node.op, Matmul):
        return " @ ".join(f"v{x.number}" for x in node.inputs)
    return type(node.op).__name__


def call_text(node):
    """A node as a call: Sum(v3, axes=(0,))."""
    attributes = [f"{name}={value!r}" for name, value in attributes_of(node.op)]
    return f"{type(node.op).__name__}({', '.join([*[f'v{x.number}' for x in node.inputs], *attributes])})"


def int64_array(values):
    """Whole numbers as an array within an expression; C has none without elements."""
    return f"(int64_t[]){{{', '.join(map(str, values)) or '0'}}}"


def harmless(words):
    """Words of the user's as they may stand in a comment: one line, ASCII, no backslash that could join lines."""
    return ascii(str(words))[1:-1].replace("\\", "/")


def wrapped(*parts):
    """The parts in one line, or each in its own if that would be too long."""
    line = "".join(parts)
    if len(line) <= 112:
        return [line]
    return [parts[0].rstrip(), *[f"    {part.rstrip()}" for part in parts[1:]]]
