/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What is in force, and the reference of all keys, as JSON for programs. Decimals and spans of time
 * are texts, exact; whole numbers that a double cannot hold are texts, too.
 */
#include "base/json.h"
#include "config/config_priv.h"

#include <stdlib.h>
#include <string.h>

/* Enough for every key of every section with the longest values, and for full lists. */
#define JSON_CAPACITY ((size_t)4 * 1024 * 1024)

static void write_text(tt_json_writer *writer, const char *key, const char *value)
{
    tt_json_key(writer, key);
    tt_json_text(writer, value);
}

static void write_value(tt_json_writer *writer, const tt_config_key *key, const void *field)
{
    char text[TT_DEC_TEXT_MAX];
    tt_text_buf out;
    switch (key->kind) {
    case TT_CONFIG_KIND_ratio:
    case TT_CONFIG_KIND_price:
    case TT_CONFIG_KIND_qty:
    case TT_CONFIG_KIND_money:
    case TT_CONFIG_KIND_dur:
        tt_text_init(&out, text, sizeof text);
        tt_config_put_value(key, field, &out);
        tt_json_text(writer, text);
        return;
    case TT_CONFIG_KIND_u32:
        tt_json_u64(writer, *(const uint32_t *)field);
        return;
    case TT_CONFIG_KIND_u64:
        tt_json_exact_u64(writer, *(const uint64_t *)field);
        return;
    case TT_CONFIG_KIND_flag:
        tt_json_bool(writer, *(const bool *)field);
        return;
    case TT_CONFIG_KIND_enum:
        tt_json_text(writer, tt_enum_text(key->values, (uint8_t) * (const uint32_t *)field));
        return;
    case TT_CONFIG_KIND_text:
        tt_json_text(writer, field);
        return;
    }
}

static void write_origin(tt_json_writer *writer, tt_config_origin origin)
{
    write_text(writer, "origin", tt_config_origin_name(origin));
    if (origin.source == TT_CONFIG_FILE) {
        tt_json_key(writer, "line");
        tt_json_u64(writer, origin.line);
    }
}

static void
write_section(tt_json_writer *writer, const tt_config *config, const tt_config_section *section)
{
    const unsigned char *values = (const unsigned char *)config + section->offset;
    char path[TT_CONFIG_PATH_MAX];
    for (uint32_t i = 0; i < section->key_count; i++) {
        const tt_config_key *key = &section->keys[i];
        (void)tt_text_format(path, sizeof path, "%s.%s", section->path, key->name);
        tt_json_begin_object(writer);
        write_text(writer, "key", path);
        tt_json_key(writer, "value");
        write_value(writer, key, values + key->offset);
        write_origin(writer, config->origins[tt_config_key_index(section, key)]);
        tt_json_end_object(writer);
    }
}

/** An item of a list. */
struct item {
    const unsigned char *values;
    tt_config_origin origin;
    uint32_t number;
};

/** A key of an item. */
static void write_item_key(
    tt_json_writer *writer,
    const tt_config_section *section,
    const struct item *item,
    uint32_t key_index)
{
    const tt_config_key *key = &section->keys[key_index];
    char path[TT_CONFIG_PATH_MAX];
    (void)tt_text_format(path, sizeof path, "%s[%u].%s", section->path, item->number, key->name);
    tt_json_begin_object(writer);
    write_text(writer, "key", path);
    tt_json_key(writer, "value");
    write_value(writer, key, item->values + key->offset);
    bool is_heir = section->inherits && (item->origin.given >> key_index & 1) == 0 &&
                   tt_config_heir_of(section, key, path);
    if (is_heir) {
        write_text(writer, "as", path);
    } else {
        write_origin(writer, item->origin);
    }
    tt_json_end_object(writer);
}

static void
write_list(tt_json_writer *writer, const tt_config *config, const tt_config_section *section)
{
    const unsigned char *origins = (const unsigned char *)config + section->origins_offset;
    uint32_t count = 0;
    memcpy(&count, (const unsigned char *)config + section->count_offset, sizeof count);
    for (uint32_t n = 0; n < count; n++) {
        const struct item item = {
            .values =
                (const unsigned char *)config + section->offset + (size_t)n * section->item_size,
            .origin = ((const tt_config_origin *)(const void *)origins)[n],
            .number = n,
        };
        for (uint32_t i = 0; i < section->key_count; i++) {
            write_item_key(writer, section, &item, i);
        }
    }
}

/** Starts {"settings": [ in memory of its own. */
static tutti_status begin(tt_json_writer *writer, char **ret_text, tt_error *error)
{
    char *text = malloc(JSON_CAPACITY);
    if (!text) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the text of a configuration");
    }
    tt_json_writer_init(writer, text, JSON_CAPACITY, true);
    tt_json_begin_object(writer);
    tt_json_key(writer, "settings");
    tt_json_begin_array(writer);
    *ret_text = text;
    return TUTTI_OK;
}

static void end(tt_json_writer *writer)
{
    size_t length = 0;
    tt_json_end_array(writer);
    tt_json_end_object(writer);
    tutti_status status = tt_json_finish(writer, &length);
    TT_ASSERT(status == TUTTI_OK); // What the schema allows fits.
}

tutti_status tt_config_render_json(const tt_config *config, char **ret_text, tt_error *error)
{
    tt_json_writer writer;
    TUTTI_TRY(begin(&writer, ret_text, error));
    for (uint32_t i = 0; i < tt_config_section_count; i++) {
        const tt_config_section *section = &tt_config_sections[i];
        if (section->item_size > 0) {
            write_list(&writer, config, section);
        } else {
            write_section(&writer, config, section);
        }
    }
    end(&writer);
    return TUTTI_OK;
}

static void write_default(
    tt_json_writer *writer,
    const tt_config *defaults,
    const tt_config_section *section,
    const tt_config_key *key)
{
    char path[TT_CONFIG_PATH_MAX];
    if (tt_config_heir_of(section, key, path)) {
        write_text(writer, "as", path);
    } else if (section->item_size == 0) {
        tt_json_key(writer, "default");
        write_value(writer, key, (const unsigned char *)defaults + section->offset + key->offset);
    } else if (key->initial[0] == '\0') {
        tt_json_key(writer, "required");
        tt_json_bool(writer, true);
    } else {
        write_text(writer, "default", key->initial);
    }
}

static void
write_reference(tt_json_writer *writer, const tt_config *defaults, const tt_config_section *section)
{
    for (uint32_t i = 0; i < section->key_count; i++) {
        const tt_config_key *key = &section->keys[i];
        char text[1024];
        tt_text_buf out;
        tt_text_init(&out, text, sizeof text);
        tt_text_appendf(
            &out, "%s%s.%s", section->path, section->item_size > 0 ? "[]" : "", key->name);
        tt_json_begin_object(writer);
        write_text(writer, "key", text);
        write_default(writer, defaults, section, key);
        tt_text_init(&out, text, sizeof text);
        tt_config_put_allowed(key, &out);
        TT_ASSERT(!out.truncated);
        write_text(writer, "allowed", text);
        write_text(writer, "meaning", key->doc);
        tt_json_end_object(writer);
    }
}

tutti_status tt_config_reference_json(char **ret_text, tt_error *error)
{
    tt_json_writer writer;
    tt_config *defaults = malloc(sizeof *defaults);
    if (!defaults) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the reference");
    }
    tutti_status status = begin(&writer, ret_text, error);
    if (status == TUTTI_OK) {
        tt_config_init(defaults);
        for (uint32_t i = 0; i < tt_config_section_count; i++) {
            write_reference(&writer, defaults, &tt_config_sections[i]);
        }
        end(&writer);
    }
    free(defaults);
    return status;
}
