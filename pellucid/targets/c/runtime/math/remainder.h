// needs: fmod
// a - b floor(a / b), with the sign of b, as Python's %. A remainder of 0 has the sign of b too, as in NumPy.
static inline float remainder_f32(float a, float b)
{
    float r = __builtin_fmodf(a, b);
    return r == 0 && b != 0 ? __builtin_copysignf(0, b) : r != 0 && (r < 0) != (b < 0) ? r + b : r;
}
static inline double remainder_f64(double a, double b)
{
    double r = __builtin_fmod(a, b);
    return r == 0 && b != 0 ? __builtin_copysign(0, b) : r != 0 && (r < 0) != (b < 0) ? r + b : r;
}
static inline int64_t remainder_i64(int64_t a, int64_t b)
{
    int64_t r = fmod_i64(a, b);
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}
static inline uint64_t remainder_u64(uint64_t a, uint64_t b) { return b ? a % b : 0; }
static inline int8_t remainder_i8(int8_t a, int8_t b) { return (int8_t)remainder_i64(a, b); }
static inline int16_t remainder_i16(int16_t a, int16_t b) { return (int16_t)remainder_i64(a, b); }
static inline int32_t remainder_i32(int32_t a, int32_t b) { return (int32_t)remainder_i64(a, b); }
static inline uint8_t remainder_u8(uint8_t a, uint8_t b) { return (uint8_t)remainder_u64(a, b); }
static inline uint16_t remainder_u16(uint16_t a, uint16_t b) { return (uint16_t)remainder_u64(a, b); }
static inline uint32_t remainder_u32(uint32_t a, uint32_t b) { return (uint32_t)remainder_u64(a, b); }
