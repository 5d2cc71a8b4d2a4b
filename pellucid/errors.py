"""Every error class of Pellucid. The docstring of a class is its help page.

An error says who, what came, what is needed and the likely remedy. `pellucid explain NAME` prints the
page. This module knows the standard library only, so that everything else may raise from it.
"""

import os
import sys

PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep


class Site:
    """A line of the user's program: cheap to keep (a code object and an offset), printed only when asked."""

    __slots__ = ("code", "offset")

    def __init__(self, frame):
        self.code = frame.f_code
        self.offset = frame.f_lasti

    @property
    def line(self):
        for start, end, line in self.code.co_lines():
            if start <= self.offset < end and line is not None:
                return line
        return self.code.co_firstlineno

    def __str__(self):
        return f"{file_or_cell(self.code.co_filename)}:{self.line}"


def user_site():
    """The line of user code now running: the innermost frame outside this package, or None."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(PACKAGE):
        frame = frame.f_back
    return None if frame is None else Site(frame)


def file_or_cell(filename):
    """`train.py` for a file, `cell In[3]` for a notebook cell (whose file name means nothing to a reader)."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    cells = getattr(getattr(shell, "compile", None), "_filename_map", {})
    if filename in cells:
        return f"cell In[{cells[filename]}]"
    name = os.path.basename(filename)
    if name.startswith("__marimo__cell_"):
        return "cell " + name.removeprefix("__marimo__cell_").removesuffix(".py").rstrip("_")
    return name


class PellucidError(Exception):
    """Anything that Pellucid refuses to do. Each kind of mistake has a class of its own below this one.

    `message` says who, what came and what is needed; `remedy` says what to try.
    """

    def __init__(self, message, remedy=None, site=None):
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.site = site or user_site()
        self.modules = []  # the layers the error passed through, innermost first: filled by nn.Module

    def __str__(self):
        place = ", ".join(self.modules)
        if self.site is not None:
            place += f", called at {self.site}" if place else f"at {self.site}"
        lines = [self.message]
        if place:
            lines.append(f"  {'in ' if self.modules else ''}{place}")
        help_page = f"help: pellucid explain {type(self).__name__}"
        lines.append(f"  {self.remedy}        {help_page}" if self.remedy else f"  {help_page}")
        return "\n".join(lines)


class ShapeError(PellucidError, ValueError):
    """The shapes of the operands do not fit the operation.

    Most often: images that were not flattened before a Linear layer (`x.flatten(1)`), a batch axis that
    is missing (`x.unsqueeze(0)`), two factors of a matrix product in the wrong order, or targets of shape
    (n, 1) beside predictions of shape (n,). Print both shapes; read them from the right: axes meet if
    they are equal or one of them is 1.
    """


class DtypeError(PellucidError, TypeError):
    """The dtype of an operand does not fit: for example labels as floats, or a mean of integers.

    Numbers that are learned are float32 (or float64), labels and indices int64, masks bool.
    `x.float()`, `x.long()` and `x.bool()` convert.
    """


class GradientError(PellucidError, RuntimeError):
    """There is no way to the gradient that was asked for.

    Either nothing on the way requires a gradient (`requires_grad=True` was forgotten, or the value was
    made under `pc.no_grad()` or by `.detach()`), or the result is not a single number (`loss.sum()`
    first, or pass `gradient=`), or backward was already run (pass `retain_graph=True` the first time),
    or a leaf that requires a gradient was changed in place outside `pc.no_grad()`.
    """


class StaleValueError(PellucidError, RuntimeError):
    """A value that backward still needs was overwritten after it was used.

    The gradient of `w * w` needs the w that was multiplied. If w is assigned between the forward pass
    and `loss.backward()`, that number is gone. Run backward before the update, or compute on a copy.
    """


class RecordedValueError(PellucidError, TypeError):
    """A number was asked of a value that has none yet, because its step is being recorded.

    While `pc.compile` records, values have a shape and a dtype but no numbers; `.item()`, `if x > 0`,
    `float(x)`, `x[mask]` cannot be answered. Write choices with `pc.where(condition, a, b)`, keep the
    shape with a mask instead of selecting, return what you want to look at from the step, and keep no
    recorded value after the step has ended.
    """


class RecordingError(PellucidError, RuntimeError):
    """A step does something that a recording cannot repeat.

    A parameter passed as an argument (close over it), a parameter or optimizer created inside the step
    (create it before), an in-place change of something that is not State (use `where` or `scatter_add`,
    or make it `pc.State`), or a value closed over that is still waiting for its gradient.
    """


class ConstantChangedError(PellucidError, RuntimeError):
    """A number or tensor that a compiled step closes over has changed since it was recorded.

    The program keeps the value it saw, so the change would have no effect. What must change from call
    to call is an argument of the step or a `pc.State`.
    """


class LabelError(PellucidError, IndexError):
    """A class label or index lies outside its range.

    Labels count from 0: with k classes they run from 0 to k - 1. Labels that count from 1, a class that
    the last layer has no output for, or -1 for "unknown" are the usual reasons.
    """


class TargetError(PellucidError, ValueError):
    """A loss was given a target of the wrong kind.

    cross_entropy takes class indices (int64, one axis less than the scores) or probabilities (the same
    shape as the scores); binary losses take numbers from 0 to 1 of the same shape; mse_loss takes numbers
    of the same shape.
    """


class StateDictError(PellucidError, RuntimeError):
    """The saved values do not fit the model: a name is missing, unknown, or has another shape.

    The model must be built with the same layers and sizes as the one that was saved. Nothing has been
    loaded. `strict=False` loads the names that both have and returns the others; a wrong shape is refused even so.
    """


class AnomalyError(PellucidError, ArithmeticError):
    """A NaN or an infinity appeared, and this is the operation that made it out of ordinary numbers.

    Usual reasons: log or division at 0, exp of a large number, a learning rate so large that the
    weights grow without bound. Look at the inputs of the operation named; a smaller learning rate,
    `log_softmax` in place of `softmax` then `log`, or a small constant under the root often helps.
    """


class ArgumentError(PellucidError, ValueError):
    """An argument has a value that is not allowed; the message names the argument and what is allowed."""


class UnsupportedError(PellucidError, NotImplementedError):
    """This is not part of Pellucid (yet); the message says what to use instead."""


class DataFileError(PellucidError, ValueError):
    """A file is damaged, truncated or of another kind; the message names the file, the place and what was expected.

    Nothing of the file was used. If it was downloaded, delete it and fetch it again.
    """


class DataNotFoundError(PellucidError, FileNotFoundError):
    """A data set is neither on this machine nor could be downloaded.

    Put the files the message names into the folder it names, or set the environment variable
    PELLUCID_DATA to a folder that has them.
    """


class FormatError(PellucidError, ValueError):
    """A file was written by a newer version of Pellucid, or is not one of its files."""


class CompilerError(PellucidError, RuntimeError):
    """There is no C compiler that works, or it could not make what was asked of it.

    A compiled step is C, translated by the compiler of this computer: the one that the environment variable
    CC names, else cc, clang, gcc, else the Python package ziglang (`python -m pip install ziglang`, any
    system). `pellucid doctor` says which one was found, and where compiled files are kept. Other
    environment variables: PELLUCID_CACHE, the folder to keep them in; PELLUCID_CC_TIMEOUT, the seconds that
    the compiler may take.
    """


class CacheError(CompilerError):
    """There is no place for compiled files, neither in the user's cache nor in the folder for temporary files.

    Usually the disk is full. `pellucid doctor` names the folder, which may be deleted at any time; the
    environment variable PELLUCID_CACHE chooses another one.
    """
