// Matrix multiplication for one type. Included with
//     REAL       float or double
//     OF(name)   name with the type's suffix
// by matmul_f32.c and matmul_f64.c, which define matmul_f32 and matmul_f64.
//
// The idea is that of K. Goto and R. van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008):
// - A tile of c, as large as the registers hold, is the sum over k of (a column of a) x (a row of b). Each number read
//   is used for a whole row or column of the tile, so arithmetic, not memory, sets the pace (matmul_tile.h).
// - a is used in strips of as many rows as a tile has, b in panels of as many columns. Where they do not lie in memory
//   as tiles like to read them, they are packed: copied into that order (matmul_pack.h).
// - k is cut so that a strip's part stays in the first-level cache while it meets the panels of a block, and a block
//   of panels in the second-level cache while all strips of the block meet it.
// - c is cut into blocks. A block is done by one thread, with panels and strips of its own, which lie in that
//   processor's cache; strips that several blocks need are packed once for all of them.
// Packing is work too, so it is avoided or hidden: rows of a that lie contiguous are read in place, and a panel of b
// is written by the first tile that reads it, on the way. Matrices with few rows or columns have ways of their own
// (matmul_few.h).
//
// Sums run over l = 0, 1, ..., k - 1 within each cut, cut after cut. Cuts depend on k alone, and which way is taken on
// sizes and strides. So the bits of the result do not depend on who computes which block.
#include "runtime.h"
#include "matmul_sizes.h"
#include <stddef.h>
#include <string.h>

#ifndef MATMUL_H
#define MATMUL_H
enum {
    NEAR_BYTES = 1 << 15, // a matrix within so many bytes stays in that cache without packing
    SHORT_BYTES = 1024,   // of a row of a that is fetched ahead
    BLOCK_PANELS = 8,     // panels of a longest cut that fit the second-level cache,
    BLOCK_STRIPS = 8,     // and strips that do so beside them
    PACKED_ROWS = 8,      // that strips are packed from at a time: their lines stay in the first-level cache meanwhile
    MAX_BLOCKS = 4,       // that c is cut into for each thread, unless the cache asks for more
    BLOCK_WORK = 1 << 17, // multiplications that a block has at least, if there are several
    ALONE_WORK = 1 << 17, // up to here one thread does a matrix sooner than several
    TINY_WORK = 1 << 10,  // and up to here three plain loops are fastest
    MANY_MATRICES = 16,   // so many are shared out as whole matrices
};

void *scratch(size_t bytes); // in scratch.c: memory that this thread keeps
int threads_wanted(void);    // in pool.c: how many threads take part

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
    if (of->groups == 0) of->groups = 1;
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
    // Groups of one matrix are a batch.
    if (of->batch == 1) {
        of->batch = of->groups;
        of->a_batch = of->a_group;
        of->b_batch = of->b_group;
        of->c_batch = of->c_group;
        of->groups = 1;
    }
    // A column is a row of the transposed product: (a b)^T = b^T a^T.
    if (of->n == 1 && of->m > 1 && of->c_row == 1 && !of->packed) {
        struct matmul was = *of;
        of->m = 1;
        of->n = was.m;
        of->a = was.b;
        of->a_group = was.b_group;
        of->a_batch = was.b_batch;
        of->a_row = 0;
        of->a_column = was.b_row;
        of->b = was.a;
        of->b_group = was.a_group;
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

// One matrix: where it lies, what of it is packed, how k and c are cut.
struct OF(plan) {
    struct matmul of;
    const REAL *a, *b;
    REAL *c;
    int in_loops; // blocks are done without tiles
    int packs_a, packs_b;
    REAL *strips; // if all strips are packed before the blocks begin: cut after cut, strip after strip
    int64_t strip_count;
    int64_t cut;
    int64_t row_blocks, column_blocks;
};

// The panels of the block that this thread is at, and some of its strips: one cut of them.
static _Thread_local _Alignas(64) REAL OF(strips)[BLOCK_STRIPS * TILE_ROWS * (CUT_BYTES / sizeof(REAL))];
static _Thread_local _Alignas(64) REAL OF(panels)[BLOCK_PANELS * TILE_COLUMNS * (CUT_BYTES / sizeof(REAL))];

#include "matmul_few.h"
#include "matmul_pack.h"
#include "matmul_tile.h"

// Matrix number s of all groups.
static struct OF(plan) OF(find_matrix)(const struct matmul *of, int64_t s)
{
    struct OF(plan) plan = {.of = *of};
    int64_t group = s / of->batch, in_group = s % of->batch;
    plan.a = (const REAL *)of->a + group * of->a_group + in_group * of->a_batch;
    plan.b = (const REAL *)of->b + group * of->b_group + in_group * of->b_batch;
    plan.c = (REAL *)of->c + group * of->c_group + in_group * of->c_batch;
    return plan;
}

// Do k rows that lie `stride` numbers apart fit the first-level cache, with all that lies between?
static int OF(is_near)(int64_t k, int64_t stride)
{
    return k * (stride < 0 ? -stride : stride) * (int64_t)sizeof(REAL) <= NEAR_BYTES;
}

// k is cut into equal parts.
static int64_t OF(cut_of)(int64_t k) { return parts(k, parts(k, CUT_BYTES / (int64_t)sizeof(REAL))); }

// Decide what is packed, and how k and c are cut.
static void OF(cut_up)(struct OF(plan) *plan, int threads)
{
    const struct matmul *of = &plan->of;
    const int64_t strips = parts(of->m, TILE_ROWS), panels = parts(of->n, TILE_COLUMNS);
    int b_is_near = OF(is_near)(of->k, of->b_row);
    plan->in_loops = !of->packed && of->m <= FEW_ROWS && of->b_column == 1 && !b_is_near;
    // Contiguous rows of a are read in place, but for those that lie a multiple of 4 KiB apart: they push each other
    // out of the first-level cache. Otherwise packing pays when several panels meet the strip. Packing b pays when
    // several strips meet the panel.
    if (of->a_column == 1) plan->packs_a = of->m > 4 && of->a_row * (int64_t)sizeof(REAL) % 4096 == 0;
    else plan->packs_a = panels > 1 && !OF(is_near)(of->k, of->a_column);
    plan->packs_b = of->b_column != 1 || (strips > 2 && !b_is_near);
    plan->strip_count = strips;
    plan->cut = OF(cut_of)(of->k);
    // Begin with blocks as wide as the cache allows; halve their longer side until there are enough. Each block packs
    // its own panels, so it stays so high that this costs little: more if the panels are to be transposed. The bits are
    // the same for any blocks; so their number may follow that of the threads.
    const int64_t fitting = BLOCK_PANELS * (CUT_BYTES / (int64_t)sizeof(REAL)) / plan->cut;
    const int64_t low = panels <= 2 ? 4 : of->b_column == 1 || of->packed ? 8 : 32;
    double enough = threads == 1 ? 1 : work_of(of) / BLOCK_WORK;
    if (enough > MAX_BLOCKS * threads) enough = MAX_BLOCKS * threads;
    int64_t row_blocks = 1, column_blocks = parts(panels, fitting);
    while ((double)(row_blocks * column_blocks) < enough) {
        const int64_t high = strips / row_blocks, wide = panels / column_blocks;
        if (high >= 2 * low && (wide <= 1 || high * TILE_ROWS > wide * TILE_COLUMNS)) row_blocks *= 2;
        else if (wide > 1) column_blocks = smaller(2 * column_blocks, panels);
        else break;
    }
    plan->row_blocks = row_blocks;
    plan->column_blocks = column_blocks;
}

// The first row of strip number s. Those that are not packed are about equally high: 13 rows are better 7 and 6 than 12
// and 1, for a low tile waits for its additions.
ALWAYS_INLINE int64_t OF(strip_start)(const struct OF(plan) *plan, int64_t s)
{
    return plan->packs_a ? smaller(s * TILE_ROWS, plan->of.m) : s * plan->of.m / plan->strip_count;
}

// What all tiles have in common that a strip makes with one cut of k: its first numbers are a[i, l].
ALWAYS_INLINE struct OF(tile) OF(strip_of)(const struct OF(plan) *plan, int64_t i, int64_t next, int64_t l)
{
    const struct matmul *of = &plan->of;
    return (struct OF(tile)){
        .rows = next - i,
        .k = smaller(plan->cut, of->k - l),
        .a = plan->a + i * of->a_row + l * of->a_column,
        .a_row = of->a_row,
        .a_column = of->a_column,
        .c_row = of->c_row,
        .add = of->add || l > 0,
    };
}

// Pack a cut of strips first .. last - 1. Where steps along k are rows of a in memory, few of them are done at a time,
// strip after strip, so that each line of the cache is fetched once. Meanwhile later ones are fetched: they lie so far
// apart that the processor does not see in which direction they are read.
static void OF(pack_strips)(const struct OF(plan) *plan, int64_t first, int64_t last, int64_t l, REAL *strips)
{
    const struct matmul *of = &plan->of;
    const int64_t begin = first * TILE_ROWS, end = smaller(last * TILE_ROWS, of->m);
    const int64_t k = smaller(plan->cut, of->k - l), l_end = l + k, at_once = of->a_row == 1 ? PACKED_ROWS : k;
    for (int64_t next; l < l_end; l = next, strips += at_once * TILE_ROWS) {
        next = smaller(l + at_once, l_end);
        for (int64_t ahead = next + at_once; of->a_row == 1 && ahead < smaller(next + 2 * at_once, of->k); ahead++)
            for (int64_t i = begin; i < end; i += 64 / (int64_t)sizeof(REAL))
                __builtin_prefetch(plan->a + i + ahead * of->a_column);
        for (int64_t i = begin; i < end; i += TILE_ROWS)
            OF(pack)(strips + (i - begin) * k, TILE_ROWS, plan->a + i * of->a_row + l * of->a_column, next - l,
                     of->a_column, of->a_row, smaller(TILE_ROWS, of->m - i));
    }
}

// Where strip number s lies in plan->strips, for the cut that begins with l.
ALWAYS_INLINE REAL *OF(packed_strip)(const struct OF(plan) *plan, int64_t l, int64_t s)
{
    return plan->strips + (l * plan->strip_count + s * smaller(plan->cut, plan->of.k - l)) * TILE_ROWS;
}

// A kernel: pack all strips. A unit is one cut of BLOCK_STRIPS of them.
static void OF(strip_units)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(plan) *plan = p[0];
    const int64_t count = plan->strip_count, units_of_cut = parts(count, BLOCK_STRIPS);
    (void)n;
    for (int64_t unit = begin; unit < end; unit++) {
        const int64_t l = unit / units_of_cut * plan->cut, first = unit % units_of_cut * BLOCK_STRIPS;
        OF(pack_strips)(plan, first, smaller(first + BLOCK_STRIPS, count), l, OF(packed_strip)(plan, l, first));
    }
}

// Where the panel of b[l .. , j .. ] lies in all that is packed of b: cut after cut, panel after panel.
ALWAYS_INLINE REAL *OF(packed_panel)(const struct matmul *of, const void *packed, int64_t l, int64_t j)
{
    const int64_t width = parts(of->n, TILE_COLUMNS) * TILE_COLUMNS;
    return (REAL *)packed + l * width + j * smaller(OF(cut_of)(of->k), of->k - l);
}

// Let a tile read its panel. The first strip that meets the panel fills it: on the way if it can read b in place.
ALWAYS_INLINE void OF(use_panel)(struct OF(tile) *tile, REAL *panel, int64_t b_column, int first)
{
    if (first && b_column == 1 && OF(is_whole)(tile->columns)) {
        tile->save = panel;
        return;
    }
    if (first) OF(pack)(panel, TILE_COLUMNS, tile->b, tile->k, tile->b_row, b_column, tile->columns);
    tile->b = panel;
    tile->b_row = TILE_COLUMNS;
}

// While a strip meets its panels, the rows of the next one are fetched into the second-level cache, one for each tile.
// Long rows are fetched by the processor itself, which sees in which direction they are read.
ALWAYS_INLINE void OF(fetch_row)(const struct OF(plan) *plan, int64_t i)
{
    const struct matmul *of = &plan->of;
    if (plan->packs_a || of->a_column != 1 || i >= of->m || of->k * (int64_t)sizeof(REAL) > SHORT_BYTES) return;
    const REAL *row = plan->a + i * of->a_row;
    for (int64_t l = 0; l < of->k; l += 64 / (int64_t)sizeof(REAL)) __builtin_prefetch(row + l, 0, 2);
}

// One block of c. Strips and panels are shared out evenly among the blocks.
static void OF(multiply_block)(const struct OF(plan) *plan, int64_t row_block, int64_t column_block)
{
    const struct matmul *of = &plan->of;
    const int64_t high = plan->strip_count, wide = parts(of->n, TILE_COLUMNS);
    const int64_t first = high * row_block / plan->row_blocks, last = high * (row_block + 1) / plan->row_blocks;
    const int64_t j_begin = wide * column_block / plan->column_blocks * TILE_COLUMNS;
    const int64_t j_end = smaller(wide * (column_block + 1) / plan->column_blocks * TILE_COLUMNS, of->n);
    if (plan->in_loops) {
        OF(plain)(plan, OF(strip_start)(plan, first), OF(strip_start)(plan, last), j_begin, j_end);
        return;
    }
    REAL *panels = OF(panels), *strips = OF(strips);
    const int packs_strips = plan->packs_a && !plan->strips;
    for (int64_t l = 0; l < of->k; l += plan->cut)
        for (int64_t s = first; s < last; s++) {
            const int64_t i = OF(strip_start)(plan, s), next = OF(strip_start)(plan, s + 1);
            const int64_t packed = (s - first) % BLOCK_STRIPS;
            if (packs_strips && packed == 0) OF(pack_strips)(plan, s, smaller(s + BLOCK_STRIPS, last), l, strips);
            struct OF(tile) tile = OF(strip_of)(plan, i, next, l);
            if (plan->packs_a) {
                tile.a = plan->strips ? OF(packed_strip)(plan, l, s) : strips + packed * TILE_ROWS * tile.k;
                tile.a_row = 1;
                tile.a_column = TILE_ROWS;
            }
            for (int64_t j = j_begin; j < j_end; j += TILE_COLUMNS) {
                tile.columns = smaller(TILE_COLUMNS, j_end - j);
                tile.b = plan->b + l * of->b_row + j * of->b_column;
                tile.b_row = of->b_row;
                tile.save = 0;
                tile.c = plan->c + i * of->c_row + j;
                // The last panel of all may be narrow, and reading past the end of b is not allowed.
                if (of->packed)
                    OF(use_panel)(&tile, OF(packed_panel)(of, of->packed, l, j), of->b_column, 0);
                else if (plan->packs_b || !OF(is_whole)(tile.columns))
                    OF(use_panel)(&tile, panels + (j - j_begin) * plan->cut, of->b_column, s == first);
                OF(fetch_row)(plan, next + (j - j_begin) / TILE_COLUMNS);
                OF(multiply_tile)(&tile);
            }
        }
}

// A kernel: multiply blocks of c. Units that follow each other share the larger of the two matrices.
static void OF(block_units)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(plan) *plan = p[0];
    const struct matmul *of = &plan->of;
    (void)n;
    for (int64_t unit = begin; unit < end; unit++) {
        int rows_first = of->n >= of->m;
        int64_t row_block = rows_first ? unit % plan->row_blocks : unit / plan->column_blocks;
        int64_t column_block = rows_first ? unit / plan->row_blocks : unit % plan->column_blocks;
        OF(multiply_block)(plan, row_block, column_block);
    }
}

// All blocks of a matrix, after packing what several of them share. (Without memory for that, each packs its own.)
static void OF(multiply_blocks)(const struct runtime *runtime, struct OF(plan) *plan)
{
    OF(cut_up)(plan, runtime ? threads_wanted() : 1);
    if (plan->packs_a && plan->column_blocks > 1) {
        const int64_t units = parts(plan->of.k, plan->cut) * parts(plan->strip_count, BLOCK_STRIPS);
        plan->strips = scratch((size_t)(plan->strip_count * TILE_ROWS * plan->of.k) * sizeof(REAL));
        if (plan->strips) share_out(runtime, OF(strip_units), units, (void *[]){plan});
    }
    share_out(runtime, OF(block_units), plan->row_blocks * plan->column_blocks, (void *[]){plan});
}

// One matrix, on the threads that `runtime` offers, or on this one if it is 0.
static void OF(one_matrix)(const struct runtime *runtime, const struct matmul *of, int64_t s)
{
    struct OF(plan) plan = OF(find_matrix)(of, s);
    struct OF(dots) dots;
    if (of->packed) {
        OF(multiply_blocks)(runtime, &plan);
    } else if (OF(find_dots)(&plan, &dots)) {
        share_out(runtime, OF(dot_units), parts(dots.columns, UNIT_DOTS), (void *[]){&dots});
    } else if (work_of(of) <= TINY_WORK) {
        OF(plain)(&plan, 0, of->m, 0, of->n);
    } else if (of->k <= FEW_TERMS && work_of(of) <= ALONE_WORK) {
        OF(few_terms)(&plan);
    } else if (of->n <= DOT_COLUMNS && of->a_row == 1 && work_of(of) <= ALONE_WORK) {
        OF(few_columns)(&plan);
    } else {
        OF(multiply_blocks)(runtime, &plan);
    }
}

// A kernel: matrices, each done by one thread. A unit is n[0] matrices.
static void OF(matrix_units)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct matmul *of = p[0];
    int64_t last = smaller(end * n[0], of->groups * of->batch);
    for (int64_t s = begin * n[0]; s < last; s++) OF(one_matrix)(0, of, s);
}

void OF(matmul)(const struct runtime *runtime, const struct matmul *given)
{
    struct matmul of = *given;
    if (of.batch <= 0 || of.m <= 0 || of.n <= 0) return;
    simplify(&of);
    double work = work_of(&of);
    int64_t matrices = of.groups * of.batch;
    if (!runtime || (matrices < MANY_MATRICES && work > ALONE_WORK)) {
        for (int64_t s = 0; s < matrices; s++) OF(one_matrix)(runtime, &of, s);
    } else {
        void *p[] = {&of};
        int64_t per_unit = 1 + (int64_t)(ALONE_WORK / (work + 1));
        runtime->parallel(runtime, OF(matrix_units), parts(matrices, per_unit), p, &per_unit);
    }
}

// A kernel: pack all of b. A unit is a panel.
static void OF(panel_units)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct matmul *of = p[0];
    const int64_t cut = OF(cut_of)(of->k);
    (void)n;
    for (int64_t j = begin * TILE_COLUMNS; j < smaller(end * TILE_COLUMNS, of->n); j += TILE_COLUMNS)
        for (int64_t l = 0; l < of->k; l += cut) {
            const REAL *from = (const REAL *)of->b + l * of->b_row + j * of->b_column;
            OF(pack)(OF(packed_panel)(of, p[1], l, j), TILE_COLUMNS, from, smaller(cut, of->k - l), of->b_row,
                     of->b_column, smaller(TILE_COLUMNS, of->n - j));
        }
}

_Static_assert(TILE_COLUMNS <= 32, "who asks for a pack has room for 32 more columns");
void OF(pack_b)(const struct runtime *runtime, const struct matmul *of, void *to)
{
    share_out(runtime, OF(panel_units), parts(of->n, TILE_COLUMNS), (void *[]){(void *)of, to});
}
