{ // A copy of x, into which the rows are put one after the other.
    const int64_t size = n[0], count = n[1], width = n[2];
    const ELEMENT *x = p[0], *rows = p[2];
    const int64_t *index = p[1];
    ELEMENT *y = p[3];
    (void)begin, (void)end;
    for (int64_t i = 0; i < size; i++)
        y[i] = x[i];
    for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < width; j++) {
            const ELEMENT a = y[index[i] * width + j], b = rows[i * width + j];
            (void)a;
            y[index[i] * width + j] = PUT(a, b);
        }
}
