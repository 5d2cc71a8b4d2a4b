// needs: fma bits sine
// sin(x) = sign(x) sin(|x|), for any finite x; NaN for infinities.
__attribute__((always_inline)) static inline float sin_f32(float x)
{
    uint32_t sign = bits_of_f32(x) & 0x80000000u;
    return f32_of_bits(bits_of_f32(sine_f32(__builtin_fabsf(x), 0)) ^ sign);
}

__attribute__((always_inline)) static inline double sin_f64(double x) { return __builtin_sin(x); }
