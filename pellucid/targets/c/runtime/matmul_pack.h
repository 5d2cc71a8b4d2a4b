// For matmul.h: parts of a and b are copied into the order in which tiles read them. Included once for each type.

// Copy fewer than 64 numbers. A copy of constant size is a move or two, so the count is made up of powers of two.
ALWAYS_INLINE void OF(copy)(REAL *to, const REAL *from, int64_t count)
{
    UNROLL for (int size = 32; size > 0; size /= 2) {
        if (!(count & size)) continue;
        memcpy(to, from, (size_t)size * sizeof(REAL));
        to += size;
        from += size;
    }
}

// to[l, w] = from[w, l] for l, w < 4: two rounds, each of which interleaves the numbers of two rows.
ALWAYS_INLINE void OF(transpose_four)(REAL *to, int64_t to_row, const REAL *from, int64_t from_row)
{
#if defined(__clang__) || __GNUC__ >= 12
    OF(four) w0 = *(const OF(four) *)from, w1 = *(const OF(four) *)(from + from_row);
    OF(four) w2 = *(const OF(four) *)(from + 2 * from_row), w3 = *(const OF(four) *)(from + 3 * from_row);
    OF(four) even01 = __builtin_shufflevector(w0, w2, 0, 4, 1, 5), even23 = __builtin_shufflevector(w0, w2, 2, 6, 3, 7);
    OF(four) odd01 = __builtin_shufflevector(w1, w3, 0, 4, 1, 5), odd23 = __builtin_shufflevector(w1, w3, 2, 6, 3, 7);
    *(OF(four) *)to = __builtin_shufflevector(even01, odd01, 0, 4, 1, 5);
    *(OF(four) *)(to + to_row) = __builtin_shufflevector(even01, odd01, 2, 6, 3, 7);
    *(OF(four) *)(to + 2 * to_row) = __builtin_shufflevector(even23, odd23, 0, 4, 1, 5);
    *(OF(four) *)(to + 3 * to_row) = __builtin_shufflevector(even23, odd23, 2, 6, 3, 7);
#else
    UNROLL for (int l = 0; l < 4; l++)
        UNROLL for (int w = 0; w < 4; w++) to[l * to_row + w] = from[w * from_row + l];
#endif
}

// to[l, w] = from[l * step + w * across] for l < k, w < count; the rest of `width` numbers is 0.
ALWAYS_INLINE void OF(pack)(REAL *to, int width, const REAL *from, int64_t k, int64_t step, int64_t across,
                            int64_t count)
{
    if (count < width) memset(to, 0, (size_t)k * (size_t)width * sizeof(REAL));
    int64_t l = 0;
    if (across == 1 && count == width) {
        for (; l < k; l++) memcpy(to + l * width, from + l * step, (size_t)width * sizeof(REAL));
    } else if (across == 1) {
        for (; l < k; l++) OF(copy)(to + l * width, from + l * step, count);
    } else if (step == 1) {
        // 64 bytes of a row, a line of the cache, are used up before other rows push them out.
        for (int64_t line; l + 4 <= k; l += line) {
            line = smaller(64 / (int64_t)sizeof(REAL), (k - l) / 4 * 4);
            int64_t w = 0;
            for (; w + 4 <= count; w += 4)
                for (int64_t i = l; i < l + line; i += 4)
                    OF(transpose_four)(to + i * width + w, width, from + i + w * across, across);
            for (; w < count; w++)
                for (int64_t i = l; i < l + line; i++) to[i * width + w] = from[i + w * across];
        }
    }
    for (; l < k; l++)
        for (int64_t w = 0; w < count; w++) to[l * width + w] = from[l * step + w * across];
}
