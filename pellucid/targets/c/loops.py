"""A small language for loop nests, between the graph and the text in C.

A Nest is a list of statements that are made once for each element of a shape:

    Load      name = buffer[where]                       the only way in
    Let       name = an expression of earlier names
    Store     buffer[where] = name                       the ways out
    AddTo     buffer[where + index] += name
    Reduce    buffer[where, without the reduced axes] = the sum, maximum or position of the maximum of name

`where` is an Access: a start and a number of steps for each axis of the nest. `verify` refuses a name that is used
before it is made. How the loops are ordered, merged and written is told in `targets/c/nests.py`.
"""

from typing import Any, NamedTuple


class Access(NamedTuple):
    """Element start + sum of steps[axis] * position[axis] of a buffer (None: of nothing, the number itself)."""

    buffer: Any
    start: int
    steps: dict  # axis of the nest -> elements from one position to the next; axes that do not matter are left out


class Load(NamedTuple):
    """`index` is a name whose value, times `by`, is added to the place: what Gather reads."""

    name: str
    kind: str  # the C type
    access: Access
    index: str | None = None
    by: int = 0


class Let(NamedTuple):
    """`text` with {0}, {1}, ... for the names in `inputs`; {at} is the number that `access` gives, if there is one."""

    name: str
    kind: str
    text: str
    inputs: tuple = ()
    access: Access | None = None


class Store(NamedTuple):
    """Write the value of a name."""

    access: Access
    kind: str
    value: str


class AddTo(NamedTuple):
    """Add the value of a name where `index` says. The positions are visited in order, by one thread for each."""

    access: Access
    kind: str
    value: str
    index: str
    by: int


class Reduce(NamedTuple):
    """One element for all positions along the reduced axes. `how`: sum, any, max or argmax."""

    access: Access
    kind: str
    value: str
    how: str
    count: int  # how many elements become one
    of: str = ""  # the C type of the value


class Nest:
    """Statements over a shape; `axes` are reduced. `functions` are pieces of runtime/math that the statements call."""

    def __init__(self, shape, axes=()):
        self.shape = tuple(shape)
        self.axes = tuple(axes)
        self.statements = []
        self.functions = set()
        self.names = 0

    def new_name(self):
        """v0, v1, v2, ..."""
        self.names += 1
        return f"v{self.names - 1}"

    def load(self, kind, access, index=None, by=0):
        """A new name for an element of memory. Asking twice for the same element gives the same name."""
        for statement in self.statements:
            if isinstance(statement, Load) and statement[1:] == (kind, access, index, by):
                return statement.name
        self.statements.append(Load(self.new_name(), kind, access, index, by))
        return self.statements[-1].name

    def let(self, kind, text, inputs=(), access=None):
        """A new name for an expression."""
        self.statements.append(Let(self.new_name(), kind, text, tuple(inputs), access))
        return self.statements[-1].name

    def add(self, statement):
        """Put a Store, AddTo or Reduce at the end."""
        self.statements.append(statement)

    def accesses(self):
        """Every Access of the nest, in order."""
        return [statement.access for statement in self.statements if statement.access is not None]


def used_names(statement):
    """The names that a statement reads. Numbers written out may stand in place of names."""
    match statement:
        case Load(index=index):
            used = () if index is None else (index,)
        case Let(inputs=inputs):
            used = inputs
        case AddTo(value=value, index=index):
            used = (value, index)
        case _:
            used = (statement.value,)
    return tuple([name for name in used if name.startswith("v")])


def verify(nest):
    """Each name is made once, before it is used, and every statement stays inside of the shape's axes."""
    made = set()
    for statement in nest.statements:
        missing = [name for name in used_names(statement) if name not in made]
        assert not missing, f"{statement} uses {missing} before it is made"
        if isinstance(statement, (Load, Let)):
            assert statement.name not in made, f"{statement.name} is made twice"
            made.add(statement.name)
        if statement.access is not None:
            assert set(statement.access.steps) <= set(range(len(nest.shape))), f"{statement} leaves the nest"
        if isinstance(statement, Reduce):
            assert not set(statement.access.steps) & set(nest.axes), f"{statement} keeps a reduced axis"
    return nest
