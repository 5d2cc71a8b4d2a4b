// needs: fma bits
// exp(x) = 2^n exp(r) with n = round(x / ln 2) and r = x - n ln 2, so |r| <= ln(2) / 2; exp(r) is a polynomial with the
// coefficients of S. Moshier's Cephes library (1989). Largest error seen: 1.00 ulp. Results below the normal numbers
// lose their digits one by one, as IEEE 754 says; exp(-infinity) = 0.
#ifndef EXP_H // the runtime may have brought it
#define EXP_H
__attribute__((always_inline)) static inline float exp_f32(float x)
{
    // Adding 1.5 * 2^23 leaves no bits for a fraction: the sum is rounded to an integer, which its low bits hold.
    float shifted = FMA(x, 1.44269504f, 12582912.0f);
    float n = shifted - 12582912.0f;
    int32_t exponent = (int32_t)(bits_of_f32(shifted) - 0x4b400000u);
    // ln 2 in two parts; the first has 9 bits, so its product with n is exact.
    float r = FMA(n, -0.693359375f, x);
    r = FMA(n, 2.12194440e-4f, r);
    float p = 1.9875691500e-4f;
    p = FMA(p, r, 1.3981999507e-3f);
    p = FMA(p, r, 8.3334519073e-3f);
    p = FMA(p, r, 4.1665795894e-2f);
    p = FMA(p, r, 1.6666665459e-1f);
    p = FMA(p, r, 5.0000001201e-1f);
    p = FMA(p, r * r, r) + 1.0f;
    // Where the result is 0, say so: a product that underflows to 0 takes a processor a hundred cycles. Attention masks
    // half of its scores with -infinity. No factor may be infinite then, so n is kept where both are numbers.
    p = x < -103.98f ? 0.0f : p;
    exponent = exponent < -250 ? -250 : exponent;
    exponent = exponent > 250 ? 250 : exponent;
    // 2^n in two factors: n reaches from -150 to 128, a float's exponent only from -126 to 127.
    int32_t half = exponent >> 1;
    float first = f32_of_bits((uint32_t)(half + 127) << 23);
    float second = f32_of_bits((uint32_t)(exponent - half + 127) << 23);
    p = p * first * second;
    return x > 89.0f ? __builtin_inff() : p; // of a NaN, neither comparison is true
}

__attribute__((always_inline)) static inline double exp_f64(double x) { return __builtin_exp(x); }
#endif
