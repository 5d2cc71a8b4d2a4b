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

    Why: `except pc.errors.PellucidError` catches all of them, and nothing else. Each class is a standard error of
    Python too (ShapeError is a ValueError), so programs that know nothing of Pellucid catch it as well.

    Remedy: read the message from top to bottom: what is wrong, where in the model and in your program, what to try.
    `message` and `remedy` are attributes of the error.
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

    Why: most often images that were not flattened before a Linear layer, a batch axis that is missing, two factors of a
    matrix product in the wrong order, or targets of shape (n, 1) beside predictions of shape (n,).

    Remedy: print both shapes and read them from the right: axes meet if they are equal or one of them is 1.
    `x.flatten(1)` makes rows of images, `x.unsqueeze(0)` a batch of one sample, `x.squeeze(-1)` drops an axis of
    length 1, `w.mT` turns a matrix over.
    """


class DtypeError(PellucidError, TypeError):
    """The dtype of an operand does not fit: for example labels as floats, or a mean of integers.

    Why: numbers that are learned are float32 (or float64), labels and indices int64, masks bool. A Python list of
    whole numbers becomes int64, which cannot require a gradient; words become no numbers at all.

    Remedy: `x.float()`, `x.long()` and `x.bool()` convert; a point makes a float: 1.0 instead of 1.
    """


class GradientError(PellucidError, RuntimeError):
    """There is no way to the gradient that was asked for.

    Why: nothing on the way requires a gradient (`requires_grad=True` was forgotten, or the value was made under
    `pc.no_grad()`, by `.detach()` or out of `.item()`); or the result is not a single number; or backward was already
    run; or a leaf that requires a gradient was changed in place outside `pc.no_grad()`.

    Remedy: follow the value back to where it was made. Reduce several numbers first (`loss.mean()`), or pass
    `gradient=`; pass `retain_graph=True` to the first of two backwards; update weights inside `with pc.no_grad():`.
    """


class StaleValueError(PellucidError, RuntimeError):
    """A value that backward still needs was overwritten after it was used.

    Why: the gradient of `w * w` needs the w that was multiplied. If w is assigned between the forward pass and
    `loss.backward()`, that number is gone.

    Remedy: run backward before the update, or compute on a copy: `w * 1.0`.
    """


class RecordedValueError(PellucidError, TypeError):
    """A number was asked of a value that has none yet, because its step is being recorded.

    Why: while `pc.compile` records, values have a shape and a dtype but no numbers; `.item()`, `if x > 0`,
    `float(x)`, `x[mask]` cannot be answered.

    Remedy: write choices with `pc.where(condition, a, b)`, keep the shape with a mask instead of selecting, return what
    you want to look at from the step, and keep no recorded value after the step has ended.
    """


class RecordingError(PellucidError, RuntimeError):
    """A step does something that a recording cannot repeat.

    Why: a parameter was passed as an argument, a parameter or optimizer was created inside the step, something that is
    not State was changed in place, or a value is closed over that is still waiting for its gradient. What runs once,
    while recording, would be missing in every later call.

    Remedy: create parameters and optimizers before the step and close over them; instead of changing in place use
    `where` or `scatter_add`, or make the value a `pc.State`.
    """


class ConstantChangedError(PellucidError, RuntimeError):
    """A number or tensor that a compiled step closes over has changed since it was recorded.

    Why: the program keeps the value it saw, so the change would have no effect, and nobody would notice.

    Remedy: what must change from call to call is an argument of the step or a `pc.State`.
    """


class LabelError(PellucidError, IndexError):
    """A class label or index lies outside its range.

    Why: labels count from 0; with k classes they run from 0 to k - 1. Labels that count from 1, a class that the last
    layer has no output for, or -1 for "unknown" are the usual reasons.

    Remedy: look at `y.min()` and `y.max()`; subtract 1 if they count from 1, give the last layer one output for every
    class, and leave out samples without a label.
    """


class TargetError(PellucidError, ValueError):
    """A loss was given a target of the wrong kind.

    Why: cross_entropy takes class indices (int64, one axis less than the scores) or probabilities (the same shape as
    the scores); binary losses take numbers from 0 to 1 of the same shape; mse_loss takes numbers of the same shape.
    Shapes that merely broadcast would compare everything with everything.

    Remedy: `y.long()` for class indices, `y.squeeze(-1)` or `y.unsqueeze(-1)` for one axis too many or too few,
    `y.float()` for yes and no as 1 and 0.
    """


class StateDictError(PellucidError, RuntimeError):
    """The saved values do not fit the model: a name is missing, unknown, or has another shape.

    Why: the model was built with other layers or sizes than the one that was saved, or its parts have other names.
    Nothing has been loaded.

    Remedy: build the model as the saved one was; `strict=False` loads the names that both have and returns the others
    (a wrong shape is refused even so). Weights under other names:
    `{new[name]: value for name, value in saved.items()}`.
    """


class AnomalyError(PellucidError, ArithmeticError):
    """A NaN or an infinity appeared, and this is the operation that made it out of ordinary numbers.

    Why: usually log or division at 0, exp of a large number, the slope of a root at 0, a learning rate so large that
    the weights grow without bound, or NaN in the data.

    Remedy: look at the inputs of the operation named. A smaller learning rate, `log_softmax` in place of `softmax` then
    `log`, or a small constant under the root often helps. `with pc.detect_anomaly():` names the operation.
    """


class ArgumentError(PellucidError, ValueError):
    """An argument has a value that is not allowed.

    Why: a number outside of its range, a name that does not exist, a class where an object is needed, a module where
    its parameters are needed. The message names the argument, what came and what is allowed.

    Remedy: correct the argument; `pellucid explain NAME` shows the arguments of a function or class with an example.
    """


class UnsupportedError(PellucidError, NotImplementedError):
    """This is not part of Pellucid (yet).

    Why: an argument or function of PyTorch that has no counterpart here, a package that is not installed, a target that
    this computer lacks, or a method that a subclass has left out. It is refused, since ignoring it would give other
    results than you expect.

    Remedy: the message says what to use instead; docs/differences.md lists what differs.
    """


class DataFileError(PellucidError, ValueError):
    """A file is damaged, truncated or of another kind; the message names the file, the place and what was expected.

    Why: a download that broke off, a disk that was full, a file that was changed after it was written, or one that is
    something else than its name says. Nothing of the file was used.

    Remedy: delete it and fetch it again, or go back to an older copy.
    """


class DataNotFoundError(PellucidError, FileNotFoundError):
    """A file or data set is not on this machine, and could not be downloaded.

    Why: the name or folder is another one, the program runs in another folder than you think, or there is no network.

    Remedy: look where the message says that it has looked. For data sets, put the files that it names into the folder
    that it names, or set the environment variable PELLUCID_DATA to a folder that has them.
    """


class FormatError(PellucidError, ValueError):
    """A file is not one of ours, or was written by a newer version of Pellucid.

    Why: `pc.load` reads safetensors and nothing else. PyTorch's `.pt` files are pickles, which can run any code when
    they are read; NumPy's and Keras' files are laid out differently.

    Remedy: run the line in the message, which converts the file; for a newer version bring Pellucid up to date.
    """


class CompilerError(PellucidError, RuntimeError):
    """There is no C compiler that works, or it could not make what was asked of it.

    Why: a compiled step is C, translated by the compiler of this computer: the one that the environment variable CC
    names, else cc, clang, gcc, else the Python package ziglang.

    Remedy: `pellucid doctor` says which one was found, and where compiled files are kept.
    `python -m pip install ziglang` gives any system a compiler; without one, `pc.compile(target="numpy")` works.
    Other environment variables: PELLUCID_CACHE, the folder to keep files in; PELLUCID_CC_TIMEOUT, the seconds that the
    compiler may take.
    """


class CacheError(CompilerError):
    """There is no place for compiled files, neither in the user's cache nor in the folder for temporary files.

    Why: usually the disk is full, or neither folder may be written to.

    Remedy: `pellucid doctor` names the folder, which may be deleted at any time; the environment variable
    PELLUCID_CACHE chooses another one.
    """
