// Attention and its gradient for one type. Included with REAL and OF(name), as matmul.h is, by attention_f32.c and
// attention_f64.c.
//
// The matrix of scores (queries x keys) is never whole. A block of ROWS queries is taken at a time, and of their scores
// a tile of KEYS keys, which stays in the first-level cache from the product that makes it to the product that uses it.
// The largest score and the sum of each query are kept while its tiles pass; when a larger score comes, what was added
// up so far is made smaller by the same factor (M. Milakov and N. Gimelshein, "Online normalizer calculation for
// softmax", 2018; T. Dao et al., "FlashAttention", 2022). The gradient computes the tiles again, since that is faster
// than to read them.
//
// A tile lies turned round: the scores of one key side by side, one for each query of the block. So largest scores and
// sums are those of columns, which vectors do without looking across their lanes; and of the operands of the products,
// the long ones (k, v, the tile itself) are mostly read in place, only the few rows of the block are packed.
#include "runtime.h"
#include "math/bits.h"
#include "math/fma.h"
#include "math/exp.h"
#include <string.h>

#ifndef ATTENTION_H
#define ATTENTION_H
enum {
    ROWS = 32,                // queries of a block: more would waste more above the diagonal, fewer multiply slower
    ATTENTION_TILE = 32768,   // bytes of a tile of scores; the gradient has two of them on its stack
    ATTENTION_WORK = 1 << 18, // multiplications of a unit, at least
};
#define SIMD _Pragma("omp simd")

static int64_t fewer(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t blocks_of(const struct attention *of) { return (of->queries + ROWS - 1) / ROWS; }

static int64_t heads_of(const struct attention *of)
{
    int64_t heads = 1;
    for (int64_t axis = 0; axis < of->axes; axis++) heads *= of->lengths[axis];
    return heads;
}

// How many elements behind the first head number `head` begins.
static int64_t start_of(const struct attention *of, const struct heads *x, int64_t head)
{
    int64_t start = 0;
    for (int64_t axis = of->axes - 1; axis >= 0; axis--) {
        start += head % of->lengths[axis] * x->steps[axis];
        head /= of->lengths[axis];
    }
    return start;
}
#endif

#define KEYS (ATTENTION_TILE / ROWS / (int)sizeof(REAL))

// One matrix of a batch: of one head.
struct OF(matrix) {
    REAL *at;
    int64_t row, column;
};

// A block of queries, from number `first` on, and what it knows of its scores so far.
struct OF(block) {
    const struct attention *of;
    struct OF(matrix) q, k, v, g;
    int64_t first, rows, seen;
    REAL largest[ROWS], total[ROWS], along[ROWS];
};

static struct OF(matrix) OF(matrix_of)(const struct attention *of, const struct heads *x, int64_t head)
{
    return (struct OF(matrix)){(REAL *)x->at + start_of(of, x, head), x->row, x->column};
}

static struct OF(matrix) OF(from_row)(struct OF(matrix) x, int64_t row)
{
    x.at += row * x.row;
    return x;
}

static struct OF(matrix) OF(turned)(struct OF(matrix) x) { return (struct OF(matrix)){x.at, x.column, x.row}; }

void OF(matmul)(const struct runtime *, const struct matmul *);

// c (+)= a b, on this thread; a is m x k and b is k x n.
static void OF(add_product)(int64_t m, int64_t n, int64_t k, struct OF(matrix) a, struct OF(matrix) b,
                            struct OF(matrix) c, int add)
{
    OF(matmul)(0, &(struct matmul){.batch = 1, .m = m, .n = n, .k = k, .a = a.at, .a_row = a.row, .a_column = a.column,
                                   .b = b.at, .b_row = b.row, .b_column = b.column, .c = c.at, .c_row = c.row,
                                   .add = add});
}

static struct OF(block) OF(block_of)(const struct attention *of, int64_t head, int64_t block)
{
    struct OF(block) b = {.of = of, .first = block * ROWS};
    b.rows = fewer(ROWS, of->queries - b.first);
    b.seen = of->causal ? fewer(b.first + b.rows, of->keys) : of->keys;
    b.k = OF(matrix_of)(of, &of->k, head);
    b.v = OF(matrix_of)(of, &of->v, head);
    b.q = OF(from_row)(OF(matrix_of)(of, &of->q, head), b.first);
    for (int i = 0; i < ROWS; i++) {
        b.largest[i] = -(REAL)__builtin_inf();
        b.total[i] = b.along[i] = 0;
    }
    return b;
}

// tile[j, i] = row j of x (from key `from` on) times row i of y: the scores of all rows of the block with some keys.
static void OF(products)(const struct OF(block) *b, int64_t from, int64_t keys, int64_t width, struct OF(matrix) x,
                         struct OF(matrix) y, REAL *tile)
{
    const struct OF(matrix) result = {tile, ROWS, 1};
    OF(add_product)(keys, b->rows, width, OF(from_row)(x, from), OF(turned)(y), result, 0);
    for (int64_t j = 0; j < keys && b->rows < ROWS; j++)  // lanes without a query are computed, too, and not used
        for (int64_t i = b->rows; i < ROWS; i++) tile[j * ROWS + i] = 0;
}

// The scores of some keys, scaled, and -infinity where a query must not look.
static void OF(scores)(const struct OF(block) *b, int64_t from, int64_t keys, REAL *tile)
{
    const REAL scale = (REAL)b->of->scale, never = -(REAL)__builtin_inf();
    OF(products)(b, from, keys, b->of->width, b->k, b->q, tile);
    for (int64_t j = 0; j < keys; j++) {
        // Queries of the block that come before key number j, and so must not look at it.
        int early = b->of->causal ? (int)larger(0, fewer(ROWS, from + j - b->first)) : 0;
        SIMD for (int i = 0; i < ROWS; i++) tile[j * ROWS + i] = i < early ? never : tile[j * ROWS + i] * scale;
    }
}

// What is subtracted from the scores: their largest. (If all are -infinity the result is NaN, as 0 / 0 below.)
static void OF(shifts)(const REAL *largest, REAL *shift)
{
    SIMD for (int i = 0; i < ROWS; i++) shift[i] = largest[i] == -(REAL)__builtin_inf() ? 0 : largest[i];
}

// Let the block know of more keys. The tile becomes exp(scores - largest so far); `factor` is by what everything that
// was added up before is to be multiplied. `slopes`, if given, are products of g with the values, and `along` is the
// sum of exp(scores - largest) times them.
static void OF(meet)(struct OF(block) *b, int64_t keys, REAL *tile, const REAL *slopes, REAL *factor)
{
    REAL largest[ROWS], shift[ROWS], total[ROWS] = {0}, along[ROWS] = {0};
    memcpy(largest, b->largest, sizeof largest);
    for (int64_t j = 0; j < keys; j++)
        SIMD for (int i = 0; i < ROWS; i++) {
            REAL x = tile[j * ROWS + i];
            largest[i] = x > largest[i] ? x : largest[i];
        }
    OF(shifts)(largest, shift);
    for (int64_t j = 0; j < keys; j++) {
        SIMD for (int i = 0; i < ROWS; i++) {
            REAL x = OF(exp)(tile[j * ROWS + i] - shift[i]);
            tile[j * ROWS + i] = x;
            total[i] += x;
        }
        if (slopes) {
            SIMD for (int i = 0; i < ROWS; i++) along[i] += tile[j * ROWS + i] * slopes[j * ROWS + i];
        }
    }
    SIMD for (int i = 0; i < ROWS; i++) {
        factor[i] = OF(exp)(b->largest[i] - shift[i]);
        b->total[i] = b->total[i] * factor[i] + total[i];
        b->along[i] = b->along[i] * factor[i] + along[i];
        b->largest[i] = largest[i];
    }
}

// Row i of a matrix times factor[i].
static void OF(scale_rows)(int64_t rows, int64_t columns, struct OF(matrix) x, const REAL *factor)
{
    for (int64_t i = 0; i < rows; i++)
        SIMD for (int64_t j = 0; j < columns; j++) x.at[i * x.row + j] *= factor[i];
}

// y of one block of queries.
static void OF(attend)(const struct attention *of, int64_t head, int64_t block)
{
    REAL tile[KEYS * ROWS], factor[ROWS];
    struct OF(block) b = OF(block_of)(of, head, block);
    struct OF(matrix) y = OF(from_row)(OF(matrix_of)(of, &of->y, head), b.first);
    for (int64_t from = 0; from < b.seen; from += KEYS) {
        int64_t keys = fewer(KEYS, b.seen - from);
        OF(scores)(&b, from, keys, tile);
        OF(meet)(&b, keys, tile, 0, factor);
        if (from > 0) OF(scale_rows)(b.rows, of->depth, y, factor);
        struct OF(matrix) weights = {tile, 1, ROWS};
        OF(add_product)(b.rows, of->depth, keys, weights, OF(from_row)(b.v, from), y, from > 0);
    }
    for (int i = 0; i < ROWS; i++) factor[i] = 1 / b.total[i];
    OF(scale_rows)(b.rows, of->depth, y, factor);
}

// With P = softmax(scores), dP = g v^T and dS = P (dP - the sum of P dP along each row):
//
//     dv = P^T g     dq = scale dS k     dk = scale dS^T q
//
// dk and dv are sums over all blocks: this one adds its part, or writes it if it is the first. Returns how many keys
// it sees.
static int64_t OF(attend_back)(const struct attention *of, int64_t head, int64_t block, struct OF(matrix) dk,
                               struct OF(matrix) dv, int first)
{
    REAL p[KEYS * ROWS], d[KEYS * ROWS], factor[ROWS], shift[ROWS], inverse[ROWS], mean[ROWS];
    const REAL scale = (REAL)of->scale;
    struct OF(block) b = OF(block_of)(of, head, block);
    b.g = OF(from_row)(OF(matrix_of)(of, &of->g, head), b.first);
    struct OF(matrix) dq = OF(from_row)(OF(matrix_of)(of, &of->dq, head), b.first);
    for (int64_t from = 0; from < b.seen; from += KEYS) {
        int64_t keys = fewer(KEYS, b.seen - from);
        OF(scores)(&b, from, keys, p);
        OF(products)(&b, from, keys, of->depth, b.v, b.g, d);
        OF(meet)(&b, keys, p, d, factor);
    }
    OF(shifts)(b.largest, shift);
    SIMD for (int i = 0; i < ROWS; i++) {
        inverse[i] = 1 / b.total[i];
        mean[i] = b.along[i] * inverse[i];
    }
    const int64_t last = (b.seen - 1) / KEYS * KEYS;
    for (int64_t from = last; from >= 0; from -= KEYS) {
        int64_t keys = fewer(KEYS, b.seen - from);
        if (from < last) { // the last tile is still there, the others are made again
            OF(scores)(&b, from, keys, p);
            OF(products)(&b, from, keys, of->depth, b.v, b.g, d);
            for (int64_t j = 0; j < keys; j++)
                SIMD for (int i = 0; i < ROWS; i++) p[j * ROWS + i] = OF(exp)(p[j * ROWS + i] - shift[i]);
        }
        for (int64_t j = 0; j < keys; j++)
            SIMD for (int i = 0; i < ROWS; i++) {
                REAL x = p[j * ROWS + i] * inverse[i];
                p[j * ROWS + i] = x;
                d[j * ROWS + i] = x * (d[j * ROWS + i] - mean[i]) * scale;
            }
        struct OF(matrix) weights = {p, ROWS, 1}, slopes = {d, ROWS, 1};
        OF(add_product)(keys, of->depth, b.rows, weights, b.g, OF(from_row)(dv, from), !first);
        OF(add_product)(keys, of->width, b.rows, slopes, b.q, OF(from_row)(dk, from), !first);
        OF(add_product)(b.rows, of->width, keys, OF(turned)(slopes), OF(from_row)(b.k, from), dq, from < last);
    }
    return b.seen;
}

static void OF(fill_rows)(int64_t begin, int64_t end, int64_t columns, struct OF(matrix) x)
{
    for (int64_t i = begin; i < end; i++) memset(x.at + i * x.row, 0, (size_t)columns * sizeof(REAL));
}

// Where a group of blocks adds up its part of dk or dv: the first group in dk or dv itself.
static struct OF(matrix) OF(sums_of)(const struct attention *of, int64_t head, int64_t group, int of_values)
{
    if (group == 0) return OF(matrix_of)(of, of_values ? &of->dv : &of->dk, head);
    REAL *sums = (REAL *)of->sums + ((group - 1) * heads_of(of) + head) * of->keys * (of->width + of->depth);
    if (of_values) return (struct OF(matrix)){sums + of->keys * of->width, of->depth, 1};
    return (struct OF(matrix)){sums, of->width, 1};
}

// A kernel. A unit is n[0] of n[1] blocks of queries.
static void OF(attention_units)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct attention *of = p[0];
    const int64_t blocks = blocks_of(of);
    for (int64_t item = begin * n[0]; item < fewer(end * n[0], n[1]); item++)
        OF(attend)(of, item / blocks, item % blocks);
}

// A kernel. A unit is n[0] of n[1] groups. A group has every so-manieth block of a head, so that all groups have about
// the same to do. The last block goes first: it sees all keys that the group sees.
static void OF(gradient_units)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct attention *of = p[0];
    for (int64_t item = begin * n[0]; item < fewer(end * n[0], n[1]); item++) {
        const int64_t head = item / of->groups, group = item % of->groups;
        struct OF(matrix) dk = OF(sums_of)(of, head, group, 0), dv = OF(sums_of)(of, head, group, 1);
        int64_t block = blocks_of(of) - 1 - group, seen = 0;
        for (int first = 1; block >= 0; block -= of->groups, first = 0)
            seen = larger(seen, OF(attend_back)(of, head, block, dk, dv, first));
        OF(fill_rows)(seen, of->keys, of->width, dk);
        OF(fill_rows)(seen, of->keys, of->depth, dv);
    }
}

// A kernel: add what the other groups have to the first's. A unit is n[0] of the n[1] keys of all heads.
static void OF(sum_units)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct attention *of = p[0];
    for (int64_t item = begin * n[0]; item < fewer(end * n[0], n[1]); item++)
        for (int of_values = 0; of_values < 2; of_values++) {
            const int64_t head = item / of->keys, key = item % of->keys, columns = of_values ? of->depth : of->width;
            REAL *to = OF(from_row)(OF(sums_of)(of, head, 0, of_values), key).at;
            for (int64_t group = 1; group < of->groups; group++) {
                const REAL *from = OF(from_row)(OF(sums_of)(of, head, group, of_values), key).at;
                SIMD for (int64_t j = 0; j < columns; j++) to[j] += from[j];
            }
        }
}

static void OF(share_items)(const struct runtime *runtime, kernel *work, const struct attention *of, int64_t items,
                            int64_t work_of_item)
{
    void *p[] = {(void *)(uintptr_t)of};
    int64_t n[] = {1 + ATTENTION_WORK / (1 + work_of_item), items};
    runtime->parallel(runtime, work, (items + n[0] - 1) / n[0], p, n);
}

void OF(attention)(const struct runtime *runtime, const struct attention *of)
{
    int64_t work = ROWS * of->keys * (of->width + of->depth);
    OF(share_items)(runtime, OF(attention_units), of, heads_of(of) * blocks_of(of), work);
}

void OF(attention_gradient)(const struct runtime *runtime, const struct attention *of)
{
    int64_t work = of->queries * of->keys * (3 * of->width + 2 * of->depth) / of->groups;
    OF(share_items)(runtime, OF(gradient_units), of, heads_of(of) * of->groups, work);
    if (of->groups > 1)
        OF(share_items)(runtime, OF(sum_units), of, heads_of(of) * of->keys, of->groups * (of->width + of->depth));
}
