"""From a Nest to a function in C: the text of its loops and statements, as `fusion/layout.py` has laid them out.

The innermost loop is `omp simd`: it is vectorized because we say so, not because the compiler found out.
"""

import hashlib

from pellucid.fusion.layout import BLOCK, LANE, LANES, ON_STACK, PRECISE, ROWS, kept_row
from pellucid.fusion.loops import AddTo, Let, Load, Part, Reduce, Store, used_names
from pellucid.targets.c.expressions import running_type, smallest
from pellucid.targets.c.handed import Handed
from pellucid.targets.c.places import Kernel


class Writer(Handed):
    """Writes one nest."""

    def write(self, title, sums=()):
        """The Kernel; `title` says in a word what it does, `sums` are the buffers of the parts."""
        share = "const int64_t first = begin * n[1], last = least(end * n[1], n[0]);"
        if self.nest.touched:
            share = self.begin_list()
        parts = self.begin_parts(sums)
        body = self.sums_text() if self.nest.adds else self.block_text(0, 2 if parts else 1)
        if parts:
            body = [
                "    for (int64_t unit = begin; unit < end; unit++) {",
                "        const int64_t first = unit * n[1], last = least(first + n[1], n[0]);",
                *[f"        {line}" for line in parts],
                *body,
                *[f"        y_part{i}[unit] = part{i};" for i, part in enumerate(self.parts) if part.width == 1],
                "    }",
            ]
        head = [f"    {line}" for line in sorted(self.declared, key=lambda line: "p[" not in line)]
        if not parts:
            head.append(f"    {share if self.kept or self.nest.touched else '(void)n, (void)begin, (void)end;'}")
        text = "{\n" + "\n".join([*head, *body]) + "\n}\n"
        name = f"{title}_{hashlib.sha256(text.encode()).hexdigest()[:8]}"
        signature = f"KERNEL void {name}(void *const *p, const int64_t *n, int64_t begin, int64_t end)\n"
        functions = tuple(sorted(self.nest.functions))
        return Kernel(name, signature + text, functions, self.pointers, self.sizes, self.units, self.serial)

    def begin_list(self):
        """Declares the list of rows. Returns how it is shared out."""
        self.declared.append(f"const int64_t *touched = p[{len(self.pointers)}], *const row_of = touched + 2;")
        self.pointers.append((self.nest.touched.buffer, 0))
        if self.nest.adds:
            rows = self.size("rows", self.nest.touched.rows)
            self.declared.append(f"const int64_t *const first_of = row_of + {rows}, *const next = first_of + {rows};")
        return "const int64_t first = begin * touched[0] / n[0], last = end * touched[0] / n[0];"

    def begin_parts(self, sums):
        """What a unit declares for the sums that it adds up: a number, or an array in memory of its own."""
        lines = []
        for i, (part, buffer) in enumerate(zip(self.parts, sums, strict=True)):
            self.declared.append(f"{part.kind} *y_part{i} = p[{len(self.pointers)}];")
            self.pointers.append((buffer, 0))
            if part.width == 1:
                lines.append(f"{'double' if part.count > PRECISE else part.kind} part{i} = 0;")
            else:
                width = self.size(f"part{i}", part.width)
                lines.append(f"{part.kind} *part{i} = y_part{i} + unit * {width};")
                lines.append(f"for (int64_t w = 0; w < {width}; w++) part{i}[w] = 0;")
        return lines

    def block_text(self, level, depth):
        """The lines of the statements at this level and of the loops inside of it."""
        if level == self.kept:
            return self.phases_text(depth)
        pad = "    " * depth
        lines = [pad + self.statement(s) for s, own in zip(self.statements, self.levels, strict=True) if own == level]
        return lines + self.loop_text(level, depth, 0)

    def for_rows(self, write, s):
        """The lines that `write` makes of a statement, for each row that has it for itself."""
        lines = []
        for ending in ROWS if id(s) in self.each_row else ("",):
            self.ending = ending
            lines += write(s)
        self.ending = ""
        return lines

    def sums_text(self):
        """A nest that adds: for each listed row of the table zeros, and all that is added to it."""
        (to,) = [s for s in self.statements if isinstance(s, AddTo)]
        y, width = self.pointer(to.access, to.kind, written=True), self.size(("jump", to.by), to.by)
        axes = [axis for axis in self.loops if axis < self.nest.listed]
        inside, position = [], "e"
        for axis in reversed(axes):  # a position among all indices is one on each of their axes
            which = position if axis == axes[0] else f"{position} % {self.length(axis)}"
            inside.insert(0, f"        const int64_t {self.variable[axis]} = {which};")
            position += f" / {self.length(axis)}" if axis != axes[0] else ""
        known = [
            [self.statement(s) for s, own in zip(self.statements, self.levels, strict=True) if own == level]
            for level in range(len(axes))
        ]
        zeros = [f"        for (int64_t w = 0; w < {width}; w++)", f"            {y}[row * {width} + w] = 0;"]
        return [
            *["    " + line for line in (known[0] if known else [])],
            "    for (int64_t t = first; t < last; t++) {",
            "        const int64_t row = row_of[t];",
            *zeros,
            "        for (int64_t e = first_of[row]; e >= 0; e = next[e]) {",
            *["    " + line for line in inside],
            *["            " + line for lines in known[1:] for line in lines],
            *self.block_text(len(axes), 3),
            "        }",
            "    }",
            "    const int64_t stale = touched[1] - touched[0];  // rows that are only cleared",
            "    for (int64_t t = begin * stale / n[0]; t < end * stale / n[0]; t++) {",
            "        const int64_t row = row_of[touched[0] + t];",
            *zeros,
            "    }",
        ]

    def phases_text(self, depth):
        """What is done for one position on the kept axes: in each phase what is known, then the inner loops."""
        pad = "    " * depth
        kept = [s for s in self.statements if isinstance(s, Store) and kept_row(s.access)]
        lines = [pad + line for s in kept for line in self.for_rows(self.row_buffer, s)]
        reduced = []
        for phase in range(self.nest.phases):
            now = [(s, level) for s, level in zip(self.statements, self.levels, strict=True) if s.phase == phase]
            lines += [pad + line for line in self.known_text(reduced, [s for s, level in now if level == self.kept])]
            reduced = [s for s, _ in now if isinstance(s, Reduce)]
            lines += [pad + line for s in reduced for line in self.for_rows(self.prepare, s)]
            if self.kept == len(self.loops):
                lines += [pad + line for s in reduced for line in self.update(s)]
            elif any(level > self.kept for _, level in now):
                lines += self.inner_loops(depth, phase, [s for s in reduced if self.in_blocks(s)])
        return lines

    def inner_loops(self, depth, phase, summed):
        """The loops over the reduced axes; if there are long sums of floats, `summed`, block after block of the row."""
        if not summed:
            return self.loop_text(self.kept, depth, phase)
        pad, length = "    " * depth, self.length(self.loops[self.kept])
        sums = [pair for s in summed for pair in self.for_rows(lambda s: [(self.running(s), self.adder(s))], s)]
        return [
            f"{pad}for (int64_t block = 0; block < {length}; block += {BLOCK}) {{",
            f"{pad}    const int64_t block_end = least(block + {BLOCK}, {length});",
            *[f"{pad}    float {adder} = 0;" for _, adder in sums],
            *self.loop_text(self.kept, depth + 1, phase, "block", "block_end"),
            *[f"{pad}    {running} += {adder};" for running, adder in sums],
            f"{pad}}}",
        ]

    def row_buffer(self, s):
        return [f"{s.kind} {s.access.buffer.name}{self.ending}[{ON_STACK}];"]

    def known_text(self, reduced, statements):
        """What the phase before has reduced, and statements outside of the inner loops.

        In a strip, each lane has values of its own.
        """
        laned = [s for s in statements if self.in_lanes(s)]
        lines = [line for s in statements if s not in laned for line in self.for_rows(self.line, s)]
        if self.strip is None:
            return [*[line for s in reduced for line in self.for_rows(self.line, s)], *lines]
        if laned or reduced:
            at = self.variable[LANE]
            lines += [f"{s.kind} {s.name}[{LANES}];" for s in [*reduced, *laned] if not isinstance(s, (Store, Part))]
            sums = [f" reduction(+:{s.access.buffer.name})" for s in laned if isinstance(s, Part)]
            lines.append("#pragma omp simd" + "".join(sums))
            lines.append(f"for (int64_t {at} = 0; {at} < lanes; {at}++) {{")
            lines += [f"    {self.spelled[s.name]} = {self.result(s)};" for s in reduced]
            lines += [f"    {self.statement(s)}" for s in laned]
            lines.append("}")
        return lines

    def in_lanes(self, s):
        """Has each lane of a strip its own of this statement, which stands outside of the inner loops?"""
        if self.strip is None:
            return False
        if isinstance(s, (Load, Let)):
            return self.spelled[s.name] != s.name
        used = any(self.spelled[name] != name for name in used_names(s))
        return used or isinstance(s, Part) or bool(s.access and self.steps[id(s.access)].get(self.strip))

    def inner_text(self, level, depth, phase):
        """The statements of one phase at a level within the inner loops, and the loops inside of it."""
        pad = "    " * depth
        now = [(s, own) for s, own in zip(self.statements, self.levels, strict=True) if s.phase == phase]
        here = [s for s, own in now if own == level and not isinstance(s, Reduce)]
        lines = [pad + line for s in here for line in self.for_rows(self.line, s)]
        if level < len(self.loops):
            return lines + self.loop_text(level, depth, phase)
        reduced = [s for s, _ in now if isinstance(s, Reduce)]
        return lines + [pad + line for s in reduced for line in self.for_rows(self.update, s)]

    def loop_text(self, level, depth, phase, start="0", stop=None):
        """One loop and all that is in it."""
        pad = "    " * depth
        axis = self.loops[level]
        at = self.variable[axis]
        lines, after = [], []
        if level == len(self.loops) - 1:
            before, clauses, after = self.clauses(level, phase)
            lines = [pad + line for line in [*before, *([] if self.ordered else [f"#pragma omp simd{clauses}"])]]
        if axis == LANE:
            lines.append(f"{pad}for (int64_t {at} = 0; {at} < lanes; {at}++) {{")
        elif axis == self.strip:
            start, stop = ("first", "last") if level == 0 else ("0", f"({self.length(axis)} + {LANES - 1}) / {LANES}")
            lines.append(f"{pad}for (int64_t strip = {start}; strip < {stop}; strip++) {{")
            lines.append(
                f"{pad}    const int64_t {at} = strip * {LANES}, lanes = least({LANES}, {self.length(axis)} - {at});"
            )
        elif axis == self.paired:
            start, stop = ("first", "last") if level == 0 else ("0", f"{self.length(axis)} / {len(ROWS)}")
            rows = ", ".join([f"{at}{ending} = {len(ROWS)} * pair + {k}" for k, ending in enumerate(ROWS)])
            lines.append(f"{pad}for (int64_t pair = {start}; pair < {stop}; pair++) {{")
            lines.append(f"{pad}    const int64_t {rows};")
        elif level == 0 and self.nest.touched and not self.nest.adds:
            lines.append(f"{pad}for (int64_t t = first; t < last; t++) {{")
            lines.append(f"{pad}    const int64_t {at} = row_of[t];")
        elif level == 0 and self.kept and not self.nest.adds:
            lines.append(f"{pad}for (int64_t {at} = first; {at} < last; {at}++) {{")
        else:
            lines.append(f"{pad}for (int64_t {at} = {start}; {at} < {stop or self.length(axis)}; {at}++) {{")
        if level < self.kept:
            inside = self.block_text(level + 1, depth + 1)
        else:
            inside = self.inner_text(level + 1, depth + 1, phase)
        return [*lines, *inside, pad + "}", *[pad + line for line in after]]

    def line(self, s):
        """One statement, as the only line; of a reduction, what has come out of it."""
        return [self.statement(s)]

    def statement(self, s):
        match s:
            case Reduce():
                return f"{self.defined(s)} = {self.result(s)};"
            case Load(kind=kind, access=access, index=index, by=by):
                place = self.place(access)
                if index is not None:
                    jump = self.jump(index, by)
                    place = jump if place == "0" else f"{place} + {jump}"
                return f"{self.defined(s)} = {self.pointer(access, kind, written=False)}[{place}];"
            case Let(text=text, inputs=inputs, access=access):
                at = "" if access is None else self.place(access)
                return f"{self.defined(s)} = {text.format(*map(self.spell, inputs), at=at)};"
            case Store(access=access, kind=kind, value=value):
                return f"{self.pointer(access, kind, written=True)}[{self.place(access)}] = {self.spell(value)};"
            case AddTo(access=access, kind=kind, value=value, index=index, by=by):
                place = f"{self.place(access)} + {self.jump(index, by)}"
                return f"{self.pointer(access, kind, written=True)}[{place}] += {self.spell(value)};"
            case Part(access=access, value=value, width=width):
                to = access.buffer.name + ("" if width == 1 else f"[{self.place(access)}]")
                if width > 1 and self.strip is not None:
                    to = f"lane_sum{self.parts.index(s)}"
                return f"{to} += {self.spell(value)};"
        raise AssertionError(s)

    def spell(self, name):
        """A name as it is read here."""
        return self.spelled.get(name, name) + (self.ending if name in self.each_row else "")

    def defined(self, s):
        """The left side of a definition. What has a value in each lane was declared before."""
        return f"const {s.kind} {self.spell(s.name)}" if self.spelled[s.name] == s.name else self.spelled[s.name]

    def jump(self, index, by):
        return f"{self.spell(index)} * {self.size(('jump', by), by)}" if by != 1 else self.spell(index)

    # ---- reductions: what is kept while the reduced loops run

    def clauses(self, level, phase):
        """(lines before the innermost loop, what the vectorizer must know of running sums and maxima, lines after)."""
        before, found, after = [], [], []
        inner = level >= self.kept
        if inner and self.strip is None:
            now = [s for s in self.statements if isinstance(s, Reduce) and s.phase == phase]
            found = [clause for s in now for clause in self.for_rows(self.clauses_of, s)]
        for i, part in enumerate(self.parts):
            if part.width == 1 and not inner:
                found.append(f"+:part{i}")
            elif part.width > 1 and inner and self.strip is not None and part.phase == phase:
                before.append(f"{part.kind} lane_sum{i} = 0;")
                found.append(f"+:lane_sum{i}")
                after.append(f"part{i}[{self.place(part.access)}] += lane_sum{i};")
        return before, "".join(f" reduction({clause})" for clause in found), after

    def clauses_of(self, s):
        words = {"sum": "+:{}", "pick": "+:{}", "any": "|:{}", "max": "max:{}"}
        found = [words[s.how].format(self.adder(s))] if s.how in words else []
        return [*found, f"|:{self.bad(s)}"] if s.how == "max" and s.of in ("float", "double") else found

    def running(self, s):
        """The variable that a reduction runs in."""
        return f"running_{s.name}{self.ending}"

    def in_one_loop(self):
        """Is a row one loop, and does that run in vectors?"""
        return self.strip is None and not self.ordered and len(self.loops) == self.kept + 1

    def in_blocks(self, s):
        """Is this a long sum of floats in one loop? BLOCK of them are added up in float, and their sums in double."""
        floats = s.how == "sum" and s.of == "float"
        return floats and self.in_one_loop() and self.extents[self.loops[-1]] > BLOCK

    def adder(self, s):
        """The variable to which the innermost loop adds."""
        return f"block_{s.name}{self.ending}" if self.in_blocks(s) else self.running(s)

    def bad(self, s):
        """The variable that tells whether a maximum has met a NaN."""
        return f"bad_{s.name}{self.ending}"

    def prepare(self, s):
        """The declarations before the reduced loops."""
        start = {"sum": "0", "pick": "0", "any": "0", "max": smallest(s.of), "argmax": "0"}[s.how]
        if s.how == "pick" and s.of in ("float", "double"):
            start = "-0.0f" if s.of == "float" else "-0.0"
        kind = running_type(s, BLOCK if self.in_one_loop() else PRECISE)
        variables = [(kind, self.running(s), start)]
        if s.how == "max" and s.of in ("float", "double"):
            variables.append(("int", self.bad(s), "0"))
        if s.how == "argmax":
            variables.append(("int64_t", f"at_{s.name}", "-1"))
        if self.strip is None:
            return [f"{kind} {name} = {value};" for kind, name, value in variables]
        at = self.variable[LANE]
        lines = [f"{kind} {name}[{LANES}];" for kind, name, _ in variables]
        values = " ".join(f"{name}[{at}] = {value};" for _, name, value in variables)
        return [*lines, f"for (int64_t {at} = 0; {at} < lanes; {at}++) {{ {values} }}"]

    def update(self, s):
        """One more element."""
        lane = "" if self.strip is None else f"[{self.variable[LANE]}]"
        r, bad, at, v = self.adder(s) + lane, self.bad(s) + lane, f"at_{s.name}{lane}", self.spell(s.value)
        match s.how:
            case "sum" | "pick":
                return [f"{r} += {v};"]
            case "any":
                return [f"{r} |= {v};"]
            case "max":
                lines = [f"{r} = {v} > {r} ? {v} : {r};"]
                return [*lines, f"{bad} |= {v} != {v};"] if s.of in ("float", "double") else lines
        position = self.variable[self.loops[self.kept]] if len(self.loops) > self.kept else "0"
        return [f"if ({at} < 0 || {v} > {r} || ({v} != {v} && {r} == {r})) {r} = {v}, {at} = {position};"]

    def result(self, s):
        """What has come out when the loops are done."""
        lane = "" if self.strip is None else f"[{self.variable[LANE]}]"
        if s.how == "argmax":
            return f"at_{s.name}{lane}"
        if s.how == "max" and s.of in ("float", "double"):
            suffix = "f" if s.of == "float" else ""
            return f'{self.bad(s)}{lane} ? __builtin_nan{suffix}("") : {self.running(s)}{lane}'
        return self.running(s) + lane
