// Convolution of a few images by kernels that a program has laid out before. Included once for each type by
// convolution_ways.h.
//
// With one small picture each weight is used for a few pixels only. To fetch the weights, to turn them into elements of
// tiles, and to lay out patches anew for each block of outputs takes as long as to multiply. A program that does not
// change its weights lays them out once, as they are read: in strips of as many outputs as a tile of registers has rows,
// so that they come in one long stream. Results are products again, element by element:
//
//     strips[s][element][row][output]         panels[p][element][row][column]
//
//     patches (convolution_patches.h):  1 element, a row for each number of a patch; columns are pixels
//     tiles (convolution_tiles.h):     16 elements, a row for each input channel; columns are tiles
//
// First all threads lay out the panels together. Then each strip meets a few panels that stay in the second-level cache,
// and what they make goes to its place in y from the first-level cache.

#ifndef CONVOLUTION_STRIPS_H
#define CONVOLUTION_STRIPS_H
enum {
    KEPT_HEAD = 64,        // bytes in front of what is kept: the first number there is 0 if it holds
    NEAR_PANELS = 1 << 18, // bytes of panels that stay in the second-level cache
    SOME_CHANNELS = 16,    // that are laid out at a time
};
#endif

struct OF(strips) {
    struct convolution of;
    int64_t elements, rows;  // of a strip and of a panel
    int64_t columns, panels; // pixels or tiles of all images, and panels of them
    int64_t at_once;         // panels that a strip meets
    int64_t count;           // of strips
    REAL *strip, *panel;     // the first one
};

// ---- what is kept

// A kernel: lay out strips of weights. Behind the last output there are zeros.
static void OF(lay_out_strips)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(strips) *strips = p[0];
    const struct convolution *of = &strips->of;
    const int64_t rows = strips->rows, element = rows * TILE_ROWS;
    (void)n;
    for (int64_t s = begin; s < end; s++) {
        const int64_t o = s * TILE_ROWS, outputs = at_most(TILE_ROWS, of->outputs - o);
        const REAL *w = (const REAL *)of->w + o * of->inputs * volume(of->kernel);
        REAL *to = strips->strip + s * strips->elements * element;
        if (outputs < TILE_ROWS) memset(to, 0, (size_t)(strips->elements * element) * sizeof(REAL));
        for (int64_t row = 0; row < rows; row++)
            for (int64_t i = 0; i < outputs; i++) {
                if (of->in_tiles) OF(transform_kernel)(w + (i * rows + row) * 9, 1, to + row * TILE_ROWS + i, element);
                else to[row * TILE_ROWS + i] = w[i * rows + row];
            }
    }
}

// ---- what pixels see

// Some channels of a panel of patches. What a place of the kernel sees from each pixel is the same for all channels.
static void OF(lay_out_pixels)(const struct convolution *of, int64_t first, int64_t count, int64_t begin, int64_t end,
                               REAL *to)
{
    const int64_t places = volume(of->kernel), size = volume(of->size);
    int64_t image[PATCH_COLUMNS], at[AXES][PATCH_COLUMNS];
    int32_t where[PATCH_COLUMNS]; // x is small here, and there are instructions that look 32 bits far
    for (int64_t t = 0; t < count; t++) {
        int64_t pixel = first + t;
        for (int axis = AXES - 1; axis >= 0; axis--) {
            at[axis][t] = pixel % of->result[axis] * of->stride[axis] - of->before[axis];
            pixel /= of->result[axis];
        }
        image[t] = pixel * of->inputs * size;
    }
    for (int64_t place = 0; place < places; place++) {
        for (int64_t t = 0; t < PATCH_COLUMNS; t++) {
            int64_t from = 0, rest = place, unit = 1;
            for (int axis = AXES - 1; axis >= 0 && t < count; axis--) {
                const int64_t seen = at[axis][t] + rest % of->kernel[axis] * of->dilation[axis];
                from = from < 0 || seen < 0 || seen >= of->size[axis] ? -1 : from + seen * unit;
                rest /= of->kernel[axis];
                unit *= of->size[axis];
            }
            where[t] = t < count && from >= 0 ? (int32_t)(image[t] + from) : -1;
        }
        for (int64_t c = begin; c < end; c++) {
            const REAL *x = (const REAL *)of->x + c * size;
            REAL *row = to + (c * places + place) * PATCH_COLUMNS;
            SIMD for (int t = 0; t < PATCH_COLUMNS; t++) row[t] = where[t] < 0 ? 0 : x[where[t]];
        }
    }
}

// A kernel: a unit is some channels of a panel.
static void OF(lay_out_panels)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(strips) *strips = p[0];
    const struct convolution *of = &strips->of;
    const int64_t chunks = rounds(of->inputs, SOME_CHANNELS), element = strips->rows * PATCH_COLUMNS;
    (void)n;
    for (int64_t unit = begin; unit < end; unit++) {
        const int64_t panel = unit / chunks, first = panel * PATCH_COLUMNS, c = unit % chunks * SOME_CHANNELS;
        const int64_t count = at_most(PATCH_COLUMNS, strips->columns - first);
        REAL *to = strips->panel + panel * strips->elements * element;
        struct tile_run runs[SOME_TILES];
        const int64_t last = at_most(c + SOME_CHANNELS, of->inputs);
        if (!of->in_tiles) {
            OF(lay_out_pixels)(of, first, count, c, last, to);
            continue;
        }
        const int64_t found = find_tile_runs(of, first, count, runs);
        for (int64_t i = c; i < last; i++)
            OF(transform_channel)(of, (const REAL *)of->x + i * of->size[1] * of->size[2], runs, found,
                                  to + i * PATCH_COLUMNS, element, 0);
    }
}

// ---- y

// to (+)= an element of a strip times that of a panel, for some of their rows. `vectors` is constant where this is inlined.
ALWAYS_INLINE void OF(strip_by_panel)(int vectors, int64_t rows, const REAL *strip, const REAL *panel, int add, REAL *to)
{
    OF(numbers) sum[TILE_ROWS][VECTORS];
    UNROLL for (int i = 0; i < TILE_ROWS; i++)
        UNROLL for (int v = 0; v < vectors; v++)
            sum[i][v] = add ? *(const OF(numbers) *)(to + i * PATCH_COLUMNS + v * PATCH_LANES) : (OF(numbers)){0};
    for (int64_t k = 0; k < rows; k++, strip += TILE_ROWS, panel += PATCH_COLUMNS) {
        OF(numbers) seen[VECTORS];
        UNROLL for (int v = 0; v < vectors; v++) seen[v] = *(const OF(numbers) *)(panel + v * PATCH_LANES);
        UNROLL for (int i = 0; i < TILE_ROWS; i++)
            UNROLL for (int v = 0; v < vectors; v++) sum[i][v] += strip[i] * seen[v];
    }
    UNROLL for (int i = 0; i < TILE_ROWS; i++)
        UNROLL for (int v = 0; v < vectors; v++)
            *(OF(numbers) *)(to + i * PATCH_COLUMNS + v * PATCH_LANES) = sum[i][v];
}

// What a strip and a panel make: `made[e][i][t]` for output i of the strip and column t of the panel. Sums of patches,
// which may be long, are added up in cuts, as those of matmul are.
static void OF(multiply_strip)(const struct OF(strips) *strips, const REAL *strip, const REAL *panel, int64_t count,
                               REAL *made)
{
    for (int64_t e = 0; e < strips->elements; e++, made += TILE_ROWS * PATCH_COLUMNS)
        for (int64_t k = 0, rows; k < strips->rows; k += rows) {
            rows = at_most(PATCH_CUT, strips->rows - k);
            if (count <= PATCH_LANES) OF(strip_by_panel)(1, rows, strip, panel, k > 0, made);
            else OF(strip_by_panel)(VECTORS, rows, strip, panel, k > 0, made);
            strip += rows * TILE_ROWS;
            panel += rows * PATCH_COLUMNS;
        }
}

// A kernel: a unit is a strip and the panels that it meets.
static void OF(strips_of_results)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(strips) *strips = p[0];
    const struct convolution *of = &strips->of;
    const int64_t element = strips->elements * strips->rows, pixels = volume(of->result);
    REAL *made = OF(own)(OF(aside_memory));
    (void)n;
    for (int64_t unit = begin; unit < end; unit++) {
        const int64_t s = unit % strips->count, panels = unit / strips->count * strips->at_once;
        const int64_t outputs = at_most(TILE_ROWS, of->outputs - s * TILE_ROWS);
        REAL *y = (REAL *)of->y + s * TILE_ROWS * pixels;
        for (int64_t panel = panels; panel < at_most(panels + strips->at_once, strips->panels); panel++) {
            const int64_t first = panel * PATCH_COLUMNS, count = at_most(PATCH_COLUMNS, strips->columns - first);
            OF(multiply_strip)(strips, strips->strip + s * element * TILE_ROWS,
                               strips->panel + panel * element * PATCH_COLUMNS, count, made);
            struct tile_run runs[SOME_TILES];
            const int64_t found = of->in_tiles ? find_tile_runs(of, first, count, runs) : 0;
            for (int64_t i = 0; i < outputs && of->in_tiles; i++)
                OF(finish_output)(of, made + i * PATCH_COLUMNS, TILE_ROWS * PATCH_COLUMNS, runs, found, count,
                                  y + i * pixels);
            for (int64_t t = 0, length; t < count && !of->in_tiles; t += length) { // pixels of one image
                const int64_t image = (first + t) / pixels, pixel = (first + t) % pixels;
                length = at_most(pixels - pixel, count - t);
                for (int64_t i = 0; i < outputs; i++)
                    memcpy(y + (image * of->outputs + i) * pixels + pixel, made + i * PATCH_COLUMNS + t,
                           (size_t)length * sizeof(REAL));
            }
        }
    }
}

static void OF(convolve_by_strips)(const struct runtime *runtime, const struct convolution *of)
{
    REAL *kept = of->kept;
    struct OF(strips) strips = {.of = *of, .strip = kept + KEPT_HEAD / sizeof(REAL), .panel = of->spare};
    strips.elements = of->in_tiles ? ELEMENTS : 1;
    strips.rows = of->in_tiles ? of->inputs : of->inputs * volume(of->kernel);
    strips.columns = of->images * volume(of->result);
    if (of->in_tiles) strips.columns = of->images * rounds(of->result[1], 2) * rounds(of->result[2], 2);
    strips.panels = rounds(strips.columns, PATCH_COLUMNS);
    strips.count = rounds(of->outputs, TILE_ROWS);
    const int64_t bytes = strips.elements * strips.rows * PATCH_COLUMNS * (int64_t)sizeof(REAL); // of a panel
    const int64_t blocks = rounds(strips.panels, at_least(1, NEAR_PANELS / bytes));
    strips.at_once = rounds(strips.panels, blocks);
    void *p[] = {&strips};
    if (kept[0] != 0) runtime->parallel(runtime, OF(lay_out_strips), strips.count, p, 0);
    kept[0] = 0;
    runtime->parallel(runtime, OF(lay_out_panels), strips.panels * rounds(of->inputs, SOME_CHANNELS), p, 0);
    runtime->parallel(runtime, OF(strips_of_results), rounds(strips.panels, strips.at_once) * strips.count, p, 0);
}
