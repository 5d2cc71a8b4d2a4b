// The rest of this file runs the programs above on the numbers in a file, and compares what comes out.
//
// The file holds, for each program: how many steps to run, how many of them must succeed (fewer if one must refuse an
// index), all arrays that the program is given, and all that it must leave behind. An array is its size in bytes (int64),
// how far a number may be off (double), and the numbers, little-endian.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef _WIN32
#include <malloc.h>
#endif
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the numbers in data.bin are little-endian, and this machine is not"
#endif

// Sanitizers know where an array ends that was allocated alone, but not where one ends that lies within the arena.
// AddressSanitizer is told; MemorySanitizer sees by itself what is read before it was written.
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define GUARDED
#elif __has_feature(memory_sanitizer)
#define WATCHED
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define GUARDED
#endif
#ifdef GUARDED
void __asan_poison_memory_region(void const volatile *start, size_t bytes);
void __asan_unpoison_memory_region(void const volatile *start, size_t bytes);
#endif

static void fail(const char *what, const char *which) {
    fprintf(stderr, "%s %s\n", what, which);
    exit(2);
}

static char *allocate(int64_t bytes) {
    void *memory = 0;
#ifdef _WIN32
    memory = _aligned_malloc((size_t)(bytes ? bytes : 1), 64);
#else
    if (posix_memalign(&memory, 64, (size_t)bytes)) memory = 0;
#endif
    if (!memory && bytes) fail("there is no memory for", "an array");
    return memory;
}

static void release(void *memory) {
#ifdef _WIN32
    _aligned_free(memory);
#else
    free(memory);
#endif
}

static void read_bytes(void *to, int64_t bytes, FILE *file) {
    if (bytes && fread(to, 1, (size_t)bytes, file) != (size_t)bytes) fail("the data file ends too early,", "or cannot be read");
}

// The numbers of one array; `tolerance` gets how far they may be off.
static char *read_array(const struct array *array, double *tolerance, FILE *file) {
    int64_t bytes = -1;
    read_bytes(&bytes, 8, file);
    if (bytes != array->count * array->size) fail("the data file belongs to another program: of another size is", array->name);
    read_bytes(tolerance, 8, file);
    char *memory = allocate(bytes);
    read_bytes(memory, bytes, file);
    return memory;
}

// Memory for the values in between: fresh in every step, and full of NaN, so that what an earlier step has left there is
// of no use.
static char *fresh_arena(const struct program *program) {
    char *arena = allocate(program->arena_bytes);
#ifndef WATCHED
    if (program->arena_bytes) memset(arena, 0xff, (size_t)program->arena_bytes);
#endif
#ifdef GUARDED
    __asan_poison_memory_region(arena, (size_t)program->arena_bytes);
    for (int i = 0; i < program->parts; i++)
        __asan_unpoison_memory_region(arena + program->part[i].start, (size_t)program->part[i].bytes);
#endif
    return arena;
}

static double number(const char *memory, const struct array *array, int64_t i) {
    const char *at = memory + i * array->size;
#define AS(TYPE) { TYPE x; memcpy(&x, at, sizeof x); return (double)x; }
    switch (array->kind) {
    case 'f': if (array->size == 4) AS(float) else AS(double)
    case 'i': if (array->size == 1) AS(int8_t) else if (array->size == 2) AS(int16_t)
              else if (array->size == 4) AS(int32_t) else AS(int64_t)
    default:  if (array->size == 1) AS(uint8_t) else if (array->size == 2) AS(uint16_t)
              else if (array->size == 4) AS(uint32_t) else AS(uint64_t)
    }
#undef AS
}

// Is an array what it should be? If not, a line says where it differs most.
static int is_right(const char *program, const struct array *array, const char *got, const char *want, double tolerance) {
    if (array->kind != 'f' && tolerance == 0) {
        if (array->count == 0 || memcmp(got, want, (size_t)(array->count * array->size)) == 0) return 1;
        printf("%s: %s differs\n", program, array->name);
        return 0;
    }
    int64_t wrong = 0, worst = 0;
    double most = -1;
    for (int64_t i = 0; i < array->count; i++) {
        double x = number(got, array, i), y = number(want, array, i), off = x > y ? x - y : y - x;
        if (x == y || (x != x && y != y) || off <= tolerance) continue;
        wrong++;
        if (off != off) off = __builtin_inf();
        if (off > most) most = off, worst = i;
    }
    if (wrong)
        printf("%s: %s: %lld of %lld numbers differ; number %lld is %.9g, not %.9g, and may be off by %.3g\n", program,
               array->name, (long long)wrong, (long long)array->count, (long long)worst, number(got, array, worst),
               number(want, array, worst), tolerance);
    return wrong == 0;
}

// A number that is another if one bit of what comes out is another (FNV-1a).
static uint64_t mix(uint64_t hash, const char *bytes, int64_t count) {
    for (int64_t i = 0; i < count; i++) hash = (hash ^ (unsigned char)bytes[i]) * 1099511628211u;
    return hash;
}

// Run one program; how many arrays came out wrong.
static int run(const struct program *program, const struct runtime *runtime, FILE *file, uint64_t *hash) {
    int64_t steps = 0, succeed = 0, done = 0;
    double tolerance;
    int wrong = 0;
    read_bytes(&steps, 8, file);
    read_bytes(&succeed, 8, file);
    void **p = malloc(sizeof *p * (size_t)(program->givens + 1));
    if (!p) fail("there is no memory for", program->name);
    for (int i = 0; i < program->givens; i++) p[i] = read_array(&program->given[i], &tolerance, file);
    char *arena = p[program->givens] = fresh_arena(program);
    while (done < steps && program->step(p, runtime) == 0 && ++done < steps) {
        release(arena);
        arena = p[program->givens] = fresh_arena(program);
    }
    if (done != succeed) {
        printf("%s: %lld steps succeeded, not %lld\n", program->name, (long long)done, (long long)succeed);
        wrong++;
    }
    for (int i = 0; i < program->results; i++) {
        const struct array *array = &program->result[i];
        const char *got = (char *)p[array->slot] + array->start;
        char *want = read_array(array, &tolerance, file);
        wrong += !is_right(program->name, array, got, want, tolerance);
        *hash = mix(*hash, got, array->count * array->size);
        release(want);
    }
    for (int i = 0; i <= program->givens; i++) release(p[i]);
    free(p);
    return wrong;
}

int main(int count, char **words) {
    int wrong = 0, all = (int)(sizeof programs / sizeof *programs);
    uint64_t hash = 14695981039346656037u;
    char mark[8];
    if (count < 2) fail("how to call it: program data.bin", "[number of threads]");
    FILE *file = fopen(words[1], "rb");
    if (!file) fail("cannot open", words[1]);
    read_bytes(mark, 8, file);
    if (memcmp(mark, MARK, 8)) fail("this is not the data of a driver:", words[1]);
    const struct runtime *runtime = runtime_open(count > 2 ? atoi(words[2]) : 1);
    for (int i = 0; i < all; i++) wrong += run(&programs[i], runtime, file, &hash);
    if (fgetc(file) != EOF) fail("there is more in it than this program reads:", words[1]);
    fclose(file);
    if (!wrong) printf("ok  (bits %016llx)\n", (unsigned long long)hash);
    return wrong != 0;
}
