"""Hooks: functions that a module calls with what goes in and out of it, forward and backward.

A forward hook is called when the module is; what it does with tensors is recorded like all else, and what it does
besides (printing, collecting) happens once, while recording. A backward hook gets the gradients. They come to it
through values that stand for the inputs and outputs: each looks like the one it stands for, and the walk back meets
it on its way.
"""

from pellucid.engine import Value, mode
from pellucid.errors import ArgumentError, UnsupportedError
from pellucid.tensors import tensor


class Hooks:
    """The hooks of one module, in the order in which they are called."""

    def __init__(self):
        self.before = []  # of (hook, with_kwargs)
        self.after = []
        self.before_backward = []
        self.backward = []

    def kinds(self):
        """All the lists."""
        return self.before, self.after, self.before_backward, self.backward

    def snapshot(self):
        """What a recorded program takes for granted about them."""
        return tuple([id(entry) for kind in self.kinds() for entry in kind])

    def call(self, module, inputs, named):
        """The module's forward, with the hooks around it."""
        for hook, with_kwargs in self.before:
            if with_kwargs:
                changed = hook(module, inputs, named)
                if changed is not None:
                    inputs, named = pair_of(module, changed)
            else:
                changed = hook(module, inputs)
                if changed is not None:
                    inputs = changed if isinstance(changed, tuple) else (changed,)
        listening = Listening(module, self) if (self.backward or self.before_backward) and mode.local.grad else None
        if listening is not None:
            inputs = listening.at_inputs(inputs)
        output = module.forward(*inputs, **named)
        for hook, with_kwargs in self.after:
            changed = hook(module, inputs, named, output) if with_kwargs else hook(module, inputs, output)
            if changed is not None:
                output = changed
        return output if listening is None else listening.at_outputs(output)


def pair_of(module, changed):
    if isinstance(changed, tuple) and len(changed) == 2:
        return changed
    raise ArgumentError(
        f"a pre-hook of {type(module).__name__} with with_kwargs=True returned {type(changed).__name__}.",
        remedy="Return None, or the pair (arguments, named arguments).",
    )


class Handle:
    """What registering a hook returns: `remove()` takes the hook away. In a `with` it is removed at the end."""

    def __init__(self, kind, entry):
        self.kind = kind
        self.entry = entry

    def remove(self):
        """Take the hook away; again does nothing."""
        self.kind[:] = [entry for entry in self.kind if entry is not self.entry]
        mode.structure += 1  # compiled programs look again whether they still hold

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.remove()


def register(module, kind, hook, with_kwargs=False, prepend=False):
    """Add a hook to a module; `kind` names the list."""
    if not callable(hook):
        raise ArgumentError(f"a hook is a function, but {type(hook).__name__} came.")
    if module._hooks is None:
        object.__setattr__(module, "_hooks", Hooks())
    entries = getattr(module._hooks, kind)
    entry = [hook, with_kwargs]
    entries.insert(0 if prepend else len(entries), entry)
    mode.structure += 1
    return Handle(entries, entry)


def refuse_always_call(always_call):
    if always_call:
        raise UnsupportedError(
            "register_forward_hook: always_call=True is not supported.",
            remedy="Leave it out, and catch the error where the module is called.",
        )


# ---- backward


class Listening:
    """One call of a module with backward hooks: it brings the gradients of outputs and inputs together."""

    def __init__(self, module, hooks):
        self.module = module
        self.hooks = hooks
        self.outputs: tuple = ()  # the gradients of the outputs, once they are known
        self.inputs_wait = False  # does any input ask for a gradient?
        self.count = 0  # of inputs

    def at_inputs(self, inputs):
        """The inputs, with a gradient that comes by here."""
        self.inputs_wait = any(isinstance(x, Value) and x.requires_grad for x in inputs)
        self.count = len(inputs)
        return stand_ins(inputs, self.inputs_done)

    def at_outputs(self, output):
        """The outputs likewise."""
        several = isinstance(output, (tuple, list))
        changed = stand_ins(tuple(output) if several else (output,), self.outputs_done)
        if not several:
            return changed[0]
        return type(output)(*changed) if hasattr(output, "_fields") else type(output)(changed)

    def outputs_done(self, gradients):
        """The gradients of all outputs are known."""
        for hook, _ in list(self.hooks.before_backward):
            changed = hook(self.module, gradients)
            if changed is not None:
                gradients = replaced(self.module, changed, gradients)
        self.outputs = gradients
        if not self.inputs_wait:
            self.call_hooks((None,) * self.count)
        return gradients

    def inputs_done(self, gradients):
        """The gradients of all inputs are known: the hooks may change them."""
        return self.call_hooks(gradients)

    def call_hooks(self, gradients):
        for hook, _ in list(self.hooks.backward):
            changed = hook(self.module, gradients, self.outputs)
            if changed is not None:
                gradients = replaced(self.module, changed, gradients)
        return gradients


def replaced(module, changed, gradients):
    """What a hook returned in place of the gradients, as a tuple."""
    changed = changed if isinstance(changed, tuple) else (changed,)
    if any(not isinstance(g, Value) and g is not None for g in changed):
        raise ArgumentError(
            f"a backward hook of {type(module).__name__} returned what is no gradient.",
            remedy="Return None, or a tensor for each input: lambda module, grad_input, grad_output: grad_input",
        )
    if len(changed) != len(gradients):
        raise ArgumentError(
            f"a backward hook of {type(module).__name__} returned {len(changed)} gradients for {len(gradients)}.",
            remedy="Return None, or one gradient for each input (None for one that has none).",
        )
    return changed


def stand_ins(values, done):
    """The values, each tensor that asks for a gradient with a stand-in: done(gradients) gives what they are owed.

    done is called once in a walk back, when the gradients of all stand-ins are known; it gets None for what is no
    such tensor. The stand-ins are made of one ticket, and the ticket of the values: so the walk comes to the ticket
    after all stand-ins, and to the values after the ticket.
    """
    places = [i for i, x in enumerate(values) if isinstance(x, Value) and x.requires_grad]
    if not places:
        return values
    known = [None] * len(values)
    ticket = tensor(0.0)
    ticket.step = [Gathering(known, places, done), [values[i] for i in places], None, mode.clock, None]
    standing = list(values)
    for i in places:
        standing[i] = values[i].detach()
        standing[i].step = [StandIn(known, i), (ticket,), None, mode.clock, None]
    return tuple(standing)


class Rule:
    """What the walk back asks of an op. These are none: nothing is computed forward, and no target sees them."""

    view = False
    reads_inputs = False
    reads_output = False


class StandIn(Rule):
    """The way back from a stand-in to its ticket: the gradient is noted. The ticket's own says nothing."""

    def __init__(self, known, place):
        self.known = known
        self.place = place

    def gradient(self, g, y, ticket):
        """Note g."""
        self.known[self.place] = g
        return tensor(0.0)


class Gathering(Rule):
    """The way back from the ticket to the values that have stand-ins: all gradients are known now."""

    def __init__(self, known, places, done):
        self.known = known
        self.places = places
        self.done = done

    def gradient(self, g, y, *values):
        """What `done` makes of the gradients."""
        gradients = tuple(self.known)
        self.known[:] = [None] * len(self.known)  # for the next walk, if the graph is retained
        gradients = self.done(gradients)
        return tuple([gradients[i] for i in self.places])
