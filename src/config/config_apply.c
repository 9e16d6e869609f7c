/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * From the tree of a file to the configuration: each name is looked up in the schema, each value
 * checked by its key.
 */
#include "config/config_priv.h"

#include <stdio.h>
#include <string.h>

#define PATH_SIZE 128

/* What is being applied. */
typedef struct apply_run {
    tt_config *config;
    const char *source;
    uint32_t *left_out; /* Counts what cannot be applied; NULL = that is an error. */
    tt_error *error;
} apply_run;

/* Ends one key, item or section: what another release wrote may be left out. */
static tutti_status pass_over(const apply_run *run, tutti_status status)
{
    if (status == TUTTI_OK || run->left_out == NULL) {
        return status;
    }
    ++*run->left_out;
    return TUTTI_OK;
}

/* Place of a node's value. */
static tt_config_place value_place(const apply_run *run, const char *path, const tt_yaml_node *node)
{
    return (tt_config_place){
        .source = run->source, .line = node->line, .column = node->column, .path = path};
}

/* Place of a node's key, or of its value if it has none. */
static tt_config_place key_place(const apply_run *run, const char *path, const tt_yaml_node *node)
{
    tt_config_place place = value_place(run, path, node);
    if (node->key) {
        place.line = node->key_line;
        place.column = node->key_column;
    }
    return place;
}

/* Stores a scalar into the field of a key. */
static tutti_status apply_scalar(
    const apply_run *run,
    const char *path,
    const tt_config_key *key,
    const tt_yaml_node *node,
    void *field)
{
    tt_config_place place = value_place(run, path, node);
    bool is_scalar = node->kind == TT_YAML_SCALAR;
    if (is_scalar && !node->is_null) {
        tt_slice text = tt_slice_of(node->text);
        return tt_config_set_value(key, text, !node->is_plain, &place, field, run->error);
    }
    char allowed[200];
    tt_text_buf buf;
    tt_text_init(&buf, allowed, sizeof allowed);
    tt_config_put_allowed(key, &buf);
    place = key_place(run, path, node);
    (void)tt_config_fail(
        run->error,
        &place,
        TUTTI_PARSE,
        is_scalar ? "the value is missing" : "a single value must stand here");
    tt_error_hint(run->error, "write %s", allowed);
    return TUTTI_PARSE;
}

static tutti_status fail_unknown(
    const apply_run *run, const char *schema_path, const char *path, const tt_yaml_node *node)
{
    tt_config_place place = key_place(run, path, node);
    (void)tt_config_fail(run->error, &place, TUTTI_NOT_FOUND, "there is no key `%.60s`", node->key);
    tt_config_hint_names(run->error, schema_path, node->key);
    return TUTTI_NOT_FOUND;
}

static tutti_status
apply_member(const apply_run *run, const char *path, const tt_yaml_node *member);

/* Applies the members of the section or branch `path`; nothing is an empty section. */
static tutti_status apply_map(const apply_run *run, const char *path, const tt_yaml_node *node)
{
    if (node->kind == TT_YAML_SCALAR && node->is_null) {
        return TUTTI_OK;
    }
    if (node->kind != TT_YAML_MAP) {
        tt_config_place place = value_place(run, path, node);
        (void)tt_config_fail(
            run->error, &place, TUTTI_PARSE, "a section must stand here: lines of `key: value`");
        tt_config_hint_names(run->error, path, "");
        return TUTTI_PARSE;
    }
    for (const tt_yaml_node *member = node->first; member; member = member->next) {
        TUTTI_TRY(pass_over(run, apply_member(run, path, member)));
    }
    return TUTTI_OK;
}

static void set_origin(
    tt_config *config,
    const tt_config_section *section,
    const tt_config_key *key,
    const tt_yaml_node *node)
{
    config->origins[tt_config_key_index(section, key)] =
        (tt_config_origin){.source = TT_CONFIG_FILE, .line = node->line, .column = node->column};
}

/* Fills an item of a list with the defaults of its keys. */
static void init_item(const tt_config_section *section, unsigned char *item)
{
    tt_config_place place = {.source = "defaults", .path = section->path};
    memset(item, 0, section->item_size);
    for (uint32_t i = 0; i < section->key_count; i++) {
        const tt_config_key *key = &section->keys[i];
        tt_slice text = tt_slice_of(key->initial);
        if (text.length > 0) {
            TT_ASSERT(
                tt_config_set_value(key, text, false, &place, item + key->offset, NULL) ==
                TUTTI_OK);
        }
    }
}

/* Refuses an item that lacks a key without default. Bit i of `given`: key i stands there. */
static tutti_status check_required(
    const apply_run *run,
    const tt_config_section *section,
    const tt_config_place *place,
    uint64_t given)
{
    for (uint32_t i = 0; i < section->key_count; i++) {
        const tt_config_key *key = &section->keys[i];
        if (key->initial[0] == '\0' && !(given & (UINT64_C(1) << i))) {
            (void)tt_config_fail(
                run->error, place, TUTTI_INVALID, "the key `%s` is missing", key->name);
            tt_error_hint(run->error, "%s", key->doc);
            return TUTTI_INVALID;
        }
    }
    return TUTTI_OK;
}

/* Applies one item of a list. */
static tutti_status apply_item(
    const apply_run *run,
    const tt_config_section *section,
    uint32_t index,
    const tt_yaml_node *node,
    unsigned char *item,
    uint64_t *ret_given)
{
    char path[PATH_SIZE];
    uint64_t given = 0;
    (void)snprintf(path, sizeof path, "%s[%u]", section->path, index);
    tt_config_place place = value_place(run, path, node);
    if (node->kind != TT_YAML_MAP) {
        (void)tt_config_fail(
            run->error, &place, TUTTI_PARSE, "lines of `key: value` must stand here");
        tt_config_hint_names(run->error, section->path, "");
        return TUTTI_PARSE;
    }
    init_item(section, item);
    for (const tt_yaml_node *member = node->first; member; member = member->next) {
        char member_path[PATH_SIZE];
        const tt_config_key *key = tt_config_find_key(section, tt_slice_of(member->key));
        if (!key) {
            TUTTI_TRY(pass_over(run, fail_unknown(run, section->path, path, member)));
            continue;
        }
        (void)snprintf(
            member_path, sizeof member_path, "%s[%u].%s", section->path, index, key->name);
        tutti_status status = apply_scalar(run, member_path, key, member, item + key->offset);
        TUTTI_TRY(pass_over(run, status));
        given |= UINT64_C(1) << (key - section->keys);
    }
    *ret_given = given;
    return pass_over(run, check_required(run, section, &place, given));
}

/* Applies a list; it replaces what was there. */
static tutti_status
apply_list(const apply_run *run, const tt_config_section *section, const tt_yaml_node *node)
{
    tt_config_place place = value_place(run, section->path, node);
    uint32_t count = 0;
    if (node->kind != TT_YAML_LIST && !(node->kind == TT_YAML_SCALAR && node->is_null)) {
        (void)tt_config_fail(
            run->error, &place, TUTTI_PARSE, "a list must stand here: items that begin with `-`");
        tt_config_hint_names(run->error, section->path, "");
        return TUTTI_PARSE;
    }
    unsigned char *items = (unsigned char *)run->config + section->offset;
    for (const tt_yaml_node *item = node->first; item; item = item->next) {
        if (count == section->item_max) {
            place = value_place(run, section->path, item);
            return tt_config_fail(
                run->error, &place, TUTTI_LIMIT, "more than %u items", section->item_max);
        }
        uint64_t given = 0;
        unsigned char *at = items + (size_t)count * section->item_size;
        TUTTI_TRY(apply_item(run, section, count, item, at, &given));
        *tt_config_item_origin(run->config, section, count) = (tt_config_origin){
            .source = TT_CONFIG_FILE, .line = item->line, .column = item->column, .given = given};
        count++;
    }
    memcpy((unsigned char *)run->config + section->count_offset, &count, sizeof count);
    return TUTTI_OK;
}

static tutti_status apply_member(const apply_run *run, const char *path, const tt_yaml_node *member)
{
    char child[PATH_SIZE];
    const tt_config_section *section = tt_config_find_section(path);
    const tt_config_key *key =
        section ? tt_config_find_key(section, tt_slice_of(member->key)) : NULL;
    // A path that does not fit is longer than that of any section, cut or not.
    (void)snprintf(child, sizeof child, "%s%s%s", path, path[0] ? "." : "", member->key);
    if (key) {
        void *field = tt_config_field(run->config, section, key);
        TUTTI_TRY(apply_scalar(run, child, key, member, field));
        set_origin(run->config, section, key, member);
        return TUTTI_OK;
    }
    const tt_config_section *below = tt_config_find_section(child);
    if (below && below->item_size > 0) {
        return apply_list(run, below, member);
    }
    if (below || tt_config_is_branch(child)) {
        return apply_map(run, child, member);
    }
    return fail_unknown(run, path, path, member);
}

tutti_status tt_config_apply_tree(
    tt_config *config,
    const char *source,
    const tt_yaml_node *root,
    uint32_t *left_out,
    tt_error *error)
{
    const apply_run run = {
        .config = config, .source = source, .left_out = left_out, .error = error};
    return root ? apply_map(&run, "", root) : TUTTI_OK;
}
