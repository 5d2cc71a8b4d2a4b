// What a compiled step asks of the runtime: to share work out over threads, and to multiply matrices.
//
// A process has one runtime (see runtime_open), which lies in a shared object of its own. Steps get its address as an
// argument, so that any number of them share one set of threads. The parts: pool.c (threads, memory of a thread),
// matmul.h (the algorithm), matmul_f32.c and matmul_f64.c (the algorithm for one type each).
#ifndef RUNTIME_H
#define RUNTIME_H
#include <stdint.h>

// A kernel does the units begin .. end - 1 of its work. What a unit is, and how many there are, follows from shapes
// alone, and no unit reads what another writes. So it does not matter to a single bit which thread does which units.
// p: addresses of its buffers; n: its sizes. A kernel knows the order.
typedef void kernel(void *const *p, const int64_t *n, int64_t begin, int64_t end);

// c[s, i, j] = sum over l of a[s, i, l] * b[s, l, j]   for s < batch, i < m, j < n, l < k; with add, c += that sum.
//
// Strides count elements, and may be any integers: transposed, broadcast (0) and reversed (negative) matrices cost no
// copy. The columns of c lie side by side. c overlaps neither a nor b, and its elements are distinct.
// The heads of several sentences, say, have no common stride: that is a batch for each of several groups, for which a,
// b and c move on by strides of their own. `groups` may be left out (0) where there is one.
struct matmul {
    int64_t batch, m, n, k;
    const void *a;
    int64_t a_batch, a_row, a_column;
    const void *b;
    int64_t b_batch, b_row, b_column;
    void *c;
    int64_t c_batch, c_row;
    int add;
    int64_t groups, a_group, b_group, c_group;
};

struct runtime {
    // Call work(p, n, ...) for all of 0 .. units - 1, on as many threads as are free; return when all is done.
    // Inside a unit, and while another thread of the program has the pool, it runs everything where it is called.
    void (*parallel)(const struct runtime *, kernel *work, int64_t units, void *const *p, const int64_t *n);
    // float and double. The bits depend on the sizes and strides, never on the number of threads.
    void (*matmul_f32)(const struct runtime *, const struct matmul *);
    void (*matmul_f64)(const struct runtime *, const struct matmul *);
};

// The one runtime of the process, made at the first call. Every call sets how many threads take part from now on
// (the calling thread is one of them); 0 or less means one per processor.
const struct runtime *runtime_open(int threads);

#endif
