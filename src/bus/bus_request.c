/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Requests and their answers. A request waits in a slot until the first response that fits comes,
 * or its timer.
 *
 * Invariants: slots with a seq are pending and stand in the map, each has a timer; the others form
 * a list from free_head.
 */
#include "bus/bus_care.h"

#include <string.h>

size_t tt_bus_requests_size(uint32_t requests_max)
{
    return sizeof(struct requests) + requests_max * sizeof(struct request);
}

static void end_at_deadline(tt_bus *bus, uint64_t slot);

static void fire(void *ctx, uint32_t kind, uint64_t subject, tt_time deadline)
{
    (void)deadline;
    switch ((enum bus_timer)kind) {
    case BUS_TIMER_REQUEST:
        end_at_deadline(ctx, subject);
        return;
    case BUS_TIMER_RETRY:
    case BUS_TIMER_PROBE:
        tt_bus_care_timer(ctx, kind, subject);
        return;
    }
}

tutti_status tt_bus_init_requests(tt_bus *bus, uint32_t requests_max, tt_arena *arena)
{
    bus->requests_max = requests_max;
    bus->requests = tt_arena_alloc(arena, 1, tt_bus_requests_size(requests_max));
    bus->request_map = tt_map_new(arena, requests_max);
    if (!bus->requests || !bus->request_map) {
        return TUTTI_NO_MEMORY;
    }
    for (uint32_t i = 0; i < requests_max; i++) {
        bus->requests->slots[i].next_free = i + 1 < requests_max ? i + 2 : 0;
    }
    bus->requests->free_head = 1;
    if (bus->timers) {
        tt_timers_set_handler(bus->timers, TT_TIMER_BUS, fire, bus);
    }
    return TUTTI_OK;
}

/** The word of a correlation that the map goes by: in those made here it holds the number of the
 * request. */
static uint64_t word_of(const tt_uuid *correlation)
{
    uint64_t word;
    memcpy(&word, correlation->bytes + 8, sizeof word);
    return word;
}

static bool is_zero(const tt_uuid *uuid)
{
    static const tt_uuid none = {0};
    return memcmp(uuid, &none, sizeof none) == 0;
}

static tutti_status
check(const tt_bus *bus, uint64_t id, const tt_uuid *correlation, uint16_t *ret_address)
{
    const struct subscription *subscription = tt_bus_find_subscription(bus, id);
    uint32_t slot = 0;
    if (!bus->timers) {
        return TUTTI_STATE;
    }
    if (!subscription) {
        return TUTTI_NOT_FOUND;
    }
    if (!subscription->reply || subscription->address == 0) {
        return TUTTI_INVALID;
    }
    if (tt_map_find(bus->request_map, word_of(correlation), &slot)) {
        return TUTTI_EXISTS;
    }
    *ret_address = subscription->address;
    return bus->requests->free_head != 0 ? TUTTI_OK : TUTTI_LIMIT;
}

/** Takes a free slot for what is about to be published, with its timer. */
static tutti_status
take_slot(tt_bus *bus, const struct request *request, tt_time deadline, uint32_t *ret_slot)
{
    struct requests *requests = bus->requests;
    uint32_t slot = requests->free_head - 1;
    tt_timer_id timer;
    TUTTI_TRY(tt_timers_arm(bus->timers, TT_TIMER_BUS, BUS_TIMER_REQUEST, slot, deadline, &timer));
    tutti_status status = tt_map_put(bus->request_map, word_of(&request->correlation), slot);
    TT_ASSERT(status == TUTTI_OK); // it has room for all slots
    requests->free_head = requests->slots[slot].next_free;
    requests->slots[slot] = *request;
    requests->slots[slot].timer = timer.n;
    requests->pending++;
    *ret_slot = slot;
    return TUTTI_OK;
}

/** Frees a slot; returns what stood there. */
static struct request free_slot(tt_bus *bus, uint32_t slot)
{
    struct requests *requests = bus->requests;
    struct request request = requests->slots[slot];
    bool was_there = tt_map_remove(bus->request_map, word_of(&request.correlation));
    TT_ASSERT(was_there);
    (void)tt_timers_cancel(bus->timers, (tt_timer_id){request.timer});
    requests->slots[slot] = (struct request){.next_free = requests->free_head};
    requests->free_head = slot + 1;
    requests->pending--;
    return request;
}

tutti_status tt_bus_request(
    tt_bus *bus,
    const tt_bus_post *post,
    tt_time deadline,
    uint64_t subscriber,
    uint64_t tag,
    tt_seq *ret_seq)
{
    uint16_t address = 0;
    uint32_t slot = 0;
    tt_seq seq = bus->state->next_seq;
    tt_bus_post own = *post;
    if (is_zero(&own.correlation)) {
        own.correlation = tt_bus_new_correlation(bus->state->now, seq);
    }
    TUTTI_TRY(check(bus, subscriber, &own.correlation, &address));
    own.source = (tt_source)address;
    own.kind = TT_msg_kind_REQUEST + 1;
    const struct request request = {
        .correlation = own.correlation,
        .seq = seq,
        .tag = tag,
        .subscription = subscriber,
        .key = post->key,
        .topic = (uint16_t)post->topic,
        .address = address,
    };
    TUTTI_TRY(take_slot(bus, &request, deadline, &slot));
    tutti_status status = tt_bus_publish(bus, &own, ret_seq);
    if (status != TUTTI_OK) {
        (void)free_slot(bus, slot);
        return status;
    }
    bus->requests->requested++;
    return TUTTI_OK;
}

tutti_status
tt_bus_respond(tt_bus *bus, const tt_msg *request, const tt_bus_post *post, tt_seq *ret_seq)
{
    tt_bus_post own = *post;
    own.kind = TT_msg_kind_RESPONSE + 1;
    own.target = (tt_source)request->source;
    own.correlation = request->correlation;
    own.cause = request->seq;
    return tt_bus_publish(bus, &own, ret_seq);
}

/** The head of a request, for a dead letter about it. */
static tt_msg head_of(const struct request *request)
{
    return (tt_msg){
        .seq = request->seq,
        .correlation = request->correlation,
        .key = request->key,
        .topic = request->topic,
        .source = request->address,
    };
}

/** Tells the requester, if it is still there. */
static void tell(tt_bus *bus, const struct request *request, const tt_msg *answer)
{
    const struct subscription *subscription = tt_bus_find_subscription(bus, request->subscription);
    const tt_msg about = head_of(request);
    if (!answer || !subscription) {
        tt_bus_dead_letter(
            bus,
            &about,
            TT_dead_reason_NO_REPLY,
            subscription ? subscription->name : "",
            answer ? "the requester has gone" : "no answer came before the deadline");
    }
    if (!subscription || !subscription->reply) {
        bus->requests->unclaimed++;
        return;
    }
    const tt_bus_reply reply = {
        .status = answer ? TUTTI_OK : TUTTI_TIMEOUT,
        .msg = answer,
        .request = request->seq,
        .tag = request->tag,
    };
    subscription->reply(subscription->ctx, bus, &reply);
}

static void end_at_deadline(tt_bus *bus, uint64_t slot)
{
    TT_ASSERT(slot < bus->requests_max && bus->requests->slots[slot].seq != 0);
    const struct request request = free_slot(bus, (uint32_t)slot);
    bus->requests->timed_out++;
    tell(bus, &request, NULL);
}

void tt_bus_settle(tt_bus *bus, const tt_msg *msg)
{
    uint32_t slot = 0;
    if (tt_bus_is_blocked(bus, msg->correlation)) {
        return;
    }
    bool is_found = tt_map_find(bus->request_map, word_of(&msg->correlation), &slot);
    const struct request *waiting = is_found ? &bus->requests->slots[slot] : NULL;
    if (!waiting || waiting->address != msg->target ||
        memcmp(&waiting->correlation, &msg->correlation, sizeof msg->correlation) != 0) {
        bus->requests->late++;
        return;
    }
    const struct request request = free_slot(bus, slot);
    bus->requests->answered++;
    tell(bus, &request, msg);
}

void tt_bus_request_stats_get(const tt_bus *bus, tt_bus_request_stats *ret_stats)
{
    const struct requests *requests = bus->requests;
    *ret_stats = (tt_bus_request_stats){
        .requested = requests->requested,
        .answered = requests->answered,
        .timed_out = requests->timed_out,
        .late = requests->late,
        .unclaimed = requests->unclaimed,
        .pending = requests->pending,
    };
}
