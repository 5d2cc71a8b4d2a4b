{ // Windows slide over rows and columns; what lies at one place is a line of numbers, one for each image of a block.
    enum { IN_LINE = 64 / sizeof(REAL) };
    for (int64_t plane = begin * n[1]; plane < least(end * n[1], n[0]); plane++) {
        const REAL *x = (const REAL *)p[0] + plane * ROWS * COLUMNS * IN_LINE;               // what is seen,
        const REAL *g = (const REAL *)p[1] + plane * RESULT_ROWS * RESULT_COLUMNS * IN_LINE; // what is spread,
        REAL *y = (REAL *)p[2] + plane * RESULT_ROWS * RESULT_COLUMNS * IN_LINE;             // and the results,
        REAL *back = (REAL *)p[2] + plane * ROWS * COLUMNS * IN_LINE;                        // or where it is spread
        (void)x, (void)g, (void)y, (void)back;
        for (int64_t i = 0; SPREADS && !TILES && i < ROWS * COLUMNS * IN_LINE; i++)
            back[i] = 0;
        for (int64_t row = 0; row < RESULT_ROWS; row++)
            for (int64_t column = 0; column < RESULT_COLUMNS; column++, y += IN_LINE, g += IN_LINE) {
                REAL best[IN_LINE];
                INDEX where[IN_LINE]; // -1, or which place of the window has it
                (void)best, (void)where;
                for (int t = 0; t < IN_LINE; t++)
                    FIRST(t);
                // All places of the window are looked at, and then each is given what is due to it.
                for (int turn = 0; turn < 1 + SPREADS; turn++)
                    UNROLL_ALL for (INDEX place = 0; place < WINDOW_ROWS * WINDOW_COLUMNS; place++) {
                        const int64_t h = row * ROW_STRIDE - ROW_BEFORE + place / WINDOW_COLUMNS * ROW_DILATION;
                        const int64_t w = column * COLUMN_STRIDE - COLUMN_BEFORE + place % WINDOW_COLUMNS * COLUMN_DILATION;
                        const int64_t start = (h * COLUMNS + w) * IN_LINE;
                        if (h < 0 || h >= ROWS || w < 0 || w >= COLUMNS)
                            continue;
                        if (turn == 0) {
                            #pragma omp simd
                            for (int t = 0; t < IN_LINE; t++) {
                                SEE(t, start + t);
                            }
                        } else {
                            #pragma omp simd
                            for (int t = 0; t < IN_LINE; t++) {
                                GIVE(t, start + t);
                            }
                        }
                    }
                for (int t = 0; t < IN_LINE; t++)
                    LAST(t);
            }
    }
}
