// needs: fma
// c = a b for matrices of so few numbers that describing them to the runtime takes longer than multiplying them. Where a
// step calls this, all sizes and strides are constants, so that the compiler can write it out without a loop.
__attribute__((always_inline)) static inline void tiny_f32(const struct matmul *of)
{
    const float *a = of->a, *b = of->b;
    float *c = of->c;
    for (int64_t i = 0; i < of->m; i++) {
        float row[512]; // n is not larger: TINY in emit.py
        for (int64_t j = 0; j < of->n; j++) row[j] = 0;
        for (int64_t l = 0; l < of->k; l++)
            for (int64_t j = 0; j < of->n; j++)
                row[j] = FMA(a[i * of->a_row + l * of->a_column], b[l * of->b_row + j * of->b_column], row[j]);
        for (int64_t j = 0; j < of->n; j++) c[i * of->c_row + j] = row[j];
    }
}
