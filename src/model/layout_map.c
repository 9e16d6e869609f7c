/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * From the layouts of another build to ours: see layout_map.h.
 */
#include "model/layout_map.h"

#include "model/enums.h"
#include "model/registry.h"

#include <string.h>

/** No value of ours. */
#define UNKNOWN UINT8_MAX

/** A field that both have. */
struct pair {
    const tt_field *from;
    const tt_field *to;
    const uint8_t *values; /**< Of an enumeration: ours by theirs, or UNKNOWN. */
};

/** The fields that both have of a payload. */
struct fields {
    struct pair *pairs;
    uint16_t count;
};

/** A topic of theirs. */
struct way {
    const tt_layout *to; /**< NULL = we have no such topic. */
    struct fields fixed;
    struct fields items; /**< Of the list; none if one of the two has no list. */
    uint16_t topic;      /**< Ours. */
};

struct tt_layout_map {
    const tt_layout_set *set;
    struct way *ways; /**< As the topics of the set. */
};

/* ---- preparing ---- */

static const tt_field *find_field(const tt_layout *layout, const tt_field *like)
{
    for (uint16_t i = 0; i < layout->field_count; i++) {
        const tt_field *field = &layout->fields[i];
        bool is_same = field->kind == like->kind && strcmp(field->name, like->name) == 0;
        if (is_same && (field->size == like->size || field->kind == TT_KIND_text)) {
            return field;
        }
    }
    return NULL;
}

static const tt_layout *items_of(const tt_layout *layout)
{
    return layout->item_size != 0 ? layout->fields[layout->field_count - 1].item : NULL;
}

/* Our values of their enumeration. */
static const uint8_t *
match_values(const tt_enum_info *from, const tt_enum_info *to, tt_arena *arena)
{
    uint8_t *values = tt_arena_alloc(arena, (size_t)from->count + 1, 1);
    for (uint8_t i = 0; values && i < from->count; i++) {
        const char *text = from->texts[i];
        if (!tt_enum_find(to, text, strlen(text), &values[i])) {
            values[i] = UNKNOWN;
        }
    }
    return values;
}

/* The pairs of what messages hold: spare bytes, and lists, which are dealt with apart, are none. */
static bool
match_fields(const tt_layout *from, const tt_layout *to, tt_arena *arena, struct fields *ret_fields)
{
    ret_fields->pairs = tt_arena_alloc(arena, (size_t)to->field_count + 1, sizeof(struct pair));
    for (uint16_t i = 0; ret_fields->pairs && i < to->field_count; i++) {
        const tt_field *own = &to->fields[i];
        const tt_field *other = find_field(from, own);
        if (!other || own->kind == TT_KIND_reserved || own->kind == TT_KIND_list) {
            continue;
        }
        struct pair *pair = &ret_fields->pairs[ret_fields->count++];
        *pair = (struct pair){.from = other, .to = own};
        if (own->kind == TT_KIND_enum) {
            pair->values = match_values(other->enumeration, own->enumeration, arena);
            if (!pair->values) {
                return false;
            }
        }
    }
    return ret_fields->pairs != NULL;
}

static bool prepare_way(const tt_layout_topic *from, tt_arena *arena, struct way *way)
{
    tt_topic topic = tt_topic_find(from->name, strlen(from->name));
    if (topic == TT_TOPIC_NONE) {
        return true;
    }
    way->topic = (uint16_t)topic;
    way->to = tt_topic_info_get(way->topic)->layout;
    const tt_layout *items_from = items_of(from->layout);
    const tt_layout *items_to = items_of(way->to);
    return match_fields(from->layout, way->to, arena, &way->fixed) &&
           (!items_from || !items_to || match_fields(items_from, items_to, arena, &way->items));
}

tutti_status tt_layout_map_make(const tt_layout_set *set, tt_arena *arena, tt_layout_map **result)
{
    tt_layout_map *map = tt_arena_alloc(arena, 1, sizeof *map);
    struct way *ways = tt_arena_alloc(arena, (size_t)set->topic_count + 1, sizeof *ways);
    if (!map || !ways) {
        return TUTTI_NO_MEMORY;
    }
    for (uint32_t i = 0; i < set->topic_count; i++) {
        if (!prepare_way(&set->topics[i], arena, &ways[i])) {
            return TUTTI_NO_MEMORY;
        }
    }
    *map = (tt_layout_map){.set = set, .ways = ways};
    *result = map;
    return TUTTI_OK;
}

/* ---- a message ---- */

/** One message on its way. */
struct passage {
    const tt_layout_map *map;
    const tt_layout_topic *topic;
    tt_error *error;
};

static tutti_status fail(const struct passage *passage, const char *field, const char *what)
{
    return tt_error_set(
        passage->error, TUTTI_RANGE, "%s, field %s: %s", passage->topic->name, field, what);
}

/* Topics may have other numbers; those that are declared at run time keep theirs. */
static tutti_status
copy_topic(const struct passage *passage, const struct pair *pair, const void *from, void *to)
{
    uint16_t number;
    memcpy(&number, from, sizeof number);
    const tt_layout_topic *other = tt_layout_set_topic(passage->map->set, number);
    if (other) {
        number = (uint16_t)tt_topic_find(other->name, strlen(other->name));
    }
    if (other && number == TT_TOPIC_NONE) {
        return fail(passage, pair->to->name, "this release has no such topic");
    }
    memcpy(to, &number, sizeof number);
    return TUTTI_OK;
}

static tutti_status
copy_text(const struct passage *passage, const struct pair *pair, const char *from, char *to)
{
    size_t length = strnlen(from, pair->from->size);
    if (length >= pair->to->size) {
        return fail(passage, pair->to->name, "the text is longer than in this release");
    }
    memcpy(to, from, length); // What stands behind is zero.
    return TUTTI_OK;
}

static tutti_status copy_field(
    const struct passage *passage,
    const struct pair *pair,
    const unsigned char *payload,
    unsigned char *own)
{
    const unsigned char *from = payload + pair->from->offset;
    unsigned char *to = own + pair->to->offset;
    if (pair->to->kind == TT_KIND_text) {
        return copy_text(passage, pair, (const char *)from, (char *)to);
    }
    if (pair->to->kind == TT_KIND_topic) {
        return copy_topic(passage, pair, from, to);
    }
    if (pair->to->kind == TT_KIND_enum) {
        *to = *from < pair->from->enumeration->count ? pair->values[*from] : UNKNOWN;
        return *to != UNKNOWN ? TUTTI_OK
                              : fail(passage, pair->to->name, "this release has no such value");
    }
    memcpy(to, from, pair->to->size);
    return TUTTI_OK;
}

static tutti_status copy_fields(
    const struct passage *passage,
    const struct fields *fields,
    const unsigned char *payload,
    unsigned char *own)
{
    for (uint16_t i = 0; i < fields->count; i++) {
        TUTTI_TRY(copy_field(passage, &fields->pairs[i], payload, own));
    }
    return TUTTI_OK;
}

/* The items, and how many there are: the field `count` is ours, whatever theirs was. */
static tutti_status copy_items(
    const struct passage *passage,
    const struct way *way,
    const unsigned char *payload,
    unsigned char *own)
{
    const tt_layout *from = passage->topic->layout;
    const tt_layout *to = way->to;
    uint16_t count = way->items.pairs ? tt_layout_item_count(from, payload) : 0;
    if (count > to->item_max) {
        return fail(passage, "count", "more items than a list of this release holds");
    }
    for (uint16_t i = 0; i < count; i++) {
        const unsigned char *item = payload + from->fixed_size + (size_t)i * from->item_size;
        unsigned char *own_item = own + to->fixed_size + (size_t)i * to->item_size;
        TUTTI_TRY(copy_fields(passage, &way->items, item, own_item));
    }
    if (to->count_size > 0) {
        memcpy(own + to->count_offset, &count, to->count_size);
    }
    return TUTTI_OK;
}

tutti_status
tt_layout_map_message(const tt_layout_map *map, const tt_msg *from, tt_msg *to, tt_error *error)
{
    if (from->topic >= TT_TOPIC_USER_FIRST) {
        memcpy(to, from, tt_msg_bytes(from));
        return TUTTI_OK;
    }
    const struct passage passage = {
        .map = map, .topic = tt_layout_set_topic(map->set, from->topic), .error = error};
    const struct way *way = passage.topic ? &map->ways[passage.topic - map->set->topics] : NULL;
    if (!way || !way->to) {
        return TUTTI_NOT_FOUND;
    }
    const unsigned char *payload = tt_msg_payload(from);
    unsigned char *own = (unsigned char *)(to + 1);
    memset(own, 0, way->to->size);
    *to = *from;
    to->topic = way->topic;
    TUTTI_TRY(copy_fields(&passage, &way->fixed, payload, own));
    if (way->to->item_size != 0) {
        TUTTI_TRY(copy_items(&passage, way, payload, own));
    }
    to->size = tt_layout_used_size(way->to, own);
    return TUTTI_OK;
}
