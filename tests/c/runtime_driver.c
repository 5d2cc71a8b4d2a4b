// Runs the runtime hard enough for sanitizers to see what is wrong with it. Built by tests/test_c_runtime.py from this
// file and those of pellucid/targets/c/runtime. Exit code 0: every result was right.
#include "runtime.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if !defined(ONE_THREAD) && !defined(_WIN32)
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

static _Atomic int failures;

static void expect(int holds, const char *what)
{
    if (!holds && failures++ < 10) fprintf(stderr, "wrong: %s\n", what);
}

// p[0]: one number per unit, n[0]: how often to add. A unit that is done twice, or never, shows.
static void count_units(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    int64_t *counts = p[0];
    for (int64_t unit = begin; unit < end; unit++)
        for (int64_t i = 0; i < n[0]; i++) counts[unit] += 1;
}

static int all_are(const int64_t *counts, int64_t units, int64_t value)
{
    for (int64_t unit = 0; unit < units; unit++)
        if (counts[unit] != value) return 0;
    return 1;
}

static void check_counts(const struct runtime *runtime)
{
    static const int64_t sizes[] = {0, 1, 2, 3, 17, 255, 1000, 10007};
    for (int s = 0; s < 8; s++) {
        int64_t *counts = calloc((size_t)sizes[s] + 1, sizeof *counts), times = 3;
        int64_t rounds = sizes[s] < 20 ? 500 : 10; // short jobs are where threads meet at the last unit
        void *p[] = {counts};
        for (int i = 0; i < rounds; i++) runtime->parallel(runtime, count_units, sizes[s], p, &times);
        expect(all_are(counts, sizes[s], rounds * times) && counts[sizes[s]] == 0, "each unit is done once");
        free(counts);
    }
}

// p[0]: 40 numbers per unit, p[1]: the runtime. Each unit is itself a parallel job.
static void count_nested(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    for (int64_t unit = begin; unit < end; unit++) {
        void *inner[] = {(int64_t *)p[0] + 40 * unit};
        const struct runtime *runtime = p[1];
        runtime->parallel(runtime, count_units, 40, inner, n);
    }
}

static void check_nested(const struct runtime *runtime)
{
    int64_t *counts = calloc(40 * 50, sizeof *counts), times = 1;
    void *p[] = {counts, (void *)runtime};
    runtime->parallel(runtime, count_nested, 50, p, &times);
    expect(all_are(counts, 40 * 50, 1), "a job inside a unit is done");
    free(counts);
}

// A number in [-1, 1); the generator of Knuth's MMIX.
static double number(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 40) / (1 << 23) - 1;
}

// One multiplication in arrays of exactly the size needed, so that AddressSanitizer sees a step too far.
#define CHECK_MATMUL(REAL, TYPE, DIGITS)                                                                               \
    static void check_matmul_##TYPE(const struct runtime *runtime, int64_t batch, int64_t m, int64_t n, int64_t k,     \
                                    int flip_a, int flip_b, int add) {                                                 \
        size_t size_a = (size_t)(batch * m * k), size_b = (size_t)(batch * k * n), size_c = (size_t)(batch * m * n);   \
        REAL *a = malloc(size_a * sizeof *a + 1), *b = malloc(size_b * sizeof *b + 1);                                 \
        REAL *c = malloc(size_c * sizeof *c + 1);                                                                      \
        uint64_t state = (uint64_t)(m * 10007 + n * 101 + k);                                                          \
        for (size_t i = 0; i < size_a; i++) a[i] = (REAL)number(&state);                                               \
        for (size_t i = 0; i < size_b; i++) b[i] = (REAL)number(&state);                                               \
        for (size_t i = 0; i < size_c; i++) c[i] = 1;                                                                  \
        struct matmul of = {                                                                                           \
            .batch = batch, .m = m, .n = n, .k = k, .add = add,                                                        \
            .a = a, .a_batch = m * k, .a_row = flip_a ? 1 : k, .a_column = flip_a ? m : 1,                             \
            .b = b, .b_batch = k * n, .b_row = flip_b ? 1 : n, .b_column = flip_b ? k : 1,                             \
            .c = c, .c_batch = m * n, .c_row = n,                                                                      \
        };                                                                                                             \
        if (batch % 2 == 0) { /* say it as two groups */                                                               \
            of.batch = batch / 2, of.groups = 2;                                                                       \
            of.a_group = of.batch * m * k, of.b_group = of.batch * k * n, of.c_group = of.batch * m * n;               \
        }                                                                                                              \
        runtime->matmul_##TYPE(runtime, &of);                                                                          \
        double worst = 0;                                                                                              \
        for (int64_t s = 0; s < batch; s++)                                                                            \
            for (int64_t i = 0; i < m; i++)                                                                            \
                for (int64_t j = 0; j < n; j++) {                                                                      \
                    double sum = add;                                                                                  \
                    for (int64_t l = 0; l < k; l++)                                                                    \
                        sum += (double)a[s * of.a_batch + i * of.a_row + l * of.a_column] *                            \
                               b[s * of.b_batch + l * of.b_row + j * of.b_column];                                     \
                    worst = fmax(worst, fabs(sum - c[s * m * n + i * n + j]));                                         \
                }                                                                                                      \
        expect(worst <= DIGITS * (double)(k + 2), "matmul_" #TYPE);                                                    \
        free(a);                                                                                                       \
        free(b);                                                                                                       \
        free(c);                                                                                                       \
    }
// A sum of k products in [-1, 1] is of the size of sqrt(k), and so are the roundings of its k steps.
CHECK_MATMUL(float, f32, 2e-7)
CHECK_MATMUL(double, f64, 4e-16)

static void check_matmuls(const struct runtime *runtime)
{
    static const int64_t sizes[] = {1, 2, 5, 13, 37};
    for (int m = 0; m < 5; m++)
        for (int n = 0; n < 5; n++)
            for (int k = 0; k < 5; k++)
                for (int flips = 0; flips < 4; flips++) {
                    int add = (m + n + k) % 2;
                    check_matmul_f32(runtime, 1, sizes[m], sizes[n], sizes[k], flips & 1, flips >> 1, add);
                    check_matmul_f64(runtime, 1, sizes[m], sizes[n], sizes[k], flips & 1, flips >> 1, add);
                }
    for (int flips = 0; flips < 4; flips++) { // large enough for several threads and several cuts of k
        check_matmul_f32(runtime, 1, 97, 131, 1031, flips & 1, flips >> 1, 1);
        check_matmul_f64(runtime, 1, 131, 97, 1031, flips & 1, flips >> 1, 0);
        check_matmul_f32(runtime, 3, 53, 67, 71, flips & 1, flips >> 1, 1);
        check_matmul_f32(runtime, 19, 17, 23, 71, flips & 1, flips >> 1, 0);
        check_matmul_f64(runtime, 18, 17, 23, 71, flips & 1, flips >> 1, 0);
        check_matmul_f32(runtime, 1, 3, 1031, 97, flips & 1, flips >> 1, 0);
        check_matmul_f32(runtime, 1, 2, 131, 701, flips & 1, flips >> 1, 1);
        check_matmul_f32(runtime, 1, 131, 2, 97, flips & 1, flips >> 1, 1);
        check_matmul_f64(runtime, 1, 1031, 1, 97, flips & 1, flips >> 1, 1);
        check_matmul_f32(runtime, 1, 7, 9, 0, flips & 1, flips >> 1, flips & 1);
        check_matmul_f32(runtime, 1, 0, 9, 4, flips & 1, flips >> 1, 0);
        check_matmul_f32(runtime, 1, 9, 0, 4, flips & 1, flips >> 1, 0);
    }
}

#if !defined(ONE_THREAD) && !defined(_WIN32)
// p[0]: the thread that did each unit. Every unit sleeps, so that there is time for others to come and help.
static void note_thread(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    (void)n;
    for (int64_t unit = begin; unit < end; unit++) {
        ((pthread_t *)p[0])[unit] = pthread_self();
        usleep(5000);
    }
}

static void check_help(const struct runtime *runtime)
{
    pthread_t threads[16];
    void *p[] = {threads};
    usleep(20000); // until the others are asleep
    runtime->parallel(runtime, note_thread, 16, p, 0);
    int helpers = 0;
    for (int unit = 0; unit < 16; unit++) helpers += !pthread_equal(threads[unit], pthread_self());
    expect(helpers > 0, "sleeping threads wake up and help");
}

static void *use_it_all(void *runtime)
{
    for (int i = 0; i < 5; i++) {
        check_counts(runtime);
        check_nested(runtime);
        check_matmul_f32(runtime, 1, 61, 67, 71, 0, i % 2, i % 2);
        check_matmul_f64(runtime, 2, 61, 67, 71, i % 2, 0, i % 2);
    }
    return 0;
}

static void *change_number_of_threads(void *nothing)
{
    (void)nothing;
    for (int i = 0; i < 200; i++) {
        runtime_open(1 + i % 5);
        usleep(200);
    }
    return 0;
}

static void check_several_callers(const struct runtime *runtime)
{
    pthread_t threads[5];
    pthread_create(&threads[4], 0, change_number_of_threads, 0);
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], 0, use_it_all, (void *)runtime);
    for (int i = 0; i < 5; i++) pthread_join(threads[i], 0);
}

#if !defined(__SANITIZE_THREAD__) && !defined(NO_FORK) // ThreadSanitizer does not follow a fork
#define FORKS
static void check_fork(const struct runtime *runtime)
{
    for (int i = 0; i < 3; i++) {
        pid_t child = fork();
        if (child == 0) {
            check_help(runtime);
            check_counts(runtime);
            check_matmul_f32(runtime, 1, 97, 131, 103, 0, 0, 0);
            _exit(failures != 0);
        }
        int status = -1;
        waitpid(child, &status, 0);
        expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a forked process works");
        check_counts(runtime);
    }
}
#endif
#endif

int main(void)
{
    for (int threads = 1; threads <= 4; threads++) {
        const struct runtime *runtime = runtime_open(threads);
        check_counts(runtime);
        check_nested(runtime);
        if (threads == 1 || threads == 4) check_matmuls(runtime);
    }
#if !defined(ONE_THREAD) && !defined(_WIN32)
    check_help(runtime_open(3));
    check_several_callers(runtime_open(3));
#ifdef FORKS
    check_fork(runtime_open(3));
#endif
#endif
    return failures != 0;
}
