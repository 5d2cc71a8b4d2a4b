"""The table that `model.summary()` prints."""

from pellucid.nn.summary import size_in_words


def table(model, layers):
    """The layers of a model: name and kind, shape that comes out, numbers that are learned or kept."""
    rows = [("Layer (type)", "Output Shape", "Param #")]
    rows += [
        (
            f"{layer.name} ({type(layer).__name__})",
            "?" if layer.output_shape is None else str(layer.output_shape),
            f"{layer.count_params():,}" if layer.built else "0 (unbuilt)",
        )
        for layer in layers
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}" for a, b, c in rows]
    rule = "-" * len(lines[0])
    return "\n".join([f'Model: "{model.name}"', rule, lines[0], rule, *lines[1:], rule, *totals(model)])


def totals(model):
    """The lines below: how many numbers there are in all."""
    counts = {"Total": 0, "Trainable": 0, "Non-trainable": 0}
    sizes = dict(counts)
    for weight in model.weights:
        for kind in ("Total", "Trainable" if weight.trainable else "Non-trainable"):
            counts[kind] += weight.state.numel()
            sizes[kind] += weight.state.numel() * weight.state.dtype.itemsize
    return [f"{kind} params: {counts[kind]:,} ({size_in_words(sizes[kind])})" for kind in counts]
