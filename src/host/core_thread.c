/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The loop of the core: commands first, then what the venue and agents say, then market data, then
 * the clock.
 */
#include "host/core_thread.h"

#include "host/fault.h"

#include <stdlib.h>
#include <string.h>

enum {
    EFFECTS_BYTES = 1 << 20,
    EFFECTS_NEAR = 1 << 17, /* What waits for the journal is a few commits' worth. */
    MARKET_PER_TURN = 64,
    OTHERS_PER_TURN = 16
};
enum {
    BUS_STATUS_EVERY = 10 /* of how many */
};
static const int64_t status_interval_ns = 100 * TT_NS_PER_MS;

tutti_status tt_core_thread_init(tt_core_thread *core)
{
    core->effects_memory = calloc(1, EFFECTS_BYTES);
    if (core->effects_memory == NULL) {
        return TUTTI_NO_MEMORY;
    }
    TUTTI_TRY(tt_ring_init(&core->effects, core->effects_memory, EFFECTS_BYTES));
    tt_ring_stay_near(&core->effects, EFFECTS_NEAR);
    return TUTTI_OK;
}

void tt_core_thread_fini(tt_core_thread *core)
{
    free(core->effects_memory);
    core->effects_memory = NULL;
}

static bool is_failed(const tt_core_thread *core)
{
    return atomic_load_explicit(&core->hub->has_failed, memory_order_acquire) != 0;
}

bool tt_core_thread_release(tt_core_thread *core)
{
    bool has_worked = false;
    uint64_t durable = atomic_load_explicit(&core->hub->durable_seq, memory_order_acquire);
    for (;;) {
        uint32_t size = 0;
        const void *record = tt_ring_peek(&core->effects, &size);
        if (record == NULL) {
            return has_worked;
        }
        tt_msg head;
        memcpy(&head, record, sizeof head);
        // Intent before wire: what is not durable yet waits, and all behind it.
        if (head.seq > durable) {
            return has_worked;
        }
        TT_FAULT_POINT("before_send");
        if (tt_ring_push(&core->hub->venue_out, record, size) != TUTTI_OK) {
            return has_worked;
        }
        if (head.topic == TT_TOPIC_ORDER_INTENTS) {
            // The number of the message is the id of the order.
            tt_watch_sent(&core->watch.parts, head.seq, core->safe, tt_mono_ns());
        }
        tt_ring_release(&core->effects);
        has_worked = true;
    }
}

static void keep_venue_effect(tt_core_thread *core, const tt_msg *msg)
{
    while (tt_ring_push(&core->effects, msg, (uint32_t)tt_msg_bytes(msg)) != TUTTI_OK) {
        // Fail closed: what cannot become durable is never sent. When the exchange's thread has
        // stopped nobody makes room any more: the order stays unsent, and the next start asks about
        // it.
        if (is_failed(core) ||
            atomic_load_explicit(&core->hub->stop_market, memory_order_acquire)) {
            return;
        }
        tt_core_thread_release(core);
        tt_hub_wait_for_room(core->hub);
    }
}

/** Answers a call that found no worker, so that its time-out need not pass. */
static void refuse_call(tt_core_thread *core, const tt_msg *msg)
{
    static const tt_agent_slot nobody = {0};
    atomic_fetch_add_explicit(&core->hub->calls_refused, 1, memory_order_relaxed);
    tt_agent_slot_call(&nobody, core->instruments, &core->request, &core->refused);
    TT_TEXT_SET(core->refused.answer.error, "every worker of the pool is busy");
    core->refused.time = msg->time;
    tt_input input;
    tt_answer_item_input(&core->refused, &input);
    // The ring of commands is the one that the core may write to itself; if it is full as well, the
    // time-out of the call answers for it.
    (void)tt_hub_push_command(&core->hub->commands_in, &input);
}

static void hand_to_worker(tt_core_thread *core, const tt_msg *msg)
{
    tt_agent_request_build(core->engine, core->instruments, msg, &core->request);
    for (uint32_t tries = 0; tries < TT_POOL_WORKERS; tries++) {
        tt_ring *ring = &core->hub->jobs_out[core->next_worker++ % TT_POOL_WORKERS];
        if (tt_ring_push(ring, &core->request, sizeof core->request) == TUTTI_OK) {
            return;
        }
    }
    refuse_call(core, msg);
}

/** Topics that a person at the terminal sees whole; two more depend on what they say. */
static const bool is_shown[TT_TOPIC_COUNT] = {
    [TT_TOPIC_FILLS] = true,
    [TT_TOPIC_CONFLICT_DECISIONS] = true,
    [TT_TOPIC_RISK_ALERTS] = true,
    [TT_TOPIC_NOTIFICATIONS] = true,
    [TT_TOPIC_SYSTEM_EVENTS] = true,
};

bool tt_is_activity(const tt_msg *msg)
{
    if (msg->topic == TT_TOPIC_TRADING_SIGNALS) {
        return TT_PAYLOAD(msg, TRADING_SIGNALS, trading_signal)->action != TT_action_HOLD;
    }
    if (msg->topic == TT_TOPIC_POSITION_UPDATES) {
        return TT_PAYLOAD(msg, POSITION_UPDATES, position_update)->event ==
               TT_position_event_CLOSED;
    }
    return msg->topic < TT_TOPIC_COUNT && is_shown[msg->topic];
}

static void show(tt_core_thread *core, const tt_msg *msg)
{
    if (tt_is_activity(msg) &&
        tt_ring_push(&core->hub->activity_out, msg, (uint32_t)tt_msg_bytes(msg)) != TUTTI_OK) {
        atomic_fetch_add_explicit(&core->hub->dropped_activity, 1, memory_order_relaxed);
    }
}

/** Further topics that a stream tells: what becomes of trades, and who decided. */
static const bool is_told[TT_TOPIC_COUNT] = {
    [TT_TOPIC_COORDINATOR_COMMANDS] = true,
    [TT_TOPIC_BUS_COMMANDS] = true,
    [TT_TOPIC_COMMAND_REPLIES] = true,
    [TT_TOPIC_TRADING_SIGNALS] = true,
    [TT_TOPIC_CONFLICT_CASES] = true,
    [TT_TOPIC_RISK_VERDICTS] = true,
    [TT_TOPIC_ORDER_INTENTS] = true,
    [TT_TOPIC_ORDER_AMENDS] = true,
    [TT_TOPIC_EXECUTION_EVENTS] = true,
    [TT_TOPIC_POSITION_UPDATES] = true,
    [TT_TOPIC_BUS_ALERTS] = true,
    [TT_TOPIC_HEALTH_REPORTS] = true,
    [TT_TOPIC_DEAD_LETTERS] = true,
};

/** Hands a message to the interface, if it is one that people may want to see. */
static void tell(tt_core_thread *core, const tt_msg *msg)
{
    tt_hub *hub = core->hub;
    uint32_t size = (uint32_t)tt_msg_bytes(msg);
    bool is_of_people = msg->topic == TT_TOPIC_COORDINATOR_COMMANDS ||
                        msg->topic == TT_TOPIC_BUS_COMMANDS ||
                        msg->topic == TT_TOPIC_COMMAND_REPLIES;
    bool is_event = msg->topic < TT_TOPIC_COUNT && (is_shown[msg->topic] || is_told[msg->topic]);
    if (!core->has_interface) {
        return;
    }
    if (is_of_people && tt_ring_push(&hub->replies_out, msg, size) != TUTTI_OK) {
        atomic_fetch_add_explicit(&hub->dropped_events, 1, memory_order_relaxed);
    }
    if (is_event && tt_ring_push(&hub->events_out, msg, size) != TUTTI_OK) {
        atomic_fetch_add_explicit(&hub->dropped_events, 1, memory_order_relaxed);
    }
}

static void hand_to_journal(tt_core_thread *core)
{
    size_t size = 0;
    const void *step = tt_bus_outbox(tt_engine_bus(core->engine), &size);
    while (tt_ring_push(&core->hub->steps_out, step, (uint32_t)size) != TUTTI_OK) {
        if (is_failed(core)) {
            return;
        }
        tt_hub_wait_for_room(core->hub);
    }
    atomic_fetch_add_explicit(&core->hub->steps, 1, memory_order_relaxed);
}

static void hand_out_messages(tt_core_thread *core)
{
    const tt_bus *bus = tt_engine_bus(core->engine);
    for (const tt_msg *msg = tt_bus_outbox_next(bus, NULL); msg != NULL;
         msg = tt_bus_outbox_next(bus, msg)) {
        tt_edge edge = tt_topic_info_get(msg->topic)->edge;
        if (edge == TT_EDGE_VENUE) {
            keep_venue_effect(core, msg);
        } else if (edge == TT_EDGE_AGENT) {
            hand_to_worker(core, msg);
        }
        show(core, msg);
        tell(core, msg);
    }
}

static void offer_snapshot(tt_core_thread *core)
{
    tt_snapshot_box *box = core->snapshots;
    if (core->snapshot_steps == 0 || ++core->steps_since_snapshot < core->snapshot_steps ||
        atomic_load_explicit(&box->is_full, memory_order_acquire) != 0) {
        return;
    }
    core->steps_since_snapshot = 0;
    tt_engine_save(core->engine, box->memory.block);
    box->last_seq = tt_bus_next_seq(tt_engine_bus(core->engine)) - 1;
    atomic_store_explicit(&box->is_full, 1, memory_order_release);
}

void tt_core_thread_step(tt_core_thread *core, const tt_input *input)
{
    if (tt_engine_step(core->engine, input) == TUTTI_STATE) {
        atomic_store_explicit(&core->hub->has_failed, 1, memory_order_release);
        return;
    }
    // The box is filled before the step is handed over: the journal thread must find the snapshot
    // when it has appended the step that the snapshot ends with. Effects follow the journal.
    offer_snapshot(core);
    hand_to_journal(core);
    hand_out_messages(core);
}

/** Event time of what is no market data: never ahead of market data that still waits, so that what
 * comes from elsewhere cannot make it late. */
static tt_time safe_time(tt_core_thread *core)
{
    uint32_t size = 0;
    // In this order: what had been delivered by then has been stepped when the ring is empty
    // afterwards.
    tt_time now = tt_hub_now(core->hub);
    if (tt_ring_peek(&core->hub->market_in, &size) == NULL && now.ns > core->safe.ns) {
        core->safe = now;
    }
    return core->safe;
}

/** Real time where the watch needs it: market data, which is the most, has its own. */
static int64_t watch_clock(const tt_input *input)
{
    return input->topic == TT_TOPIC_VENUE_REPORTS ? tt_mono_ns() : 0;
}

/** Notes the end of the data. */
static void watch_feed(tt_core_thread *core, const tt_input *input)
{
    if (input->topic == TT_TOPIC_FEED_EVENTS) {
        const tt_feed_event *event = input->payload;
        core->has_ended |= event->event == TT_feed_event_type_END_OF_DATA;
    }
}

static bool take_market(tt_core_thread *core)
{
    tt_input input;
    int count = 0;
    while (count < MARKET_PER_TURN &&
           tt_hub_pop_input(&core->hub->market_in, &core->record, &input)) {
        core->safe.ns = input.time.ns > core->safe.ns ? input.time.ns : core->safe.ns;
        tt_watch_input(&core->watch.parts, &input, core->safe, watch_clock(&input));
        tt_core_thread_step(core, &input);
        watch_feed(core, &input);
        count++;
    }
    return count > 0;
}

static bool take_answers(tt_core_thread *core, tt_ring *ring)
{
    tt_input input;
    int count = 0;
    while (count < OTHERS_PER_TURN && tt_hub_pop_input(ring, &core->record, &input)) {
        input.time = safe_time(core);
        tt_core_thread_step(core, &input);
        count++;
    }
    return count > 0;
}

/** Notes that the session is about to stop. */
static void watch_session(tt_core_thread *core, const tt_input *input)
{
    if (input->topic == TT_TOPIC_SESSION_EVENTS) {
        const tt_session_event *session = input->payload;
        core->is_stopping |= session->event == TT_session_event_type_STOPPING;
    }
}

/** Tells whether the end of the data has nothing left to close: what it closes is known only when
 * it has been stepped. */
static bool is_settled(const tt_core_thread *core)
{
    const tt_account_update *account = &core->status.engine.trade.account;
    bool is_at_rest =
        account->open_positions == 0 && account->open_orders == 0 && account->unknown_orders == 0;
    return !core->closes_at_end ||
           atomic_load_explicit(&core->hub->data_ended, memory_order_acquire) == 0 ||
           (core->has_ended && is_at_rest);
}

/** Tells the thread that stops us when no entry works at the exchange any more, and when what the
 * end of the data closes is closed. */
static void tell_withdrawn(tt_core_thread *core)
{
    uint32_t size = 0;
    if (!core->is_stopping || tt_ring_peek(&core->effects, &size) != NULL ||
        atomic_load_explicit(&core->hub->entries_withdrawn, memory_order_relaxed) != 0) {
        return;
    }
    tt_engine_status_get(core->engine, &core->status.engine);
    if (tt_dec_is_zero(core->status.engine.trade.account.pending_exposure.d) && is_settled(core)) {
        atomic_store_explicit(&core->hub->entries_withdrawn, 1, memory_order_release);
    }
}

static bool take_commands(tt_core_thread *core)
{
    tt_input input;
    int count = 0;
    while (count < OTHERS_PER_TURN &&
           tt_hub_pop_command(&core->hub->commands_in, &core->record, &input)) {
        input.time = safe_time(core);
        tt_core_thread_step(core, &input);
        watch_session(core, &input);
        count++;
        core->status_count = 0;
        core->status_told_ns = 0; // Who asked and looks then must see what came of it.
    }
    return count > 0;
}

static bool take_clock(tt_core_thread *core)
{
    tt_time now = safe_time(core);
    if (tt_engine_next_deadline(core->engine).ns > now.ns) {
        return false;
    }
    tt_clock clock = {.tick = ++core->clock_ticks};
    tt_input input = {
        .time = now,
        .topic = TT_TOPIC_CLOCK,
        .source = TT_SOURCE_HOST,
        .payload = &clock,
        .payload_size = sizeof clock,
    };
    tt_core_thread_step(core, &input);
    return true;
}

static void fill_host_numbers(tt_core_thread *core)
{
    tt_hub *hub = core->hub;
    tt_host_numbers *host = &core->status.host;
    *host = core->host;
    host->durable_seq = atomic_load_explicit(&hub->durable_seq, memory_order_relaxed);
    host->store_failures = atomic_load_explicit(&hub->store_failures, memory_order_relaxed);
    host->is_store_down = atomic_load_explicit(&hub->store_down, memory_order_relaxed) != 0;
    host->stored_seq = atomic_load_explicit(&hub->stored_seq, memory_order_relaxed);
    host->steps = atomic_load_explicit(&hub->steps, memory_order_relaxed);
    host->commits = atomic_load_explicit(&hub->commits, memory_order_relaxed);
    host->dropped_activity = atomic_load_explicit(&hub->dropped_activity, memory_order_relaxed);
    host->dropped_status = atomic_load_explicit(&hub->dropped_status, memory_order_relaxed);
    host->dropped_events = atomic_load_explicit(&hub->dropped_events, memory_order_relaxed);
    host->full_waits = atomic_load_explicit(&hub->full_waits, memory_order_relaxed);
    tt_core_watch_fill(&core->watch, hub, host);
    host->market_ring = tt_ring_stats_get(&hub->market_in);
    host->journal_ring = tt_ring_stats_get(&hub->steps_out);
}

static void tell_status(tt_core_thread *core)
{
    int64_t now = tt_mono_ns();
    if (now - core->status_told_ns < status_interval_ns) {
        return;
    }
    core->status_told_ns = now;
    tt_engine_status_get(core->engine, &core->status.engine);
    if (core->status_count++ % BUS_STATUS_EVERY == 0) {
        tt_engine_bus_status_get(core->engine, &core->status.bus);
    }
    fill_host_numbers(core);
    if (tt_ring_push(&core->hub->status_out, &core->status, sizeof core->status) != TUTTI_OK) {
        atomic_fetch_add_explicit(&core->hub->dropped_status, 1, memory_order_relaxed);
    }
}

static uint64_t read_stopwatch(void *ctx)
{
    (void)ctx;
    return (uint64_t)tt_mono_ns();
}

void *tt_core_thread_run(void *argument)
{
    tt_core_thread *core = argument;
    tt_engine_set_stopwatch(core->engine, read_stopwatch, NULL);
    for (;;) {
        bool is_stopping = atomic_load_explicit(&core->hub->stop_core, memory_order_acquire) != 0;
        bool has_worked = tt_core_thread_release(core);
        has_worked |= take_commands(core);
        for (int i = 0; i < TT_POOL_WORKERS; i++) {
            has_worked |= take_answers(core, &core->hub->answers_in[i]);
        }
        has_worked |= take_market(core);
        has_worked |= !is_stopping && take_clock(core);
        if (!core->is_stopping) {
            tt_core_watch_turn(core, safe_time(core));
        }
        tell_status(core);
        tt_dead_box_answer(&core->hub->dead_letters, core->engine);
        tell_withdrawn(core);
        if (is_failed(core) || (is_stopping && !has_worked)) {
            return NULL;
        }
        if (!has_worked) {
            tt_sleep_ns(TT_IDLE_NS);
        }
    }
}
