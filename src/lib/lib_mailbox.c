/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Mailboxes of a bus of the library: each with memory of its own, attached to the loop.
 */
#include "bus/pattern.h"
#include "lib/lib_priv.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(
    (int)TUTTI_MAILBOX_BLOCK == (int)TT_MAILBOX_BLOCK &&
        (int)TUTTI_MAILBOX_DROP_OLDEST == (int)TT_MAILBOX_DROP_OLDEST &&
        (int)TUTTI_MAILBOX_DROP_NEWEST == (int)TT_MAILBOX_DROP_NEWEST &&
        (int)TUTTI_MAILBOX_CONFLATE == (int)TT_MAILBOX_CONFLATE &&
        (int)TUTTI_MAILBOX_DEAD_LETTER == (int)TT_MAILBOX_DEAD_LETTER &&
        (int)TUTTI_MAILBOX_HALT == (int)TT_MAILBOX_HALT,
    "the public numbers are those of the module");
_Static_assert(TUTTI_RETRIES_MAX == TT_MAILBOX_RETRIES_MAX, "one bound");
_Static_assert(TUTTI_MAILBOX_SUBSCRIPTIONS_MAX == TT_MAILBOX_SUBSCRIPTIONS_MAX, "one bound");

/** Dead letters go back through a publisher of the mailbox. */
static tutti_status open_way_back(tutti_bus *bus, const char *name, tt_publisher **result)
{
    const tt_publisher_options options = {
        .name = name, .source = TT_SOURCE_HOST, .is_trusted = true};
    return tt_inbox_open(bus->inbox, &options, result);
}

static tt_bus_match want(void *ctx, const tt_msg *msg)
{
    const struct lib_want *own = ctx;
    return tt_lib_match(own->filter, own->ctx, msg);
}

/** The subscription of a number: the first stands in the options themselves. */
static tutti_mailbox_want want_of(const tutti_mailbox_options *options, uint32_t number)
{
    if (number > 0) {
        return options->more[number - 1];
    }
    return (tutti_mailbox_want){
        .topic = options->topic,
        .pattern = options->pattern,
        .key = options->key,
        .source = options->source,
        .priority_min = options->priority_min,
        .filter = options->filter,
        .ctx = options->ctx,
    };
}

static tutti_status
subscribe(tutti_mailbox *mailbox, const tutti_mailbox_options *options, uint32_t number)
{
    const tutti_mailbox_want wanted = want_of(options, number);
    struct lib_want *own = &mailbox->wants[number];
    TT_TEXT_SET(own->pattern, wanted.pattern ? wanted.pattern : "");
    own->filter = wanted.filter;
    own->ctx = wanted.ctx;
    const tt_mailbox_subscription subscription = {
        .topic = (tt_topic)wanted.topic,
        .pattern = wanted.pattern ? own->pattern : NULL,
        .key = wanted.key,
        .source = wanted.source,
        .priority_min = wanted.priority_min,
        .address = (uint16_t)options->address,
        .want = wanted.filter ? want : NULL,
        .ctx = own,
    };
    return tt_mailbox_subscribe(mailbox->box, &subscription);
}

/** With a place in the loop. What may refuse it comes first: a publisher stays with the bus. */
static tutti_status build(
    tutti_bus *bus,
    const tutti_mailbox_options *options,
    const tt_mailbox_retry *retry,
    tutti_mailbox *mailbox)
{
    tt_mailbox_options core = {
        .name = options->name,
        .policy = (tt_mailbox_policy)options->policy,
        .count_max = options->count_max,
        .bytes_max = options->bytes_max,
        .block_ns = options->block_ns,
        .retry = options->retry ? retry : NULL,
        .idle = {.clock = &bus->clock},
    };
    const size_t bytes = tt_mailbox_memory(&core);
    if (bytes == 0) {
        return TUTTI_INVALID;
    }
    TUTTI_TRY(tt_arena_init(&mailbox->arena, bytes));
    TUTTI_TRY(open_way_back(bus, options->name, &core.dead_letters));
    TUTTI_TRY(tt_mailbox_new(&core, &mailbox->arena, &mailbox->box));
    for (uint32_t i = 0; i <= options->more_count; i++) {
        TUTTI_TRY(subscribe(mailbox, options, i));
    }
    return tt_bus_loop_attach_reserved(bus->loop, mailbox->box);
}

static tutti_status open_box(
    tutti_bus *bus,
    const tutti_mailbox_options *options,
    const tt_mailbox_retry *retry,
    tutti_mailbox *mailbox)
{
    TUTTI_TRY(tt_bus_loop_reserve(bus->loop));
    tutti_status status = build(bus, options, retry, mailbox);
    if (status != TUTTI_OK) {
        tt_bus_loop_unreserve(bus->loop);
    }
    return status;
}

/** Whether each subscription names something; before memory and a publisher are taken. */
static tutti_status check_wants(const tutti_mailbox_options *options, tutti_error *error)
{
    for (uint32_t i = 0; i <= options->more_count; i++) {
        const tutti_mailbox_want wanted = want_of(options, i);
        const char *pattern = wanted.pattern;
        tt_pattern compiled;
        if (wanted.topic != 0 && pattern) {
            return tt_error_set(
                error,
                TUTTI_INVALID,
                "subscription %u of the mailbox \"%s\" has a topic and a pattern: give one of them",
                i + 1,
                options->name);
        }
        if (wanted.priority_min > TUTTI_PRIORITY_URGENT) {
            return tt_error_set(
                error,
                TUTTI_INVALID,
                "subscription %u of the mailbox \"%s\": no message has a priority of %u",
                i + 1,
                options->name,
                (unsigned)wanted.priority_min);
        }
        if (pattern && strlen(pattern) >= TT_LIB_PATTERN_MAX) {
            return tt_error_set(
                error,
                TUTTI_INVALID,
                "the pattern of mailbox \"%s\" has more than %d bytes",
                options->name,
                TT_LIB_PATTERN_MAX - 1);
        }
        if (wanted.topic == 0 && tt_pattern_compile(pattern, &compiled) != TUTTI_OK) {
            return tt_error_set(
                error,
                TUTTI_INVALID,
                "subscription %u of the mailbox \"%s\" needs a topic, or a pattern that a name can "
                "fit",
                i + 1,
                options->name);
        }
    }
    return TUTTI_OK;
}

/** Bounds of numbers, each with its words. */
static tutti_status check_numbers(const tutti_mailbox_options *options, tutti_error *error)
{
    bool is_short =
        options->policy == TUTTI_MAILBOX_DROP_OLDEST || options->policy == TUTTI_MAILBOX_CONFLATE;
    const uint32_t count_max = UINT32_C(1) << (is_short ? 16 : 20);
    const struct {
        const char *name;
        bool is_wrong;
        long long min;
        long long max;
    } rules[] = {
        {"policy", (uint32_t)options->policy > TUTTI_MAILBOX_HALT, 0, TUTTI_MAILBOX_HALT},
        {"count_max", options->count_max > count_max, 0, count_max},
        {"bytes_max",
         options->bytes_max != 0 &&
             (options->bytes_max < 4096 || options->bytes_max > UINT32_C(1) << 28),
         4096,
         1 << 28},
        {"block_ns", options->block_ns < 0, 0, INT64_MAX},
        {"retry->count",
         options->retry && options->retry->count > TUTTI_RETRIES_MAX,
         0,
         TUTTI_RETRIES_MAX},
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (rules[i].is_wrong) {
            return tt_error_set(
                error,
                TUTTI_INVALID,
                "the mailbox \"%s\" cannot open: %s is not between %lld and %lld",
                options->name,
                rules[i].name,
                rules[i].min,
                rules[i].max);
        }
    }
    return TUTTI_OK;
}

/** Why a mailbox that was found right cannot open all the same. */
static tutti_status
explain(const tutti_mailbox_options *options, tutti_status status, tutti_error *error)
{
    (void)tt_error_set(
        error,
        status,
        "the mailbox \"%s\" cannot open: %s",
        options->name,
        tutti_status_text(status));
    if (status == TUTTI_LIMIT) {
        tt_error_hint(
            error,
            "a bus has 64 mailboxes in its life, and 256 publishers, of which each mailbox has "
            "one");
    }
    return status;
}

static tutti_status check(const tutti_mailbox_options *options, tutti_error *error)
{
    if (!options->name || options->name[0] == '\0' ||
        strlen(options->name) >= TT_MAILBOX_NAME_MAX) {
        return tt_error_set(error, TUTTI_INVALID, "a mailbox needs a name of at most 31 bytes");
    }
    if (options->more_count >= TUTTI_MAILBOX_SUBSCRIPTIONS_MAX) {
        return tt_error_set(
            error,
            TUTTI_LIMIT,
            "the mailbox \"%s\" wants %llu subscriptions; at most %d",
            options->name,
            (unsigned long long)options->more_count + 1,
            TUTTI_MAILBOX_SUBSCRIPTIONS_MAX);
    }
    if (options->more_count > 0 && !options->more) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "the mailbox \"%s\" has a more_count, but no more",
            options->name);
    }
    TUTTI_TRY(check_numbers(options, error));
    return check_wants(options, error);
}

static void drop(tutti_mailbox *mailbox)
{
    tt_arena_fini(&mailbox->arena);
    free(mailbox);
}

/** Takes a place in the list, and with it the name: a dead letter finds its way back by it. */
static tutti_status take_name(tutti_bus *bus, tutti_mailbox *mailbox, tutti_error *error)
{
    bool is_taken = false;
    (void)pthread_mutex_lock(&bus->lock);
    for (const tutti_mailbox *other = bus->mailboxes; other; other = other->next) {
        is_taken = is_taken || (!other->is_closed && strcmp(other->name, mailbox->name) == 0);
    }
    if (!is_taken) {
        mailbox->next = bus->mailboxes;
        bus->mailboxes = mailbox;
    }
    (void)pthread_mutex_unlock(&bus->lock);
    if (is_taken) {
        (void)tt_error_set(error, TUTTI_EXISTS, "there is a mailbox \"%s\" already", mailbox->name);
        tt_error_hint(error, "close that one first, or choose another name");
        return TUTTI_EXISTS;
    }
    return TUTTI_OK;
}

static void give_name_back(tutti_bus *bus, const tutti_mailbox *mailbox)
{
    (void)pthread_mutex_lock(&bus->lock);
    tutti_mailbox **place = &bus->mailboxes;
    while (*place != mailbox) {
        place = &(*place)->next;
    }
    *place = mailbox->next;
    (void)pthread_mutex_unlock(&bus->lock);
}

tutti_status tutti_mailbox_open(
    tutti_bus *bus,
    const tutti_mailbox_options *options,
    tutti_mailbox **result,
    tutti_error *error)
{
    tutti_mailbox *mailbox = calloc(1, sizeof *mailbox);
    if (!mailbox) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for a mailbox");
    }
    tutti_status status = check(options, error);
    if (status == TUTTI_OK) {
        TT_TEXT_SET(mailbox->name, options->name);
        status = take_name(bus, mailbox, error);
    }
    if (status != TUTTI_OK) {
        drop(mailbox);
        return status;
    }
    tt_mailbox_retry retry = {0};
    if (options->retry) {
        retry.count = options->retry->count;
        memcpy(retry.delay_ns, options->retry->delay_ns, sizeof retry.delay_ns);
    }
    status = open_box(bus, options, &retry, mailbox);
    if (status != TUTTI_OK) {
        give_name_back(bus, mailbox);
        drop(mailbox);
        return explain(options, status, error);
    }
    *result = mailbox;
    return TUTTI_OK;
}

tutti_status
tutti_mailbox_take(tutti_mailbox *mailbox, int64_t wait_ns, const tutti_message **ret_message)
{
    const tt_msg *msg = NULL;
    tutti_status status = TUTTI_OK;
    if (wait_ns <= 0) {
        status = tt_mailbox_take_try(mailbox->box, &msg);
    } else if (wait_ns == TUTTI_WAIT_FOREVER) {
        status = tt_mailbox_take_wait(mailbox->box, &msg);
    } else {
        status = tt_mailbox_take_timed(mailbox->box, (tt_dur){wait_ns}, &msg);
    }
    *ret_message = (const tutti_message *)(const void *)msg;
    return status;
}

tutti_status tutti_mailbox_done(tutti_mailbox *mailbox)
{
    return tt_mailbox_done(mailbox->box);
}

tutti_status tutti_mailbox_failed(tutti_mailbox *mailbox, const char *reason)
{
    return tt_mailbox_failed(mailbox->box, reason);
}

void tutti_mailbox_close(tutti_mailbox *mailbox)
{
    tt_mailbox_close(mailbox->box);
    mailbox->is_closed = true;
}

uint32_t tutti_mailbox_attempt(const tutti_mailbox *mailbox)
{
    return tt_mailbox_attempt(mailbox->box);
}

void tutti_mailbox_stats_get(const tutti_mailbox *mailbox, tutti_mailbox_stats *ret_stats)
{
    tt_mailbox_stats stats;
    tt_mailbox_stats_get(mailbox->box, &stats);
    *ret_stats = (tutti_mailbox_stats){
        .put = stats.put,
        .taken = stats.taken,
        .done = stats.done,
        .failed = stats.failed,
        .retried = stats.retried,
        .expired = stats.expired,
        .dropped_oldest = stats.dropped_oldest,
        .dropped_newest = stats.dropped_newest,
        .conflated = stats.conflated,
        .overflowed = stats.overflowed,
        .dead_lettered = stats.dead_lettered,
        .filter_failed = stats.filter_failed,
        .blocked = stats.blocked,
        .count_max = stats.count_max,
        .waiting = stats.waiting,
        .retrying = stats.retrying,
    };
}
