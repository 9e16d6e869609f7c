/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A post, and publishing it. Part of bus.h.
 *
 * Most posts name topic, source, key, payload and nothing else, and the compiler sees that where
 * they are made. These go to the bus in registers: nobody fills the fields of a post with zeros to
 * find out that they are zero (ADR 79). What is published is the same.
 *
 * All functions: @thread{owner} @blocks{never} @alloc{never}.
 */
#ifndef TT_BUS_BUS_POST_H
#define TT_BUS_BUS_POST_H

#include "model/message.h"

#include <string.h>

typedef struct tt_bus tt_bus;

/** What to publish. Zero = default: kind, priority and ttl of the topic; cause and correlation
 * inherited from the message in delivery, or, outside a delivery, from the input of the step.
 * What is required fills the first 16 bytes: compilers clear the rest from there in whole words of
 * 16, and no field lies across two of these stores, which would make reading it slow. */
typedef struct tt_bus_post {
    const void *payload; /**< Struct of the topic; only the used items of a list are copied. */
    tt_topic topic;
    tt_source source;    /**< Who publishes; required. */
    tt_uuid correlation; /**< All zero = inherit; where nothing can be inherited, a new one. */
    tt_uuid idempotency; /**< All zero = none; a key that came lately is not published again. */
    tt_seq cause;        /**< 0 = inherit. */
    uint32_t key;        /**< At most `key_max` of the options, or of the declared topic. */
    uint32_t ttl_ms;     /**< 0 = the topic's; TT_TTL_NEVER = never expires. */
    tt_source target;    /**< Only for subscriptions with this address; TT_SOURCE_NONE = for all. */
    uint8_t priority;    /**< TT_priority_NONE = the topic's. */
    uint8_t flags;       /**< TT_MSG_INPUT for inputs: nothing is inherited. */
    uint8_t kind;        /**< 0 = the topic's; else a tt_msg_kind plus one. */
} tt_bus_post;

/* What tt_bus_publish is made of. */
/** Takes any post. */
tutti_status tt_bus_publish_post(tt_bus *bus, const tt_bus_post *post, tt_seq *ret_seq);
/** Takes a post that asks for nothing special, in registers: `where` is tt_bus_where of it, `key`
 * and `flags` are as wide as registers, so that nothing has to widen them. When it is taken its
 * number is the last one. */
tutti_status tt_bus_publish_plain(
    tt_bus *bus, const void *payload, uint64_t where, uint64_t key, uint64_t flags);
/** Takes a post that asks for nothing but perhaps cause and correlation. */
tutti_status
tt_bus_publish_named(tt_bus *bus, const tt_bus_post *post, uint64_t where, tt_seq *ret_seq);
/** The sequence number that the next publish will get. */
tt_seq tt_bus_next_seq(const tt_bus *bus);
/** Topic, and source less one: one comparison tells that it is built in, and not none. */
static inline uint64_t tt_bus_where(const tt_bus_post *post)
{
    return (uint32_t)post->topic | (uint64_t)((uint32_t)post->source - 1) << 32;
}

/** 0 when a post asks for nothing special but perhaps an id or a cause. */
static inline uint64_t tt_bus_asked(const tt_bus_post *post)
{
    return post->ttl_ms | (uint32_t)post->target | post->priority | post->kind;
}

/** Publishes; `ret_seq` (may be NULL) gets the sequence number. A refused message is counted, and a
 * dead letter stands for it; nothing else changes. The letter of a refused input is the input of
 * the step in its place, and is not kept whole.
 * @retval TUTTI_INVALID  unknown topic or source, key, priority or list count out of range.
 * @retval TUTTI_LIMIT  depth, queue or outbox bound, or a limit of rate reached.
 * @retval TUTTI_EXISTS  the idempotency key has come before: `ret_seq` gets the number of the first
 *                       message; counted, nothing else changes. */
static inline tutti_status tt_bus_publish(tt_bus *bus, const tt_bus_post *post, tt_seq *ret_seq)
{
#ifdef __OPTIMIZE__
    uint64_t words[4];
    memcpy(words, &post->correlation, sizeof post->correlation);
    memcpy(words + 2, &post->idempotency, sizeof post->idempotency);
    uint64_t asked = words[2] | words[3] | tt_bus_asked(post);
    uint64_t named = words[0] | words[1] | post->cause;
    if (__builtin_constant_p(asked | named) && (asked | named) == 0) {
        tutti_status status =
            tt_bus_publish_plain(bus, post->payload, tt_bus_where(post), post->key, post->flags);
        if (ret_seq && status == TUTTI_OK) {
            *ret_seq = tt_bus_next_seq(bus) - 1;
        }
        return status;
    }
    if (__builtin_constant_p(asked) && asked == 0) {
        return tt_bus_publish_named(bus, post, tt_bus_where(post), ret_seq);
    }
#endif
    return tt_bus_publish_post(bus, post, ret_seq);
}

#endif
