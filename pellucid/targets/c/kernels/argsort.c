{ // Each row's positions in order: runs of 1, 2, 4, ... positions are merged. Equal elements stay as they came.
    const int64_t length = n[0];
    for (int64_t s = begin; s < end; s++) {
        const ELEMENT *x = (const ELEMENT *)p[0] + s * length;
        int64_t *y = (int64_t *)p[1] + s * length, *from = y, *to = (int64_t *)p[2] + s * length;
        for (int64_t i = 0; i < length; i++)
            y[i] = i;
        for (int64_t run = 1; run < length; run *= 2) {
            for (int64_t start = 0; start < length; start += 2 * run) {
                const int64_t middle = start + run < length ? start + run : length;
                const int64_t stop = middle + run < length ? middle + run : length;
                int64_t a = start, b = middle;
                for (int64_t k = start; k < stop; k++) {
                    const int second = a == middle || (b < stop && FIRST(x[from[b]], x[from[a]]));
                    to[k] = from[second ? b++ : a++];
                }
            }
            int64_t *other = from;
            from = to, to = other;
        }
        for (int64_t i = 0; from != y && i < length; i++)
            y[i] = from[i];
    }
}
