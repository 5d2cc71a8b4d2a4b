// Sums of products with fewer multiplications, by polynomials. Included once for each type by convolution_ways.h.
//
//     y[i] = sum over j < r of g[j] d[i + j]      for i < m                                    F(m, r), with m + r = 7
//
// takes m r multiplications, and m + r - 1 = 6 are enough (S. Winograd, "Arithmetic Complexity of Computations", 1980).
// The two sums g[0] + g[1] z + ... and c[0] + c[1] z + ... have a product with m + r - 1 coefficients, which are known
// when it is known at so many points z: one multiplication for each. Read backwards ("transposed", as a gradient is),
// the same steps make y of d and g, here with five points 0, a, -a, b, -b and infinity (A. Toom, 1963; S. Cook, 1966):
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
//
// With |d| <= x and |g| <= w, the terms of an element of y are at most 27.4 x w together for r = 3 and 33.1 x w for
// r = 4, where plainly they are 3 x w and 4 x w. So with two axes the bound on the error is 84 or 69 times that of the
// plain sum. Of normal numbers the largest error, as part of the largest result, was 1e-6 to 3e-6 in float32 (16 to 512
// channels); patches had 5e-7. An infinity or NaN reaches all results of a tile, not only those that look at it.

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

// The elements, one for each point, of six numbers d: B^T d. Of three or four numbers g: f G g. `side` is a constant
// wherever this is inlined.
ALWAYS_INLINE void OF(elements_of)(int side, const OF(numbers) *d, OF(numbers) *to)
{
    const REAL a = POINT_A, b = POINT_B, aa = SQUARE_A, bb = SQUARE_B, product = aa * bb, sum = aa + bb;
    OF(numbers) even_a, odd_a, even_b, odd_b;
    if (side == 6) {
        to[0] = product * d[0] - sum * d[2] + d[4];
        even_a = d[4] - bb * d[2];
        odd_a = d[3] - bb * d[1];
        even_b = d[4] - aa * d[2];
        odd_b = d[3] - aa * d[1];
        to[5] = product * d[1] - sum * d[3] + d[5];
    } else {
        to[0] = d[0];
        even_a = d[0] + aa * d[2];
        even_b = d[0] + bb * d[2];
        odd_a = odd_b = d[1];
        if (side == 4) {
            odd_a += aa * d[3];
            odd_b += bb * d[3];
        }
        to[5] = d[side - 1];
    }
    to[1] = even_a + a * odd_a;
    to[2] = even_a - a * odd_a;
    to[3] = even_b + b * odd_b;
    to[4] = even_b - b * odd_b;
}

// Three or four results: A^T (m / f).
ALWAYS_INLINE void OF(results_of)(int side, const OF(numbers) *m, OF(numbers) *to)
{
    const REAL a = POINT_A, b = POINT_B, aa = SQUARE_A, bb = SQUARE_B;
    const REAL of_0 = FACTOR_0, of_a = FACTOR_A, of_b = FACTOR_B;
    const OF(numbers) even_a = m[1] + m[2], odd_a = m[1] - m[2], even_b = m[3] + m[4], odd_b = m[3] - m[4];
    to[0] = of_0 * m[0] + of_a * even_a + of_b * even_b;
    to[1] = a * of_a * odd_a + b * of_b * odd_b;
    to[2] = aa * of_a * even_a + bb * of_b * even_b;
    if (side == 4) to[3] = a * aa * of_a * odd_a + b * bb * of_b * odd_b;
    to[side - 1] += m[5];
}

// A square of results of the elements m[e * apart].
ALWAYS_INLINE void OF(finish_square)(int side, const REAL *m, int64_t apart, OF(numbers) *results)
{
    OF(numbers) d[POINTS], half[4 * POINTS], done[4];
    UNROLL for (int j = 0; j < POINTS; j++) {
        UNROLL for (int i = 0; i < POINTS; i++) d[i] = *(const OF(numbers) *)(m + (i * POINTS + j) * apart);
        OF(results_of)(side, d, done);
        UNROLL for (int i = 0; i < side; i++) half[i * POINTS + j] = done[i];
    }
    UNROLL for (int i = 0; i < side; i++) OF(results_of)(side, half + i * POINTS, results + i * side);
}

// The elements of a square of 3, 4 or 6 numbers a side, number (i, j) of which is from[i * row + j * column].
ALWAYS_INLINE void OF(transform_square)(int side, const REAL *from, int64_t row, int64_t column, REAL *to,
                                        int64_t apart)
{
    OF(numbers) d[POINTS], half[POINTS_SQUARED], done[POINTS];
    UNROLL for (int j = 0; j < side; j++) {
        UNROLL for (int i = 0; i < side; i++) d[i] = *(const OF(numbers) *)(from + i * row + j * column);
        OF(elements_of)(side, d, done);
        UNROLL for (int i = 0; i < POINTS; i++) half[i * POINTS + j] = done[i];
    }
    UNROLL for (int i = 0; i < POINTS; i++) {
        OF(elements_of)(side, half + i * POINTS, done);
        UNROLL for (int j = 0; j < POINTS; j++) *(OF(numbers) *)(to + (i * POINTS + j) * apart) = done[j];
    }
}
