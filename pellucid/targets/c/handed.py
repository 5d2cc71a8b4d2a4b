"""What a call hands over to a kernel, the pointers p[] and the numbers n[], and how a place in memory is spelled."""

from pellucid.fusion.layout import LANE, LANES, Layout, kept_row
from pellucid.fusion.loops import Own


class Handed(Layout):
    """Gives names to what a nest is handed. `pointers` and `sizes` collect what a call must hand over."""

    def __init__(self, nest, in_pairs=True):
        super().__init__(nest, in_pairs)
        self.pointers, self.declared = [], []
        self.sizes = [self.rounds, self.block]
        self.names = {}  # what was declared -> its name
        self.ending = ""  # of the names of the row that is being written

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
        if isinstance(access.buffer, Own):
            return access.buffer.name + self.ending
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
                at += self.ending if axis == self.paired else ""
                if axis == self.strip:
                    lane = self.variable[LANE]
                    at = f"({at} + {lane})" if by else f"{at} + {lane}"
                terms.append(at + by)
        place = " + ".join(terms) or "0"
        if self.strip is not None and kept_row(access):
            place = f"({place}) * {LANES} + {self.variable[LANE]}"  # a buffer for all rows of the strip
        return place
