"""A marimo notebook with text in two languages as a Jupyter notebook in one: texts as Markdown, code as it is.

What only marimo needs (the switch of languages, hidden cells without text) is left out.
"""

import ast
import textwrap

from pellucid.course.outputs import joined
from pellucid.course.play import sources


def notebook(path, lang):
    """The notebook as a dict in Jupyter's format 4.5, without outputs."""
    text = path.read_text(encoding="utf-8")
    cells = []
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    for function, code in zip(functions, sources(text), strict=True):
        said = text_of(function, lang)
        if said is not None:
            cells.append({"cell_type": "markdown", "metadata": {}, "source": said})
        elif code:
            cells.append({"cell_type": "code", "metadata": {}, "source": code, "outputs": [], "execution_count": None})
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def text_of(function, lang):
    """What a cell says in a language, if it is a text: `say(en=..., zh=...)` with plain strings."""
    first = function.body[0]
    call = first.value if isinstance(first, ast.Expr) else None
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "say"):
        return None
    (value,) = [keyword.value for keyword in call.keywords if keyword.arg == lang]
    text = textwrap.dedent(ast.literal_eval(value)).strip()
    return joined(text) if lang == "zh" else text
