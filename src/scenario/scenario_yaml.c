/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Reading values out of a scenario file, with exact places in the errors.
 */
#include "scenario/scenario_priv.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/** The first scalar of a node: libfyaml tells the place of tokens, not of collections. */
static struct fy_node *first_scalar(struct fy_node *node)
{
    while (node != NULL && !fy_node_is_scalar(node)) {
        if (fy_node_is_mapping(node)) {
            struct fy_node_pair *pair = fy_node_mapping_get_by_index(node, 0);
            node = pair == NULL ? NULL : fy_node_pair_key(pair);
        } else {
            node = fy_node_sequence_get_by_index(node, 0);
        }
    }
    return node;
}

static void place_of(struct fy_node *node, int *line, int *column)
{
    struct fy_node *scalar = first_scalar(node);
    struct fy_token *token = scalar == NULL ? NULL : fy_node_get_scalar_token(scalar);
    const struct fy_mark *mark = token == NULL ? NULL : fy_token_start_mark(token);
    *line = mark == NULL ? 0 : mark->line + 1;
    *column = mark == NULL ? 0 : mark->column + 1;
}

/** Says what the parser found wrong first. */
static tutti_status fail_to_parse(const char *path, struct fy_diag *diag, tt_error *error)
{
    void *previous = NULL;
    const struct fy_diag_error *first = fy_diag_errors_iterate(diag, &previous);
    if (first == NULL) {
        return tt_error_set(error, TUTTI_PARSE, "%s: the file is empty or no YAML", path);
    }
    return tt_error_set(
        error, TUTTI_PARSE, "%s:%d:%d: %s", path, first->line, first->column, first->msg);
}

tutti_status tt_scenario_open(const char *path, struct fy_document **result, tt_error *error)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return tt_error_set(
            error, TUTTI_NOT_FOUND, "%s: cannot read this file: %s", path, strerror(errno));
    }
    fclose(file);
    struct fy_diag_cfg diag_cfg;
    fy_diag_cfg_default(&diag_cfg);
    struct fy_diag *diag = fy_diag_create(&diag_cfg);
    if (diag == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory");
    }
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET, .diag = diag};
    *result = fy_document_build_from_file(&cfg, path);
    tutti_status status = *result == NULL || fy_document_root(*result) == NULL
                              ? fail_to_parse(path, diag, error)
                              : TUTTI_OK;
    fy_diag_unref(diag);
    return status;
}

int tt_scenario_line(struct fy_node *node)
{
    int line = 0;
    int column = 0;
    place_of(node, &line, &column);
    return line;
}

tutti_status tt_scenario_fail_at(
    const scenario *run, struct fy_node *node, tt_error *error, const char *format, ...)
{
    char message[320];
    int line = 0;
    int column = 0;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    place_of(node, &line, &column);
    return tt_error_set(
        error, TUTTI_INVALID, "%s:%d:%d: %s", run->path, line, column, message);
}

void tt_scenario_text(struct fy_node *node, char *text, size_t size)
{
    size_t length = 0;
    const char *scalar =
        node == NULL || !fy_node_is_scalar(node) ? NULL : fy_node_get_scalar(node, &length);
    length = scalar == NULL ? 0 : length < size - 1 ? length : size - 1;
    if (length > 0) {
        memcpy(text, scalar, length);
    }
    text[length] = 0;
}

struct fy_node *tt_scenario_get(struct fy_node *mapping, const char *key)
{
    return mapping == NULL || !fy_node_is_mapping(mapping)
               ? NULL
               : fy_node_mapping_lookup_by_string(mapping, key, strlen(key));
}

static bool is_listed(const char *const *keys, const char *key)
{
    for (; *keys != NULL; keys++) {
        if (strcmp(*keys, key) == 0) {
            return true;
        }
    }
    return false;
}

tutti_status tt_scenario_check_keys(
    const scenario *run, struct fy_node *mapping, const char *const *keys, tt_error *error)
{
    if (!fy_node_is_mapping(mapping)) {
        return tt_scenario_fail_at(run, mapping, error, "a mapping (key: value) is needed here");
    }
    void *place = NULL;
    for (struct fy_node_pair *pair = fy_node_mapping_iterate(mapping, &place); pair != NULL;
         pair = fy_node_mapping_iterate(mapping, &place)) {
        char key[64];
        tt_scenario_text(fy_node_pair_key(pair), key, sizeof key);
        if (!is_listed(keys, key)) {
            return tt_scenario_fail_at(
                run, fy_node_pair_key(pair), error, "there is no key '%s' here", key);
        }
    }
    return TUTTI_OK;
}

tutti_status tt_scenario_instrument(
    const scenario *run, struct fy_node *mapping, uint32_t *ret_key, tt_error *error)
{
    struct fy_node *node = tt_scenario_get(mapping, "symbol");
    *ret_key = 1;
    if (node == NULL) {
        return TUTTI_OK;
    }
    char symbol[64];
    tt_scenario_text(node, symbol, sizeof symbol);
    const tt_instrument *instrument = tt_instrument_find_symbol(
        &run->config->engine.instruments, symbol, strlen(symbol));
    if (instrument == NULL) {
        return tt_scenario_fail_at(
            run, node, error, "the configuration has no instrument '%s'", symbol);
    }
    *ret_key = instrument->id.n;
    return TUTTI_OK;
}

tutti_status tt_scenario_payload(
    scenario *run, struct fy_node *node, tt_topic topic, void *payload, tt_error *error)
{
    const tt_layout *layout = tt_topic_info_get(topic)->layout;
    memset(payload, 0, layout->size);
    if (node == NULL) {
        return TUTTI_OK;
    }
    char *json = fy_emit_node_to_string(node, FYECF_MODE_JSON_ONELINE | FYECF_WIDTH_INF);
    if (json == NULL) {
        return tt_scenario_fail_at(run, node, error, "this cannot be written as JSON");
    }
    tt_error detail = {0};
    tutti_status status = tt_payload_from_json(
        layout, json, strlen(json), &run->config->engine.instruments, payload, &detail);
    free(json);
    if (status != TUTTI_OK) {
        return tt_scenario_fail_at(run, node, error, "%s", detail.message);
    }
    return TUTTI_OK;
}

tutti_status tt_scenario_seconds(
    const scenario *run, struct fy_node *node, tt_dur *ret_span, tt_error *error)
{
    char text[64];
    tt_dec seconds;
    tt_scenario_text(node, text, sizeof text);
    if (tt_dec_parse(text, strlen(text), &seconds) != TUTTI_OK ||
        tt_dec_to_i64(seconds, 9, TT_ROUND_EXACT, &ret_span->ns) != TUTTI_OK || ret_span->ns < 0) {
        return tt_scenario_fail_at(
            run, node, error, "a number of seconds is needed here, not '%s'", text);
    }
    return TUTTI_OK;
}
