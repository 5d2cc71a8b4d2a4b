"""What all schedules share: base learning rates, the count of epochs, saving and loading."""

from pellucid.engine import mode
from pellucid.errors import ArgumentError, RecordingError, StateDictError
from pellucid.optim.optimizer import Optimizer


class LRScheduler:
    """Sets the learning rate of each group again whenever `step()` is called: after each epoch, or after each batch.

    A subclass says in `get_lr()` which learning rates there are in epoch `last_epoch`, which counts from 0. The
    learning rates are States: a compiled step sees the new ones and is not recorded again.

    `base_lrs` are the learning rates with which the optimizer was made; all schedules of one optimizer share them.
    `last_epoch=-1` begins. Another number goes on after that epoch; the optimizer's state has been loaded then.
    """

    kept = ("base_lrs", "last_epoch", "_last_lr")  # what state_dict must have; the rest is options

    def __init__(self, optimizer, last_epoch=-1):
        name = type(self).__name__
        self.optimizer = checked_optimizer(name, optimizer)
        for number, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise ArgumentError(
                    f"{name} shall go on after epoch {last_epoch}, but group {number} has no initial_lr.",
                    remedy="Load the optimizer's state first; or begin with last_epoch=-1 and call load_state_dict.",
                )
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self.begin()

    def begin(self):
        """Set the learning rates of the first epoch."""
        self.beginning = True
        self.step()
        self.beginning = False

    def get_lr(self):
        """The learning rate of each group in epoch `last_epoch`."""
        raise NotImplementedError(f"{type(self).__name__} has no get_lr method.")

    def step(self):
        """An epoch is over: set the learning rates of the next."""
        refuse_recording()
        self.last_epoch += 1
        self.write(self.get_lr())

    def restart(self):
        """Set the learning rates of epoch 0 once more: SequentialLR has come to this schedule."""
        self.last_epoch = 0
        self.write(self.get_lr())

    def write(self, rates):
        """Give every group its learning rate."""
        if len(self.optimizer.param_groups) != len(rates) or len(rates) != len(self.base_lrs):
            raise ArgumentError(
                f"{type(self).__name__} was made for {len(self.base_lrs)} groups of parameters, but the optimizer has "
                f"{len(self.optimizer.param_groups)} now.",
                remedy="Make the schedule after add_param_group.",
            )
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
        self._last_lr = current(self.optimizer)

    def get_last_lr(self):
        """The learning rate of each group, as this schedule has set it last."""
        return list(self._last_lr)

    def state_dict(self):
        """Where the schedule stands, and its options. Functions, such as lr_lambda, are not in it."""
        passing = ("optimizer", "beginning")
        return {name: copied(v) for name, v in vars(self).items() if name not in passing and is_plain(v)}

    def load_state_dict(self, state_dict):
        """Go on where a saved schedule stood; the learning rates are set accordingly. PyTorch's states fit as well."""
        missing = [name for name in self.kept if name not in state_dict]
        groups = len(self.optimizer.param_groups)
        if missing or any(len(state_dict[name]) != groups for name in ("base_lrs", "_last_lr") if name in self.kept):
            raise StateDictError(
                f"the saved values do not fit {type(self).__name__} of {groups} groups. Nothing was loaded.",
                remedy="Load what state_dict() of such a schedule gave; an optimizer has a state of its own.",
            )
        for name, value in state_dict.items():
            if name in vars(self) and is_plain(value) and is_plain(vars(self)[name]):  # functions stay
                setattr(self, name, copied(value))
        self.write(self._last_lr)


def checked_optimizer(name, optimizer):
    """Refuse what is no optimizer."""
    if not isinstance(optimizer, Optimizer):
        raise ArgumentError(
            f"{name} needs an optimizer, not a {type(optimizer).__name__}.", remedy=f"Write {name}(optimizer, ...)."
        )
    return optimizer


def refuse_recording():
    """A schedule counts in Python, and a program does not repeat that."""
    if mode.local.recording is not None:
        raise RecordingError(
            "a schedule was stepped inside a step that is being recorded, where it would count once only.",
            remedy="Call schedule.step() outside of the compiled step: it sees the new learning rate.",
        )


def current(optimizer):
    """The learning rate of each group now."""
    return [group["lr"] for group in optimizer.param_groups]


def for_each_group(name, what, value, optimizer):
    """One value for all groups, or a list with one for each."""
    groups = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        return [value] * groups
    if len(value) != groups:
        raise ArgumentError(f"{name}: there are {groups} groups of parameters, but {len(value)} values of {what}.")
    return list(value)


def require(name, what, value, fits, needed):
    """Refuse an option that makes no sense."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not fits(value):
        raise ArgumentError(f"{name}: {what} is {needed}, not {value!r}.")


def require_count(name, what, value):
    """A whole number of at least 1."""
    require(name, what, value, lambda value: isinstance(value, int) and value >= 1, "a whole number of at least 1")


def is_plain(value):
    """Can a file hold it? Numbers, texts, None, and lists of them."""
    if isinstance(value, (list, tuple)):
        return all(is_plain(part) for part in value)
    return value is None or isinstance(value, (bool, int, float, str))


def copied(value):
    return list(value) if isinstance(value, (list, tuple)) else value
