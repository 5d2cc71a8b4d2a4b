// The gradient of kernels of 3 x 3 with stride 1 in fewer multiplications. Included once for each type by
// convolution_ways.h.
//
// Along one axis a tile of four results has looked at six numbers d of x, and is owed g: the three weights are owed
// sums of g[j] d[i + j]. That is F(3, 4) of convolution_points.h; with two axes, for each output o and input c,
//
//     w's gradient[o, c] = A^T [sum over tiles of (G g[o] G^T) * (B^T d[c] B)] A
//
// The sum stands between the brackets, so for each of the 36 elements it is a product of matrices, outputs x tiles times
// tiles x inputs: a quarter of the multiplications that the definition takes. It is done in three steps, each of which
// is shared out to threads:
//
//     transform_lines    a slice of the tiles of all images: elements of x and of g, as panels for matmul
//     multiply_elements  add their products to the sums
//     finish_kernels     after the last slice: A^T (sums) A
//
// A slice is as large as stays in the third-level cache with the sums; so many outputs are done at once that their sums
// do. Channels lie in the lanes of vectors, which needs no shuffling, once pixels are transposed: channels of one pixel
// side by side.
//
// With |x| <= a and |g| <= b, each tile adds to a weight at most 33.1^2 a b by way of these elements, and 4^2 a b
// plainly. So the bound on the error is 69 times that of the plain sum. Of normal numbers the largest error, as part of
// the largest result, was 1e-6 to 3e-6 in float32. An infinity or NaN reaches all nine weights, not those alone that
// met it.

#ifndef CONVOLUTION_TILES_KERNEL_H
#define CONVOLUTION_TILES_KERNEL_H
enum { TILE = 4 }; // results along an axis
#endif

// One step of it. A line is a row of tiles of an image.
struct OF(kernel_tiling) {
    const struct runtime *runtime;
    struct convolution of;
    int64_t high, wide;                    // lines of an image, tiles of a line
    int64_t group, first_line, lines;      // the slice
    int64_t first_panel, panels, x_panels; // of outputs that are done at once; of inputs
    int64_t x_apart, g_apart, sums_apart;  // from one element to the next
    REAL *x, *g, *sums;
    int has_x, add; // are the elements of x there already, and sums to be added to?
};

// A piece of the planes of some channels, with the channels of a pixel side by side, and zeros where there is nothing.
static void OF(gather_pixels)(const struct runtime *runtime, const REAL *planes, int64_t channels, const int64_t *size,
                              int64_t row, int64_t rows, int64_t column, int64_t columns, REAL *to)
{
    const int64_t begin = at_most(at_least(-column, 0), columns);
    const int64_t end = at_least(at_most(size[2] - column, columns), begin), line = columns * PATCH_COLUMNS;
    for (int64_t i = row; i < row + rows; i++, to += line) {
        const int64_t from = i >= 0 && i < size[1] ? begin : columns, until = at_least(end, from);
        memset(to, 0, (size_t)(from * PATCH_COLUMNS) * sizeof(REAL));
        memset(to + until * PATCH_COLUMNS, 0, (size_t)((columns - until) * PATCH_COLUMNS) * sizeof(REAL));
        if (from < until)
            runtime->OF(pack)(0, &(struct matmul){.n = channels, .k = until - from, .b_row = 1,
                                                  .b = planes + i * size[2] + column + from,
                                                  .b_column = size[1] * size[2]},
                              to + from * PATCH_COLUMNS);
    }
}

// B^T d B for a tile of x, or f G g G^T f for one of y's gradient, which lie in rows of `columns` pixels.
ALWAYS_INLINE void OF(transform_tile)(int of_x, const REAL *pixels, int64_t columns, REAL *to, int64_t apart)
{
    const int size = of_x ? POINTS : TILE;
    OF(numbers) d[POINTS_SQUARED], half[POINTS_SQUARED], done[POINTS];
    UNROLL for (int j = 0; j < size; j++) {
        UNROLL for (int i = 0; i < size; i++) d[i] = *(const OF(numbers) *)(pixels + (i * columns + j) * PATCH_COLUMNS);
        if (of_x) OF(six_of_six)(d, 1, done);
        else OF(six_of_four)(d, 1, done);
        UNROLL for (int i = 0; i < POINTS; i++) half[i * POINTS + j] = done[i];
    }
    UNROLL for (int i = 0; i < POINTS; i++) {
        if (of_x) OF(six_of_six)(half + i * POINTS, 1, done);
        else OF(six_of_four)(half + i * POINTS, 1, done);
        UNROLL for (int j = 0; j < POINTS; j++) *(OF(numbers) *)(to + (i * POINTS + j) * apart) = done[j];
    }
}

// A line of a panel of channels. Element e of tile t of the slice goes to e * apart + t * PATCH_COLUMNS.
static void OF(transform_line)(const struct OF(kernel_tiling) *tiling, int64_t panel, int64_t line)
{
    const struct convolution *of = &tiling->of;
    const int of_x = panel < tiling->x_panels;
    const int64_t *size = of_x ? of->size : of->result, all = of_x ? of->inputs : of->outputs;
    const int64_t first = (of_x ? panel : panel - tiling->x_panels + tiling->first_panel) * PATCH_COLUMNS;
    const int64_t image = (tiling->first_line + line) / tiling->high, row = (tiling->first_line + line) % tiling->high;
    const int64_t plane = (image * of->groups + tiling->group) * all + first, columns = TILE * tiling->wide + 2;
    const REAL *planes = (const REAL *)(of_x ? of->x : of->y) + plane * size[1] * size[2];
    REAL *pixels = OF(own)(OF(patch_memory));
    OF(gather_pixels)(tiling->runtime, planes, at_most(PATCH_COLUMNS, all - first), size,
                      TILE * row - (of_x ? of->before[1] : 0), of_x ? POINTS : TILE, of_x ? -of->before[2] : 0, columns,
                      pixels);
    const int64_t apart = of_x ? tiling->x_apart : tiling->g_apart;
    REAL *to = (of_x ? tiling->x : tiling->g) + line * tiling->wide * PATCH_COLUMNS +
               (of_x ? panel : panel - tiling->x_panels) * tiling->lines * tiling->wide * PATCH_COLUMNS;
    for (int64_t t = 0; t < tiling->wide; t++)
        for (int lane = 0; lane < PATCH_COLUMNS; lane += PATCH_LANES) {
            const REAL *from = pixels + TILE * t * PATCH_COLUMNS + lane;
            if (of_x) OF(transform_tile)(1, from, columns, to + t * PATCH_COLUMNS + lane, apart);
            else OF(transform_tile)(0, from, columns, to + t * PATCH_COLUMNS + lane, apart);
        }
}

// A kernel: a unit is n[0] of n[1] lines of panels, first those of x.
static void OF(transform_lines)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(kernel_tiling) *tiling = p[0];
    const int64_t first = tiling->has_x ? tiling->x_panels : 0;
    for (int64_t item = begin * n[0]; item < at_most(end * n[0], n[1]); item++)
        OF(transform_line)(tiling, first + item / tiling->lines, item % tiling->lines);
}

// A kernel: a unit is one element for one panel of outputs.
static void OF(multiply_elements)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(kernel_tiling) *tiling = p[0];
    const int64_t tiles = tiling->lines * tiling->wide, inputs = tiling->x_panels * PATCH_COLUMNS;
    (void)n;
    for (int64_t unit = begin; unit < end; unit++) {
        const int64_t element = unit / tiling->panels, panel = unit % tiling->panels;
        const int64_t outputs = tiling->of.outputs - (tiling->first_panel + panel) * PATCH_COLUMNS;
        const REAL *x = tiling->x + element * tiling->x_apart;
        const REAL *g = tiling->g + element * tiling->g_apart + panel * tiles * PATCH_COLUMNS;
        REAL *sums = tiling->sums + element * tiling->sums_apart + panel * PATCH_COLUMNS * inputs;
        tiling->runtime->OF(matmul)(0, &(struct matmul){.batch = 1, .m = at_most(PATCH_COLUMNS, outputs), .n = inputs,
                                                        .k = tiles, .a = g, .a_row = 1, .a_column = PATCH_COLUMNS,
                                                        .b = x, .b_row = PATCH_COLUMNS, .b_column = 1, .c = sums,
                                                        .c_row = inputs, .add = tiling->add, .packed = x});
    }
}

// A kernel: w's gradient for n[0] of n[1] outputs.
static void OF(finish_kernels)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(kernel_tiling) *tiling = p[0];
    const struct convolution *of = &tiling->of;
    const int64_t first = tiling->group * of->outputs + tiling->first_panel * PATCH_COLUMNS;
    for (int64_t o = begin * n[0]; o < at_most(end * n[0], n[1]); o++)
        for (int64_t c = 0; c < of->inputs; c += PATCH_LANES) {
            const REAL *sums = tiling->sums + o * tiling->x_panels * PATCH_COLUMNS + c;
            OF(numbers) m[POINTS], half[3 * POINTS], done[3];
            REAL weights[9][PATCH_LANES];
            UNROLL for (int j = 0; j < POINTS; j++) {
                UNROLL for (int i = 0; i < POINTS; i++)
                    m[i] = *(const OF(numbers) *)(sums + (i * POINTS + j) * tiling->sums_apart);
                OF(three_of_six)(m, 1, done);
                UNROLL for (int i = 0; i < 3; i++) half[i * POINTS + j] = done[i];
            }
            UNROLL for (int i = 0; i < 3; i++) {
                OF(three_of_six)(half + i * POINTS, 1, done);
                UNROLL for (int j = 0; j < 3; j++) *(OF(numbers) *)weights[3 * i + j] = done[j];
            }
            REAL *w = (REAL *)of->w + ((first + o) * of->inputs + c) * 9;
            for (int64_t lane = 0; lane < at_most(PATCH_LANES, of->inputs - c); lane++)
                UNROLL for (int i = 0; i < 9; i++) w[lane * 9 + i] = weights[i][lane];
        }
}

// `slices` is how often tiles, and `chunks` how often outputs are divided. `spare` is for the sums and the elements.
static void OF(convolve_kernel_by_tiles)(const struct runtime *runtime, const struct convolution *of)
{
    struct OF(kernel_tiling) step = {.runtime = runtime, .of = *of, .x_panels = rounds(of->inputs, PATCH_COLUMNS)};
    step.high = rounds(of->result[1], TILE);
    step.wide = rounds(of->result[2], TILE);
    const int64_t lines = of->images * step.high, panels = rounds(of->outputs, PATCH_COLUMNS);
    const int64_t tiles = rounds(lines, of->slices) * step.wide, most = rounds(panels, of->chunks) * PATCH_COLUMNS;
    // Elements lie a line of the cache further apart than they need, so that all have room in the first-level cache.
    step.x_apart = step.x_panels * PATCH_COLUMNS * tiles + PATCH_COLUMNS;
    step.g_apart = most * tiles + PATCH_COLUMNS;
    step.sums_apart = most * step.x_panels * PATCH_COLUMNS + PATCH_COLUMNS;
    step.sums = of->spare;
    step.x = step.sums + POINTS_SQUARED * step.sums_apart;
    step.g = step.x + POINTS_SQUARED * step.x_apart;
    for (int64_t i = 0; i < of->groups * of->chunks * of->slices; i++) {
        const int64_t slice = i % of->slices, chunk = i / of->slices % of->chunks;
        step.group = i / of->slices / of->chunks;
        step.first_line = lines * slice / of->slices;
        step.lines = lines * (slice + 1) / of->slices - step.first_line;
        step.first_panel = panels * chunk / of->chunks;
        step.panels = panels * (chunk + 1) / of->chunks - step.first_panel;
        step.has_x = of->slices == 1 && chunk > 0;
        step.add = slice > 0;
        const int64_t of_line = step.wide * POINTS_SQUARED * PATCH_COLUMNS * POINTS; // about what it takes
        OF(share_work)(runtime, OF(transform_lines), &step,
                       (step.panels + (step.has_x ? 0 : step.x_panels)) * step.lines, of_line);
        runtime->parallel(runtime, OF(multiply_elements), POINTS_SQUARED * step.panels, (void *[]){&step}, 0);
        if (slice < of->slices - 1) continue;
        OF(share_work)(runtime, OF(finish_kernels), &step,
                       at_most(step.panels * PATCH_COLUMNS, of->outputs - step.first_panel * PATCH_COLUMNS),
                       of->inputs * POINTS_SQUARED);
    }
}
