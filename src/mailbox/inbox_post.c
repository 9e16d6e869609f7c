/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Posting: checks, limits, the way into a ring; and how a record lies in it.
 */
#include "base/error.h"
#include "base/uuid.h"
#include "mailbox/inbox_priv.h"

#include <string.h>

static void count(const tt_publisher *publisher, _Atomic uint64_t *counter)
{
    if (publisher->is_shared) {
        (void)atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
        return;
    }
    uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, value + 1, memory_order_relaxed);
}

static bool has_extra(const tt_bus_post *post)
{
    return post->cause != 0 || post->ttl_ms != 0 || !tt_uuid_is_zero(post->correlation) ||
           !tt_uuid_is_zero(post->idempotency);
}

static const tt_layout *layout_of(uint32_t topic)
{
    return tt_topic_info_get((uint16_t)topic)->layout;
}

/** Finds the size of the payload of a built-in topic and checks it as far as is asked for. */
static tutti_status
check_payload(const tt_inbox *inbox, uint32_t topic, const void *payload, uint32_t *size)
{
    const struct inbox_topic *known = &inbox->topics[topic];
    if (!known->is_input) {
        return TUTTI_INVALID;
    }
    uint32_t used = known->size;
    if (used == 0) {
        used = tt_layout_used_size(layout_of(topic), payload);
    }
    if (used == 0 || (*size != 0 && *size != used)) {
        return TUTTI_INVALID;
    }
    *size = used;
    return inbox->is_unchecked ? TUTTI_OK : tt_payload_check(layout_of(topic), payload, used, NULL);
}

/** Fills a head from a post; TUTTI_INVALID for one that no bus would take. */
static tutti_status make_head(
    const tt_publisher *publisher, const tt_bus_post *post, uint32_t size, struct post_head *head)
{
    const tt_inbox *inbox = publisher->inbox;
    uint32_t source = post->source != TT_SOURCE_NONE ? (uint32_t)post->source : publisher->source;
    bool is_own_source = publisher->source == TT_SOURCE_NONE || source == publisher->source;
    uint32_t topic = (uint32_t)post->topic;
    if (topic == TT_TOPIC_NONE || topic >= inbox->topics_max || topic == TT_TOPIC_DEAD_LETTERS ||
        source == TT_SOURCE_NONE || source > UINT16_MAX || !is_own_source || !post->payload ||
        post->priority >= TT_priority_COUNT || (uint32_t)post->target > UINT16_MAX) {
        return TUTTI_INVALID;
    }
    if (inbox->topics[topic].is_built_in) {
        TUTTI_TRY(check_payload(inbox, topic, post->payload, &size));
    }
    if (size == 0 || size > TT_PAYLOAD_MAX || size % 16 != 0) {
        return TUTTI_INVALID;
    }
    *head = (struct post_head){
        .key = post->key,
        .topic = (uint16_t)topic,
        .source = (uint16_t)source,
        .payload_size = (uint16_t)size,
        .priority = post->priority,
        .flags = post->flags,
        .kind = TT_INBOX_POST,
        .has_extra = has_extra(post),
        .target = (uint16_t)post->target,
        .msg_kind = post->kind,
    };
    return TUTTI_OK;
}

/** What one attempt to post needs. */
struct attempt {
    tt_publisher *publisher;
    const struct post_head *head;
    const void *parts[2]; /**< Behind the head: payload and extra, or texts and message. */
    uint32_t sizes[2];
    uint8_t lane;
    tutti_status status;
};

static void fill(unsigned char *place, const struct attempt *attempt)
{
    memcpy(place, attempt->head, sizeof *attempt->head);
    place += sizeof *attempt->head;
    memcpy(place, attempt->parts[0], attempt->sizes[0]);
    if (attempt->sizes[1] > 0) {
        memcpy(place + attempt->sizes[0], attempt->parts[1], attempt->sizes[1]);
    }
}

static uint32_t record_size(const struct attempt *attempt)
{
    return (uint32_t)sizeof *attempt->head + attempt->sizes[0] + attempt->sizes[1];
}

static tutti_status push_own(tt_publisher *publisher, const struct attempt *attempt)
{
    if (!tt_section_enter(&publisher->gate)) {
        return TUTTI_STATE;
    }
    void *place = NULL;
    uint32_t size = record_size(attempt);
    tutti_status status = tt_ring_claim(&publisher->ring, size, &place);
    if (status == TUTTI_OK) {
        fill(place, attempt);
        tt_ring_commit(&publisher->ring, size);
    }
    tt_section_leave(&publisher->gate);
    return status;
}

static tutti_status push_shared(tt_mpsc *ring, const struct attempt *attempt)
{
    void *place = NULL;
    TUTTI_TRY(tt_mpsc_claim(ring, TT_INBOX_PREFIX + record_size(attempt), &place));
    fill((unsigned char *)place + TT_INBOX_PREFIX, attempt);
    tt_mpsc_commit(ring, place);
    return TUTTI_OK;
}

/** Tries once. True when there is nothing to wait for: posted, or closed. */
static bool push(void *ctx)
{
    struct attempt *attempt = ctx;
    tt_publisher *publisher = attempt->publisher;
    tt_inbox *inbox = publisher->inbox;
    attempt->status = publisher->ring_lane == attempt->lane
                          ? push_own(publisher, attempt)
                          : push_shared(&inbox->lanes[attempt->lane].ring, attempt);
    if (attempt->status == TUTTI_OK) {
        tt_park_wake(&inbox->ready);
    }
    return attempt->status != TUTTI_LIMIT;
}

/** Takes the tokens that a post needs; all or none. */
static bool take_tokens(tt_publisher *publisher, uint16_t topic)
{
    tt_inbox *inbox = publisher->inbox;
    tt_rate *by_topic = &inbox->topics[topic].rate;
    if (publisher->is_trusted ||
        (!tt_rate_is_limited(by_topic) && !tt_rate_is_limited(&publisher->rate))) {
        return true;
    }
    tt_dur now = tt_timepiece_monotonic(inbox->idle.clock);
    if (!tt_rate_take(&publisher->rate, now)) {
        return false;
    }
    if (!tt_rate_take(by_topic, now)) {
        tt_rate_give_back(&publisher->rate);
        return false;
    }
    return true;
}

static void give_tokens_back(tt_publisher *publisher, uint16_t topic)
{
    if (!publisher->is_trusted) {
        tt_rate_give_back(&publisher->rate);
        tt_rate_give_back(&publisher->inbox->topics[topic].rate);
    }
}

static tutti_status count_outcome(tt_publisher *publisher, tutti_status status)
{
    struct publisher_counts *counts = &publisher->counts;
    _Atomic uint64_t *counter = status == TUTTI_OK        ? &counts->posted
                                : status == TUTTI_LIMIT   ? &counts->refused
                                : status == TUTTI_TIMEOUT ? &counts->timed_out
                                : status == TUTTI_STATE   ? &counts->after_stop
                                                          : &counts->invalid;
    count(publisher, counter);
    return status;
}

/** Waits for room, up to `limit_ns`. */
static tutti_status push_waiting(struct attempt *attempt, int64_t limit_ns)
{
    tt_publisher *publisher = attempt->publisher;
    count(publisher, &publisher->counts.waited);
    tt_inbox *inbox = publisher->inbox;
    tt_park *room = publisher->ring_lane == attempt->lane ? &publisher->room
                                                          : &inbox->lanes[attempt->lane].room;
    bool is_done = tt_idle_wait(&inbox->idle, room, limit_ns, push, attempt);
    return is_done ? attempt->status : TUTTI_TIMEOUT;
}

static tutti_status
post(tt_publisher *publisher, const tt_bus_post *what, uint32_t size, int64_t limit_ns)
{
    struct post_head head;
    if (make_head(publisher, what, size, &head) != TUTTI_OK) {
        return count_outcome(publisher, TUTTI_INVALID);
    }
    if (!take_tokens(publisher, head.topic)) {
        count(publisher, &publisher->counts.rate_limited);
        return TUTTI_LIMIT;
    }
    struct post_extra extra;
    if (head.has_extra) {
        extra = (struct post_extra){
            .cause = what->cause,
            .correlation = what->correlation,
            .idempotency = what->idempotency,
            .ttl_ms = what->ttl_ms,
        };
    }
    const tt_inbox *inbox = publisher->inbox;
    struct attempt attempt = {
        .publisher = publisher,
        .head = &head,
        .parts = {what->payload, &extra},
        .sizes = {head.payload_size, head.has_extra ? (uint32_t)sizeof extra : 0},
        .lane = what->priority != TT_priority_NONE ? what->priority
                                                   : inbox->topics[head.topic].priority,
    };
    if (!push(&attempt) && limit_ns > 0) {
        attempt.status = push_waiting(&attempt, limit_ns);
    }
    if (attempt.status != TUTTI_OK) {
        give_tokens_back(publisher, head.topic);
    }
    return count_outcome(publisher, attempt.status);
}

tutti_status
tt_inbox_post_try(tt_publisher *publisher, const tt_bus_post *what, uint32_t payload_size)
{
    return post(publisher, what, payload_size, 0);
}

tutti_status tt_inbox_post_timed(
    tt_publisher *publisher, const tt_bus_post *what, uint32_t payload_size, tt_dur limit)
{
    return post(publisher, what, payload_size, limit.ns);
}

tutti_status
tt_inbox_post_wait(tt_publisher *publisher, const tt_bus_post *what, uint32_t payload_size)
{
    return post(publisher, what, payload_size, TT_IDLE_FOR_EVER);
}

tutti_status
tt_inbox_post_dead(tt_publisher *publisher, const tt_msg *msg, const tt_dead_report *report)
{
    const struct post_head head = {
        .attempts = report->attempts,
        .topic = TT_TOPIC_DEAD_LETTERS,
        .reason = (uint16_t)report->reason,
        .kind = TT_INBOX_DEAD,
    };
    struct dead_texts texts;
    memcpy(texts.handler, report->handler, sizeof texts.handler);
    memcpy(texts.text, report->text, sizeof texts.text);
    struct attempt attempt = {
        .publisher = publisher,
        .head = &head,
        .parts = {&texts, msg},
        .sizes = {sizeof texts, (uint32_t)tt_msg_bytes(msg)},
        .lane = TT_priority_LOW,
    };
    (void)push(&attempt);
    return count_outcome(publisher, attempt.status);
}

static void decode_dead(const struct post_head *head, tt_inbox_record *record)
{
    const struct dead_texts *texts = (const void *)(head + 1);
    record->dead_report.reason = (tt_dead_reason)head->reason;
    record->dead_report.attempts = head->attempts;
    memcpy(record->dead_report.handler, texts->handler, sizeof texts->handler);
    memcpy(record->dead_report.text, texts->text, sizeof texts->text);
    record->dead = (const void *)(texts + 1);
}

void tt_inbox_decode(const void *bytes, tt_inbox_record *ret_record)
{
    const struct post_head *head = bytes;
    ret_record->kind = (tt_inbox_kind)head->kind;
    if (head->kind == TT_INBOX_DEAD) {
        decode_dead(head, ret_record);
        return;
    }
    ret_record->payload_size = head->payload_size;
    ret_record->post = (tt_bus_post){
        .topic = (tt_topic)head->topic,
        .source = (tt_source)head->source,
        .key = head->key,
        .payload = head + 1,
        .priority = head->priority,
        .flags = head->flags,
        .kind = head->msg_kind,
        .target = (tt_source)head->target,
    };
    if (head->has_extra) {
        struct post_extra extra;
        const unsigned char *payload = (const unsigned char *)(head + 1);
        memcpy(&extra, payload + head->payload_size, sizeof extra);
        ret_record->post.cause = extra.cause;
        ret_record->post.correlation = extra.correlation;
        ret_record->post.idempotency = extra.idempotency;
        ret_record->post.ttl_ms = extra.ttl_ms;
    }
}

void tt_publisher_stats_get(const tt_publisher *publisher, tt_publisher_stats *ret_stats)
{
    const struct publisher_counts *counts = &publisher->counts;
    *ret_stats = (tt_publisher_stats){
        .posted = atomic_load_explicit(&counts->posted, memory_order_relaxed),
        .refused = atomic_load_explicit(&counts->refused, memory_order_relaxed),
        .timed_out = atomic_load_explicit(&counts->timed_out, memory_order_relaxed),
        .waited = atomic_load_explicit(&counts->waited, memory_order_relaxed),
        .rate_limited = atomic_load_explicit(&counts->rate_limited, memory_order_relaxed),
        .invalid = atomic_load_explicit(&counts->invalid, memory_order_relaxed),
        .after_stop = atomic_load_explicit(&counts->after_stop, memory_order_relaxed),
    };
    memcpy(ret_stats->name, publisher->name, sizeof ret_stats->name);
}
