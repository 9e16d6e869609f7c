/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A mailbox: memory, subscriptions, and the side of the core: putting within the bounds, and the
 * end. The consumer's side: mailbox_take.c.
 */
#include "base/error.h"
#include "mailbox/mailbox_priv.h"

#include <string.h>

#define CELLS_COUNT_MAX     (UINT32_C(1) << 16)
#define FIFO_COUNT_MAX      (UINT32_C(1) << 20)
#define BYTES_MAX           (UINT32_C(1) << 28)
#define RETRIES_WAITING_MAX 1024u

static const int64_t block_default_ns = 100 * TT_NS_PER_MS;

const tt_mailbox_retry tt_mailbox_retry_default = {
    .count = 3,
    .delay_ns = {TT_NS_PER_S, 2 * TT_NS_PER_S, 4 * TT_NS_PER_S},
};

const char *tt_mailbox_policy_text(tt_mailbox_policy policy)
{
    static const char *const texts[TT_MAILBOX_POLICY_COUNT] = {
        [TT_MAILBOX_BLOCK] = "block",
        [TT_MAILBOX_DROP_OLDEST] = "drop_oldest",
        [TT_MAILBOX_DROP_NEWEST] = "drop_newest",
        [TT_MAILBOX_CONFLATE] = "conflate",
        [TT_MAILBOX_DEAD_LETTER] = "dead_letter",
        [TT_MAILBOX_HALT] = "halt",
    };
    return (uint32_t)policy < TT_MAILBOX_POLICY_COUNT ? texts[policy] : "?";
}

static uint32_t or_default(uint32_t value, uint32_t fallback)
{
    return value != 0 ? value : fallback;
}

static tt_mailbox_options fill_defaults(const tt_mailbox_options *options)
{
    tt_mailbox_options filled = *options;
    filled.count_max = or_default(filled.count_max, 1024);
    filled.bytes_max = or_default(filled.bytes_max, UINT32_C(1) << 20);
    filled.retries_waiting_max = or_default(filled.retries_waiting_max, 64);
    filled.block_ns = filled.block_ns != 0 ? filled.block_ns : block_default_ns;
    filled.retry = filled.retry ? filled.retry : &tt_mailbox_retry_default;
    return filled;
}

static bool has_cells(const tt_mailbox_options *options)
{
    return options->policy == TT_MAILBOX_DROP_OLDEST || options->policy == TT_MAILBOX_CONFLATE;
}

static bool is_retry_sane(const tt_mailbox_retry *retry)
{
    if (retry->count > TT_MAILBOX_RETRIES_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < retry->count; i++) {
        if (retry->delay_ns[i] < 0) {
            return false;
        }
    }
    return true;
}

/** Tells whether policy and numbers are within their bounds. */
static bool is_bounded(const tt_mailbox_options *filled)
{
    uint32_t count_bound = has_cells(filled) ? CELLS_COUNT_MAX : FIFO_COUNT_MAX;
    return (uint32_t)filled->policy < TT_MAILBOX_POLICY_COUNT && filled->count_max <= count_bound &&
           filled->bytes_max <= BYTES_MAX && filled->bytes_max >= MSG_BYTES_MAX &&
           filled->block_ns >= 0 && is_retry_sane(filled->retry) &&
           filled->retries_waiting_max <= RETRIES_WAITING_MAX;
}

static tutti_status check_options(const tt_mailbox_options *filled)
{
    size_t length = filled->name ? strnlen(filled->name, TT_MAILBOX_NAME_MAX) : 0;
    bool is_sane = length > 0 && length < TT_MAILBOX_NAME_MAX && is_bounded(filled) &&
                   filled->dead_letters && filled->idle.clock &&
                   (uint32_t)filled->idle.strategy < TT_idle_COUNT;
    return is_sane ? TUTTI_OK : TUTTI_INVALID;
}

/** A ring that holds what the bounds allow, whatever its sizes, and the message in hand. */
static size_t fifo_size(const tt_mailbox_options *filled)
{
    size_t framing = 2 * FIFO_PREFIX;
    size_t least = filled->bytes_max + (filled->count_max + (size_t)2) * framing +
                   2 * (MSG_BYTES_MAX + framing);
    size_t size = TT_RING_SIZE_MIN;
    while (size < least) {
        size *= 2;
    }
    return size;
}

size_t tt_mailbox_memory(const tt_mailbox_options *options)
{
    tt_mailbox_options filled = fill_defaults(options);
    if (!is_bounded(&filled)) {
        return 0; // what follows is only for numbers within their bounds
    }
    size_t queue = has_cells(&filled)
                       ? tt_cells_memory(filled.count_max, filled.policy == TT_MAILBOX_CONFLATE)
                       : fifo_size(&filled);
    return sizeof(tt_mailbox) + queue + filled.retries_waiting_max * sizeof(struct retry) +
           (size_t)TT_MAILBOX_PAD * 4;
}

static tutti_status build_queue(tt_mailbox *box, const tt_mailbox_options *filled, tt_arena *arena)
{
    if (has_cells(filled)) {
        bool conflates = filled->policy == TT_MAILBOX_CONFLATE;
        return tt_cells_init(&box->cells, filled->count_max, conflates, arena);
    }
    size_t size = fifo_size(filled);
    void *memory = tt_arena_alloc(arena, 1, size);
    return memory ? tt_ring_init(&box->fifo, memory, size) : TUTTI_NO_MEMORY;
}

static void set_options(tt_mailbox *box, const tt_mailbox_options *filled)
{
    memcpy(box->name, filled->name, strlen(filled->name) + 1);
    box->policy = filled->policy;
    box->count_max = filled->count_max;
    box->bytes_max = filled->bytes_max;
    box->block_ns = filled->block_ns;
    box->rule = *filled->retry;
    box->retries_max = filled->retries_waiting_max;
    box->dead_letters = filled->dead_letters;
    box->idle = tt_idle_defaults(&filled->idle);
    box->has_cells = has_cells(filled);
    box->user.next_due_ns = INT64_MAX;
}

tutti_status tt_mailbox_new(const tt_mailbox_options *options, tt_arena *arena, tt_mailbox **result)
{
    tt_mailbox_options filled = fill_defaults(options);
    TUTTI_TRY(check_options(&filled));
    unsigned char *memory = tt_arena_alloc(arena, 1, sizeof(tt_mailbox) + TT_MAILBOX_PAD);
    if (!memory) {
        return TUTTI_NO_MEMORY;
    }
    size_t past = (uintptr_t)memory % TT_MAILBOX_PAD;
    tt_mailbox *box = (void *)(past == 0 ? memory : memory + (TT_MAILBOX_PAD - past));
    set_options(box, &filled);
    tt_park_init(&box->ready);
    tt_park_init(&box->room);
    box->retries = tt_arena_alloc(arena, filled.retries_waiting_max, sizeof *box->retries);
    if (!box->retries) {
        return TUTTI_NO_MEMORY;
    }
    TUTTI_TRY(build_queue(box, &filled, arena));
    *result = box;
    return TUTTI_OK;
}

tutti_status tt_mailbox_subscribe(tt_mailbox *box, const tt_mailbox_subscription *subscription)
{
    if (atomic_load_explicit(&box->is_attached, memory_order_acquire)) {
        return TUTTI_STATE;
    }
    if (box->subscription_count == TT_MAILBOX_SUBSCRIPTIONS_MAX) {
        return TUTTI_LIMIT;
    }
    struct subscription *added = &box->subscriptions[box->subscription_count];
    if (subscription->topic == TT_TOPIC_NONE) {
        TUTTI_TRY(tt_pattern_compile(subscription->pattern, &added->pattern));
    }
    added->rule = *subscription;
    box->subscription_count++;
    return TUTTI_OK;
}

void tt_mailbox_unsubscribe(tt_mailbox *box, uint32_t index)
{
    TT_ASSERT(index < box->subscription_count);
    atomic_store_explicit(&box->subscriptions[index].is_ended, 1, memory_order_release);
}

const char *tt_mailbox_name(const tt_mailbox *box)
{
    return box->name;
}

/** What waits, as far as the core has seen: never less than what does. */
struct load {
    uint64_t count;
    uint64_t bytes;
};

static struct load load_seen(const tt_mailbox *box)
{
    return (struct load){
        .count = tt_mailbox_read(&box->core.accepted) - box->core.gone_seen,
        .bytes = tt_mailbox_read(&box->core.bytes) - box->core.gone_bytes_seen,
    };
}

/** As load_seen, but asks the line of the consumer. */
static struct load load_now(tt_mailbox *box)
{
    // Bytes first: a message whose bytes are gone is counted as gone a moment later.
    uint64_t gone_bytes = atomic_load_explicit(&box->user.gone_bytes, memory_order_acquire);
    uint64_t gone = atomic_load_explicit(&box->user.gone, memory_order_acquire);
    box->core.is_stuck = box->core.is_stuck && gone == box->core.gone_seen;
    box->core.gone_bytes_seen = gone_bytes;
    box->core.gone_seen = gone;
    return load_seen(box);
}

static bool fits(const tt_mailbox *box, struct load load, const tt_msg *msg)
{
    return load.count < box->count_max && load.bytes + tt_msg_bytes(msg) <= box->bytes_max;
}

static bool has_room(tt_mailbox *box, const tt_msg *msg)
{
    return fits(box, load_seen(box), msg) || fits(box, load_now(box), msg);
}

/** Keeps the high-water marks, which are exact: only a load that seems to break a record makes the
 * core ask how much has gone meanwhile. */
static void note_load(tt_mailbox *box)
{
    struct load load = load_seen(box);
    if (load.count <= tt_mailbox_read(&box->core.count_max) &&
        load.bytes <= tt_mailbox_read(&box->core.bytes_max)) {
        return;
    }
    load = load_now(box);
    if (load.count > tt_mailbox_read(&box->core.count_max)) {
        atomic_store_explicit(&box->core.count_max, load.count, memory_order_relaxed);
    }
    if (load.bytes > tt_mailbox_read(&box->core.bytes_max)) {
        atomic_store_explicit(&box->core.bytes_max, load.bytes, memory_order_relaxed);
    }
}

static void put_fifo(tt_mailbox *box, const tt_msg *msg)
{
    void *place = NULL;
    uint32_t size = (uint32_t)(FIFO_PREFIX + tt_msg_bytes(msg));
    TT_ASSERT(tt_ring_claim(&box->fifo, size, &place) == TUTTI_OK); // sized for the bounds
    memset(place, 0, FIFO_PREFIX);
    memcpy((unsigned char *)place + FIFO_PREFIX, msg, tt_msg_bytes(msg));
    tt_ring_commit(&box->fifo, size);
}

/** Puts a message for which there is room. */
static tt_mailbox_put accept(tt_mailbox *box, const tt_msg *msg)
{
    tt_mailbox_add(&box->core.bytes, tt_msg_bytes(msg));
    // Before the message can be taken: what is settled is never more than what was accepted.
    uint64_t accepted = tt_mailbox_read(&box->core.accepted);
    atomic_store_explicit(&box->core.accepted, accepted + 1, memory_order_release);
    if (box->has_cells) {
        tt_cells_put(&box->cells, msg);
    } else {
        put_fifo(box, msg);
    }
    if (msg->topic == TT_TOPIC_BUS_ALERTS) {
        tt_mailbox_add(&box->core.alerts, 1);
    }
    note_load(box);
    tt_park_wake(&box->ready);
    return TT_MAILBOX_PUT_TAKEN;
}

/** A message that was accepted is not there any more. */
static void take_back(tt_mailbox *box, uint64_t bytes)
{
    tt_mailbox_add(&box->core.bytes, (uint64_t)0 - bytes);
    tt_mailbox_add(&box->core.accepted, (uint64_t)0 - 1);
}

static tt_mailbox_put overflow(tt_mailbox *box)
{
    tt_mailbox_add(&box->core.overflowed, 1);
    return box->policy == TT_MAILBOX_HALT ? TT_MAILBOX_PUT_HALT : TT_MAILBOX_PUT_OVERFLOW;
}

static tt_mailbox_put drop_oldest(tt_mailbox *box, const tt_msg *msg)
{
    while (!has_room(box, msg)) {
        uint64_t bytes = tt_cells_drop_oldest(&box->cells);
        if (bytes == 0) {
            continue; // the consumer has taken the last, and will say so in a moment
        }
        take_back(box, bytes);
        tt_mailbox_add(&box->core.dropped_oldest, 1);
    }
    return accept(box, msg);
}

static tt_mailbox_put drop_newest(tt_mailbox *box)
{
    tt_mailbox_add(&box->core.dropped_newest, 1);
    return TT_MAILBOX_PUT_TAKEN;
}

/** What the core waits for under `block`. */
struct room_wait {
    tt_mailbox *box;
    const tt_msg *msg;
};

static bool is_closed(const tt_mailbox *box)
{
    return atomic_load_explicit(&box->is_closed, memory_order_acquire) != 0;
}

static bool has_room_or_end(void *ctx)
{
    struct room_wait *wait = ctx;
    return has_room(wait->box, wait->msg) || is_closed(wait->box);
}

/** Waits for a slow consumer, once: one that has not taken anything during the whole wait is not
 * waited for again before it takes. */
static tt_mailbox_put block(tt_mailbox *box, const tt_msg *msg)
{
    (void)load_now(box);
    if (!box->core.is_stuck) {
        struct room_wait wait = {.box = box, .msg = msg};
        tt_mailbox_add(&box->core.blocked, 1);
        bool has_ended =
            tt_idle_wait(&box->idle, &box->room, box->block_ns, has_room_or_end, &wait);
        if (has_ended) {
            return is_closed(box) ? drop_newest(box) : accept(box, msg);
        }
        box->core.is_stuck = true;
    }
    return overflow(box);
}

/** Messages that the bound has cost. */
static uint64_t count_lost(const tt_mailbox *box)
{
    return tt_mailbox_read(&box->core.overflowed) + tt_mailbox_read(&box->core.dropped_oldest) +
           tt_mailbox_read(&box->core.dropped_newest);
}

static tt_mailbox_put act_at_bound(tt_mailbox *box, const tt_msg *msg)
{
    switch (box->policy) {
    case TT_MAILBOX_BLOCK:
        return block(box, msg);
    case TT_MAILBOX_DROP_OLDEST:
        return drop_oldest(box, msg);
    case TT_MAILBOX_DROP_NEWEST:
        return drop_newest(box);
    case TT_MAILBOX_CONFLATE:
    case TT_MAILBOX_DEAD_LETTER:
    case TT_MAILBOX_HALT:
    case TT_MAILBOX_POLICY_COUNT:
        break;
    }
    return overflow(box);
}

/** What alerts cost is counted apart: a full mailbox that gets them must not raise more. */
static tt_mailbox_put put_at_bound(tt_mailbox *box, const tt_msg *msg)
{
    uint64_t before = count_lost(box);
    tt_mailbox_put result = act_at_bound(box, msg);
    if (tt_bus_is_about_alerts(msg)) {
        tt_mailbox_add(&box->core.lost_to_alerts, count_lost(box) - before);
    }
    return result;
}

static tt_mailbox_put conflate(tt_mailbox *box, const tt_msg *msg)
{
    uint64_t bytes = tt_cells_replace(&box->cells, msg);
    if (bytes == 0) {
        return has_room(box, msg) ? accept(box, msg) : put_at_bound(box, msg);
    }
    // The newer one stands where the older one was counted. Sizes differ only where a topic has a
    // list; a value that grows in place may pass the bound of bytes by what it grew.
    tt_mailbox_add(&box->core.bytes, tt_msg_bytes(msg) - bytes);
    tt_mailbox_add(&box->core.conflated, 1);
    note_load(box);
    return TT_MAILBOX_PUT_TAKEN;
}

tt_mailbox_put tt_mailbox_put_msg(tt_mailbox *box, const tt_msg *msg)
{
    tt_mailbox_add(&box->core.put, 1);
    if (is_closed(box)) {
        return drop_newest(box);
    }
    if (box->policy == TT_MAILBOX_CONFLATE) {
        return conflate(box, msg);
    }
    return has_room(box, msg) ? accept(box, msg) : put_at_bound(box, msg);
}

bool tt_mailbox_has_place(tt_mailbox *box, const tt_msg *msg)
{
    bool makes_room = box->policy == TT_MAILBOX_CONFLATE || box->policy == TT_MAILBOX_DROP_OLDEST;
    return !is_closed(box) && (makes_room || has_room(box, msg));
}

void tt_mailbox_drain(tt_mailbox *box)
{
    atomic_store_explicit(&box->is_draining, 1, memory_order_release);
    tt_park_wake(&box->ready);
}

static uint64_t settled(const tt_mailbox *box)
{
    return atomic_load_explicit(&box->user.done, memory_order_acquire) +
           atomic_load_explicit(&box->user.expired, memory_order_acquire) +
           atomic_load_explicit(&box->user.dead_lettered, memory_order_acquire);
}

bool tt_mailbox_is_idle(const tt_mailbox *box)
{
    return settled(box) == tt_mailbox_read(&box->core.accepted);
}

void tt_mailbox_close(tt_mailbox *box)
{
    atomic_store_explicit(&box->is_closed, 1, memory_order_release);
    tt_park_wake(&box->room);
    tt_park_wake(&box->ready);
}

static void harvest_fifo(tt_mailbox *box, tt_mailbox_undelivered_fn fn, void *ctx)
{
    uint32_t size = 0;
    const unsigned char *record = NULL;
    bool skips = box->user.hand.kind == HAND_QUEUED; // still the first in the ring
    while ((record = tt_ring_walk(&box->fifo, record, &size)) != NULL) {
        if (!skips) {
            fn(ctx, (const tt_msg *)(const void *)(record + FIFO_PREFIX), 0);
        }
        skips = false;
    }
}

static void harvest_cells(tt_mailbox *box, tt_mailbox_undelivered_fn fn, void *ctx)
{
    uint32_t slot = 0;
    const tt_msg *msg = NULL;
    while ((msg = tt_cells_take(&box->cells, &slot)) != NULL) {
        fn(ctx, msg, 0);
    }
}

bool tt_mailbox_harvest(tt_mailbox *box, tt_mailbox_undelivered_fn fn, void *ctx)
{
    tt_mailbox_close(box);
    tt_section_close(&box->gate);
    tt_park_wake(&box->ready);
    if (!tt_section_is_empty(&box->gate)) {
        return false;
    }
    const struct hand *hand = &box->user.hand;
    if (hand->kind != HAND_EMPTY) {
        fn(ctx, hand->msg, hand->attempt);
    }
    for (uint32_t i = 0; i < box->retries_max; i++) {
        struct retry *retry = &box->retries[i];
        if (retry->is_used && retry != hand->retry) {
            fn(ctx, (const tt_msg *)(const void *)retry->msg, retry->attempts);
        }
    }
    if (box->has_cells) {
        harvest_cells(box, fn, ctx);
    } else {
        harvest_fifo(box, fn, ctx);
    }
    return true;
}

void tt_mailbox_stats_get(const tt_mailbox *box, tt_mailbox_stats *ret_stats)
{
    const struct core_side *core = &box->core;
    const struct user_side *user = &box->user;
    // What has gone before what came: the difference is never negative.
    uint64_t gone = atomic_load_explicit(&user->gone, memory_order_acquire);
    uint64_t accepted = atomic_load_explicit(&core->accepted, memory_order_acquire);
    *ret_stats = (tt_mailbox_stats){
        .put = tt_mailbox_read(&core->put),
        .taken = tt_mailbox_read(&user->taken),
        .done = tt_mailbox_read(&user->done),
        .failed = tt_mailbox_read(&user->failed),
        .retried = tt_mailbox_read(&user->retried),
        .expired = tt_mailbox_read(&user->expired),
        .dropped_oldest = tt_mailbox_read(&core->dropped_oldest),
        .dropped_newest = tt_mailbox_read(&core->dropped_newest),
        .conflated = tt_mailbox_read(&core->conflated),
        .overflowed = tt_mailbox_read(&core->overflowed),
        .dead_lettered = tt_mailbox_read(&user->dead_lettered),
        .filter_failed = tt_mailbox_read(&core->filter_failed),
        .blocked = tt_mailbox_read(&core->blocked),
        .count_max = tt_mailbox_read(&core->count_max),
        .bytes_max = tt_mailbox_read(&core->bytes_max),
        .waiting = accepted > gone ? accepted - gone : 0,
        .retrying = tt_mailbox_read(&user->retrying),
        .parks = tt_mailbox_read(&box->ready.parks),
        .wakes = tt_mailbox_read(&box->ready.wakes),
    };
}
