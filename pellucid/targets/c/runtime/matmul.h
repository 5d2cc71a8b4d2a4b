// Matrix multiplication for one type. Included with
//     REAL       float or double
//     OF(name)   name with the type's suffix
// by matmul_f32.c and matmul_f64.c, which define matmul_f32 and matmul_f64.
//
// The idea is that of K. Goto and R. van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008):
// - A tile of c, as large as the registers hold, is the sum over k of (a column of a) x (a row of b). Each number read
//   is used for a whole row or column of the tile, so arithmetic, not memory, sets the pace.
// - a is copied into strips of as many rows as a tile has, b into panels of as many columns, both in the very order in
//   which tiles read them. Strides matter here only, so a transposed matrix costs no more than another.
// - k is cut so that a strip's part stays in the first-level cache while it meets the panels of a block, and a block
//   of panels in the second-level cache while all strips of the block meet it.
// Sums run over l = 0, 1, ..., k - 1 within each cut, cut after cut. Cuts and blocks depend on sizes alone, and the
// choice among this way and the two for small matrices (`plain`, `dots`) on sizes and strides. So the bits of the
// result do not depend on who computes which block.
#include "runtime.h"
#include <stddef.h>
#include <string.h>

#ifndef MATMUL_H
#define MATMUL_H
// The tile: TILE_ROWS x (VECTORS x lanes) sums, VECTORS numbers of b and one of a fill the registers (32 with AVX-512
// and NEON, else 16).
#if defined(__AVX512F__)
enum { VECTOR_BYTES = 64, TILE_ROWS = 12, VECTORS = 2 };
#elif defined(__AVX__)
enum { VECTOR_BYTES = 32, TILE_ROWS = 6, VECTORS = 2 };
#elif defined(__aarch64__)
enum { VECTOR_BYTES = 16, TILE_ROWS = 8, VECTORS = 3 };
#else
enum { VECTOR_BYTES = 16, TILE_ROWS = 4, VECTORS = 2 };
#endif
enum {
    CUT_BYTES = 2048,     // of a row of a: TILE_ROWS of them fit the first-level cache
    BLOCK_PANELS = 8,     // panels of one cut that fit the second-level cache
    MAX_BLOCKS = 64,      // that c is cut into, unless the cache asks for more
    BLOCK_WORK = 1 << 20, // multiplications that a block has at least, if there are several
    ALONE_WORK = 1 << 17, // up to here one thread does a matrix sooner than several
    TINY_WORK = 1 << 10,  // and up to here three plain loops are fastest
    MANY_MATRICES = 16,   // a batch of so many is shared out as whole matrices
    DOT_ROWS = 4,         // so many rows and fewer are done as dot products where b allows
    DOT_COLUMNS = 64,     // columns of a unit of dot products
    DOTS_AT_ONCE = 4,     // that many sums hide the time that one addition takes
};
#define ALWAYS_INLINE __attribute__((always_inline)) static inline
#define UNROLL _Pragma("GCC unroll 16")

void *scratch(size_t bytes); // in scratch.c: memory that this thread keeps

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t parts(int64_t n, int64_t size) { return (n + size - 1) / size; } // that n is cut into, the last shorter
static double work_of(const struct matmul *of) { return (double)of->m * (double)of->n * (double)of->k; }

static void share_out(const struct runtime *runtime, kernel *work, int64_t units, void *const *p)
{
    if (runtime) runtime->parallel(runtime, work, units, p, 0);
    else work(p, 0, 0, units);
}

// Say the same multiplication in a form that is easier to do fast.
static void simplify(struct matmul *of)
{
    // One b for a whole batch whose rows follow each other evenly: that is one tall matrix. (The stride between the
    // rows of a matrix with one row may be called anything.)
    if (of->m == 1) {
        of->a_row = of->a_batch;
        of->c_row = of->c_batch;
    }
    if (of->batch > 1 && of->b_batch == 0 && of->a_batch == of->m * of->a_row && of->c_batch == of->m * of->c_row) {
        of->m *= of->batch;
        of->batch = 1;
    }
    // A column is a row of the transposed product: (a b)^T = b^T a^T.
    if (of->n == 1 && of->m > 1 && of->c_row == 1) {
        struct matmul was = *of;
        of->m = 1;
        of->n = was.m;
        of->a = was.b;
        of->a_batch = was.b_batch;
        of->a_row = 0;
        of->a_column = was.b_row;
        of->b = was.a;
        of->b_batch = was.a_batch;
        of->b_row = was.a_column;
        of->b_column = was.a_row;
    }
}
#endif

#define LANES ((int)(VECTOR_BYTES / sizeof(REAL)))
#define TILE_COLUMNS (VECTORS * LANES)

// Vectors at any address of a number: as wide as the processor's, and of four numbers.
typedef REAL OF(vector) __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(REAL)), may_alias));
typedef REAL OF(four) __attribute__((vector_size(4 * sizeof(REAL)), aligned(sizeof(REAL)), may_alias));

// One matrix of the batch: where it lies, where its strips and panels are packed, how c is cut into blocks.
struct OF(plan) {
    struct matmul of;
    const REAL *a, *b;
    REAL *c;
    REAL *strips;            // a[i, l] at strips[i / TILE_ROWS * TILE_ROWS * k + l * TILE_ROWS + i % TILE_ROWS]
    REAL *panels;            // b[l, j] likewise, with TILE_COLUMNS
    int a_in_place;          // strips are not packed but read from a, whose rows are contiguous
    int64_t panels_in_place; // so many of the first panels are read from b, whose rows are contiguous
    int64_t block_rows, block_columns, row_blocks, column_blocks;
};

// c (+)= a b for a tile of `rows` x `vectors` vectors. Both are constants wherever this is inlined, so that the loops
// over them unroll and the sums stay in registers.
ALWAYS_INLINE void OF(tile)(int rows, int vectors, int64_t k, const REAL *a, int64_t a_row, int64_t a_column,
                            const REAL *b, int64_t b_row, REAL *c, int64_t c_row, int add)
{
    OF(vector) sum[TILE_ROWS][VECTORS];
    UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int j = 0; j < vectors; j++) sum[i][j] = (OF(vector)){0};
    for (int64_t l = 0; l < k; l++) {
        OF(vector) row[VECTORS];
        UNROLL for (int j = 0; j < vectors; j++) row[j] = *(const OF(vector) *)(b + j * LANES);
        UNROLL for (int i = 0; i < rows; i++)
            UNROLL for (int j = 0; j < vectors; j++) sum[i][j] += a[i * a_row] * row[j];
        a += a_column;
        b += b_row;
    }
    UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int j = 0; j < vectors; j++) {
            OF(vector) *to = (OF(vector) *)(c + i * c_row + j * LANES);
            if (add) *to += sum[i][j];
            else *to = sum[i][j];
        }
}

// A tile with fewer rows is done by the largest of four heights that fits. Returns that height.
ALWAYS_INLINE int OF(tile_of_height)(int64_t rows, int vectors, int64_t k, const REAL *a, int64_t a_row,
                                     int64_t a_column, const REAL *b, int64_t b_row, REAL *c, int64_t c_row, int add)
{
    enum { FULL = TILE_ROWS, MORE = TILE_ROWS * 2 / 3, LESS = TILE_ROWS / 3 };
    if (rows >= FULL) OF(tile)(FULL, vectors, k, a, a_row, a_column, b, b_row, c, c_row, add);
    else if (rows >= MORE) OF(tile)(MORE, vectors, k, a, a_row, a_column, b, b_row, c, c_row, add);
    else if (rows >= LESS) OF(tile)(LESS, vectors, k, a, a_row, a_column, b, b_row, c, c_row, add);
    else OF(tile)(1, vectors, k, a, a_row, a_column, b, b_row, c, c_row, add);
    return rows >= FULL ? FULL : rows >= MORE ? MORE : rows >= LESS ? LESS : 1;
}

// One strip times one panel, over one cut of k: `rows` <= TILE_ROWS, `columns` <= TILE_COLUMNS.
static void OF(strip_by_panel)(int64_t rows, int64_t columns, int64_t k, const REAL *a, int64_t a_row, int packed,
                               const REAL *b, int64_t b_row, REAL *c, int64_t c_row, int add)
{
    // At the right edge of c a whole vector would write too far: the tile goes to `edge` first.
    REAL edge[TILE_ROWS * TILE_COLUMNS];
    int cut = columns % LANES != 0, narrow = columns <= LANES;
    while (rows > 0) {
        REAL *to = cut ? edge : c;
        int64_t to_row = cut ? TILE_COLUMNS : c_row;
        int add_here = add && !cut, height;
        if (narrow && packed) height = OF(tile_of_height)(rows, 1, k, a, 1, TILE_ROWS, b, b_row, to, to_row, add_here);
        else if (narrow) height = OF(tile_of_height)(rows, 1, k, a, a_row, 1, b, b_row, to, to_row, add_here);
        else if (packed) height = OF(tile_of_height)(rows, VECTORS, k, a, 1, TILE_ROWS, b, b_row, to, to_row, add_here);
        else height = OF(tile_of_height)(rows, VECTORS, k, a, a_row, 1, b, b_row, to, to_row, add_here);
        for (int i = 0; cut && i < height; i++)
            for (int64_t j = 0; j < columns; j++)
                c[i * c_row + j] = edge[i * TILE_COLUMNS + j] + (add ? c[i * c_row + j] : 0);
        rows -= height;
        a += packed ? height : height * a_row;
        c += height * c_row;
    }
}

// to[l, w] = from[w, l] for l, w < 4: two rounds, each of which interleaves the numbers of two rows.
ALWAYS_INLINE void OF(transpose_four)(REAL *to, int64_t to_row, const REAL *from, int64_t from_row)
{
#if defined(__clang__) || __GNUC__ >= 12
    OF(four) w0 = *(const OF(four) *)from, w1 = *(const OF(four) *)(from + from_row);
    OF(four) w2 = *(const OF(four) *)(from + 2 * from_row), w3 = *(const OF(four) *)(from + 3 * from_row);
    OF(four) even01 = __builtin_shufflevector(w0, w2, 0, 4, 1, 5), even23 = __builtin_shufflevector(w0, w2, 2, 6, 3, 7);
    OF(four) odd01 = __builtin_shufflevector(w1, w3, 0, 4, 1, 5), odd23 = __builtin_shufflevector(w1, w3, 2, 6, 3, 7);
    *(OF(four) *)to = __builtin_shufflevector(even01, odd01, 0, 4, 1, 5);
    *(OF(four) *)(to + to_row) = __builtin_shufflevector(even01, odd01, 2, 6, 3, 7);
    *(OF(four) *)(to + 2 * to_row) = __builtin_shufflevector(even23, odd23, 0, 4, 1, 5);
    *(OF(four) *)(to + 3 * to_row) = __builtin_shufflevector(even23, odd23, 2, 6, 3, 7);
#else
    UNROLL for (int l = 0; l < 4; l++)
        UNROLL for (int w = 0; w < 4; w++) to[l * to_row + w] = from[w * from_row + l];
#endif
}

// to[l, w] = from[l * step + w * across] for l < k, w < count; the rest of `width` numbers is 0.
ALWAYS_INLINE void OF(pack)(REAL *to, int width, const REAL *from, int64_t k, int64_t step, int64_t across,
                            int64_t count)
{
    if (count < width) memset(to, 0, (size_t)k * (size_t)width * sizeof(REAL));
    int64_t l = 0;
    if (across == 1 && count == width) {
        for (; l < k; l++) memcpy(to + l * width, from + l * step, (size_t)width * sizeof(REAL));
    } else if (step == 1) {
        for (; l + 4 <= k; l += 4) {
            int64_t w = 0;
            for (; w + 4 <= count; w += 4) OF(transpose_four)(to + l * width + w, width, from + l + w * across, across);
            for (; w < count; w++)
                for (int i = 0; i < 4; i++) to[(l + i) * width + w] = from[l + i + w * across];
        }
    }
    for (; l < k; l++)
        for (int64_t w = 0; w < count; w++) to[l * width + w] = from[l * step + w * across];
}

// Decide what is packed and how c is cut, for matrix number s of the batch.
static struct OF(plan) OF(make_plan)(const struct matmul *of, int64_t s)
{
    struct OF(plan) plan = {.of = *of};
    plan.a = (const REAL *)of->a + s * of->a_batch;
    plan.b = (const REAL *)of->b + s * of->b_batch;
    plan.c = (REAL *)of->c + s * of->c_batch;
    int64_t strips = parts(of->m, TILE_ROWS), panels = parts(of->n, TILE_COLUMNS);
    // Rows that lie a multiple of 4 KiB apart push each other out of the first-level cache.
    plan.a_in_place = of->a_column == 1 && (of->m == 1 || of->a_row * (int64_t)sizeof(REAL) % 4096 != 0);
    // Packing a panel pays when several strips read it. The last panel may be narrow; reading past it is not allowed.
    plan.panels_in_place = of->b_column == 1 && strips <= 2 ? of->n / TILE_COLUMNS : 0;
    // Begin with one block as wide as the cache allows; halve its longer side until there are enough blocks.
    double wanted = work_of(of) / BLOCK_WORK;
    int64_t high = strips, wide = smaller(panels, BLOCK_PANELS);
    while (high * wide > 1 && parts(strips, high) * parts(panels, wide) < (wanted < MAX_BLOCKS ? wanted : MAX_BLOCKS)) {
        if (wide == 1 || (high > 1 && high * TILE_ROWS > wide * TILE_COLUMNS)) high = parts(high, 2);
        else wide = parts(wide, 2);
    }
    plan.block_rows = high * TILE_ROWS;
    plan.block_columns = wide * TILE_COLUMNS;
    plan.row_blocks = parts(strips, high);
    plan.column_blocks = parts(panels, wide);
    return plan;
}

// Memory of the calling thread for what is to be packed. Returns whether there was enough.
static int OF(get_memory)(struct OF(plan) *plan)
{
    const struct matmul *of = &plan->of;
    int64_t strips = plan->a_in_place ? 0 : parts(of->m, TILE_ROWS) * TILE_ROWS * of->k;
    int64_t panels = parts(of->n, TILE_COLUMNS) * TILE_COLUMNS * of->k;
    strips = parts(strips, 64) * 64; // so that the panels begin at a cache line
    REAL *memory = scratch((size_t)(strips + panels) * sizeof(REAL));
    plan->strips = memory;
    plan->panels = memory ? memory + strips : 0;
    return memory != 0;
}

// A kernel: pack strips (the first units) and panels (the rest).
static void OF(pack_units)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(plan) *plan = p[0];
    const struct matmul *of = &plan->of;
    int64_t strips = plan->a_in_place ? 0 : parts(of->m, TILE_ROWS);
    (void)n;
    for (int64_t unit = begin; unit < end; unit++) {
        if (unit < strips) {
            int64_t i = unit * TILE_ROWS;
            OF(pack)(plan->strips + i * of->k, TILE_ROWS, plan->a + i * of->a_row, of->k, of->a_column, of->a_row,
                     smaller(TILE_ROWS, of->m - i));
        } else {
            int64_t j = (unit - strips + plan->panels_in_place) * TILE_COLUMNS;
            OF(pack)(plan->panels + j * of->k, TILE_COLUMNS, plan->b + j * of->b_column, of->k, of->b_row, of->b_column,
                     smaller(TILE_COLUMNS, of->n - j));
        }
    }
}

static int64_t OF(count_of_pack_units)(const struct OF(plan) *plan)
{
    int64_t strips = plan->a_in_place ? 0 : parts(plan->of.m, TILE_ROWS);
    return strips + parts(plan->of.n, TILE_COLUMNS) - plan->panels_in_place;
}

// A kernel: multiply blocks of c. Neighbouring units share the larger of the two matrices.
static void OF(block_units)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(plan) *plan = p[0];
    const struct matmul *of = &plan->of;
    int64_t cuts = parts(of->k, CUT_BYTES / (int64_t)sizeof(REAL)), cut = parts(of->k, cuts);
    (void)n;
    for (int64_t unit = begin; unit < end; unit++) {
        int rows_first = of->n >= of->m;
        int64_t row_block = rows_first ? unit % plan->row_blocks : unit / plan->column_blocks;
        int64_t column_block = rows_first ? unit / plan->row_blocks : unit % plan->column_blocks;
        int64_t i_begin = row_block * plan->block_rows, i_end = smaller(i_begin + plan->block_rows, of->m);
        int64_t j_begin = column_block * plan->block_columns, j_end = smaller(j_begin + plan->block_columns, of->n);
        for (int64_t l = 0; l < of->k; l += cut)
            for (int64_t i = i_begin; i < i_end; i += TILE_ROWS)
                for (int64_t j = j_begin; j < j_end; j += TILE_COLUMNS) {
                    int packed = !plan->a_in_place, b_in_place = j / TILE_COLUMNS < plan->panels_in_place;
                    const REAL *a = packed ? plan->strips + i * of->k + l * TILE_ROWS : plan->a + i * of->a_row + l;
                    const REAL *b = b_in_place ? plan->b + l * of->b_row + j
                                               : plan->panels + j * of->k + l * TILE_COLUMNS;
                    OF(strip_by_panel)(smaller(TILE_ROWS, i_end - i), smaller(TILE_COLUMNS, j_end - j),
                                       smaller(cut, of->k - l), a, of->a_row, packed,
                                       b, b_in_place ? of->b_row : TILE_COLUMNS,
                                       plan->c + i * of->c_row + j, of->c_row, of->add || l > 0);
                }
    }
}

// The definition, in three loops: for tiny matrices, k = 0, and when there is no memory to pack.
static void OF(plain)(const struct OF(plan) *plan)
{
    const struct matmul *of = &plan->of;
    for (int64_t i = 0; i < of->m; i++) {
        REAL *c = plan->c + i * of->c_row;
        for (int64_t j = 0; j < of->n && !of->add; j++) c[j] = 0;
        for (int64_t l = 0; l < of->k; l++) {
            REAL a = plan->a[i * of->a_row + l * of->a_column];
            const REAL *b = plan->b + l * of->b_row;
            if (of->b_column == 1) {
                _Pragma("omp simd") for (int64_t j = 0; j < of->n; j++) c[j] += a * b[j];
            } else {
                for (int64_t j = 0; j < of->n; j++) c[j] += a * b[j * of->b_column];
            }
        }
    }
}

// c[j] (+)= sum over l of a[l] * b[l, j] for so many columns, each of which lies contiguous in memory, as a does.
ALWAYS_INLINE void OF(dots)(int columns, int64_t k, const REAL *a, const REAL *b, int64_t b_column, REAL *c, int add)
{
    OF(vector) sums[DOTS_AT_ONCE];
    UNROLL for (int j = 0; j < columns; j++) sums[j] = (OF(vector)){0};
    int64_t whole = k / LANES * LANES;
    for (int64_t l = 0; l < whole; l += LANES) {
        OF(vector) part = *(const OF(vector) *)(a + l);
        UNROLL for (int j = 0; j < columns; j++) sums[j] += part * *(const OF(vector) *)(b + j * b_column + l);
    }
    for (int j = 0; j < columns; j++) {
        REAL sum = 0;
        for (int i = 0; i < LANES; i++) sum += sums[j][i];
        for (int64_t l = whole; l < k; l++) sum += a[l] * b[j * b_column + l];
        c[j] = add ? c[j] + sum : sum;
    }
}

// A kernel: columns of c as dot products. For few rows, where b is read so seldom that packing it would take longer
// than the multiplication.
static void OF(dot_units)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(plan) *plan = p[0];
    const struct matmul *of = &plan->of;
    (void)n;
    int64_t last = smaller(end * DOT_COLUMNS, of->n), at_once;
    for (int64_t j = begin * DOT_COLUMNS; j < last; j += at_once) {
        at_once = last - j < DOTS_AT_ONCE ? 1 : DOTS_AT_ONCE;
        for (int64_t i = 0; i < of->m; i++) {
            const REAL *a = plan->a + i * of->a_row, *b = plan->b + j * of->b_column;
            REAL *c = plan->c + i * of->c_row + j;
            if (at_once == 1) OF(dots)(1, of->k, a, b, of->b_column, c, of->add);
            else OF(dots)(DOTS_AT_ONCE, of->k, a, b, of->b_column, c, of->add);
        }
    }
}

// One matrix, on the threads that `runtime` offers, or on this one if it is 0.
static void OF(one_matrix)(const struct runtime *runtime, const struct matmul *of, int64_t s)
{
    struct OF(plan) plan = OF(make_plan)(of, s);
    void *p[] = {&plan};
    if (of->m <= DOT_ROWS && of->a_column == 1 && of->b_row == 1 && of->k >= 4 * LANES) {
        share_out(runtime, OF(dot_units), parts(of->n, DOT_COLUMNS), p);
    } else if (work_of(of) <= TINY_WORK || !OF(get_memory)(&plan)) {
        OF(plain)(&plan);
    } else {
        share_out(runtime, OF(pack_units), OF(count_of_pack_units)(&plan), p);
        share_out(runtime, OF(block_units), plan.row_blocks * plan.column_blocks, p);
    }
}

// A kernel: matrices of the batch, each done by one thread. A unit is n[0] matrices.
static void OF(matrix_units)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct matmul *of = p[0];
    for (int64_t s = begin * n[0]; s < smaller(end * n[0], of->batch); s++) OF(one_matrix)(0, of, s);
}

void OF(matmul)(const struct runtime *runtime, const struct matmul *given)
{
    struct matmul of = *given;
    if (of.batch <= 0 || of.m <= 0 || of.n <= 0) return;
    simplify(&of);
    double work = work_of(&of);
    if (!runtime || (of.batch < MANY_MATRICES && work > ALONE_WORK)) {
        for (int64_t s = 0; s < of.batch; s++) OF(one_matrix)(runtime, &of, s);
    } else {
        void *p[] = {&of};
        int64_t per_unit = 1 + (int64_t)(ALONE_WORK / (work + 1));
        runtime->parallel(runtime, OF(matrix_units), parts(of.batch, per_unit), p, &per_unit);
    }
}
