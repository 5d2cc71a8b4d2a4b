"""Looking at a model without training it: what gives its predictions, the model itself or a program."""

import contextlib

from pellucid import targets
from pellucid.compile import CompiledStep
from pellucid.engine import mode, no_grad
from pellucid.errors import ArgumentError, ConstantChangedError
from pellucid.graph import simplify
from pellucid.graph.compare import compare, recorded
from pellucid.nn.modes import in_mode
from pellucid.train.attributes import Watched
from pellucid.train.decide import FEW, recorded_twice, weigh


@contextlib.contextmanager
def looking(model):
    """Inside the `with` block a model is in evaluation mode, and nothing is recorded for gradients."""
    with in_mode(model, training=False), no_grad():
        yield


class Predictor:
    """What gives a model's predictions when it is looked at: a program if that saves time, else the model itself.

    `count` says how many batches there will be in all. The decision is made at the first look, and depends on shapes
    and counts only, as that of decide.py. A model that notes something down whenever it is called, that hooks watch, or
    that cannot be recorded is called as it is.
    """

    def __init__(self, model, count, compile: bool | str = "auto"):
        if compile not in (True, False, "auto"):
            raise ArgumentError(f'compile is True, False or "auto", not {compile!r}.')
        self.model, self.count, self.compile = model, count, compile
        self.step = CompiledStep(model.__call__)
        self.recorded = None  # what the step does, as far as is known

    def ready(self, batches):
        """The model or the step, to be called now. At most the first of the batches is looked at."""
        if self.compile is True:
            return self.step
        if not self.compile or self.count < FEW or mode.eager or mode.local.tracer is not None or hooked(self.model):
            return self.model
        x, _ = next(batches)
        try:
            with looking(self.model), Watched(self.model):
                graph = recorded_twice(self.model, ("x",), (x,))
        except Exception:  # noqa: BLE001  a mistake in the model will be met again when it is called
            return self.model
        now = recorded(graph)
        if self.recorded is None:
            worth, _ = weigh(simplify(graph), self.count)
            self.compile = worth and targets.c_is_default() and "auto"
        elif is_other(self.recorded, now):  # a number that the model closes over has changed since the last look
            self.step = CompiledStep(self.step.function)
        self.recorded = now
        return self.step if self.compile else self.model


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
