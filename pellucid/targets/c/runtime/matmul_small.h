// Matrices for which the tiles of matmul.h are not the best way: few rows, few columns, hardly any numbers at all.

// c[i, j] (+)= sum over l of a[i, l] * b[l, j] for some columns by the definition, in three loops. Four rows of b at a
// time, so that c is read and written less often, and b is read in the order in which it lies in memory.
static void OF(plain)(const struct OF(plan) *plan, int64_t i_begin, int64_t i_end, int64_t j_begin, int64_t j_end)
{
    const struct matmul *of = &plan->of;
    for (int64_t i = i_begin; i < i_end && !of->add; i++)
        for (int64_t j = j_begin; j < j_end; j++) plan->c[i * of->c_row + j] = 0;
    int64_t l = 0;
    for (; of->b_column == 1 && l + 4 <= of->k; l += 4)
        for (int64_t i = i_begin; i < i_end; i++) {
            const REAL *a = plan->a + i * of->a_row + l * of->a_column, *b = plan->b + l * of->b_row;
            const REAL a0 = a[0], a1 = a[of->a_column], a2 = a[2 * of->a_column], a3 = a[3 * of->a_column];
            const REAL *b1 = b + of->b_row, *b2 = b1 + of->b_row, *b3 = b2 + of->b_row;
            REAL *c = plan->c + i * of->c_row;
            _Pragma("omp simd") for (int64_t j = j_begin; j < j_end; j++)
                c[j] = c[j] + a0 * b[j] + a1 * b1[j] + a2 * b2[j] + a3 * b3[j];
        }
    for (; l < of->k; l++)
        for (int64_t i = i_begin; i < i_end; i++) {
            REAL a = plan->a[i * of->a_row + l * of->a_column], *c = plan->c + i * of->c_row;
            const REAL *b = plan->b + l * of->b_row;
            for (int64_t j = j_begin; j < j_end; j++) c[j] += a * b[j * of->b_column];
        }
}

// c as dot products of rows of a and columns of b, each of which lies contiguous in memory.
struct OF(dots) {
    int64_t rows, columns, k;
    const REAL *a, *b;
    int64_t a_row, b_column;
    REAL *c;
    int64_t c_row, c_column;
    int add;
};

// Can the matrix be done so, and is that a gain? It is for few rows: b is read so seldom that packing it would take
// longer than the multiplication. Few columns are the few rows of the transposed product, (a b)^T = b^T a^T.
static int OF(find_dots)(const struct OF(plan) *plan, struct OF(dots) *dots)
{
    const struct matmul *of = &plan->of;
    if (of->k < 4 * LANES) return 0;
    int64_t step; // between the numbers of a row
    if (of->m <= DOT_ROWS && of->b_row == 1) {
        *dots = (struct OF(dots)){of->m, of->n, of->k, plan->a, plan->b, of->a_row, of->b_column, plan->c, of->c_row, 1, of->add};
        step = of->a_column;
    } else if (of->n <= DOT_COLUMNS && of->a_column == 1) {
        *dots = (struct OF(dots)){of->n, of->m, of->k, plan->b, plan->a, of->b_column, of->a_row, plan->c, 1, of->c_row, of->add};
        step = of->b_row;
    } else {
        return 0;
    }
    if (step == 1) return 1;
    REAL *rows = scratch(0, (size_t)(dots->rows * of->k) * sizeof(REAL));
    if (!rows) return 0;
    for (int64_t i = 0; i < dots->rows; i++)
        for (int64_t l = 0; l < of->k; l++) rows[i * of->k + l] = dots->a[i * dots->a_row + l * step];
    dots->a = rows;
    dots->a_row = of->k;
    return 1;
}

// A row of a times so many columns of b.
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
        REAL sum[LANES];
        memcpy(sum, &sums[s], sizeof sum);
        UNROLL for (int half = LANES / 2; half > 0; half /= 2)
            UNROLL for (int w = 0; w < half; w++) sum[w] += sum[w + half];
        for (int64_t l = whole; l < k; l++) sum[0] += a[l] * b[s * b_column + l];
        REAL *c = dots->c + i * dots->c_row + (j + s) * dots->c_column;
        *c = sum[0] + (dots->add ? *c : 0);
    }
}

// A kernel: a unit is some columns.
static void OF(dot_units)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(dots) *dots = p[0];
    (void)n;
    int64_t last = smaller(end * DOTS_OF_UNIT, dots->columns), at_once;
    for (int64_t j = begin * DOTS_OF_UNIT; j < last; j += at_once) {
        at_once = last - j < DOTS_AT_ONCE ? 1 : DOTS_AT_ONCE;
        for (int64_t i = 0; i < dots->rows; i++) {
            if (at_once == 1) OF(row_by_columns)(dots, i, j, 1);
            else OF(row_by_columns)(dots, i, j, DOTS_AT_ONCE);
        }
    }
}
