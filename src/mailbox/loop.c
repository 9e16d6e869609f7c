/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The loop at work: from a record to a step, from a step to sink and mailboxes.
 */
#include "mailbox/loop.h"

#include "base/error.h"
#include "base/thread.h"
#include "base/uuid.h"
#include "mailbox/loop_priv.h"

#include <string.h>

#define BATCH_DEFAULT     256u
#define OWN_BYTES_DEFAULT (UINT32_C(256) << 10)
#define KEYS_DEFAULT      4096u
#define KEYS_MAX          (UINT32_C(1) << 24)

_Static_assert(TT_TOPIC_COUNT <= TT_TOPIC_USER_FIRST, "built-in numbers stand below the others");

size_t tt_bus_loop_memory(const tt_bus_loop_options *options)
{
    uint32_t own = options->own_bytes != 0 ? options->own_bytes : OWN_BYTES_DEFAULT;
    uint32_t keys = options->idempotency_max != 0 ? options->idempotency_max : KEYS_DEFAULT;
    return sizeof(tt_bus_loop) + own +
           TT_LOOP_TOPICS * (sizeof(uint64_t) * 2 + sizeof(struct loop_topic)) +
           tt_bus_seen_size(keys) + (size_t)TT_MAILBOX_PAD * 5;
}

static bool has_box(void *ctx, const char *handler)
{
    return tt_loop_has_box(ctx, handler);
}

static tutti_status build(tt_bus_loop *loop, tt_arena *arena)
{
    void *own = tt_arena_alloc(arena, 1, loop->options.own_bytes);
    loop->wanted_by = tt_arena_alloc(arena, TT_LOOP_TOPICS, sizeof *loop->wanted_by);
    loop->known_for = tt_arena_alloc(arena, TT_LOOP_TOPICS, sizeof *loop->known_for);
    loop->topics = tt_arena_alloc(arena, TT_LOOP_TOPICS, sizeof *loop->topics);
    void *seen = tt_arena_alloc(arena, 1, tt_bus_seen_size(loop->options.idempotency_max));
    if (!own || !loop->wanted_by || !loop->known_for || !loop->topics || !seen) {
        return TUTTI_NO_MEMORY;
    }
    loop->seen = tt_bus_seen_init(seen, loop->options.idempotency_max);
    tt_bus_set_outlet(loop->options.bus, has_box, loop);
    return tt_ring_init(&loop->own, own, loop->options.own_bytes);
}

tutti_status
tt_bus_loop_new(const tt_bus_loop_options *options, tt_arena *arena, tt_bus_loop **result)
{
    if (!options->bus || !options->inbox || !options->clock ||
        (uint32_t)options->idle.strategy >= TT_idle_COUNT ||
        (options->own_bytes != 0 && options->own_bytes < 2 * MSG_BYTES_MAX) ||
        options->idempotency_max > KEYS_MAX || options->look_every_ns < 0) {
        return TUTTI_INVALID;
    }
    unsigned char *memory = tt_arena_alloc(arena, 1, sizeof(tt_bus_loop) + TT_MAILBOX_PAD);
    if (!memory) {
        return TUTTI_NO_MEMORY;
    }
    size_t past = (uintptr_t)memory % TT_MAILBOX_PAD;
    tt_bus_loop *loop = (void *)(past == 0 ? memory : memory + (TT_MAILBOX_PAD - past));
    loop->options = *options;
    loop->options.batch_max = options->batch_max != 0 ? options->batch_max : BATCH_DEFAULT;
    loop->options.own_bytes = options->own_bytes != 0 ? options->own_bytes : OWN_BYTES_DEFAULT;
    loop->options.idempotency_max =
        options->idempotency_max != 0 ? options->idempotency_max : KEYS_DEFAULT;
    loop->options.look_every_ns =
        options->look_every_ns != 0 ? options->look_every_ns : TT_NS_PER_S;
    loop->options.idle.clock = options->clock;
    loop->idle = tt_idle_defaults(&loop->options.idle);
    atomic_init(&loop->deadline_ns, INT64_MAX);
    tt_park_init(&loop->stopped);
    tt_park_init(&loop->called);
    TUTTI_TRY(build(loop, arena));
    *result = loop;
    return TUTTI_OK;
}

tt_time tt_loop_now(tt_bus_loop *loop)
{
    tt_time wall = tt_timepiece_wall(loop->options.clock);
    tt_time before = tt_bus_now(loop->options.bus);
    if (wall.ns >= before.ns) {
        return wall;
    }
    tt_mailbox_add(&loop->counts.clock_back, 1);
    return before;
}

void tt_loop_halt(tt_bus_loop *loop, const char *what, const char *who)
{
    if (!loop->has_halted) {
        tt_text_format(
            loop->report.halt_reason, sizeof loop->report.halt_reason, "%s: %s", who, what);
    }
    loop->has_halted = true;
    loop->report.has_halted = true;
    tt_inbox_close(loop->options.inbox);
}

/** Gives what the step has published to the sink and to the mailboxes. */
static void hand_out(tt_bus_loop *loop)
{
    const tt_bus_loop_options *options = &loop->options;
    size_t bytes = 0;
    const void *published = tt_bus_outbox(options->bus, &bytes);
    if (bytes == 0) {
        return;
    }
    tutti_status status =
        options->sink ? options->sink(options->sink_ctx, published, bytes) : TUTTI_OK;
    if (status != TUTTI_OK) {
        char what[64];
        tt_text_format(
            what, sizeof what, "the step could not be recorded: %s", tutti_status_name(status));
        tt_loop_halt(loop, what, "sink");
        return; // nothing leaves unrecorded
    }
    if (tt_bus_has_redriven(options->bus)) {
        tt_loop_redrive(loop); // older than the step, and there was room for it
    }
    if (loop->box_count == 0) {
        return;
    }
    const tt_msg *msg = NULL;
    while ((msg = tt_bus_outbox_next(options->bus, msg)) != NULL) {
        tt_loop_feed(loop, msg);
    }
}

/** Tells whether the step has an input. A timer that fires is a part of one: what is recorded would
 * begin with what nobody said. Without one it waits for the next step, which is that of the clock
 * at the latest. */
static bool has_input(const tt_bus_loop *loop)
{
    size_t bytes = 0;
    (void)tt_bus_outbox(loop->options.bus, &bytes);
    return bytes != 0;
}

void tt_loop_finish_step(tt_bus_loop *loop, tt_time now)
{
    if (loop->options.timers && has_input(loop)) {
        tt_timers_fire(loop->options.timers, now);
    }
    tt_bus_run(loop->options.bus);
    tt_mailbox_add(&loop->counts.steps, 1);
    hand_out(loop);
}

/** Begins a step whose input is a dead letter. */
static void
begin_dead(tt_bus_loop *loop, tt_time now, const tt_dead_report *report, const tt_msg *msg)
{
    const tt_bus_returned returned = {
        .msg = msg,
        .reason = report->reason,
        .attempts = report->attempts,
        .handler = report->handler,
        .text = report->text,
    };
    tt_mailbox_add(&loop->counts.dead_letters, 1);
    tt_bus_begin(loop->options.bus, now);
    if (tt_bus_return(loop->options.bus, &returned) != TUTTI_OK) {
        tt_mailbox_add(&loop->counts.dead_unsent, 1);
    }
}

void tt_loop_step_dead(
    tt_bus_loop *loop, tt_time now, const tt_dead_report *report, const tt_msg *msg)
{
    begin_dead(loop, now, report, msg);
    tt_loop_finish_step(loop, now);
}

/** Asks the registry for a topic, once if the size of its payload is always the same. */
static const tt_topic_info *find_topic(tt_bus_loop *loop, uint32_t topic)
{
    const tt_registry *registry = tt_bus_registry(loop->options.bus);
    const tt_topic_info *info = tt_registry_topic(registry, (uint16_t)topic);
    if (info && topic < TT_LOOP_TOPICS) {
        loop->topics[topic].size = info->layout->item_size == 0 ? info->layout->fixed_size : 0;
        loop->topics[topic].priority = info->priority;
    }
    return info;
}

/** A post whose size does not fit its topic would make the bus read beyond it. */
static bool is_whole(tt_bus_loop *loop, const tt_inbox_record *record)
{
    uint32_t topic = (uint32_t)record->post.topic;
    if (topic < TT_LOOP_TOPICS && loop->topics[topic].size != 0) {
        return loop->topics[topic].size == record->payload_size;
    }
    const tt_topic_info *info = find_topic(loop, topic);
    return info && tt_layout_used_size(info->layout, record->post.payload) == record->payload_size;
}

/** A priority that is the topic's own needs not be said, and makes the post a plain one. */
static void drop_priority(const tt_bus_loop *loop, tt_bus_post *post)
{
    if (post->topic < TT_LOOP_TOPICS && post->priority == loop->topics[post->topic].priority) {
        post->priority = TT_priority_NONE;
    }
}

/** Makes a dead letter the input of the step in place of a post that cannot be one: a replay has
 * it, too. */
static void step_refused(tt_bus_loop *loop, tt_time now, const tt_bus_post *post, const char *why)
{
    const tt_msg refused = {
        .topic = (uint16_t)post->topic,
        .source = (uint16_t)post->source,
        .correlation = post->correlation,
    };
    tt_dead_report report = {.reason = TT_dead_reason_INVALID_INPUT, .handler = "loop"};
    TT_TEXT_SET(report.text, why);
    tt_mailbox_add(&loop->counts.refused, 1);
    tt_loop_step_dead(loop, now, &report, &refused);
}

/** Why a dead letter cannot go to its mailbox again: a text, or NULL when it can, or is none of a
 * mailbox. Which mailboxes are there, and how full, is nothing that a replay could know, so the bus
 * must not see a command that is in vain. */
static const char *find_vain(const tt_bus_loop *loop, const tt_bus_post *post)
{
    const tt_bus_command *command = post->payload;
    tt_bus_dead dead;
    if (post->topic != TT_TOPIC_BUS_COMMANDS || command->command != TT_bus_command_type_REDRIVE ||
        tt_bus_dead_get(loop->options.bus, command->dead_id, &dead, NULL) != TUTTI_OK ||
        !dead.is_outside) {
        return NULL;
    }
    if (!tt_loop_has_box(loop, dead.handler)) {
        return "the mailbox of that dead letter is not attached: attach it, then redrive again";
    }
    return tt_loop_has_place(loop, &dead)
               ? NULL
               : "the mailbox of that dead letter is full: take from it, then redrive again";
}

/** Refuses a command that is in vain. Who asked gets a reply, too: a second input of the step. */
static void step_vain(tt_bus_loop *loop, tt_time now, const tt_bus_post *vain, const char *why)
{
    const tt_bus_command *command = vain->payload;
    tt_command_reply reply = {.request_id = command->request_id, .status = TT_reply_status_REFUSED};
    TT_TEXT_SET(reply.message, why);
    const tt_bus_post post = {
        .topic = TT_TOPIC_COMMAND_REPLIES,
        .source = TT_SOURCE_HOST,
        .payload = &reply,
        .flags = TT_MSG_INPUT,
        .correlation = vain->correlation,
    };
    const tt_msg refused = {
        .topic = (uint16_t)vain->topic,
        .source = (uint16_t)vain->source,
        .correlation = vain->correlation,
    };
    tt_dead_report report = {.reason = TT_dead_reason_INVALID_INPUT, .handler = "loop"};
    TT_TEXT_SET(report.text, why);
    tt_mailbox_add(&loop->counts.refused, 1);
    begin_dead(loop, now, &report, &refused);
    if (command->request_id != 0) {
        (void)tt_bus_publish(loop->options.bus, &post, NULL); // a refusal is dead-lettered
    }
    tt_loop_finish_step(loop, now);
}

/** A step whose input is a post that the bus may take, or, if it refuses that, the dead letter
 * about it. Its key stays here: a recorded input has none, and handlers must not see in a run what
 * they would not see in its replay. */
static void step_right(tt_bus_loop *loop, tt_time now, tt_bus_post *post)
{
    const tt_uuid key = post->idempotency;
    bool has_key = !tt_uuid_is_zero(key);
    if (has_key && tt_bus_loop_find_repeat(loop, post->topic, &key) != 0) {
        return;
    }
    post->idempotency = (tt_uuid){0};
    post->flags |= TT_MSG_INPUT;
    drop_priority(loop, post);
    tt_seq seq = 0;
    tt_bus_begin(loop->options.bus, now);
    if (tt_bus_publish(loop->options.bus, post, &seq) != TUTTI_OK) {
        tt_mailbox_add(&loop->counts.refused, 1);
    } else if (has_key) {
        tt_bus_loop_keep_key(loop, &key, seq);
    }
    tt_loop_finish_step(loop, now);
}

static void step_post(tt_bus_loop *loop, tt_time now, tt_inbox_record *record)
{
    tt_mailbox_add(&loop->counts.posts, 1);
    if (!is_whole(loop, record)) {
        step_refused(
            loop,
            now,
            &record->post,
            "a post whose topic is not known or whose payload has another size");
        return;
    }
    const char *vain = find_vain(loop, &record->post);
    if (vain) {
        step_vain(loop, now, &record->post, vain);
    } else {
        step_right(loop, now, &record->post);
    }
}

/** Time of the steps of a turn: asked for when the first of them has its record in hand, since the
 * clock costs more than to find that there is none. */
static tt_time turn_time(tt_bus_loop *loop)
{
    if (!loop->has_turn_time) {
        loop->turn = tt_loop_now(loop);
        loop->has_turn_time = true;
    }
    return loop->turn;
}

/** A step of a record of the loop itself. */
static void take_own(tt_bus_loop *loop)
{
    uint32_t size = 0;
    const tt_dead_report *own = tt_ring_peek(&loop->own, &size);
    TT_ASSERT(own);
    tt_loop_step_dead(loop, turn_time(loop), own, (const tt_msg *)(const void *)(own + 1));
    tt_ring_release(&loop->own);
}

/** Takes one record: those of the loop itself first. */
static bool take_one(tt_bus_loop *loop)
{
    if (!tt_ring_is_empty(&loop->own)) {
        take_own(loop);
        return true;
    }
    tt_inbox_record record;
    if (!tt_inbox_peek(loop->options.inbox, &record)) {
        return false;
    }
    tt_time now = turn_time(loop);
    if (record.kind == TT_INBOX_DEAD) {
        tt_loop_step_dead(loop, now, &record.dead_report, record.dead);
    } else {
        step_post(loop, now, &record);
    }
    tt_inbox_release(loop->options.inbox);
    return true;
}

/** A step for timers alone. */
static bool step_clock(tt_bus_loop *loop)
{
    const tt_timers *timers = loop->options.timers;
    int64_t next_ns = timers ? tt_timers_next(timers).ns : INT64_MAX;
    if (next_ns == INT64_MAX || turn_time(loop).ns < next_ns) {
        return false;
    }
    tt_time now = turn_time(loop);
    const tt_clock clock = {.tick = ++loop->clock_tick};
    const tt_bus_post post = {
        .topic = TT_TOPIC_CLOCK,
        .source = TT_SOURCE_HOST,
        .payload = &clock,
        .flags = TT_MSG_INPUT,
    };
    tt_mailbox_add(&loop->counts.clock_steps, 1);
    tt_bus_begin(loop->options.bus, now);
    (void)tt_bus_publish(loop->options.bus, &post, NULL); // a refusal is dead-lettered
    tt_loop_finish_step(loop, now);
    return true;
}

static uint32_t work_off(tt_bus_loop *loop)
{
    uint32_t steps = 0;
    loop->has_turn_time = false;
    while (steps < loop->options.batch_max && !loop->has_halted && take_one(loop)) {
        steps++;
    }
    if (steps != 0) {
        tt_inbox_settle(loop->options.inbox);
    } else if (!loop->has_halted && step_clock(loop)) {
        steps = 1;
    }
    tt_mailbox_add(&loop->counts.turns, 1);
    return steps;
}

/** Looks when it is time to. */
static void look(tt_bus_loop *loop)
{
    const tt_bus_loop_options *options = &loop->options;
    if (!options->look) {
        return;
    }
    int64_t now_ns = tt_timepiece_monotonic(options->clock).ns;
    if (now_ns >= loop->look_at_ns) {
        loop->look_at_ns = now_ns + options->look_every_ns;
        options->look(options->look_ctx, (tt_time){now_ns});
    }
}

tutti_status
tt_bus_loop_set_look(tt_bus_loop *loop, tt_loop_look_fn fn, void *ctx, int64_t look_every_ns)
{
    if (look_every_ns < 0) {
        return TUTTI_INVALID;
    }
    loop->options.look = fn;
    loop->options.look_ctx = ctx;
    loop->options.look_every_ns = look_every_ns != 0 ? look_every_ns : TT_NS_PER_S;
    loop->look_at_ns = INT64_MIN;
    return TUTTI_OK;
}

uint32_t tt_bus_loop_turn(tt_bus_loop *loop)
{
    if (atomic_load_explicit(&loop->state, memory_order_acquire) == LOOP_STOPPED) {
        return 0;
    }
    tt_loop_admit(loop);
    uint32_t steps = tt_loop_take_calls(loop) + work_off(loop);
    tt_loop_dismiss_closed(loop);
    look(loop);
    return steps;
}

static bool has_work(void *ctx)
{
    tt_bus_loop *loop = ctx;
    return tt_inbox_has_record(loop->options.inbox) ||
           atomic_load_explicit(&loop->is_stop_requested, memory_order_acquire) ||
           atomic_load_explicit(&loop->pending, memory_order_acquire) != NULL ||
           tt_loop_has_call(loop);
}

static int64_t span_until(int64_t at_ns, int64_t now_ns)
{
    return at_ns > now_ns ? at_ns - now_ns : 0;
}

/** How long nothing needs to happen: timers are due by the wall clock, looks by the steady one. */
static int64_t until_due(tt_bus_loop *loop)
{
    const tt_timepiece *clock = loop->options.clock;
    tt_time next = loop->options.timers ? tt_timers_next(loop->options.timers) : TT_TIME_NEVER;
    int64_t timer_ns = TT_IDLE_FOR_EVER;
    if (next.ns != INT64_MAX) {
        timer_ns = span_until(next.ns, tt_timepiece_wall(clock).ns);
    }
    if (!loop->options.look) {
        return timer_ns;
    }
    int64_t look_ns = span_until(loop->look_at_ns, tt_timepiece_monotonic(clock).ns);
    return look_ns < timer_ns ? look_ns : timer_ns;
}

/** A halted loop only waits for its stop. */
static bool is_stopping(void *ctx)
{
    tt_bus_loop *loop = ctx;
    return atomic_load_explicit(&loop->is_stop_requested, memory_order_acquire) != 0;
}

/** Its address tells a thread from all others that live. */
static _Thread_local char self;

bool tt_bus_loop_is_mine(const tt_bus_loop *loop)
{
    return atomic_load_explicit(&loop->owner, memory_order_relaxed) == (uintptr_t)&self;
}

static void *run(void *ctx)
{
    tt_bus_loop *loop = ctx;
    atomic_store_explicit(&loop->owner, (uintptr_t)&self, memory_order_relaxed);
    tt_park *park = tt_inbox_park(loop->options.inbox);
    while (!is_stopping(loop) && !loop->has_halted) {
        if (tt_bus_loop_turn(loop) == 0) {
            (void)tt_idle_wait(&loop->idle, park, until_due(loop), has_work, loop);
        }
    }
    if (loop->has_halted) {
        tt_loop_refuse_calls(loop);
        (void)tt_idle_wait(&loop->idle, park, TT_IDLE_FOR_EVER, is_stopping, loop);
    }
    tt_loop_wind_down(loop);
    atomic_store_explicit(&loop->owner, 0, memory_order_relaxed); // another may get that address
    return NULL;
}

tutti_status tt_bus_loop_start(tt_bus_loop *loop)
{
    uint32_t expected = LOOP_NEW;
    if (!atomic_compare_exchange_strong_explicit(
            &loop->state, &expected, LOOP_RUNNING, memory_order_acq_rel, memory_order_relaxed)) {
        return TUTTI_STATE;
    }
    if (tt_thread_start(&loop->thread, run, loop) != 0) {
        atomic_store_explicit(&loop->state, LOOP_NEW, memory_order_release);
        return TUTTI_LIMIT;
    }
    loop->has_thread = true;
    return TUTTI_OK;
}

void tt_bus_loop_stats_get(const tt_bus_loop *loop, tt_bus_loop_stats *ret_stats)
{
    const struct loop_counts *counts = &loop->counts;
    *ret_stats = (tt_bus_loop_stats){
        .turns = tt_mailbox_read(&counts->turns),
        .steps = tt_mailbox_read(&counts->steps),
        .posts = tt_mailbox_read(&counts->posts),
        .refused = tt_mailbox_read(&counts->refused),
        .dead_letters = tt_mailbox_read(&counts->dead_letters),
        .clock_steps = tt_mailbox_read(&counts->clock_steps),
        .duplicates = tt_mailbox_read(&counts->duplicates),
        .recalled = tt_mailbox_read(&counts->recalled),
        .dead_unsent = tt_mailbox_read(&counts->dead_unsent),
        .guarded = tt_mailbox_read(&counts->guarded),
        .redriven = tt_mailbox_read(&counts->redriven),
        .clock_back = tt_mailbox_read(&counts->clock_back),
    };
}
