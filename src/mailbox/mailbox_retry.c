/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Failed messages on the consumer's side: kept for the next try, and handed back after the last.
 */
#include "base/error.h"
#include "mailbox/mailbox_priv.h"

#include <string.h>

static const tt_msg *msg_of(const struct retry *retry)
{
    return (const tt_msg *)(const void *)retry->msg;
}

/** Finds when the next retry is due; a dead one wants to be handed back at once. */
static void find_next_due(tt_mailbox *box)
{
    int64_t next = INT64_MAX;
    for (uint32_t i = 0; i < box->retries_max; i++) {
        const struct retry *retry = &box->retries[i];
        if (retry->is_used && retry->due_ns < next) {
            next = retry->due_ns;
        }
    }
    box->user.next_due_ns = next;
}

void tt_mailbox_forget(tt_mailbox *box, struct retry *retry)
{
    retry->is_used = false;
    tt_mailbox_add(&box->user.retrying, (uint64_t)0 - 1);
    find_next_due(box);
}

struct retry *tt_mailbox_due(const tt_mailbox *box, int64_t now_ns)
{
    struct retry *first = NULL;
    for (uint32_t i = 0; i < box->retries_max; i++) {
        struct retry *retry = &box->retries[i];
        if (retry->is_used && !retry->is_dead && retry->due_ns <= now_ns &&
            (!first || retry->due_ns < first->due_ns)) {
            first = retry;
        }
    }
    return first;
}

/** The place where the message in hand is kept already, or a free one with a copy; NULL when all
 * are in use. */
static struct retry *place_for(tt_mailbox *box, const tt_msg *msg)
{
    struct hand *hand = &box->user.hand;
    if (hand->kind == HAND_RETRIED) {
        struct retry *retry = hand->retry;
        hand->retry = NULL; // it stays when the hand is emptied
        return retry;
    }
    for (uint32_t i = 0; i < box->retries_max; i++) {
        struct retry *retry = &box->retries[i];
        if (!retry->is_used) {
            retry->is_used = true;
            memcpy(retry->msg, msg, tt_msg_bytes(msg));
            tt_mailbox_add(&box->user.retrying, 1);
            return retry;
        }
    }
    return NULL;
}

static tutti_status hand_back(
    tt_mailbox *box, const tt_msg *msg, uint32_t attempts, tt_dead_reason reason, const char *text)
{
    tt_dead_report report = {.reason = reason, .attempts = attempts};
    TT_TEXT_SET(report.handler, box->name);
    TT_TEXT_SET(report.text, text);
    TUTTI_TRY(tt_inbox_post_dead(box->dead_letters, msg, &report));
    uint64_t dead = tt_mailbox_read(&box->user.dead_lettered);
    atomic_store_explicit(&box->user.dead_lettered, dead + 1, memory_order_release);
    return TUTTI_OK;
}

/** Keeps a message that no try is left for until there is room in the inbox. */
static bool keep_dead(tt_mailbox *box, const tt_msg *msg, tt_dead_reason reason, const char *text)
{
    uint32_t attempts = box->user.hand.attempt;
    if (hand_back(box, msg, attempts, reason, text) == TUTTI_OK) {
        return true;
    }
    struct retry *retry = place_for(box, msg);
    if (!retry) {
        return false;
    }
    retry->attempts = attempts;
    retry->is_dead = true;
    retry->due_ns = INT64_MIN;
    retry->reason = reason;
    TT_TEXT_SET(retry->text, text);
    find_next_due(box);
    return true;
}

bool tt_mailbox_keep(tt_mailbox *box, const tt_msg *msg, tt_dead_reason reason, const char *text)
{
    uint32_t attempts = box->user.hand.attempt;
    if (attempts > box->rule.count) {
        return keep_dead(box, msg, reason, text);
    }
    struct retry *retry = place_for(box, msg);
    if (!retry) {
        // Too many wait already: it is given up early rather than holding those behind it.
        return keep_dead(box, msg, reason, text);
    }
    retry->attempts = attempts;
    retry->is_dead = false;
    retry->due_ns = tt_timepiece_monotonic(box->idle.clock).ns + box->rule.delay_ns[attempts - 1];
    find_next_due(box);
    return true;
}

void tt_mailbox_flush_dead(tt_mailbox *box)
{
    for (uint32_t i = 0; i < box->retries_max; i++) {
        struct retry *retry = &box->retries[i];
        if (!retry->is_used || !retry->is_dead) {
            continue;
        }
        tutti_status status =
            hand_back(box, msg_of(retry), retry->attempts, retry->reason, retry->text);
        if (status != TUTTI_OK) {
            return;
        }
        tt_mailbox_forget(box, retry);
    }
}
