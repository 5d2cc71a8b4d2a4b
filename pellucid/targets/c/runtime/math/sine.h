// needs: fma bits
// sin(x + quarters * pi / 2) for x >= 0: what sin and cos share.
//
// x is reduced to r = x - q pi / 2 with |r| <= pi / 4, where q is whole; then the answer is sin(r) or cos(r), up to its
// sign: polynomials with the coefficients of S. Moshier's Cephes library (1989). Largest error seen: 1.57 ulp.
//
// The reduction is that of M. Payne and R. Hanek (1983), right for any x: of x * 2 / pi only the last two bits before
// the point matter, and some 60 after it. With x = mantissa * 2^exponent that takes 96 bits of 2 / pi, which begin
// where the exponent says: bits before them give whole turns, bits after them nothing that a float can hold.
// x86 processors before AVX2 cannot shift each number of a vector differently; there this takes one number at a time.

// The bits of 2 / pi, 32 at a time, after 32 zeros. Not a table: few processors can look up a different place for each
// number of a vector. And not `word == 1 ? ...`: compilers turn a row of these into a switch, which does not vectorize.
__attribute__((always_inline)) static inline uint32_t two_over_pi(uint32_t word)
{
    uint32_t bits = 0xa2f9836eu & -(uint32_t)(word == 1);
    bits |= 0x4e441529u & -(uint32_t)(word == 2);
    bits |= 0xfc2757d1u & -(uint32_t)(word == 3);
    bits |= 0xf534ddc0u & -(uint32_t)(word == 4);
    bits |= 0xdb629599u & -(uint32_t)(word == 5);
    bits |= 0x3c439041u & -(uint32_t)(word == 6);
    bits |= 0xfe5163abu & -(uint32_t)(word == 7);
    return bits;
}

__attribute__((always_inline)) static inline float sine_f32(float x, uint32_t quarters)
{
    uint32_t bits = bits_of_f32(x);
    uint32_t mantissa = (bits & 0x7fffffu) | 0x800000u;
    int32_t exponent = (int32_t)(bits >> 23) - 127;
    // Numbers below 1/2 are not reduced (see `large`); larger ones have an exponent of -1 at least.
    uint32_t start = (uint32_t)((exponent < -1 ? -1 : exponent) + 7);
    uint32_t word = start >> 5, shift = start & 31;
    uint32_t w0 = two_over_pi(word), w1 = two_over_pi(word + 1), w2 = two_over_pi(word + 2), w3 = two_over_pi(word + 3);
    uint32_t high = w0 << shift | w1 >> 1 >> (31 - shift);
    uint32_t middle = w1 << shift | w2 >> 1 >> (31 - shift);
    uint32_t low = w2 << shift | w3 >> 1 >> (31 - shift);
    // The upper 64 of the product's 96 bits: two bits of whole quarters, then 62 bits of a fraction.
    uint64_t product = ((uint64_t)mantissa * low >> 32) + (uint64_t)mantissa * middle;
    product += (uint64_t)(mantissa * high) << 32;
    uint32_t whole = (uint32_t)((product + (1ull << 61)) >> 62); // rounded, so the rest is from -1/2 to 1/2
    uint64_t rest = product - ((uint64_t)whole << 62);
    // In two steps: most processors convert vectors of 32-bit integers only.
    double fraction = (double)(int32_t)(uint32_t)(rest >> 32) * 0x1p-30;
    fraction += (double)(int32_t)((uint32_t)rest >> 1) * 0x1p-61;
    // Chosen by masks, not by a condition: compilers would turn that into a branch around all of the above, and a loop
    // with a branch does not vectorize.
    uint32_t large = x < 0.5f ? 0 : 0xffffffffu;
    uint32_t reduced = bits_of_f32((float)(fraction * 1.5707963267948966));
    float r = f32_of_bits((reduced & large) | (bits & ~large));
    quarters += whole & large;

    float z = r * r;
    float sine = -1.9515295891e-4f;
    sine = FMA(sine, z, 8.3321608736e-3f);
    sine = FMA(sine, z, -1.6666654611e-1f);
    sine = FMA(sine * z, r, r);
    float cosine = 2.443315711809948e-5f;
    cosine = FMA(cosine, z, -1.388731625493765e-3f);
    cosine = FMA(cosine, z, 4.166664568298827e-2f);
    cosine = FMA(cosine * z, z, FMA(z, -0.5f, 1.0f));
    float y = quarters & 1 ? cosine : sine;
    y = quarters & 2 ? -y : y;
    return x < __builtin_inff() ? y : x - x; // infinity has no sine
}
