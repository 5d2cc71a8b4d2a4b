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
from pellucid.targets.c.whole import kernel

LIST_ROWS = """{
    const int64_t *index = p[0];
    const int64_t count = n[0], rows = n[1], words = (rows + 63) / 64;
    int64_t *touched = p[1], *before = n[2] ? p[2] : 0;
    int64_t *const row_of = touched + 2, *const first_of = row_of + rows, *const next = first_of + rows;
    uint64_t *const named = (uint64_t *)(next + count);
    int64_t listed = 0;
    (void)begin, (void)end;
    for (int64_t w = 0; w < words; w++)
        named[w] = 0;
    for (int64_t i = 0; i < count; i++)
        first_of[index[i]] = -1;
    for (int64_t i = count - 1; i >= 0; i--) {  // the last one first: each is put before those that follow it
        const int64_t row = index[i];
        named[row / 64] |= (uint64_t)1 << row % 64;
        next[i] = first_of[row];
        first_of[row] = i;
    }
    for (int64_t w = 0; w < words; w++)
        for (uint64_t bits = named[w]; bits; bits &= bits - 1)
            row_of[listed++] = w * 64 + __builtin_ctzll(bits);
    touched[0] = listed;
    for (int64_t w = 0; before && w < words; w++) {
        uint64_t bits = (before[0] < 0 ? ~(uint64_t)0 : (uint64_t)before[1 + w]) & ~named[w];
        for (; bits && w * 64 + __builtin_ctzll(bits) < rows; bits &= bits - 1)
            row_of[listed++] = w * 64 + __builtin_ctzll(bits);
        before[1 + w] = (int64_t)named[w];
    }
    if (before)
        before[0] = 0;
    touched[1] = listed;
}
"""


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
    return kernel("list_rows", LIST_ROWS, pointers, [touched.count, touched.rows, len(before)], 1)
