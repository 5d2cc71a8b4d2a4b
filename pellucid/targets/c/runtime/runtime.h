// What a compiled step asks of the runtime: to share work out over threads, and to multiply matrices.
//
// A process has one runtime (see runtime_open), which lies in a shared object of its own. Steps get its address as an
// argument, so that any number of them share one set of threads. The parts: pool.c (threads), scratch.c (memory
// of a thread), matmul.h with the files it includes (the algorithm), matmul_f32.c and matmul_f64.c (for one type each).
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
    const void *packed; // if not 0: what pack_... has made of this b, for those that multiply by it again and again
};

// A matrix for each head, in a batch with any number of leading axes: where the first begins, and how many elements lie
// from one row, column and head to the next. `steps` has one number for each leading axis.
struct heads {
    const void *at;
    int64_t row, column;
    const int64_t *steps;
};

// y = softmax(scale q k^T) v for each head, and its gradient. q is queries x width, k keys x width, v keys x depth, and
// y and g (the gradient of the loss with respect to y) queries x depth. If it is causal, query i sees keys 0 .. i only.
// What is written overlaps nothing that is read, and its columns lie side by side.
struct attention {
    int64_t queries, keys, width, depth;
    double scale;
    int causal;
    int64_t axes;           // leading axes, which count heads
    const int64_t *lengths; // and how long each of them is
    struct heads q, k, v;
    struct heads y;             // written by attention
    struct heads g, dq, dk, dv; // g is read and the others are written by attention_gradient
    int64_t groups;             // into which it divides the queries of a head, so that several threads can do one head
    void *sums;                 // memory for groups - 1 of dk and dv, which are added up in the end
};

struct runtime {
    // Call work(p, n, ...) for all of 0 .. units - 1, on as many threads as are free; return when all is done.
    // Inside a unit, and while another thread of the program has the pool, it runs everything where it is called.
    void (*parallel)(const struct runtime *, kernel *work, int64_t units, void *const *p, const int64_t *n);
    // float and double. The bits depend on the sizes and strides, never on the number of threads.
    void (*matmul_f32)(const struct runtime *, const struct matmul *);
    void (*matmul_f64)(const struct runtime *, const struct matmul *);
    // Copy one b (n, k and what concerns b are given) in the order in which matmul reads it. It takes room for up to
    // k * (n + 32) numbers.
    void (*pack_f32)(const struct runtime *, const struct matmul *, void *to);
    void (*pack_f64)(const struct runtime *, const struct matmul *, void *to);
    void (*attention_f32)(const struct runtime *, const struct attention *);
    void (*attention_f64)(const struct runtime *, const struct attention *);
    void (*attention_gradient_f32)(const struct runtime *, const struct attention *);
    void (*attention_gradient_f64)(const struct runtime *, const struct attention *);
};

// The one runtime of the process, made at the first call. Every call sets how many threads take part from now on
// (the calling thread is one of them); 0 or less means one per processor.
const struct runtime *runtime_open(int threads);

#endif
