// One call of a step, from NumPy arrays to NumPy arrays, as a function that Python calls directly.
//
// The way through ctypes costs half a microsecond for looking at arguments one by one, and the checks in Python as much
// again. This file needs no header of Python or NumPy: what it knows of their objects is the two structures below, which
// are part of NumPy's ABI, and call.py compares them with what NumPy says before it lets anything through here.
#include "runtime.h"

struct object {
    intptr_t references;
    const struct object *type;
};

struct array { // PyArrayObject_fields
    struct object head;
    char *data;
    int axes;
    const intptr_t *shape, *strides;
    const struct object *base, *dtype;
    int flags;
};

enum { ROW_AFTER_ROW = 0x1, ALIGNED = 0x100, WELL = ROW_AFTER_ROW | ALIGNED }; // of flags
enum { DONE = 0, UNLIKE = -1 };                                              // above 0: an index was refused

// An argument or a result. `own` is an array of the program's: what comes has its shape and dtype. An argument is copied
// into its memory, or, if it is too large for that, its address is put into p[slot]; a result is copied out of it.
struct part {
    const struct array *own;
    int64_t bytes;
    int64_t slot; // -1: copied
};

struct range {
    uintptr_t begin, end;
};

// A step, ready to be called.
struct call {
    int (*step)(void *const *p, const struct runtime *runtime);
    void **p;
    const struct runtime *runtime;
    const struct object *array_type;       // numpy.ndarray
    const struct part *parts;              // the arguments, and then the results
    const struct range *written;           // where the States lie that the step assigns
    int64_t arguments, results, states;
    struct object *is_locked; // asked whether somebody uses the program in another way; 0: the caller has its lock
    int64_t outcome;          // of the last call
};

// What is needed of Python: functions of its stable ABI. In call.py they have Python's names for them.
static struct python {
    struct object *(*from_long)(long);
    struct object *(*ask)(struct object *function);
    void (*forget)(struct object *);
    void *(*release_threads)(void);
    void (*hold_threads)(void *);
    const struct object *yes;
} python;

// Would these numbers change under the step's hands?
static int is_written(const struct call *call, const char *data, int64_t bytes)
{
    const uintptr_t begin = (uintptr_t)data, end = begin + (uintptr_t)bytes;
    for (int64_t i = 0; i < call->states; i++)
        if (end > call->written[i].begin && begin < call->written[i].end)
            return 1;
    return 0;
}

// Is this the array that the step was made for?
static int is_like(const struct call *call, const struct array *x, const struct part *part)
{
    const struct array *own = part->own;
    if (x->head.type != call->array_type || x->dtype != own->dtype || x->axes != own->axes || (x->flags & WELL) != WELL)
        return 0;
    for (int i = 0; i < own->axes; i++)
        if (x->shape[i] != own->shape[i])
            return 0;
    return part->slot < 0 || !is_written(call, x->data, part->bytes);
}

// Is the program in use by somebody who came another way, and lets other threads of Python run meanwhile? While this
// file is at work on a short step they do not run, so it needs no lock of its own.
static int is_busy(const struct call *call)
{
    struct object *answer = call->is_locked ? python.ask(call->is_locked) : 0;
    const int busy = answer == python.yes;
    python.forget(answer);
    return busy;
}

// A step that takes long lets the other threads of Python run meanwhile.
static int long_step(const struct call *call)
{
    void *thread = python.release_threads();
    const int refused = call->step(call->p, call->runtime);
    python.hold_threads(thread);
    return refused;
}

static int64_t one_call(const struct call *call, const struct array *const *given, int64_t count)
{
    const struct part *arguments = call->parts, *results = arguments + call->arguments;
    if (count != call->arguments + call->results || is_busy(call))
        return UNLIKE;
    for (int64_t i = 0; i < call->arguments; i++)
        if (!is_like(call, given[i], &arguments[i]))
            return UNLIKE;
    for (int64_t i = 0; i < call->arguments; i++) {
        if (arguments[i].slot < 0)
            __builtin_memcpy(arguments[i].own->data, given[i]->data, (uint64_t)arguments[i].bytes);
        else
            call->p[arguments[i].slot] = given[i]->data;
    }
    const int refused = call->is_locked ? call->step(call->p, call->runtime) : long_step(call);
    if (refused)
        return refused;
    for (int64_t i = 0; i < call->results; i++)
        __builtin_memcpy(given[call->arguments + i]->data, results[i].own->data, (uint64_t)results[i].bytes);
    return DONE;
}

// self: an array of bytes, which are a struct call. given: the arguments, then fresh arrays for the results.
static struct object *enter(const struct object *self, const struct array *const *given, intptr_t count)
{
    struct call *call = (struct call *)((const struct array *)self)->data;
    call->outcome = one_call(call, given, count);
    return python.from_long((long)call->outcome);
}

// How Python is told of a function in C: PyMethodDef.
struct method {
    const char *name;
    struct object *(*function)(const struct object *self, const struct array *const *given, intptr_t count);
    int convention;
    const char *text;
};

// The address of what PyCFunction_NewEx is given, along with self.
const struct method *call_open(const struct python *functions)
{
    enum { FASTCALL = 0x80 };
    static const struct method method = {"enter", enter, FASTCALL, 0};
    python = *functions;
    return &method;
}
