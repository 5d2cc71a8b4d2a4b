"""A small language for loop nests, between the graph and the text in C.

A Nest is a list of statements that are made once for each element of a shape:

    Load      name = buffer[where]                       the only way in
    Let       name = an expression of earlier names
    Store     buffer[where] = name                       the ways out
    AddTo     buffer[where + index] += name
    Part      part of this unit of work[where] += name
    Reduce    name = the sum, maximum or position of the maximum of another name along the reduced axes

`where` is an Access: a start and a number of steps for each axis of the nest. What Reduce gives is there when the loops
over the reduced axes are done, so statements that use it belong to the next phase, for which these loops run again.
`verify` refuses a name that is used before it is made, and memory of the nest's own that is read before it is written.
How the loops are ordered, merged and written is told in `fusion/layout.py`.
"""

from typing import Any, NamedTuple


class Access(NamedTuple):
    """Element start + sum of steps[axis] * position[axis] of a buffer (None: of nothing, the number itself)."""

    buffer: Any
    start: int
    steps: dict  # axis of the nest -> elements from one position to the next; axes that do not matter are left out


class Own(NamedTuple):
    """Memory of the kernel's own: a `row` keeps values of one row for a later phase, a `part` those of Part."""

    what: str
    number: int

    @property
    def name(self):
        return f"{self.what}{self.number}"


class Load(NamedTuple):
    """`index` is a name whose value, times `by`, is added to the place: what Gather reads."""

    name: str
    kind: str  # the C type
    access: Access
    index: str | None = None
    by: int = 0
    phase: int = 0


class Let(NamedTuple):
    """`text` with {0}, {1}, ... for the names in `inputs`; {at} is the number that `access` gives, if there is one."""

    name: str
    kind: str
    text: str
    inputs: tuple = ()
    access: Access | None = None
    phase: int = 0


class Store(NamedTuple):
    """Write the value of a name."""

    access: Access
    kind: str
    value: str
    phase: int = 0


class AddTo(NamedTuple):
    """Add the value of a name where `index` says. The positions are visited in order, by one thread for each."""

    access: Access
    kind: str
    value: str
    index: str
    by: int
    phase: int = 0


class Part(NamedTuple):
    """Add the value of a name to the part of this unit: `width` numbers, whose place the access tells."""

    access: Access
    kind: str
    value: str
    width: int
    count: int  # how many elements become one
    phase: int = 0


class Reduce(NamedTuple):
    """One value for all positions along the reduced axes. `how`: sum, any, max or argmax."""

    name: str
    kind: str
    value: str
    how: str
    count: int  # how many elements become one
    of: str  # the C type of the value
    phase: int = 0

    access = None


class Touched(NamedTuple):
    """A list of the rows of a table that `count` indices name, and of their positions among the indices."""

    buffer: Any
    count: int
    rows: int


class Nest:
    """Statements over a shape; `axes` are reduced. `functions` are pieces of runtime/math that the statements call.

    `touched` is a list of rows (see `targets/c/touched.py`), if the first axis is not walked from end to end: the nest
    visits the listed positions only. If it `adds`, its first `listed` axes are those of the indices instead: it goes
    through the listed rows of a table, and through the positions of each, and AddTo adds to that row, which is called
    `row`.
    """

    def __init__(self, shape, axes=()):
        self.touched = None
        self.listed = 0
        self.adds = False
        self.shape = tuple(shape)
        self.axes = tuple(axes)
        self.statements = []
        self.functions = set()
        self.names = 0

    def new_name(self):
        """v0, v1, v2, ..."""
        self.names += 1
        return f"v{self.names - 1}"

    def load(self, kind, access, index=None, by=0, phase=0):
        """A new name for an element of memory. Asking twice for the same element gives the same name."""
        for statement in self.statements:
            if isinstance(statement, Load) and statement[1:] == (kind, access, index, by, phase):
                return statement.name
        self.statements.append(Load(self.new_name(), kind, access, index, by, phase))
        return self.statements[-1].name

    def let(self, kind, text, inputs=(), access=None, phase=0):
        """A new name for an expression."""
        self.statements.append(Let(self.new_name(), kind, text, tuple(inputs), access, phase))
        return self.statements[-1].name

    def add(self, statement):
        """Put another statement at the end."""
        self.statements.append(statement)

    @property
    def phases(self):
        """The number of phases."""
        return 1 + max([statement.phase for statement in self.statements], default=0)

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


def without_unused(statements):
    """The statements without values that nobody uses: what a later phase has had again need not be made before."""
    used, kept = set(), []
    for statement in reversed(statements):
        if not isinstance(statement, (Load, Let)) or statement.name in used:
            used.update(used_names(statement))
            kept.append(statement)
    return kept[::-1]


def verify(nest):
    """Put the statements in order of their phases, and see that each name and each memory is made before it is used."""
    statements = sorted(nest.statements, key=lambda statement: statement.phase)  # keeps the order within a phase
    nest.statements = without_unused(statements)
    ready, written = {}, {s.access.buffer for s in nest.statements if isinstance(s, Store)}
    for s in nest.statements:
        late = [name for name in used_names(s) if ready.get(name, s.phase + 1) > s.phase]
        assert not late, f"{s} uses {late} before it is made"
        if isinstance(s, (Load, Let, Reduce)):
            assert s.name not in ready, f"{s} is made twice"
            ready[s.name] = s.phase + isinstance(s, Reduce)
        if s.access is not None:
            assert set(s.access.steps) <= set(range(len(nest.shape))), f"{s} leaves the nest"
            if isinstance(s, Store):
                written.discard(s.access.buffer)
            assert not isinstance(s, Load) or s.access.buffer not in written, f"{s} reads what is not yet written"
    return nest
