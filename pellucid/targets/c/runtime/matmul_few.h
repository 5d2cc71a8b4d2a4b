// For matmul.h: matrices with few rows, few columns, or hardly any numbers at all. Included once for each type.

#ifndef MATMUL_FEW_H
#define MATMUL_FEW_H
enum {
    FEW_ROWS = 2,     // so many are done by plain loops, which read a large b in the order in which it lies
    DOT_ROWS = 4,     // so many are done as dot products if the columns of b lie contiguous
    DOT_COLUMNS = 2,  // likewise columns, if the rows of a lie contiguous
    DOTS_AT_ONCE = 4, // that many sums hide the time that one addition takes
    UNIT_DOTS = 64,   // columns that a unit of dot products has
    FEW_TERMS = 4,    // a sum of so many is done before a tile would have begun
    SIDE_BY_SIDE = 256, // numbers that are laid side by side for that
};
#endif

// c (+)= a b for a block by the definition, in three loops. Four rows of b are used at a time, so that c is read and
// written less often.
static void OF(plain)(const struct OF(plan) *plan, int64_t i_begin, int64_t i_end, int64_t j_begin, int64_t j_end)
{
    const struct matmul *of = &plan->of;
    for (int64_t i = i_begin; i < i_end && !of->add; i++)
        for (int64_t j = j_begin; j < j_end; j++) plan->c[i * of->c_row + j] = 0;
    int64_t l = 0;
    for (; of->b_column == 1 && l + 4 <= of->k; l += 4)
        for (int64_t i = i_begin; i < i_end; i++) {
            const REAL *a = plan->a + i * of->a_row + l * of->a_column;
            const REAL a0 = a[0], a1 = a[of->a_column], a2 = a[2 * of->a_column], a3 = a[3 * of->a_column];
            const REAL *b0 = plan->b + l * of->b_row, *b1 = b0 + of->b_row, *b2 = b1 + of->b_row, *b3 = b2 + of->b_row;
            REAL *c = plan->c + i * of->c_row;
            _Pragma("omp simd") for (int64_t j = j_begin; j < j_end; j++)
                c[j] = c[j] + a0 * b0[j] + a1 * b1[j] + a2 * b2[j] + a3 * b3[j];
        }
    for (; l < of->k; l++)
        for (int64_t i = i_begin; i < i_end; i++) {
            REAL a = plan->a[i * of->a_row + l * of->a_column], *c = plan->c + i * of->c_row;
            const REAL *b = plan->b + l * of->b_row;
            for (int64_t j = j_begin; j < j_end; j++) c[j] += a * b[j * of->b_column];
        }
}

// c (+)= a b for `terms` rows of b that lie side by side: so few that each number of c is written at once.
ALWAYS_INLINE void OF(sum_terms)(const struct OF(plan) *plan, const REAL *b, int64_t width, REAL *c, int terms)
{
    const struct matmul *of = &plan->of;
    for (int64_t i = 0; i < of->m; i++, c += of->c_row) {
        REAL a[FEW_TERMS];
        UNROLL for (int l = 0; l < terms; l++) a[l] = plan->a[i * of->a_row + l * of->a_column];
        _Pragma("omp simd") for (int64_t j = 0; j < width; j++) {
            REAL sum = a[0] * b[j];
            UNROLL for (int l = 1; l < terms; l++) sum += a[l] * b[l * SIDE_BY_SIDE + j];
            c[j] = of->add ? c[j] + sum : sum;
        }
    }
}

// A small matrix of which k <= FEW_TERMS.
static void OF(few_terms)(const struct OF(plan) *plan)
{
    const struct matmul *of = &plan->of;
    REAL rows[FEW_TERMS * SIDE_BY_SIDE];
    for (int64_t j = 0; j < of->n; j += SIDE_BY_SIDE) {
        const int64_t width = smaller(SIDE_BY_SIDE, of->n - j);
        for (int64_t l = 0; l < of->k; l++)
            for (int64_t w = 0; w < width; w++)
                rows[l * SIDE_BY_SIDE + w] = plan->b[l * of->b_row + (j + w) * of->b_column];
        switch (of->k) {
            case 1: OF(sum_terms)(plan, rows, width, plan->c + j, 1); break;
            case 2: OF(sum_terms)(plan, rows, width, plan->c + j, 2); break;
            case 3: OF(sum_terms)(plan, rows, width, plan->c + j, 3); break;
            case 4: OF(sum_terms)(plan, rows, width, plan->c + j, 4); break;
        }
    }
}

// A small matrix with n <= DOT_COLUMNS and the columns of a contiguous: (a b)^T = b^T a^T has rows to go along. They are
// made on the stack, and turned back from there.
static void OF(few_columns)(const struct OF(plan) *plan)
{
    const struct matmul *of = &plan->of;
    REAL rows[DOT_COLUMNS * SIDE_BY_SIDE];
    for (int64_t i = 0; i < of->m; i += SIDE_BY_SIDE) {
        const int64_t width = smaller(SIDE_BY_SIDE, of->m - i);
        struct OF(plan) turned = {.a = plan->b, .b = plan->a + i, .c = rows};
        turned.of = (struct matmul){.m = of->n, .n = width, .k = of->k, .a_row = of->b_column, .a_column = of->b_row,
                                    .b_row = of->a_column, .b_column = 1, .c_row = SIDE_BY_SIDE};
        OF(plain)(&turned, 0, of->n, 0, width);
        for (int64_t w = 0; w < width; w++)
            for (int64_t j = 0; j < of->n; j++) {
                REAL *c = plan->c + (i + w) * of->c_row + j, sum = rows[j * SIDE_BY_SIDE + w];
                *c = of->add ? *c + sum : sum;
            }
    }
}

// c as dot products of rows of a and columns of b, both of which lie contiguous in memory.
struct OF(dots) {
    int64_t rows, columns, k;
    const REAL *a, *b;
    int64_t a_row, b_column;
    REAL *c;
    int64_t c_row, c_column;
    int add;
};

// Is c best done so? It is for few rows: b is read so seldom that packing it would take longer than the multiplication.
// Few columns are few rows of the transposed product, (a b)^T = b^T a^T. The few rows are copied if need be.
static int OF(find_dots)(const struct OF(plan) *plan, struct OF(dots) *dots)
{
    const struct matmul *of = &plan->of;
    int64_t step; // between the numbers of a row
    *dots = (struct OF(dots)){.k = of->k, .c = plan->c, .add = of->add};
    if (of->k < 4 * LANES) {
        return 0;
    } else if (of->m <= DOT_ROWS && of->b_row == 1) {
        dots->rows = of->m, dots->columns = of->n;
        dots->a = plan->a, dots->a_row = of->a_row, step = of->a_column;
        dots->b = plan->b, dots->b_column = of->b_column;
        dots->c_row = of->c_row, dots->c_column = 1;
    } else if (of->n <= DOT_COLUMNS && of->a_column == 1) {
        dots->rows = of->n, dots->columns = of->m;
        dots->a = plan->b, dots->a_row = of->b_column, step = of->b_row;
        dots->b = plan->a, dots->b_column = of->a_row;
        dots->c_row = 1, dots->c_column = of->c_row;
    } else {
        return 0;
    }
    if (step == 1) return 1;
    REAL *rows = scratch((size_t)(dots->rows * of->k) * sizeof(REAL));
    for (int64_t i = 0; rows && i < dots->rows; i++)
        for (int64_t l = 0; l < of->k; l++) rows[i * of->k + l] = dots->a[i * dots->a_row + l * step];
    dots->a = rows;
    dots->a_row = of->k;
    return rows != 0;
}

ALWAYS_INLINE REAL OF(sum_of_lanes)(OF(vector) vector)
{
    REAL lane[LANES < 4 ? 4 : LANES] = {0};
    memcpy(lane, &vector, sizeof vector);
    OF(four) sum = *(const OF(four) *)lane;
    UNROLL for (int w = 4; w < LANES; w += 4) sum += *(const OF(four) *)(lane + w);
    return sum[0] + sum[1] + (sum[2] + sum[3]);
}

// One row times so many columns, beginning with column j.
ALWAYS_INLINE void OF(row_by_columns)(const struct OF(dots) *dots, int64_t i, int64_t j, int columns)
{
    const REAL *a = dots->a + i * dots->a_row, *b = dots->b + j * dots->b_column;
    const int64_t k = dots->k, b_column = dots->b_column, whole = k / LANES * LANES;
    OF(vector) sums[DOTS_AT_ONCE];
    UNROLL for (int s = 0; s < columns; s++) sums[s] = (OF(vector)){0};
    for (int64_t l = 0; l < whole; l += LANES) {
        OF(vector) part = *(const OF(vector) *)(a + l);
        UNROLL for (int s = 0; s < columns; s++) sums[s] += part * *(const OF(vector) *)(b + s * b_column + l);
    }
    UNROLL for (int s = 0; s < columns; s++) {
        REAL sum = OF(sum_of_lanes)(sums[s]), *c = dots->c + i * dots->c_row + (j + s) * dots->c_column;
        for (int64_t l = whole; l < k; l++) sum += a[l] * b[s * b_column + l];
        *c = sum + (dots->add ? *c : 0);
    }
}

// A kernel: a unit is UNIT_DOTS columns.
static void OF(dot_units)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(dots) *dots = p[0];
    (void)n;
    int64_t last = smaller(end * UNIT_DOTS, dots->columns), at_once;
    for (int64_t j = begin * UNIT_DOTS; j < last; j += at_once) {
        at_once = last - j < DOTS_AT_ONCE ? 1 : DOTS_AT_ONCE;
        for (int64_t i = 0; i < dots->rows; i++) {
            if (at_once == 1) OF(row_by_columns)(dots, i, j, 1);
            else OF(row_by_columns)(dots, i, j, DOTS_AT_ONCE);
        }
    }
}
