// Convolution as products of matrices. Included once for each type by convolution_ways.h.
//
// A patch is what one pixel of y looks at: a column of inputs * (places of the kernel) numbers of x. The patches of all
// pixels, side by side, are a matrix, and then all is said with products (for each group):
//
//     y = w patches        w's gradient = (y's gradient) patches^T        patches' gradient = w^T (y's gradient)
//
// and what the patches are owed is added back to the places of x where they looked. (K. Chellapilla et al., "High
// Performance Convolutional Neural Networks for Document Processing", 2006.) As it stands this is slow: the matrix
// holds each number of x as often as the kernel has places, and fits no cache. So here it never exists. A block of it,
// so many pixels and rows that it fits the second-level cache, is laid out, multiplied at once, and forgotten.
//
// Of the six loops of the definition (convolution.h), those over images and pixels are cut into blocks here, and those
// over input channels and places into cuts no longer than those of matmul. Within a block and a cut matmul has the
// rest: its rows are output channels, its columns pixels, and its sums run over input channels and places.

#ifndef CONVOLUTION_PATCHES_H
#define CONVOLUTION_PATCHES_H
enum {
    PATCH_BYTES = 1 << 18, // of a block of patches: it fits the second-level cache with what it is multiplied by
    BLOCK_PIXELS = 128,    // of a block that has as many rows as a cut of matmul
    LONG_PIXELS = 256,     // of a block with half as many rows, where sums run over the pixels
    WHOLE_PIXELS = 64,     // of an image, from which a block belongs to one image; smaller ones share blocks
    ASIDE_BYTES = 1 << 17, // of a block of y that belongs to several images
    ENOUGH_UNITS = 8,      // if there are fewer, channels are divided too
    FEW_CHANNELS = 64,     // but not further than this
};

// Pixels that lie side by side in a row of y. `at` is where place 0 of the kernel looks from the first of them.
struct run {
    int64_t image, at[AXES], length;
};

// What one place of the kernel sees from a run: the elements from, from + stride, ... of x. Of these, number begin to
// end - 1 are inside.
struct sight {
    int64_t from, begin, end;
};

// The runs of pixels first .. first + count - 1, numbered through all images; returns how many they are.
static int64_t find_runs(const struct convolution *of, int64_t first, int64_t count, struct run *runs)
{
    int64_t found = 0;
    for (int64_t length; count > 0; first += length, count -= length) {
        struct run *run = &runs[found++];
        int64_t pixel[AXES], rest = first;
        for (int axis = AXES - 1; axis >= 0; axis--) {
            pixel[axis] = rest % of->result[axis];
            rest /= of->result[axis];
            run->at[axis] = pixel[axis] * of->stride[axis] - of->before[axis];
        }
        run->image = rest;
        run->length = length = at_most(count, of->result[AXES - 1] - pixel[AXES - 1]);
    }
    return found;
}

// What a place of the kernel sees from each of these runs, in the first channel of a group.
static void look_from(const struct convolution *of, int64_t group, int64_t place, const struct run *runs, int64_t count,
                      struct sight *sights)
{
    const int64_t stride = of->stride[AXES - 1], width = of->size[AXES - 1];
    int64_t moved[AXES];
    for (int axis = AXES - 1; axis >= 0; axis--) {
        moved[axis] = place % of->kernel[axis] * of->dilation[axis];
        place /= of->kernel[axis];
    }
    for (int64_t i = 0; i < count; i++) {
        const struct run *run = &runs[i];
        int64_t from = 0, column = run->at[AXES - 1] + moved[AXES - 1];
        int row_is_inside = 1;
        for (int axis = 0; axis < AXES - 1; axis++) {
            const int64_t at = run->at[axis] + moved[axis];
            row_is_inside = row_is_inside && at >= 0 && at < of->size[axis];
            from = (from + at) * of->size[axis + 1];
        }
        const int64_t begin = column >= 0 ? 0 : stride == 1 ? -column : rounds(-column, stride);
        const int64_t end = column >= width ? 0 : stride == 1 ? width - column : (width - 1 - column) / stride + 1;
        const int some = row_is_inside && begin < at_most(end, run->length);
        sights[i].from = (run->image * of->groups + group) * of->inputs * volume(of->size) + from + column;
        sights[i].begin = some ? begin : 0;
        sights[i].end = some ? at_most(end, run->length) : 0;
    }
}

// How the pixels of all images are divided into blocks: those of each image, or all of them together.
struct blocks {
    int64_t spans, span; // so many times so many pixels
    int64_t in_span;     // blocks
    int64_t pixels;      // of a block, but for the last of a span
};

static struct blocks blocks_of_pixels(const struct convolution *of, int64_t most, int64_t multiple)
{
    const int64_t pixels = volume(of->result);
    struct blocks blocks = {.spans = of->images, .span = pixels};
    if (pixels < WHOLE_PIXELS) blocks = (struct blocks){.spans = 1, .span = of->images * pixels};
    blocks.in_span = rounds(blocks.span, most / multiple * multiple);
    blocks.pixels = rounds(rounds(blocks.span, blocks.in_span), multiple) * multiple;
    blocks.in_span = rounds(blocks.span, blocks.pixels);
    return blocks;
}

// The first pixel of a block, and how many it has.
static int64_t first_pixel(const struct blocks *blocks, int64_t block, int64_t *count)
{
    const int64_t in_span = block % blocks->in_span * blocks->pixels;
    *count = at_most(blocks->pixels, blocks->span - in_span);
    return block / blocks->in_span * blocks->span + in_span;
}
#endif

// A block of patches of this thread, and a block of y.
static _Thread_local _Alignas(64) REAL OF(patch_memory)[PATCH_BYTES / sizeof(REAL)];
static _Thread_local _Alignas(64) REAL OF(aside_memory)[ASIDE_BYTES / sizeof(REAL)];

// Where they are. The compiler must not see that it could look this up again at each use, within the innermost loops.
ALWAYS_INLINE REAL *OF(own)(REAL *memory)
{
    __asm__("" : "+r"(memory));
    return memory;
}

// A convolution and how it is divided.
struct OF(work) {
    const struct runtime *runtime;
    struct convolution of;
    struct blocks blocks;
    int64_t rows;   // w has for each channel of y: numbers of a patch
    int64_t chunks; // into which channels, or rows, are divided
};

// Copy `count` numbers, vector by vector: up to a vector behind them may be written, but nothing behind `end` is read.
ALWAYS_INLINE void OF(copy_run)(REAL *to, const REAL *from, int64_t count, const REAL *end)
{
    int64_t t = 0;
    if (end - from >= count + PATCH_LANES)
        for (; t < count; t += PATCH_LANES) *(OF(numbers) *)(to + t) = *(const OF(numbers) *)(from + t);
    for (; t < count; t++) to[t] = from[t];
}

// One row of a block of patches: what one place of the kernel sees of the channel that begins at `x`. Up to a vector
// behind the row may be written.
static void OF(see)(const struct convolution *of, const REAL *x, const struct run *runs, const struct sight *sights,
                    int64_t count, REAL *row)
{
    const int64_t stride = of->stride[AXES - 1], channels = of->images * of->groups * of->inputs;
    const REAL *end = (const REAL *)of->x + channels * volume(of->size);
    for (int64_t i = 0; i < count; i++) {
        const struct sight *sight = &sights[i];
        const REAL *from = x + sight->from;
        for (int64_t t = 0; t < sight->begin; t++) row[t] = 0;
        if (stride == 1)
            OF(copy_run)(row + sight->begin, from + sight->begin, sight->end - sight->begin, end);
        else
            SIMD for (int64_t t = sight->begin; t < sight->end; t++) row[t] = from[t * stride];
        for (int64_t t = sight->end; t < runs[i].length; t++) row[t] = 0;
        row += runs[i].length;
    }
}

// Lay out rows begin .. end - 1 of the patches of some pixels, row after row, `pitch` numbers apart. If `pitch` is 0:
// as the panels in which matmul likes to read them.
static void OF(lay_out)(const struct convolution *of, int64_t group, int64_t first, int64_t pixels, int64_t begin,
                        int64_t end, REAL *to, int64_t pitch)
{
    struct run runs[LONG_PIXELS];
    struct sight sights[LONG_PIXELS];
    const int64_t count = find_runs(of, first, pixels, runs), places = volume(of->kernel);
    // Row number k is place k % places of channel k / places. Where a place looks is the same for all channels.
    for (int64_t start = begin; start < at_most(end, begin + places); start++) {
        look_from(of, group, start % places, runs, count, sights);
        for (int64_t k = start; k < end; k += places) {
            const REAL *x = (const REAL *)of->x + k / places * volume(of->size);
            if (pitch) {
                OF(see)(of, x, runs, sights, count, to + (k - begin) * pitch);
                continue;
            }
            REAL row[BLOCK_PIXELS + 2 * PATCH_COLUMNS];
            OF(see)(of, x, runs, sights, count, row);
            for (int64_t j = 0; j < pixels; j += PATCH_COLUMNS) {
                REAL *panel = to + j * (end - begin) + (k - begin) * PATCH_COLUMNS;
                UNROLL for (int w = 0; w < PATCH_COLUMNS; w += PATCH_LANES)
                    *(OF(numbers) *)(panel + w) = *(const OF(numbers) *)(row + j + w);
            }
        }
    }
}

// ---- y

// A block of y for some channels: y = w patches, cut by cut of the sum.
static void OF(convolve_block)(const struct OF(work) *work, int64_t group, int64_t chunk, int64_t block)
{
    const struct convolution *of = &work->of;
    const int64_t pixels = volume(of->result), begin = of->outputs * chunk / work->chunks;
    const int64_t channels = of->outputs * (chunk + 1) / work->chunks - begin;
    int64_t count, first = first_pixel(&work->blocks, block, &count);
    const REAL *w = (const REAL *)of->w + (group * of->outputs + begin) * work->rows;
    REAL *y = (REAL *)of->y + (group * of->outputs + begin) * pixels; // of image 0
    const int64_t image = of->groups * of->outputs * pixels;
    const int whole = pixels >= WHOLE_PIXELS;
    REAL *patches = OF(own)(OF(patch_memory)), *aside = OF(own)(OF(aside_memory));
    REAL *to = whole ? y + first / pixels * image + first % pixels : aside;
    const int64_t pitch = whole ? pixels : count, cut = rounds(work->rows, rounds(work->rows, PATCH_CUT));
    for (int64_t k = 0; k < work->rows; k += cut) {
        const int64_t next = at_most(k + cut, work->rows);
        OF(lay_out)(of, group, first, count, k, next, patches, 0);
        work->runtime->OF(matmul)(0, &(struct matmul){.batch = 1, .m = channels, .n = count, .k = next - k, .a = w + k,
                                                      .a_row = work->rows, .a_column = 1, .b = patches,
                                                      .b_row = PATCH_COLUMNS, .b_column = 1, .c = to, .c_row = pitch,
                                                      .add = k > 0, .packed = patches});
    }
    // Pixels of several images: each image gets its own.
    for (int64_t t = 0, length; !whole && t < count; t += length) {
        const int64_t pixel = (first + t) % pixels;
        length = at_most(pixels - pixel, count - t);
        for (int64_t channel = 0; channel < channels; channel++)
            memcpy(y + (first + t) / pixels * image + channel * pixels + pixel, to + channel * pitch + t,
                   (size_t)length * sizeof(REAL));
    }
}

// A kernel: a unit is n[0] of n[1] blocks for some channels. Blocks that follow each other share their pixels.
static void OF(block_of_results)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(work) *work = p[0];
    const int64_t blocks = work->blocks.spans * work->blocks.in_span;
    for (int64_t item = begin * n[0]; item < at_most(end * n[0], n[1]); item++)
        OF(convolve_block)(work, item / work->chunks / blocks, item % work->chunks, item / work->chunks % blocks);
}

static void OF(convolve_in_patches)(const struct runtime *runtime, const struct convolution *of)
{
    struct OF(work) work = {.runtime = runtime, .of = *of, .rows = of->inputs * volume(of->kernel)};
    work.blocks = blocks_of_pixels(of, BLOCK_PIXELS, PATCH_COLUMNS);
    const int64_t blocks = of->groups * work.blocks.spans * work.blocks.in_span;
    const int64_t at_once = ASIDE_BYTES / (int64_t)sizeof(REAL) / BLOCK_PIXELS;
    work.chunks = at_most(rounds(of->outputs, FEW_CHANNELS), rounds(ENOUGH_UNITS, blocks));
    work.chunks = at_least(work.chunks, rounds(of->outputs, at_once));
    OF(share_work)(runtime, OF(block_of_results), &work, blocks * work.chunks,
                   of->outputs / work.chunks * work.rows * work.blocks.pixels);
}

// ---- x

// The way back of `see`: what a row of patches is owed is added to what it saw.
static void OF(give_back)(const struct convolution *of, REAL *x, const struct run *runs, const struct sight *sights,
                          int64_t count, const REAL *row)
{
    const int64_t stride = of->stride[AXES - 1];
    for (int64_t i = 0; i < count; i++) {
        REAL *to = x + sights[i].from;
        if (stride == 1)
            SIMD for (int64_t t = sights[i].begin; t < sights[i].end; t++) to[t] += row[t];
        else
            SIMD for (int64_t t = sights[i].begin; t < sights[i].end; t++) to[t * stride] += row[t];
        row += runs[i].length;
    }
}

// Some channels of x of one image: rows of w^T (y's gradient), block by block, added back. `spare` holds w^T.
static void OF(add_back)(const struct OF(work) *work, int64_t image, int64_t group, int64_t chunk)
{
    const struct convolution *of = &work->of;
    const int64_t places = volume(of->kernel), pixels = volume(of->result), size = volume(of->size);
    const int64_t first = of->inputs * chunk / work->chunks, last = of->inputs * (chunk + 1) / work->chunks;
    const REAL *y = (const REAL *)of->y + (image * of->groups + group) * of->outputs * pixels;
    REAL *x = (REAL *)of->x, *patches = OF(own)(OF(patch_memory));
    memset(x + ((image * of->groups + group) * of->inputs + first) * size, 0,
           (size_t)((last - first) * size) * sizeof(REAL));
    struct run runs[BLOCK_PIXELS];
    struct sight sights[BLOCK_PIXELS];
    for (int64_t pixel = 0; pixel < pixels; pixel += BLOCK_PIXELS) {
        const int64_t here = at_most(BLOCK_PIXELS, pixels - pixel);
        const int64_t count = find_runs(of, image * pixels + pixel, here, runs);
        for (int64_t begin = first * places; begin < last * places; begin += PATCH_CUT) {
            const int64_t end = at_most(begin + PATCH_CUT, last * places);
            const REAL *w = (const REAL *)of->spare + (group * work->rows + begin) * of->outputs;
            work->runtime->OF(matmul)(0, &(struct matmul){.batch = 1, .m = end - begin, .n = here, .k = of->outputs,
                                                          .a = w, .a_row = of->outputs, .a_column = 1, .b = y + pixel,
                                                          .b_row = pixels, .b_column = 1, .c = patches,
                                                          .c_row = here});
            for (int64_t start = begin; start < at_most(end, begin + places); start++) {
                look_from(of, group, start % places, runs, count, sights);
                for (int64_t k = start; k < end; k += places)
                    OF(give_back)(of, x + k / places * size, runs, sights, count, patches + (k - begin) * here);
            }
        }
    }
}

// A kernel: a unit is n[0] of n[1] parts of images.
static void OF(image_of_sums)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(work) *work = p[0];
    for (int64_t item = begin * n[0]; item < at_most(end * n[0], n[1]); item++) {
        const int64_t image = item / work->chunks;
        OF(add_back)(work, image / work->of.groups, image % work->of.groups, item % work->chunks);
    }
}

static void OF(convolve_input_in_patches)(const struct runtime *runtime, const struct convolution *of)
{
    const int64_t places = volume(of->kernel), images = of->images * of->groups;
    struct OF(work) work = {.runtime = runtime, .of = *of, .rows = of->inputs * places};
    work.chunks = at_most(of->inputs, at_least(rounds(work.rows, PATCH_CUT), rounds(ENOUGH_UNITS, images)));
    OF(share_work)(runtime, OF(image_of_sums), &work, images * work.chunks,
                   of->outputs * work.rows / work.chunks * volume(of->result));
}

// ---- w

// Blocks block .. last - 1 of the pixels: `to`, rows x outputs, becomes the sum of patches (y's gradient)^T.
static void OF(sum_blocks)(const struct OF(work) *work, int64_t group, int64_t begin, int64_t end, int64_t block,
                           int64_t last, REAL *to)
{
    const struct convolution *of = &work->of;
    const int64_t pixels = volume(of->result), pitch = work->blocks.pixels + PATCH_LANES;
    REAL *patches = OF(own)(OF(patch_memory)), *aside = OF(own)(OF(aside_memory));
    if (block == last) memset(to, 0, (size_t)((end - begin) * of->outputs) * sizeof(REAL));
    for (int add = 0; block < last; block++, add = 1) {
        int64_t count, first = first_pixel(&work->blocks, block, &count);
        OF(lay_out)(of, group, first, count, begin, end, patches, pitch);
        // (y's gradient)^T is pixels x outputs. Where a block has pixels of several images, it is put together first.
        const REAL *y = (const REAL *)of->y + group * of->outputs * pixels; // of image 0
        const int64_t image = of->groups * of->outputs * pixels;
        int64_t between = pixels; // channels
        if (pixels >= WHOLE_PIXELS) {
            y += first / pixels * image + first % pixels;
        } else {
            between = count;
            for (int64_t t = 0, length; t < count; t += length) {
                const int64_t pixel = (first + t) % pixels;
                length = at_most(pixels - pixel, count - t);
                for (int64_t channel = 0; channel < of->outputs; channel++)
                    memcpy(aside + channel * between + t,
                           y + (first + t) / pixels * image + channel * pixels + pixel, (size_t)length * sizeof(REAL));
            }
            y = aside;
        }
        work->runtime->OF(matmul)(0, &(struct matmul){.batch = 1, .m = end - begin, .n = of->outputs, .k = count,
                                                      .a = patches, .a_row = pitch, .a_column = 1, .b = y,
                                                      .b_row = 1, .b_column = between, .c = to, .c_row = of->outputs,
                                                      .add = add});
    }
}

// A kernel: a unit is some rows of the sums of one slice of the pixels. `spare` gets them.
static void OF(slice_of_pixels)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(work) *work = p[0];
    const struct convolution *of = &work->of;
    const int64_t blocks = work->blocks.spans * work->blocks.in_span;
    (void)n;
    for (int64_t unit = begin; unit < end; unit++) {
        const int64_t chunk = unit % work->chunks, group = unit / work->chunks % of->groups;
        const int64_t slice = unit / work->chunks / of->groups;
        const int64_t first = work->rows * chunk / work->chunks, last = work->rows * (chunk + 1) / work->chunks;
        REAL *to = (REAL *)of->spare + ((slice * of->groups + group) * work->rows + first) * of->outputs;
        OF(sum_blocks)(work, group, first, last, blocks * slice / of->slices, blocks * (slice + 1) / of->slices, to);
    }
}

static void OF(convolve_kernel_in_patches)(const struct runtime *runtime, const struct convolution *of)
{
    struct OF(work) work = {.runtime = runtime, .of = *of, .rows = of->inputs * volume(of->kernel)};
    int64_t most = LONG_PIXELS - PATCH_LANES;
    if (volume(of->result) < WHOLE_PIXELS)
        most = at_least(1, at_most(most, ASIDE_BYTES / (int64_t)sizeof(REAL) / of->outputs));
    work.blocks = blocks_of_pixels(of, most, 1);
    work.chunks = rounds(work.rows, PATCH_BYTES / (int64_t)sizeof(REAL) / LONG_PIXELS);
    void *p[] = {&work};
    runtime->parallel(runtime, OF(slice_of_pixels), of->slices * of->groups * work.chunks, p, 0);
}
