"""Module: what all layers and models are. It finds the parameters in its attributes, and names them.

Nothing is registered: whenever someone asks, the attributes are looked through in the order in which they
were set, and lists, tuples and dicts as well. So a subclass need not call `super().__init__()`.
"""

from collections.abc import Iterator
from typing import Any, Self

from pellucid import engine
from pellucid.engine import mode
from pellucid.errors import ArgumentError, PellucidError, UnsupportedError
from pellucid.nn import hooks
from pellucid.nn.attributes import require_plain_name, takes_numbers
from pellucid.nn.parameter import Parameter
from pellucid.nn.saved import check_saved, float_dtype, part_named, refusal, require_dict
from pellucid.nn.typed import Callable, Inputs, Result
from pellucid.tensors import State, Tensor, as_tensor, zeros_like
from pellucid.tensors.state import become_dtype


class Module:
    """A part of a model, or a whole one. A subclass sets its parts in `__init__` and says in `forward` what it does.

    >>> import pellucid as pc
    >>> from pellucid import nn
    >>> class Scale(nn.Module):
    ...     def __init__(self):
    ...         self.factor = nn.Parameter(pc.ones(1))
    ...
    ...     def forward(self, x):
    ...         return x * self.factor
    >>> [name for name, parameter in Scale().named_parameters()]
    ['factor']
    """

    _hooks: hooks.Hooks | None = None  # functions that are called with what goes in and out; see hooks.py
    _temporary = ()  # names of buffers that are not saved
    training = True  # set by train() and eval(); dropout and batch norm look at it
    replaced = 0  # how often another module has put something else in the place of this one

    def forward(self, *inputs: Any, **named: Any) -> Any:
        """What the module computes. Every subclass has its own."""
        raise UnsupportedError(
            f"{type(self).__name__} has no forward method.",
            remedy="Write def forward(self, x): with what it computes. Layers in a row are nn.Sequential.",
        )

    def __call__(self: Callable[Inputs, Result], *inputs: Inputs.args, **named: Inputs.kwargs) -> Result:
        if mode.special and mode.local.recording is not None:
            mode.local.recording.guard_module(self)
        try:
            if self._hooks is not None:
                return self._hooks.call(self, inputs, named)
            return self.forward(*inputs, **named)
        except PellucidError as error:
            error.modules.append(self.place_of(getattr(error, "module", None)))
            error.module = self
            raise
        except Exception as error:
            if better := refusal(self, error, inputs, named):
                raise better from error
            raise

    def place_of(self, failed):
        """For error messages: where in this module the one that failed stands; this one's own name if none did."""
        for name, child in self.named_children():
            if child is failed:
                return f"{'layer ' if name.isdigit() else ''}{name} of {type(self).__name__}"
        return self.describe()

    # ---- what it holds

    def parameters(self, recurse=True) -> Iterator[Parameter]:
        """Every parameter of this module and (with `recurse`) of those inside it, each once."""
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    def named_parameters(self, prefix="", recurse=True) -> Iterator[tuple[str, Parameter]]:
        """Pairs such as ("0.weight", parameter). One that stands in two places has the name of the first."""
        return each_once(self.named_states(f"{prefix}." if prefix else "", recurse=recurse), is_parameter)

    def buffers(self, recurse=True):
        """Every State that is not learned, such as running statistics, each once."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def named_buffers(self, prefix="", recurse=True):
        """Pairs of name and buffer."""
        return each_once(self.named_states(f"{prefix}." if prefix else "", recurse=recurse), is_buffer)

    def children(self):
        """The modules directly inside this one."""
        for _, child in self.named_children():
            yield child

    def named_children(self):
        """Pairs of name and module, for the modules directly inside this one; "layers.0" for one in a list."""
        seen = set()
        for name, part in parts(vars(self)):
            if isinstance(part, Module) and part not in seen:
                seen.add(part)
                yield name, part

    def modules(self):
        """This module and every one inside it, each once."""
        for _, module in self.named_modules():
            yield module

    def named_modules(self, prefix=""):
        """Pairs of name and module; this one itself has the name ""."""
        seen = set()
        waiting: list[tuple[str, Module]] = [(prefix, self)]
        while waiting:
            name, module = waiting.pop()
            if module in seen:
                continue
            seen.add(module)
            yield name, module
            inside = [
                (f"{name}.{child_name}" if name else child_name, child) for child_name, child in module.named_children()
            ]
            waiting.extend(reversed(inside))  # the first child is popped first

    def get_submodule(self, target):
        """The module of that name, such as "encoder.0"; this one itself for "". ArgumentError if there is none."""
        return part_named(self, target, dict(self.named_modules()), "module")

    def get_parameter(self, target):
        """The parameter of that name, such as "encoder.0.weight". ArgumentError if there is none."""
        return part_named(
            self, target, dict(filter(lambda pair: is_parameter(pair[1]), self.named_states())), "parameter"
        )

    def get_buffer(self, target):
        """The buffer of that name, such as "encoder.1.running_mean". ArgumentError if there is none."""
        return part_named(self, target, dict(filter(lambda pair: is_buffer(pair[1]), self.named_states())), "buffer")

    def register_buffer(self, name, tensor, persistent=True):
        """Keep `tensor` as a State that is not learned (or None, for a buffer left out).

        It is saved and loaded with the model, unless it is not `persistent`.
        """
        if tensor is not None and not isinstance(tensor, engine.State):
            tensor = State(tensor)
        setattr(self, name, tensor)
        if persistent == (name in self._temporary):
            others = tuple([other for other in self._temporary if other != name])
            self._temporary = others if persistent else (*others, name)

    def register_parameter(self, name, param):
        """The same as setting the attribute: `param` is a Parameter, or None for one that is left out."""
        if param is not None and not isinstance(param, Parameter):
            raise ArgumentError(f"register_parameter takes a Parameter or None, not {type(param).__name__}.")
        setattr(self, name, param)

    def register_module(self, name, module):
        """The same as setting the attribute. Also called add_module."""
        if module is not None and not isinstance(module, Module):
            raise ArgumentError(f"register_module takes a Module or None, not {type(module).__name__}.")
        setattr(self, name, module)

    add_module = register_module

    def __setattr__(self, name, value):
        before = vars(self).get(name)
        if name == "training" or has_parts(value) or has_parts(before):
            mode.structure += 1  # compiled programs look again whether they still hold
            require_plain_name(name)
        if before is not value:
            if takes_numbers(self, name, before, value):
                return
            note_replaced(before)
        adopt(value)
        object.__setattr__(self, name, value)

    def __delattr__(self, name):
        mode.structure += 1
        note_replaced(vars(self).get(name))
        object.__delattr__(self, name)

    def structure_snapshot(self):
        """What a recorded program takes for granted about this module: which parts it has, and that it has its place.

        The latter because the one that holds it may not have been called itself: `model.encode(x)` calls a layer of
        the model, and the model as a whole never.
        """
        hooked = () if self._hooks is None else self._hooks.snapshot()
        return self.replaced, hooked, *[(name, id(part)) for name, part in parts(vars(self))]

    # ---- hooks

    def register_forward_pre_hook(self, hook, *, prepend=False, with_kwargs=False):
        """Call hook(module, args) before forward; what it returns, if not None, takes the place of the arguments.

        With with_kwargs, hook(module, args, kwargs) returns None or the pair of both. In a compiled step a hook
        runs while the step is recorded: what it computes is part of the step, what it prints is printed once.
        Returns a handle with `remove()`, as the other hooks do.
        """
        return hooks.register(self, "before", hook, with_kwargs, prepend)

    def register_forward_hook(self, hook, *, prepend=False, with_kwargs=False, always_call=False):
        """Call hook(module, args, output) after forward; what it returns, if not None, takes the place of the output.

        With with_kwargs it is hook(module, args, kwargs, output). UnsupportedError for always_call=True.
        """
        hooks.refuse_always_call(always_call)
        return hooks.register(self, "after", hook, with_kwargs, prepend)

    def register_full_backward_pre_hook(self, hook, prepend=False):
        """Call hook(module, grad_output) in backward, before the module's inputs get their gradients.

        What it returns, if not None, takes the place of grad_output, a tuple with one gradient for each output.
        """
        return hooks.register(self, "before_backward", hook, prepend=prepend)

    def register_full_backward_hook(self, hook, prepend=False):
        """Call hook(module, grad_input, grad_output) in backward, when the module's inputs have their gradients.

        Both are tuples with one gradient, or None, for each input and output. What it returns, if not None, takes
        the place of grad_input.
        """
        return hooks.register(self, "backward", hook, prepend=prepend)

    # ---- what it is

    def summary(self, *inputs):
        """A table of the layers: what each puts out for these example inputs, and how many numbers it learns.

        Prints as text, and shows as a table in notebooks. Nothing is trained and no statistics move. Without inputs
        the column of shapes is left out.

        >>> import pellucid as pc
        >>> from pellucid import nn
        >>> nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1)).summary(pc.zeros(4, 2))
        Sequential
        ---------------------------------------
        layer  kind    output shape  parameters
        ---------------------------------------
        0      Linear  (4, 8)                24
        1      Tanh    (4, 8)                 0
        2      Linear  (4, 1)                 9
        ---------------------------------------
        33 parameters (132 B)
        """
        from pellucid.nn.summary import Summary

        return Summary(self, inputs)

    # ---- modes

    def train(self, mode=True) -> Self:
        """Switch this module and all inside to training: units drop out, batch statistics are used."""
        for module in self.modules():
            if module.training != mode:
                module.training = mode
        return self

    def eval(self) -> Self:
        """Switch to evaluation: nothing is random, running statistics are used."""
        return self.train(False)

    def requires_grad_(self, requires_grad=True):
        """Learn all parameters, or freeze them."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none=True):
        """Forget the gradients of all parameters."""
        for parameter in self.parameters():
            if set_to_none:
                parameter.grad = None  # without a look at it: a recorded step that has looked needs a second program
            elif parameter.grad is not None:
                parameter.grad = zeros_like(parameter.grad)

    def apply(self, function):
        """Call `function` on every module inside, then on this one: to initialise in one's own way, for example."""
        for child in self.children():
            child.apply(function)
        function(self)
        return self

    def to(self, dtype):
        """Convert all parameters and buffers that are floats to `dtype`, in place; "cpu" changes nothing."""
        if isinstance(dtype, str) and dtype == "cpu":
            return self
        dtype = float_dtype(dtype)
        for _, state in self.named_states():
            if state.dtype.kind == "f" and state.dtype != dtype:
                become_dtype(state, dtype)
        return self

    def float(self):
        """All parameters and buffers that are floats become float32."""
        return self.to("float32")

    def double(self):
        """All parameters and buffers that are floats become float64."""
        return self.to("float64")

    # ---- saving and loading

    def state_dict(self) -> dict[str, Tensor]:
        """All parameters and buffers by name, as copies; without those that are not persistent."""
        return {name: state.detach() for name, state in self.named_states(saved=True)}

    def named_states(self, prefix="", above=(), recurse=True, saved=False):
        """Pairs of name and State, under every name that one has: parameters, then buffers, module by module."""
        own = [(prefix + name, part) for name, part in parts(vars(self)) if not (saved and name in self._temporary)]
        for belongs in (is_parameter, is_buffer):
            yield from [(name, part) for name, part in own if belongs(part)]
        above = (*above, self)
        for name, part in own if recurse else ():
            if isinstance(part, Module) and part not in above:  # a part may know the whole: no walking in circles
                yield from part.named_states(f"{name}.", above, saved=saved)

    def load_state_dict(self, state_dict, strict=True):
        """Copy saved values into the parameters and buffers. Everything is checked before anything is written.

        Returns the pair (missing_keys, unexpected_keys). With `strict` there must be none: StateDictError
        otherwise. A value of another shape or kind is refused in any case.
        """
        require_dict(type(self).__name__, state_dict)
        saved = {name: as_tensor(value).detach() for name, value in state_dict.items()}
        own = dict(self.named_states(saved=True))
        outcome = check_saved(type(self).__name__, own, saved, strict)
        for name, state in own.items():
            if name in saved:
                state.assign(saved[name])
        return outcome

    # ---- printing

    def extra_repr(self):
        """What stands between the brackets when the module is printed."""
        return ""

    def describe(self):
        """The module's name in one line, for error messages."""
        if any(True for _ in self.children()):
            return type(self).__name__
        return f"{type(self).__name__}({self.extra_repr()})"

    def __repr__(self):
        lines = [f"({name}): {child!r}".replace("\n", "\n  ") for name, child in self.named_children()]
        if not lines:
            return f"{type(self).__name__}({self.extra_repr()})"
        first = [self.extra_repr()] if self.extra_repr() else []
        return f"{type(self).__name__}(\n  " + "\n  ".join(first + lines) + "\n)"


def parts(value, name=""):
    """Pairs of name and part, for every Module and State in a dict, list or tuple, and in those inside it."""
    if isinstance(value, (Module, engine.State)):
        yield name, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from parts(item, f"{name}.{key}" if name else str(key))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from parts(item, f"{name}.{index}" if name else str(index))


def has_parts(value):
    return any(True for _ in parts(value))


def is_parameter(part):
    return isinstance(part, Parameter) or (isinstance(part, engine.State) and part.requires_grad)


def is_buffer(part):
    return isinstance(part, engine.State) and not is_parameter(part)


def note_replaced(value):
    """The modules in `value` lose the place that they had."""
    for _, part in parts(value):
        if isinstance(part, Module):
            object.__setattr__(part, "replaced", part.replaced + 1)


def adopt(value):
    """A tensor that requires a gradient becomes a Parameter when a module takes it, and stays one when frozen."""
    for _, part in parts(value):
        if type(part) is State and part.requires_grad:
            part.__class__ = Parameter


def each_once(named, belongs) -> Any:
    """Those of the pairs of name and State that `belongs` chooses, each State under its first name only."""
    seen = set()
    for name, state in named:
        if belongs(state) and state not in seen:
            seen.add(state)
            yield name, state
