{ // c = a b for whole numbers and bool, as far as ADD(a, b) goes: plainly, one number after the other.
    const ELEMENT *a = p[0], *b = p[1];
    ELEMENT *c = p[2];
    const int64_t rows = n[2], columns = n[3], inner = n[4];
    (void)n;
    for (int64_t s = begin; s < end; s++) {
        int64_t rest = s, a_start = 0, b_start = 0;
        for (int64_t axis = n[0] - 1; axis >= 0; axis--) { // which matrix of the batch
            const int64_t *about = n + 9 + 3 * axis;
            a_start += rest % about[0] * about[1], b_start += rest % about[0] * about[2];
            rest /= about[0];
        }
        for (int64_t i = 0; i < rows; i++)
            for (int64_t j = 0; j < columns; j++) {
                uint64_t sum = 0;
                for (int64_t k = 0; k < inner; k++)
                    ADD(a[a_start + i * n[5] + k * n[6]], b[b_start + k * n[7] + j * n[8]]);
                c[(s * rows + i) * columns + j] = (ELEMENT)sum;
            }
    }
}
