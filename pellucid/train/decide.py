"""Is it worth compiling the step of a training? Decided from shapes and counts only, so that two runs decide alike.

In eager code each op costs the time of Python and NumPy before it computes anything, and each op takes its elements
through memory by itself. A C program saves nearly all of the first and most of the second. Matrix products take about
as long in both, so they do not count; a convolution is laid out for such a product first, which C mostly avoids.
Against this stands the time of the compiler. The constants are rounded from measurements. Near the border they need not
be right: there both ways take about as long.
"""

import math
from typing import NamedTuple

from pellucid import targets
from pellucid.compile import CompiledStep
from pellucid.engine import Spec, mode
from pellucid.errors import (
    ArgumentError,
    ConstantChangedError,
    PellucidError,
    RecordedValueError,
    RecordingError,
    UnsupportedError,
)
from pellucid.graph import record, simplify
from pellucid.graph.compare import compare, recorded
from pellucid.targets.c.convolution import CONVOLUTIONS, multiplications
from pellucid.targets.numpy import NumpyProgram
from pellucid.tensors import Tensor
from pellucid.train.attributes import Watched

OP = 5e-6  # seconds that C saves for each op of a step
ELEMENT = 0.7e-9  # seconds that C saves for each element that an op computes
CONVOLVED = 0.015e-9  # seconds that C saves for each multiplication of a convolution
COMPILING = 1.5  # seconds to compile the kernels of a step: about twenty, whatever the model
COMPILING_OP = 1e-3  # seconds more for each op
FEW = 10  # steps; a training that has fewer is not worth a look

CANNOT_RECORD = (RecordedValueError, RecordingError, ConstantChangedError, UnsupportedError)
NO_C = "the recording would run on NumPy, which saves no time"


class Decision(NamedTuple):
    """Whether the step of a training is compiled, why, and what runs it: "c" or "numpy"."""

    compiled: bool
    because: str
    target: str = "numpy"


def chosen(step, compile, training, batches, before=None):
    """The step to train with: compiled, or as it is. `training.decision` says which and why.

    `batches` are those of the first epoch, of which at most one is looked at. `before` says whether the part of this
    training that was done in an earlier process was compiled: "auto" then stays with it, for equal bits.
    """
    if compile not in (True, False, "auto"):
        raise ArgumentError(f'compile is True, False or "auto", not {compile!r}.')
    training.decision = Decision(False, "as asked")
    if not compile:
        return step
    if mode.eager:
        training.decision = Decision(False, "nothing is compiled here: some part computes with NumPy")
        return step
    training.model.train()
    batch = next(batches)
    if compile == "auto":
        training.decision = decide(step, training, batch, before)
        if not training.decision.compiled:
            return step
    compiled = Compiled(step, batch, training.loader)
    if compile == "auto" and compiled.target == "numpy":
        training.decision = Decision(False, NO_C)
        return step
    because = "as asked" if compile is True else training.decision.because
    training.decision = Decision(True, because, compiled.target)
    training.callbacks.append(compiled)
    return compiled.step


def decide(step, training, batch, before):
    """Shall this step be compiled?"""
    steps = training.epochs * len(training.loader)
    if before is False:
        return Decision(False, "this run began so")
    if mode.local.tracer is not None:
        return Decision(False, "each op is watched, as by detect_anomaly")
    if steps < FEW:
        return Decision(False, f"it has {steps} steps only")
    try:
        with Watched(training.model):
            graph = recorded_twice(step, ("x", "y"), batch)
    except CANNOT_RECORD as error:
        targets.tell_once(f"The steps of this training are not compiled: {in_one_line(error)}")
        return Decision(False, in_one_line(error))
    except Exception as error:  # noqa: BLE001  a mistake in the user's code, which will be met again in the step itself
        return Decision(False, f"recording failed: {in_one_line(error)}")
    worth, because = weigh(simplify(graph), steps)
    return Decision(worth or before is True, because)


def weigh(graph, steps):
    """Does so many times this graph save more time than compiling it costs? Yes or no, and the figures in words."""
    ops = [node for node in graph.nodes if node.inputs]
    elements = sum([math.prod(node.spec.shape) for node in ops if not node.op.view])
    convolved = sum([multiplications(node) for node in ops if isinstance(node.op, CONVOLUTIONS)])
    saved = steps * (OP * len(ops) + ELEMENT * elements + CONVOLVED * convolved)
    cost = COMPILING + COMPILING_OP * len(ops)
    size = f"{steps} steps of {len(ops)} ops that compute {elements} elements"
    return saved > cost, f"{size}: compiling saves about {saved:.1f} s and costs about {cost:.1f} s"


def recorded_twice(step, names, batch):
    """The graph of a step. Raises ConstantChangedError if it is another one each time (numbers from np.random)."""
    recordings = []
    for _ in range(2):
        _, graph, _ = record(step, named(names, batch), Tensor, lambda values: (values, {}))
        recordings.append(recorded(graph))
    compare(*recordings)
    return graph


class Compiled:
    """A compiled step, made ready for the batches of a loader, and a callback that looks after it.

    A number that the step closes over is a constant of the program. Here it is looked at after each epoch, the time
    at which schedules of all kinds change numbers.
    """

    def __init__(self, step, batch, loader):
        self.step = CompiledStep(step)
        names, _, self.structure = self.step.analysed(batch, {})
        self.named = named(names, batch)
        self.target = "numpy" if isinstance(self.program(self.named).target, NumpyProgram) else "c"
        rest = len(loader.dataset) % loader.batch_size
        if rest and not loader.drop_last and len(loader) > 1:  # better compiled now than in the midst of a progress bar
            self.program([(name, Spec((rest, *spec.shape[1:]), spec.dtype)) for name, spec in self.named])

    def program(self, named):
        """The program for batches like this, compiled if there is none."""
        names, specs = zip(*named, strict=True)
        return self.step.program(names, specs, self.structure)

    def epoch(self, training):
        """Record the step again. Raises ConstantChangedError if it has become another one."""
        if training.stopped or training.epoch == training.epochs:
            return
        training.model.train()
        _, graph, _ = record(self.step.function, self.named, Tensor, lambda values: (values, {}))
        try:
            compare(self.program(self.named).recorded, recorded(graph))
        except ConstantChangedError as error:
            error.remedy = f"{error.remedy} Or train with fit(compile=False)."
            raise


def named(names, batch):
    """Names and Specs of the tensors of a batch."""
    return [(name, Spec(x.array.shape, x.array.dtype)) for name, x in zip(names, batch, strict=True)]


def in_one_line(error):
    """What went wrong, and at which line of the user's."""
    if not isinstance(error, PellucidError):
        return f"{type(error).__name__}: {error}"
    place = "" if error.site is None else f" ({error.site})"
    return " ".join(error.message.split()) + place
