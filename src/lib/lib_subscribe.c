/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Subscriptions with the public types: a record of the library stands between the bus and the
 * handler of the caller.
 */
#include "bus/pattern.h"
#include "lib/lib_priv.h"

#include <string.h>

static tutti_status handle(void *ctx, tt_bus *core, const tt_msg *msg)
{
    (void)core;
    const struct lib_subscription *subscription = ctx;
    return subscription->handler(
        subscription->ctx, subscription->bus, (const tutti_message *)(const void *)msg);
}

tt_bus_match tt_lib_match(tutti_filter_fn filter, void *ctx, const tt_msg *msg)
{
    switch (filter(ctx, (const tutti_message *)(const void *)msg)) {
    case TUTTI_MATCH_NO:
        return TT_BUS_MATCH_NO;
    case TUTTI_MATCH_YES:
        return TT_BUS_MATCH_YES;
    case TUTTI_MATCH_FAILED:
        break;
    }
    return TT_BUS_MATCH_FAILED;
}

static tt_bus_match match(void *ctx, const tt_msg *msg)
{
    const struct lib_subscription *subscription = ctx;
    return tt_lib_match(subscription->filter, subscription->ctx, msg);
}

static void take_reply(void *ctx, tt_bus *core, const tt_bus_reply *reply)
{
    (void)core;
    const struct lib_subscription *subscription = ctx;
    tutti_bus *bus = subscription->bus;
    const tutti_reply end = {
        .request_seq = reply->request,
        .tag = reply->tag,
        .status = reply->status,
        .answer = (const tutti_message *)(const void *)reply->msg,
    };
    bus->is_replying = true;
    subscription->reply(subscription->ctx, bus, &end);
    bus->is_replying = false;
}

static struct lib_subscription *find(tutti_bus *bus, uint64_t id)
{
    for (uint32_t i = 0; i < bus->options.subscriptions_max; i++) {
        if (bus->subscriptions[i].id == id) {
            return &bus->subscriptions[i];
        }
    }
    return NULL;
}

/** The message in delivery; 0 = none. */
static tt_seq current_seq(const tutti_bus *bus)
{
    const tt_msg *current = tt_bus_current(bus->bus);
    return current ? current->seq : 0;
}

/** Tells whether what ended while a message was delivered can still be reached: it has its part in
 * that delivery. */
static bool is_reached(const tutti_bus *bus, tt_seq ended_in)
{
    return ended_in != 0 && ended_in == current_seq(bus);
}

/** A record that no delivery can reach any more. */
static struct lib_subscription *find_free(tutti_bus *bus)
{
    for (uint32_t i = 0; i < bus->options.subscriptions_max; i++) {
        struct lib_subscription *record = &bus->subscriptions[i];
        if (record->id == 0 && !is_reached(bus, record->ended_in)) {
            return record;
        }
    }
    return NULL;
}

static tutti_status
copy_texts(const tutti_subscription *request, struct lib_subscription *record, tutti_error *error)
{
    if (!request->name || request->name[0] == '\0' || !request->handler) {
        return tt_error_set(error, TUTTI_INVALID, "a subscription needs a name and a handler");
    }
    if (strlen(request->name) >= sizeof record->name ||
        (request->pattern && strlen(request->pattern) >= sizeof record->pattern)) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "the name takes at most %d bytes, the pattern at most %d",
            TT_LIB_NAME_MAX - 1,
            TT_LIB_PATTERN_MAX - 1);
    }
    TT_TEXT_SET(record->name, request->name);
    TT_TEXT_SET(record->pattern, request->pattern ? request->pattern : "");
    return TUTTI_OK;
}

/** What is done when deliveries fail; the bus keeps it by the name of the subscriber. */
static tutti_status set_care(tutti_bus *bus, const tutti_subscription *request)
{
    if (!request->retry && request->quarantine_after == 0 && request->probe_ns == 0) {
        return TUTTI_OK;
    }
    tt_bus_retry retry = {0};
    if (request->retry) {
        retry.count = request->retry->count;
        memcpy(retry.delay_ns, request->retry->delay_ns, sizeof retry.delay_ns);
    }
    const tt_bus_care care = {
        .retry = request->retry ? &retry : NULL,
        .quarantine_after = request->quarantine_after,
        .probe_ns = request->probe_ns,
    };
    return tt_bus_set_care(bus->bus, request->name, &care);
}

/** What the bus did not take, in words. */
static const char *find_cause(const tutti_bus *bus, const tutti_subscription *request)
{
    const tt_registry *registry = tt_bus_registry(bus->bus);
    tt_pattern pattern;
    if ((request->topic != 0) == (request->pattern != NULL) && !request->reply) {
        return "give a topic or a pattern, one of them";
    }
    if (request->topic != 0 && !tt_registry_topic(registry, request->topic)) {
        return "no such topic was declared";
    }
    if (request->pattern && tt_pattern_compile(request->pattern, &pattern) != TUTTI_OK) {
        return "a pattern has letters, digits and _ . - / : of names, * and ?";
    }
    if (request->priority_min > TUTTI_PRIORITY_URGENT) {
        return "priority_min goes to TUTTI_PRIORITY_URGENT";
    }
    if (request->source != 0 && !tutti_bus_source_name(bus, request->source)) {
        return "no such source was declared";
    }
    if (request->address != 0 && !tutti_bus_source_name(bus, request->address)) {
        return "no such address was declared: it is that of a source";
    }
    return "of a retry, the count goes to 8, and no delay is below 0; nor is probe_ns";
}

/** Tells why a subscription was refused. */
static tutti_status explain(
    const tutti_bus *bus,
    const tutti_subscription *request,
    tutti_status status,
    tutti_error *error)
{
    (void)tt_error_set(
        error, status, "\"%s\" cannot subscribe: %s", request->name, tutti_status_text(status));
    if (status == TUTTI_INVALID) {
        tt_error_hint(error, "%s", find_cause(bus, request));
    } else if (status == TUTTI_LIMIT) {
        tt_error_hint(
            error,
            "a topic has %d subscriptions, those by pattern included, the bus %u",
            TT_BUS_SUBSCRIBERS_MAX,
            bus->options.subscriptions_max);
    }
    return status;
}

tutti_status tutti_bus_subscribe(
    tutti_bus *bus, const tutti_subscription *request, uint64_t *ret_id, tutti_error *error)
{
    struct lib_subscription *record = find_free(bus);
    if (!record) {
        return tt_error_set(error, TUTTI_LIMIT, "there are subscriptions_max subscriptions");
    }
    TUTTI_TRY(copy_texts(request, record, error));
    record->bus = bus;
    record->handler = request->handler;
    record->filter = request->filter;
    record->reply = request->reply;
    record->ctx = request->ctx;
    const tt_bus_subscription core = {
        .name = record->name,
        .topic = (tt_topic)request->topic,
        .pattern = request->pattern ? record->pattern : NULL,
        .handler = handle,
        .filter = request->filter ? match : NULL,
        .reply = request->reply ? take_reply : NULL,
        .ctx = record,
        .address = (tt_source)request->address,
        .key = request->key,
        .source = (tt_source)request->source,
        .min_priority = request->priority_min,
        .replay_latest = request->wants_latest,
    };
    tutti_status status = set_care(bus, request);
    if (status == TUTTI_OK) {
        status = tt_bus_subscribe_to(bus->bus, &core, &record->id);
    }
    if (status != TUTTI_OK) {
        record->id = 0;
        return explain(bus, request, status, error);
    }
    *ret_id = record->id;
    return TUTTI_OK;
}

bool tutti_bus_unsubscribe(tutti_bus *bus, uint64_t id)
{
    struct lib_subscription *record = id != 0 ? find(bus, id) : NULL;
    if (!record || !tt_bus_unsubscribe_id(bus->bus, id)) {
        return false;
    }
    record->ended_in = current_seq(bus);
    record->id = 0;
    return true;
}

uint32_t tutti_bus_unsubscribe_name(tutti_bus *bus, const char *name)
{
    uint32_t count = 0;
    for (uint32_t i = 0; name && i < bus->options.subscriptions_max; i++) {
        const struct lib_subscription *record = &bus->subscriptions[i];
        if (record->id != 0 && strcmp(record->name, name) == 0) {
            count += tutti_bus_unsubscribe(bus, record->id);
        }
    }
    return count;
}

/** An interceptor with the public types: who it is, and what stands behind it. */
struct tutti_next {
    tutti_bus *bus;
    const tt_bus_next *next;
};

static tutti_status wrap(void *ctx, tt_bus *core, const tt_msg *msg, const tt_bus_next *next)
{
    (void)core;
    const struct lib_wrap *record = ctx;
    const tutti_next public_next = {.bus = record->bus, .next = next};
    return record->fn(
        record->ctx, record->bus, (const tutti_message *)(const void *)msg, &public_next);
}

tutti_status
tutti_bus_wrap(tutti_bus *bus, const char *pattern, const char *name, tutti_wrap_fn fn, void *ctx)
{
    if (!fn) {
        return TUTTI_INVALID;
    }
    for (uint32_t i = 0; i < TT_LIB_WRAPS_MAX; i++) {
        struct lib_wrap *record = &bus->wraps[i];
        if (!record->name && !is_reached(bus, record->ended_in)) {
            *record = (struct lib_wrap){.bus = bus, .fn = fn, .ctx = ctx};
            TUTTI_TRY(tt_bus_wrap(bus->bus, pattern, name, wrap, record));
            record->name = name;
            return TUTTI_OK;
        }
    }
    return TUTTI_LIMIT;
}

bool tutti_bus_unwrap(tutti_bus *bus, const char *name)
{
    for (uint32_t i = 0; i < TT_LIB_WRAPS_MAX; i++) {
        struct lib_wrap *record = &bus->wraps[i];
        if (record->name && strcmp(record->name, name) == 0) {
            record->name = NULL;
            record->ended_in = current_seq(bus);
            return tt_bus_unwrap(bus->bus, name);
        }
    }
    return false;
}

tutti_status tutti_bus_proceed(const tutti_next *next, const tutti_message *message)
{
    return tt_bus_proceed(next->next, next->bus->bus, (const tt_msg *)(const void *)message);
}

const char *tutti_next_name(const tutti_next *next)
{
    return tt_bus_next_name(next->next);
}

static bool keep_away(void *ctx, const tt_msg *msg, const char *subscriber)
{
    const tutti_bus *bus = ctx;
    return bus->guard(bus->guard_ctx, (const tutti_message *)(const void *)msg, subscriber);
}

void tutti_bus_set_guard(tutti_bus *bus, tutti_guard_fn guard, void *ctx)
{
    bus->guard = guard;
    bus->guard_ctx = ctx;
    tt_bus_set_guard(bus->bus, guard ? keep_away : NULL, bus);
}
