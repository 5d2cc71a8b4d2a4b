"""Recording: run a step once on values whose numbers are not known, and write down every op.

The recording stands at the door (`Op.__call__`) in place of NumPy. It is in static single assignment form:
reading a State gives the node of its current value, assigning replaces that node for later reads, and nothing
is computed. So the forward pass, the walk back and the optimizer's update, which are all ops, are recorded
alike.
"""

import numpy as np

from pellucid import engine
from pellucid.engine import LEAF, OUTPUT, Setting, Spec, mode
from pellucid.errors import RecordedValueError, RecordingError, user_site
from pellucid.graph.graph import Argument, Constant, Effect, Graph, InOrder, Node, Read
from pellucid.ops import Broadcast, Cast, Matmul, Slice, Transpose


class Recording:
    """The notes of one run of a function."""

    def __init__(self, family):
        self.family = family
        self.nodes = []
        self.ordered = set()  # nodes whose numbers surely lie row after row in memory
        self.arguments = []
        self.start = {}  # State -> the node of its value when the step began
        self.current = {}  # State -> the node of its value now
        self.grads = {}  # State -> its .grad now (a Value or None), once it was read or written
        self.constants = {}  # id(value) -> (value, node); the value is kept so that its id stays its own
        self.modules = {}  # module -> what it was like when called
        self.requires_grad = {}  # State -> the flag that was seen
        self.had_grad = {}  # State -> was there a .grad when it was read before it was set?
        self.assigned = {}  # State -> its `assigned` and `assignments` before the recording, to be put back

    # ---- what the engine calls

    def apply(self, op, inputs):
        """Write down one application of an op: `infer` only."""
        nodes = [self.node_of(x) for x in inputs]
        node = self.add(Node(op, nodes, op.infer(*[node.spec for node in nodes]), user_site()))
        y = self.value(node)
        if op.differentiable and mode.local.grad and any(x.step is not None for x in inputs):
            y.step = [op, inputs, y, mode.clock, node.site]  # recorded values hold no numbers: nothing to let go
        return y

    def assign(self, state, new):
        """From now on, `state` has the value `new` in this recording."""
        node = self.in_order(self.node_of(new))
        self.node_of(state)
        self.assigned.setdefault(state, (state.assigned, state.assignments))
        self.current[state] = node

    def read_grad(self, state):
        """The `.grad` of a State as the step sees it."""
        if state not in self.grads:
            self.had_grad[state] = state.kept_grad is not None
            self.grads[state] = None if state.kept_grad is None else self.detach(state.grad_memory())
        return self.grads[state]

    def write_grad(self, state, value):
        """The step has set the `.grad` of a State."""
        self.grads[state] = value

    def detach(self, x):
        """The value of x now, without its history."""
        return self.value(self.node_of(x))

    def own(self, x):
        """A value of its own with the numbers and the history of x: changing one does not change the other."""
        y = self.value(self.in_order(self.node_of(x)))
        y.step = x.step
        return y

    def overwrite(self, x, new):
        """Ordinary tensors cannot be changed in a recording; a `.grad` can, since it is an effect of the step."""
        for state, grad in self.grads.items():
            if grad is x:
                if type(x.step) is list and x.step and x.step[OUTPUT] is x:
                    x.step[OUTPUT] = before = self.value(x.node)  # the gradient of that op reads what x was
                    before.step = x.step
                x.node, x.step = self.node_of(new), new.step
                mode.clock += 1
                x.changed = mode.clock
                self.grads[state] = x
                return
        raise RecordingError(
            "a tensor that is not State was changed in place inside a step that is being recorded.",
            remedy="Compute a new one with pc.where or scatter_add, or make it a pc.State before the step.",
        )

    def guard_module(self, module):
        """This program holds only while the module is as it is now."""
        self.modules.setdefault(module, (module.training, module.structure_snapshot()))

    def guard_flag(self, state):
        """This program holds only while the State requires a gradient, or does not, as now."""
        self.requires_grad.setdefault(state, state.step is not None)

    # ---- nodes

    def add(self, node):
        """Put a node at the end."""
        self.nodes.append(node)
        if surely_ordered(node, self.ordered):
            self.ordered.add(node)
        return node

    def in_order(self, node):
        """The node itself, or one with the same numbers row after row in memory."""
        return node if node in self.ordered else self.add(Node(InOrder(), [node], node.spec, node.site))

    def value(self, node):
        """A value that stands for a node: it has a Spec and no numbers."""
        y = self.family()
        y.array, y.node, y.recording = node.spec, node, self
        return y

    def node_of(self, x):
        """The node that stands for a value: of this recording, of a State, or a new constant."""
        if x.overwritten:
            raise engine.stale_value()
        if type(x.array) is Spec:
            if getattr(x, "recording", None) is not self:
                raise RecordedValueError(
                    "a value that was recorded in an earlier call of a compiled step was used: it has no numbers.",
                    remedy="Keep nothing from inside a step; return it.",
                )
            return x.node
        if not x.is_state and x.step is LEAF:
            x.requires_grad_()  # a leaf that asks for gradients is something to learn: a State
        if x.is_state:
            return self.state_node(x)
        if x.requires_grad:
            raise RecordingError(
                f"the step closes over a value ({Spec(x.array.shape, x.array.dtype)}) that was computed outside of it "
                "and still waits for its gradient.",
                remedy="Compute it inside the step, or close over x.detach().",
            )
        if x.array.shape == ():
            return self.constant(x)  # a number: each place that uses one has its own, so that it can be named
        if id(x) not in self.constants:
            self.constants[id(x)] = x, self.constant(x)
        return self.constants[id(x)][1]

    def constant(self, x):
        """A new node for the numbers that x has now."""
        array = np.array(x.array)
        return self.add(Node(Constant(), (), Spec(array.shape, array.dtype), user_site(), array))

    def state_node(self, state):
        """The node of a State's current value: what it had at the start, or what was assigned since."""
        if state not in self.current:
            self.guard_flag(state)
            node = Node(Read(len(self.start)), (), Spec(state.array.shape, state.array.dtype), user_site())
            self.start[state] = self.current[state] = self.add(node)
        return self.current[state]

    def argument(self, name, spec):
        """A new argument of the step."""
        node = self.add(Node(Argument(len(self.arguments), name), (), spec))
        self.arguments.append(node)
        return self.value(node)

    # ---- the end

    def finish(self, outputs):
        """The graph, once the function has returned these values."""
        outputs = [self.node_of(x) for x in outputs]
        for state, grad in self.grads.items():
            if grad is not None and grad is not state.grad_state:
                memory = state.grad_memory()
                node = self.node_of(grad)
                self.state_node(memory)
                self.current[memory] = node if node.spec == memory_spec(memory) else self.cast(node, memory)
        slots = {state: slot for slot, state in enumerate(self.start)}
        effects = [
            Effect(slots[state], state, node) for state, node in self.current.items() if node is not self.start[state]
        ]
        return Graph(self.nodes, outputs, effects, list(self.start), self.arguments)

    def cast(self, node, memory):
        """The node in the dtype of a State's memory."""
        return self.add(Node(Cast(memory.array.dtype.name), [node], memory_spec(memory), node.site))


def surely_ordered(node, ordered):
    """Will the numbers of this node lie row after row in memory? `ordered` are the nodes before it that do."""
    match node.op:
        case Read() | InOrder() | Broadcast():
            return True
        case Argument() | Transpose() | Slice():
            return node.spec.shape == ()
        case Constant():
            return node.value.flags.c_contiguous
        case Matmul():
            return node.spec.ndim == 2
    return all(x in ordered for x in node.inputs)


def memory_spec(state):
    return Spec(state.array.shape, state.array.dtype)


def record(function, specs, family, rebuild):
    """Run `function` on values without numbers. Returns the Recording, its Graph and what the function returned.

    `specs` lists (name, Spec) of the tensors among the arguments; `rebuild(values)` makes the arguments of
    them, and whatever happens, States, gradients and modes are afterwards as they were before.
    """
    recording = Recording(family)
    values = [recording.argument(name, spec) for name, spec in specs]
    args, kwargs = rebuild(values)
    try:
        with Setting(tracer=recording, recording=recording, grad=mode.local.grad):
            returned = function(*args, **kwargs)
            leaves = []
            structure = flatten(returned, leaves)
            graph = recording.finish(leaves)
    finally:
        for state, (clock, count) in recording.assigned.items():
            state.assigned, state.assignments = clock, count
    return recording, graph, structure


def flatten(tree, leaves):
    """Put the tensors of nested tuples, lists and dicts into `leaves`; return a function that rebuilds with others."""
    if isinstance(tree, engine.Value):
        leaves.append(tree)
        at = len(leaves) - 1
        return lambda values: values[at]
    if isinstance(tree, (tuple, list)):
        parts = [flatten(part, leaves) for part in tree]
        if hasattr(tree, "_fields"):
            return lambda values: type(tree)(*[part(values) for part in parts])
        return lambda values: type(tree)([part(values) for part in parts])
    if isinstance(tree, dict):
        named = {name: flatten(part, leaves) for name, part in tree.items()}
        return lambda values: {name: part(values) for name, part in named.items()}
    return lambda values: tree
