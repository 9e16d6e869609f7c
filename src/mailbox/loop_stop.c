/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The end of a loop: nothing new comes in, what was accepted is worked off, the mailboxes are
 * emptied, all within a time limit; the rest is reported and dead-lettered.
 */
#include "base/error.h"
#include "mailbox/loop_priv.h"

#include <sched.h>
#include <string.h>

/** For threads that were interrupted in the middle of a post or a take when the limit passed. */
static const int64_t grace_ns = 200 * TT_NS_PER_MS;
/** Nobody wakes the loop when a mailbox becomes empty. */
static const int64_t look_ns = 200 * TT_NS_PER_US;

static tt_undelivered *find_row(tt_loop_report *report, const char *mailbox, uint16_t topic)
{
    for (uint32_t i = 0; i < report->row_count; i++) {
        tt_undelivered *row = &report->rows[i];
        if (row->topic == topic && strcmp(row->mailbox, mailbox) == 0) {
            return row;
        }
    }
    if (report->row_count == TT_LOOP_REPORT_ROWS) {
        return NULL;
    }
    tt_undelivered *row = &report->rows[report->row_count++];
    row->topic = topic;
    TT_TEXT_SET(row->mailbox, mailbox);
    return row;
}

void tt_loop_note_undelivered(tt_bus_loop *loop, const char *mailbox, uint16_t topic, tt_seq seq)
{
    loop->report.total++;
    tt_undelivered *row = find_row(&loop->report, mailbox, topic);
    if (!row) {
        loop->report.unlisted++;
        return;
    }
    row->count++;
    row->first_seq = row->first_seq == 0 || seq < row->first_seq ? seq : row->first_seq;
    row->last_seq = seq > row->last_seq ? seq : row->last_seq;
}

static int64_t monotonic_ns(const tt_bus_loop *loop)
{
    return tt_timepiece_monotonic(loop->options.clock).ns;
}

static bool is_late(const tt_bus_loop *loop, int64_t beyond_ns)
{
    int64_t deadline_ns = atomic_load_explicit(&loop->deadline_ns, memory_order_acquire);
    return deadline_ns != INT64_MAX && monotonic_ns(loop) - deadline_ns >= beyond_ns;
}

/** Reports a post that never became a message. */
static void bury_post(tt_bus_loop *loop, tt_time now, const tt_bus_post *post)
{
    const tt_msg never = {
        .topic = (uint16_t)post->topic,
        .source = (uint16_t)post->source,
        .correlation = post->correlation,
    };
    const tt_dead_report report = {
        .reason = TT_dead_reason_UNDELIVERED_AT_STOP,
        .handler = "inbox",
        .text = "not delivered: the bus stopped before it was published",
    };
    tt_loop_note_undelivered(loop, "inbox", never.topic, 0);
    tt_loop_step_dead(loop, now, &report, &never);
}

/** Takes what is left in the inbox when there is no time for it any more. */
static void bury_inbox(tt_bus_loop *loop)
{
    tt_inbox *inbox = loop->options.inbox;
    tt_time now = tt_loop_now(loop);
    while (!tt_inbox_is_drained(inbox)) {
        tt_inbox_record record;
        if (!tt_inbox_peek(inbox, &record)) {
            if (is_late(loop, grace_ns)) {
                tt_loop_note_undelivered(loop, "inbox", TT_TOPIC_NONE, 0);
                return; // a thread has died in the middle of a post
            }
            (void)sched_yield();
            continue;
        }
        if (record.kind == TT_INBOX_DEAD) {
            tt_loop_step_dead(loop, now, &record.dead_report, record.dead);
        } else {
            bury_post(loop, now, &record.post);
        }
        tt_inbox_release(inbox);
    }
}

static bool has_own(tt_bus_loop *loop)
{
    uint32_t size = 0;
    return tt_ring_peek(&loop->own, &size) != NULL;
}

/** Works off what was accepted, as long as there is time. */
static void work_off_rest(tt_bus_loop *loop)
{
    while (!loop->has_halted && !is_late(loop, 0)) {
        if (tt_bus_loop_turn(loop) > 0) {
            continue;
        }
        if (!has_own(loop) && tt_inbox_is_drained(loop->options.inbox)) {
            return;
        }
        (void)sched_yield(); // a post is on its way
    }
}

static bool are_idle(void *ctx)
{
    tt_bus_loop *loop = ctx;
    for (uint32_t i = 0; i < loop->box_count; i++) {
        const tt_mailbox *box = loop->boxes[i];
        if (box && !atomic_load_explicit(&box->is_closed, memory_order_acquire) &&
            !tt_mailbox_is_idle(box)) {
            return false;
        }
    }
    return true;
}

/** Waits for the consumers; the limit may be named while the loop waits. */
static void wait_for_mailboxes(tt_bus_loop *loop)
{
    for (uint32_t i = 0; i < loop->box_count; i++) {
        if (loop->boxes[i]) {
            tt_mailbox_drain(loop->boxes[i]);
        }
    }
    tt_idle_options idle = loop->idle;
    idle.park_max_ns = look_ns;
    tt_park *park = tt_inbox_park(loop->options.inbox);
    while (!is_late(loop, 0) && !tt_idle_wait(&idle, park, look_ns, are_idle, loop)) {
    }
}

/** Who is told what a mailbox still held. */
struct burial {
    tt_bus_loop *loop;
    const tt_mailbox *box;
    tt_time now;
};

static void bury_message(void *ctx, const tt_msg *msg, uint32_t attempts)
{
    const struct burial *burial = ctx;
    tt_dead_report report = {
        .reason = TT_dead_reason_UNDELIVERED_AT_STOP,
        .attempts = attempts,
        .text = "not delivered: the bus stopped before the mailbox was empty",
    };
    TT_TEXT_SET(report.handler, burial->box->name);
    tt_loop_note_undelivered(burial->loop, burial->box->name, msg->topic, msg->seq);
    if (msg->topic == TT_TOPIC_DEAD_LETTERS) {
        tt_mailbox_add(&burial->loop->counts.dead_unsent, 1);
        return;
    }
    tt_loop_step_dead(burial->loop, burial->now, &report, msg);
}

static void bury_mailbox(tt_bus_loop *loop, tt_mailbox *box)
{
    struct burial burial = {.loop = loop, .box = box, .now = tt_loop_now(loop)};
    int64_t since_ns = monotonic_ns(loop);
    while (!tt_mailbox_harvest(box, bury_message, &burial)) {
        if (monotonic_ns(loop) - since_ns > grace_ns) {
            // A thread has died inside of a call: what the box holds cannot be looked at.
            tt_loop_note_undelivered(loop, box->name, TT_TOPIC_NONE, 0);
            return;
        }
        (void)sched_yield();
    }
}

/** Dead letters of the loop itself that no turn has taken. */
static void bury_own(tt_bus_loop *loop)
{
    uint32_t size = 0;
    tt_time now = tt_loop_now(loop);
    const tt_dead_report *own = NULL;
    while ((own = tt_ring_peek(&loop->own, &size)) != NULL) {
        tt_loop_step_dead(loop, now, own, (const tt_msg *)(const void *)(own + 1));
        tt_ring_release(&loop->own);
    }
}

void tt_loop_wind_down(tt_bus_loop *loop)
{
    work_off_rest(loop);
    tt_loop_refuse_calls(loop);
    tt_loop_admit_no_more(loop);
    bury_inbox(loop);
    bury_own(loop);
    wait_for_mailboxes(loop);
    for (uint32_t i = 0; i < loop->box_count; i++) {
        if (loop->boxes[i]) {
            bury_mailbox(loop, loop->boxes[i]);
        }
    }
    bury_own(loop);
    loop->report.is_complete = loop->report.total == 0 && !loop->has_halted;
    loop->report.unsent = tt_mailbox_read(&loop->counts.dead_unsent);
    atomic_store_explicit(&loop->state, LOOP_STOPPED, memory_order_release);
    tt_park_wake(&loop->stopped);
}

void tt_bus_loop_request_stop(tt_bus_loop *loop)
{
    tt_inbox_close(loop->options.inbox);
    atomic_store_explicit(&loop->is_stop_requested, 1, memory_order_release);
    tt_park_wake(tt_inbox_park(loop->options.inbox));
}

static bool has_stopped(void *ctx)
{
    const tt_bus_loop *loop = ctx;
    return atomic_load_explicit(&loop->state, memory_order_acquire) == LOOP_STOPPED;
}

tutti_status tt_bus_loop_stop(tt_bus_loop *loop, tt_dur limit, tt_loop_report *ret_report)
{
    int64_t deadline_ns = monotonic_ns(loop) + limit.ns;
    atomic_store_explicit(&loop->deadline_ns, deadline_ns, memory_order_release);
    tt_bus_loop_request_stop(loop);
    if (atomic_exchange_explicit(&loop->is_stop_claimed, 1, memory_order_acq_rel)) {
        (void)tt_idle_wait(&loop->idle, &loop->stopped, TT_IDLE_FOR_EVER, has_stopped, loop);
    } else if (loop->has_thread) {
        (void)pthread_join(loop->thread, NULL);
    } else {
        tt_loop_wind_down(loop);
    }
    *ret_report = loop->report;
    if (loop->report.has_halted) {
        return TUTTI_STATE;
    }
    return loop->report.is_complete ? TUTTI_OK : TUTTI_TIMEOUT;
}
