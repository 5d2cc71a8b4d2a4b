// A matrix product in four ways, each with one idea more than the one before it. `struct matmul` says where the
// matrices lie (pellucid/targets/c/runtime/runtime.h); these functions know one matrix, not a batch of them.
#include "runtime.h"
#include <string.h>

// The definition: each element of c is a sum over l.
static void three_loops(const struct matmul *of)
{
    const float *a = of->a, *b = of->b;
    float *c = of->c;
    for (int64_t i = 0; i < of->m; i++)
        for (int64_t j = 0; j < of->n; j++) {
            float sum = 0;
            for (int64_t l = 0; l < of->k; l++)
                sum += a[i * of->a_row + l * of->a_column] * b[l * of->b_row + j * of->b_column];
            c[i * of->c_row + j] = sum;
        }
}

// row += factor * (a row of b)
static void add_row(float *row, float factor, const float *b, int64_t step, int64_t n)
{
    if (step == 1) {
        #pragma omp simd
        for (int64_t j = 0; j < n; j++) row[j] += factor * b[j];
    } else {
        for (int64_t j = 0; j < n; j++) row[j] += factor * b[j * step];
    }
}

// The inner loops exchanged: a whole row of c grows at once, so 8 or 16 of its sums fit into one instruction. That
// needs rows of b whose numbers lie side by side (a step of 1).
static void row_by_row(const struct matmul *of)
{
    const float *a = of->a, *b = of->b;
    for (int64_t i = 0; i < of->m; i++) {
        float *row = (float *)of->c + i * of->c_row;
        memset(row, 0, (size_t)of->n * sizeof(float));
        for (int64_t l = 0; l < of->k; l++)
            add_row(row, a[i * of->a_row + l * of->a_column], b + l * of->b_row, of->b_column, of->n);
    }
}

enum { ROWS = 8, COLUMNS = 8 }; // of a tile; m and n must be multiples of them here
typedef float eight __attribute__((vector_size(4 * COLUMNS), aligned(4), may_alias));

// Eight numbers of a row of b. Side by side they are one load; with a stride between them, eight.
__attribute__((always_inline)) static inline eight load(const float *b, int64_t step)
{
    eight row;
    if (step == 1) return *(const eight *)b;
    for (int w = 0; w < COLUMNS; w++) row[w] = b[w * step];
    return row;
}

// A tile of c stays in registers while l runs: 8 + 8 numbers are loaded for 64 multiplications and additions.
__attribute__((always_inline)) static inline void tile(const struct matmul *of, int64_t i, int64_t j, const float *b,
                                                       int64_t b_row, int64_t b_column)
{
    const float *a = (const float *)of->a + i * of->a_row;
    eight sum[ROWS] = {0};
    for (int64_t l = 0; l < of->k; l++) {
        const eight row = load(b + l * b_row, b_column);
        #pragma GCC unroll 8
        for (int r = 0; r < ROWS; r++)
            sum[r] += a[r * of->a_row + l * of->a_column] * row;
    }
    #pragma GCC unroll 8
    for (int r = 0; r < ROWS; r++)
        *(eight *)((float *)of->c + (i + r) * of->c_row + j) = sum[r];
}

static void tiles(const struct matmul *of)
{
    for (int64_t i = 0; i < of->m; i += ROWS)
        for (int64_t j = 0; j < of->n; j += COLUMNS)
            tile(of, i, j, (const float *)of->b + j * of->b_column, of->b_row, of->b_column);
}

// Eight columns of b are first copied (packed) into the order in which the tiles below each other all read them.
static void packed(const struct matmul *of)
{
    enum { LARGEST = 2048 };
    float panel[LARGEST * COLUMNS];
    for (int64_t j = 0; j < of->n; j += COLUMNS) {
        for (int64_t w = 0; w < COLUMNS; w++)
            for (int64_t l = 0; l < of->k; l++)
                panel[l * COLUMNS + w] = ((const float *)of->b)[l * of->b_row + (j + w) * of->b_column];
        for (int64_t i = 0; i < of->m; i += ROWS)
            tile(of, i, j, panel, COLUMNS, 1);
    }
}

// How Python calls them: in one of the ways above, or as the runtime does it, if there is one.
void multiply(const struct runtime *runtime, int way, int64_t m, int64_t n, int64_t k, const float *a, int64_t a_row,
              int64_t a_column, const float *b, int64_t b_row, int64_t b_column, float *c)
{
    static void (*const ways[])(const struct matmul *) = {three_loops, row_by_row, tiles, packed};
    const struct matmul of = {
        .batch = 1, .m = m, .n = n, .k = k,
        .a = a, .a_row = a_row, .a_column = a_column,
        .b = b, .b_row = b_row, .b_column = b_column,
        .c = c, .c_row = n,
    };
    if (runtime) runtime->matmul_f32(runtime, &of);
    else ways[way](&of);
}
