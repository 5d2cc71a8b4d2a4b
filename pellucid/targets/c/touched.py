"""Kernels that visit those rows of a table only that indices name: see `fusion/rows.py` for when that is enough.

`touched` is a list of whole numbers: how many different rows are named; these rows; where the positions of each end in
the list that follows; that list, the positions 0, 1, ... of the indices, those of one row side by side and in order;
and room for a number per row of the table.
"""

from pellucid.targets.c.expressions import c_type
from pellucid.targets.c.layout import UNIT
from pellucid.targets.c.whole import kernel

LISTS = "row = touched + 1, *const ends = row + count, *const order = ends + count"

LIST_ROWS = f"""{{
    const int64_t *index = p[0];
    int64_t *touched = p[1];
    const int64_t count = n[0], rows = n[1];
    int64_t *const {LISTS}, *const number = order + count;
    int64_t found = 0, sum = 0;
    (void)begin, (void)end;
    for (int64_t r = 0; r < rows; r++)
        number[r] = -1;
    for (int64_t i = 0; i < count; i++) {{  // number the rows as they come, and count how often each comes
        int64_t *s = number + index[i];
        if (*s < 0) {{
            *s = found++;
            row[*s] = index[i];
            ends[*s] = 0;
        }}
        ends[*s]++;
    }}
    for (int64_t s = 0; s < found; s++) {{  // counts become beginnings
        sum += ends[s];
        ends[s] = sum - ends[s];
    }}
    for (int64_t i = 0; i < count; i++)  // and beginnings become ends, while the positions are put in
        order[ends[number[index[i]]]++] = i;
    touched[0] = found;
}}
"""

ADD_TO_ROWS = f"""{{{{
    const int64_t *touched = p[0];
    const {{kind}} *x = p[1];
    {{kind}} *y = p[2];
    const int64_t block = n[1], count = n[2], width = n[3], last = least(end * block, touched[0]);
    const int64_t *const {LISTS};
    for (int64_t s = begin * block; s < last; s++) {{{{
        {{kind}} *to = y + row[s] * width;
        for (int64_t j = 0; j < width; j++)
            to[j] = 0;
        for (int64_t i = s ? ends[s - 1] : 0; i < ends[s]; i++) {{{{
            const {{kind}} *from = x + order[i] * width;
            #pragma omp simd
            for (int64_t j = 0; j < width; j++)
                to[j] += from[j];
        }}}}
    }}}}
}}}}
"""

CLEAR_ROWS = """{{
    int64_t *before = p[0];  // the rows that the last step has written; at first -1: nobody knows
    const int64_t *touched = p[1];
    {kind} *y = p[2];
    const int64_t rows = n[0], width = n[1], written = before[0] < 0 ? rows : before[0];
    (void)begin, (void)end;
    for (int64_t s = 0; s < written; s++) {{
        {kind} *to = y + (before[0] < 0 ? s : before[1 + s]) * width;
        for (int64_t j = 0; j < width; j++)
            to[j] = 0;
    }}
    for (int64_t s = 0; s <= touched[0]; s++)
        before[s] = touched[s];
}}
"""


def list_rows(index, touched, count, rows):
    """Which rows are named, and where."""
    return kernel("list_rows", LIST_ROWS, [(index.buffer, index.start), (touched, 0)], [count, rows], 1)


def add_to_rows(node, touched, x, y, count, width):
    """y[row] = the sum of those x whose index names the row, for all rows named. The others stay as they are."""
    block = max(1, UNIT // (2 * width))
    text = ADD_TO_ROWS.format(kind=c_type(node.spec.dtype))
    units = -(-min(count, node.spec.shape[0]) // block)
    return kernel("add_to_rows", text, [(touched, 0), (x.buffer, x.start), (y, 0)], [units, block, count, width], units)


def clear_rows(node, before, touched, y, width):
    """Zeros where the step before has written, in an array that is zero in all other rows."""
    text = CLEAR_ROWS.format(kind=c_type(node.spec.dtype))
    return kernel("clear_rows", text, [(before, 0), (touched, 0), (y, 0)], [node.spec.shape[0], width], 1)
