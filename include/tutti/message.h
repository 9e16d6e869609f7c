/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A message as bus and journal hold it, and the words that both share.
 */
#ifndef TUTTI_MESSAGE_H
#define TUTTI_MESSAGE_H

#include <tutti/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** When a recorded message counts as durable. */
typedef enum tutti_durability {
    TUTTI_DURABILITY_ALWAYS, /**< Synced as soon as the disk is free. */
    TUTTI_DURABILITY_BATCH,  /**< Synced in groups, within a bound of time. */
    TUTTI_DURABILITY_NONE    /**< Written, not synced: survives a kill, not a power cut. */
} tutti_durability;

/** Number of a topic and of a source; 0 = none. */
typedef uint16_t tutti_topic;
typedef uint16_t tutti_source;

typedef enum tutti_priority {
    TUTTI_PRIORITY_DEFAULT, /**< That of the topic. */
    TUTTI_PRIORITY_LOW,
    TUTTI_PRIORITY_NORMAL,
    TUTTI_PRIORITY_HIGH,
    TUTTI_PRIORITY_URGENT
} tutti_priority;

typedef enum tutti_kind {
    TUTTI_KIND_EVENT,
    TUTTI_KIND_SIGNAL,
    TUTTI_KIND_REQUEST,
    TUTTI_KIND_RESPONSE,
    TUTTI_KIND_COMMAND,
    TUTTI_KIND_ALERT,
    TUTTI_KIND_VETO
} tutti_kind;

/** A time to live that never ends. */
#define TUTTI_TTL_NEVER UINT32_MAX
/** Time limits of calls that may wait. */
#define TUTTI_NO_WAIT      INT64_C(0)
#define TUTTI_WAIT_FOREVER INT64_MAX

/** Head of a message; the payload follows it. Immutable. */
typedef struct tutti_message {
    uint64_t seq;    /**< Place in the total order, from 1. */
    int64_t time_ns; /**< Time of the step, nanoseconds since 1970 (UTC). */
    uint64_t cause;  /**< Number of the message whose handling published this one; 0 = none. */
    uint8_t correlation[16]; /**< Groups what belongs together; UUIDv7. */
    uint32_t key;            /**< Subject; 0 = none. */
    uint32_t ttl_ms;         /**< Strictly older is expired; 0 = never. */
    tutti_topic topic;
    tutti_source source;
    uint16_t size; /**< Bytes of the payload, rounded up to 16. */
    uint8_t kind;  /**< tutti_kind. */
    uint8_t priority;
    uint8_t flags;         /**< 1 = came from outside. */
    uint8_t reserved_byte; /**< 0. */
    tutti_source target;   /**< Whom it is for; 0 = everybody. */
    uint8_t reserved[4];   /**< 0. */
} tutti_message;

/** The payload of a message: the fields of its topic's schema, then zeros up to `size`. Of a topic
 * with the schema bytes[N] see tutti_message_bytes. */
static inline const void *tutti_message_payload(const tutti_message *message)
{
    return message + 1;
}
/** The payload of a message whose topic has the schema bytes[N]. */
static inline const void *tutti_message_bytes(const tutti_message *message, uint32_t *ret_size)
{
    const unsigned char *payload = (const unsigned char *)(message + 1);
    *ret_size = (uint32_t)payload[0] | (uint32_t)payload[1] << 8;
    return payload + 2;
}

#ifdef __cplusplus
}
#endif

#endif
