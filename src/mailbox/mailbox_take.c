/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The consumer's side of a mailbox: take, done, failed.
 *
 * States of the hand: empty -> queued (taken from the queue) or retried (a retry that is due) ->
 * empty, by done or by a failure that found room. A message that turns out to be too old is in
 * hand, too, until it is handed back, but is never shown.
 */
#include "base/error.h"
#include "mailbox/mailbox_priv.h"

/** Tells the core that a message has left the queue. */
static void note_gone(tt_mailbox *box, uint64_t bytes)
{
    uint64_t gone_bytes = tt_mailbox_read(&box->user.gone_bytes);
    uint64_t gone = tt_mailbox_read(&box->user.gone);
    atomic_store_explicit(&box->user.gone, gone + 1, memory_order_release);
    atomic_store_explicit(&box->user.gone_bytes, gone_bytes + bytes, memory_order_release);
    if (box->policy != TT_MAILBOX_BLOCK) {
        return;
    }
    tt_barrier_light();
    if (atomic_load_explicit(&box->room.is_asleep, memory_order_relaxed) &&
        tt_mailbox_read(&box->core.accepted) - (gone + 1) <= box->count_max / 2) {
        tt_park_wake(&box->room); // not before half is free: a wake-up is dear
    }
}

/** Takes the oldest message of the queue into the hand. */
static bool take_queued(tt_mailbox *box)
{
    struct hand *hand = &box->user.hand;
    const tt_msg *msg = NULL;
    if (box->has_cells) {
        msg = tt_cells_take(&box->cells, &hand->slot);
    } else {
        uint32_t size = 0;
        const unsigned char *record = tt_ring_peek(&box->fifo, &size);
        msg = record ? (const tt_msg *)(const void *)(record + FIFO_PREFIX) : NULL;
    }
    if (!msg) {
        return false;
    }
    hand->msg = msg;
    hand->kind = HAND_QUEUED;
    hand->attempt = 1;
    note_gone(box, tt_msg_bytes(msg));
    return true;
}

/** Takes a retry that is due into the hand. */
static bool take_retry(tt_mailbox *box, int64_t now_ns)
{
    struct retry *retry = tt_mailbox_due(box, now_ns);
    if (!retry) {
        return false;
    }
    box->user.hand = (struct hand){
        .msg = (const tt_msg *)(const void *)retry->msg,
        .retry = retry,
        .attempt = retry->attempts + 1,
        .kind = HAND_RETRIED,
    };
    tt_mailbox_add(&box->user.retried, 1);
    return true;
}

/** Gives the room of the message in hand back. */
static void empty_hand(tt_mailbox *box)
{
    struct hand *hand = &box->user.hand;
    if (hand->kind == HAND_RETRIED && hand->retry) {
        tt_mailbox_forget(box, hand->retry);
    } else if (hand->kind == HAND_QUEUED && box->has_cells) {
        tt_cells_return(&box->cells, hand->slot);
    } else if (hand->kind == HAND_QUEUED) {
        tt_ring_release(&box->fifo);
    }
    *hand = (struct hand){0};
}

/** Strictly older than its time to live. */
static bool is_expired(const tt_mailbox *box, const tt_msg *msg)
{
    if (msg->ttl_ms == 0) {
        return false;
    }
    int64_t age_ns = tt_timepiece_wall(box->idle.clock).ns - msg->time.ns;
    return age_ns > (int64_t)msg->ttl_ms * TT_NS_PER_MS;
}

/** Hands an expired message back; false while there is no room for it. */
static bool give_up_expired(tt_mailbox *box)
{
    struct hand *hand = &box->user.hand;
    hand->is_expired = true;
    const tt_dead_report report = {
        .reason = TT_dead_reason_EXPIRED,
        .attempts = hand->attempt - 1,
        .text = "not delivered: too old when it was to be taken",
    };
    tt_dead_report named = report;
    TT_TEXT_SET(named.handler, box->name);
    if (tt_inbox_post_dead(box->dead_letters, hand->msg, &named) == TUTTI_LIMIT) {
        return false;
    }
    // When the inbox is closed the count alone remains.
    empty_hand(box);
    uint64_t expired = tt_mailbox_read(&box->user.expired);
    atomic_store_explicit(&box->user.expired, expired + 1, memory_order_release);
    return true;
}

/** Takes the next message that is not too old into the hand. */
static bool take_next(tt_mailbox *box)
{
    if (box->user.next_due_ns != INT64_MAX) {
        tt_mailbox_flush_dead(box);
        if (take_retry(box, tt_timepiece_monotonic(box->idle.clock).ns)) {
            return true;
        }
    }
    if (box->user.hand.is_expired && !give_up_expired(box)) {
        return false;
    }
    while (take_queued(box)) {
        if (!is_expired(box, box->user.hand.msg)) {
            return true;
        }
        if (!give_up_expired(box)) {
            return false;
        }
    }
    return false;
}

static bool has_end(const tt_mailbox *box, bool was_draining)
{
    return (
        was_draining && box->user.next_due_ns == INT64_MAX && box->user.hand.kind == HAND_EMPTY);
}

static tutti_status take_inside(tt_mailbox *box, const tt_msg **ret_msg)
{
    if (box->user.hand.kind != HAND_EMPTY && !box->user.hand.is_expired) {
        return TUTTI_STATE;
    }
    // Asked first: what was put before the drain began is then seen below.
    bool was_draining = atomic_load_explicit(&box->is_draining, memory_order_acquire) != 0;
    if (!take_next(box)) {
        return has_end(box, was_draining) ? TUTTI_END : TUTTI_NOT_FOUND;
    }
    tt_mailbox_add(&box->user.taken, 1);
    *ret_msg = box->user.hand.msg;
    return TUTTI_OK;
}

tutti_status tt_mailbox_take_try(tt_mailbox *box, const tt_msg **ret_msg)
{
    if (atomic_load_explicit(&box->is_closed, memory_order_acquire) ||
        !tt_section_enter(&box->gate)) {
        return TUTTI_END;
    }
    tutti_status status = take_inside(box, ret_msg);
    tt_section_leave(&box->gate);
    return status;
}

/** One attempt after the other. */
struct take_wait {
    tt_mailbox *box;
    const tt_msg **ret_msg;
    tutti_status status;
};

static bool take_again(void *ctx)
{
    struct take_wait *wait = ctx;
    wait->status = tt_mailbox_take_try(wait->box, wait->ret_msg);
    return wait->status != TUTTI_NOT_FOUND;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/** How long to sleep at most before something is due on this side. */
static int64_t until_due(const tt_mailbox *box, int64_t now_ns)
{
    int64_t due_ns = box->user.next_due_ns;
    if (box->user.hand.is_expired) {
        return TT_NS_PER_MS; // room in the inbox makes nobody wake us
    }
    if (due_ns == INT64_MAX) {
        return INT64_MAX;
    }
    return due_ns > now_ns ? due_ns - now_ns : TT_NS_PER_MS;
}

static tutti_status take_within(tt_mailbox *box, int64_t limit_ns, const tt_msg **ret_msg)
{
    struct take_wait wait = {.box = box, .ret_msg = ret_msg};
    if (take_again(&wait)) {
        return wait.status;
    }
    int64_t start_ns = tt_timepiece_monotonic(box->idle.clock).ns;
    int64_t now_ns = start_ns;
    while (now_ns - start_ns < limit_ns) {
        int64_t left_ns = least(limit_ns - (now_ns - start_ns), until_due(box, now_ns));
        if (tt_idle_wait(&box->idle, &box->ready, left_ns, take_again, &wait)) {
            return wait.status;
        }
        now_ns = tt_timepiece_monotonic(box->idle.clock).ns;
    }
    return TUTTI_TIMEOUT;
}

tutti_status tt_mailbox_take_timed(tt_mailbox *box, tt_dur limit, const tt_msg **ret_msg)
{
    return take_within(box, limit.ns, ret_msg);
}

tutti_status tt_mailbox_take_wait(tt_mailbox *box, const tt_msg **ret_msg)
{
    return take_within(box, TT_IDLE_FOR_EVER, ret_msg);
}

uint32_t tt_mailbox_attempt(const tt_mailbox *box)
{
    return box->user.hand.attempt;
}

static bool holds_one(const tt_mailbox *box)
{
    return box->user.hand.kind != HAND_EMPTY && !box->user.hand.is_expired;
}

static tutti_status done_inside(tt_mailbox *box)
{
    if (!holds_one(box)) {
        return TUTTI_STATE;
    }
    empty_hand(box);
    uint64_t done = tt_mailbox_read(&box->user.done);
    atomic_store_explicit(&box->user.done, done + 1, memory_order_release);
    return TUTTI_OK;
}

tutti_status tt_mailbox_done(tt_mailbox *box)
{
    if (!tt_section_enter(&box->gate)) {
        return TUTTI_STATE;
    }
    tutti_status status = done_inside(box);
    tt_section_leave(&box->gate);
    return status;
}

static tutti_status failed_inside(tt_mailbox *box, const char *reason)
{
    if (!holds_one(box)) {
        return TUTTI_STATE;
    }
    if (!tt_mailbox_keep(box, box->user.hand.msg, TT_dead_reason_HANDLER_FAILED, reason)) {
        return TUTTI_LIMIT;
    }
    empty_hand(box);
    tt_mailbox_add(&box->user.failed, 1);
    return TUTTI_OK;
}

tutti_status tt_mailbox_failed(tt_mailbox *box, const char *reason)
{
    if (!tt_section_enter(&box->gate)) {
        return TUTTI_STATE;
    }
    tutti_status status = failed_inside(box, reason);
    tt_section_leave(&box->gate);
    return status;
}
