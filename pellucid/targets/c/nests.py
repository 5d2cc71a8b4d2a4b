"""From a Nest to a function in C.

The kept axes are the outer loops, the first of them shared out among threads in blocks of fixed size; the reduced axes
are the inner loops. Neighbouring axes through which every access walks as through one are merged. Each statement stands
in the outermost loop in which it is known, so whatever does not change in a loop is a local in front of it. The
innermost loop is `omp simd`: it is vectorized because we say so, not because the compiler found out.

If the last axis is kept while others are reduced (the sum of each column), it is cut into strips of LANES elements, and
each sum of a strip is one lane of an array: so memory is still walked in order.
"""

import hashlib
import math
from typing import NamedTuple

from pellucid.targets.c.loops import AddTo, Let, Load, Reduce, Store, used_names

LANES = 64
PRECISE = 256  # sums of more than so many floats are kept in double: rounding grows with the number of terms
SERIAL = 60_000  # steps of work below which waking other threads costs more than it brings
UNIT = 32_768  # steps of work that one thread takes at a time
LETTERS = "ijklmoqrtu"  # the first loop variables
LANE = "lane"  # stands for the innermost loop over a strip


class Kernel(NamedTuple):
    """A function in C, and what one call of it is given. `units` of work can be done in any order, by any thread."""

    name: str
    text: str
    functions: tuple  # pieces of runtime/math that it needs
    pointers: list  # (buffer, start), in the order of the function's p[]
    sizes: list  # the function's n[]
    units: int


class Number(NamedTuple):
    """A constant that is handed to a kernel, so that kernels that differ in nothing else are one."""

    text: str
    kind: str


class Writer:
    """Writes one nest. `pointers` and `sizes` collect what a call must hand over."""

    def __init__(self, nest):
        self.nest = nest
        self.statements = nest.statements
        self.extents = {axis: n for axis, n in enumerate(nest.shape) if n != 1}
        self.steps = {id(access): dict(access.steps) for access in nest.accesses()}  # as merging leaves them
        self.ordered = any(isinstance(s, AddTo) or getattr(s, "how", "") == "argmax" for s in self.statements)
        kept = self.merged([axis for axis in self.extents if axis not in nest.axes])
        reduced = self.merged([axis for axis in self.extents if axis in nest.axes])
        self.strip = kept[-1] if kept and reduced and kept[-1] > max(reduced) else None
        self.loops = [*kept, *reduced] if self.strip is None else [*kept, *reduced, LANE]
        self.kept = len(kept)
        self.variable = {axis: loop_variable(number) for number, axis in enumerate(self.loops)}
        self.levels = self.find_levels()
        self.rounds, self.block = self.share_out()
        self.pointers, self.declared = [], []
        self.sizes = [self.rounds, self.block]
        self.names = {}  # what was declared -> its name

    # ---- how the loops lie

    def merged(self, axes):
        """The axes after making one of neighbours through which every access walks as through one."""
        left = []
        for axis in axes:
            n = self.extents[axis]
            if left and all(steps.get(left[-1], 0) == steps.get(axis, 0) * n for steps in self.steps.values()):
                self.extents[axis] *= self.extents.pop(left[-1])
                for steps in self.steps.values():
                    steps.pop(left[-1], None)
                left.pop()
            left.append(axis)
        return left

    def find_levels(self):
        """For each statement: inside of how many loops it stands."""
        deepest = len(self.loops)
        of_name, levels = {}, []
        for statement in self.statements:
            level = max([of_name[name] for name in used_names(statement)], default=0)
            if statement.access is not None:
                for axis, step in self.steps[id(statement.access)].items():
                    if step and axis in self.variable:
                        level = max(level, deepest if axis == self.strip else self.loops.index(axis) + 1)
            if isinstance(statement, (Reduce, AddTo)):
                level = deepest
            levels.append(level)
            if isinstance(statement, (Load, Let)):
                of_name[statement.name] = level
        return levels

    def share_out(self):
        """The rounds of the outermost loop, and how many of them are one unit of work. Shapes alone decide."""
        if not self.kept:
            return 1, 1
        outermost = self.loops[0]
        rounds = self.extents[outermost]
        if outermost == self.strip:
            rounds = -(-rounds // LANES)
        work = math.prod(self.extents.values()) * len(self.statements)
        apart = all(self.steps[id(s.access)].get(outermost) for s in self.statements if isinstance(s, AddTo))
        if work < max(SERIAL, 1) or not apart:
            return rounds, max(rounds, 1)
        block = max(1, math.ceil(UNIT * rounds / work))
        if len(self.loops) == 1:
            block = -(-block // 1024) * 1024  # whole cache lines, and whole vectors, for each thread
        return rounds, block

    # ---- names for what a call hands over

    def size(self, what, value):
        """The name of a number in n[]: the length of a loop, or the steps of an access."""
        if what not in self.names:
            count = sum(1 for name in self.names.values() if name[0] == "s")
            self.names[what] = f"n_{what}" if isinstance(what, str) else f"s{count}"
            self.declared.append(f"const int64_t {self.names[what]} = n[{len(self.sizes)}];")
            self.sizes.append(value)
        return self.names[what]

    def length(self, axis):
        return self.size(self.variable[axis], self.extents[axis])

    def pointer(self, access, kind, written):
        """The name of the pointer to where an access begins."""
        key = (access.buffer, access.start, written)
        if key not in self.names:
            letter = "y" if written else "x"
            count = sum(1 for name in self.names.values() if name[0] == letter)
            self.names[key] = f"{letter}{count}"
            const = "" if written else "const "
            self.declared.append(f"{const}{kind} *{self.names[key]} = p[{len(self.pointers)}];")
            self.pointers.append((access.buffer, access.start))
        return self.names[key]

    def factor(self, step):
        """A number of steps in words: nothing for 1, lengths of loops for arrays that lie in order, else a size."""
        inner = []
        product = 1
        for axis in sorted(self.extents, reverse=True):
            if product == step:
                break
            inner.append(axis)
            product *= self.extents[axis]
        if product == step and step != 0:
            return "".join(f" * {self.length(axis)}" for axis in reversed(inner))
        return f" * {self.size(('step', step), step)}"

    def place(self, access):
        """Where an access is, in loop variables."""
        terms = []
        for axis in self.loops:
            step = self.steps[id(access)].get(axis, 0) if axis != LANE else 0
            if step:
                at, by = self.variable[axis], self.factor(step)
                if axis == self.strip:
                    lane = self.variable[LANE]
                    at = f"({at} + {lane})" if by else f"{at} + {lane}"
                terms.append(at + by)
        return " + ".join(terms) or "0"

    # ---- text

    def write(self, title):
        """The Kernel; `title` says in a word what it does."""
        body = self.block_text(0, 1)
        head = [f"    {line}" for line in sorted(self.declared, key=lambda line: "p[" not in line)]
        share = "const int64_t first = begin * n[1], last = least(end * n[1], n[0]);"
        head.append(f"    {share if self.kept else '(void)n, (void)begin, (void)end;'}")
        text = "{\n" + "\n".join([*head, *body]) + "\n}\n"
        name = f"{title}_{hashlib.sha256(text.encode()).hexdigest()[:8]}"
        signature = f"KERNEL void {name}(void *const *p, const int64_t *n, int64_t begin, int64_t end)\n"
        units = -(-self.rounds // self.block) if self.kept else 1
        return Kernel(name, signature + text, tuple(sorted(self.nest.functions)), self.pointers, self.sizes, units)

    def block_text(self, level, depth):
        """The lines of the statements at this level and of the loops inside of it."""
        lines = []
        pad = "    " * depth
        reducing = [(i, s) for i, s in enumerate(self.statements) if isinstance(s, Reduce)]
        for statement, own in zip(self.statements, self.levels, strict=True):
            if own == level and not isinstance(statement, Reduce):
                lines.append(pad + self.statement(statement))
        if level == self.kept:
            for i, s in reducing:
                lines += [pad + line for line in self.prepare(i, s)]
        if level == len(self.loops):
            lines += [pad + line for i, s in reducing for line in self.update(i, s)]
        else:
            lines += self.loop_text(level, depth, reducing)
        if level == self.kept:
            for i, s in reducing:
                lines += [pad + line for line in self.finish(i, s)]
        return lines

    def loop_text(self, level, depth, reducing):
        """One loop and all that is in it."""
        pad = "    " * depth
        axis = self.loops[level]
        at = self.variable[axis]
        lines = []
        if level == len(self.loops) - 1 and not self.ordered:
            clauses = self.clauses(reducing) if self.strip is None and level >= self.kept else ""
            lines.append(f"{pad}#pragma omp simd{clauses}")
        if axis == LANE:
            lines.append(f"{pad}for (int64_t {at} = 0; {at} < lanes; {at}++) {{")
        elif axis == self.strip:
            start, stop = ("first", "last") if level == 0 else ("0", f"({self.length(axis)} + {LANES - 1}) / {LANES}")
            lines.append(f"{pad}for (int64_t strip = {start}; strip < {stop}; strip++) {{")
            lines.append(
                f"{pad}    const int64_t {at} = strip * {LANES}, lanes = least({LANES}, {self.length(axis)} - {at});"
            )
        elif level == 0 and self.kept:
            lines.append(f"{pad}for (int64_t {at} = first; {at} < last; {at}++) {{")
        else:
            lines.append(f"{pad}for (int64_t {at} = 0; {at} < {self.length(axis)}; {at}++) {{")
        return [*lines, *self.block_text(level + 1, depth + 1), pad + "}"]

    def statement(self, s):
        """One statement that is no reduction, as a line."""
        match s:
            case Load(name=name, kind=kind, access=access, index=index, by=by):
                place = self.place(access)
                if index is not None:
                    jump = f"{index} * {self.size(('jump', by), by)}" if by != 1 else index
                    place = jump if place == "0" else f"{place} + {jump}"
                return f"const {kind} {name} = {self.pointer(access, kind, written=False)}[{place}];"
            case Let(name=name, kind=kind, text=text, inputs=inputs, access=access):
                at = "" if access is None else self.place(access)
                return f"const {kind} {name} = {text.format(*inputs, at=at)};"
            case Store(access=access, kind=kind, value=value):
                return f"{self.pointer(access, kind, written=True)}[{self.place(access)}] = {value};"
            case AddTo(access=access, kind=kind, value=value, index=index, by=by):
                jump = f"{index} * {self.size(('jump', by), by)}" if by != 1 else index
                return f"{self.pointer(access, kind, written=True)}[{self.place(access)} + {jump}] += {value};"
        raise AssertionError(s)

    # ---- reductions: what is kept while the reduced loops run

    def clauses(self, reducing):
        """What the vectorizer must know of the running sums and maxima."""
        words = {"sum": "+:r{}", "any": "|:r{}", "max": "max:r{}"}
        found = [f"reduction({words[s.how].format(i)})" for i, s in reducing]
        found += [f"reduction(|:bad{i})" for i, s in reducing if s.how == "max" and s.of in ("float", "double")]
        return "".join(f" {clause}" for clause in found)

    def prepare(self, i, s):
        """The declarations before the reduced loops."""
        start = {"sum": "0", "any": "0", "max": smallest(s.of), "argmax": "0"}[s.how]
        variables = [(running_type(s), f"r{i}", start)]
        if s.how == "max" and s.of in ("float", "double"):
            variables.append(("int", f"bad{i}", "0"))
        if s.how == "argmax":
            variables.append(("int64_t", f"at{i}", "-1"))
        if self.strip is None:
            return [f"{kind} {name} = {value};" for kind, name, value in variables]
        at = self.variable[LANE]
        lines = [f"{kind} {name}[{LANES}];" for kind, name, _ in variables]
        values = " ".join(f"{name}[{at}] = {value};" for _, name, value in variables)
        return [*lines, f"for (int64_t {at} = 0; {at} < {LANES}; {at}++) {{ {values} }}"]

    def update(self, i, s):
        """One more element."""
        lane = "" if self.strip is None else f"[{self.variable[LANE]}]"
        r, bad, at, v = f"r{i}{lane}", f"bad{i}{lane}", f"at{i}{lane}", s.value
        match s.how:
            case "sum":
                return [f"{r} += {v};"]
            case "any":
                return [f"{r} |= {v};"]
            case "max":
                lines = [f"{r} = {v} > {r} ? {v} : {r};"]
                return [*lines, f"{bad} |= {v} != {v};"] if s.of in ("float", "double") else lines
        position = self.variable[self.loops[self.kept]] if len(self.loops) > self.kept else "0"
        return [f"if ({at} < 0 || {v} > {r} || ({v} != {v} && {r} == {r})) {r} = {v}, {at} = {position};"]

    def finish(self, i, s):
        """Write the result."""
        lane = "" if self.strip is None else f"[{self.variable[LANE]}]"
        result = f"at{i}{lane}" if s.how == "argmax" else f"r{i}{lane}"
        if s.how == "max" and s.of in ("float", "double"):
            suffix = "f" if s.of == "float" else ""
            result = f'bad{i}{lane} ? __builtin_nan{suffix}("") : {result}'
        line = f"{self.pointer(s.access, s.kind, written=True)}[{self.place(s.access)}] = {result};"
        if self.strip is None:
            return [line]
        at = self.variable[LANE]
        return [f"for (int64_t {at} = 0; {at} < lanes; {at}++)", f"    {line}"]


def loop_variable(number):
    """i, j, k, ...; an array has at most 64 axes."""
    return LETTERS[number] if number < len(LETTERS) else f"i{number}"


def running_type(s):
    """In what type a sum or maximum is kept: floats in double if there are many, whole numbers in 64 bits."""
    if s.how in ("max", "argmax"):
        return s.of
    if s.how == "any":
        return "int"
    if s.of in ("float", "double"):
        return "double" if s.count > PRECISE else s.of
    return "uint64_t" if s.of.startswith("u") else "int64_t"


def smallest(kind):
    """What every number of this C type is at least as large as."""
    if kind == "float":
        return "-__builtin_inff()"
    if kind == "double":
        return "-__builtin_inf()"
    return "0" if kind.startswith("u") else f"{kind[:-2].upper()}_MIN"
