/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Functions that run on the thread of a loop, within a step of their own: how another thread
 * subscribes, declares or reads while the loop is at work.
 */
#include "mailbox/loop_priv.h"

/** A call that waits for its turn; on the stack of the caller, who sleeps until it is over. */
struct tt_loop_call {
    tt_loop_call_fn fn;
    void *ctx;
    struct tt_loop_call *next;
    tt_park *over; /**< Of the loop: where all callers sleep. */
    tutti_status status;
    _Atomic uint32_t is_over;
};

/** Stands in `calls` once none is taken any more. */
static struct tt_loop_call no_more;

tutti_status tt_bus_loop_within(tt_bus_loop *loop, tt_loop_call_fn fn, void *ctx)
{
    if (loop->has_halted ||
        atomic_load_explicit(&loop->state, memory_order_acquire) == LOOP_STOPPED) {
        return TUTTI_STATE;
    }
    tt_bus *bus = loop->options.bus;
    tt_time now = tt_loop_now(loop);
    tt_loop_admit(loop);
    tt_bus_begin(bus, now);
    tt_bus_inputs_begin(bus);
    fn(ctx, bus);
    uint32_t refused = tt_bus_inputs_end(bus);
    tt_loop_finish_step(loop, now);
    if (loop->has_halted) {
        return TUTTI_STATE; // what was done may not have been recorded
    }
    return refused == 0 ? TUTTI_OK : TUTTI_INVALID;
}

static void finish(struct tt_loop_call *call, tutti_status status)
{
    tt_park *over = call->over;
    call->status = status;
    atomic_store_explicit(&call->is_over, 1, memory_order_release);
    tt_park_wake(over); // `call` may be gone by now
}

/** Oldest first: the list has the newest in front. */
static struct tt_loop_call *reverse(struct tt_loop_call *newest)
{
    struct tt_loop_call *oldest = NULL;
    while (newest && newest != &no_more) {
        struct tt_loop_call *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}

uint32_t tt_loop_take_calls(tt_bus_loop *loop)
{
    if (atomic_load_explicit(&loop->calls, memory_order_relaxed) == NULL) {
        return 0;
    }
    uint32_t count = 0;
    struct tt_loop_call *call =
        reverse(atomic_exchange_explicit(&loop->calls, NULL, memory_order_acq_rel));
    while (call) {
        struct tt_loop_call *next = call->next;
        finish(call, tt_bus_loop_within(loop, call->fn, call->ctx));
        call = next;
        count++;
    }
    return count;
}

void tt_loop_refuse_calls(tt_bus_loop *loop)
{
    struct tt_loop_call *call =
        reverse(atomic_exchange_explicit(&loop->calls, &no_more, memory_order_acq_rel));
    while (call) {
        struct tt_loop_call *next = call->next;
        finish(call, TUTTI_STATE);
        call = next;
    }
}

bool tt_loop_has_call(const tt_bus_loop *loop)
{
    return atomic_load_explicit(&loop->calls, memory_order_acquire) != NULL;
}

static bool is_over(void *ctx)
{
    const struct tt_loop_call *call = ctx;
    return atomic_load_explicit(&call->is_over, memory_order_acquire) != 0;
}

tutti_status tt_bus_loop_call(tt_bus_loop *loop, tt_loop_call_fn fn, void *ctx)
{
    struct tt_loop_call call = {.fn = fn, .ctx = ctx, .over = &loop->called};
    struct tt_loop_call *first = atomic_load_explicit(&loop->calls, memory_order_acquire);
    do {
        if (first == &no_more) {
            return TUTTI_STATE;
        }
        call.next = first;
    } while (!atomic_compare_exchange_weak_explicit(
        &loop->calls, &first, &call, memory_order_acq_rel, memory_order_acquire));
    tt_park_wake(tt_inbox_park(loop->options.inbox));
    (void)tt_idle_wait(&loop->idle, &loop->called, TT_IDLE_FOR_EVER, is_over, &call);
    return call.status;
}
