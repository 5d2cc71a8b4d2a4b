"""Optimizer: what all methods share: groups, slots, the loop over parameters, saving and loading."""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from pellucid import engine
from pellucid.engine import Spec, enable_grad, mode, no_grad
from pellucid.errors import ArgumentError, StateDictError, UnsupportedError
from pellucid.optim.group import NOTES, ParamGroup
from pellucid.optim.slots import Slots
from pellucid.tensors import State, Tensor, as_tensor, zeros_like

# How PyTorch is to run a step, which changes none of its numbers; what is set here is refused or has no effect.
FOR_SPEED = ("foreach", "fused")
EXECUTION = {
    **dict.fromkeys(FOR_SPEED),
    "capturable": "Leave it out: pc.compile records any optimizer, and there are no CUDA graphs.",
    "differentiable": "Write the step with tensors, w = w - lr * grad, and backward(create_graph=True).",
}


class Optimizer:
    """Changes parameters according to their gradients. A subclass says how, in `update(group)`.

    `params` is an iterable of Parameters, or of dicts with "params" and hyper-parameters of their own. `maximize`
    goes up the slope instead of down. PyTorch's `foreach` and `fused` choose how a step is run there: they are taken
    and have no effect, for pc.compile makes one pass of a step. `capturable` and `differentiable` are refused.

    `state` maps each parameter to its slots, States that are made here and never later: a step that is being
    recorded cannot make any. To write one, `optimizer.state[w]["exp_avg"] = x`, changes its numbers.
    """

    training = True  # with structure_snapshot, what a recorded program asks of its modules
    says_changes = True  # parameters are added by add_param_group only, so there is nothing to ask in every call
    limits: ClassVar[dict] = {}  # number -> Limit, for every hyper-parameter that is a number
    optional = ()  # hyper-parameters that leave out a part of the computation when they are 0

    def __init__(self, params, execution=(), **defaults):
        check_execution(type(self).__name__, dict(execution), defaults)
        self.defaults = defaults
        self.param_groups: tuple[ParamGroup, ...] = ()  # no list: compiled steps rely on what is in there
        self.slots = {}  # parameter -> Slots
        params = as_list(type(self).__name__, params)
        for group in params if isinstance(params[0], dict) else [{"params": params}]:
            self.add_param_group(group)

    def add_param_group(self, param_group):
        """Take over more parameters, with hyper-parameters of their own where the dict has them."""
        name = type(self).__name__
        if not isinstance(param_group, dict):
            raise ArgumentError(
                f"{name}: a group of parameters is a dict, not a {type(param_group).__name__}.",
                remedy='Write {"params": [...]} for each group, or parameters only.',
            )
        values = {**self.defaults, **param_group}
        params = as_list(name, values.pop("params", []))
        unknown = [key for key in values if key not in self.defaults and key not in NOTES]
        if unknown:
            raise ArgumentError(f"{name} has no hyper-parameter {unknown[0]!r}; it has {', '.join(self.defaults)}.")
        seen = set(self.slots)
        for position, parameter in enumerate(params):
            check_parameter(name, position, parameter)
            if parameter in seen:
                raise ArgumentError(f"{name}: parameter {position} of shape {parameter.shape} is given twice.")
            seen.add(parameter)
        group = ParamGroup(name, params, values, self.limits, self.optional)
        self.check_group(group)
        slots = {parameter: Slots(name, self.make_slots(parameter, group)) for parameter in params}
        self.param_groups = (*self.param_groups, group)
        self.slots.update(slots)
        mode.structure += 1

    @property
    def state(self):
        """The slots of each parameter, to read: parameter -> name -> State."""
        return MappingProxyType(self.slots)

    def check_group(self, group):
        """Refuse hyper-parameters that do not go together."""

    def make_slots(self, parameter, group):
        """What is remembered for a parameter from step to step: name -> State."""
        return {}

    def step(self, closure=None) -> Any:
        """Change every parameter that has a gradient. Returns what `closure` does, which is called first if given."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        if mode.local.recording is not None:
            mode.local.recording.guard_module(self)
        with no_grad():
            for group in self.param_groups:
                self.update(group)
        return loss

    def update(self, group):
        """One step for the parameters of a group: the formulas of the method."""
        raise NotImplementedError(f"{type(self).__name__} has no update method.")

    def with_gradients(self, group):
        """(parameter, gradient, slots) for each parameter that has a gradient; the others stay as they are.

        To maximize is to minimize the negative, so the gradient changes its sign then.
        """
        upward = "maximize" in group and group["maximize"]
        for parameter in group["params"]:
            gradient = parameter.grad
            if gradient is not None:
                yield parameter, -gradient if upward else gradient, self.slots[parameter]

    def zero_grad(self, set_to_none=True):
        """Forget the gradients, so that the next backward does not add to them."""
        for group in self.param_groups:
            for parameter in group["params"]:
                forget(parameter, set_to_none)

    def structure_snapshot(self):
        """What a recorded step takes for granted: which parameters there are."""
        return hash(tuple(self.slots))  # of which parameters they are, not of their numbers

    # ---- saving and loading

    def state_dict(self):
        """Slots (as copies, by the parameter's number) and hyper-parameters (as Python numbers)."""
        number = {parameter: i for i, parameter in enumerate(self.slots)}
        slots = {number[p]: {name: slot.detach() for name, slot in own.items()} for p, own in self.slots.items()}
        groups = []
        for group in self.param_groups:
            saved = dict(group.items())
            saved["params"] = [number[parameter] for parameter in group["params"]]
            groups.append(saved)
        return {"state": slots, "param_groups": groups}

    def load_state_dict(self, state_dict):
        """Take over saved slots and hyper-parameters. Everything is checked before anything is written.

        The state of a PyTorch optimizer of the same name fits as well, once its tensors are arrays.
        """
        if not isinstance(state_dict, dict) or not {"param_groups", "state"} <= set(state_dict):
            raise self.unfit("an optimizer's state_dict has the keys 'state' and 'param_groups'")
        groups, slots = state_dict["param_groups"], state_dict["state"]
        came, own = [len(group["params"]) for group in groups], [len(group["params"]) for group in self.param_groups]
        if came != own:
            raise self.unfit(f"groups of {own} parameters are here, but groups of {came} were saved")
        changes = [
            {name: saved_value(value) for name, value in group.items() if name not in ("params", *EXECUTION)}
            for group in groups
        ]
        for group, change in zip(self.param_groups, changes, strict=True):
            off = {name for name in dict(group) if dict.__getitem__(group, name) is False}  # may be newer than the file
            one_sided = (set(change) ^ (set(group) - {"params"})) - NOTES - (off - set(change))
            if one_sided:
                raise self.unfit(f"hyper-parameters {sorted(one_sided)} are on one side only")
            try:
                for name, value in change.items():
                    group.check_change(name, value)
            except ArgumentError as error:
                raise self.unfit(error.message.rstrip(".")) from error
        writes = list(self.matched_slots(slots))
        for group, change in zip(self.param_groups, changes, strict=True):
            group.update(change)
        for slot, value in writes:
            slot.assign(value)

    def matched_slots(self, saved):
        """Pairs of slot and saved value, all of them fitting."""
        for number, (parameter, own) in enumerate(self.slots.items()):
            values = saved.get(number, saved.get(str(number)))  # JSON turns numbers into strings
            if values is None:  # PyTorch makes slots in the first step with a gradient: there was none
                values = self.make_slots(parameter, self.group_of(parameter))
            if "step" in own and values and "step" not in values:  # PyTorch's SGD does not count, but has made steps
                values = {**values, "step": 1}
            if set(values) != set(own):
                raise self.unfit(f"parameter {number} has the slots {sorted(own)}, but {sorted(values)} were saved")
            for name, slot in own.items():
                value = as_tensor(values[name]).detach()
                if value.shape != slot.shape:
                    wanted, came = Spec(slot.shape, slot.dtype), Spec(value.shape, value.dtype)
                    raise self.unfit(
                        f"{name} of parameter {number} ({parameter.shape}) is {wanted}, but {came} was saved"
                    )
                yield slot, value

    def group_of(self, parameter):
        """The group that a parameter belongs to."""
        return next(group for group in self.param_groups if any(parameter is own for own in group["params"]))

    def unfit(self, why):
        """The error for saved values that belong to another optimizer."""
        return StateDictError(
            f"the saved values do not fit {type(self).__name__}: {why}. Nothing was loaded.",
            remedy="Make the optimizer as the saved one was made, with the same parameters.",
        )

    def __repr__(self):
        lines = [f"{type(self).__name__} ("]
        for number, group in enumerate(self.param_groups):
            numbers = ", ".join(f"{name}={value!r}" for name, value in group.items() if name != "params")
            lines.append(f"  group {number}: {len(group['params'])} parameters, {numbers}")
        return "\n".join([*lines, ")"])


def forget(parameter, set_to_none=True):
    """Set a gradient to None (or to zeros, if there is one).

    None is set without a look at what was there: a recorded step that has looked would need a second program.
    """
    if set_to_none:
        parameter.grad = None
    elif parameter.grad is not None:
        parameter.grad = zeros_like(parameter.grad)


def as_list(name, params):
    """The parameters as a list that is not empty."""
    if isinstance(params, Tensor):
        raise ArgumentError(f"{name} takes a list of parameters, not a single tensor.", remedy="Write [parameter].")
    if hasattr(params, "parameters"):
        raise ArgumentError(f"{name} takes parameters, not a module.", remedy="Write model.parameters().")
    if not isinstance(params, Iterable):
        raise ArgumentError(
            f"{name} takes a list of parameters, not a {type(params).__name__}.", remedy="Write model.parameters()."
        )
    params = list(params)
    if not params:
        raise ArgumentError(
            f"{name} was given no parameters.",
            remedy="Has the model any? A generator such as model.parameters() is empty after its first use.",
        )
    return params


def check_parameter(name, position, parameter):
    """Only a State of floats can be learned."""
    if isinstance(parameter, tuple) and len(parameter) == 2:
        raise ArgumentError(f"{name} takes parameters without names.", remedy="Write model.parameters().")
    if not isinstance(parameter, engine.State) or parameter.array.dtype.kind != "f":
        what = (
            "a tensor that requires no gradient" if isinstance(parameter, Tensor) else f"a {type(parameter).__name__}"
        )
        if isinstance(parameter, Tensor) and not parameter.is_leaf:
            what = "the result of a computation"
        raise ArgumentError(
            f"{name} learns Parameters, but number {position} is {what}.",
            remedy="Make it with nn.Parameter(...) or pc.tensor(..., requires_grad=True).",
        )


def check_execution(name, execution, defaults):
    """Let pass what only means speed, refuse what cannot be had, and what there is not."""
    for option, value in execution.items():
        if option not in EXECUTION:
            raise ArgumentError(f"{name} has no hyper-parameter {option!r}; it has {', '.join(defaults)}.")
        if value and option not in FOR_SPEED:
            raise UnsupportedError(f"{name} has no {option} step.", remedy=EXECUTION[option])


def count_state():
    """A slot that counts steps. It is a float64, for formulas raise numbers to its power."""
    return State(np.float64(0.0))


def zeros_state(parameter):
    """A slot of zeros in the shape of the parameter."""
    return State(zeros_like(parameter))


def saved_value(value):
    """JSON turns tuples into lists."""
    return tuple(value) if isinstance(value, list) else value
