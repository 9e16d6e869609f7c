/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Checks a pattern before it is held against messages: topic, names of fields, and values that the
 * field can have. What no message can ever be would make a negative expectation come true.
 */
#include "base/calendar.h"
#include "model/verdict.h"
#include "scenario/scenario_priv.h"

#include <string.h>

/** Where a pattern is checked. */
struct place {
    const scenario *run;
    tt_error *error;
};

static tutti_status
check_enum(const struct place *place, const tt_enum_info *info, struct fy_node *node)
{
    char text[64];
    uint8_t value = 0;
    tt_scenario_text(node, text, sizeof text);
    if (tt_enum_find(info, text, strlen(text), &value)) {
        return TUTTI_OK;
    }
    return tt_scenario_fail_at(
        place->run,
        node,
        place->error,
        "'%s' is no %s (tutti topics lists them)",
        text,
        info->name);
}

static tutti_status check_symbol(const struct place *place, struct fy_node *node)
{
    char text[64];
    tt_scenario_text(node, text, sizeof text);
    if (tt_instrument_find_symbol(&place->run->config->engine.instruments, text, strlen(text)) !=
        NULL) {
        return TUTTI_OK;
    }
    return tt_scenario_fail_at(
        place->run, node, place->error, "the configuration has no instrument '%s'", text);
}

static tutti_status check_number(const struct place *place, struct fy_node *node)
{
    char text[80];
    tt_dec number;
    tt_scenario_text(node, text, sizeof text);
    if (tt_dec_parse(text, strlen(text), &number) == TUTTI_OK) {
        return TUTTI_OK;
    }
    return tt_scenario_fail_at(place->run, node, place->error, "'%s' is no number", text);
}

static tutti_status check_flag(const struct place *place, struct fy_node *node)
{
    char text[16];
    tt_scenario_text(node, text, sizeof text);
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
        return TUTTI_OK;
    }
    return tt_scenario_fail_at(
        place->run, node, place->error, "'%s' is neither true nor false", text);
}

static tutti_status check_time(const struct place *place, struct fy_node *node)
{
    char text[64];
    tt_time time;
    tt_scenario_text(node, text, sizeof text);
    if (strcmp(text, "null") == 0 || tt_time_parse(text, strlen(text), &time) == TUTTI_OK) {
        return TUTTI_OK;
    }
    return tt_scenario_fail_at(
        place->run, node, place->error, "'%s' is no time; 2024-01-01T00:00:00Z would be one", text);
}

static tutti_status check_topic(const struct place *place, struct fy_node *node)
{
    char text[64];
    tt_scenario_text(node, text, sizeof text);
    if (strcmp(text, "null") == 0 || tt_topic_find(text, strlen(text)) != TT_TOPIC_NONE) {
        return TUTTI_OK;
    }
    return tt_scenario_fail_at(place->run, node, place->error, "there is no topic '%s'", text);
}

static tutti_status check_source(const struct place *place, struct fy_node *node)
{
    char text[64];
    uint16_t source = 0;
    tt_scenario_text(node, text, sizeof text);
    if (tt_source_find(text, strlen(text), &source)) {
        return TUTTI_OK;
    }
    return tt_scenario_fail_at(place->run, node, place->error, "there is no source '%s'", text);
}

/** A value that is one scalar. */
static tutti_status
check_scalar(const struct place *place, const tt_field *field, struct fy_node *node)
{
    if (!fy_node_is_scalar(node)) {
        return tt_scenario_fail_at(
            place->run, node, place->error, "'%s' is a single value", field->name);
    }
    switch (field->kind) {
    case TT_KIND_price:
    case TT_KIND_qty:
    case TT_KIND_money:
    case TT_KIND_ratio:
    case TT_KIND_dur:
    case TT_KIND_u64:
    case TT_KIND_i64:
    case TT_KIND_seq:
    case TT_KIND_u32:
    case TT_KIND_u16:
    case TT_KIND_u8:
        return check_number(place, node);
    case TT_KIND_key:
        return check_symbol(place, node);
    case TT_KIND_flag:
        return check_flag(place, node);
    case TT_KIND_enum:
        return check_enum(place, field->enumeration, node);
    case TT_KIND_time:
        return check_time(place, node);
    case TT_KIND_topic:
        return check_topic(place, node);
    case TT_KIND_source:
        return check_source(place, node);
    case TT_KIND_uuid:
    case TT_KIND_hash:
    case TT_KIND_text:
    case TT_KIND_reserved:
    case TT_KIND_list:
        break;
    }
    return TUTTI_OK;
}

static const tt_field *find_field(const tt_layout *layout, const char *name)
{
    for (uint16_t i = 0; i < layout->field_count; i++) {
        bool is_shown = layout->fields[i].kind != TT_KIND_reserved;
        if (is_shown && strcmp(layout->fields[i].name, name) == 0) {
            return &layout->fields[i];
        }
    }
    return NULL;
}

static tutti_status
check_mapping(const struct place *place, const tt_layout *layout, struct fy_node *mapping);

static tutti_status
check_list(const struct place *place, const tt_field *field, struct fy_node *node)
{
    if (!fy_node_is_sequence(node)) {
        return tt_scenario_fail_at(place->run, node, place->error, "'%s' is a list", field->name);
    }
    void *at = NULL;
    for (struct fy_node *item = fy_node_sequence_iterate(node, &at); item != NULL;
         item = fy_node_sequence_iterate(node, &at)) {
        TUTTI_TRY(check_mapping(place, field->item, item));
    }
    return TUTTI_OK;
}

/** The body of an answer is shown as the payload that it encodes; it is not looked into here. */
static tutti_status
check_field(const struct place *place, const tt_field *field, struct fy_node *node)
{
    if (node == NULL) {
        return tt_scenario_fail_at(
            place->run, node, place->error, "'%s' has no value", field->name);
    }
    if (field->kind != TT_KIND_list) {
        return check_scalar(place, field, node);
    }
    return field->item == &tt_layout_answer_byte ? TUTTI_OK : check_list(place, field, node);
}

static tutti_status
check_mapping(const struct place *place, const tt_layout *layout, struct fy_node *mapping)
{
    if (!fy_node_is_mapping(mapping)) {
        return tt_scenario_fail_at(
            place->run,
            mapping,
            place->error,
            "fields of %s (name: value) are needed here",
            layout->name);
    }
    void *at = NULL;
    for (struct fy_node_pair *pair = fy_node_mapping_iterate(mapping, &at); pair != NULL;
         pair = fy_node_mapping_iterate(mapping, &at)) {
        char key[64];
        tt_scenario_text(fy_node_pair_key(pair), key, sizeof key);
        const tt_field *field = find_field(layout, key);
        if (field == NULL) {
            return tt_scenario_fail_at(
                place->run,
                fy_node_pair_key(pair),
                place->error,
                "%s has no field '%s'",
                layout->name,
                key);
        }
        TUTTI_TRY(check_field(place, field, fy_node_pair_value(pair)));
    }
    return TUTTI_OK;
}

/** Fields of the head; false in `ret_known` when `key` is none. */
static tutti_status
check_head(const struct place *place, const char *key, struct fy_node *node, bool *ret_known)
{
    static const char *const numbers[] = {"seq", "cause", "key", "ttl_ms"};
    *ret_known = true;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (strcmp(numbers[i], key) == 0) {
            return check_number(place, node);
        }
    }
    if (strcmp(key, "topic") == 0 || strcmp(key, "correlation") == 0) {
        return TUTTI_OK;
    }
    if (strcmp(key, "symbol") == 0) {
        return check_symbol(place, node);
    }
    if (strcmp(key, "source") == 0) {
        return check_source(place, node);
    }
    if (strcmp(key, "kind") == 0 || strcmp(key, "priority") == 0) {
        return check_enum(place, key[0] == 'k' ? &tt_enum_msg_kind : &tt_enum_priority, node);
    }
    if (strcmp(key, "time") == 0) {
        return check_time(place, node);
    }
    *ret_known = strcmp(key, "input") == 0;
    return *ret_known ? check_flag(place, node) : TUTTI_OK;
}

/** One entry of a pattern: a field of the payload, else one of the head, else `payload` itself. */
static tutti_status
check_entry(const struct place *place, const tt_topic_info *topic, struct fy_node_pair *pair)
{
    char key[64];
    bool is_known = false;
    struct fy_node *node = fy_node_pair_value(pair);
    tt_scenario_text(fy_node_pair_key(pair), key, sizeof key);
    const tt_field *field = find_field(tt_layout_shown(topic->layout), key);
    if (field != NULL) {
        return check_field(place, field, node);
    }
    if (strcmp(key, "payload") == 0) {
        return check_mapping(place, tt_layout_shown(topic->layout), node);
    }
    TUTTI_TRY(check_head(place, key, node, &is_known));
    if (is_known) {
        return TUTTI_OK;
    }
    return tt_scenario_fail_at(
        place->run,
        fy_node_pair_key(pair),
        place->error,
        "messages of %s have no field '%s'",
        topic->name,
        key);
}

tutti_status
tt_scenario_check_pattern(const scenario *run, struct fy_node *pattern, tt_error *error)
{
    if (pattern == NULL || !fy_node_is_mapping(pattern)) {
        return tt_scenario_fail_at(run, pattern, error, "a pattern is a mapping of fields");
    }
    char name[64];
    struct fy_node *node = tt_scenario_get(pattern, "topic");
    tt_scenario_text(node, name, sizeof name);
    tt_topic topic = tt_topic_find(name, strlen(name));
    if (topic == TT_TOPIC_NONE) {
        return tt_scenario_fail_at(
            run,
            node == NULL ? pattern : node,
            error,
            "a pattern names its topic; '%s' is none (tutti topics lists them)",
            name);
    }
    const struct place place = {.run = run, .error = error};
    void *at = NULL;
    for (struct fy_node_pair *pair = fy_node_mapping_iterate(pattern, &at); pair != NULL;
         pair = fy_node_mapping_iterate(pattern, &at)) {
        TUTTI_TRY(check_entry(&place, tt_topic_info_get((uint16_t)topic), pair));
    }
    return TUTTI_OK;
}
