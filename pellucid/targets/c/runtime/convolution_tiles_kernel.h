// The gradient of kernels of 3 x 3 with stride 1 in fewer multiplications. Included once for each type by
// convolution_ways.h.
//
// Along one axis a tile of four results has looked at six numbers d of x, and is owed g: the three weights are owed
// sums of g[j] d[i + j]. That is F(3, 4) of convolution_points.h; with two axes, for each output o and input c,
//
//     w's gradient[o, c] = A^T [sum over tiles of (G g[o] G^T) * (B^T d[c] B)] A
//
// The sum stands between the brackets, so for each of the 36 elements it is a product of matrices, outputs x tiles
// times tiles x inputs: a quarter of the multiplications that the definition takes. It is done in three steps, each of which
// is shared out to threads:
//
//     transform_lines    a slice of the lines of all images: elements of x and of g, as panels for matmul
//     multiply_elements  add their products to the sums
//     finish_kernels     after the last slice: A^T (sums) A
//
// A slice is as large as stays in the third-level cache with the sums; so many outputs are done at once that their sums
// do.

// One step of it.
struct OF(kernel_tiling) {
    const struct runtime *runtime;
    struct convolution of;
    struct OF(images) x, g;
    int64_t lines;                  // of the slice
    int64_t outputs;                // that are done at once
    int64_t x_panels, g_panels;
    REAL *sums;
    int64_t sums_apart;
    REAL *w;
    int has_x, add; // are the elements of x there already, and sums to be added to?
};

// A kernel: a unit is n[0] of n[1] lines of panels, first those of g.
static void OF(transform_lines)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(kernel_tiling) *step = p[0];
    for (int64_t item = begin * n[0]; item < at_most(end * n[0], n[1]); item++) {
        const int64_t panel = item / step->lines, line = item % step->lines;
        if (panel < step->g_panels) OF(transform_line)(step->runtime, &step->g, TILE, panel, line);
        else OF(transform_line)(step->runtime, &step->x, POINTS, panel - step->g_panels, line);
    }
}

// A kernel: a unit is one element for one panel of outputs.
static void OF(multiply_elements)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(kernel_tiling) *step = p[0];
    const int64_t tiles = step->lines * step->x.wide, inputs = step->x_panels * PATCH_COLUMNS;
    (void)n;
    for (int64_t unit = begin; unit < end; unit++) {
        const int64_t element = unit / step->g_panels, panel = unit % step->g_panels;
        const REAL *x = step->x.to + element * step->x.apart;
        const REAL *g = step->g.to + element * step->g.apart + panel * step->g.by_panel;
        REAL *sums = step->sums + element * step->sums_apart + panel * PATCH_COLUMNS * inputs;
        const int64_t outputs = at_most(PATCH_COLUMNS, step->outputs - panel * PATCH_COLUMNS);
        step->runtime->OF(matmul)(0, &(struct matmul){.batch = 1, .m = outputs, .n = inputs, .k = tiles, .a = g,
                                                      .a_row = 1, .a_column = PATCH_COLUMNS, .b = x,
                                                      .b_row = PATCH_COLUMNS, .b_column = 1, .c = sums,
                                                      .c_row = inputs, .add = step->add, .packed = x});
    }
}

// A kernel: w's gradient for n[0] of n[1] outputs.
static void OF(finish_kernels)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(kernel_tiling) *step = p[0];
    const int64_t inputs = step->of.inputs;
    for (int64_t o = begin * n[0]; o < at_most(end * n[0], n[1]); o++)
        for (int64_t c = 0; c < inputs; c += PATCH_LANES) {
            OF(numbers) weights[9];
            OF(finish_square)(3, step->sums + o * step->x_panels * PATCH_COLUMNS + c, step->sums_apart, weights);
            REAL *w = step->w + (o * inputs + c) * 9;
            for (int64_t lane = 0; lane < at_most(PATCH_LANES, inputs - c); lane++)
                UNROLL for (int i = 0; i < 9; i++) w[lane * 9 + i] = weights[i][lane];
        }
}

// A slice, for some outputs of a group.
static void OF(gather_slice)(struct OF(kernel_tiling) *step, int64_t group, int64_t chunk, int64_t slice)
{
    const struct convolution *of = &step->of;
    const int64_t lines = of->images * step->x.high, first = lines * slice / of->slices;
    const int64_t panels = rounds(of->outputs, PATCH_COLUMNS), first_panel = panels * chunk / of->chunks;
    const int64_t last_panel = panels * (chunk + 1) / of->chunks;
    const int64_t o = group * of->outputs + first_panel * PATCH_COLUMNS;
    step->lines = lines * (slice + 1) / of->slices - first;
    step->x.first_line = step->g.first_line = first;
    step->g_panels = last_panel - first_panel;
    step->outputs = step->g.channels = at_most(last_panel * PATCH_COLUMNS, of->outputs) - first_panel * PATCH_COLUMNS;
    step->x.by_panel = step->g.by_panel = step->lines * step->x.wide * PATCH_COLUMNS;
    step->x.planes = (const REAL *)of->x + group * of->inputs * of->size[1] * of->size[2];
    step->g.planes = (const REAL *)of->y + o * of->result[1] * of->result[2];
    step->w = (REAL *)of->w + o * of->inputs * 9;
    step->has_x = of->slices == 1 && chunk > 0;
    step->add = slice > 0;
    OF(share_work)(step->runtime, OF(transform_lines), step,
                   (step->g_panels + (step->has_x ? 0 : step->x_panels)) * step->lines, OF(work_of_line)(&step->x));
    step->runtime->parallel(step->runtime, OF(multiply_elements), POINTS_SQUARED * step->g_panels, (void *[]){step}, 0);
    if (slice == of->slices - 1)
        OF(share_work)(step->runtime, OF(finish_kernels), step, step->outputs, of->inputs * POINTS_SQUARED);
}

// `slices` is how often lines, and `chunks` how often outputs are divided. `spare` is for the sums and the elements.
static void OF(convolve_kernel_by_tiles)(const struct runtime *runtime, const struct convolution *of)
{
    struct OF(kernel_tiling) step = {.runtime = runtime, .of = *of, .x_panels = rounds(of->inputs, PATCH_COLUMNS)};
    const int64_t high = rounds(of->result[1], TILE), wide = rounds(of->result[2], TILE);
    const int64_t tiles = rounds(of->images * high, of->slices) * wide;
    const int64_t inputs = step.x_panels * PATCH_COLUMNS;
    const int64_t outputs = rounds(rounds(of->outputs, PATCH_COLUMNS), of->chunks) * PATCH_COLUMNS;
    // Elements lie a line of the cache further apart than they need, so that all have room in the first-level cache.
    step.sums_apart = outputs * inputs + PATCH_COLUMNS;
    step.sums = of->spare;
    step.x = (struct OF(images)){.image = of->groups * of->inputs * of->size[1] * of->size[2],
                                 .channels = of->inputs, .size = {of->size[1], of->size[2]},
                                 .before = {of->before[1], of->before[2]}, .high = high, .wide = wide,
                                 .to = step.sums + POINTS_SQUARED * step.sums_apart,
                                 .apart = inputs * tiles + PATCH_COLUMNS, .by_tile = PATCH_COLUMNS};
    step.g = (struct OF(images)){.image = of->groups * of->outputs * of->result[1] * of->result[2],
                                 .size = {of->result[1], of->result[2]}, .high = high, .wide = wide,
                                 .to = step.x.to + POINTS_SQUARED * step.x.apart,
                                 .apart = outputs * tiles + PATCH_COLUMNS, .by_tile = PATCH_COLUMNS};
    for (int64_t group = 0; group < of->groups; group++)
        for (int64_t chunk = 0; chunk < of->chunks; chunk++)
            for (int64_t slice = 0; slice < of->slices; slice++) OF(gather_slice)(&step, group, chunk, slice);
}
