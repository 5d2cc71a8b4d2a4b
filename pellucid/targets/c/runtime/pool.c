// The threads of a process.
//
// A job is a number of units (see runtime.h), handed out in pieces of one or a few. Each thread gets one slice of the
// pieces, does its own slice first, since what it did in the last job may still lie in its cache, and then takes pieces
// from the slices of others. A slice is one 64-bit word that counts up: who increments `next` while it is below `end`
// owns that piece. So a thread that sleeps, or that another program has pushed off its core, owns nothing and holds
// nobody up beyond the piece it is in. Threads look for work a short while before they sleep: steps follow each other
// within microseconds, and waking up takes some 25.
#include "runtime.h"

void matmul_f32(const struct runtime *, const struct matmul *);
void matmul_f64(const struct runtime *, const struct matmul *);
void pack_b_f32(const struct runtime *, const struct matmul *, void *to);
void pack_b_f64(const struct runtime *, const struct matmul *, void *to);
void attention_f32(const struct runtime *, const struct attention *);
void attention_f64(const struct runtime *, const struct attention *);
void attention_gradient_f32(const struct runtime *, const struct attention *);
void attention_gradient_f64(const struct runtime *, const struct attention *);

// Systems without POSIX threads, and programs that want none (-DONE_THREAD): the caller does everything.
#if defined(_WIN32) || defined(__wasm__) || defined(ONE_THREAD)

static void parallel(const struct runtime *runtime, kernel *work, int64_t units, void *const *p, const int64_t *n)
{
    (void)runtime;
    if (units > 0) work(p, n, 0, units);
}

static void set_threads(int threads) { (void)threads; }

int threads_wanted(void) { return 1; }

#else
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

enum {
    MAX_THREADS = 128,
    PIECES_PER_THREAD = 256, // a job of more units hands out several at a time
    SPINS = 1000,            // rounds of waiting before a thread sleeps: 20 to 50 microseconds
};

// Fields that several threads write lie on cache lines of their own.
static struct {
    struct {
        _Alignas(64) _Atomic uint64_t word; // end of the slice in the upper 32 bits, next piece in the lower 32
    } slice[MAX_THREADS];
    _Alignas(64) atomic_llong done;   // pieces of this job that are finished
    _Alignas(64) atomic_uint job;     // counts the jobs
    _Alignas(64) atomic_flag taken;   // a job is running; its caller owns all that follows
    atomic_int wanted;                // threads to take part, with the caller
    atomic_int sleepers;
    int created;                      // threads that exist, with the caller
    int handles_fork;
    kernel *work;                     // The job. Read only by owners of a piece of it, so nobody reads it while it
    int64_t units, units_per_piece;   // changes: a new job is written only when all pieces of the last are done.
    void *const *p;
    const int64_t *n;
    pthread_mutex_t mutex; // for sleeping and waking
    pthread_cond_t wake;
} pool = {
    .taken = ATOMIC_FLAG_INIT,
    .wanted = 1,
    .created = 1,
    .mutex = PTHREAD_MUTEX_INITIALIZER,
    .wake = PTHREAD_COND_INITIALIZER,
};

// Tell the processor that this is a waiting loop.
static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb"); // about as long as a pause of x86; "yield" does nothing on most
#endif
}

static int is_left(uint64_t word) { return (uint32_t)word < word >> 32; }

// Do pieces until none is left, beginning with the own slice. What is finished is counted here first: a counter that
// all threads write for each piece would travel between the cores all the time, some 200 ns each way where they share no
// cache.
static void do_pieces(int own, int slices)
{
    for (int i = 0; i < slices; i++) {
        _Atomic uint64_t *slice = &pool.slice[(own + i) % slices].word;
        int64_t done = 0;
        while (is_left(atomic_load_explicit(slice, memory_order_relaxed))) {
            // Another thread may have taken the last piece just now, or the slice may already be one of the next job:
            // what counts is the word that this increment found.
            uint64_t word = atomic_fetch_add_explicit(slice, 1, memory_order_acquire);
            if (!is_left(word)) break;
            int64_t begin = (int64_t)(uint32_t)word * pool.units_per_piece;
            int64_t end = begin + pool.units_per_piece;
            pool.work(pool.p, pool.n, begin, end < pool.units ? end : pool.units);
            done++;
        }
        if (done) atomic_fetch_add_explicit(&pool.done, done, memory_order_release);
    }
}

// What a thread of the pool does all its life: wait for the next job, help with it.
static void *thread_main(void *number)
{
    int own = (int)(intptr_t)number;
    unsigned seen = atomic_load(&pool.job) - 1; // a job may have begun before this thread did
    for (int waited = 0;;) {
        if (atomic_load_explicit(&pool.job, memory_order_relaxed) != seen) {
            seen = atomic_load_explicit(&pool.job, memory_order_acquire);
            int wanted = atomic_load_explicit(&pool.wanted, memory_order_relaxed);
            if (own < wanted) do_pieces(own, wanted);
            waited = 0;
        } else if (++waited < SPINS) {
            relax();
        } else {
            // Sleepers are counted before the last look at `job`, and a caller counts `job` up before it looks at the
            // sleepers: one of the two sees the other, so nobody sleeps through a job.
            pthread_mutex_lock(&pool.mutex);
            atomic_fetch_add(&pool.sleepers, 1);
            while (atomic_load(&pool.job) == seen) pthread_cond_wait(&pool.wake, &pool.mutex);
            atomic_fetch_sub(&pool.sleepers, 1);
            pthread_mutex_unlock(&pool.mutex);
            waited = 0;
        }
    }
    return 0;
}

// After a fork the child has only the thread that forked. The job that another thread was at is not its business.
static void forget_threads(void)
{
    for (int i = 0; i < MAX_THREADS; i++) atomic_store(&pool.slice[i].word, 0);
    atomic_store(&pool.sleepers, 0);
    pool.created = 1;
    pthread_mutex_init(&pool.mutex, 0);
    pthread_cond_init(&pool.wake, 0);
    atomic_flag_clear(&pool.taken);
}

// Threads are made when the first job needs them. If the system refuses, there are fewer.
static void create_threads(int wanted)
{
    if (!pool.handles_fork) pool.handles_fork = pthread_atfork(0, 0, forget_threads) == 0;
    if (!pool.handles_fork) return;
    // Signals are for the program's own threads: Python wants Ctrl-C in its main thread.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (; pool.created < wanted; pool.created++) {
        pthread_t thread;
        if (pthread_create(&thread, 0, thread_main, (void *)(intptr_t)pool.created)) break;
        pthread_detach(thread);
    }
    pthread_sigmask(SIG_SETMASK, &before, 0);
}

static void parallel(const struct runtime *runtime, kernel *work, int64_t units, void *const *p, const int64_t *n)
{
    (void)runtime;
    if (units <= 0) return;
    int threads = atomic_load_explicit(&pool.wanted, memory_order_relaxed);
    // Inside a unit, or while another thread runs a job, the pool is taken: do the units here. It gives the same bits.
    if (threads == 1 || units == 1 || atomic_flag_test_and_set_explicit(&pool.taken, memory_order_acquire)) {
        work(p, n, 0, units);
        return;
    }
    if (pool.created < threads) create_threads(threads);
    int64_t per_piece = 1 + (units - 1) / ((int64_t)threads * PIECES_PER_THREAD);
    int64_t pieces = 1 + (units - 1) / per_piece;
    pool.work = work;
    pool.units = units;
    pool.units_per_piece = per_piece;
    pool.p = p;
    pool.n = n;
    atomic_store_explicit(&pool.done, 0, memory_order_relaxed);
    for (int i = 0; i < threads; i++) {
        uint64_t next = (uint64_t)(pieces * i / threads), end = (uint64_t)(pieces * (i + 1) / threads);
        atomic_store_explicit(&pool.slice[i].word, end << 32 | next, memory_order_release);
    }
    atomic_fetch_add(&pool.job, 1);
    if (atomic_load(&pool.sleepers) > 0) {
        pthread_mutex_lock(&pool.mutex);
        pthread_cond_broadcast(&pool.wake);
        pthread_mutex_unlock(&pool.mutex);
    }
    do_pieces(0, threads);
    for (int waited = 0; atomic_load_explicit(&pool.done, memory_order_acquire) < pieces; waited++) {
        if (waited < SPINS) relax();
        else sched_yield(); // a thread that is in its last piece may be waiting for this core
    }
    atomic_flag_clear_explicit(&pool.taken, memory_order_release);
}

static void set_threads(int threads)
{
    if (threads < 1) threads = (int)sysconf(_SC_NPROCESSORS_ONLN);
    threads = threads < 1 ? 1 : threads > MAX_THREADS ? MAX_THREADS : threads;
    atomic_store(&pool.wanted, threads);
}

int threads_wanted(void) { return atomic_load_explicit(&pool.wanted, memory_order_relaxed); }

#endif

const struct runtime *runtime_open(int threads)
{
    static const struct runtime runtime = {
        parallel, matmul_f32, matmul_f64, pack_b_f32, pack_b_f64,
        attention_f32, attention_f64, attention_gradient_f32, attention_gradient_f64,
    };
    set_threads(threads);
    return &runtime;
}
