// Convolution with kernels of 3 x 3 and stride 1 in a quarter of the multiplications. Included once for each type by
// convolution_ways.h.
//
// A tile of 4 x 4 results looks at 6 x 6 numbers d of each channel: F(4, 3) of convolution_points.h along both axes.
//
//     results[o] = A^T [sum over inputs c of (G w[o, c] G^T) * (B^T d[c] B)] A
//
// For each of the 36 elements the sum is a product of matrices, tiles x inputs times inputs x outputs. It is done for
// some outputs at a time, whose kernels' elements stay in the third-level cache, and slice by slice of the lines of all
// images, whose elements do so too. Each step is shared out to threads:
//
//     transform_kernels_of_three   the elements of the kernels, as panels for matmul
//     transform_lines_of_x         of the pixels of a slice
//     multiply_tiles               their products
//     finish_lines                 A^T (products) A, and pixels back into rows
//
// Sums over many channels are taken in cuts, which rounds less than one long sum: of 512 channels, 2e-6 in place of
// 5e-6 of the largest result.

#ifndef CONVOLUTION_TILES_FOUR_H
#define CONVOLUTION_TILES_FOUR_H
enum { SUM_CHANNELS = 128 };
#endif

// One step of it.
struct OF(tiling_of_four) {
    const struct runtime *runtime;
    struct convolution of;
    int back; // are kernels to be turned round, with inputs and outputs exchanged?
    struct OF(images) x;
    int64_t lines, in_panels; // of the slice; of inputs
    int64_t outputs, panels;  // that are done at once
    const REAL *w;            // of the first output
    REAL *y, *u, *m;
    int64_t u_apart, m_apart;
};

// Where the cut that begins with input c has a panel of outputs: cut after cut, panel after panel.
static int64_t OF(cut_of_panel)(const struct OF(tiling_of_four) *step, int64_t c, int64_t panel)
{
    return (c * step->panels + panel * at_most(SUM_CHANNELS, step->of.inputs - c)) * PATCH_COLUMNS;
}

// A kernel: the elements of the kernels of a panel of outputs for n[0] of n[1] pairs of a panel and an input.
static void OF(transform_kernels_of_three)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(tiling_of_four) *step = p[0];
    const int64_t inputs = step->of.inputs, outputs = step->of.outputs;
    for (int64_t item = begin * n[0]; item < at_most(end * n[0], n[1]); item++) {
        const int64_t first = item / inputs * PATCH_COLUMNS, c = item % inputs, cut = c / SUM_CHANNELS * SUM_CHANNELS;
        REAL *u = step->u + OF(cut_of_panel)(step, cut, item / inputs) + (c - cut) * PATCH_COLUMNS;
        REAL places[9 * PATCH_COLUMNS];
        const int64_t from = step->back ? c * outputs + first : first * inputs + c;
        step->runtime->OF(pack)(0, &(struct matmul){.n = at_most(PATCH_COLUMNS, step->outputs - first), .k = 9,
                                                    .b = step->w + 9 * from, .b_row = 1,
                                                    .b_column = step->back ? 9 : 9 * inputs}, places);
        const int64_t next = step->back ? -PATCH_COLUMNS : PATCH_COLUMNS;
        for (int lane = 0; lane < PATCH_COLUMNS; lane += PATCH_LANES)
            OF(transform_square)(3, places + (step->back ? 8 * PATCH_COLUMNS : 0) + lane, 3 * next, next, u + lane,
                                 step->u_apart);
    }
}

// A kernel: a unit is n[0] of n[1] lines of panels.
static void OF(transform_lines_of_x)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(tiling_of_four) *step = p[0];
    for (int64_t item = begin * n[0]; item < at_most(end * n[0], n[1]); item++)
        OF(transform_line)(step->runtime, &step->x, POINTS, item / step->lines, item % step->lines);
}

// A kernel: a unit is one element.
static void OF(multiply_tiles)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(tiling_of_four) *step = p[0];
    const int64_t tiles = step->lines * step->x.wide, outputs = step->panels * PATCH_COLUMNS, inputs = step->of.inputs;
    (void)n;
    for (int64_t element = begin; element < end; element++)
        for (int64_t c = 0; c < inputs; c += SUM_CHANNELS) {
            const REAL *u = step->u + element * step->u_apart + OF(cut_of_panel)(step, c, 0);
            const REAL *x = step->x.to + element * step->x.apart + c;
            REAL *m = step->m + element * step->m_apart;
            step->runtime->OF(matmul)(0, &(struct matmul){.batch = 1, .m = tiles, .n = outputs,
                                                          .k = at_most(SUM_CHANNELS, inputs - c), .a = x,
                                                          .a_row = step->x.by_tile, .a_column = 1, .b = u,
                                                          .b_row = PATCH_COLUMNS, .b_column = 1, .c = m,
                                                          .c_row = outputs, .add = c > 0, .packed = u});
        }
}

// A kernel: a unit is n[0] of n[1] lines of panels of outputs.
static void OF(finish_lines)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(tiling_of_four) *step = p[0];
    const int64_t wide = step->x.wide, rows = step->of.result[1], columns = step->of.result[2];
    const int64_t all = step->of.groups * step->of.outputs, pitch = step->panels * PATCH_COLUMNS;
    REAL *pixels = OF(own)(OF(patch_memory)); // channels of a pixel side by side
    for (int64_t item = begin * n[0]; item < at_most(end * n[0], n[1]); item++) {
        const int64_t first = item / step->lines * PATCH_COLUMNS, line = item % step->lines;
        const int64_t image = (step->x.first_line + line) / step->x.high;
        const int64_t row = (step->x.first_line + line) % step->x.high * TILE;
        for (int64_t t = 0; t < wide; t++)
            for (int lane = 0; lane < PATCH_COLUMNS; lane += PATCH_LANES) {
                OF(numbers) results[TILE * TILE];
                OF(finish_square)(TILE, step->m + (line * wide + t) * pitch + first + lane, step->m_apart, results);
                UNROLL for (int i = 0; i < TILE; i++)
                    UNROLL for (int j = 0; j < TILE; j++)
                        *(OF(numbers) *)(pixels + ((i * wide + t) * TILE + j) * PATCH_COLUMNS + lane) =
                            results[i * TILE + j];
            }
        for (int64_t channel = 0; channel < at_most(PATCH_COLUMNS, step->outputs - first); channel++)
            for (int64_t i = 0; i < at_most(TILE, rows - row); i++) {
                REAL *y = step->y + ((image * all + first + channel) * rows + row + i) * columns;
                const REAL *from = pixels + i * wide * TILE * PATCH_COLUMNS + channel;
                for (int64_t j = 0; j < columns; j++) y[j] = from[j * PATCH_COLUMNS];
            }
    }
}

// A slice, for the outputs that are being done.
static void OF(convolve_slice)(struct OF(tiling_of_four) *step, int64_t slice, int has_x)
{
    const struct convolution *of = &step->of;
    const int64_t lines = of->images * step->x.high, first = lines * slice / of->slices;
    step->lines = lines * (slice + 1) / of->slices - first;
    step->x.first_line = first;
    const int64_t work = OF(work_of_line)(&step->x);
    if (!has_x)
        OF(share_work)(step->runtime, OF(transform_lines_of_x), step, step->in_panels * step->lines, work);
    step->runtime->parallel(step->runtime, OF(multiply_tiles), POINTS_SQUARED, (void *[]){step}, 0);
    OF(share_work)(step->runtime, OF(finish_lines), step, step->panels * step->lines, work);
}

// `slices` is how often lines, and `chunks` how often outputs are divided. `spare` is for the elements.
static void OF(convolve_by_fours)(const struct runtime *runtime, const struct convolution *of, const REAL *w, int back)
{
    struct OF(tiling_of_four) step = {.runtime = runtime, .of = *of, .back = back};
    const int64_t high = rounds(of->result[1], TILE), wide = rounds(of->result[2], TILE);
    const int64_t tiles = rounds(of->images * high, of->slices) * wide;
    const int64_t panels = rounds(of->outputs, PATCH_COLUMNS), most = rounds(panels, of->chunks) * PATCH_COLUMNS;
    step.in_panels = rounds(of->inputs, PATCH_COLUMNS);
    const int64_t inputs = step.in_panels * PATCH_COLUMNS + PATCH_COLUMNS; // rows that are no multiple of a page
    // Elements lie a line of the cache further apart than they need, so that all have room in the first-level cache.
    step.u = of->spare;
    step.u_apart = most * of->inputs + PATCH_COLUMNS;
    step.m = step.u + POINTS_SQUARED * step.u_apart;
    step.m_apart = most * tiles + PATCH_COLUMNS;
    step.x = (struct OF(images)){.image = of->groups * of->inputs * of->size[1] * of->size[2],
                                 .channels = of->inputs, .size = {of->size[1], of->size[2]},
                                 .before = {of->before[1], of->before[2]}, .high = high, .wide = wide,
                                 .to = step.m + POINTS_SQUARED * step.m_apart, .apart = inputs * tiles + PATCH_COLUMNS,
                                 .by_tile = inputs, .by_panel = PATCH_COLUMNS};
    for (int64_t i = 0; i < of->groups * of->chunks; i++) {
        const int64_t group = i / of->chunks, chunk = i % of->chunks, first = panels * chunk / of->chunks;
        const int64_t o = first * PATCH_COLUMNS;
        step.panels = panels * (chunk + 1) / of->chunks - first;
        step.outputs = at_most(step.panels * PATCH_COLUMNS, of->outputs - o);
        step.w = w + 9 * (group * of->outputs * of->inputs + (back ? o : o * of->inputs));
        step.y = (REAL *)of->y + (group * of->outputs + o) * of->result[1] * of->result[2];
        step.x.planes = (const REAL *)of->x + group * of->inputs * of->size[1] * of->size[2];
        OF(share_work)(runtime, OF(transform_kernels_of_three), &step, step.panels * of->inputs,
                       POINTS_SQUARED * PATCH_COLUMNS);
        for (int64_t slice = 0; slice < of->slices; slice++)
            OF(convolve_slice)(&step, slice, of->slices == 1 && chunk > 0);
    }
}
