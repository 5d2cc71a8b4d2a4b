{ // The gradient of the kernel of a convolution whose vectors run along the images of a block:
    //
    //     w[o, c, i, j] = sum over images, rows and columns of y[o, row, column] * x[c, source(row, i), source(column, j)]
    //
    // The sums of TILE channels of y and of PLACES places in a row of the kernel stay in registers, over as many rows
    // of y as fit the first-level cache together with what they see. A unit adds up blocks of images in memory of its own.
    typedef REAL numbers __attribute__((vector_size(LINE_VECTOR_BYTES), aligned(sizeof(REAL)), may_alias));
    enum { IN_LINE = 64 / sizeof(REAL), VECTORS = 64 / LINE_VECTOR_BYTES, IN_VECTOR = LINE_VECTOR_BYTES / sizeof(REAL) };
    enum { CUTS = (KERNEL_COLUMNS + 4) / 5, PLACES = (KERNEL_COLUMNS + CUTS - 1) / CUTS };
    enum { TILES = (OUTPUTS + SUMS / PLACES - 1) / (SUMS / PLACES), TILE = (OUTPUTS + TILES - 1) / TILES };
    enum { LINES = TILE * COLUMNS + ROW_STRIDE * X_COLUMNS, BAND = 1 + 24576 / 64 / LINES };
    for (int64_t unit = begin; unit < end; unit++) {
        REAL *w = (REAL *)p[2] + unit * OUTPUTS * INPUTS * KERNEL_ROWS * KERNEL_COLUMNS;
        for (int64_t i = 0; i < OUTPUTS * INPUTS * KERNEL_ROWS * KERNEL_COLUMNS; i++)
            w[i] = 0;
        for (int64_t block = unit * n[1]; block < least((unit + 1) * n[1], n[0]); block++)
            for (int64_t band = 0; band < ROWS; band += BAND)
                for (int64_t tile = 0; tile < OUTPUTS; tile += TILE)
                    for (int64_t c = 0; c < INPUTS; c++)
                        for (int64_t i = 0; i < KERNEL_ROWS; i++)
                            for (int64_t cut = 0; cut < KERNEL_COLUMNS; cut += PLACES) {
                                // The last tile and the last cut begin earlier, and do not add again what is done.
                                const int64_t o = least(tile, OUTPUTS - TILE), j = least(cut, KERNEL_COLUMNS - PLACES);
                                const REAL *x = (const REAL *)p[0] + (block * INPUTS + c) * X_ROWS * X_COLUMNS * IN_LINE;
                                const REAL *y = (const REAL *)p[1] + (block * OUTPUTS + o) * ROWS * COLUMNS * IN_LINE;
                                numbers sum[TILE][PLACES] = {0};
                                for (int64_t row = band; row < least(band + BAND, ROWS); row++) {
                                    const int64_t x_row = row * ROW_STRIDE - ROW_BEFORE + i * ROW_DILATION;
                                    if (x_row < 0 || x_row >= X_ROWS)
                                        continue;
                                    for (int64_t column = 0; column < COLUMNS; column++) {
                                        const int64_t left = column * COLUMN_STRIDE - COLUMN_BEFORE + j * COLUMN_DILATION;
                                        const int64_t right = left + (PLACES - 1) * COLUMN_DILATION;
                                        const REAL *g = y + (row * COLUMNS + column) * IN_LINE;
                                        const REAL *line = x + (x_row * X_COLUMNS + left) * IN_LINE;
                                        // gcc would keep what one column sees for the next, in registers that it has not.
                                        __asm__ volatile("" ::: "memory");
                                        for (int u = 0; u < VECTORS; u++) {
                                            numbers due[TILE];
                                            UNROLL_ALL for (int t = 0; t < TILE; t++)
                                                due[t] = *(const numbers *)(g + t * ROWS * COLUMNS * IN_LINE + u * IN_VECTOR);
                                            if (left >= 0 && right < X_COLUMNS)
                                                UNROLL_ALL for (int s = 0; s < PLACES; s++) {
                                                    const numbers seen = *(const numbers *)(line + s * COLUMN_DILATION * IN_LINE + u * IN_VECTOR);
                                                    UNROLL_ALL for (int t = 0; t < TILE; t++)
                                                        sum[t][s] += due[t] * seen;
                                                }
                                            else
                                                UNROLL_ALL for (int s = 0; s < PLACES; s++)
                                                    if (left + s * COLUMN_DILATION >= 0 && left + s * COLUMN_DILATION < X_COLUMNS) {
                                                        const numbers seen = *(const numbers *)(line + s * COLUMN_DILATION * IN_LINE + u * IN_VECTOR);
                                                        UNROLL_ALL for (int t = 0; t < TILE; t++)
                                                            sum[t][s] += due[t] * seen;
                                                    }
                                        }
                                    }
                                }
                                UNROLL_ALL for (int t = 0; t < TILE; t++)
                                    UNROLL_ALL for (int s = 0; s < PLACES; s++) {
                                        REAL *to = w + (((o + t) * INPUTS + c) * KERNEL_ROWS + i) * KERNEL_COLUMNS + j + s;
                                        REAL total = 0;
                                        for (int lane = 0; lane < IN_VECTOR; lane++)
                                            total += sum[t][s][lane];
                                        *to += o + t >= tile && j + s >= cut ? total : 0;
                                    }
                            }
    }
}
