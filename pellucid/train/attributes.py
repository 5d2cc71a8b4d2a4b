"""What layers note down in their attributes while they are called: a program would not note it down again."""

from pellucid.errors import RecordingError

PLAIN = (bool, int, float, str, type(None))
MISSING = object()


class Watched:
    """Inside the `with` block a model may be called; at the end its attributes are put back.

    Raises RecordingError at the end if there were changes: a count of calls, say, or an activation that is kept to be
    looked at later. In eager code they happen in each step, in a program never.
    """

    def __init__(self, model):
        self.before = {module: seen(module) for module in model.modules()}

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        changed = [name for module, before in self.before.items() for name in put_back(module, before)]
        if changed and error is None:
            raise RecordingError(
                f"{' and '.join(changed)} changes whenever the model is called, and in a compiled step it would not."
            )


def seen(module):
    """The attributes of a module: name -> (value, what is inside if it is a list or a dict)."""
    return {name: (value, inside(value)) for name, value in vars(module).items()}


def inside(value):
    """A copy of a list or a dict; None for anything else."""
    return value.copy() if type(value) in (list, dict) else None


def put_back(module, before):
    """Give a module the attributes that it had. Returns the names of those that had changed."""
    now = vars(module)
    changed = []
    for name in [*before, *[name for name in now if name not in before]]:
        value, content = before.get(name, (MISSING, None))
        if same(now.get(name, MISSING), value) and same_inside(value, content):
            continue
        changed.append(f"{type(module).__name__}.{name}")
        if type(value) is list:
            value[:] = content
        elif type(value) is dict:
            value.clear()
            value.update(content)
        if value is MISSING:
            delattr(module, name)
        else:
            setattr(module, name, value)
    return changed


def same(a, b):
    """One object, or plain values that are equal."""
    return a is b or (type(a) is type(b) and isinstance(a, PLAIN) and a == b)


def same_inside(value, content):
    """Has a list or a dict the parts that it had?"""
    if type(value) is list:
        return len(value) == len(content) and all(map(same, value, content))
    if type(value) is dict:
        return value.keys() == content.keys() and all(same(value[key], content[key]) for key in content)
    return True
