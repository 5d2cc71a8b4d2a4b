{ // For each value the first position of its row that is not before it (or, to the right, is behind it): by halving.
    const int64_t length = n[0], count = n[1];
    for (int64_t s = begin; s < end; s++) {
        const ELEMENT *ordered = (const ELEMENT *)p[0] + s * length, *values = (const ELEMENT *)p[1] + s * count;
        int64_t *y = (int64_t *)p[2] + s * count;
        for (int64_t i = 0; i < count; i++) {
            int64_t low = 0, high = length;
            while (low < high) {
                const int64_t middle = low + (high - low) / 2;
                if (PASSED(ordered[middle], values[i]))
                    low = middle + 1;
                else
                    high = middle;
            }
            y[i] = low;
        }
    }
}
