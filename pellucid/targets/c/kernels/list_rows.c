{
    const int64_t *index = p[0];
    const int64_t count = n[0], rows = n[1], words = (rows + 63) / 64;
    int64_t *touched = p[1], *before = n[2] ? p[2] : 0;
    int64_t *const row_of = touched + 2, *const first_of = row_of + rows, *const next = first_of + rows;
    uint64_t *const named = (uint64_t *)(next + count);
    int64_t listed = 0;
    (void)begin, (void)end;
    for (int64_t w = 0; w < words; w++)
        named[w] = 0;
    for (int64_t i = 0; i < count; i++)
        first_of[index[i]] = -1;
    for (int64_t i = count - 1; i >= 0; i--) {  // the last one first: each is put before those that follow it
        const int64_t row = index[i];
        named[row / 64] |= (uint64_t)1 << row % 64;
        next[i] = first_of[row];
        first_of[row] = i;
    }
    for (int64_t w = 0; w < words; w++)
        for (uint64_t bits = named[w]; bits; bits &= bits - 1)
            row_of[listed++] = w * 64 + __builtin_ctzll(bits);
    touched[0] = listed;
    for (int64_t w = 0; before && w < words; w++) {
        uint64_t bits = (before[0] < 0 ? ~(uint64_t)0 : (uint64_t)before[1 + w]) & ~named[w];
        for (; bits && w * 64 + __builtin_ctzll(bits) < rows; bits &= bits - 1)
            row_of[listed++] = w * 64 + __builtin_ctzll(bits);
        before[1 + w] = (int64_t)named[w];
    }
    if (before)
        before[0] = 0;
    touched[1] = listed;
}
