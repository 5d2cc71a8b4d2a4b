"""Program: one recording of a step on its target, the guards that say whether it still holds, and the call itself."""

import threading
import typing

import numpy as np

from pellucid import targets
from pellucid.arguments import plain
from pellucid.engine import mode
from pellucid.graph import simplify
from pellucid.graph.compare import recorded
from pellucid.tensors import Tensor
from pellucid.tensors.anomaly import detect_anomaly

CHECKED_CALLS = (2, 10)  # the calls at which the step is recorded again, to see whether a constant changed
LAST_CHECK = max(CHECKED_CALLS)
MISSED: typing.Any = object()  # in place of a result: the short way was not open
empty = np.empty  # found once: to find it costs 20 ns, in every call


class Program:
    """One recording of a step, with what must still be true for it to be used."""

    def __init__(self, recording, graph, rebuild_results, key, target):
        self.key = key
        self.recorded = recorded(graph)  # as the function ran, for comparison with later recordings
        self.target = targets.program(simplify(graph), target)
        self.rebuild_results = rebuild_results
        self.bare = len(graph.outputs) == 1 and rebuild_results([MISSED]) is MISSED  # one tensor, in nothing
        self.modules = list(recording.modules.items())
        # Lists and dicts change without telling anybody: who holds some is looked at in every call.
        self.holders = [(m.structure_snapshot, seen) for m, (_, seen) in self.modules if holds_containers(m)]
        self.flags = list(recording.requires_grad.items())
        self.had_grad = list(recording.had_grad.items())
        self.found = [(state, state.grad_memory() if had else None) for state, had in self.had_grad]
        self.grads = [(state, None if grad is None else state.grad_memory()) for state, grad in recording.grads.items()]
        self.structure = mode.structure
        self.calls = 0
        self.lock = threading.Lock()
        self.grad = key[0]
        self.entry = self.target.entry(key[2:], self.lock) if plain(key) else None  # the short way, if there is one
        self.results = [(node.spec.shape, node.spec.dtype) for node in graph.outputs]

    def again(self, args):
        """One more call like those before, by the short way; MISSED, and nothing done, if anything is not as it was.

        What stands here is run at every call, so it is written to be quick. That the arrays have the right shapes,
        dtypes and places in memory is looked at in C, by `enter`.
        """
        if self.entry is None or self.calls < LAST_CHECK or not self.is_as_before():
            return MISSED
        arrays = []
        for x in args:
            if type(x) is not Tensor:
                arrays.append(x)
            elif x.step is None:
                arrays.append(x.array)
            else:
                return MISSED  # it requires a gradient
        for shape, dtype in self.results:
            arrays.append(empty(shape, dtype))
        outcome = self.enter(arrays)
        if outcome < 0:
            return MISSED
        self.target.last = arrays
        if outcome > 0:
            raise self.target.refusal(arrays)
        if self.bare:
            return as_result(arrays[-1])
        return self.rebuild_results([as_result(array) for array in arrays[len(args) :]])

    def enter(self, arrays):
        """Do the step; what comes back is said in `Entry`."""
        try:
            outcome = self.entry.enter(*arrays)
            if outcome == 0:
                self.entry.note()
                self.leave_gradients()
        except KeyboardInterrupt:  # it may come when the step is done: then the step counts whole
            if self.entry.done:
                self.entry.note()
                self.leave_gradients()
            raise
        return outcome

    def is_as_before(self):
        """Do the guards hold without a closer look, and do gradients lie where the program has left them?"""
        if self.structure != mode.structure:
            return False
        if mode.special:
            local = mode.local
            if local.tracer is not None or local.grad != self.grad:
                return False
        elif not self.grad:
            return False
        for snapshot, seen in self.holders:
            if snapshot() != seen:
                return False
        for state, grad in self.found:  # noqa: SIM110  all() takes 200 ns even of nothing
            if state.kept_grad is not grad:
                return False
        return True

    def fits(self):
        """Do the guards still hold?"""
        if self.structure != mode.structure:  # something, somewhere: look at everything once
            if any(m.training != training or m.structure_snapshot() != seen for m, (training, seen) in self.modules):
                return False
            if any(state.requires_grad != flag for state, flag in self.flags):
                return False
            self.structure = mode.structure
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
        for state, memory in self.grads:
            state.kept_grad = memory


def holds_containers(module):
    """Has this module lists or dicts, in which parts can be replaced?"""
    return any(isinstance(part, (list, dict, tuple)) for part in vars(module).values())


def as_result(array):
    y = Tensor()
    y.array = array
    return y
