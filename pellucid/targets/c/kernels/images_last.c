{ // A convolution whose vectors run along the images of a block; or, with other SOURCEs, the gradient of its input.
    //
    //     y[o, at] = sum over c and places k of the kernel of w[c, k, o] * x[c, source(at, k)]      for each block
    //
    // A line is what lies at one place of one channel: 64 bytes, IN_LINE numbers, VECTORS vectors. The sums of up to
    // TILE channels of y stay in registers; each line of x serves all of them, and each number of w is spread over one.
    typedef REAL numbers __attribute__((vector_size(LINE_VECTOR_BYTES), aligned(sizeof(REAL)), may_alias));
    enum { IN_LINE = 64 / sizeof(REAL), VECTORS = 64 / LINE_VECTOR_BYTES, IN_VECTOR = LINE_VECTOR_BYTES / sizeof(REAL) };
    // As many channels as there are registers for; or two fewer, if those divide OUTPUTS and so many do not.
    enum { MOST = OUTPUTS < SUMS / VECTORS ? OUTPUTS : SUMS / VECTORS };
    enum { TILE = MOST > 3 && OUTPUTS % MOST != 0 && OUTPUTS % (MOST - 2) == 0 ? MOST - 2 : MOST };
    // For each row and column of y: the first place of the kernel at which it sees x, where, and how many there are.
    struct { int64_t place, source, count; } of_row[ROWS], of_column[COLUMNS];
    for (int64_t at = 0; at < ROWS; at++) {
        of_row[at].count = 0;
        for (int64_t k = KERNEL_ROWS - 1; k >= 0; k--)
            if (ROW_SEES(at, k) && ROW_SOURCE(at, k) >= 0 && ROW_SOURCE(at, k) < X_ROWS) {
                of_row[at].place = k, of_row[at].source = ROW_SOURCE(at, k);
                of_row[at].count++;
            }
    }
    for (int64_t at = 0; at < COLUMNS; at++) {
        of_column[at].count = 0;
        for (int64_t k = KERNEL_COLUMNS - 1; k >= 0; k--)
            if (COLUMN_SEES(at, k) && COLUMN_SOURCE(at, k) >= 0 && COLUMN_SOURCE(at, k) < X_COLUMNS) {
                of_column[at].place = k, of_column[at].source = COLUMN_SOURCE(at, k);
                of_column[at].count++;
            }
    }
    for (int64_t block = begin * n[1]; block < least(end * n[1], n[0]); block++) {
        const REAL *x = (const REAL *)p[0] + block * INPUTS * X_ROWS * X_COLUMNS * IN_LINE, *w = p[1];
        REAL *y = (REAL *)p[2] + block * OUTPUTS * ROWS * COLUMNS * IN_LINE;
        for (int64_t row = 0; row < ROWS; row++)
            for (int64_t tile = 0; tile < OUTPUTS; tile += TILE) {
                const int64_t o = least(tile, OUTPUTS - TILE); // the last tile does some channels again
                for (int64_t column = 0; column < COLUMNS; column++) {
                    numbers sum[TILE][VECTORS] = {0};
                    for (int64_t i = 0; i < of_row[row].count; i++)
                        for (int64_t j = 0; j < of_column[column].count; j++) {
                            const int64_t x_row = of_row[row].source + i * ROW_MOVE;
                            const int64_t x_column = of_column[column].source + j * COLUMN_MOVE;
                            const int64_t k_row = of_row[row].place + i * ROW_STEP;
                            const int64_t k_column = of_column[column].place + j * COLUMN_STEP;
                            const REAL *line = x + (x_row * X_COLUMNS + x_column) * IN_LINE;
                            const REAL *v = w + (k_row * KERNEL_COLUMNS + k_column) * OUTPUTS + o;
                            _Pragma("GCC unroll 2") // a third faster with 16 channels than one at a time
                            for (int64_t c = 0; c < INPUTS; c++) {
                                UNROLL_ALL for (int t = 0; t < TILE; t++)
                                    UNROLL_ALL for (int u = 0; u < VECTORS; u++)
                                        sum[t][u] += v[t] * *(const numbers *)(line + u * IN_VECTOR);
                                line += X_ROWS * X_COLUMNS * IN_LINE;
                                v += KERNEL_ROWS * KERNEL_COLUMNS * OUTPUTS;
                            }
                        }
                    REAL *to = y + ((o * ROWS + row) * COLUMNS + column) * IN_LINE;
                    UNROLL_ALL for (int t = 0; t < TILE; t++)
                        UNROLL_ALL for (int u = 0; u < VECTORS; u++)
                            *(numbers *)(to + t * ROWS * COLUMNS * IN_LINE + u * IN_VECTOR) = sum[t][u];
                }
            }
    }
}
