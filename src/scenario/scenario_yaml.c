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

/** The key under which a node stands in a mapping, or NULL. */
static struct fy_node *key_of(struct fy_node *mapping, const struct fy_node *value)
{
    void *place = NULL;
    if (!fy_node_is_mapping(mapping)) {
        return NULL;
    }
    for (struct fy_node_pair *pair = fy_node_mapping_iterate(mapping, &place); pair != NULL;
         pair = fy_node_mapping_iterate(mapping, &place)) {
        if (fy_node_pair_value(pair) == value) {
            return fy_node_pair_key(pair);
        }
    }
    return NULL;
}

/** The first scalar of a node; of an empty one the nearest one around it. */
static struct fy_node *nearest_scalar(struct fy_node *node)
{
    struct fy_node *scalar = first_scalar(node);
    while (scalar == NULL && node != NULL) {
        struct fy_node *parent = fy_node_get_parent(node);
        scalar = parent == NULL ? NULL : key_of(parent, node);
        scalar = scalar == NULL && parent != NULL ? first_scalar(parent) : scalar;
        node = parent;
    }
    return scalar;
}

static void place_of(struct fy_node *node, int *line, int *column)
{
    struct fy_node *scalar = nearest_scalar(node);
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

static void swallow_output(struct fy_diag *diag, void *user, const char *text, size_t length)
{
    (void)diag;
    (void)user;
    (void)text;
    (void)length;
}

/** Reads a whole file with a NUL behind it. @gives{release with free()} */
static tutti_status read_file(const char *path, char **ret_text, size_t *ret_size, tt_error *error)
{
    enum {
        SIZE_MAX_BYTES = 4 << 20
    };
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return tt_error_set(
            error, TUTTI_NOT_FOUND, "%s: cannot read this file: %s", path, strerror(errno));
    }
    char *text = malloc(SIZE_MAX_BYTES);
    size_t size = text == NULL ? 0 : fread(text, 1, SIZE_MAX_BYTES, file);
    int reason = ferror(file) != 0 ? errno : 0;
    fclose(file);
    if (text != NULL && reason == 0 && size < SIZE_MAX_BYTES) {
        text[size] = 0;
        *ret_text = text;
        *ret_size = size;
        return TUTTI_OK;
    }
    free(text);
    if (text == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "%s: no memory to read it", path);
    }
    return reason != 0
               ? tt_error_set(
                     error, TUTTI_INVALID, "%s: cannot read this file: %s", path, strerror(reason))
               : tt_error_set(error, TUTTI_LIMIT, "%s: a scenario has less than 4 MiB", path);
}

tutti_status tt_scenario_open(scenario *run, tt_error *error)
{
    TUTTI_TRY(read_file(run->path, &run->text, &run->text_size, error));
    struct fy_diag_cfg diag_cfg;
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    diag_cfg.output_fn = swallow_output;
    struct fy_diag *diag = fy_diag_create(&diag_cfg);
    if (diag == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory");
    }
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_RESOLVE_DOCUMENT, .diag = diag};
    run->document = fy_document_build_from_string(&cfg, run->text, run->text_size);
    tutti_status status = run->document == NULL || fy_document_root(run->document) == NULL
                              ? fail_to_parse(run->path, diag, error)
                              : TUTTI_OK;
    if (status == TUTTI_OK) {
        fy_diag_unref(diag); // The document holds it.
    } else {
        fy_document_destroy(run->document);
        run->document = NULL;
        fy_diag_destroy(diag); // Gives back what was collected, too.
    }
    return status;
}

/** Byte at which a key stands in the text, if it begins a line; -1 otherwise. */
static long line_start_of(struct fy_node_pair *pair)
{
    struct fy_node *key = fy_node_pair_key(pair);
    struct fy_token *token = key == NULL ? NULL : fy_node_get_scalar_token(key);
    const struct fy_mark *mark = token == NULL ? NULL : fy_token_start_mark(token);
    return mark == NULL || mark->column != 0 ? -1 : (long)mark->input_pos;
}

char *tt_scenario_text_of(const scenario *run, const char *name)
{
    long start = -1;
    long end = (long)run->text_size;
    void *place = NULL;
    struct fy_node *root = fy_document_root(run->document);
    for (struct fy_node_pair *pair = fy_node_mapping_iterate(root, &place); pair != NULL;
         pair = fy_node_mapping_iterate(root, &place)) {
        char key[64];
        long at = line_start_of(pair);
        tt_scenario_text(fy_node_pair_key(pair), key, sizeof key);
        if (at < 0) {
            return NULL;
        }
        if (start >= 0) {
            end = at;
            break;
        }
        start = strcmp(key, name) == 0 ? at : -1;
    }
    char *text = start < 0 ? NULL : strndup(run->text, (size_t)end);
    const char *colon = text == NULL ? NULL : strchr(text + start, ':');
    for (char *byte = text; colon != NULL && byte <= colon; byte++) {
        *byte = *byte == '\n' ? '\n' : ' ';
    }
    return text;
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
    return tt_error_set(error, TUTTI_INVALID, "%s:%d:%d: %s", run->path, line, column, message);
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
    if (mapping == NULL || !fy_node_is_mapping(mapping)) {
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
    const tt_instrument *instrument =
        tt_instrument_find_symbol(&run->config->engine.instruments, symbol, strlen(symbol));
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
    const tt_layout *layout = tt_topic_info_get((uint16_t)topic)->layout;
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
        // The place in the JSON text, at the end of the message, is none of the file.
        char *place = strstr(detail.message, " (line ");
        if (place != NULL) {
            *place = 0;
        }
        (void)tt_scenario_fail_at(run, node, error, "%s", detail.message);
        tt_error_hint(error, "%s", detail.hint);
        return TUTTI_INVALID;
    }
    return TUTTI_OK;
}

/** A copy of a mapping without one of its keys; NULL when there is no memory. */
static struct fy_node *copy_without(scenario *run, struct fy_node *mapping, const char *key)
{
    struct fy_node *copy = fy_node_create_mapping(run->document);
    void *place = NULL;
    for (struct fy_node_pair *pair = fy_node_mapping_iterate(mapping, &place);
         pair != NULL && copy != NULL;
         pair = fy_node_mapping_iterate(mapping, &place)) {
        char name[64];
        tt_scenario_text(fy_node_pair_key(pair), name, sizeof name);
        if (strcmp(name, key) == 0) {
            continue;
        }
        struct fy_node *copied_key = fy_node_copy(run->document, fy_node_pair_key(pair));
        struct fy_node *copied_value = fy_node_copy(run->document, fy_node_pair_value(pair));
        if (fy_node_mapping_append(copy, copied_key, copied_value) != 0) {
            fy_node_free(copied_key);
            fy_node_free(copied_value);
            fy_node_free(copy);
            copy = NULL;
        }
    }
    return copy;
}

tutti_status tt_scenario_payload_of(
    scenario *run, struct fy_node *mapping, tt_topic topic, void *payload, tt_error *error)
{
    if (mapping == NULL || !fy_node_is_mapping(mapping)) {
        return tt_scenario_fail_at(run, mapping, error, "a mapping (key: value) is needed here");
    }
    struct fy_node *fields = copy_without(run, mapping, "symbol");
    if (fields == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory");
    }
    tutti_status status = tt_scenario_payload(run, fields, topic, payload, error);
    fy_node_free(fields);
    return status;
}

tutti_status tt_scenario_integer(
    const scenario *run,
    struct fy_node *mapping,
    const char *key,
    int64_t *ret_number,
    tt_error *error)
{
    const int64_t most = 100000;
    char text[64];
    tt_dec number;
    struct fy_node *node = tt_scenario_get(mapping, key);
    tt_scenario_text(node, text, sizeof text);
    if (tt_dec_parse(text, strlen(text), &number) != TUTTI_OK ||
        tt_dec_to_i64(number, 0, TT_ROUND_EXACT, ret_number) != TUTTI_OK || *ret_number < 0 ||
        *ret_number > most) {
        return tt_scenario_fail_at(
            run,
            node == NULL ? mapping : node,
            error,
            "`%s` must be a whole number from 0 to 100000",
            key);
    }
    return TUTTI_OK;
}

tutti_status
tt_scenario_seconds(const scenario *run, struct fy_node *node, tt_dur *ret_span, tt_error *error)
{
    const int64_t year_s = 366 * 86400;
    char text[64];
    tt_dec seconds;
    tt_scenario_text(node, text, sizeof text);
    if (tt_dec_parse(text, strlen(text), &seconds) != TUTTI_OK ||
        tt_dec_to_i64(seconds, 9, TT_ROUND_EXACT, &ret_span->ns) != TUTTI_OK || ret_span->ns < 0 ||
        ret_span->ns > year_s * TT_NS_PER_S) {
        return tt_scenario_fail_at(
            run,
            node,
            error,
            "a number of seconds from 0 to a year is needed here, not '%s'",
            text);
    }
    return TUTTI_OK;
}
