"""Program: one recording of a step on its target, the guards that say whether it still holds, and the call itself."""

import threading
import weakref

import numpy as np

from pellucid import targets
from pellucid.arguments import plain
from pellucid.engine import mode
from pellucid.graph import simplify
from pellucid.graph.compare import recorded
from pellucid.tensors import Tensor
from pellucid.tensors.anomaly import detect_anomaly
from pellucid.toolchain.call import MISSED

CHECKED_CALLS = (2, 10)  # the calls at which the step is recorded again, to see whether a constant changed
LAST_CHECK = max(CHECKED_CALLS)


def weakly(method):
    """A method as a function that does not keep its object alive.

    What an object holds of itself would be a circle, and all its memory would wait for the garbage collector.
    """
    found = weakref.WeakMethod(method)

    def call(*args, **named):
        held = found()
        if held is None:
            raise ReferenceError("this belongs to a compiled step that nobody holds any more; keep the step itself.")
        return held(*args, **named)

    return call


class Program:
    """One recording of a step, with what must still be true for it to be used."""

    def __init__(self, recording, graph, rebuild_results, key, target, long_way):
        self.key = key
        self.recorded = recorded(graph)  # as the function ran, for comparison with later recordings
        self.target = targets.program(simplify(graph), target)
        self.rebuild_results = rebuild_results
        bare = len(graph.outputs) == 1 and rebuild_results([MISSED]) is MISSED  # one tensor, in nothing
        self.modules = list(recording.modules.items())
        # Lists and dicts change without telling anybody: who holds some is looked at in every call.
        self.holders = [(m.structure_snapshot, seen) for m, (_, seen) in self.modules if holds_containers(m)]
        self.flags = list(recording.requires_grad.items())
        self.memory = [(state, state.array) for state in graph.states]  # a model's dtype may have been changed
        self.had_grad = list(recording.had_grad.items())
        self.found = [(state, state.grad_memory() if had else None) for state, had in self.had_grad]
        self.grads = [(state, None if grad is None else state.grad_memory()) for state, grad in recording.grads.items()]
        self.structure = mode.structure
        self.calls = 0
        self.lock = threading.Lock()
        self.grad = key[0]
        hooks = {name: weakly(getattr(self, name)) for name in ("look", "leave", "refuse")} | {"long_way": long_way}
        if not bare:
            hooks["rebuild"] = rebuild_results
        self.entry = self.target.entry(key[2:], hooks, self.lock) if plain(key) else None  # the short way, if any

    @property
    def short_way(self):
        """What is called like the step and runs this program, or else takes the long way; None if there is none yet."""
        return None if self.entry is None or self.calls < LAST_CHECK else self.entry.enter

    def look(self):
        """May the short way be gone? Asked by C, when one of the numbers in `mode` that it watches has changed."""
        structure, gradients = mode.structure, mode.gradients  # read first: a change during the look is seen next time
        if not self.is_as_before():
            return False
        for state, memory in self.grads:
            if state.kept_grad is not memory:
                gradients = None  # this step will change it, and C must ask for that
                break
        if self.target.kept:
            self.target.forget()
            gradients = None  # for `leave` must be called
        self.entry.saw(structure, 0 if self.grad and not self.holders else None, gradients)
        return True

    def is_as_before(self):
        """Do the guards hold without a closer look, and do gradients lie where the program has left them?"""
        if self.structure != mode.structure:
            return False
        local = mode.local
        if local.tracer is not None or local.grad != self.grad:
            return False
        for snapshot, seen in self.holders:
            if snapshot() != seen:
                return False
        for state, grad in self.found:  # noqa: SIM110  all() takes 200 ns even of nothing
            if state.kept_grad is not grad:
                return False
        return True

    def leave(self):
        """What remains to be done after a step, if `look` did not see that there is nothing."""
        self.target.remember()
        self.leave_gradients()

    def refuse(self):
        """C has refused an index in the arguments."""
        raise self.target.refusal(self.target.last)

    def fits(self):
        """Do the guards still hold?"""
        structure = mode.structure
        if self.structure != structure:  # something, somewhere: look at everything once
            if any(m.training != training or m.structure_snapshot() != seen for m, (training, seen) in self.modules):
                return False
            if any(state.requires_grad != flag for state, flag in self.flags):
                return False
            if any(state.array is not array for state, array in self.memory):
                return False
            self.structure = structure
        if any(snapshot() != seen for snapshot, seen in self.holders):
            return False
        return all((state.kept_grad is not None) == had for state, had in self.had_grad)

    def run(self, arrays):
        """One call: bring gradients into their memory, compute, leave States and gradients behind."""
        watch = mode.local.tracer.check if isinstance(mode.local.tracer, detect_anomaly) else None
        with self.lock:
            self.bring_gradients()
            try:
                outputs = self.target.run(arrays, watch)
            except KeyboardInterrupt:  # it may come when the step is done: then the step counts whole
                if self.target.done:
                    self.leave_gradients()
                raise
            self.leave_gradients()
        return self.rebuild_results([as_result(array) for array in outputs])

    def bring_gradients(self):
        """Gradients that the step reads must lie in the memory that it knows."""
        for state, had in self.had_grad:
            memory = state.grad_memory()
            if had and state.kept_grad is not memory:
                memory.array[...] = state.kept_grad.array
                memory.assignments += 1  # what programs keep about these numbers is void

    def repeat(self, arrays, watched):
        """As many calls as the first axis of each array counts. The results are stacked."""
        states = [effect.state.array for effect in self.target.graph.effects]
        arrays = [a.copy() if any(np.may_share_memory(a, state) for state in states) else a for a in arrays]
        with self.lock:
            self.bring_gradients()
            try:
                if watched:
                    outputs = self.target.run([array[0] for array in arrays], mode.local.tracer.check)
                    return [output[np.newaxis] for output in outputs]
                return self.target.repeat(arrays)
            finally:
                if self.target.done:
                    self.leave_gradients()

    def settled(self):
        """Does the program still fit after it has run? (Not if it found no `.grad` where it leaves one.)"""
        leaves = {state: memory is not None for state, memory in self.grads}
        return all(leaves.get(state, had) == had for state, had in self.had_grad)

    def leave_gradients(self):
        """After the step, every `.grad` is what eager code would have left."""
        try:
            self.set_gradients()
        except KeyboardInterrupt:  # the step counts whole
            self.set_gradients()
            raise

    def set_gradients(self):
        """Let every `.grad` be the memory in which the program has left it."""
        for state, memory in self.grads:
            if state.kept_grad is not memory:
                state.kept_grad = memory
                mode.gradients += 1


def holds_containers(module):
    """Has this module lists or dicts, in which parts can be replaced without a word? (Optimizers say it.)"""
    return not getattr(module, "says_changes", False) and any(map(can_change, vars(module).values()))


def can_change(part):
    """Is this a list or a dict, or are there any in it?"""
    return isinstance(part, (list, dict)) or (isinstance(part, tuple) and any(map(can_change, part)))


def as_result(array):
    y = Tensor()
    y.array = array
    return y
