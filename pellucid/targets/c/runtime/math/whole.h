// A float without its fraction, as a whole number. C leaves open what comes of NaN and of numbers out of range; here it
// is the smallest number, which is what x86 processors give.
static inline int32_t whole_i32(double x) { return x > -2147483649.0 && x < 2147483648.0 ? (int32_t)x : INT32_MIN; }
static inline uint64_t whole_u64(double x)
{
    int64_t small = x > -9223372036854775808.0 && x < 9223372036854775808.0 ? (int64_t)x : INT64_MIN;
    return x >= 9223372036854775808.0 && x < 18446744073709551616.0 ? (uint64_t)x : (uint64_t)small;
}
static inline int64_t whole_i64(double x)
{
    return x >= -9223372036854775808.0 && x < 9223372036854775808.0 ? (int64_t)x : INT64_MIN;
}
