// Memory that a thread keeps for packed matrices: it grows to the largest size asked for and is used again, so that a
// step that runs a second time allocates nothing. It is freed when its thread ends.
#include "runtime.h"
#include <stddef.h>
#include <stdlib.h>

enum { PLACES = 2 }; // that a thread can use at the same time

#if defined(_WIN32) || defined(__wasm__) || defined(ONE_THREAD)
// The threads here live as long as the process.
static void free_at_end_of_thread(int which, void *memory) { (void)which, (void)memory; }
#else
#include <pthread.h>
static pthread_key_t keys[PLACES]; // their only use: a thread that ends calls free with what it has stored here
static pthread_once_t keys_once = PTHREAD_ONCE_INIT;
static int keys_made;
static void make_keys(void)
{
    while (keys_made < PLACES && pthread_key_create(&keys[keys_made], free) == 0) keys_made++;
}
static void free_at_end_of_thread(int which, void *memory)
{
    pthread_once(&keys_once, make_keys);
    if (which < keys_made) pthread_setspecific(keys[which], memory);
}
#endif

// At least `bytes` bytes, aligned to 64, which hold until the thread's next call for the same place (0 or 1); 0 if
// there is no memory.
void *scratch(int which, size_t bytes)
{
    static _Thread_local struct {
        char *memory;
        size_t size;
    } places[PLACES];
    char **memory = &places[which].memory;
    size_t *size = &places[which].size;
    if (*size < bytes || !*memory) {
        free(*memory);
        *size = bytes + bytes / 4;
        *memory = malloc(*size + 64);
        free_at_end_of_thread(which, *memory);
    }
    if (!*memory) {
        *size = 0;
        return 0;
    }
    return *memory + (64 - (uintptr_t)*memory % 64);
}
