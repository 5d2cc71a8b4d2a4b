// The tile of matmul.h: the sums that the registers hold while k runs.

// One tile: a strip of a times a panel of b, over one cut of k.
struct OF(tile) {
    int64_t rows, columns, k; // rows <= TILE_ROWS, columns <= TILE_COLUMNS
    const REAL *a;
    int64_t a_row, a_column;
    const REAL *b; // its columns lie side by side, and TILE_COLUMNS of them may be read
    int64_t b_row;
    REAL *save; // if not 0, rows of b are written here as they are read, TILE_COLUMNS numbers each
    REAL *c;
    int64_t c_row;
    int add;
};

// Both sizes are constants wherever this is inlined, so that the loops over them unroll and the sums stay in registers.
ALWAYS_INLINE void OF(tile_of_size)(int rows, int vectors, const struct OF(tile) *tile)
{
    const REAL *b = tile->b, *a[TILE_ROWS]; // a[g]: row 3 g, from which the next two are reached with a single index
    const int64_t k = tile->k, a_row = tile->a_row, a_column = tile->a_column, b_row = tile->b_row;
    const int64_t c_row = tile->c_row;
    UNROLL for (int i = 0; i < rows; i += 3) a[i / 3] = tile->a + i * a_row;
    REAL *c = tile->c, *save = tile->save;
    OF(vector) sum[TILE_ROWS][VECTORS];
    UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int j = 0; j < vectors; j++) {
            __builtin_prefetch(c + i * c_row + j * LANES, 1); // it is wanted when k has run
            sum[i][j] = (OF(vector)){0};
        }
    for (int64_t l = 0; l < k; l++) {
        OF(vector) row[VECTORS];
        UNROLL for (int j = 0; j < vectors; j++) {
            __builtin_prefetch(b + AHEAD * b_row + j * LANES);
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
            OF(vector) *to = (OF(vector) *)(c + i * c_row + j * LANES);
            if (tile->add) *to += sum[i][j];
            else *to = sum[i][j];
        }
}

static void OF(whole_vectors)(const struct OF(tile) *tile)
{
    // Heights that this processor's tile does not have do not occur.
#define HEIGHT(rows)                                                                                                   \
    case rows:                                                                                                         \
        if (tile->columns <= LANES) OF(tile_of_size)(rows <= TILE_ROWS ? rows : 1, 1, tile);                           \
        else OF(tile_of_size)(rows <= TILE_ROWS ? rows : 1, VECTORS, tile);                                            \
        break;
    switch (tile->rows) {
        HEIGHT(1) HEIGHT(2) HEIGHT(3) HEIGHT(4) HEIGHT(5) HEIGHT(6)
        HEIGHT(7) HEIGHT(8) HEIGHT(9) HEIGHT(10) HEIGHT(11) HEIGHT(12)
    }
#undef HEIGHT
}

// c (+)= a b for a tile.
static void OF(multiply)(const struct OF(tile) *tile)
{
    if (tile->columns == LANES || tile->columns == TILE_COLUMNS) {
        OF(whole_vectors)(tile);
        return;
    }
    // At the right edge of c whole vectors would write too far: the sums go to `edge` first.
    REAL edge[TILE_ROWS * TILE_COLUMNS];
    struct OF(tile) inner = *tile;
    inner.c = edge;
    inner.c_row = TILE_COLUMNS;
    inner.add = 0;
    OF(whole_vectors)(&inner);
    for (int64_t i = 0; i < tile->rows; i++)
        for (int64_t j = 0; j < tile->columns; j++) {
            REAL *to = tile->c + i * tile->c_row + j;
            *to = edge[i * TILE_COLUMNS + j] + (tile->add ? *to : 0);
        }
}
