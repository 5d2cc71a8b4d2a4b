"""Looking at a model without training it: what gives its predictions, the model itself or a program."""

from pellucid import targets
from pellucid.compile import CompiledStep
from pellucid.engine import mode, no_grad
from pellucid.errors import ArgumentError, ConstantChangedError
from pellucid.graph import simplify
from pellucid.graph.compare import compare, recorded
from pellucid.train.attributes import Watched
from pellucid.train.decide import FEW, recorded_twice, weigh


class Looking:
    """Inside the `with` block a model is in evaluation mode, and nothing is recorded for gradients."""

    def __init__(self, model):
        self.model = model
        self.no_grad = no_grad()

    def __enter__(self):
        # Each module has a mode of its own: a frozen batch norm may be in evaluation mode inside a model that trains.
        self.modes = [(module, module.training) for module in self.model.modules()]
        self.model.eval()
        self.no_grad.__enter__()

    def __exit__(self, *error):
        self.no_grad.__exit__(*error)
        for module, training in self.modes:
            module.training = training


class Predictor:
    """What gives a model's predictions when it is looked at: a program if that saves time, else the model itself.

    `count` says how many batches there will be in all. The decision depends on shapes and counts only, as that of
    decide.py. A model that notes something down whenever it is called, that hooks watch, or that cannot be recorded is
    called as it is.
    """

    def __init__(self, model, count, compile: bool | str = "auto"):
        if compile not in (True, False, "auto"):
            raise ArgumentError(f'compile is True, False or "auto", not {compile!r}.')
        self.model, self.count, self.compile = model, count, compile
        self.step = CompiledStep(model.__call__)
        self.recorded = None  # the graph of the step, as it was when the model was last looked at

    def ready(self, batches):
        """The model or the step, to be called now. At most the first of the batches is looked at.

        The model is recorded again each time, because a number that it closes over may have changed meanwhile.
        """
        if self.compile is True:
            return self.step
        if not self.compile or self.count < FEW or mode.eager or mode.local.tracer is not None or hooked(self.model):
            return self.model
        x, _ = next(batches)
        try:
            with Looking(self.model), Watched(self.model):
                graph = recorded_twice(self.model, ("x",), (x,))
        except Exception:  # noqa: BLE001  a mistake in the model will be met again when it is called
            return self.model
        before, self.recorded = self.recorded, recorded(graph)
        worth, _ = weigh(simplify(graph), self.count)
        if not worth or not targets.c_is_default():
            return self.model
        if before is not None and is_other(before, self.recorded):
            self.step = CompiledStep(self.step.function)
        return self.step


def hooked(model):
    """Does a hook watch any part of the model?"""
    return any(module._hooks is not None for module in model.modules())


def is_other(before, now):
    """Have two recordings different ops or numbers?"""
    try:
        compare(before, now)
    except ConstantChangedError:
        return True
    return False
