// needs: fma bits
// sin(x + quarters * pi / 2) for x >= 0: what sin and cos share.
//
// x is reduced to r = x - q pi / 2 with |r| <= pi / 4; then sin(r) or cos(r), a polynomial, is the answer up to its
// sign. For large x that needs 2 / pi to many digits: x 2 / pi is wanted to a fraction of 1, and x may be 2^127.
// M. Payne and R. Hanek (1983): with x = mantissa * 2^e, all bits of 2 / pi that contribute multiples of 4 quarters,
// that is whole turns, may be left out; and those far below contribute nothing. 96 bits are left, picked by e.
static const uint32_t two_over_pi[8] = {
    0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab, // 32 zero bits, 2/pi 2^32 ...
};

__attribute__((always_inline)) static inline float sine_f32(float x, uint32_t quarters) {
    uint32_t bits = bits_of_f32(x);
    uint32_t mantissa = (bits & 0x7fffffu) | 0x800000u;
    int32_t exponent = (int32_t)(bits >> 23) - 127;
    exponent = exponent < -1 ? -1 : exponent; // below 1/2 nothing is reduced, see the end
    uint32_t start = (uint32_t)(exponent + 7);
    uint32_t word = start >> 5, shift = start & 31;
    uint64_t w0 = two_over_pi[word], w1 = two_over_pi[word + 1], w2 = two_over_pi[word + 2], w3 = two_over_pi[word + 3];
    uint32_t high = (uint32_t)((w0 << 32 | w1) << shift >> 32);
    uint32_t middle = (uint32_t)((w1 << 32 | w2) << shift >> 32);
    uint32_t low = (uint32_t)((w2 << 32 | w3) << shift >> 32);
    // The product mod 4, in units of 2^-62 quarter turns: two bits of whole quarters, 62 of the rest.
    uint64_t product = ((uint64_t)(mantissa * high) << 32) + (uint64_t)mantissa * middle + ((uint64_t)mantissa * low >> 32);
    uint64_t rounded = product + (1ull << 61);
    uint32_t whole = (uint32_t)(rounded >> 62);
    uint64_t rest = product - ((uint64_t)whole << 62); // signed, from -2^61 to 2^61
    int32_t rest_high = (int32_t)(uint32_t)(rest >> 32);
    int32_t rest_low = (int32_t)((uint32_t)rest >> 1);
    double turn = (double)rest_high * 0x1p-30 + (double)rest_low * 0x1p-61;
    float r = (float)(turn * 1.5707963267948966);
    r = x < 0.5f ? x : r;
    quarters += x < 0.5f ? 0 : whole;
    float z = r * r;
    float s = -1.9515295891e-4f;
    s = FMA(s, z, 8.3321608736e-3f);
    s = FMA(s, z, -1.6666654611e-1f);
    s = FMA(s * z, r, r);
    float c = 2.443315711809948e-5f;
    c = FMA(c, z, -1.388731625493765e-3f);
    c = FMA(c, z, 4.166664568298827e-2f);
    c = FMA(c * z, z, FMA(z, -0.5f, 1.0f));
    float y = quarters & 1 ? c : s;
    y = quarters & 2 ? -y : y;
    return x < __builtin_inff() ? y : x - x; // infinity has no sine
}
