// Memory that a thread keeps for packed matrices: it grows to the largest size asked for and is used again, so that a
// step that runs a second time allocates nothing. It is freed when its thread ends.
#include "runtime.h"
#include <stddef.h>
#include <stdlib.h>

#if defined(_WIN32) || defined(__wasm__) || defined(ONE_THREAD)
static void free_at_end_of_thread(void *memory) { (void)memory; } // the threads here live as long as the process
#else
#include <pthread.h>
static pthread_key_t key; // its only use: a thread that ends calls free with what it has stored here
static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static int key_made;
static void make_key(void) { key_made = pthread_key_create(&key, free) == 0; }
static void free_at_end_of_thread(void *memory)
{
    pthread_once(&key_once, make_key);
    if (key_made) pthread_setspecific(key, memory);
}
#endif

// At least `bytes` bytes, aligned to 64, which hold until the thread's next call; 0 if there is no memory.
void *scratch(size_t bytes)
{
    static _Thread_local char *memory;
    static _Thread_local size_t size;
    if (size < bytes || !memory) {
        free(memory);
        size = bytes + bytes / 4;
        memory = malloc(size + 64);
        free_at_end_of_thread(memory);
    }
    if (!memory) {
        size = 0;
        return 0;
    }
    return memory + (64 - (uintptr_t)memory % 64);
}
