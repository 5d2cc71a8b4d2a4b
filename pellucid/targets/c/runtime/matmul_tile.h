// The innermost part of matmul.h: a tile of c, whose sums stay in registers while k runs. Included once for each type.

#ifndef MATMUL_TILE_H
#define MATMUL_TILE_H
enum {
    AHEAD = 8, // rows of b between the one that is used and the one that is fetched into the cache,
    FAR = 32,  // and for those that are not in a panel yet
};
#endif

// A strip of a times a panel of b, over one cut of k.
struct OF(tile) {
    int64_t rows, columns, k; // rows <= TILE_ROWS, columns <= TILE_COLUMNS
    const REAL *a;
    int64_t a_row, a_column;
    const REAL *b; // its columns lie side by side; whole vectors of them are read
    int64_t b_row;
    REAL *save; // if not 0: rows of b are copied here as they are read, TILE_COLUMNS numbers apart
    REAL *c;
    int64_t c_row;
    int add;
};

// `rows` and `vectors` are constants wherever this is inlined, so that the loops over them unroll.
ALWAYS_INLINE void OF(tile_of_size)(int rows, int vectors, const struct OF(tile) *tile)
{
    const int64_t k = tile->k, a_row = tile->a_row, a_column = tile->a_column, b_row = tile->b_row;
    const int64_t ahead = (tile->save ? FAR : AHEAD) * b_row;
    const REAL *b = tile->b;
    // A pointer for each address would take more registers than there are: here is one for every third row.
    const REAL *a[TILE_ROWS];
    UNROLL for (int i = 0; i < rows; i += 3) a[i / 3] = tile->a + i * a_row;
    REAL *save = tile->save;
    OF(vector) sum[TILE_ROWS][VECTORS];
    UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int j = 0; j < vectors; j++) {
            __builtin_prefetch(tile->c + i * tile->c_row + j * LANES, 1); // wanted when k has run
            sum[i][j] = (OF(vector)){0};
        }
    for (int64_t l = 0; l < k; l++) {
        OF(vector) row[VECTORS];
        UNROLL for (int j = 0; j < vectors; j++) {
            __builtin_prefetch(b + ahead + j * LANES);
            row[j] = *(const OF(vector) *)(b + j * LANES);
        }
        if (save) {
            UNROLL for (int j = 0; j < vectors; j++) *(OF(vector) *)(save + j * LANES) = row[j];
            save += TILE_COLUMNS;
        }
        UNROLL for (int i = 0; i < rows; i++)
            UNROLL for (int j = 0; j < vectors; j++) sum[i][j] += a[i / 3][i % 3 * a_row] * row[j];
        UNROLL for (int i = 0; i < rows; i += 3) a[i / 3] += a_column;
        b += b_row;
    }
    UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int j = 0; j < vectors; j++) {
            OF(vector) *to = (OF(vector) *)(tile->c + i * tile->c_row + j * LANES);
            if (tile->add) *to += sum[i][j];
            else *to = sum[i][j];
        }
}

// Any height, and one vector or all of them.
static void OF(tile_of_vectors)(const struct OF(tile) *tile)
{
#define HEIGHT(rows)                                                                                                   \
    case rows:                                                                                                         \
        if (rows > TILE_ROWS) __builtin_unreachable();                                                                 \
        if (tile->columns <= LANES) OF(tile_of_size)(rows <= TILE_ROWS ? rows : 1, 1, tile);                           \
        else OF(tile_of_size)(rows <= TILE_ROWS ? rows : 1, VECTORS, tile);                                            \
        break;
    switch (tile->rows) {
        HEIGHT(1) HEIGHT(2) HEIGHT(3) HEIGHT(4) HEIGHT(5) HEIGHT(6)
        HEIGHT(7) HEIGHT(8) HEIGHT(9) HEIGHT(10) HEIGHT(11) HEIGHT(12)
    }
#undef HEIGHT
}

// Can so many columns be written as vectors?
static int OF(is_whole)(int64_t columns) { return columns == LANES || columns == TILE_COLUMNS; }

// c (+)= a b for a tile. At the right edge of c vectors would write too far: there the sums go to `edge` first.
static void OF(multiply_tile)(const struct OF(tile) *tile)
{
    if (OF(is_whole)(tile->columns)) {
        OF(tile_of_vectors)(tile);
        return;
    }
    REAL edge[TILE_ROWS * TILE_COLUMNS];
    struct OF(tile) whole = *tile;
    whole.c = edge;
    whole.c_row = TILE_COLUMNS;
    whole.add = 0;
    OF(tile_of_vectors)(&whole);
    for (int64_t i = 0; i < tile->rows; i++)
        for (int64_t j = 0; j < tile->columns; j++) {
            REAL *to = tile->c + i * tile->c_row + j;
            *to = edge[i * TILE_COLUMNS + j] + (tile->add ? *to : 0);
        }
}
