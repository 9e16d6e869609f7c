/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Topics and sources by number and by name: those that are built in, and those that were declared
 * at run time. The bus has one; so has who reads a journal, and fills it from the declarations that
 * stand in the journal itself.
 *
 * Numbers: built-in topics and sources keep theirs; declared topics count from TT_TOPIC_USER_FIRST,
 * declared sources from TT_SOURCE_USER_FIRST. Declared ones are never taken back.
 *
 * Where a registry is asked for, NULL stands for the one of the built-in rows alone.
 * All functions: @thread{owner} @alloc{never}, unless they say otherwise.
 */
#ifndef TT_MODEL_REGISTRY_H
#define TT_MODEL_REGISTRY_H

#include "base/arena.h"
#include "model/schema.h"

/** First number and largest count of declared topics: there is room for more built-in ones. */
#define TT_TOPIC_USER_FIRST 1024u
#define TT_TOPICS_USER_MAX  4096u
/** First number and largest count of declared sources. */
#define TT_SOURCE_USER_FIRST 256u
#define TT_SOURCES_USER_MAX  256u
/** Time to live of a declaration: never expires. (0 = the default of the bus.) */
#define TT_TTL_NEVER UINT32_MAX
/** Longest names with the NUL. */
#define TT_TOPIC_NAME_MAX  64
#define TT_SOURCE_NAME_MAX 32
/** Places of all topics in one array: built-in ones at their numbers, declared ones behind them. */
#define TT_TOPIC_PLACES (TT_TOPIC_COUNT + TT_TOPICS_USER_MAX)
/** Room for a number as text, with the NUL. */
#define TT_NUMBER_TEXT_MAX 8
_Static_assert(sizeof(((tt_topic_declaration *)0)->schema) == TT_SCHEMA_TEXT_MAX, "one bound");
_Static_assert(sizeof(((tt_topic_declaration *)0)->name) == TT_TOPIC_NAME_MAX, "one bound");
_Static_assert(sizeof(((tt_source_declaration *)0)->name) == TT_SOURCE_NAME_MAX, "one bound");

/** What to declare. */
typedef struct tt_topic_decl {
    const char *name;        /**< Letters, digits and _ . - / : ; a letter or _ first. */
    const char *schema;      /**< Fields of the payload; see schema.h. */
    const tt_layout *layout; /**< Instead of `schema`: the fields of a payload that exists. */
    uint32_t ttl_ms;         /**< 0 = default of the bus; TT_TTL_NEVER = never expires. */
    uint32_t history_count;  /**< Messages kept; 0 = none, and no latest. */
    uint32_t history_bytes;  /**< Bytes of the messages kept; 0 = bounded by number alone. */
    uint32_t key_max;        /**< Largest key; 0 = no keys. */
    uint32_t rate_per_s;     /**< Messages a second let through; 0 = all. */
    uint32_t burst;          /**< Messages let through at once; 0 = those of one second. */
    uint8_t kind;            /**< tt_msg_kind. */
    uint8_t priority;        /**< TT_priority_NONE = normal. */
} tt_topic_decl;

/** The rows of one bus or journal. */
typedef struct tt_registry tt_registry;

/** Place of a topic in an array of TT_TOPIC_PLACES: 0, which is none, for a number that no topic
 * can have. @thread{any} */
uint32_t tt_topic_place(uint16_t topic);
/** Number of the topic at a place. @thread{any} */
uint16_t tt_topic_at(uint32_t place);

/** Bytes of an arena that suffice. @thread{any} */
size_t tt_registry_memory(uint32_t topics_max, uint32_t sources_max);
/** Makes a registry with the built-in rows and room for declared ones. @retval TUTTI_INVALID beyond
 * TT_TOPICS_USER_MAX or TT_SOURCES_USER_MAX. @retval TUTTI_NO_MEMORY. @thread{setup} @alloc{setup}
 */
TUTTI_NODISCARD tutti_status
tt_registry_new(uint32_t topics_max, uint32_t sources_max, tt_arena *arena, tt_registry **result);

/** Returns the row of a topic, or NULL. @lends{as long as the registry} */
const tt_topic_info *tt_registry_topic(const tt_registry *registry, uint16_t topic);
/** Finds a topic by name; TT_TOPIC_NONE if there is none. */
tt_topic tt_registry_find_topic(const tt_registry *registry, const char *name, size_t length);
/** Returns the name of a source, "?" if there is none of that number. */
const char *tt_registry_source_text(const tt_registry *registry, uint16_t source);
/** Returns the name of a topic or source, or its number as text, which `number` holds, where there
 * is no name. */
const char *tt_registry_topic_name(
    const tt_registry *registry, uint16_t topic, char number[TT_NUMBER_TEXT_MAX]);
const char *tt_registry_source_name(
    const tt_registry *registry, uint16_t source, char number[TT_NUMBER_TEXT_MAX]);
/** Tells whether all topics and sources that a message names have a name: in its head, and in the
 * fields of its payload. */
bool tt_registry_explains(const tt_registry *registry, const tt_msg *msg);
/** Finds a source by name; false if there is none. */
bool tt_registry_find_source(
    const tt_registry *registry, const char *name, size_t length, uint16_t *ret_source);
/** Returns the declaration of a topic, or NULL for one that is built in or not there. */
const tt_topic_declaration *tt_registry_declaration(const tt_registry *registry, uint16_t topic);
/** Returns the schema of a declared topic, or NULL. */
const tt_schema *tt_registry_schema(const tt_registry *registry, uint16_t topic);
/** Number of declared topics, and of declared sources. */
uint32_t tt_registry_topic_count(const tt_registry *registry);
uint32_t tt_registry_source_count(const tt_registry *registry);

/** Checks what is to be declared and writes the record of it, with the schema in its one form and
 * without a number. `ttl_default_ms` stands for a time to live of 0.
 * @retval TUTTI_INVALID a name, kind, priority or layout that cannot be; or as tt_schema_parse. */
TUTTI_NODISCARD tutti_status tt_registry_prepare(
    const tt_topic_decl *decl,
    uint32_t ttl_default_ms,
    tt_topic_declaration *ret_record,
    tt_error *error);
/** Checks the name of a source that is to be declared. @retval TUTTI_INVALID */
TUTTI_NODISCARD tutti_status tt_registry_check_source(const char *name, tt_error *error);
/**
 * Adds a topic or source under the number that stands in its record. The same once more is fine.
 *
 * @retval TUTTI_EXISTS the name or number stands for something else. @retval TUTTI_LIMIT the number
 * is beyond the room. @retval TUTTI_INVALID, or as tt_schema_parse: the record is not right.
 */
TUTTI_NODISCARD tutti_status
tt_registry_add_topic(tt_registry *registry, const tt_topic_declaration *record, tt_error *error);
TUTTI_NODISCARD tutti_status
tt_registry_add_source(tt_registry *registry, const tt_source_declaration *record, tt_error *error);
/** Adds what a message declares; other messages are passed over. For readers of journals: the
 * payload must have the size of its topic. @retval as tt_registry_add_topic */
TUTTI_NODISCARD tutti_status
tt_registry_apply(tt_registry *registry, const tt_msg *msg, tt_error *error);

/** Memory of the records, to register as a region. NULL and 0 when there is no room for any. */
void *tt_registry_state(tt_registry *registry, size_t *ret_size);
/** Reads the records again after the region was written; what was added before must be the same.
 * @retval TUTTI_VERSION a record differs from what was added before. @retval TUTTI_CORRUPT a record
 * that no registry has written. */
TUTTI_NODISCARD tutti_status tt_registry_restore(tt_registry *registry, tt_error *error);

#endif
