"""Plan: the layers between the inputs and the output of a functional model, in an order in which they can run."""

from pellucid.errors import ArgumentError, UnsupportedError
from pellucid.keras.layers.symbolic import KerasTensor


class Plan:
    """Which layer takes which values: found by walking back from the output.

    `layers` has each layer once; `steps` are triples (number of the layer, numbers of the values that go in, number of
    the value that comes out). The inputs are the first values. A layer that stands in two steps shares its weights.
    """

    def __init__(self, inputs, output):
        self.inputs = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
        if isinstance(output, (list, tuple)):
            if len(output) != 1:
                raise UnsupportedError(
                    f"a model has one output here, and {len(output)} came.",
                    remedy="Join them with layers.Concatenate(), or write a pellucid.nn.Module with a loss of its own.",
                )
            (output,) = output
        for tensor in [*self.inputs, output]:
            if not isinstance(tensor, KerasTensor):
                raise ArgumentError(
                    f"Model(inputs, outputs) takes what Input() and layers gave, not {type(tensor).__name__}."
                )
        self.output = output
        self.layers, self.steps = [], []
        self.values = {id(tensor): number for number, tensor in enumerate(self.inputs)}
        self.walk(output)

    def walk(self, output):
        """Number the values that are needed for this one, each after those that it is made of. Depth is no limit."""
        waiting = [output]
        while waiting:
            tensor = waiting[-1]
            if id(tensor) in self.values:
                waiting.pop()
                continue
            if tensor.layer is None:
                raise ArgumentError(
                    f"the output needs {tensor!r}, which is not among the inputs.", remedy="Model(inputs=[...], ...)"
                )
            missing = [part for part in tensor.inputs if id(part) not in self.values]
            if missing:
                waiting.extend(reversed(missing))
                continue
            waiting.pop()
            self.note(tensor)

    def note(self, tensor):
        """The step that makes this value."""
        known = [layer is tensor.layer for layer in self.layers]
        if not any(known):
            self.layers.append(tensor.layer)
            known.append(True)
        number = self.values[id(tensor)] = len(self.values)
        self.steps.append((known.index(True), [self.values[id(part)] for part in tensor.inputs], number))

    def run(self, layers, inputs):
        """The output for these tensors."""
        if len(inputs) != len(self.inputs):
            raise ArgumentError(f"this model has {len(self.inputs)} inputs, and {len(inputs)} came.")
        values = dict(enumerate(inputs))
        for layer, places, number in self.steps:
            parts = [values[place] for place in places]
            values[number] = layers[layer](parts if len(parts) > 1 else parts[0])
        return values[self.values[id(self.output)]]
