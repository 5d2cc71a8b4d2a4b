// floor(a / b). Of floats the quotient is made of the remainder, which is exact, as in Python and NumPy: a / b itself may
// have been rounded up to a whole number. Of whole numbers 0 if b is 0; the smallest one divided by -1 wraps around.
static inline float floor_divide_f32(float a, float b)
{
    float r = __builtin_fmodf(a, b), q = (a - r) / b;
    q = r != 0 && (r < 0) != (b < 0) ? q - 1 : q;
    float whole = __builtin_floorf(q);
    whole = q - whole > 0.5f ? whole + 1 : whole;
    return b == 0 ? a / b : q == 0 ? __builtin_copysignf(0, a / b) : whole;
}
static inline double floor_divide_f64(double a, double b)
{
    double r = __builtin_fmod(a, b), q = (a - r) / b;
    q = r != 0 && (r < 0) != (b < 0) ? q - 1 : q;
    double whole = __builtin_floor(q);
    whole = q - whole > 0.5 ? whole + 1 : whole;
    return b == 0 ? a / b : q == 0 ? __builtin_copysign(0, a / b) : whole;
}
static inline int64_t floor_divide_i64(int64_t a, int64_t b)
{
    if (b == 0 || b == -1)
        return b ? (int64_t)(0 - (uint64_t)a) : 0;
    int64_t q = a / b, r = a % b;
    return r != 0 && (r < 0) != (b < 0) ? q - 1 : q;
}
static inline uint64_t floor_divide_u64(uint64_t a, uint64_t b) { return b ? a / b : 0; }
static inline int8_t floor_divide_i8(int8_t a, int8_t b) { return (int8_t)floor_divide_i64(a, b); }
static inline int16_t floor_divide_i16(int16_t a, int16_t b) { return (int16_t)floor_divide_i64(a, b); }
static inline int32_t floor_divide_i32(int32_t a, int32_t b) { return (int32_t)floor_divide_i64(a, b); }
static inline uint8_t floor_divide_u8(uint8_t a, uint8_t b) { return (uint8_t)floor_divide_u64(a, b); }
static inline uint16_t floor_divide_u16(uint16_t a, uint16_t b) { return (uint16_t)floor_divide_u64(a, b); }
static inline uint32_t floor_divide_u32(uint32_t a, uint32_t b) { return (uint32_t)floor_divide_u64(a, b); }
