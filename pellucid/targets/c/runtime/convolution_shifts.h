// Convolution with few channels, without patches. Included once for each type by convolution_ways.h.
//
// With few outputs, a patch costs more to lay out than to multiply. But the rows of a block of patches are much alike:
// each is x, shifted by the place of the kernel. So x is copied once, with its zeros around it, and then each place of
// the kernel is a number: how far behind a result the element lies that it sees. Results count as if they lay between
// the same zeros; so one vector may hold the end of a row and the beginning of the next, and in between a few that
// nobody wants. Then
//
//     y[o, q] = sum over k of w[o, k] * x[q + shift[k]]
//     w's gradient[o, k] = sum over q of y[o, q] * x[q + shift[k]]
//
// for q = 0, 1, ... through all rows. Of the six loops of the definition those over pixels have become one, over q, and
// those over input channels and places one, over k. A tile of a few o and a few vectors of q (or of k) is summed up in
// registers. With a stride, elements that places see with one and the same remainder are put together: each remainder
// is a picture of its own. For x's gradient it is y that is copied, and where convolve had a stride its elements are
// put that far apart.

#ifndef CONVOLUTION_SHIFTS_H
#define CONVOLUTION_SHIFTS_H
enum {
    MOST_OUTPUTS = 16, // with more, patches are shared by enough
    MOST_SHIFTS = 1024,
    OUTPUTS_AT_ONCE = 6,
#if defined(__AVX512F__) || defined(__aarch64__)
    SHIFT_SUMS = 24, // vectors of sums that leave enough registers for what is read
#else
    SHIFT_SUMS = 12,
#endif
    SHIFT_VECTORS = 8,   // that a row of a tile has, at most
};

// How a band of rows of results is done: within one result along the first axis, `rows` results along the second.
struct band {
    int64_t gap[AXES]; // between elements of x: 1, or the stride of which this is the way back
    int64_t rows, bands;
    int64_t pitch;   // from row to row, of x and of results
    int64_t picture; // numbers of one remainder
    int64_t channel; // numbers of a channel, for one place along the first axis
};

static void size_band(const struct convolution *of, int64_t rows, struct band *band)
{
    band->rows = rows;
    band->bands = rounds(of->result[1], rows);
    band->pitch = of->result[2] + (of->kernel[2] - 1) * of->dilation[2] / of->stride[2];
    band->picture = band->pitch * (rows + (of->kernel[1] - 1) * of->dilation[1] / of->stride[1]);
    band->channel = band->picture * of->stride[1] * of->stride[2];
}

static void find_shifts(const struct convolution *of, const struct band *band, int64_t *shift)
{
    const int64_t *stride = of->stride;
    for (int64_t c = 0; c < of->inputs * of->kernel[0]; c++)
        for (int64_t j = 0; j < of->kernel[1]; j++)
            for (int64_t l = 0; l < of->kernel[2]; l++) {
                const int64_t h = j * of->dilation[1], w = l * of->dilation[2];
                *shift++ = c * band->channel + (h % stride[1] * stride[2] + w % stride[2]) * band->picture +
                           h / stride[1] * band->pitch + w / stride[2];
            }
}
#endif

#define SHIFT_SLACK (SHIFT_VECTORS * PATCH_LANES) // numbers behind a band up to which tiles may read and write

// Make the band as high as memory allows. Returns 0 if this is no way to do it.
static int OF(find_band)(const struct convolution *of, int64_t at_once, struct band *band)
{
    const int64_t room = PATCH_BYTES / (int64_t)sizeof(REAL) - SHIFT_SLACK;
    const int64_t room_aside = ASIDE_BYTES / (int64_t)sizeof(REAL) / at_once - SHIFT_SLACK;
    if (of->outputs > MOST_OUTPUTS || of->inputs * volume(of->kernel) > MOST_SHIFTS) return 0;
    for (int64_t rows = of->result[1]; rows > 0; rows = rows / 2) {
        size_band(of, rows, band);
        if (2 * of->result[2] < band->pitch && of->outputs > 4) return 0; // most of what it computes is not wanted
        if (band->channel * of->inputs * of->kernel[0] <= room && rows * band->pitch <= room_aside) return 1;
    }
    return 0;
}

// A shifted convolution: how a band is laid out, and how far behind a result each place sees.
struct OF(shifting) {
    struct convolution of;
    struct band band;
    int64_t shift[MOST_SHIFTS];
};

// Copy a row: vectors, the last of which may begin within the one before. A call of memcpy takes longer than most rows.
ALWAYS_INLINE void OF(copy_row)(REAL *to, const REAL *from, int64_t count)
{
    enum { HALF = PATCH_LANES / 2 };
    int64_t t = 0;
    for (; t + PATCH_LANES <= count; t += PATCH_LANES) *(OF(numbers) *)(to + t) = *(const OF(numbers) *)(from + t);
    if (t == count) return;
    if (t) {
        *(OF(numbers) *)(to + count - PATCH_LANES) = *(const OF(numbers) *)(from + count - PATCH_LANES);
    } else if (count >= HALF) {
        memcpy(to, from, HALF * sizeof(REAL));
        memcpy(to + count - HALF, from + count - HALF, HALF * sizeof(REAL));
    } else {
        for (; t < count; t++) to[t] = from[t];
    }
}

// Copy every so-manieth of a row to every so-manieth place. Either the stride or the gap is 1.
ALWAYS_INLINE void OF(spread_row)(REAL *to, int64_t gap, const REAL *from, int64_t stride, int64_t count)
{
    if (stride == 1 && gap == 1) OF(copy_row)(to, from, count);
    else if (stride == 2)
        SIMD for (int64_t t = 0; t < count; t++) to[t] = from[t * 2];
    else
        for (int64_t t = 0; t < count; t++) to[t * gap] = from[t * stride];
}

// What a band of one image and group sees, laid out in `patches`. Element i of an axis of x is at i * gap + before.
static void OF(lay_out_band)(const struct OF(shifting) *shifting, int64_t image, int64_t group, int64_t z, int64_t row,
                             REAL *patches)
{
    const struct convolution *of = &shifting->of;
    const struct band *band = &shifting->band;
    const int64_t *gap = band->gap, *stride = of->stride, *size = of->size;
    const int64_t high = band->picture / band->pitch * stride[1], wide = band->pitch * stride[2];
    const int64_t above = of->before[1] - row * stride[1], left = of->before[2];
    const int64_t top = above < 0 ? rounds(-above, gap[1]) : 0, begin = left < 0 ? rounds(-left, gap[2]) : 0;
    const int64_t bottom = at_most(size[1], rounds(at_least(high - above, 0), gap[1]));
    const int64_t end = at_most(size[2], rounds(at_least(wide - left, 0), gap[2]));
    memset(patches, 0, (size_t)(band->channel * of->inputs * of->kernel[0] + SHIFT_SLACK) * sizeof(REAL));
    for (int64_t c = 0; c < of->inputs * of->kernel[0]; c++) {
        const int64_t depth = z * stride[0] - of->before[0] + c % of->kernel[0] * of->dilation[0];
        if (depth < 0 || depth % gap[0] || depth / gap[0] >= size[0]) continue;
        const int64_t channel = (image * of->groups + group) * of->inputs + c / of->kernel[0];
        const REAL *x = (const REAL *)of->x + (channel * size[0] + depth / gap[0]) * size[1] * size[2];
        for (int64_t w = begin; w < at_most(begin + stride[2], end); w++) { // and those a stride further, one picture
            const int64_t at = w * gap[2] + left, count = rounds(end - w, stride[2]);
            REAL *picture = patches + c * band->channel + at % stride[2] * band->picture + at / stride[2];
            for (int64_t h = top; h < bottom; h++) {
                const int64_t i = h * gap[1] + above; // to divide it takes as long as to copy a short row
                REAL *to = picture + (stride[1] == 1 ? i * band->pitch
                                                     : i % stride[1] * stride[2] * band->picture +
                                                           i / stride[1] * band->pitch);
                OF(spread_row)(to, gap[2], x + h * size[2] + w, stride[2], count);
            }
        }
    }
}

// ---- y

// Some outputs times some vectors of results. Both are constants wherever this is inlined.
ALWAYS_INLINE void OF(shift_tile)(int outputs, int vectors, int64_t rows, const int64_t *shift, const REAL *w,
                                  const REAL *x, REAL *y, int64_t y_row)
{
    OF(numbers) sum[SHIFT_SUMS][SHIFT_VECTORS];
    UNROLL for (int o = 0; o < outputs; o++)
        UNROLL for (int v = 0; v < vectors; v++) sum[o][v] = (OF(numbers)){0};
    for (int64_t k = 0; k < rows; k++) {
        // What there is more of is read one by one, or there would not be enough registers.
        const REAL *at = x + shift[k];
        OF(numbers) seen[SHIFT_VECTORS];
        if (vectors < outputs)
            UNROLL for (int v = 0; v < vectors; v++) seen[v] = *(const OF(numbers) *)(at + v * PATCH_LANES);
        UNROLL for (int o = 0; o < outputs && vectors < outputs; o++)
            UNROLL for (int v = 0; v < vectors; v++) sum[o][v] += w[o * rows + k] * seen[v];
        UNROLL for (int v = 0; v < vectors && outputs <= vectors; v++) {
            seen[v] = *(const OF(numbers) *)(at + v * PATCH_LANES);
            UNROLL for (int o = 0; o < outputs; o++) sum[o][v] += w[o * rows + k] * seen[v];
        }
    }
    UNROLL for (int o = 0; o < outputs; o++)
        UNROLL for (int v = 0; v < vectors; v++) *(OF(numbers) *)(y + o * y_row + v * PATCH_LANES) = sum[o][v];
}

// Some outputs of a whole band: tiles as wide as registers allow, half of whose results at least are wanted, and single
// vectors at the end.
ALWAYS_INLINE void OF(shift_rows)(int outputs, int64_t rows, const int64_t *shift, const REAL *w, const REAL *x,
                                  int64_t count, REAL *y, int64_t y_row)
{
    const int vectors = SHIFT_SUMS / outputs < SHIFT_VECTORS ? SHIFT_SUMS / outputs : SHIFT_VECTORS;
    int64_t q = 0;
    for (; q + vectors * PATCH_LANES / 2 <= count; q += vectors * PATCH_LANES)
        OF(shift_tile)(outputs, vectors, rows, shift, w, x + q, y + q, y_row);
    for (; q < count; q += PATCH_LANES) OF(shift_tile)(outputs, 1, rows, shift, w, x + q, y + q, y_row);
}

// Begin with this output: a few, for which there is a tile. Returns how many.
static int64_t OF(shift_outputs)(int64_t outputs, int64_t rows, const int64_t *shift, const REAL *w, const REAL *x,
                                 int64_t count, REAL *y, int64_t y_row)
{
    switch (outputs) {
    case 1: OF(shift_rows)(1, rows, shift, w, x, count, y, y_row); return 1;
    case 2: OF(shift_rows)(2, rows, shift, w, x, count, y, y_row); return 2;
    case 3:
    case 5: OF(shift_rows)(3, rows, shift, w, x, count, y, y_row); return 3;
    case 4: OF(shift_rows)(4, rows, shift, w, x, count, y, y_row); return 4;
    default: OF(shift_rows)(6, rows, shift, w, x, count, y, y_row); return 6;
    }
}

// A kernel: a unit is n[0] of n[1] bands of results.
static void OF(band_of_results)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(shifting) *shifting = p[0];
    const struct convolution *of = &shifting->of;
    const struct band *band = &shifting->band;
    const int64_t rows = of->inputs * volume(of->kernel), *shift = shifting->shift, *result = of->result;
    REAL *patches = OF(own)(OF(patch_memory)), *aside = OF(own)(OF(aside_memory));
    for (int64_t item = begin * n[0]; item < at_most(end * n[0], n[1]); item++) {
        const int64_t z = item / band->bands % result[0], of_group = item / band->bands / result[0];
        const int64_t first = item % band->bands * band->rows, high = at_most(band->rows, result[1] - first);
        const int64_t count = (high - 1) * band->pitch + result[2], y_row = count + SHIFT_SLACK;
        OF(lay_out_band)(shifting, of_group / of->groups, of_group % of->groups, z, first, patches);
        for (int64_t o = 0, outputs; o < of->outputs; o += outputs) {
            const REAL *w = (const REAL *)of->w + (of_group % of->groups * of->outputs + o) * rows;
            outputs = OF(shift_outputs)(of->outputs - o, rows, shift, w, patches, count, aside, y_row);
            for (int64_t i = 0; i < outputs; i++) {
                const int64_t plane = (of_group * of->outputs + o + i) * result[0] + z;
                REAL *y = (REAL *)of->y + (plane * result[1] + first) * result[2];
                for (int64_t h = 0; h < high; h++)
                    OF(copy_row)(y + h * result[2], aside + i * y_row + h * band->pitch, result[2]);
            }
        }
    }
}

// Returns 0 if this is no way to do it.
static int OF(convolve_by_shifts)(const struct runtime *runtime, const struct convolution *of, const int64_t *gap)
{
    struct OF(shifting) shifting = {.of = *of, .band = {.gap = {gap[0], gap[1], gap[2]}}};
    const int64_t rows = of->inputs * volume(of->kernel);
    if (!OF(find_band)(of, OUTPUTS_AT_ONCE, &shifting.band)) return 0;
    find_shifts(of, &shifting.band, shifting.shift);
    const int64_t items = of->images * of->groups * of->result[0] * shifting.band.bands;
    OF(share_work)(runtime, OF(band_of_results), &shifting, items, of->outputs * rows * volume(of->result) / items + 1);
    return 1;
}

// ---- w

// Sums over q for some outputs and some places. Both are constants wherever this is inlined.
ALWAYS_INLINE void OF(sum_tile)(int outputs, int places, const int64_t *shift, const REAL *x, const REAL *y,
                                int64_t y_row, int64_t count, REAL *to, int64_t to_row)
{
    OF(numbers) sum[2][9];
    UNROLL for (int o = 0; o < outputs; o++)
        UNROLL for (int k = 0; k < places; k++) sum[o][k] = (OF(numbers)){0};
    for (int64_t q = 0; q < count; q += PATCH_LANES) {
        OF(numbers) here[2];
        UNROLL for (int o = 0; o < outputs; o++) here[o] = *(const OF(numbers) *)(y + o * y_row + q);
        UNROLL for (int k = 0; k < places; k++) {
            const OF(numbers) seen = *(const OF(numbers) *)(x + shift[k] + q);
            UNROLL for (int o = 0; o < outputs; o++) sum[o][k] += here[o] * seen;
        }
    }
    UNROLL for (int o = 0; o < outputs; o++)
        UNROLL for (int k = 0; k < places; k++) {
            REAL total = 0;
            UNROLL for (int lane = 0; lane < PATCH_LANES; lane++) total += sum[o][k][lane];
            to[k * to_row + o] += total;
        }
}

ALWAYS_INLINE void OF(sum_rows)(int outputs, int64_t rows, const int64_t *shift, const REAL *x, const REAL *y,
                                int64_t y_row, int64_t count, REAL *to, int64_t to_row)
{
    const int places = outputs == 1 ? 9 : 5; // so many sums leave registers for what is read: it is read once
    int64_t k = 0;
    for (; k + places <= rows; k += places)
        OF(sum_tile)(outputs, places, shift + k, x, y, y_row, count, to + k * to_row, to_row);
    for (; k < rows; k++) OF(sum_tile)(outputs, 1, shift + k, x, y, y_row, count, to + k * to_row, to_row);
}

// As `shift_outputs`.
static int64_t OF(sum_outputs)(int64_t outputs, int64_t rows, const int64_t *shift, const REAL *x, const REAL *y,
                               int64_t y_row, int64_t count, REAL *to, int64_t to_row)
{
    if (outputs == 1) OF(sum_rows)(1, rows, shift, x, y, y_row, count, to, to_row);
    else OF(sum_rows)(2, rows, shift, x, y, y_row, count, to, to_row);
    return at_most(outputs, 2);
}

// A kernel: a unit is the bands of one slice, for one group. `spare` gets the sums, rows x outputs.
static void OF(slice_of_bands)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(shifting) *shifting = p[0];
    const struct convolution *of = &shifting->of;
    const struct band *band = &shifting->band;
    const int64_t rows = of->inputs * volume(of->kernel), *result = of->result;
    const int64_t y_row = band->rows * band->pitch + SHIFT_SLACK, bands = of->images * result[0] * band->bands;
    REAL *patches = OF(own)(OF(patch_memory)), *aside = OF(own)(OF(aside_memory));
    (void)n;
    for (int64_t unit = begin; unit < end; unit++) {
        const int64_t group = unit % of->groups, slice = unit / of->groups;
        REAL *to = (REAL *)of->spare + unit * rows * of->outputs;
        memset(to, 0, (size_t)(rows * of->outputs) * sizeof(REAL));
        for (int64_t item = bands * slice / of->slices; item < bands * (slice + 1) / of->slices; item++) {
            const int64_t z = item / band->bands % result[0], image = item / band->bands / result[0];
            const int64_t first = item % band->bands * band->rows, high = at_most(band->rows, result[1] - first);
            const int64_t count = (high - 1) * band->pitch + result[2];
            OF(lay_out_band)(shifting, image, group, z, first, patches);
            memset(aside, 0, (size_t)(y_row * of->outputs) * sizeof(REAL));
            for (int64_t o = 0; o < of->outputs; o++) {
                const int64_t plane = ((image * of->groups + group) * of->outputs + o) * result[0] + z;
                const REAL *y = (const REAL *)of->y + (plane * result[1] + first) * result[2];
                for (int64_t h = 0; h < high; h++)
                    OF(copy_row)(aside + o * y_row + h * band->pitch, y + h * result[2], result[2]);
            }
            for (int64_t o = 0; o < of->outputs;)
                o += OF(sum_outputs)(of->outputs - o, rows, shifting->shift, patches, aside + o * y_row, y_row,
                                     count, to + o, of->outputs);
        }
    }
}

// Returns 0 if this is no way to do it.
static int OF(convolve_kernel_by_shifts)(const struct runtime *runtime, const struct convolution *of)
{
    struct OF(shifting) shifting = {.of = *of, .band = {.gap = {1, 1, 1}}};
    if (!OF(find_band)(of, of->outputs, &shifting.band)) return 0;
    find_shifts(of, &shifting.band, shifting.shift);
    runtime->parallel(runtime, OF(slice_of_bands), of->slices * of->groups, (void *[]){&shifting}, 0);
    return 1;
}
