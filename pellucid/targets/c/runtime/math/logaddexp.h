// needs: fma bits exp log log1p
// log(exp(a) + exp(b)) = the larger + log1p(exp(smaller - larger)). Equal ones apart, so that two infinities do no harm.
static inline float logaddexp_f32(float a, float b)
{
    float apart = a - b;
    return a == b ? a + 0.693147181f : apart != apart ? apart : (apart > 0 ? a : b) + log1p_f32(exp_f32(-__builtin_fabsf(apart)));
}

static inline double logaddexp_f64(double a, double b)
{
    double apart = a - b;
    return a == b ? a + 0.69314718055994531 : apart != apart ? apart : (apart > 0 ? a : b) + __builtin_log1p(__builtin_exp(-__builtin_fabs(apart)));
}
