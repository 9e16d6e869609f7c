/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Timers as a binary heap of slots, ordered by (deadline, arming order).
 *
 * Invariants: heap[0..count) are slots in use, each knows its place; the slots not in use form a
 * list from `free_head`. An id is the arming order shifted over the slot number: it finds its timer
 * in one look, and never comes back.
 */
#include "bus/timers.h"

#include <string.h>

#define SLOT_BITS 16u
#define SLOT_MASK ((UINT64_C(1) << SLOT_BITS) - 1)
#define NO_SLOT   UINT32_MAX

/** One timer; a slot that is not in use has id 0. */
struct timer {
    uint64_t id;
    int64_t deadline_ns;
    uint64_t subject;
    uint32_t kind;
    uint32_t owner;
    uint32_t place; /**< In the heap; of a free slot: the next free one. */
    uint32_t reserved;
};

/** The region: this head, then the timers, then the heap. */
struct timers_state {
    uint64_t next_order;
    uint64_t fired;
    uint64_t refused;
    uint64_t deferred;
    uint32_t count;
    uint32_t high_water;
    uint32_t free_head;
    uint32_t reserved;
};

struct tt_timers {
    struct timers_state *state;
    struct timer *slots;
    uint32_t *heap;
    size_t region_size;
    uint32_t capacity;
    tt_timer_fn fns[TT_TIMER_OWNER_COUNT];
    void *ctxs[TT_TIMER_OWNER_COUNT];
};

tutti_status tt_timers_new(uint32_t capacity, tt_arena *arena, tt_timers **result)
{
    if (capacity == 0 || capacity > SLOT_MASK) {
        return TUTTI_INVALID;
    }
    tt_timers *timers = tt_arena_alloc(arena, 1, sizeof *timers);
    size_t size =
        sizeof(struct timers_state) + (size_t)capacity * (sizeof(struct timer) + sizeof(uint32_t));
    void *region = tt_arena_alloc(arena, 1, size);
    if (!timers || !region) {
        return TUTTI_NO_MEMORY;
    }
    timers->state = region;
    timers->slots = (struct timer *)(void *)(timers->state + 1);
    timers->heap = (uint32_t *)(void *)(timers->slots + capacity);
    timers->region_size = size;
    timers->capacity = capacity;
    timers->state->next_order = 1;
    for (uint32_t i = 0; i < capacity; i++) {
        timers->slots[i].place = i + 1 < capacity ? i + 1 : NO_SLOT;
    }
    *result = timers;
    return TUTTI_OK;
}

void *tt_timers_state(tt_timers *timers, size_t *ret_size)
{
    *ret_size = timers->region_size;
    return timers->state;
}

void tt_timers_set_handler(tt_timers *timers, tt_timer_owner owner, tt_timer_fn fn, void *ctx)
{
    timers->fns[owner] = fn;
    timers->ctxs[owner] = ctx;
}

static bool is_earlier(const tt_timers *timers, uint32_t slot, uint32_t other)
{
    const struct timer *a = &timers->slots[slot];
    const struct timer *b = &timers->slots[other];
    return a->deadline_ns != b->deadline_ns ? a->deadline_ns < b->deadline_ns : a->id < b->id;
}

static void put(tt_timers *timers, uint32_t place, uint32_t slot)
{
    timers->heap[place] = slot;
    timers->slots[slot].place = place;
}

/** Moves `slot` from `place` towards the top until its parent is earlier; returns where it stands.
 */
static uint32_t sift_up(tt_timers *timers, uint32_t place, uint32_t slot)
{
    while (place > 0) {
        uint32_t parent = (place - 1) / 2;
        if (is_earlier(timers, timers->heap[parent], slot)) {
            break;
        }
        put(timers, place, timers->heap[parent]);
        place = parent;
    }
    put(timers, place, slot);
    return place;
}

static void sift_down(tt_timers *timers, uint32_t place, uint32_t slot)
{
    uint32_t count = timers->state->count;
    for (;;) {
        uint32_t child = 2 * place + 1;
        if (child >= count) {
            break;
        }
        if (child + 1 < count && is_earlier(timers, timers->heap[child + 1], timers->heap[child])) {
            child++;
        }
        if (is_earlier(timers, slot, timers->heap[child])) {
            break;
        }
        put(timers, place, timers->heap[child]);
        place = child;
    }
    put(timers, place, slot);
}

tutti_status tt_timers_arm(
    tt_timers *timers,
    tt_timer_owner owner,
    uint32_t kind,
    uint64_t subject,
    tt_time deadline,
    tt_timer_id *result)
{
    TT_ASSERT((uint32_t)owner < TT_TIMER_OWNER_COUNT);
    struct timers_state *state = timers->state;
    if (state->count == timers->capacity) {
        state->refused++;
        return TUTTI_LIMIT;
    }
    uint32_t slot = state->free_head;
    struct timer *timer = &timers->slots[slot];
    state->free_head = timer->place;
    timer->id = state->next_order++ << SLOT_BITS | slot;
    timer->deadline_ns = deadline.ns;
    timer->subject = subject;
    timer->kind = kind;
    timer->owner = (uint32_t)owner;
    (void)sift_up(timers, state->count++, slot);
    if (state->count > state->high_water) {
        state->high_water = state->count;
    }
    if (result) {
        result->n = timer->id;
    }
    return TUTTI_OK;
}

/** Takes a timer out of the heap and frees its slot. */
static void remove_timer(tt_timers *timers, uint32_t slot)
{
    struct timers_state *state = timers->state;
    struct timer *timer = &timers->slots[slot];
    uint32_t place = timer->place;
    uint32_t last = timers->heap[--state->count];
    if (last != slot && sift_up(timers, place, last) == place) {
        sift_down(timers, place, last);
    }
    *timer = (struct timer){.place = state->free_head};
    state->free_head = slot;
}

bool tt_timers_cancel(tt_timers *timers, tt_timer_id id)
{
    uint32_t slot = (uint32_t)(id.n & SLOT_MASK);
    if (id.n == 0 || slot >= timers->capacity || timers->slots[slot].id != id.n) {
        return false;
    }
    remove_timer(timers, slot);
    return true;
}

tt_time tt_timers_next(const tt_timers *timers)
{
    if (timers->state->count == 0) {
        return TT_TIME_NEVER;
    }
    return (tt_time){timers->slots[timers->heap[0]].deadline_ns};
}

void tt_timers_fire(tt_timers *timers, tt_time now)
{
    // A handler may arm for a time that has come already, to catch up; the bound keeps one that
    // does so without end from holding the core. What is left fires in the next step.
    for (uint32_t fired = 0; tt_timers_next(timers).ns <= now.ns; fired++) {
        if (timers->state->count == 0) {
            return; // `now` is the end of time
        }
        if (fired == TT_TIMERS_FIRE_MAX) {
            timers->state->deferred++;
            return;
        }
        uint32_t slot = timers->heap[0];
        struct timer timer = timers->slots[slot];
        remove_timer(timers, slot);
        timers->state->fired++;
        TT_ASSERT(timers->fns[timer.owner]);
        timers->fns[timer.owner](
            timers->ctxs[timer.owner], timer.kind, timer.subject, (tt_time){timer.deadline_ns});
    }
}

void tt_timers_stats_get(const tt_timers *timers, tt_timers_stats *ret_stats)
{
    const struct timers_state *state = timers->state;
    *ret_stats = (tt_timers_stats){
        .fired = state->fired,
        .refused = state->refused,
        .deferred = state->deferred,
        .armed = state->count,
        .high_water = state->high_water,
    };
}
