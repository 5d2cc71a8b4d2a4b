// Images as tiles of 4 x 4 pixels and their elements at six points along each axis (convolution_points.h). Included
// once for each type by convolution_ways.h.
//
// A line is a row of tiles of an image; lines are numbered through all images. Channels lie in the lanes of vectors: a
// panel is as many as a panel of matmul has. Once the pixels of a panel are transposed, channels of a pixel side by
// side, the steps to the elements and back need no shuffling.

#ifndef CONVOLUTION_LINES_H
#define CONVOLUTION_LINES_H
enum { TILE = 4 }; // pixels along an axis
#endif

// Images of one group, and where the elements of a slice of their lines go: element e of channel number i of a panel of
// a tile to to[e * apart + tile * by_tile + panel * by_panel + i].
struct OF(images) {
    const REAL *planes; // of the first image
    int64_t image;      // from one image to the next
    int64_t channels, size[2];
    int64_t before[2]; // zeros above and to the left
    int64_t high, wide, first_line;
    REAL *to;
    int64_t apart, by_tile, by_panel;
};

// A piece of the planes of some channels, with the channels of a pixel side by side, and zeros where there is nothing.
static void OF(gather_pixels)(const struct runtime *runtime, const REAL *planes, int64_t channels, const int64_t *size,
                              int64_t row, int64_t rows, int64_t column, int64_t columns, REAL *to)
{
    const int64_t begin = at_most(at_least(-column, 0), columns);
    const int64_t end = at_least(at_most(size[1] - column, columns), begin), line = columns * PATCH_COLUMNS;
    for (int64_t i = row; i < row + rows; i++, to += line) {
        const int64_t from = i >= 0 && i < size[0] ? begin : columns, until = at_least(end, from);
        memset(to, 0, (size_t)(from * PATCH_COLUMNS) * sizeof(REAL));
        memset(to + until * PATCH_COLUMNS, 0, (size_t)((columns - until) * PATCH_COLUMNS) * sizeof(REAL));
        if (from < until)
            runtime->OF(pack)(0, &(struct matmul){.n = channels, .k = until - from, .b_row = 1,
                                                  .b = planes + i * size[1] + column + from,
                                                  .b_column = size[0] * size[1]},
                              to + from * PATCH_COLUMNS);
    }
}

// A line of a panel. A tile is a square of 4 pixels a side, or of 6 with those around it that a kernel of 3 x 3 sees.
ALWAYS_INLINE void OF(transform_line)(const struct runtime *runtime, const struct OF(images) *of, int side,
                                      int64_t panel, int64_t line)
{
    const int64_t image = (of->first_line + line) / of->high, row = (of->first_line + line) % of->high;
    const int64_t first = panel * PATCH_COLUMNS, columns = TILE * of->wide + side - TILE;
    REAL *pixels = OF(own)(OF(patch_memory));
    OF(gather_pixels)(runtime, of->planes + image * of->image + first * of->size[0] * of->size[1],
                      at_most(PATCH_COLUMNS, of->channels - first), of->size, TILE * row - of->before[0], side,
                      -of->before[1], columns, pixels);
    REAL *to = of->to + line * of->wide * of->by_tile + panel * of->by_panel;
    for (int64_t t = 0; t < of->wide; t++)
        for (int lane = 0; lane < PATCH_COLUMNS; lane += PATCH_LANES)
            OF(transform_square)(side, pixels + TILE * t * PATCH_COLUMNS + lane, columns * PATCH_COLUMNS,
                                 PATCH_COLUMNS, to + t * of->by_tile + lane, of->apart);
}

// About how many multiplications that takes the time of.
static int64_t OF(work_of_line)(const struct OF(images) *of)
{
    return of->wide * PATCH_COLUMNS * POINTS_SQUARED * POINTS;
}
