/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The inbox of the owner: memory, publishers, taking, closing. How posts come in: inbox_post.c.
 */
#include "base/error.h"
#include "mailbox/inbox_priv.h"

#include <string.h>

/** Records that one ring of a lane may give in a row while others of that lane wait. */
#define TURN_MAX 32u

static const uint32_t lane_default[TT_priority_COUNT] = {
    [TT_priority_LOW] = UINT32_C(1) << 18,
    [TT_priority_NORMAL] = UINT32_C(1) << 20,
    [TT_priority_HIGH] = UINT32_C(1) << 18,
    [TT_priority_URGENT] = UINT32_C(1) << 18,
};

static uint32_t or_default(uint32_t value, uint32_t fallback)
{
    return value != 0 ? value : fallback;
}

static tt_inbox_options fill_defaults(const tt_inbox_options *options)
{
    tt_inbox_options filled = *options;
    for (uint32_t p = TT_priority_LOW; p < TT_priority_COUNT; p++) {
        filled.lane_bytes[p] = or_default(filled.lane_bytes[p], lane_default[p]);
    }
    filled.publishers_max = or_default(filled.publishers_max, 64);
    filled.topics_max = or_default(filled.topics_max, TT_TOPIC_COUNT);
    return filled;
}

static bool is_ring_size(uint32_t bytes)
{
    return bytes >= TT_INBOX_RING_MIN && bytes <= TT_RING_SIZE_MAX && (bytes & (bytes - 1)) == 0;
}

static tutti_status check_options(const tt_inbox_options *filled)
{
    for (uint32_t p = TT_priority_LOW; p < TT_priority_COUNT; p++) {
        if (!is_ring_size(filled->lane_bytes[p])) {
            return TUTTI_INVALID;
        }
    }
    bool is_sane = filled->publishers_max <= 1024 && filled->topics_max <= UINT16_MAX &&
                   filled->topics_max >= TT_TOPIC_COUNT && filled->ring_bytes <= TT_RING_SIZE_MAX &&
                   filled->idle.clock && (uint32_t)filled->idle.strategy < TT_idle_COUNT;
    return is_sane ? TUTTI_OK : TUTTI_INVALID;
}

size_t tt_inbox_memory(const tt_inbox_options *options)
{
    tt_inbox_options filled = fill_defaults(options);
    size_t bytes = sizeof(tt_inbox) + filled.topics_max * sizeof(struct inbox_topic) +
                   filled.publishers_max * sizeof(tt_publisher) + filled.ring_bytes;
    for (uint32_t p = TT_priority_LOW; p < TT_priority_COUNT; p++) {
        bytes += tt_mpsc_bytes(filled.lane_bytes[p]) + filled.publishers_max * sizeof(uint16_t);
    }
    return bytes + (size_t)64 * 16; // each piece is aligned
}

/** Allocates at the alignment of TT_MAILBOX_PAD, which is twice that of the arena. */
static void *alloc_padded(tt_arena *arena, size_t size)
{
    unsigned char *memory = tt_arena_alloc(arena, 1, size + TT_MAILBOX_PAD);
    size_t past = (uintptr_t)memory % TT_MAILBOX_PAD;
    return memory && past != 0 ? memory + (TT_MAILBOX_PAD - past) : memory;
}

static tutti_status build_lanes(tt_inbox *inbox, const tt_inbox_options *filled, tt_arena *arena)
{
    for (uint32_t p = TT_priority_LOW; p < TT_priority_COUNT; p++) {
        struct lane *lane = &inbox->lanes[p];
        void *memory = tt_arena_alloc(arena, 1, tt_mpsc_bytes(filled->lane_bytes[p]));
        lane->members = tt_arena_alloc(arena, filled->publishers_max, sizeof(uint16_t));
        if (!memory || !lane->members) {
            return TUTTI_NO_MEMORY;
        }
        TUTTI_TRY(tt_mpsc_init(&lane->ring, memory, filled->lane_bytes[p]));
        tt_park_init(&lane->room);
    }
    return TUTTI_OK;
}

static tutti_status build_tables(tt_inbox *inbox, const tt_inbox_options *filled, tt_arena *arena)
{
    inbox->topics = tt_arena_alloc(arena, filled->topics_max, sizeof *inbox->topics);
    inbox->publishers = alloc_padded(arena, filled->publishers_max * sizeof *inbox->publishers);
    inbox->rings.size = filled->ring_bytes;
    inbox->rings.block =
        filled->ring_bytes > 0 ? tt_arena_alloc(arena, 1, filled->ring_bytes) : NULL;
    if (!inbox->topics || !inbox->publishers || (filled->ring_bytes > 0 && !inbox->rings.block)) {
        return TUTTI_NO_MEMORY;
    }
    for (uint16_t topic = 0; topic < filled->topics_max; topic++) {
        const tt_topic_info *info = tt_topic_info_get(topic);
        struct inbox_topic *known = &inbox->topics[topic];
        known->priority = info ? info->priority : (uint8_t)TT_priority_NORMAL;
        known->is_built_in = info != NULL;
        known->is_input = info && (info->origin & TT_ORIGIN_IN) != 0;
        known->size = info && info->layout->item_size == 0 ? info->layout->fixed_size : 0;
    }
    return TUTTI_OK;
}

tutti_status tt_inbox_new(const tt_inbox_options *options, tt_arena *arena, tt_inbox **result)
{
    tt_inbox_options filled = fill_defaults(options);
    TUTTI_TRY(check_options(&filled));
    tt_inbox *inbox = alloc_padded(arena, sizeof *inbox);
    if (!inbox) {
        return TUTTI_NO_MEMORY;
    }
    inbox->idle = tt_idle_defaults(&filled.idle);
    inbox->is_unchecked = filled.is_unchecked;
    inbox->publishers_max = filled.publishers_max;
    inbox->topics_max = filled.topics_max;
    tt_park_init(&inbox->ready);
    tt_park_init(&inbox->door);
    TUTTI_TRY(build_lanes(inbox, &filled, arena));
    TUTTI_TRY(build_tables(inbox, &filled, arena));
    *result = inbox;
    return TUTTI_OK;
}

tutti_status
tt_inbox_set_topic_rate(tt_inbox *inbox, uint16_t topic, uint32_t per_s, uint32_t burst)
{
    if (topic == TT_TOPIC_NONE || topic >= inbox->topics_max || per_s > TT_RATE_PER_S_MAX ||
        burst > TT_RATE_BURST_MAX) {
        return TUTTI_INVALID;
    }
    tt_rate_set(&inbox->topics[topic].rate, per_s, burst);
    return TUTTI_OK;
}

tutti_status tt_inbox_set_topic_priority(tt_inbox *inbox, uint16_t topic, uint8_t priority)
{
    if (topic == TT_TOPIC_NONE || topic >= inbox->topics_max || priority == TT_priority_NONE ||
        priority >= TT_priority_COUNT) {
        return TUTTI_INVALID;
    }
    atomic_store_explicit(&inbox->topics[topic].priority, priority, memory_order_relaxed);
    return TUTTI_OK;
}

static bool is_publisher_sane(const tt_publisher_options *options)
{
    size_t length = options->name ? strnlen(options->name, TT_INBOX_NAME_MAX) : 0;
    bool has_ring = options->ring_bytes != 0;
    return length > 0 && length < TT_INBOX_NAME_MAX && options->rate_per_s <= TT_RATE_PER_S_MAX &&
           options->burst <= TT_RATE_BURST_MAX && options->ring_lane < TT_priority_COUNT &&
           (!has_ring || (is_ring_size(options->ring_bytes) && !options->is_shared));
}

/** Gives a publisher its own ring, and makes it a member of the lane. */
static tutti_status
add_ring(tt_inbox *inbox, tt_publisher *publisher, const tt_publisher_options *options)
{
    void *memory = tt_arena_alloc(&inbox->rings, 1, options->ring_bytes);
    if (!memory) {
        return TUTTI_LIMIT;
    }
    publisher->ring_lane =
        options->ring_lane != 0 ? options->ring_lane : (uint8_t)TT_priority_NORMAL;
    TUTTI_TRY(tt_ring_init(&publisher->ring, memory, options->ring_bytes));
    tt_park_init(&publisher->room);
    struct lane *lane = &inbox->lanes[publisher->ring_lane];
    uint32_t count = atomic_load_explicit(&lane->member_count, memory_order_relaxed);
    uint16_t index = (uint16_t)(publisher - inbox->publishers);
    atomic_store_explicit(&lane->members[count], index, memory_order_relaxed);
    atomic_store_explicit(&lane->member_count, count + 1, memory_order_release);
    return TUTTI_OK;
}

static tutti_status
open_next(tt_inbox *inbox, const tt_publisher_options *options, tt_publisher **ret_publisher)
{
    uint32_t count = atomic_load_explicit(&inbox->opened_count, memory_order_relaxed);
    if (tt_inbox_is_closed(inbox)) {
        return TUTTI_STATE;
    }
    if (count == inbox->publishers_max) {
        return TUTTI_LIMIT;
    }
    tt_publisher *publisher = &inbox->publishers[count];
    publisher->inbox = inbox;
    memcpy(publisher->name, options->name, strlen(options->name) + 1);
    publisher->source = options->source;
    publisher->is_trusted = options->is_trusted;
    publisher->is_shared = options->is_shared;
    tt_rate_set(&publisher->rate, options->rate_per_s, options->burst);
    if (options->ring_bytes != 0) {
        TUTTI_TRY(add_ring(inbox, publisher, options));
    }
    atomic_store_explicit(&inbox->opened_count, count + 1, memory_order_release);
    *ret_publisher = publisher;
    return TUTTI_OK;
}

static bool begin_opening(void *ctx)
{
    tt_inbox *inbox = ctx;
    return !atomic_exchange_explicit(&inbox->opening, 1, memory_order_acquire);
}

static void end_opening(tt_inbox *inbox)
{
    atomic_store_explicit(&inbox->opening, 0, memory_order_release);
    tt_park_wake(&inbox->door);
}

tutti_status
tt_inbox_open(tt_inbox *inbox, const tt_publisher_options *options, tt_publisher **ret_publisher)
{
    if (!is_publisher_sane(options)) {
        return TUTTI_INVALID;
    }
    (void)tt_idle_wait(&inbox->idle, &inbox->door, TT_IDLE_FOR_EVER, begin_opening, inbox);
    tutti_status status = open_next(inbox, options, ret_publisher);
    end_opening(inbox);
    return status;
}

const tt_publisher *tt_inbox_publisher(const tt_inbox *inbox, uint32_t index)
{
    uint32_t count = atomic_load_explicit(&inbox->opened_count, memory_order_acquire);
    return index < count ? &inbox->publishers[index] : NULL;
}

/** Asks the ring of a lane whose turn it is. */
static inline const void *peek_turn(tt_inbox *inbox, struct lane *lane)
{
    uint32_t size = 0;
    const void *record = NULL;
    if (lane->own) {
        record = tt_ring_peek(&lane->own->ring, &size);
    } else {
        const unsigned char *shared = tt_mpsc_peek(&lane->ring, &size);
        record = shared ? shared + TT_INBOX_PREFIX : NULL;
    }
    if (record) {
        inbox->peeked_lane = lane;
        inbox->peeked_publisher = lane->own;
    }
    return record;
}

/** Makes it the turn of the next ring of a lane. */
static void pass_turn(tt_inbox *inbox, struct lane *lane, uint32_t rings)
{
    lane->taken_in_turn = 0;
    lane->turn = lane->turn + 1 < rings ? lane->turn + 1 : 0;
    lane->own = lane->turn > 0 ? &inbox->publishers[lane->members[lane->turn - 1]] : NULL;
}

/** Tells at a glance whether no ring of a lane has a record. */
static inline bool is_lane_empty(const tt_inbox *inbox, const struct lane *lane)
{
    uint32_t members = atomic_load_explicit(&lane->member_count, memory_order_acquire);
    bool is_empty = tt_mpsc_is_empty(&lane->ring);
    for (uint32_t i = 0; is_empty && i < members; i++) {
        uint32_t member = atomic_load_explicit(&lane->members[i], memory_order_relaxed);
        is_empty = tt_ring_is_empty(&inbox->publishers[member].ring);
    }
    return is_empty;
}

/** Asks all rings of a lane, the one whose turn it is first. */
static const void *peek_lane(tt_inbox *inbox, struct lane *lane)
{
    uint32_t rings = 1 + atomic_load_explicit(&lane->member_count, memory_order_acquire);
    if (lane->taken_in_turn >= TURN_MAX) {
        pass_turn(inbox, lane, rings);
    }
    for (uint32_t asked = 0; asked < rings; asked++) {
        const void *record = peek_turn(inbox, lane);
        if (record) {
            return record;
        }
        pass_turn(inbox, lane, rings);
    }
    return NULL;
}

/** Asks a lane whose publishers have rings of their own, or whose shared ring has something. */
static __attribute__((noinline)) const void *search_lane(tt_inbox *inbox, struct lane *lane)
{
    return is_lane_empty(inbox, lane) ? NULL : peek_lane(inbox, lane);
}

static inline const void *peek_any(tt_inbox *inbox)
{
    for (uint32_t p = TT_priority_URGENT; p >= TT_priority_LOW; p--) {
        struct lane *lane = &inbox->lanes[p];
        bool is_asked = lane->own && lane->taken_in_turn < TURN_MAX;
        if (is_asked && !tt_ring_is_empty(&lane->own->ring)) {
            return peek_turn(inbox, lane); // whose turn it is goes on
        }
        const void *record = NULL;
        if (!tt_mpsc_is_empty(&lane->ring) ||
            atomic_load_explicit(&lane->member_count, memory_order_acquire) >
                (is_asked ? 1U : 0U)) {
            record = search_lane(inbox, lane);
        }
        if (record) {
            return record;
        }
    }
    return NULL;
}

bool tt_inbox_peek(tt_inbox *inbox, tt_inbox_record *ret_record)
{
    const void *bytes = peek_any(inbox);
    if (!bytes) {
        return false;
    }
    tt_inbox_decode(bytes, ret_record);
    return true;
}

void tt_inbox_release(tt_inbox *inbox)
{
    TT_ASSERT(inbox->peeked_lane);
    if (inbox->peeked_publisher) {
        tt_ring_release(&inbox->peeked_publisher->ring);
    } else {
        tt_mpsc_release(&inbox->peeked_lane->ring);
    }
    inbox->peeked_lane->taken_in_turn++;
    inbox->peeked_lane = NULL;
}

/** Wakes who waits for room, but not for each record: a wake-up costs more than many records. */
static void settle_ring(tt_park *room, uint64_t used, uint64_t mask)
{
    if (used <= mask / 2) {
        tt_park_wake(room);
    }
}

static bool is_waited_for(const tt_park *room)
{
    return atomic_load_explicit(&room->is_asleep, memory_order_relaxed) != 0;
}

void tt_inbox_settle(tt_inbox *inbox)
{
    tt_barrier_light();
    for (uint32_t p = TT_priority_LOW; p < TT_priority_COUNT; p++) {
        struct lane *lane = &inbox->lanes[p];
        if (is_waited_for(&lane->room)) {
            settle_ring(&lane->room, tt_mpsc_stats_get(&lane->ring).bytes_used, lane->ring.mask);
        }
        uint32_t members = atomic_load_explicit(&lane->member_count, memory_order_acquire);
        for (uint32_t i = 0; i < members; i++) {
            tt_publisher *member = &inbox->publishers[lane->members[i]];
            if (is_waited_for(&member->room)) {
                uint64_t used = tt_ring_stats_get(&member->ring).bytes_used;
                settle_ring(&member->room, used, member->ring.mask);
            }
        }
    }
}

bool tt_inbox_has_record(tt_inbox *inbox)
{
    return peek_any(inbox) != NULL;
}

tt_park *tt_inbox_park(tt_inbox *inbox)
{
    return &inbox->ready;
}

static bool has_record_or_end(void *ctx)
{
    tt_inbox *inbox = ctx;
    return tt_inbox_has_record(inbox) || tt_inbox_is_closed(inbox);
}

bool tt_inbox_wait(tt_inbox *inbox, const tt_idle_options *idle, tt_dur limit)
{
    return tt_idle_wait(idle, &inbox->ready, limit.ns, has_record_or_end, inbox) &&
           tt_inbox_has_record(inbox);
}

void tt_inbox_close(tt_inbox *inbox)
{
    atomic_store_explicit(&inbox->is_closed, 1, memory_order_release);
    for (uint32_t p = TT_priority_LOW; p < TT_priority_COUNT; p++) {
        tt_mpsc_close(&inbox->lanes[p].ring);
        tt_park_wake(&inbox->lanes[p].room);
    }
    (void)tt_idle_wait(&inbox->idle, &inbox->door, TT_IDLE_FOR_EVER, begin_opening, inbox);
    uint32_t count = atomic_load_explicit(&inbox->opened_count, memory_order_acquire);
    for (uint32_t i = 0; i < count; i++) {
        tt_section_close(&inbox->publishers[i].gate);
        tt_park_wake(&inbox->publishers[i].room);
    }
    end_opening(inbox);
    tt_park_wake(&inbox->ready);
}

bool tt_inbox_is_closed(const tt_inbox *inbox)
{
    return atomic_load_explicit(&inbox->is_closed, memory_order_acquire) != 0;
}

bool tt_inbox_is_drained(tt_inbox *inbox)
{
    if (!tt_inbox_is_closed(inbox)) {
        return false;
    }
    for (uint32_t p = TT_priority_LOW; p < TT_priority_COUNT; p++) {
        if (!tt_mpsc_is_drained(&inbox->lanes[p].ring)) {
            return false;
        }
    }
    uint32_t count = atomic_load_explicit(&inbox->opened_count, memory_order_acquire);
    for (uint32_t i = 0; i < count; i++) {
        if (!tt_section_is_empty(&inbox->publishers[i].gate)) {
            return false;
        }
    }
    return peek_any(inbox) == NULL;
}

static void add_ring_stats(tt_ring_stats *sum, tt_ring_stats more)
{
    sum->pushed += more.pushed;
    sum->popped += more.popped;
    sum->refused += more.refused;
    sum->bytes_used += more.bytes_used;
    sum->bytes_max = more.bytes_max > sum->bytes_max ? more.bytes_max : sum->bytes_max;
}

void tt_inbox_stats_get(const tt_inbox *inbox, tt_inbox_stats *ret_stats)
{
    *ret_stats = (tt_inbox_stats){
        .parks = atomic_load_explicit(&inbox->ready.parks, memory_order_relaxed),
        .wakes = atomic_load_explicit(&inbox->ready.wakes, memory_order_relaxed),
    };
    for (uint32_t p = TT_priority_LOW; p < TT_priority_COUNT; p++) {
        ret_stats->lanes[p] = tt_mpsc_stats_get(&inbox->lanes[p].ring);
    }
    for (uint32_t i = 0; tt_inbox_publisher(inbox, i); i++) {
        const tt_publisher *publisher = &inbox->publishers[i];
        if (publisher->ring_lane != TT_priority_NONE) {
            add_ring_stats(
                &ret_stats->lanes[publisher->ring_lane], tt_ring_stats_get(&publisher->ring));
        }
    }
}
