/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Subscriptions begin and end.
 *
 * A subscription has a slot of the pool. Those that get the messages of a topic stand in its set,
 * exact ones before those by pattern, each by id, which counts in order of subscription. A change
 * to the set of the topic in delivery first puts a copy of it aside, so that the delivery goes on
 * with the set that it started with; a slot becomes free only when no delivery can still use it.
 */
#include "bus/bus_care.h"
#include "bus/bus_recent.h"
#include "bus/bus_timing.h"
#include "bus/pattern.h"

#include <string.h>

static void list_append(struct slot_list *list, uint16_t slot)
{
    list->slots[list->count++] = slot;
}

void tt_bus_list_remove(struct slot_list *list, uint16_t slot)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->slots[i] != slot) {
            list->slots[kept++] = list->slots[i];
        }
    }
    list->count = kept;
}

static uint16_t slot_of(const struct subscription *subscription)
{
    return (uint16_t)(subscription->id & SLOT_MASK);
}

void tt_bus_freeze(tt_bus *bus, const struct topic *topic)
{
    if (topic == bus->delivering && bus->set != &bus->frozen) {
        bus->frozen = *bus->set;
        bus->set = &bus->frozen;
    }
}

void tt_bus_find_only(const tt_bus *bus, struct topic *topic)
{
    const struct handler_set *set = topic->set;
    const struct subscription *first = &bus->subscriptions[set->slots[0]];
    bool is_only = set->count == 1 && set->wrap_count == 0 && !first->is_special &&
                   topic->place != TT_TOPIC_BUS_COMMANDS;
    topic->only = is_only ? first->handler : NULL;
    topic->only_ctx = is_only ? first->ctx : NULL;
    topic->only_slot = is_only ? set->slots[0] : 0;
}

static bool comes_before(const struct subscription *one, const struct subscription *two)
{
    bool is_exact = one->place != 0;
    return is_exact != (two->place != 0) ? is_exact : one->id < two->id;
}

static void join_set(tt_bus *bus, struct topic *topic, const struct subscription *subscription)
{
    struct handler_set *set = topic->set;
    uint32_t at = set->count;
    tt_bus_freeze(bus, topic);
    while (at > 0 && comes_before(subscription, &bus->subscriptions[set->slots[at - 1]])) {
        set->slots[at] = set->slots[at - 1];
        at--;
    }
    set->slots[at] = slot_of(subscription);
    set->count++;
    tt_bus_find_only(bus, topic);
}

static void leave_set(tt_bus *bus, struct topic *topic, const struct subscription *subscription)
{
    struct handler_set *set = topic->set;
    uint32_t kept = 0;
    tt_bus_freeze(bus, topic);
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->slots[i] != slot_of(subscription)) {
            set->slots[kept++] = set->slots[i];
        }
    }
    set->count = kept;
    tt_bus_find_only(bus, topic);
}

/** What to do with each topic of a subscription. */
typedef void (*topic_fn)(tt_bus *bus, struct topic *topic, const struct subscription *subscription);

static void each_topic(tt_bus *bus, const struct subscription *subscription, topic_fn fn)
{
    if (subscription->place == 0 && !subscription->pattern) {
        return; // it awaits replies only
    }
    if (subscription->place != 0) {
        fn(bus, &bus->topics[subscription->place], subscription);
        return;
    }
    tt_pattern pattern;
    tutti_status status = tt_pattern_compile(subscription->pattern, &pattern);
    TT_ASSERT(status == TUTTI_OK); // it was when the subscription was made
    for (uint32_t i = 1; i < bus->topic_count; i++) {
        struct topic *topic = &bus->topics[i];
        if (tt_pattern_matches(&pattern, topic->name, strlen(topic->name))) {
            fn(bus, topic, subscription);
        }
    }
}

static void claim(tt_bus *bus, struct topic *topic, const struct subscription *subscription)
{
    (void)bus;
    (void)subscription;
    topic->claimed_count++;
}

static void release(tt_bus *bus, struct topic *topic, const struct subscription *subscription)
{
    topic->claimed_count--;
    if (!subscription->is_waiting) {
        leave_set(bus, topic, subscription);
    }
}

void tt_bus_join(tt_bus *bus, struct subscription *subscription)
{
    subscription->is_waiting = false;
    each_topic(bus, subscription, join_set);
}

/** Tells whether every topic of a pattern has room for one more. */
static bool has_room(const tt_bus *bus, const tt_pattern *pattern)
{
    for (uint32_t i = 1; i < bus->topic_count; i++) {
        const struct topic *topic = &bus->topics[i];
        if (topic->claimed_count == TT_BUS_SUBSCRIBERS_MAX &&
            tt_pattern_matches(pattern, topic->name, strlen(topic->name))) {
            return false;
        }
    }
    return true;
}

/** It gets no messages, but the ends of its requests. */
static bool awaits_only(const tt_bus_subscription *request)
{
    return request->reply && request->topic == TT_TOPIC_NONE && !request->pattern;
}

/** Checks what a subscription is to get. */
static tutti_status
check_topics(const tt_bus *bus, const tt_bus_subscription *request, uint32_t *ret_place)
{
    tt_pattern pattern;
    *ret_place = known_topic(bus, (uint32_t)request->topic);
    if (awaits_only(request)) {
        return TUTTI_OK;
    }
    if ((request->topic != TT_TOPIC_NONE) == (request->pattern != NULL)) {
        return TUTTI_INVALID;
    }
    if (request->pattern) {
        TUTTI_TRY(tt_pattern_compile(request->pattern, &pattern));
        return has_room(bus, &pattern) ? TUTTI_OK : TUTTI_LIMIT;
    }
    if (*ret_place == 0) {
        return TUTTI_INVALID;
    }
    bool is_full = bus->topics[*ret_place].claimed_count == TT_BUS_SUBSCRIBERS_MAX;
    return is_full ? TUTTI_LIMIT : TUTTI_OK;
}

static bool is_none_or_known(const tt_bus *bus, tt_source source)
{
    return source == TT_SOURCE_NONE || known_source(bus, (uint32_t)source) != 0;
}

static bool is_sane(const tt_bus *bus, const tt_bus_subscription *request)
{
    return request->name && (request->handler || awaits_only(request)) &&
           is_none_or_known(bus, request->address) && is_none_or_known(bus, request->source) &&
           request->min_priority < TT_priority_COUNT;
}

/** Takes a free slot. */
static struct subscription *make(tt_bus *bus, const tt_bus_subscription *request, uint32_t place)
{
    uint16_t slot = bus->free.slots[--bus->free.count];
    struct subscription *subscription = &bus->subscriptions[slot];
    bus->slots_used = slot < bus->slots_used ? bus->slots_used : slot + 1u;
    *subscription = (struct subscription){
        .handler = request->handler,
        .ctx = request->ctx,
        .filter = request->filter,
        .state = &bus->subscribers[slot],
        .key = request->key,
        .source = (uint16_t)request->source,
        .address = (uint16_t)request->address,
        .min_priority = request->min_priority,
        .is_picky = request->filter || request->key != 0 || request->source != TT_SOURCE_NONE ||
                    request->min_priority > TT_priority_LOW,
        .is_waiting = request->replay_latest,
        .place = place,
        .id = bus->next_order++ << SLOT_BITS | slot,
        .name = request->name,
        .care = tt_bus_find_care(bus, request->name),
        .pattern = request->pattern,
        .reply = request->reply,
    };
    subscription->is_special = subscription->is_picky || subscription->care != 0;
    return subscription;
}

/** Takes over what a request says about failures. */
static tutti_status set_care(tt_bus *bus, const tt_bus_subscription *request)
{
    const tt_bus_care care = {
        .retry = request->retry,
        .quarantine_after = request->quarantine_after,
        .probe_ns = request->probe_ns,
    };
    bool is_asked = care.retry || care.quarantine_after != 0 || care.probe_ns != 0;
    return is_asked ? tt_bus_set_care(bus, request->name, &care) : TUTTI_OK;
}

tutti_status tt_bus_subscribe_to(tt_bus *bus, const tt_bus_subscription *request, uint64_t *ret_id)
{
    uint32_t place = 0;
    if (!is_sane(bus, request)) {
        return TUTTI_INVALID;
    }
    TUTTI_TRY(check_topics(bus, request, &place));
    if (bus->free.count == 0) {
        return TUTTI_LIMIT;
    }
    TUTTI_TRY(set_care(bus, request));
    struct subscription *subscription = make(bus, request, place);
    each_topic(bus, subscription, claim);
    if (request->pattern) {
        list_append(&bus->patterned, slot_of(subscription));
    }
    if (subscription->is_waiting) {
        list_append(&bus->waiting, slot_of(subscription));
        set_pending(bus, PENDING_REPLAY, bus->waiting.count != 0);
    } else {
        tt_bus_join(bus, subscription);
    }
    if (ret_id) {
        *ret_id = subscription->id;
    }
    return TUTTI_OK;
}

tutti_status tt_bus_subscribe(
    tt_bus *bus, tt_topic topic, const char *name, tt_bus_handler_fn handler, void *ctx)
{
    return tt_bus_subscribe_filtered(bus, topic, name, handler, NULL, ctx);
}

tutti_status tt_bus_subscribe_filtered(
    tt_bus *bus,
    tt_topic topic,
    const char *name,
    tt_bus_handler_fn handler,
    tt_bus_filter_fn filter,
    void *ctx)
{
    const tt_bus_subscription request = {
        .name = name, .topic = topic, .handler = handler, .filter = filter, .ctx = ctx};
    return tt_bus_subscribe_to(bus, &request, NULL);
}

void tt_bus_free_ended(tt_bus *bus)
{
    for (uint32_t i = 0; i < bus->ended.count; i++) {
        uint16_t slot = bus->ended.slots[i];
        tt_bus_timing_forget(bus, &bus->subscriptions[slot]);
        tt_bus_recent_forget(bus, slot);
        bus->subscriptions[slot] = (struct subscription){0};
        bus->subscribers[slot] = (struct subscriber_state){0};
        bus->delivered[slot] = 0;
        list_append(&bus->free, slot);
    }
    bus->ended.count = 0;
}

static void end(tt_bus *bus, struct subscription *subscription)
{
    uint16_t slot = slot_of(subscription);
    each_topic(bus, subscription, release);
    tt_bus_list_remove(&bus->patterned, slot);
    tt_bus_list_remove(&bus->waiting, slot);
    set_pending(bus, PENDING_REPLAY, bus->waiting.count != 0);
    subscription->is_ended = true;
    list_append(&bus->ended, slot);
    if (is_delivering(bus)) {
        bus->pending |= PENDING_ENDED;
    } else {
        tt_bus_free_ended(bus);
    }
}

struct subscription *tt_bus_find_subscription(const tt_bus *bus, uint64_t id)
{
    uint64_t slot = id & SLOT_MASK;
    if (id == 0 || slot >= bus->subscriptions_max) {
        return NULL;
    }
    struct subscription *subscription = &bus->subscriptions[slot];
    return subscription->id == id && !subscription->is_ended ? subscription : NULL;
}

bool tt_bus_unsubscribe_id(tt_bus *bus, uint64_t id)
{
    struct subscription *subscription = tt_bus_find_subscription(bus, id);
    if (!subscription) {
        return false;
    }
    end(bus, subscription);
    return true;
}

uint32_t tt_bus_unsubscribe(tt_bus *bus, tt_topic topic, const char *name)
{
    uint32_t place = known_topic(bus, (uint32_t)topic);
    uint32_t ended = 0;
    if (topic != TT_TOPIC_NONE && place == 0) {
        return 0;
    }
    for (uint32_t slot = 0; slot < bus->subscriptions_max; slot++) {
        struct subscription *subscription = &bus->subscriptions[slot];
        bool is_there = subscription->id != 0 && !subscription->is_ended;
        if (is_there && (place == 0 || subscription->place == place) &&
            strcmp(subscription->name, name) == 0) {
            end(bus, subscription);
            ended++;
        }
    }
    return ended;
}

uint32_t tt_bus_subscriber_count(const tt_bus *bus, tt_topic topic)
{
    if (topic == TT_TOPIC_NONE) {
        return bus->subscriptions_max - bus->free.count - bus->ended.count;
    }
    return bus->topics[known_topic(bus, (uint32_t)topic)].claimed_count;
}

static bool is_for(const struct subscription *subscription, const char *name)
{
    tt_pattern pattern;
    tutti_status status = tt_pattern_compile(subscription->pattern, &pattern);
    TT_ASSERT(status == TUTTI_OK); // it was when the subscription was made
    return tt_pattern_matches(&pattern, name, strlen(name));
}

bool tt_bus_can_attach(const tt_bus *bus, const char *name)
{
    uint32_t matching = 0;
    for (uint32_t i = 0; i < bus->patterned.count; i++) {
        matching += is_for(&bus->subscriptions[bus->patterned.slots[i]], name);
    }
    return matching <= TT_BUS_SUBSCRIBERS_MAX;
}

void tt_bus_attach(tt_bus *bus, struct topic *topic)
{
    for (uint32_t i = 0; i < bus->patterned.count; i++) {
        const struct subscription *subscription = &bus->subscriptions[bus->patterned.slots[i]];
        if (!is_for(subscription, topic->name)) {
            continue;
        }
        topic->claimed_count++;
        if (!subscription->is_waiting) {
            join_set(bus, topic, subscription);
        }
    }
}
