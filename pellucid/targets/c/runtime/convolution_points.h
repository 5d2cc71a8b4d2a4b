// Sums of products with fewer multiplications, by polynomials. Included once for each type by convolution_ways.h.
//
//     y[i] = sum over j < r of g[j] d[i + j]      for i < m                                    F(m, r), with m + r = 7
//
// takes m r multiplications, and m + r - 1 = 6 are enough (S. Winograd, "Arithmetic Complexity of Computations", 1980).
// The two sums g[0] + g[1] z + ... and c[0] + c[1] z + ... have a product with m + r - 1 coefficients, which are known
// when it is known at so many points z: one multiplication for each. Read backwards ("transposed", as a gradient is),
// the same steps make y of d and g, now with five points 0, a, -a, b, -b and infinity (A. L. Toom, 1963, S. Cook, 1966):
//
//     y = A^T [(G g) * (B^T d)]                   * multiplies element by element
//     A^T[i, k] = point[k]^i                      and 1 at infinity for the last i
//     G[k, j]   = point[k]^j / f[k]               and 1 at infinity for the last j
//     B^T[k, l] = coefficient of z^l in the product of (z - point[n]) over all n other than k; over all n at infinity
//     f[k]      = the product of (point[k] - point[n]) over all n other than k
//
// An image has two axes, so all is done along columns and then along rows: 36 multiplications for what takes 144. (A.
// Lavin and S. Gray, "Fast Algorithms for Convolutional Neural Networks", 2015.) Here the division by f is done with
// A^T, once for each sum. Since a and -a come together, half of the work is shared: even powers, odd powers.
//
// The points decide how it rounds: powers of large ones, and their differences if they lie close, mix large numbers to
// make small ones. a = 3/4 and b = 3/2 lose a quarter of what the usual 1 and 2 lose, and are exact in binary, with all
// coefficients of B^T. (That points other than small integers are better: B. Barabasz et al., "Error Analysis and
// Improving the Accuracy of Winograd Convolution for Deep Neural Networks", 2020.)

#ifndef CONVOLUTION_POINTS_H
#define CONVOLUTION_POINTS_H
enum { POINTS = 6, POINTS_SQUARED = POINTS * POINTS };
#define POINT_A 0.75
#define POINT_B 1.5
#define SQUARE_A (POINT_A * POINT_A)
#define SQUARE_B (POINT_B * POINT_B)
#define FACTOR_0 (1 / (SQUARE_A * SQUARE_B)) // 1 / f at 0, at a and -a, and at b and -b; it is 1 at infinity
#define FACTOR_A (1 / (2 * SQUARE_A * (SQUARE_A - SQUARE_B)))
#define FACTOR_B (1 / (2 * SQUARE_B * (SQUARE_B - SQUARE_A)))
#endif

// B^T d.
ALWAYS_INLINE void OF(six_of_six)(const OF(numbers) *d, int step, OF(numbers) *to)
{
    const REAL a = POINT_A, b = POINT_B, aa = SQUARE_A, bb = SQUARE_B, both = SQUARE_A * SQUARE_B, sum = aa + bb;
    const OF(numbers) even_a = d[4 * step] - bb * d[2 * step], odd_a = d[3 * step] - bb * d[step];
    const OF(numbers) even_b = d[4 * step] - aa * d[2 * step], odd_b = d[3 * step] - aa * d[step];
    to[0] = both * d[0] - sum * d[2 * step] + d[4 * step];
    to[1] = even_a + a * odd_a;
    to[2] = even_a - a * odd_a;
    to[3] = even_b + b * odd_b;
    to[4] = even_b - b * odd_b;
    to[5] = both * d[step] - sum * d[3 * step] + d[5 * step];
}

// f G g for four numbers.
ALWAYS_INLINE void OF(six_of_four)(const OF(numbers) *g, int step, OF(numbers) *to)
{
    const REAL a = POINT_A, b = POINT_B, aa = SQUARE_A, bb = SQUARE_B;
    const OF(numbers) even_a = g[0] + aa * g[2 * step], odd_a = g[step] + aa * g[3 * step];
    const OF(numbers) even_b = g[0] + bb * g[2 * step], odd_b = g[step] + bb * g[3 * step];
    to[0] = g[0];
    to[1] = even_a + a * odd_a;
    to[2] = even_a - a * odd_a;
    to[3] = even_b + b * odd_b;
    to[4] = even_b - b * odd_b;
    to[5] = g[3 * step];
}

// A^T (m / f) for three numbers.
ALWAYS_INLINE void OF(three_of_six)(const OF(numbers) *m, int step, OF(numbers) *to)
{
    const REAL a = POINT_A, b = POINT_B, aa = SQUARE_A, bb = SQUARE_B;
    const REAL of_0 = FACTOR_0, of_a = FACTOR_A, of_b = FACTOR_B;
    const OF(numbers) even_a = of_a * (m[step] + m[2 * step]), odd_a = of_a * (m[step] - m[2 * step]);
    const OF(numbers) even_b = of_b * (m[3 * step] + m[4 * step]), odd_b = of_b * (m[3 * step] - m[4 * step]);
    to[0] = of_0 * m[0] + even_a + even_b;
    to[1] = a * odd_a + b * odd_b;
    to[2] = aa * even_a + bb * even_b + m[5 * step];
}
