{ // Windows slide over planes. Vectors run along a strip of results, for one place of the window after the other.
    enum { STRIP = 64 };
    const int64_t *size = n, *results = n + 3, *stride = n + 6, *before = n + 9, *dilation = n + 12;
    const int64_t plane = size[0] * size[1] * size[2], count = results[0] * results[1] * results[2];
    for (int64_t s = begin; s < end; s++) {
        const ELEMENT *x = (const ELEMENT *)p[0] + s * plane;   // what is seen,
        const RESULT *v = (const RESULT *)p[GIVEN] + s * plane; // what is picked there,
        const RESULT *g = (const RESULT *)p[GIVEN] + s * count; // or what is spread,
        RESULT *y = (RESULT *)p[GIVEN + 1] + s * count;         // and the results,
        RESULT *back = (RESULT *)p[GIVEN + 1] + s * plane;      // or where it is spread
        (void)x, (void)v, (void)g, (void)y, (void)back;
        for (int64_t i = 0; SPREADS && i < plane; i++)
            back[i] = 0;
        for (int64_t row = 0; row < results[0] * results[1]; row++) {
            // Where the first place of the row's first window looks, axis by axis.
            const int64_t z0 = row / results[1] * stride[0] - before[0];
            const int64_t h0 = row % results[1] * stride[1] - before[1];
            const int64_t z1 = z0 + (WINDOW_0 - 1) * dilation[0], h1 = h0 + (WINDOW_1 - 1) * dilation[1];
            const int rows_inside = z0 >= 0 && z1 < size[0] && h0 >= 0 && h1 < size[1];
            for (int64_t strip = 0; strip < results[2]; strip += STRIP) {
                const int64_t width = least(STRIP, results[2] - strip), w0 = strip * STRIDE - before[2];
                const int64_t w1 = w0 + (width - 1) * STRIDE + (WINDOW_2 - 1) * dilation[2];
                ELEMENT best[STRIP];
                INDEX where[STRIP];
                (void)best, (void)where;
                if (width <= AT_ONCE && rows_inside && w0 >= 0 && w1 < size[2]) { // one window after the other
                    #pragma omp simd
                    for (int64_t t = 0; t < width; t++) {
                        FIRST(t);
                        EACH_PLACE {
                            const int64_t z = z0 + i0 * dilation[0], h = h0 + i1 * dilation[1];
                            const int64_t start = (z * size[1] + h) * size[2] + w0 + i2 * dilation[2];
                            SEE(t);
                        }
                    }
                } else { // one place of all windows after the other, where it is inside
                    for (int64_t t = 0; t < width; t++)
                        FIRST(t);
                    EACH_PLACE {
                        const int64_t z = z0 + i0 * dilation[0], h = h0 + i1 * dilation[1], w = w0 + i2 * dilation[2];
                        if (z < 0 || z >= size[0] || h < 0 || h >= size[1] || w >= size[2])
                            continue;
                        // Results first to last - 1 see an element that is inside: 0 <= w + t * STRIDE < size[2].
                        const int64_t first = w < 0 ? least(width, (STRIDE - 1 - w) / STRIDE) : 0;
                        const int64_t last = least(width, (size[2] - 1 - w) / STRIDE + 1);
                        const int64_t start = (z * size[1] + h) * size[2] + w;
                        #pragma omp simd
                        for (int64_t t = first; t < last; t++) {
                            SEE(t);
                        }
                    }
                }
                for (int64_t t = 0; t < width; t++)
                    LAST(t);
                y += SPREADS ? 0 : width;
                g += width;
            }
        }
    }
}
