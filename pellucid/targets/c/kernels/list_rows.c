{
    const int64_t *index = p[0];
    const int64_t count = n[0], rows = n[1], words = (rows + 63) / 64;
    int64_t *touched = p[1], *before = n[2] ? p[2] : 0;
    int64_t *const row = touched + 2, *const ends = row + rows, *const order = ends + rows;
    int64_t *const place = order + count;
    uint64_t *const named = (uint64_t *)(place + rows);
    int64_t listed = 0, sum = 0;
    (void)begin, (void)end;
    for (int64_t w = 0; w < words; w++)
        named[w] = 0;
    for (int64_t i = 0; i < count; i++) {
        named[index[i] / 64] |= (uint64_t)1 << index[i] % 64;
        place[index[i]] = 0;
    }
    for (int64_t i = 0; i < count; i++)  // count how often each row comes
        place[index[i]]++;
    for (int64_t w = 0; w < words; w++)
        for (uint64_t bits = named[w]; bits; bits &= bits - 1) {
            const int64_t r = row[listed] = w * 64 + __builtin_ctzll(bits), times = place[r];
            place[r] = sum;  // from a count to where the row's positions begin
            ends[listed++] = sum += times;
        }
    for (int64_t i = 0; i < count; i++)
        order[place[index[i]]++] = i;
    touched[0] = listed;
    for (int64_t w = 0; before && w < words; w++) {
        uint64_t bits = (before[0] < 0 ? ~(uint64_t)0 : (uint64_t)before[1 + w]) & ~named[w];
        for (; bits && w * 64 + __builtin_ctzll(bits) < rows; bits &= bits - 1) {
            row[listed] = w * 64 + __builtin_ctzll(bits);
            ends[listed++] = count;
        }
        before[1 + w] = (int64_t)named[w];
    }
    if (before)
        before[0] = 0;
    touched[1] = listed;
}
