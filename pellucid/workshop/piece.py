"""What a piece is. `table.py` lists all of them; stubs, checks, hints, status, site and tests are made from that table.

A piece is checked by playing: `play(answer, case)` calls what the learner wrote with one case and returns what came of
it as plain data. The learner's process does nothing else; it knows no right outcome, so it cannot claim one. What is
right is found out elsewhere, by playing the first right answer. A wrong answer that we know is recognized in the same
way: by coming to the same outcomes as the learner's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple


class Text(NamedTuple):
    """The same words in both languages."""

    en: str
    zh: str


class Example(NamedTuple):
    """A call as one would type it, and what is printed. A test evaluates it with the right answers."""

    call: str
    result: str


class Wrong(NamedTuple):
    """A mistake that many make: the first right answer with some text replaced, or a text of its own.

    `says` is the diagnosis: what is wrong and why, without giving the solution away.
    """

    name: str  # a few words with hyphens: "sum-over-wrong-axis"
    says: Text
    edits: tuple[tuple[str, str], ...] = ()  # (old, new); each old text stands exactly once in the right answer
    source: str = ""
    ends: bool = True  # False: it runs for ever; it is played only for a learner's answer that took too long


@dataclass(frozen=True)
class Piece:
    """One thing to write. A *part* lives in the framework and is put in place there; a *study* is used by lessons."""

    name: str  # also the name of the learner's file, softmax.py
    kind: str  # "part" or "study"
    title: Text
    lesson: str  # in which it is written: "one_neuron", "back_propagation" or "digits"
    needs: tuple[str, ...]  # pieces that its checks, and the learner's code, may use; theirs are included
    lives: tuple[str, ...]  # what it takes the place of, "module:qualname"; () for a study
    signature: str  # code: the heads of what is to be written, each body "..."
    task: Text  # what to write: shapes, units, what may be used
    formula: str  # in plain text, for a terminal
    examples: tuple[Example, ...]  # three
    invariants: tuple[Text, ...]  # what always holds, in words; cases put them to the test
    cases: tuple[Any, ...]  # plain data, smallest first
    play: Callable[[Any, Any], Any]  # (the learner's module, case) -> plain data, see `described`
    show: Callable[[Any], str]  # a case as the call that it is, for messages: "softmax([1, 2], dim=0)"
    hints: tuple[Text, ...]  # four rungs: a question, numbers plugged in, pseudo-code, the difference to the usual slip
    explanation: Text  # shown after success: why it is so
    right: tuple[str, ...]  # two texts that were written differently; the first is the solution that is shown
    wrong: tuple[Wrong, ...]  # five or more
    plug: Callable[[Any], dict] | None = None  # the learner's module -> {what it lives as: what takes its place}
    refuses: tuple[str, ...] = ()  # more of the framework that its answer may not call, since it would give it away
    eager: bool = False  # it computes forward values in NumPy: while it is plugged in, nothing is compiled
    tolerance: float = 1e-6  # relative, and absolute below 1
    seconds: float = 10.0  # limits for all of its cases together
    megabytes: int = 1024


def described(value):
    """What came of a call, as plain data that can be written as JSON: numbers, strings, lists, dicts.

    A tensor or array becomes {"shape", "dtype", "values"}, so that a wrong shape is seen as one.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, dict):
        return {str(key): described(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [described(item) for item in value]
    array = getattr(value, "array", value)  # a Tensor's numbers
    if hasattr(array, "dtype") and hasattr(array, "tolist"):
        return {"shape": list(array.shape), "dtype": str(array.dtype), "values": array.tolist()}
    return {"type": type(value).__name__, "text": repr(value)[:200]}
