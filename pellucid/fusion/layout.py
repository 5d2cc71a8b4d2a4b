"""How the loops of a Nest lie: their order, what is merged, in which of them each statement stands, and units of work.

The kept axes are the outer loops, the first of them shared out among threads in units of fixed size; the reduced axes
are the inner loops, which run once for each phase. Neighbouring axes through which every access walks as through one
are merged. Each statement stands in the outermost loop in which it is known, so whatever does not change in a loop is a
local in front of it.

If the last axis is kept while others are reduced (the sum of each column), or if the reduced axes are short, the last
kept axis is cut into strips of LANES elements, and whatever belongs to one element of the strip is one lane of an
array: so memory is walked in order, and vectors are full.

Otherwise the inner loops do two rows at a time, if their number is even. A sum waits for each of its additions before
the next one can begin; the other row's are done meanwhile.
"""

import math

from pellucid.fusion.loops import AddTo, Let, Load, Own, Part, Reduce, used_names

LANES = 64
SHORT = 56  # rows of up to so many elements are done side by side, LANES at a time
ON_STACK = 4096  # numbers that a buffer for one row (or one strip of short rows) holds
PRECISE = 256  # sums of more than so many floats are kept in double: rounding grows with the number of terms
BLOCK = 512  # the same along a row in one loop: each lane of a vector (4 to 16 floats) adds up a share of its own
SERIAL = 60_000  # steps of work below which waking other threads costs more than it brings
ROWS_OF_PART = 64  # that should be added up before a part is left, if 16 units remain
UNIT = 32_768  # steps of work that one thread takes at a time
LETTERS = "ijklmoqrtu"  # the first loop variables
ROWS = ("", "_b")  # the endings of the names of rows that are done side by side
LANE = "lane"  # stands for the innermost loop over a strip


class Layout:
    """The loops of one nest. `in_pairs`: may rows be done two at a time?"""

    def __init__(self, nest, in_pairs=True):
        self.nest = nest
        self.statements = nest.statements
        self.extents = {axis: n for axis, n in enumerate(nest.shape) if n != 1}
        self.steps = {id(access): dict(access.steps) for access in nest.accesses()}  # as merging leaves them
        self.ordered = any(
            (isinstance(s, AddTo) and not nest.adds) or getattr(s, "how", "") == "argmax" for s in self.statements
        )
        kept = self.merged([axis for axis in self.extents if axis not in nest.axes])
        reduced = self.merged([axis for axis in self.extents if axis in nest.axes])
        self.strip = kept[-1] if in_strips(nest.shape, nest.axes) and not nest.touched else None
        self.loops = [*kept, *reduced] if self.strip is None else [*kept, *reduced, LANE]
        self.kept = len(kept)
        self.variable = {axis: loop_variable(number) for number, axis in enumerate(self.loops)}
        self.spelled = {}  # name -> how it is read: v3, or v3[l] for what a strip has one of in each lane
        self.levels = self.find_levels()
        self.paired, self.each_row = self.find_pairs() if in_pairs else (None, set())
        self.parts = [s for s in self.statements if isinstance(s, Part)]
        self.parts.sort(key=lambda part: part.access.buffer.number)
        self.rounds, self.block, self.serial = self.share_out()
        self.units = -(-self.rounds // self.block) if self.kept else 1

    def merged(self, axes):
        """The axes after making one of neighbours through which every access walks as through one."""
        left = []
        for axis in axes:
            n = self.extents[axis]
            if (
                left
                and not left[-1] < self.nest.listed <= axis  # these are walked as a list says
                and all(steps.get(left[-1], 0) == steps.get(axis, 0) * n for steps in self.steps.values())
            ):
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
        for s in self.statements:
            level = max([of_name[name] for name in used_names(s)], default=0)
            lanes = any(self.spelled[name] != name for name in used_names(s))
            lanes = lanes or (self.strip is not None and s.access is not None and kept_row(s.access))
            for axis, step in self.steps[id(s.access)].items() if s.access is not None else ():
                if step and axis == self.strip:
                    lanes = True
                elif step and axis in self.variable:
                    level = max(level, self.loops.index(axis) + 1)
            if isinstance(s, (Reduce, AddTo)) or (isinstance(s, Part) and s.width > 1):
                level = deepest
            elif isinstance(s, Part):
                level = self.kept
            elif lanes:
                level = deepest if level > self.kept else self.kept
            levels.append(level)
            if isinstance(s, (Load, Let, Reduce)):
                of_name[s.name] = self.kept if isinstance(s, Reduce) else level
                each_lane = self.strip is not None and of_name[s.name] == self.kept and (lanes or isinstance(s, Reduce))
                self.spelled[s.name] = f"{s.name}[{self.variable[LANE]}]" if each_lane else s.name
        return levels

    def find_pairs(self):
        """The axis walked in pairs of rows, or None; names and (ids of) statements that each row has for itself.

        What belongs to a column, such as a weight, is the same for both rows.
        """
        sums = any(isinstance(s, Reduce) for s in self.statements) and 0 < self.kept < len(self.loops)
        if not sums or self.strip is not None or self.ordered or self.nest.touched:
            return None, set()
        axis, own = self.loops[self.kept - 1], set()
        if self.extents[axis] % len(ROWS) or self.asks_rows():
            return None, set()
        for s in self.statements:
            moves = s.access is not None and (self.steps[id(s.access)].get(axis) or isinstance(s.access.buffer, Own))
            if isinstance(s, Reduce) or moves or not own.isdisjoint(used_names(s)):
                own.update({id(s), getattr(s, "name", None)})
        return axis, own

    def asks_rows(self):
        """Do the inner loops choose by what is known of a row? gcc vectorizes such a loop for one row, not for two."""
        known = {
            getattr(s, "name", "") for s, level in zip(self.statements, self.levels, strict=True) if level <= self.kept
        }
        return any(isinstance(s, Let) and s.text.startswith("{0} ?") and s.inputs[0] in known for s in self.statements)

    def share_out(self):
        """The rounds of the outermost loop, how many of them are one unit of work, and whether one thread does all.

        Shapes alone decide.
        """
        if not self.kept:
            return 1, 1, True
        outermost = self.loops[0]
        rounds = self.extents[outermost]
        if outermost == self.strip:
            rounds = -(-rounds // LANES)
        elif outermost == self.paired:
            rounds //= len(ROWS)
        if self.nest.touched and not self.nest.adds:
            rounds = min(rounds, self.nest.touched.count)
        work = math.prod([rounds, *list(self.extents.values())[1:]]) * len(self.statements)
        work *= len(ROWS) if outermost == self.paired else 1
        apart = all(self.steps[id(s.access)].get(outermost) for s in self.statements if isinstance(s, AddTo))
        serial = work < SERIAL or not (apart or self.nest.adds)  # a listed row belongs to one unit
        if self.nest.touched:  # how many rows are listed is only known when the list is made: equal parts of it
            return (1 if serial else min(math.ceil(work / UNIT), self.nest.touched.rows)), 1, serial
        block = max(rounds, 1) if serial else max(1, math.ceil(UNIT * rounds / work))
        if any(part.width > 1 for part in self.parts):
            if outermost == self.paired:  # fewer units: each has sums to be cleared, and joined in the end
                block = max(block, min(rounds // 16, ROWS_OF_PART // len(ROWS)))
            # So that the sums of a part stay exact enough:
            block = min(block, max(1, PRECISE * rounds * self.parts[0].width // math.prod(self.extents.values())))
            block = 1 << (block.bit_length() - 1)  # whole units fit into slices of a batch
        if not serial and len(self.loops) == 1:
            block = -(-block // 1024) * 1024  # whole cache lines, and whole vectors, for each thread
        return rounds, block, serial

    def by_rows(self):
        """The buffers of which round r of the outermost loop touches the r-th of equal parts, and nothing else."""
        if not self.kept or self.nest.touched:
            return frozenset()
        if self.loops[0] == self.strip and self.extents[self.loops[0]] % LANES:
            return frozenset()
        touching = [s for s in self.statements if s.access is not None]
        leaving = {s.access.buffer for s in touching if not self.stays_in_row(s)}
        return frozenset({s.access.buffer for s in touching} - leaving)

    def stays_in_row(self, s):
        """Does a statement touch only the part of its buffer that belongs to the round of the outermost loop?"""
        steps, spec = dict(self.steps[id(s.access)]), getattr(s.access.buffer, "spec", None)
        step = steps.pop(self.loops[0], 0)
        # What is looked up (Gather) lies within the row if its steps are shorter: indices are checked, rows in order.
        looked_up = isinstance(s, Load) and s.index is not None and not 0 <= s.by < step
        if spec is None or isinstance(s, AddTo) or looked_up or min([step, s.access.start, *steps.values()]) < 0:
            return False
        furthest = s.access.start + sum(by * (self.extents[axis] - 1) for axis, by in steps.items())
        return step * self.extents[self.loops[0]] == math.prod(spec.shape) and furthest < step


def kept_row(access):
    """Is this the buffer on the stack for the values of a row?"""
    return isinstance(access.buffer, Own) and access.buffer.what == "row"


def in_strips(shape, axes):
    """Is the last kept axis done in strips? If it is the last, or if rows are too short to fill vectors."""
    kept = [axis for axis, n in enumerate(shape) if n != 1 and axis not in axes]
    reduced = [axis for axis in axes if shape[axis] != 1]
    if not kept or not reduced:
        return False
    return kept[-1] > max(reduced) or math.prod([shape[axis] for axis in reduced]) <= SHORT


def row_fits(shape, axes):
    """Do the values of one row, or of one strip of rows, fit a buffer on the stack?"""
    return math.prod([shape[axis] for axis in axes]) * (LANES if in_strips(shape, axes) else 1) <= ON_STACK


def loop_variable(number):
    """i, j, k, ...; an array has at most 64 axes."""
    return LETTERS[number] if number < len(LETTERS) else f"i{number}"
