{ // Each row from one end to the other: y is what was found so far, x the next element, a its factor.
    const ELEMENT *xs = p[0], *factors = p[1];
    ELEMENT *ys = p[2];
    for (int64_t s = begin; s < end; s++) {
        int64_t rest = s, x_at = 0, a_at = 0, y_at = 0;
        for (int64_t axis = n[0] - 1; axis >= 0; axis--) {
            const int64_t *about = n + 6 + 4 * axis, i = rest % about[0];
            x_at += i * about[1], a_at += i * about[2], y_at += i * about[3];
            rest /= about[0];
        }
        ELEMENT y = 0;
        for (int64_t i = 0; i < n[2]; i++, x_at += n[3], a_at += n[4], y_at += n[5]) {
            const ELEMENT x = xs[x_at], a = factors[a_at];
            (void)a;
            ys[y_at] = y = (ELEMENT)(i ? NEXT(y, x, a) : x);
        }
    }
}
