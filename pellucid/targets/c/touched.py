"""Lists of the rows of a table that indices name: nests visit those rows only, or add up for each what belongs to it.

`touched` is a list of whole numbers: how many rows are named; how many are listed; the listed rows, the named ones
first, in order; for each row of the table (if it is named) the first position among the indices where it stands; for
each position the next one with the same row, or -1; and room for a bit for each row of the table.

A gradient that stays in its memory from step to step is zero but for the rows that the last step has named. `before`
remembers them, one bit for each (its first number is negative where nobody knows: then it may be any rows). Those that
are not named again are listed behind the named ones: nothing is added up for them, they are cleared.

So that threads can share the work, each row is added up as a whole, in the order of the batch: the bits are the same
for any number of threads.
"""

from pellucid.engine import Spec
from pellucid.fusion.loops import Touched
from pellucid.targets.c.places import Buffer
from pellucid.targets.c.whole import from_file


def room_for(node, count, rows):
    """Memory for the list of the rows that `count` indices name, as Touched."""
    return Touched(Buffer("arena", Spec((2 + 2 * rows + count + words(rows),), "int64"), node, of="rows"), count, rows)


def remembered(node, rows):
    """Memory that says from step to step which rows the last step has named."""
    return Buffer("kept", Spec((1 + words(rows),), "int64"), node, of="rows before")


def words(rows):
    return -(-rows // 64)


def list_rows(index, touched, before):
    """The kernel that makes the list; with `before`, also of the rows that were named last time."""
    pointers = [(index.buffer, index.start), (touched.buffer, 0), *[(buffer, 0) for buffer in before]]
    return from_file("list_rows", {}, pointers, [touched.count, touched.rows, len(before)], 1)
