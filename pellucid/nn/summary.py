"""What a model is made of: its layers, the shapes they put out, and how many numbers they learn."""

import html

from pellucid.engine import no_grad
from pellucid.errors import ArgumentError


class Summary:
    """The table of a model: prints as text, and shows as a table in notebooks.

    `rows` has one (name, kind, shape, parameters) for each layer, `parameters` and `learning` count the numbers of all
    parameters and of those that require a gradient, `bytes` what all of them take.
    """

    def __init__(self, model, inputs=()):
        if any(isinstance(x, (tuple, list)) for x in inputs):
            raise ArgumentError(
                "summary takes inputs, as the model does, and a shape came.",
                remedy="Make an input of it: model.summary(pc.zeros(1, 3))",
            )
        shapes = output_shapes(model, inputs) if inputs else {}
        self.kind = type(model).__name__
        layers = dict(model.named_modules())
        counts = dict.fromkeys(layers, 0)
        for name, parameter in model.named_parameters():  # one that two layers share counts once, for the first
            counts[owner(name, layers)] += parameter.numel()
        self.rows = [
            (name or "(itself)", type(layer).__name__, shapes.get(name), counts[name])
            for name, layer in layers.items()
            if counts[name] or not list(layer.children())
        ]
        parameters = list(model.parameters())
        self.parameters = sum(p.numel() for p in parameters)
        self.learning = sum(p.numel() for p in parameters if p.requires_grad)
        self.bytes = sum(p.numel() * p.dtype.itemsize for p in parameters)

    def table(self):
        """Heading and rows as text; the column of shapes is left out where no example was given."""
        heading = ["layer", "kind", "output shape", "parameters"]
        lines = [[name, kind, shape or "", f"{count:,}"] for name, kind, shape, count in self.rows]
        with_shapes = any(shape for _, _, shape, _ in self.rows)
        return [line if with_shapes else line[:2] + line[3:] for line in [heading, *lines]]

    def total(self):
        """The last line."""
        frozen = self.parameters - self.learning
        words = f"{self.parameters:,} parameters ({size_in_words(self.bytes)})"
        return words + (f", of which {frozen:,} do not learn" if frozen else "")

    def __str__(self):
        table = self.table()
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = []
        for line in table:
            cells = [cell.ljust(width) for cell, width in zip(line[:-1], widths, strict=False)]
            lines.append("  ".join([*cells, line[-1].rjust(widths[-1])]))
        rule = "-" * len(lines[0])
        return "\n".join([self.kind, rule, lines[0], rule, *lines[1:], rule, self.total()])

    __repr__ = __str__

    def _repr_html_(self):
        heading, *lines = self.table()
        rows = ["".join(f"<td>{html.escape(cell)}</td>" for cell in line) for line in lines]
        return (
            f"<table><caption>{html.escape(self.kind)}: {self.total()}</caption>"
            f"<tr>{''.join(f'<th>{cell}</th>' for cell in heading)}</tr>"
            f"{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
        )


def owner(name, layers):
    """The name of the innermost module that holds the parameter of this name."""
    while name not in layers:
        name = name.rpartition(".")[0]
    return name


def output_shapes(model, inputs):
    """name -> the shape that each layer put out for these inputs, as text. Buffers and modes stay as they are."""
    shapes, handles = {}, []

    def watch(name, layer):
        def note(_layer, _inputs, output):
            shapes[name] = words(output)

        handles.append(layer.register_forward_hook(note))

    for name, layer in model.named_modules():
        watch(name, layer)
    modes = [(layer, layer.training) for layer in model.modules()]
    try:
        model.eval()  # so that running statistics do not move, and nothing is drawn at random
        with no_grad():
            model(*inputs)
    finally:
        for handle in handles:
            handle.remove()
        for layer, training in modes:
            layer.training = training
    return shapes


def words(output):
    """The shape of a result, or of each of several."""
    if isinstance(output, tuple | list):
        return ", ".join(words(part) for part in output)
    return str(tuple(output.shape)) if hasattr(output, "shape") else type(output).__name__


def size_in_words(count):
    """Bytes as people say them, in powers of 1000."""
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            break
        count /= 1000
    return f"{count:.3g} {unit}"
