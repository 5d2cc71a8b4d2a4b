{ // Windows slide over planes. Vectors run along a strip of results, for one place of the window after the other.
    enum { STRIP = 64 };
    const int64_t *size = n, *window = n + 3, *results = n + 6, *stride = n + 9, *before = n + 12, *dilation = n + 15;
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
        for (int64_t row = 0; row < results[0] * results[1]; row++)
            for (int64_t strip = 0; strip < results[2]; strip += STRIP) {
                const int64_t width = least(STRIP, results[2] - strip);
                ELEMENT best[STRIP];
                INDEX where[STRIP];
                (void)best, (void)where;
                for (int64_t t = 0; t < width; t++)
                    FIRST(t);
                for (int64_t place = 0; place < window[0] * window[1] * window[2]; place++) {
                    // Where this place of the first window looks, axis by axis.
                    const int64_t i0 = place / window[2] / window[1], i1 = place / window[2] % window[1];
                    const int64_t z = row / results[1] * stride[0] - before[0] + i0 * dilation[0];
                    const int64_t h = row % results[1] * stride[1] - before[1] + i1 * dilation[1];
                    const int64_t w = strip * STRIDE - before[2] + place % window[2] * dilation[2];
                    if (z < 0 || z >= size[0] || h < 0 || h >= size[1] || w >= size[2])
                        continue;
                    // Results first to last - 1 see an element that is inside: 0 <= w + t * STRIDE < size[2].
                    const int64_t first = w < 0 ? (STRIDE - 1 - w) / STRIDE : 0;
                    const int64_t last = least(width, (size[2] - 1 - w) / STRIDE + 1);
                    const int64_t start = (z * size[1] + h) * size[2] + w;
                    #pragma omp simd
                    for (int64_t t = first; t < last; t++) {
                        const int64_t i = start + t * STRIDE;
                        SEE(t, i);
                    }
                }
                for (int64_t t = 0; t < width; t++)
                    LAST(t);
                y += SPREADS ? 0 : width;
                g += width;
            }
    }
}
