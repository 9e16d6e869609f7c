/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The configuration as text: canonical YAML.
 */
#include "config/config_priv.h"

#include <stdlib.h>
#include <string.h>

/* Enough for every key of every section with the longest values, and for full lists. */
#define RENDER_CAPACITY ((size_t)1024 * 1024)

static void indent(tt_text_buf *out, uint32_t depth)
{
    for (uint32_t i = 0; i < depth; i++) {
        tt_text_append_text(out, "  ");
    }
}

/* Opens the levels of `path` that `before` did not open; returns the depth of the section's keys.
 */
static uint32_t open_levels(const char *before, const char *path, tt_text_buf *out)
{
    uint32_t depth = 0;
    bool is_same = true;
    tt_slice rest = tt_slice_of(path);
    tt_slice old = tt_slice_of(before);
    while (rest.length > 0) {
        tt_slice part = tt_slice_split(&rest, '.');
        is_same = is_same && tt_slice_eq(part, tt_slice_split(&old, '.'));
        if (!is_same) {
            indent(out, depth);
            tt_text_appendf(out, "%.*s:\n", (int)part.length, part.data);
        }
        depth++;
    }
    return depth;
}

const char *tt_config_origin_name(tt_config_origin origin)
{
    static const char *const names[] = {
        [TT_CONFIG_DEFAULT] = "default",
        [TT_CONFIG_FILE] = "file",
        [TT_CONFIG_ENVIRONMENT] = "environment",
        [TT_CONFIG_SET] = "--set",
        [TT_CONFIG_DATA] = "--data",
    };
    return names[origin.source];
}

static void put_origin(tt_config_origin origin, tt_text_buf *out)
{
    tt_text_appendf(out, " # %s", tt_config_origin_name(origin));
    if (origin.source == TT_CONFIG_FILE) {
        tt_text_appendf(out, ", line %u", origin.line);
    }
}

static void render_section(
    const tt_config *config,
    const tt_config_section *section,
    uint32_t depth,
    bool with_origins,
    tt_text_buf *out)
{
    const unsigned char *values = (const unsigned char *)config + section->offset;
    for (uint32_t i = 0; i < section->key_count; i++) {
        const tt_config_key *key = &section->keys[i];
        indent(out, depth);
        tt_text_appendf(out, "%s: ", key->name);
        tt_config_put_value(key, values + key->offset, out);
        if (with_origins) {
            put_origin(config->origins[tt_config_key_index(section, key)], out);
        }
        tt_text_append_text(out, "\n");
    }
}

/* Where the value of a key of an item comes from, in lists whose items inherit. */
static void
put_heir(const tt_config_section *section, uint32_t key, tt_config_origin origin, tt_text_buf *out)
{
    char path[TT_CONFIG_PATH_MAX];
    if (!section->inherits) {
        return;
    }
    bool is_heir = tt_config_heir_of(section, &section->keys[key], path);
    if (is_heir && (origin.given >> key & 1) == 0) {
        tt_text_appendf(out, " # as %s", path);
    } else {
        put_origin(origin, out);
    }
}

static void render_list(
    const tt_config *config,
    const tt_config_section *section,
    uint32_t depth,
    bool with_origins,
    tt_text_buf *out)
{
    const unsigned char *origins = (const unsigned char *)config + section->origins_offset;
    const unsigned char *item = (const unsigned char *)config + section->offset;
    uint32_t count = 0;
    memcpy(&count, (const unsigned char *)config + section->count_offset, sizeof count);
    if (count == 0) {
        indent(out, depth);
        tt_text_append_text(out, "[]\n");
    }
    for (uint32_t n = 0; n < count; n++, item += section->item_size) {
        for (uint32_t i = 0; i < section->key_count; i++) {
            const tt_config_key *key = &section->keys[i];
            indent(out, depth);
            tt_text_appendf(out, "%s%s: ", i == 0 ? "- " : "  ", key->name);
            tt_config_put_value(key, item + key->offset, out);
            if (with_origins) {
                put_heir(section, i, ((const tt_config_origin *)(const void *)origins)[n], out);
            }
            tt_text_append_text(out, "\n");
        }
    }
}

static tutti_status
render(const tt_config *config, bool with_origins, char **ret_text, tt_error *error)
{
    char *text = malloc(RENDER_CAPACITY);
    if (!text) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the text of a configuration");
    }
    tt_text_buf out;
    tt_text_init(&out, text, RENDER_CAPACITY);
    const char *before = "";
    for (uint32_t i = 0; i < tt_config_section_count; i++) {
        const tt_config_section *section = &tt_config_sections[i];
        uint32_t depth = open_levels(before, section->path, &out);
        if (section->item_size > 0) {
            render_list(config, section, depth, with_origins, &out);
        } else {
            render_section(config, section, depth, with_origins, &out);
        }
        before = section->path;
    }
    TT_ASSERT(!out.truncated);
    *ret_text = text;
    return TUTTI_OK;
}

tutti_status tt_config_render(const tt_config *config, char **ret_text, tt_error *error)
{
    return render(config, false, ret_text, error);
}

tutti_status tt_config_render_origins(const tt_config *config, char **ret_text, tt_error *error)
{
    return render(config, true, ret_text, error);
}
