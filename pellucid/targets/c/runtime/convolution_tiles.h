// Convolution with kernels of 3 x 3 and stride 1 in fewer multiplications. Included once for each type by
// convolution_ways.h.
//
// Four results, 2 x 2, are made of 4 x 4 elements d of each channel and a kernel w, with 36 multiplications. 16 are
// enough (S. Winograd, "Arithmetic Complexity of Computations", 1980; A. Lavin and S. Gray, "Fast Algorithms for
// Convolutional Neural Networks", 2016):
//
//     results = A^T [(G w G^T) * (B^T d B)] A             * multiplies element by element
//
// where B and A hold only 0, 1 and -1. The sum over channels is taken between the brackets, so for each of the 16
// elements that is a product of matrices, outputs x inputs times inputs x tiles, and most of the work. A few tiles are
// carried through all three steps while they lie in the second-level cache.
//
// Other terms are added up, so it rounds otherwise. With |x| <= a and |w| <= b, an element of the products is at most
// 4 a * 9/4 b for each channel, and 9 of them make a result: 81 a b, where the plain sum has 9 a b. But its sums are a
// ninth as long, so the bound on the error is about the same (docs/convolution.md). Of normal numbers the largest error,
// as part of the largest result, was 2e-7 to 4e-7 in float32 (16 to 256 channels); patches had 5e-7, since a sum as long
// as a patch rounds more often. An infinity or NaN reaches all four results of a tile, not only those that look at it.

#ifndef CONVOLUTION_TILES_H
#define CONVOLUTION_TILES_H
enum {
    ELEMENTS = 16,
    SOME_TILES = 32, // that are done together, at most
};

// Tiles of a block that lie side by side.
struct tile_run {
    int64_t image, row, column, length; // row and column are those of the first tile, counted in tiles
};

// The runs of tiles first .. first + count - 1, numbered through all images; returns how many they are.
static int64_t find_tile_runs(const struct convolution *of, int64_t first, int64_t count, struct tile_run *runs)
{
    const int64_t high = rounds(of->result[1], 2), wide = rounds(of->result[2], 2);
    int64_t found = 0;
    for (int64_t t = first, length; t < first + count; t += length) {
        const int64_t row = t / wide, column = t % wide;
        length = at_most(wide - column, first + count - t);
        runs[found++] = (struct tile_run){row / high, row % high, column, length};
    }
    return found;
}
#endif

#define TILES_AT_ONCE (SOME_TILES / PATCH_COLUMNS * PATCH_COLUMNS)
#define TILE_OUTPUTS (PATCH_BYTES / (int)sizeof(REAL) / ELEMENTS / SOME_TILES)  // whose sums fit `patches`
#define TILE_CHANNELS (ASIDE_BYTES / (int)sizeof(REAL) / ELEMENTS / SOME_TILES) // whose elements fit `aside`

// A convolution by tiles. `of->w` is not used: `u` holds the 16 elements of all kernels, element by element.
struct OF(tiling) {
    const struct runtime *runtime;
    struct convolution of;
    const REAL *w;
    REAL *u;
    int back; // are kernels to be turned round, with inputs and outputs exchanged?
    int64_t tiles, chunks; // of all images, and into which outputs are divided
};

// u = G w G^T for a kernel w, whose numbers lie `step` apart; number e goes to u[e * apart].
ALWAYS_INLINE void OF(transform_kernel)(const REAL *w, int step, REAL *u, int64_t apart)
{
    REAL half[4][3]; // G w
    for (int j = 0; j < 3; j++) {
        const REAL above = w[j * step], here = w[(3 + j) * step], below = w[(6 + j) * step];
        half[0][j] = above;
        half[1][j] = (above + here + below) / 2;
        half[2][j] = (above - here + below) / 2;
        half[3][j] = below;
    }
    for (int i = 0; i < 4; i++, u += 4 * apart) {
        u[0] = half[i][0];
        u[apart] = (half[i][0] + half[i][1] + half[i][2]) / 2;
        u[2 * apart] = (half[i][0] - half[i][1] + half[i][2]) / 2;
        u[3 * apart] = half[i][2];
    }
}

// A kernel: the elements of the kernels of an output. A unit is n[0] of n[1] outputs of all groups.
static void OF(transform_kernels)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(tiling) *tiling = p[0];
    const struct convolution *of = &tiling->of;
    for (int64_t item = begin * n[0]; item < at_most(end * n[0], n[1]); item++)
        for (int64_t c = 0; c < of->inputs; c++) {
            const int64_t group = item / of->outputs, o = item % of->outputs;
            const int64_t turned = ((group * of->inputs + c) * of->outputs + o) * 9;
            const REAL *w = tiling->w + (tiling->back ? turned + 8 : (item * of->inputs + c) * 9);
            OF(transform_kernel)(w, tiling->back ? -1 : 1, tiling->u + item * of->inputs + c,
                                 of->groups * of->outputs * of->inputs);
        }
}

// What a run of tiles sees of row y of a channel: its even and its odd columns.
static void OF(split_row)(const struct convolution *of, const REAL *x, int64_t y, const struct tile_run *run,
                          REAL *even, REAL *odd)
{
    const int64_t width = of->size[2], column = 2 * run->column - of->before[2], count = 2 * run->length + 2;
    if (y < 0 || y >= of->size[1]) {
        memset(even, 0, (size_t)(run->length + 1) * sizeof(REAL));
        memset(odd, 0, (size_t)(run->length + 1) * sizeof(REAL));
        return;
    }
    REAL line[2 * SOME_TILES + 2];
    const REAL *from = x + y * width + column;
    if (column < 0 || column + count > width) { // with zeros where there is nothing
        for (int64_t i = 0; i < count; i++) line[i] = column + i >= 0 && column + i < width ? from[i] : 0;
        from = line;
    }
    SIMD for (int64_t t = 0; t <= run->length; t++) {
        even[t] = from[2 * t];
        odd[t] = from[2 * t + 1];
    }
}

// B^T times a column of four vectors.
ALWAYS_INLINE void OF(mix_four)(const OF(numbers) *d, int step, OF(numbers) *to)
{
    to[0] = d[0] - d[2 * step];
    to[1] = d[step] + d[2 * step];
    to[2] = d[2 * step] - d[step];
    to[3] = d[step] - d[3 * step];
}

// B^T d B for a channel of some tiles: element e of tile t goes to v[e * apart + t / columns * panel + t % columns].
static void OF(transform_channel)(const struct convolution *of, const REAL *x, const struct tile_run *runs,
                                  int64_t count, REAL *v, int64_t apart, int64_t panel)
{
    REAL lines[ELEMENTS][SOME_TILES + PATCH_COLUMNS]; // element by element, before they are cut into panels
    int64_t tiles = 0;
    for (int64_t i = 0; i < count; tiles += runs[i++].length) {
        const int64_t image = runs[i].image * of->groups * of->inputs * of->size[1] * of->size[2];
        REAL even[4][SOME_TILES + PATCH_COLUMNS], odd[4][SOME_TILES + PATCH_COLUMNS];
        for (int row = 0; row < 4; row++)
            OF(split_row)(of, x + image, 2 * runs[i].row - of->before[1] + row, &runs[i], even[row], odd[row]);
        for (int64_t t = 0; t < runs[i].length; t += PATCH_LANES) {
            OF(numbers) d[ELEMENTS], half[ELEMENTS], done[4];
            UNROLL for (int row = 0; row < 4; row++) {
                d[4 * row] = *(const OF(numbers) *)(even[row] + t);
                d[4 * row + 1] = *(const OF(numbers) *)(odd[row] + t);
                d[4 * row + 2] = *(const OF(numbers) *)(even[row] + t + 1);
                d[4 * row + 3] = *(const OF(numbers) *)(odd[row] + t + 1);
            }
            UNROLL for (int column = 0; column < 4; column++) {
                OF(mix_four)(d + column, 4, done);
                UNROLL for (int row = 0; row < 4; row++) half[4 * row + column] = done[row];
            }
            UNROLL for (int row = 0; row < 4; row++) {
                OF(mix_four)(half + 4 * row, 1, done);
                UNROLL for (int column = 0; column < 4; column++)
                    *(OF(numbers) *)(lines[4 * row + column] + tiles + t) = done[column];
            }
        }
    }
    for (int e = 0; e < ELEMENTS; e++)
        for (int64_t t = 0; t < tiles; t += PATCH_COLUMNS)
            UNROLL for (int w = 0; w < PATCH_COLUMNS; w += PATCH_LANES)
                *(OF(numbers) *)(v + e * apart + t / PATCH_COLUMNS * panel + w) =
                    *(const OF(numbers) *)(lines[e] + t + w);
}

// A^T m A for an output of some tiles, and the results to their places. Element e of tile t is m[e * apart + t].
static void OF(finish_output)(const struct convolution *of, const REAL *m, int64_t apart, const struct tile_run *runs,
                              int64_t count, int64_t tiles, REAL *y)
{
    REAL results[2][2][SOME_TILES + PATCH_LANES];
    for (int64_t t = 0; t < tiles; t += PATCH_LANES) {
        OF(numbers) half[2][4];
        UNROLL for (int j = 0; j < 4; j++) {
            OF(numbers) d[4];
            UNROLL for (int i = 0; i < 4; i++) d[i] = *(const OF(numbers) *)(m + (4 * i + j) * apart + t);
            half[0][j] = d[0] + d[1] + d[2];
            half[1][j] = d[1] - d[2] - d[3];
        }
        UNROLL for (int i = 0; i < 2; i++) {
            *(OF(numbers) *)(results[i][0] + t) = half[i][0] + half[i][1] + half[i][2];
            *(OF(numbers) *)(results[i][1] + t) = half[i][1] - half[i][2] - half[i][3];
        }
    }
    const int64_t high = of->result[1], wide = of->result[2];
    int64_t first = 0;
    for (int64_t r = 0; r < count; first += runs[r++].length)
        for (int64_t i = 0; i < at_most(2, high - 2 * runs[r].row); i++) { // the last tiles may reach too far
            REAL *to = y + (runs[r].image * of->groups * of->outputs * high + 2 * runs[r].row + i) * wide +
                       2 * runs[r].column;
            const REAL *left = results[i][0] + first, *right = results[i][1] + first;
            const int64_t whole = at_most(runs[r].length, wide / 2 - runs[r].column);
            SIMD for (int64_t t = 0; t < whole; t++) {
                to[2 * t] = left[t];
                to[2 * t + 1] = right[t];
            }
            if (whole < runs[r].length) to[2 * whole] = left[whole];
        }
}

// Some outputs of some tiles.
static void OF(convolve_tiles)(const struct OF(tiling) *tiling, int64_t group, int64_t chunk, int64_t first)
{
    const struct convolution *of = &tiling->of;
    const int64_t tiles = at_most(TILES_AT_ONCE, tiling->tiles - first);
    const int64_t begin = of->outputs * chunk / tiling->chunks;
    const int64_t outputs = of->outputs * (chunk + 1) / tiling->chunks - begin;
    const int64_t kernels = of->groups * of->outputs * of->inputs; // numbers of an element of all kernels
    const REAL *u = tiling->u + (group * of->outputs + begin) * of->inputs;
    const REAL *x = (const REAL *)of->x + group * of->inputs * of->size[1] * of->size[2]; // of image 0
    REAL *m = OF(own)(OF(patch_memory)), *v = OF(own)(OF(aside_memory));
    struct tile_run runs[SOME_TILES];
    const int64_t count = find_tile_runs(of, first, tiles, runs);
    for (int64_t c = 0; c < of->inputs; c += TILE_CHANNELS) {
        const int64_t channels = at_most(TILE_CHANNELS, of->inputs - c), apart = channels * TILES_AT_ONCE;
        for (int64_t i = 0; i < channels; i++)
            OF(transform_channel)(of, x + (c + i) * of->size[1] * of->size[2], runs, count, v + i * PATCH_COLUMNS,
                                  apart, channels * PATCH_COLUMNS);
        for (int e = 0; e < ELEMENTS; e++)
            tiling->runtime->OF(matmul)(0, &(struct matmul){.batch = 1, .m = outputs, .n = tiles, .k = channels,
                                                            .a = u + e * kernels + c, .a_row = of->inputs,
                                                            .a_column = 1, .b = v + e * apart, .b_row = PATCH_COLUMNS,
                                                            .b_column = 1, .c = m + e * outputs * TILES_AT_ONCE,
                                                            .c_row = TILES_AT_ONCE, .add = c > 0,
                                                            .packed = v + e * apart});
    }
    for (int64_t o = 0; o < outputs; o++)
        OF(finish_output)(of, m + o * TILES_AT_ONCE, outputs * TILES_AT_ONCE, runs, count, tiles,
                          (REAL *)of->y + (group * of->outputs + begin + o) * of->result[1] * of->result[2]);
}

// A kernel: a unit is some tiles, for some outputs.
static void OF(tiles_of_results)(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const struct OF(tiling) *tiling = p[0];
    (void)n;
    for (int64_t unit = begin; unit < end; unit++) {
        const int64_t rest = unit / tiling->chunks, groups = tiling->of.groups;
        OF(convolve_tiles)(tiling, rest % groups, unit % tiling->chunks, rest / groups * TILES_AT_ONCE);
    }
}

// `spare` is memory for 16 numbers for each kernel.
static void OF(convolve_by_tiles)(const struct runtime *runtime, const struct convolution *of, const REAL *w, int back)
{
    struct OF(tiling) tiling = {.runtime = runtime, .of = *of, .w = w, .u = of->spare, .back = back};
    tiling.tiles = of->images * rounds(of->result[1], 2) * rounds(of->result[2], 2);
    tiling.chunks = rounds(of->outputs, TILE_OUTPUTS);
    const int64_t blocks = rounds(tiling.tiles, TILES_AT_ONCE);
    OF(share_work)(runtime, OF(transform_kernels), &tiling, of->groups * of->outputs, 64 * of->inputs);
    runtime->parallel(runtime, OF(tiles_of_results), blocks * of->groups * tiling.chunks, (void *[]){&tiling}, 0);
}
