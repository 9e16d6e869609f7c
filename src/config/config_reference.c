/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The reference of all keys, from the schema.
 */
#include "config/config_priv.h"

#include <stdlib.h>

#define REFERENCE_CAPACITY ((size_t)256 * 1024)

static const char preface[] =
    "# Configuration\n"
    "\n"
    "One YAML file serves every command. Each key has a default unless it says `required`; "
    "unknown,\n"
    "repeated, mistyped and out-of-range keys are errors that name file, line, column and what is\n"
    "allowed. YAML aliases, anchors, tags, merge keys and further documents are refused.\n"
    "\n"
    "The environment stands above the file: `TUTTI__RISK__MAX_LEVERAGE=3` sets "
    "`risk.max_leverage`.\n"
    "`--set risk.max_leverage=3` stands above both, and `--data FILE` sets `feed.path`. Lists can\n"
    "only be given in the file. `tutti config show` prints what is in force. Times are in "
    "seconds.\n"
    "\n"
    "This page is made by `tutti config reference`.\n";

/* Text within a table cell: a bar would end the cell. */
static void put_cell(const char *text, tt_text_buf *out)
{
    for (const char *c = text; *c; c++) {
        if (*c == '|') {
            tt_text_append_text(out, "\\");
        }
        tt_text_append(out, c, 1);
    }
}

static void put_default(
    const tt_config *defaults,
    const tt_config_section *section,
    const tt_config_key *key,
    tt_text_buf *out)
{
    char path[TT_CONFIG_PATH_MAX];
    if (tt_config_heir_of(section, key, path)) {
        tt_text_appendf(out, "`%s`", path);
        return;
    }
    if (section->item_size > 0) {
        bool is_required = key->initial[0] == '\0';
        tt_text_appendf(out, is_required ? "required" : "`%s`", key->initial);
        return;
    }
    const unsigned char *values = (const unsigned char *)defaults + section->offset;
    tt_text_append_text(out, "`");
    tt_config_put_value(key, values + key->offset, out);
    tt_text_append_text(out, "`");
}

static void
put_section(const tt_config *defaults, const tt_config_section *section, tt_text_buf *out)
{
    tt_text_appendf(out, "\n## `%s`\n\n%s", section->path, section->doc);
    if (section->item_size > 0) {
        tt_text_appendf(out, " A list of at most %u items.", section->item_max);
    }
    tt_text_append_text(out, "\n\n| key | default | allowed | what |\n| --- | --- | --- | --- |\n");
    for (uint32_t i = 0; i < section->key_count; i++) {
        const tt_config_key *key = &section->keys[i];
        tt_text_appendf(out, "| `%s` | ", key->name);
        put_default(defaults, section, key, out);
        tt_text_append_text(out, " | ");
        tt_config_put_allowed(key, out);
        tt_text_append_text(out, " | ");
        put_cell(key->doc, out);
        tt_text_append_text(out, " |\n");
    }
}

tutti_status tt_config_reference(char **ret_text, tt_error *error)
{
    char *text = malloc(REFERENCE_CAPACITY);
    tt_config *defaults = malloc(sizeof *defaults);
    if (!text || !defaults) {
        free(text);
        free(defaults);
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the reference");
    }
    tt_text_buf out;
    tt_config_init(defaults);
    tt_text_init(&out, text, REFERENCE_CAPACITY);
    tt_text_append_text(&out, preface);
    for (uint32_t i = 0; i < tt_config_section_count; i++) {
        put_section(defaults, &tt_config_sections[i], &out);
    }
    free(defaults);
    TT_ASSERT(!out.truncated);
    *ret_text = text;
    return TUTTI_OK;
}
