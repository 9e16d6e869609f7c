/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The registry: records without pointers, which are state and stand in messages, and beside them
 * what has been worked out from them.
 *
 * Invariants: a record whose number is 0 is free. `rows[i]` is worked out from topic record i when
 * its hash is not 0, and the hash is that of the record.
 */
#include "model/registry.h"

#include <string.h>

/** What follows from the record of a topic. */
struct row {
    tt_topic_info info;
    tt_schema schema;
};

/** Head of the region; the records of topics and then of sources follow. */
struct records {
    uint32_t topic_count;
    uint32_t source_count;
    uint64_t reserved;
};
_Static_assert(sizeof(struct records) == 16, "records behind it are aligned");

struct tt_registry {
    struct records *state;
    tt_topic_declaration *topics;
    tt_source_declaration *sources;
    struct row *rows;
    uint64_t *hashes; /**< Of the whole record of a topic; 0 = no row. */
    uint64_t *names;  /**< Hash of the name of a topic. */
    uint32_t topics_max;
    uint32_t sources_max;
};

uint32_t tt_topic_place(uint16_t topic)
{
    if (topic < TT_TOPIC_COUNT) {
        return topic;
    }
    bool is_user = topic >= TT_TOPIC_USER_FIRST && topic < TT_TOPIC_USER_FIRST + TT_TOPICS_USER_MAX;
    return is_user ? topic - TT_TOPIC_USER_FIRST + TT_TOPIC_COUNT : 0;
}

uint16_t tt_topic_at(uint32_t place)
{
    TT_ASSERT(place < TT_TOPIC_PLACES);
    return (
        uint16_t)(place < TT_TOPIC_COUNT ? place : place - TT_TOPIC_COUNT + TT_TOPIC_USER_FIRST);
}

static size_t region_size(uint32_t topics_max, uint32_t sources_max)
{
    return sizeof(struct records) + topics_max * sizeof(tt_topic_declaration) +
           sources_max * sizeof(tt_source_declaration);
}

size_t tt_registry_memory(uint32_t topics_max, uint32_t sources_max)
{
    size_t row = sizeof(struct row) + 2 * sizeof(uint64_t);
    return sizeof(tt_registry) + region_size(topics_max, sources_max) + topics_max * row +
           (size_t)5 * 64;
}

tutti_status
tt_registry_new(uint32_t topics_max, uint32_t sources_max, tt_arena *arena, tt_registry **result)
{
    if (topics_max > TT_TOPICS_USER_MAX || sources_max > TT_SOURCES_USER_MAX) {
        return TUTTI_INVALID;
    }
    tt_registry *registry = tt_arena_alloc(arena, 1, sizeof *registry);
    void *region = tt_arena_alloc(arena, 1, region_size(topics_max, sources_max));
    struct row *rows = tt_arena_alloc(arena, topics_max, sizeof *rows);
    uint64_t *hashes = tt_arena_alloc(arena, topics_max, sizeof *hashes);
    uint64_t *names = tt_arena_alloc(arena, topics_max, sizeof *names);
    if (!registry || !region || !rows || !hashes || !names) {
        return TUTTI_NO_MEMORY;
    }
    *registry = (tt_registry){
        .state = region,
        .topics =
            (tt_topic_declaration *)(void *)((unsigned char *)region + sizeof(struct records)),
        .rows = rows,
        .hashes = hashes,
        .names = names,
        .topics_max = topics_max,
        .sources_max = sources_max,
    };
    registry->sources = (tt_source_declaration *)(void *)(registry->topics + topics_max);
    *result = registry;
    return TUTTI_OK;
}

/** FNV-1a, 64 bits, never 0. */
static uint64_t hash_of(const void *data, size_t size)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ ((const unsigned char *)data)[i]) * UINT64_C(0x100000001b3);
    }
    return hash != 0 ? hash : 1;
}

/** Place of a declared topic among the records; `topics_max` or more if it is none. */
static uint32_t place_of(uint32_t number, uint32_t first)
{
    return number >= first ? number - first : UINT32_MAX;
}

static const struct row *find_row(const tt_registry *registry, uint16_t topic)
{
    uint32_t place = place_of(topic, TT_TOPIC_USER_FIRST);
    bool is_there = registry && place < registry->topics_max && registry->hashes[place] != 0;
    return is_there ? &registry->rows[place] : NULL;
}

const tt_topic_info *tt_registry_topic(const tt_registry *registry, uint16_t topic)
{
    const struct row *row = find_row(registry, topic);
    return row ? &row->info : tt_topic_info_get(topic);
}

const tt_schema *tt_registry_schema(const tt_registry *registry, uint16_t topic)
{
    const struct row *row = find_row(registry, topic);
    return row ? &row->schema : NULL;
}

const tt_topic_declaration *tt_registry_declaration(const tt_registry *registry, uint16_t topic)
{
    return find_row(registry, topic) ? &registry->topics[topic - TT_TOPIC_USER_FIRST] : NULL;
}

static bool is_named(const char *text, const char *name, size_t length)
{
    return strlen(text) == length && memcmp(text, name, length) == 0;
}

tt_topic tt_registry_find_topic(const tt_registry *registry, const char *name, size_t length)
{
    tt_topic topic = tt_topic_find(name, length);
    if (topic != TT_TOPIC_NONE || !registry) {
        return topic;
    }
    uint64_t hash = hash_of(name, length);
    for (uint32_t i = 0; i < registry->topics_max; i++) {
        if (registry->names[i] == hash && is_named(registry->topics[i].name, name, length)) {
            return (tt_topic)(TT_TOPIC_USER_FIRST + i);
        }
    }
    return TT_TOPIC_NONE;
}

static const tt_source_declaration *find_source(const tt_registry *registry, uint16_t source)
{
    uint32_t place = place_of(source, TT_SOURCE_USER_FIRST);
    bool is_there =
        registry && place < registry->sources_max && registry->sources[place].source_id != 0;
    return is_there ? &registry->sources[place] : NULL;
}

const char *tt_registry_source_text(const tt_registry *registry, uint16_t source)
{
    const tt_source_declaration *record = find_source(registry, source);
    return record ? record->name : tt_source_text(source);
}

static const char *number_text(uint16_t value, char number[TT_NUMBER_TEXT_MAX])
{
    tt_text_buf text;
    tt_text_init(&text, number, TT_NUMBER_TEXT_MAX);
    tt_text_appendf(&text, "%u", (unsigned)value);
    return number;
}

const char *
tt_registry_topic_name(const tt_registry *registry, uint16_t topic, char number[TT_NUMBER_TEXT_MAX])
{
    const tt_topic_info *info = tt_registry_topic(registry, topic);
    return info ? info->name : number_text(topic, number);
}

static bool has_source(const tt_registry *registry, uint16_t source)
{
    return source < TT_SOURCE_COUNT || find_source(registry, source);
}

const char *tt_registry_source_name(
    const tt_registry *registry, uint16_t source, char number[TT_NUMBER_TEXT_MAX])
{
    return has_source(registry, source) ? tt_registry_source_text(registry, source)
                                        : number_text(source, number);
}

/** Tells whether what a field names has a name. */
static bool
explains_field(const tt_registry *registry, const tt_field *field, const unsigned char *payload)
{
    uint16_t number;
    if (field->kind != TT_KIND_topic && field->kind != TT_KIND_source) {
        return true;
    }
    memcpy(&number, payload + field->offset, sizeof number);
    return field->kind == TT_KIND_source ? has_source(registry, number)
                                         : number == 0 || tt_registry_topic(registry, number);
}

bool tt_registry_explains(const tt_registry *registry, const tt_msg *msg)
{
    const tt_topic_info *info = tt_registry_topic(registry, msg->topic);
    if (!info || !has_source(registry, msg->source) || !has_source(registry, msg->target)) {
        return false;
    }
    bool is_whole = msg->size >= info->layout->fixed_size;
    for (uint16_t i = 0; is_whole && i < info->layout->field_count; i++) {
        if (!explains_field(registry, &info->layout->fields[i], tt_msg_payload(msg))) {
            return false;
        }
    }
    return true;
}

bool tt_registry_find_source(
    const tt_registry *registry, const char *name, size_t length, uint16_t *ret_source)
{
    if (tt_source_find(name, length, ret_source)) {
        return true;
    }
    for (uint32_t i = 0; registry && i < registry->sources_max; i++) {
        const tt_source_declaration *record = &registry->sources[i];
        if (record->source_id != 0 && is_named(record->name, name, length)) {
            *ret_source = record->source_id;
            return true;
        }
    }
    return false;
}

uint32_t tt_registry_topic_count(const tt_registry *registry)
{
    return registry->state->topic_count;
}

uint32_t tt_registry_source_count(const tt_registry *registry)
{
    return registry->state->source_count;
}

static bool may_lead(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool may_follow(char c)
{
    return may_lead(c) || (c >= '0' && c <= '9') || (c != '\0' && strchr(".-/:", c));
}

/** Names stand in patterns, messages and reports: no blanks, no wildcards, no empty ones. */
static tutti_status check_name(const char *what, const char *name, size_t max, tt_error *error)
{
    size_t length = name ? strnlen(name, max) : 0;
    bool is_right = length > 0 && length < max && may_lead(name[0]);
    for (size_t i = 1; is_right && i < length; i++) {
        is_right = may_follow(name[i]);
    }
    if (is_right) {
        return TUTTI_OK;
    }
    tt_error_set(
        error, TUTTI_INVALID, "%s \"%.*s\": not a name", what, (int)length, name ? name : "");
    tt_error_hint(
        error, "1 to %zu letters, digits and _ . - / : with a letter or _ first", max - 1);
    return TUTTI_INVALID;
}

static tutti_status check_numbers(const tt_topic_declaration *record, tt_error *error)
{
    if (record->kind >= TT_msg_kind_COUNT || record->priority == TT_priority_NONE ||
        record->priority >= TT_priority_COUNT) {
        tt_error_set(error, TUTTI_INVALID, "topic \"%s\": no such kind or priority", record->name);
        tt_error_hint(
            error,
            "a kind below %d, a priority from 1 to %d",
            TT_msg_kind_COUNT,
            TT_priority_COUNT - 1);
        return TUTTI_INVALID;
    }
    if (record->history_bytes != 0 && record->history_count == 0) {
        tt_error_set(
            error,
            TUTTI_INVALID,
            "topic \"%s\": a history of bytes without messages",
            record->name);
        tt_error_hint(error, "say in history_count how many messages are kept at most");
        return TUTTI_INVALID;
    }
    return TUTTI_OK;
}

/** Writes the one form of the schema of a declaration. */
static tutti_status
prepare_schema(const tt_topic_decl *decl, tt_topic_declaration *record, tt_error *error)
{
    tt_schema schema;
    tt_text_buf text;
    const tt_layout *layout = decl->layout;
    if ((layout == NULL) == (decl->schema == NULL)) {
        tt_error_set(error, TUTTI_INVALID, "topic \"%s\": no schema, or two", record->name);
        tt_error_hint(error, "give either a schema as text or a layout");
        return TUTTI_INVALID;
    }
    if (!layout) {
        TUTTI_TRY(
            tt_schema_parse(record->name, decl->schema, strlen(decl->schema), &schema, error));
        layout = &schema.layout;
    }
    tt_text_init(&text, record->schema, sizeof record->schema);
    TUTTI_TRY(tt_schema_print(layout, &text, error));
    memset(record->schema + text.length, 0, sizeof record->schema - text.length);
    return TUTTI_OK;
}

/** A layout that was given must be the one that its schema has. */
static tutti_status
check_layout(const tt_layout *layout, const tt_topic_declaration *record, tt_error *error)
{
    tt_schema schema;
    TUTTI_TRY(
        tt_schema_parse(record->name, record->schema, strlen(record->schema), &schema, error));
    uint16_t at = 0;
    bool is_same = schema.layout.size == layout->size;
    for (uint16_t i = 0; is_same && i < layout->field_count; i++) {
        const tt_field *field = &layout->fields[i];
        if (field->kind == TT_KIND_reserved) {
            continue;
        }
        while (schema.fields[at].kind == TT_KIND_reserved) {
            at++;
        }
        is_same = schema.fields[at++].offset == field->offset;
    }
    if (is_same) {
        return TUTTI_OK;
    }
    tt_error_set(
        error, TUTTI_INVALID, "topic \"%s\": the layout has gaps of its own", record->name);
    tt_error_hint(error, "lay the fields out as a C struct of them is, the size a multiple of 16");
    return TUTTI_INVALID;
}

tutti_status tt_registry_prepare(
    const tt_topic_decl *decl,
    uint32_t ttl_default_ms,
    tt_topic_declaration *ret_record,
    tt_error *error)
{
    TUTTI_TRY(check_name("topic", decl->name, TT_TOPIC_NAME_MAX, error));
    tt_topic_declaration record = {
        .ttl_ms = decl->ttl_ms == 0 ? ttl_default_ms : decl->ttl_ms,
        .history_count = decl->history_count,
        .history_bytes = decl->history_bytes,
        .key_max = decl->key_max,
        .rate_per_s = decl->rate_per_s,
        .burst = decl->burst,
        .kind = decl->kind,
        .priority = decl->priority != 0 ? decl->priority : TT_priority_NORMAL,
    };
    record.ttl_ms = record.ttl_ms == TT_TTL_NEVER ? 0 : record.ttl_ms;
    TT_TEXT_SET(record.name, decl->name);
    TUTTI_TRY(check_numbers(&record, error));
    TUTTI_TRY(prepare_schema(decl, &record, error));
    if (decl->layout) {
        TUTTI_TRY(check_layout(decl->layout, &record, error));
    }
    *ret_record = record;
    return TUTTI_OK;
}

tutti_status tt_registry_check_source(const char *name, tt_error *error)
{
    return check_name("source", name, TT_SOURCE_NAME_MAX, error);
}

static tutti_status refuse_taken(const char *what, const char *name, tt_error *error)
{
    tt_error_set(error, TUTTI_EXISTS, "%s \"%s\": name or number stand for another", what, name);
    tt_error_hint(error, "declare it with the same content, or under another name");
    return TUTTI_EXISTS;
}

static tutti_status
refuse_number(const char *what, const char *name, uint32_t first, uint32_t max, tt_error *error)
{
    tt_error_set(error, TUTTI_LIMIT, "%s \"%s\": no room for its number", what, name);
    tt_error_hint(error, "%u can be declared, from number %u", max, first);
    return TUTTI_LIMIT;
}

/** Works out the row of a record. */
static tutti_status
fill_row(tt_registry *registry, uint32_t place, tt_topic_declaration *record, tt_error *error)
{
    struct row *row = &registry->rows[place];
    TUTTI_TRY(
        tt_schema_parse(record->name, record->schema, strlen(record->schema), &row->schema, error));
    row->info = (tt_topic_info){
        .name = record->name,
        .doc = "",
        .layout = &row->schema.layout,
        .ttl_ms = record->ttl_ms,
        .history = record->history_count,
        .topic = (tt_topic)record->topic_id,
        .edge = TT_EDGE_NONE,
        .kind = record->kind,
        .priority = record->priority,
        .origin = TT_ORIGIN_IN | TT_ORIGIN_CORE,
    };
    registry->names[place] = hash_of(record->name, strlen(record->name));
    registry->hashes[place] = hash_of(record, sizeof *record);
    return TUTTI_OK;
}

static tutti_status check_record(const tt_topic_declaration *record, tt_error *error)
{
    TUTTI_TRY(tt_payload_check(&tt_layout_topic_declaration, record, sizeof *record, error));
    TUTTI_TRY(check_name("topic", record->name, TT_TOPIC_NAME_MAX, error));
    return check_numbers(record, error);
}

tutti_status
tt_registry_add_topic(tt_registry *registry, const tt_topic_declaration *record, tt_error *error)
{
    TUTTI_TRY(check_record(record, error));
    uint32_t place = place_of(record->topic_id, TT_TOPIC_USER_FIRST);
    if (place >= registry->topics_max) {
        return refuse_number(
            "topic", record->name, TT_TOPIC_USER_FIRST, registry->topics_max, error);
    }
    tt_topic_declaration *kept = &registry->topics[place];
    tt_topic named = tt_registry_find_topic(registry, record->name, strlen(record->name));
    bool is_same = kept->topic_id != 0 && memcmp(kept, record, sizeof *record) == 0;
    if (is_same) {
        return TUTTI_OK;
    }
    if (kept->topic_id != 0 || named != TT_TOPIC_NONE) {
        return refuse_taken("topic", record->name, error);
    }
    *kept = *record;
    tutti_status status = fill_row(registry, place, kept, error);
    if (status != TUTTI_OK) {
        memset(kept, 0, sizeof *kept);
        return status;
    }
    registry->state->topic_count++;
    return TUTTI_OK;
}

tutti_status
tt_registry_add_source(tt_registry *registry, const tt_source_declaration *record, tt_error *error)
{
    uint16_t named = TT_SOURCE_NONE;
    TUTTI_TRY(tt_payload_check(&tt_layout_source_declaration, record, sizeof *record, error));
    TUTTI_TRY(check_name("source", record->name, TT_SOURCE_NAME_MAX, error));
    uint32_t place = place_of(record->source_id, TT_SOURCE_USER_FIRST);
    if (place >= registry->sources_max) {
        return refuse_number(
            "source", record->name, TT_SOURCE_USER_FIRST, registry->sources_max, error);
    }
    bool is_taken = tt_registry_find_source(registry, record->name, strlen(record->name), &named);
    if (is_taken && named == record->source_id) {
        return TUTTI_OK;
    }
    if (is_taken || registry->sources[place].source_id != 0) {
        return refuse_taken("source", record->name, error);
    }
    registry->sources[place] = *record;
    registry->state->source_count++;
    return TUTTI_OK;
}

tutti_status tt_registry_apply(tt_registry *registry, const tt_msg *msg, tt_error *error)
{
    if (msg->topic == TT_TOPIC_TOPIC_DECLARATIONS && msg->size == sizeof(tt_topic_declaration)) {
        return tt_registry_add_topic(
            registry, TT_PAYLOAD(msg, TOPIC_DECLARATIONS, topic_declaration), error);
    }
    if (msg->topic == TT_TOPIC_SOURCE_DECLARATIONS && msg->size == sizeof(tt_source_declaration)) {
        return tt_registry_add_source(
            registry, TT_PAYLOAD(msg, SOURCE_DECLARATIONS, source_declaration), error);
    }
    return TUTTI_OK;
}

void *tt_registry_state(tt_registry *registry, size_t *ret_size)
{
    bool is_empty = registry->topics_max == 0 && registry->sources_max == 0;
    *ret_size = is_empty ? 0 : region_size(registry->topics_max, registry->sources_max);
    return is_empty ? NULL : registry->state;
}

/** The record at `place` after the region was written. */
static tutti_status restore_topic(tt_registry *registry, uint32_t place, tt_error *error)
{
    tt_topic_declaration *record = &registry->topics[place];
    uint64_t hash = registry->hashes[place];
    if (hash != 0 && hash != hash_of(record, sizeof *record)) {
        tt_error_set(
            error, TUTTI_VERSION, "topic %u: declared otherwise", place + TT_TOPIC_USER_FIRST);
        tt_error_hint(error, "restore first, then declare");
        return TUTTI_VERSION;
    }
    if (hash != 0 || record->topic_id == 0) {
        return TUTTI_OK;
    }
    bool is_right = record->topic_id == place + TT_TOPIC_USER_FIRST &&
                    check_record(record, error) == TUTTI_OK &&
                    fill_row(registry, place, record, error) == TUTTI_OK;
    return is_right ? TUTTI_OK
                    : tt_error_set(error, TUTTI_CORRUPT, "topic %u: the record is damaged", place);
}

static tutti_status restore_source(const tt_registry *registry, uint32_t place, tt_error *error)
{
    const tt_source_declaration *record = &registry->sources[place];
    bool is_free = record->source_id == 0;
    bool is_right =
        is_free ||
        (record->source_id == place + TT_SOURCE_USER_FIRST &&
         tt_payload_check(&tt_layout_source_declaration, record, sizeof *record, NULL) == TUTTI_OK);
    return is_right ? TUTTI_OK
                    : tt_error_set(error, TUTTI_CORRUPT, "source %u: the record is damaged", place);
}

tutti_status tt_registry_restore(tt_registry *registry, tt_error *error)
{
    struct records *state = registry->state;
    *state = (struct records){0};
    for (uint32_t i = 0; i < registry->topics_max; i++) {
        TUTTI_TRY(restore_topic(registry, i, error));
        state->topic_count += registry->topics[i].topic_id != 0;
    }
    for (uint32_t i = 0; i < registry->sources_max; i++) {
        TUTTI_TRY(restore_source(registry, i, error));
        state->source_count += registry->sources[i].source_id != 0;
    }
    return TUTTI_OK;
}
