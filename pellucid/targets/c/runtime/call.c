// One call of a step, from Tensors to Tensors, as a function that Python calls directly.
//
// A small step takes less time than the interpreter needs to look at its arguments, so all that surrounds it in every
// call is done here. What is rare is asked of Python: whether the program still fits after something has changed.
// This file needs no header of Python or NumPy: what it knows of their objects is the two structures below, which are
// part of NumPy's ABI, and call.py compares them with what NumPy says before it lets anything through here.
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

// What is needed of Python and NumPy: functions of their stable ABIs, and some objects. call.py has their names.
static struct python {
    struct object *(*attribute)(struct object *, struct object *name);
    int (*set_attribute)(struct object *, struct object *name, struct object *value);
    struct object *(*ask)(struct object *function);
    struct object *(*ask_about)(struct object *function, ...); // its arguments, and then 0
    struct object *(*call)(struct object *function, struct object *const *given, uintptr_t count, struct object *names);
    struct object *(*item)(struct object *tuple, intptr_t i); // the tuple keeps it
    struct object *(*new_list)(intptr_t length);
    int (*put)(struct object *list, intptr_t i, struct object *); // the list keeps it from now on
    struct object *(*from_number)(long long);
    long long (*to_number)(struct object *);
    void (*keep)(struct object *);
    void (*forget)(struct object *);
    void (*forget_error)(void);
    void (*take_error)(struct object **type, struct object **value, struct object **trace);
    void (*give_error)(struct object *type, struct object *value, struct object *trace);
    void *(*release_threads)(void);
    void (*hold_threads)(void *);
    struct object *(*new_like)(struct array *, int order, struct object *dtype, int subclass);
    struct object *none, *yes, *missed, *array_type, *tensor_type;
    struct object *name_of_step, *name_of_array; // attributes of a Tensor
} python;

// An argument or a result. `own` is an array of the program's: what comes has its shape and dtype. An argument is copied
// into its memory, or, if it is too large for that, its address is put into p[slot]; a result is copied out of it.
struct part {
    struct array *own;
    int64_t bytes;
    int64_t slot; // -1: copied
};

struct range {
    uintptr_t begin, end;
};

// A slot of a Python object is a pointer in its memory. Whoever assigns to it puts another object there, and `seen` is
// kept alive: so as long as it is there, nothing was assigned. 0 is never there.
struct watched {
    struct object **slot;
    const struct object *seen;
};

// A step, ready to be called.
struct call {
    int (*step)(void *const *p, const struct runtime *runtime);
    void **p;
    const struct runtime *runtime;
    const struct part *parts;    // the arguments, and then the results
    const struct range *written; // where the States lie that the step assigns
    int64_t arguments, results, states;
    struct watched structure, special, gradients; // of pellucid.modes.mode
    struct object **clock, **last_clock, **count; // the slots that Mark.note changes
    struct object *last;                          // a list: the arrays of the last arguments
    struct object *look, *leave, *refuse;         // methods of the Program
    struct object *rebuild;   // makes of a list of Tensors what the step returns; 0: it returns one Tensor
    struct object *long_way;  // called instead if this way is not open; 0: `missed` is returned
    struct object *is_locked; // asked whether somebody uses the program in another way; 0: the caller has its lock
};

static struct object *missed(void)
{
    python.keep(python.missed);
    return python.missed;
}

// ---- before the step

static int is_as_seen(const struct watched *x) { return *x->slot == x->seen; }

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
    if (x->head.type != python.array_type || x->dtype != own->dtype || x->axes != own->axes || (x->flags & WELL) != WELL)
        return 0;
    for (int i = 0; i < own->axes; i++)
        if (x->shape[i] != own->shape[i])
            return 0;
    return part->slot < 0 || !is_written(call, x->data, part->bytes);
}

// The array of an argument, kept: an array as it is, or that of a Tensor that asks for no gradient. 0: anything else.
static struct object *array_of(struct object *x)
{
    if (x->type != python.tensor_type) {
        python.keep(x);
        return x;
    }
    struct object *step = python.attribute(x, python.name_of_step);
    python.forget(step);
    return step == python.none ? python.attribute(x, python.name_of_array) : 0;
}

// Is the program in use by somebody who came another way, and lets other threads of Python run meanwhile? While this
// file is at work on a short step they do not run, so it needs no lock of its own.
static int is_busy(const struct call *call)
{
    struct object *answer = call->is_locked ? python.ask(call->is_locked) : 0;
    python.forget(answer);
    return answer == python.yes;
}

// ---- the step

// A step that takes long lets the other threads of Python run meanwhile.
static int long_step(const struct call *call)
{
    void *thread = python.release_threads();
    const int refused = call->step(call->p, call->runtime);
    python.hold_threads(thread);
    return refused;
}

// Hand the arguments over, and do the step. Above 0: an index was refused, and nothing has changed.
static int do_step(const struct call *call, struct object *const *arrays)
{
    for (int64_t i = 0; i < call->arguments; i++) {
        const struct part *part = &call->parts[i];
        char *data = ((struct array *)arrays[i])->data;
        if (part->slot < 0)
            __builtin_memcpy(part->own->data, data, (uint64_t)part->bytes);
        else
            call->p[part->slot] = data;
    }
    return call->is_locked ? call->step(call->p, call->runtime) : long_step(call);
}

// ---- after the step

// The program keeps the arrays of the last arguments: large ones are read where they lie, also by `profile`.
static void remember(const struct call *call, struct object *const *arrays)
{
    for (int64_t i = 0; i < call->arguments; i++) {
        python.keep(arrays[i]);
        python.put(call->last, i, arrays[i]);
    }
}

// One more than the number in a slot; 0 if there is no memory for it.
static struct object *one_more(struct object *const *slot) { return python.from_number(python.to_number(*slot) + 1); }

// The slot owns what it points to.
static void assign(struct object **slot, struct object *value)
{
    struct object *before = *slot;
    *slot = value;
    python.forget(before);
}

// All States of the step have been assigned: what Mark.note does.
static int note(const struct call *call)
{
    struct object *clock = one_more(call->clock), *count = one_more(call->count);
    if (!clock || !count)
        return 0;
    python.keep(clock);
    assign(call->clock, clock);
    assign(call->last_clock, clock);
    assign(call->count, count);
    return 1;
}

// Let Python set the gradients; 0: an error was raised. Ctrl-C during the step is raised before the first line of
// Python that comes after it, and that would be in there. But the step is done, and counts whole: so it is asked again.
static int leave(const struct call *call)
{
    struct object *done = python.ask(call->leave), *type, *value, *trace;
    if (!done) {
        python.take_error(&type, &value, &trace);
        python.forget(python.ask(call->leave));
        python.give_error(type, value, trace);
    }
    python.forget(done);
    return done != 0;
}

static struct object *tensor_of(struct object *array)
{
    struct object *tensor = python.ask(python.tensor_type);
    if (tensor && python.set_attribute(tensor, python.name_of_array, array) == 0)
        return tensor;
    python.forget(tensor);
    return 0;
}

// What the function returns: a Tensor, or what `rebuild` puts together from several.
static struct object *results_of(const struct call *call, struct object *const *arrays)
{
    if (!call->rebuild)
        return tensor_of(arrays[0]);
    struct object *tensors = python.new_list(call->results);
    for (int64_t i = 0; tensors && i < call->results; i++) {
        struct object *tensor = tensor_of(arrays[i]);
        if (!tensor) {
            python.forget(tensors);
            return 0;
        }
        python.put(tensors, i, tensor);
    }
    struct object *result = tensors ? python.ask_about(call->rebuild, tensors, (struct object *)0) : 0;
    python.forget(tensors);
    return result;
}

// ---- all of it

// What the step returns, `missed` if nothing was done because something is not as it was, or 0 if an error was raised.
// `arrays` has room for those of the arguments and of the results.
static struct object *call_with(const struct call *call, struct object *const *given, struct object **arrays)
{
    struct object **results = arrays + call->arguments;
    if (!is_as_seen(&call->structure) || !is_as_seen(&call->special) || !is_as_seen(&call->gradients)) {
        struct object *fits = python.ask(call->look);
        python.forget(fits);
        if (fits != python.yes)
            return fits ? missed() : 0;
    }
    for (int64_t i = 0; i < call->arguments; i++) {
        arrays[i] = array_of(given[i]);
        if (!arrays[i] || !is_like(call, (struct array *)arrays[i], &call->parts[i])) {
            python.forget_error(); // the long way has a better one
            return missed();
        }
    }
    // From here to the copies of the results no line of Python is run, so no other thread comes between.
    for (int64_t i = 0; i < call->results; i++) {
        results[i] = python.new_like(call->parts[call->arguments + i].own, 0, 0, 0);
        if (!results[i])
            return 0;
    }
    if (is_busy(call))
        return missed();
    if (do_step(call, arrays)) {
        remember(call, arrays);
        return python.ask(call->refuse);
    }
    for (int64_t i = 0; i < call->results; i++) {
        const struct part *part = &call->parts[call->arguments + i];
        __builtin_memcpy(((struct array *)results[i])->data, part->own->data, (uint64_t)part->bytes);
    }
    if (!note(call))
        return 0;
    remember(call, arrays);
    if (!is_as_seen(&call->gradients) && !leave(call))
        return 0;
    return results_of(call, results);
}

static struct object *one_call(const struct call *call, struct object *const *given)
{
    const int64_t parts = call->arguments + call->results;
    struct object *arrays[parts + 1]; // an array of C is never empty
    for (int64_t i = 0; i < parts; i++)
        arrays[i] = 0;
    struct object *result = call_with(call, given, arrays);
    for (int64_t i = 0; i < parts; i++)
        python.forget(arrays[i]);
    return result;
}

// self: a tuple, whose first entry is an array of bytes, which are a struct call. names: of arguments given by name.
static struct object *enter(struct object *self, struct object *const *given, intptr_t count, struct object *names)
{
    const struct call *call = (const struct call *)((const struct array *)python.item(self, 0))->data;
    struct object *result = count == call->arguments && !names ? one_call(call, given) : missed();
    if (result != python.missed || !call->long_way)
        return result;
    python.forget(result);
    return python.call(call->long_way, given, (uintptr_t)count, names);
}

// How Python is told of a function in C: PyMethodDef.
struct method {
    const char *name;
    struct object *(*function)(struct object *, struct object *const *, intptr_t, struct object *);
    int convention;
    const char *text;
};

// The address of what PyCFunction_NewEx is given, along with self.
const struct method *call_open(const struct python *needed)
{
    enum { FASTCALL = 0x80, KEYWORDS = 0x02 };
    static const struct method method = {"enter", enter, FASTCALL | KEYWORDS, 0};
    python = *needed;
    return &method;
}
