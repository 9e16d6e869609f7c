/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The loop and its mailboxes: who wants a message, and what happens when it is not taken.
 *
 * Which mailboxes may want a topic is worked out once for each topic, patterns included; each
 * message then costs one look at a word.
 */
#include "base/error.h"
#include "mailbox/loop_priv.h"

#include <string.h>

/** Stands in `pending` once no mailbox is let in any more. */
static tt_mailbox no_more;

tutti_status tt_bus_loop_reserve(tt_bus_loop *loop)
{
    if (atomic_fetch_add_explicit(&loop->attached_count, 1, memory_order_relaxed) >=
        TT_LOOP_MAILBOXES_MAX) {
        tt_bus_loop_unreserve(loop);
        return TUTTI_LIMIT;
    }
    return TUTTI_OK;
}

void tt_bus_loop_unreserve(tt_bus_loop *loop)
{
    (void)atomic_fetch_sub_explicit(&loop->attached_count, 1, memory_order_relaxed);
}

tutti_status tt_bus_loop_attach(tt_bus_loop *loop, tt_mailbox *box)
{
    TUTTI_TRY(tt_bus_loop_reserve(loop));
    tutti_status status = tt_bus_loop_attach_reserved(loop, box);
    if (status != TUTTI_OK) {
        tt_bus_loop_unreserve(loop);
    }
    return status;
}

tutti_status tt_bus_loop_attach_reserved(tt_bus_loop *loop, tt_mailbox *box)
{
    if (atomic_exchange_explicit(&box->is_attached, 1, memory_order_acq_rel)) {
        return TUTTI_STATE;
    }
    tt_mailbox *first = atomic_load_explicit(&loop->pending, memory_order_acquire);
    do {
        if (first == &no_more) {
            return TUTTI_STATE;
        }
        box->next = first;
    } while (!atomic_compare_exchange_weak_explicit(
        &loop->pending, &first, box, memory_order_acq_rel, memory_order_acquire));
    tt_park_wake(tt_inbox_park(loop->options.inbox));
    return TUTTI_OK;
}

/** Takes in a list whose newest is first; the oldest gets the lowest place. */
static void admit_list(tt_bus_loop *loop, tt_mailbox *newest)
{
    tt_mailbox *oldest = NULL;
    while (newest) {
        tt_mailbox *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    for (; oldest; oldest = oldest->next) {
        TT_ASSERT(loop->box_count < TT_LOOP_MAILBOXES_MAX);
        loop->boxes[loop->box_count++] = oldest;
    }
}

void tt_loop_admit(tt_bus_loop *loop)
{
    if (atomic_load_explicit(&loop->pending, memory_order_relaxed) != NULL) {
        admit_list(loop, atomic_exchange_explicit(&loop->pending, NULL, memory_order_acq_rel));
    }
}

void tt_loop_admit_no_more(tt_bus_loop *loop)
{
    admit_list(loop, atomic_exchange_explicit(&loop->pending, &no_more, memory_order_acq_rel));
}

static bool
is_about(const tt_registry *registry, const struct subscription *subscription, uint16_t topic)
{
    if (subscription->rule.topic != TT_TOPIC_NONE) {
        return (uint16_t)subscription->rule.topic == topic;
    }
    const tt_topic_info *info = tt_registry_topic(registry, topic);
    return info && tt_pattern_matches(&subscription->pattern, info->name, strlen(info->name));
}

static bool may_want(const tt_registry *registry, const tt_mailbox *box, uint16_t topic)
{
    for (uint32_t i = 0; i < box->subscription_count; i++) {
        if (is_about(registry, &box->subscriptions[i], topic)) {
            return true;
        }
    }
    return false;
}

/** Bit i: boxes[i] may want the topic. */
static uint64_t wanted_by(tt_bus_loop *loop, uint16_t topic)
{
    uint64_t all = loop->box_count == 64 ? UINT64_MAX : (UINT64_C(1) << loop->box_count) - 1;
    uint64_t unknown = all & ~loop->known_for[topic];
    const tt_registry *registry = tt_bus_registry(loop->options.bus);
    for (; unknown != 0; unknown &= unknown - 1) {
        uint32_t place = (uint32_t)__builtin_ctzll(unknown);
        if (loop->boxes[place] && may_want(registry, loop->boxes[place], topic)) {
            loop->wanted_by[topic] |= UINT64_C(1) << place;
        }
    }
    loop->known_for[topic] = all;
    return loop->wanted_by[topic];
}

/** Asks the filter of a subscription. */
static bool passes(tt_mailbox *box, const tt_mailbox_subscription *rule, const tt_msg *msg)
{
    if (!rule->want) {
        return true;
    }
    tt_bus_match match = rule->want(rule->ctx, msg);
    if (match == TT_BUS_MATCH_FAILED) {
        tt_mailbox_add(&box->core.filter_failed, 1);
    }
    return match == TT_BUS_MATCH_YES;
}

static bool fits(const struct subscription *subscription, const tt_msg *msg)
{
    const tt_mailbox_subscription *rule = &subscription->rule;
    return !atomic_load_explicit(&subscription->is_ended, memory_order_acquire) &&
           (rule->key == 0 || rule->key == msg->key) &&
           (rule->source == TT_SOURCE_NONE || rule->source == msg->source) &&
           (msg->target == TT_SOURCE_NONE || msg->target == rule->address) &&
           rule->priority_min <= msg->priority;
}

/** For a mailbox that may want the topic: with one subscription it does. */
static bool wants(const tt_registry *registry, tt_mailbox *box, const tt_msg *msg)
{
    for (uint32_t i = 0; i < box->subscription_count; i++) {
        const struct subscription *subscription = &box->subscriptions[i];
        if (fits(subscription, msg) &&
            (box->subscription_count == 1 || is_about(registry, subscription, msg->topic)) &&
            passes(box, &subscription->rule, msg)) {
            return true;
        }
    }
    return false;
}

/** Leaves a dead letter for later: it is an input, and so a step of its own. */
static void
leave_dead(tt_bus_loop *loop, const char *mailbox, const tt_msg *msg, const tt_dead_report *report)
{
    tt_dead_report named = *report;
    TT_TEXT_SET(named.handler, mailbox);
    void *place = NULL;
    uint32_t size = (uint32_t)(sizeof named + tt_msg_bytes(msg));
    // A dead letter about a dead letter could go on for ever.
    if (msg->topic == TT_TOPIC_DEAD_LETTERS ||
        tt_ring_claim(&loop->own, size, &place) != TUTTI_OK) {
        tt_mailbox_add(&loop->counts.dead_unsent, 1);
        return;
    }
    memcpy(place, &named, sizeof named);
    memcpy((unsigned char *)place + sizeof named, msg, tt_msg_bytes(msg));
    tt_ring_commit(&loop->own, size);
}
_Static_assert(
    (8 + sizeof(tt_dead_report)) % 16 == 0, "the message behind the report is aligned to 16");

static void put(tt_bus_loop *loop, tt_mailbox *box, const tt_msg *msg)
{
    static const tt_dead_report full = {
        .reason = TT_dead_reason_MAILBOX_FULL,
        .text = "the mailbox is full",
    };
    switch (tt_mailbox_put_msg(box, msg)) {
    case TT_MAILBOX_PUT_TAKEN:
        return;
    case TT_MAILBOX_PUT_OVERFLOW:
        leave_dead(loop, box->name, msg, &full);
        return;
    case TT_MAILBOX_PUT_HALT:
        tt_loop_note_undelivered(loop, box->name, msg->topic, msg->seq);
        tt_loop_halt(loop, "the mailbox is full", box->name);
        return;
    }
}

void tt_loop_feed(tt_bus_loop *loop, const tt_msg *msg)
{
    // The key of a post is for the record: who asked for all topics did not ask for it.
    uint64_t left = msg->topic == TT_TOPIC_POST_KEYS ? 0 : wanted_by(loop, msg->topic);
    if (left != 0 && tt_bus_is_blocked(loop->options.bus, msg->correlation)) {
        tt_mailbox_add(&loop->counts.guarded, 1);
        return;
    }
    const tt_registry *registry = tt_bus_registry(loop->options.bus);
    for (; left != 0; left &= left - 1) {
        tt_mailbox *box = loop->boxes[__builtin_ctzll(left)];
        if (box && wants(registry, box, msg)) {
            put(loop, box, msg);
        }
    }
}

/** Mailbox of a name that takes messages, or NULL. */
static tt_mailbox *find_box(const tt_bus_loop *loop, const char *name)
{
    for (uint32_t i = 0; i < loop->box_count; i++) {
        tt_mailbox *box = loop->boxes[i];
        if (box && strcmp(box->name, name) == 0 &&
            !atomic_load_explicit(&box->is_closed, memory_order_acquire)) {
            return box;
        }
    }
    return NULL;
}

bool tt_loop_has_box(const tt_bus_loop *loop, const char *name)
{
    return find_box(loop, name) != NULL;
}

bool tt_loop_has_place(const tt_bus_loop *loop, const tt_bus_dead *dead)
{
    tt_mailbox *box = find_box(loop, dead->handler);
    tt_msg msg = dead->head;
    msg.size = (uint16_t)dead->payload_size;
    return box && tt_mailbox_has_place(box, &msg);
}

bool tt_bus_loop_has_place(const tt_bus_loop *loop, uint64_t dead_id)
{
    tt_bus_dead dead;
    return tt_bus_dead_get(loop->options.bus, dead_id, &dead, NULL) != TUTTI_OK ||
           !dead.is_outside || tt_loop_has_place(loop, &dead);
}

/** One dead letter goes to its mailbox again, or becomes one anew. */
static void redrive_one(tt_bus_loop *loop, const tt_bus_dead *dead, const tt_msg *msg)
{
    tt_dead_report again = {.reason = dead->reason, .attempts = dead->attempts};
    tt_mailbox *box = find_box(loop, dead->handler);
    if (!box) {
        TT_TEXT_SET(again.text, "the mailbox has just been closed");
        leave_dead(loop, dead->handler, msg, &again);
    } else if (tt_bus_is_blocked(loop->options.bus, msg->correlation)) {
        TT_TEXT_SET(again.text, "its correlation is blocked: unblock it, then redrive again");
        tt_mailbox_add(&loop->counts.guarded, 1);
        leave_dead(loop, dead->handler, msg, &again);
    } else {
        tt_mailbox_add(&loop->counts.redriven, 1);
        put(loop, box, msg);
    }
}

void tt_loop_redrive(tt_bus_loop *loop)
{
    _Alignas(16) unsigned char copy[TT_MSG_BYTES_MAX];
    tt_bus_dead dead = {0};
    while (tt_bus_redriven_next(loop->options.bus, dead.id, &dead, copy)) {
        redrive_one(loop, &dead, (const tt_msg *)(const void *)copy);
    }
}

/** Who is told what a dismissed mailbox still held. */
struct dismissal {
    tt_bus_loop *loop;
    const tt_mailbox *box;
};

static void bury(void *ctx, const tt_msg *msg, uint32_t attempts)
{
    const struct dismissal *dismissal = ctx;
    const tt_dead_report report = {
        .reason = TT_dead_reason_UNDELIVERED_AT_STOP,
        .attempts = attempts,
        .text = "not delivered: the mailbox was closed",
    };
    tt_loop_note_undelivered(dismissal->loop, dismissal->box->name, msg->topic, msg->seq);
    leave_dead(dismissal->loop, dismissal->box->name, msg, &report);
}

void tt_loop_dismiss_closed(tt_bus_loop *loop)
{
    for (uint32_t i = 0; i < loop->box_count; i++) {
        tt_mailbox *box = loop->boxes[i];
        if (!box || !atomic_load_explicit(&box->is_closed, memory_order_acquire)) {
            continue;
        }
        struct dismissal dismissal = {.loop = loop, .box = box};
        if (tt_mailbox_harvest(box, bury, &dismissal)) {
            loop->boxes[i] = NULL;
        }
    }
}
