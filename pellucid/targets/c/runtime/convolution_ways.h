// Convolution for one type: which way is taken. Included with REAL and OF(name), as matmul.h is, by convolution_f32.c
// and convolution_f64.c.
//
//     few pixels, kernels kept laid out   strips meet panels, in tiles or patches                (convolution_strips.h)
//     each pixel looks at one, its own    products of the matrices as they are                   (below)
//     3 x 3, stride 1, many channels      tiles of 4 x 4: fewest multiplications             (convolution_tiles_four.h,
//                                                                                          convolution_tiles_kernel.h)
//     the same, where they do not pay     tiles of 2 x 2: fewer                                   (convolution_tiles.h)
//     few channels                        shifts: x is copied once, sums stay in registers       (convolution_shifts.h)
//     anything else                       patches in blocks, multiplied at once                  (convolution_patches.h)
#include "convolution.h"
#include "matmul_sizes.h"
#include <stddef.h>
#include <string.h>

#ifndef CONVOLUTION_WAYS_H
#define CONVOLUTION_WAYS_H
#ifndef SIMD
#define SIMD _Pragma("omp simd")
#endif

enum {
    SHARE_WORK = 1 << 17, // multiplications of a unit, at least
    TURNED_COLUMNS = 16,
};

static int64_t at_most(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t at_least(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t rounds(int64_t n, int64_t size) { return (n + size - 1) / size; } // of `size` that it takes to do n
static int64_t volume(const int64_t *lengths) { return lengths[0] * lengths[1] * lengths[2]; }

// Is each pixel of y made of one pixel of x, its own?
static int is_pointwise(const struct convolution *of)
{
    for (int axis = 0; axis < AXES; axis++)
        if (of->kernel[axis] != 1 || of->stride[axis] != 1 || of->before[axis] || of->size[axis] != of->result[axis])
            return 0;
    return 1;
}

// Matrices to be transposed, each the sum of as many as there are slices.
struct turning {
    int64_t matrices, rows, columns, slices;
    const void *from;
    void *to;
};

static int has_stride(const struct convolution *of)
{
    return of->stride[0] != 1 || of->stride[1] != 1 || of->stride[2] != 1;
}
#endif

#define PATCH_LANES ((int)(VECTOR_BYTES / sizeof(REAL)))
#define PATCH_COLUMNS (VECTORS * PATCH_LANES)      // of a panel, as matmul reads it
#define PATCH_CUT (CUT_BYTES / (int)sizeof(REAL)) // up to here matmul does not cut a sum: one panel follows another

typedef REAL OF(numbers) __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(REAL)), may_alias));

// Share items of work out, as many to a unit as make it worth while. A unit of `do_units` is n[0] of n[1] items.
static void OF(share_work)(const struct runtime *runtime, kernel *do_units, void *work, int64_t items, int64_t of_item)
{
    int64_t n[] = {1 + SHARE_WORK / (1 + of_item), items};
    runtime->parallel(runtime, do_units, rounds(items, n[0]), (void *[]){work}, n);
}

// A kernel: to[s, j, i] = the sum over slices of from[slice, s, i, j] for matrices of `rows` x `columns`. An item is a
// few columns of one of them, so that each line of the cache that is read is used up.
static void OF(turn_columns)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct turning *of = p[0];
    const int64_t in_matrix = rounds(of->columns, TURNED_COLUMNS), slice = of->matrices * of->rows * of->columns;
    for (int64_t item = begin * n[0]; item < at_most(end * n[0], n[1]); item++) {
        const int64_t matrix = item / in_matrix * of->rows * of->columns, first = item % in_matrix * TURNED_COLUMNS;
        const REAL *from = (const REAL *)of->from + matrix;
        REAL *to = (REAL *)of->to + matrix;
        for (int64_t i = 0; i < of->rows; i++)
            for (int64_t j = first; j < at_most(first + TURNED_COLUMNS, of->columns); j++) {
                REAL sum = from[i * of->columns + j];
                for (int64_t s = 1; s < of->slices; s++) sum += from[s * slice + i * of->columns + j];
                to[j * of->rows + i] = sum;
            }
    }
}

static void OF(turn)(const struct runtime *runtime, struct turning of)
{
    OF(share_work)(runtime, OF(turn_columns), &of, of.matrices * rounds(of.columns, TURNED_COLUMNS),
                   of.slices * of.rows * TURNED_COLUMNS);
}

// A kernel: to[g, c, o, i] = w[g, o, c, places - 1 - i], the kernel with which y's gradient is convolved to give x's. A
// unit is n[0] of n[1] pairs of g and c.
static void OF(flip_channels)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct convolution *of = p[0];
    const int64_t places = volume(of->kernel);
    for (int64_t item = begin * n[0]; item < at_most(end * n[0], n[1]); item++) {
        const int64_t group = item / of->inputs, c = item % of->inputs;
        REAL *to = (REAL *)of->spare + item * of->outputs * places;
        for (int64_t o = 0; o < of->outputs; o++) {
            const REAL *w = (const REAL *)of->w + ((group * of->outputs + o) * of->inputs + c) * places;
            for (int64_t i = 0; i < places; i++) to[o * places + i] = w[places - 1 - i];
        }
    }
}

#include "convolution_patches.h"
#include "convolution_points.h"
#include "convolution_lines.h"
#include "convolution_shifts.h"
#include "convolution_tiles.h"
#include "convolution_strips.h"
#include "convolution_tiles_four.h"
#include "convolution_tiles_kernel.h"

// Each pixel by itself: for each image and group a product of matrices that lie in memory as they are.
static void OF(multiply_pixels)(const struct runtime *runtime, const struct convolution *of, const REAL *x, REAL *y,
                                int64_t outputs, int64_t inputs, int64_t w_row, int64_t w_column)
{
    const int64_t pixels = volume(of->result);
    runtime->OF(matmul)(runtime, &(struct matmul){.groups = of->groups, .batch = of->images, .m = outputs, .n = pixels,
                                                  .k = inputs, .a = of->w, .a_group = outputs * inputs, .a_row = w_row,
                                                  .a_column = w_column, .b = x, .b_group = inputs * pixels,
                                                  .b_batch = of->groups * inputs * pixels, .b_row = pixels,
                                                  .b_column = 1, .c = y, .c_group = outputs * pixels,
                                                  .c_batch = of->groups * outputs * pixels, .c_row = pixels});
}

void OF(convolve)(const struct runtime *runtime, const struct convolution *of)
{
    if (of->kept)
        OF(convolve_by_strips)(runtime, of);
    else if (is_pointwise(of))
        OF(multiply_pixels)(runtime, of, of->x, (REAL *)of->y, of->outputs, of->inputs, of->inputs, 1);
    else if (of->in_tiles == TILE)
        OF(convolve_by_fours)(runtime, of, of->w, 0);
    else if (of->in_tiles)
        OF(convolve_by_tiles)(runtime, of, of->w, 0);
    else if (!OF(convolve_by_shifts)(runtime, of, (int64_t[]){1, 1, 1}))
        OF(convolve_in_patches)(runtime, of);
}

// What x is owed is a convolution itself: each element of x looks at the pixels of y that looked at it. This gives that
// convolution, with stride 1; if there was one, the pixels of y are to be put that far apart.
static struct convolution OF(way_back)(const struct convolution *of)
{
    struct convolution back = *of;
    back.outputs = of->inputs;
    back.inputs = of->outputs;
    back.x = of->y;
    back.y = of->x;
    back.w = of->spare;
    for (int axis = 0; axis < AXES; axis++) {
        back.size[axis] = of->result[axis];
        back.result[axis] = of->size[axis];
        back.before[axis] = of->dilation[axis] * (of->kernel[axis] - 1) - of->before[axis];
        back.stride[axis] = 1;
    }
    return back;
}

void OF(convolve_input)(const struct runtime *runtime, const struct convolution *of)
{
    const int64_t places = volume(of->kernel);
    if (is_pointwise(of)) {
        OF(multiply_pixels)(runtime, of, of->y, (REAL *)of->x, of->inputs, of->outputs, 1, of->inputs);
        return;
    }
    const struct convolution back = OF(way_back)(of);
    if (of->in_tiles == TILE) {
        OF(convolve_by_fours)(runtime, &back, of->w, 1);
        return;
    }
    if (of->in_tiles) {
        OF(convolve_by_tiles)(runtime, &back, of->w, 1);
        return;
    }
    OF(share_work)(runtime, OF(flip_channels), (void *)of, of->groups * of->inputs, of->outputs * places);
    if (OF(convolve_by_shifts)(runtime, &back, of->stride)) return;
    if (!has_stride(of)) {
        OF(convolve)(runtime, &back);
    } else {
        OF(turn)(runtime, (struct turning){of->groups, of->outputs, of->inputs * places, 1, of->w, of->spare});
        OF(convolve_input_in_patches)(runtime, of);
    }
}

void OF(convolve_kernel)(const struct runtime *runtime, const struct convolution *of)
{
    const int64_t rows = of->inputs * volume(of->kernel);
    if (of->in_tiles) {
        OF(convolve_kernel_by_tiles)(runtime, of);
        return;
    }
    if (!OF(convolve_kernel_by_shifts)(runtime, of)) OF(convolve_kernel_in_patches)(runtime, of);
    OF(turn)(runtime, (struct turning){of->groups, rows, of->outputs, of->slices, of->spare, (REAL *)of->w});
}
