/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Topics and sources of a bus of the library.
 */
#include "lib/lib_priv.h"

#include <string.h>

/** What a declaration hands to the function that runs within a step. */
struct declaration {
    const tt_topic_decl *topic;
    const char *source;
    uint16_t number;
    tt_error *error;
    tutti_status status;
};

void tt_lib_learn_shape(tutti_bus *bus, tt_topic topic)
{
    const tt_schema *schema = tt_registry_schema(tt_bus_registry(bus->bus), (uint16_t)topic);
    bool is_bytes = schema->layout.item_size != 0;
    uint32_t size = is_bytes ? schema->layout.item_max : schema->struct_size;
    atomic_store_explicit(
        &bus->shapes[(uint32_t)topic - TT_TOPIC_USER_FIRST],
        size | (is_bytes ? TT_LIB_SHAPE_IS_BYTES : 0),
        memory_order_release);
}

static void declare_topic(void *ctx, tt_bus *core)
{
    struct declaration *declaration = ctx;
    tt_topic topic = TT_TOPIC_NONE;
    declaration->status = tt_bus_declare(core, declaration->topic, &topic, declaration->error);
    declaration->number = (uint16_t)topic;
}

static void declare_source(void *ctx, tt_bus *core)
{
    struct declaration *declaration = ctx;
    tt_source source = TT_SOURCE_NONE;
    declaration->status =
        tt_bus_declare_source(core, declaration->source, &source, declaration->error);
    declaration->number = (uint16_t)source;
}

/** Within the step that is under way, or in one of its own: so the journal has the declaration. */
static void within(tutti_bus *bus, tt_loop_call_fn fn, struct declaration *declaration)
{
    if (tt_lib_is_within(bus)) {
        fn(declaration, bus->bus);
        return;
    }
    tutti_status status = tt_bus_loop_within(bus->loop, fn, declaration);
    if (status != TUTTI_OK && declaration->status == TUTTI_OK) {
        declaration->status = tt_error_set(declaration->error, status, "the bus has stopped");
    }
}

tutti_status tutti_bus_declare_topic(
    tutti_bus *bus, const tutti_topic_options *options, tutti_topic *ret_topic, tutti_error *error)
{
    const tt_topic_decl decl = {
        .name = options->name,
        .schema = options->schema,
        .ttl_ms = options->ttl_ms,
        .history_count = options->history_count,
        .history_bytes = options->history_bytes,
        .key_max = options->key_max,
        .rate_per_s = options->rate_per_s,
        .burst = options->burst,
        .kind = options->kind,
        .priority = options->priority,
    };
    struct declaration declaration = {.topic = &decl, .error = error};
    within(bus, declare_topic, &declaration);
    TUTTI_TRY(declaration.status);
    tt_topic topic = (tt_topic)declaration.number;
    const tt_topic_info *info = tt_registry_topic(tt_bus_registry(bus->bus), (uint16_t)topic);
    if ((uint32_t)topic >= TT_TOPIC_USER_FIRST) {
        tt_lib_learn_shape(bus, topic);
        TUTTI_TRY(tt_inbox_set_topic_priority(bus->inbox, (uint16_t)topic, info->priority));
    }
    *ret_topic = (tutti_topic)topic;
    return TUTTI_OK;
}

tutti_status tutti_bus_declare_source(
    tutti_bus *bus, const char *name, tutti_source *ret_source, tutti_error *error)
{
    struct declaration declaration = {.source = name, .error = error};
    within(bus, declare_source, &declaration);
    TUTTI_TRY(declaration.status);
    *ret_source = declaration.number;
    return TUTTI_OK;
}

tutti_topic tutti_bus_find_topic(const tutti_bus *bus, const char *name)
{
    return !name
               ? 0
               : (tutti_topic)tt_registry_find_topic(tt_bus_registry(bus->bus), name, strlen(name));
}

const char *tutti_bus_topic_name(const tutti_bus *bus, tutti_topic topic)
{
    const tt_topic_info *info = tt_registry_topic(tt_bus_registry(bus->bus), topic);
    return info ? info->name : NULL;
}

tutti_source tutti_bus_find_source(const tutti_bus *bus, const char *name)
{
    uint16_t source = 0;
    return name && tt_registry_find_source(tt_bus_registry(bus->bus), name, strlen(name), &source)
               ? source
               : 0;
}

const char *tutti_bus_source_name(const tutti_bus *bus, tutti_source source)
{
    const char *name = tt_registry_source_text(tt_bus_registry(bus->bus), source);
    return strcmp(name, "?") == 0 ? NULL : name; // no name has that form
}

tutti_topic tutti_bus_topic_next(const tutti_bus *bus, tutti_topic previous)
{
    uint32_t index = previous < TT_TOPIC_USER_FIRST ? 0 : previous - TT_TOPIC_USER_FIRST + 1;
    return index < tt_registry_topic_count(tt_bus_registry(bus->bus))
               ? (tutti_topic)(TT_TOPIC_USER_FIRST + index)
               : 0;
}

tutti_status
tutti_bus_topic_options(const tutti_bus *bus, tutti_topic topic, tutti_topic_options *ret_options)
{
    const tt_topic_declaration *record = tt_registry_declaration(tt_bus_registry(bus->bus), topic);
    if (!record) {
        return TUTTI_NOT_FOUND;
    }
    *ret_options = (tutti_topic_options){
        .name = record->name,
        .schema = record->schema,
        .history_count = record->history_count,
        .history_bytes = record->history_bytes,
        .key_max = record->key_max,
        .ttl_ms = record->ttl_ms == 0 ? TUTTI_TTL_NEVER : record->ttl_ms,
        .rate_per_s = record->rate_per_s,
        .burst = record->burst,
        .kind = record->kind,
        .priority = record->priority,
    };
    return TUTTI_OK;
}
