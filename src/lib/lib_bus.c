/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A bus of the library: built from its parts, started, stopped, freed.
 */
#include "lib/lib_priv.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TIMERS_MAX 65535u
/** Of the timers, and what alignment takes. */
#define ARENA_SLACK       ((size_t)4 << 20)
#define CARES_MAX         4096u
#define PUBLISHERS_MAX    256u
#define INBOX_RINGS_BYTES (UINT32_C(16) << 20)

tt_time tt_lib_wall(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (tt_time){(int64_t)now.tv_sec * TT_NS_PER_S + now.tv_nsec};
}

static tt_time read_wall(void *ctx)
{
    (void)ctx;
    return tt_lib_wall();
}

static tt_dur read_monotonic(void *ctx)
{
    (void)ctx;
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (tt_dur){(int64_t)now.tv_sec * TT_NS_PER_S + now.tv_nsec};
}

static uint64_t read_stopwatch(void *ctx)
{
    return (uint64_t)read_monotonic(ctx).ns;
}

static uint32_t or_default(uint32_t value, uint32_t default_value)
{
    return value != 0 ? value : default_value;
}

static tutti_bus_options complete(const tutti_bus_options *options)
{
    tutti_bus_options full = options ? *options : (tutti_bus_options){0};
    full.topics_max = or_default(full.topics_max, 64);
    full.sources_max = or_default(full.sources_max, 16);
    full.subscriptions_max = or_default(full.subscriptions_max, 1024);
    full.dead_letters_max = or_default(full.dead_letters_max, 256);
    full.idempotency_max = or_default(full.idempotency_max, 4096);
    full.retries_max = or_default(full.retries_max, 64);
    full.requests_max = or_default(full.requests_max, 256);
    full.blocked_max = or_default(full.blocked_max, 256);
    full.quarantine_after = or_default(full.quarantine_after, 10);
    full.probe_ms = or_default(full.probe_ms, 60000);
    full.timing_every = or_default(full.timing_every, 16);
    full.inbox_bytes = or_default(full.inbox_bytes, UINT32_C(1) << 20);
    return full;
}

/** Subscribers with a record of their failures. */
static uint32_t cares_of(const tutti_bus_options *options)
{
    return options->subscriptions_max < CARES_MAX ? options->subscriptions_max : CARES_MAX;
}

/** One for each request, each retry and each trial of a subscriber in quarantine. */
static uint32_t timers_of(const tutti_bus_options *options)
{
    uint32_t count = options->requests_max + options->retries_max + cares_of(options);
    return count < TIMERS_MAX ? count : TIMERS_MAX;
}

static tt_bus_options bus_options(const tutti_bus *bus)
{
    const tutti_bus_options *options = &bus->options;
    return (tt_bus_options){
        .outbox_bytes = options->step_bytes,
        .queue_messages = options->queue_messages,
        .depth_max = options->depth_max,
        .topics_max = options->topics_max,
        .sources_max = options->sources_max,
        .topic_bytes = options->topic_bytes,
        .subscriptions_max = options->subscriptions_max,
        .ttl_default_ms = options->ttl_default_ms,
        .key_max = 1,
        .timers = bus->timers,
        .dead_max = options->dead_letters_max,
        .idempotency_max = options->idempotency_max,
        .retries_max = options->retries_max,
        .requests_max = options->requests_max,
        .blocked_max = options->blocked_max,
        .quarantine_after = options->quarantine_after,
        .probe_ms = options->probe_ms == UINT32_MAX ? 0 : options->probe_ms,
        .window_ms = options->window_ms,
        .keep_expired = options->keep_expired,
        .limits_max = options->topics_max,
        .cares_max = cares_of(options),
    };
}

static tt_inbox_options inbox_options(const tutti_bus *bus)
{
    tt_inbox_options options = {
        .publishers_max = PUBLISHERS_MAX,
        .topics_max = TT_TOPIC_USER_FIRST + bus->options.topics_max,
        .ring_bytes = INBOX_RINGS_BYTES,
        .idle = {.clock = &bus->clock},
    };
    for (uint32_t i = TT_priority_LOW; i < TT_priority_COUNT; i++) {
        options.lane_bytes[i] = bus->options.inbox_bytes;
    }
    return options;
}

static tt_bus_loop_options loop_options(tutti_bus *bus)
{
    return (tt_bus_loop_options){
        .bus = bus->bus,
        .timers = bus->timers,
        .inbox = bus->inbox,
        .clock = &bus->clock,
        .sink = bus->options.journal ? tt_lib_record_step : NULL,
        .sink_ctx = bus,
        .idempotency_max = bus->options.idempotency_max,
    };
}

/** 0: an option is beyond its bound. */
static size_t memory_of(tutti_bus *bus)
{
    const tt_bus_options core = bus_options(bus);
    const size_t core_bytes = tt_bus_memory(&core);
    if (core_bytes == 0) {
        return 0;
    }
    const tt_inbox_options inbox = inbox_options(bus);
    const tt_bus_loop_options loop = loop_options(bus);
    return core_bytes + tt_inbox_memory(&inbox) + tt_bus_loop_memory(&loop) +
           (size_t)bus->options.subscriptions_max * sizeof(struct lib_subscription) +
           (size_t)bus->options.topics_max * sizeof *bus->shapes + ARENA_SLACK;
}

static tutti_status build(tutti_bus *bus)
{
    tt_arena *arena = &bus->arena;
    TUTTI_TRY(tt_timers_new(timers_of(&bus->options), arena, &bus->timers));
    const tt_bus_options core = bus_options(bus);
    TUTTI_TRY(tt_bus_new(&core, arena, &bus->bus));
    const tt_inbox_options inbox = inbox_options(bus);
    TUTTI_TRY(tt_inbox_new(&inbox, arena, &bus->inbox));
    const tt_bus_loop_options loop = loop_options(bus);
    TUTTI_TRY(tt_bus_loop_new(&loop, arena, &bus->loop));
    bus->subscriptions =
        tt_arena_alloc(arena, bus->options.subscriptions_max, sizeof *bus->subscriptions);
    bus->shapes = tt_arena_alloc(arena, bus->options.topics_max, sizeof *bus->shapes);
    if (!bus->subscriptions || !bus->shapes) {
        return TUTTI_NO_MEMORY;
    }
    if (bus->options.timing_every != UINT32_MAX) {
        tt_bus_set_stopwatch(bus->bus, read_stopwatch, NULL, bus->options.timing_every);
    }
    return TUTTI_OK;
}

/** Gives everything back; works for a bus that was only half built. */
static void take_apart(tutti_bus *bus)
{
    tt_journal_group_free(bus->group);
    while (bus->mailboxes) {
        tutti_mailbox *mailbox = bus->mailboxes;
        bus->mailboxes = mailbox->next;
        tt_arena_fini(&mailbox->arena);
        free(mailbox);
    }
    while (bus->publishers) {
        tutti_publisher *publisher = bus->publishers;
        bus->publishers = publisher->next;
        free(publisher);
    }
    tt_arena_fini(&bus->monitor_arena);
    tt_arena_fini(&bus->arena);
    (void)pthread_mutex_destroy(&bus->lock);
    free(bus);
}

static tutti_status build_whole(tutti_bus *bus, tutti_error *error)
{
    TUTTI_TRY(tt_lib_check_options(&bus->options, error));
    const size_t bytes = memory_of(bus);
    tutti_status status = bytes != 0 ? tt_arena_init(&bus->arena, bytes) : TUTTI_INVALID;
    if (status == TUTTI_OK) {
        status = build(bus);
    }
    if (status != TUTTI_OK) {
        tt_error_set(error, status, "the bus cannot be built: %s", tutti_status_text(status));
        tt_error_hint(error, "an option is beyond its bound, or memory is short");
        return status;
    }
    return bus->options.journal ? tt_lib_record_open(bus, error) : TUTTI_OK;
}

tutti_status tutti_bus_new(const tutti_bus_options *options, tutti_bus **result, tutti_error *error)
{
    tutti_bus *bus = calloc(1, sizeof *bus);
    if (!bus) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for a bus");
    }
    bus->options = complete(options);
    bus->clock = (tt_timepiece){.wall = read_wall, .monotonic = read_monotonic};
    (void)pthread_mutex_init(&bus->lock, NULL);
    tutti_status status = build_whole(bus, error);
    if (status != TUTTI_OK) {
        take_apart(bus);
        return status;
    }
    *result = bus;
    return TUTTI_OK;
}

bool tt_lib_is_handling(const tutti_bus *bus)
{
    return bus->is_replying || tt_bus_current(bus->bus);
}

bool tt_lib_is_within(const tutti_bus *bus)
{
    return bus->is_calling || tt_lib_is_handling(bus);
}

/** Tells whether the calling thread owns the bus and is within a step: whatever waits there for the
 * bus waits for ever. For the owner; while the bus runs for any thread. */
static bool is_own_step(const tutti_bus *bus)
{
    return bus->is_running ? tt_bus_loop_is_mine(bus->loop) : tt_lib_is_within(bus);
}

void tutti_bus_free(tutti_bus *bus)
{
    if (bus) {
        TT_ASSERT(!is_own_step(bus)); // a handler would return into what is no more
        (void)tutti_bus_stop(bus, 0, NULL);
        take_apart(bus);
    }
}

uint32_t tutti_bus_turn(tutti_bus *bus)
{
    return bus->is_running || tt_lib_is_within(bus) ? 0 : tt_bus_loop_turn(bus->loop);
}

tutti_status tutti_bus_start(tutti_bus *bus, tutti_error *error)
{
    tutti_status status = TUTTI_STATE;
    if (!bus->is_running && !bus->is_stopped && !tt_lib_is_within(bus)) {
        bus->is_running = true; // before its first handler may ask
        status = tt_bus_loop_start(bus->loop);
        bus->is_running = status == TUTTI_OK;
    }
    return status == TUTTI_OK
               ? TUTTI_OK
               : tt_error_set(
                     error,
                     status,
                     "the bus cannot start: %s",
                     status == TUTTI_STATE ? "it runs, has stopped, or is within a step"
                                           : "the system gives no thread");
}

/** A call on its way to the thread that owns the bus. */
struct call {
    tutti_bus *bus;
    tutti_call_fn fn;
    void *ctx;
};

static void run_call(void *ctx, tt_bus *core)
{
    (void)core;
    const struct call *call = ctx;
    call->bus->is_calling = true;
    call->fn(call->ctx, call->bus);
    call->bus->is_calling = false;
}

tutti_status tutti_bus_call(tutti_bus *bus, tutti_call_fn fn, void *ctx)
{
    if (is_own_step(bus)) {
        return TUTTI_STATE;
    }
    struct call call = {.bus = bus, .fn = fn, .ctx = ctx};
    return bus->is_running ? tt_bus_loop_call(bus->loop, run_call, &call)
                           : tt_bus_loop_within(bus->loop, run_call, &call);
}

uint64_t tutti_bus_durable(const tutti_bus *bus)
{
    return bus->group ? tt_journal_group_durable(bus->group) : 0;
}

tutti_status tutti_bus_wait_durable(tutti_bus *bus, uint64_t seq, int64_t wait_ns)
{
    if (!bus->group || (tt_bus_loop_is_mine(bus->loop) && seq > tutti_bus_durable(bus))) {
        return TUTTI_STATE;
    }
    tutti_status status = tt_journal_group_wait(bus->group, seq, wait_ns);
    return status == TUTTI_BUSY ? TUTTI_TIMEOUT : status;
}

_Static_assert(TUTTI_REPORT_ROWS == TT_LOOP_REPORT_ROWS, "one bound");

static void copy_report(const tt_loop_report *from, tutti_stop_report *ret_report)
{
    *ret_report = (tutti_stop_report){
        .undelivered = from->total,
        .row_count = from->row_count,
        .has_halted = from->has_halted,
    };
    memcpy(ret_report->halt_reason, from->halt_reason, sizeof ret_report->halt_reason);
    for (uint32_t i = 0; i < from->row_count; i++) {
        const tt_undelivered *row = &from->rows[i];
        ret_report->rows[i] = (tutti_undelivered){
            .topic = row->topic,
            .count = row->count,
            .first_seq = row->first_seq,
            .last_seq = row->last_seq,
        };
        memcpy(ret_report->rows[i].mailbox, row->mailbox, sizeof row->mailbox);
    }
}

tutti_status tutti_bus_stop(tutti_bus *bus, int64_t limit_ns, tutti_stop_report *ret_report)
{
    tt_loop_report loop_report = {0};
    if (is_own_step(bus)) {
        if (ret_report) {
            *ret_report = (tutti_stop_report){0};
        }
        return TUTTI_STATE;
    }
    int64_t begin_ns = read_monotonic(NULL).ns;
    const int64_t longest_ns = INT64_MAX - begin_ns; // the deadline is a time
    limit_ns = limit_ns < longest_ns ? limit_ns : longest_ns;
    tutti_status status = tt_bus_loop_stop(bus->loop, (tt_dur){limit_ns}, &loop_report);
    bus->is_running = false;
    bus->is_stopped = true;
    tt_journal_group_report durable = {0};
    if (bus->group) {
        int64_t left_ns = limit_ns - (read_monotonic(NULL).ns - begin_ns);
        tutti_status stopped =
            tt_journal_group_stop(bus->group, left_ns > 0 ? left_ns : 0, &durable);
        status = status == TUTTI_OK ? stopped : status;
    }
    if (ret_report) {
        copy_report(&loop_report, ret_report);
        ret_report->not_durable = durable.lost;
    }
    return status;
}

void tutti_bus_request_stop(tutti_bus *bus)
{
    tt_bus_loop_request_stop(bus->loop);
}
