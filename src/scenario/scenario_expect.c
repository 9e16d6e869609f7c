/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Expectations: which message matches, and what is said when none does.
 *
 * A pattern is a mapping of fields; those of the head (topic, source, key, kind, priority) and, in `payload`
 * or beside them, those of the payload. It matches a message in which every named field has the named
 * value: numbers by value, texts to the letter, lists element by element.
 */
#include "scenario/scenario_priv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool is_equal(struct fy_node *expected, struct fy_node *actual);

static bool is_equal_scalar(struct fy_node *expected, struct fy_node *actual)
{
    size_t expected_length = 0;
    size_t actual_length = 0;
    const char *expected_text = fy_node_get_scalar(expected, &expected_length);
    const char *actual_text = fy_node_get_scalar(actual, &actual_length);
    if (expected_text == NULL || actual_text == NULL) {
        return false;
    }
    if (expected_length == actual_length &&
        memcmp(expected_text, actual_text, actual_length) == 0) {
        return true;
    }
    tt_dec expected_number;
    tt_dec actual_number;
    return tt_dec_parse(expected_text, expected_length, &expected_number) == TUTTI_OK &&
           tt_dec_parse(actual_text, actual_length, &actual_number) == TUTTI_OK &&
           tt_dec_eq(expected_number, actual_number);
}

/** Every item of the expected list must match the item at the same place; more may follow. */
static bool is_equal_list(struct fy_node *expected, struct fy_node *actual)
{
    int count = fy_node_sequence_item_count(expected);
    if (fy_node_sequence_item_count(actual) < count) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        if (!is_equal(
                fy_node_sequence_get_by_index(expected, i),
                fy_node_sequence_get_by_index(actual, i))) {
            return false;
        }
    }
    return true;
}

static bool is_equal_mapping(struct fy_node *expected, struct fy_node *actual)
{
    void *place = NULL;
    for (struct fy_node_pair *pair = fy_node_mapping_iterate(expected, &place); pair != NULL;
         pair = fy_node_mapping_iterate(expected, &place)) {
        char key[64];
        tt_scenario_text(fy_node_pair_key(pair), key, sizeof key);
        struct fy_node *value = tt_scenario_get(actual, key);
        if (value == NULL) {
            value = tt_scenario_get(tt_scenario_get(actual, "payload"), key);
        }
        if (value == NULL || !is_equal(fy_node_pair_value(pair), value)) {
            return false;
        }
    }
    return true;
}

static bool is_equal(struct fy_node *expected, struct fy_node *actual)
{
    if (fy_node_is_mapping(expected)) {
        return fy_node_is_mapping(actual) && is_equal_mapping(expected, actual);
    }
    if (fy_node_is_sequence(expected)) {
        return fy_node_is_sequence(actual) && is_equal_list(expected, actual);
    }
    return fy_node_is_scalar(actual) && is_equal_scalar(expected, actual);
}

static const char *render(scenario *run, const tt_msg *msg)
{
    tt_text_buf text;
    tt_text_init(&text, run->line, sizeof run->line);
    tt_msg_to_json(msg, &run->config->engine.instruments, &text);
    return run->line;
}

static bool has_topic(struct fy_node *pattern, const tt_msg *msg)
{
    char topic[64];
    struct fy_node *node = tt_scenario_get(pattern, "topic");
    tt_scenario_text(node, topic, sizeof topic);
    return node == NULL || strcmp(topic, tt_topic_info_get(msg->topic)->name) == 0;
}

static bool matches(scenario *run, struct fy_node *pattern, const tt_msg *msg)
{
    if (!has_topic(pattern, msg)) {
        return false;
    }
    struct fy_document *actual = fy_document_build_from_string(NULL, render(run, msg), FY_NT);
    bool is_match = actual != NULL && is_equal(pattern, fy_document_root(actual));
    fy_document_destroy(actual);
    return is_match;
}

static bool is_head_field(const char *key)
{
    static const char *const fields[] = {"topic", "source", "key", "symbol", "kind", "priority",
                                         "seq", "cause", "time", "input", "payload", "correlation"};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (strcmp(fields[i], key) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_payload_field(const tt_layout *layout, const char *key)
{
    for (uint16_t i = 0; i < layout->field_count; i++) {
        if (strcmp(layout->fields[i].name, key) == 0) {
            return true;
        }
    }
    return false;
}

/** A misspelt field would make a negative expectation come true: every name is checked first. */
static tutti_status check_pattern(scenario *run, struct fy_node *pattern, tt_error *error)
{
    char name[64];
    struct fy_node *topic_node = tt_scenario_get(pattern, "topic");
    tt_scenario_text(topic_node, name, sizeof name);
    tt_topic topic = tt_topic_find(name, strlen(name));
    if (topic == TT_TOPIC_NONE) {
        return tt_scenario_fail_at(
            run, topic_node == NULL ? pattern : topic_node, error,
            "a pattern names its topic; '%s' is none (tutti topics lists them)", name);
    }
    const tt_layout *layout = tt_topic_info_get(topic)->layout;
    void *place = NULL;
    for (struct fy_node_pair *pair = fy_node_mapping_iterate(pattern, &place); pair != NULL;
         pair = fy_node_mapping_iterate(pattern, &place)) {
        char key[64];
        tt_scenario_text(fy_node_pair_key(pair), key, sizeof key);
        if (!is_head_field(key) && !is_payload_field(layout, key)) {
            return tt_scenario_fail_at(
                run, fy_node_pair_key(pair), error, "messages of %s have no field '%s'", name, key);
        }
    }
    return TUTTI_OK;
}

static const tt_msg *at_cursor(const scenario *run)
{
    return run->cursor >= run->log.size
               ? NULL
               : (const tt_msg *)(const void *)(run->log.bytes + run->cursor);
}

static size_t offset_behind(const scenario *run, const tt_msg *msg)
{
    return (size_t)((const unsigned char *)msg - run->log.bytes) + tt_msg_bytes(msg);
}

/** Says what was wanted, and the last message of that topic, which is mostly the one that was meant. */
static void describe(scenario *run, struct fy_node *pattern, const char *what)
{
    tt_scenario_result *result = run->result;
    char *wanted = fy_emit_node_to_string(pattern, FYECF_MODE_FLOW_ONELINE | FYECF_WIDTH_INF);
    const tt_msg *nearest = NULL;
    for (const tt_msg *msg = tt_scenario_next(run, NULL); msg != NULL;
         msg = tt_scenario_next(run, msg)) {
        nearest = has_topic(pattern, msg) ? msg : nearest;
    }
    result->failed_line = tt_scenario_line(pattern);
    snprintf(
        result->failure, sizeof result->failure, "%s:%d: %s\n  expected: %s\n  nearest:  %.1200s",
        run->path, result->failed_line, what, wanted == NULL ? "?" : wanted,
        nearest == NULL ? "no message of that topic" : render(run, nearest));
    free(wanted);
}

/** In order: the next match behind the last one. */
static void expect_one(scenario *run, struct fy_node *pattern)
{
    for (const tt_msg *msg = at_cursor(run); msg != NULL; msg = tt_scenario_next(run, msg)) {
        if (matches(run, pattern, msg)) {
            run->cursor = offset_behind(run, msg);
            run->result->expectations++;
            return;
        }
    }
    describe(run, pattern, "no such message has come since the last one that was expected");
}

static void expect_none(scenario *run, struct fy_node *pattern)
{
    for (const tt_msg *msg = at_cursor(run); msg != NULL; msg = tt_scenario_next(run, msg)) {
        if (matches(run, pattern, msg)) {
            describe(run, pattern, "this message must not come, but it did");
            return;
        }
    }
    run->result->expectations++;
}

static tutti_status expect_count(scenario *run, struct fy_node *node, tt_error *error)
{
    static const char *const keys[] = {"count", "of", NULL};
    TUTTI_TRY(tt_scenario_check_keys(run, node, keys, error));
    struct fy_node *pattern = tt_scenario_get(node, "of");
    char wanted[32];
    char found[32];
    tt_scenario_text(tt_scenario_get(node, "count"), wanted, sizeof wanted);
    if (pattern == NULL || wanted[0] == 0) {
        return tt_scenario_fail_at(run, node, error, "expect_count needs `count` and `of`");
    }
    TUTTI_TRY(check_pattern(run, pattern, error));
    unsigned count = 0;
    for (const tt_msg *msg = tt_scenario_next(run, NULL); msg != NULL;
         msg = tt_scenario_next(run, msg)) {
        count += matches(run, pattern, msg);
    }
    snprintf(found, sizeof found, "%u", count);
    if (strcmp(found, wanted) == 0) {
        run->result->expectations++;
    } else {
        char what[96];
        snprintf(what, sizeof what, "%s messages were expected in all, there are %u", wanted, count);
        describe(run, pattern, what);
    }
    return TUTTI_OK;
}

/** Calls `expect` for a pattern, or for each of a list, until one fails. */
static tutti_status each_pattern(
    scenario *run, struct fy_node *node, void (*expect)(scenario *, struct fy_node *), tt_error *error)
{
    if (fy_node_is_mapping(node)) {
        TUTTI_TRY(check_pattern(run, node, error));
        expect(run, node);
        return TUTTI_OK;
    }
    if (!fy_node_is_sequence(node)) {
        return tt_scenario_fail_at(run, node, error, "a pattern or a list of patterns is needed");
    }
    void *place = NULL;
    for (struct fy_node *item = fy_node_sequence_iterate(node, &place); item != NULL;
         item = fy_node_sequence_iterate(node, &place)) {
        if (!fy_node_is_mapping(item)) {
            return tt_scenario_fail_at(run, item, error, "a pattern is a mapping of fields");
        }
        TUTTI_TRY(check_pattern(run, item, error));
        expect(run, item);
        if (run->result->failed_line != 0) {
            return TUTTI_OK;
        }
    }
    return TUTTI_OK;
}

tutti_status tt_scenario_expect(
    scenario *run, const char *kind, struct fy_node *node, bool *ret_known, tt_error *error)
{
    *ret_known = true;
    if (strcmp(kind, "expect") == 0) {
        return each_pattern(run, node, expect_one, error);
    }
    if (strcmp(kind, "expect_none") == 0) {
        return each_pattern(run, node, expect_none, error);
    }
    if (strcmp(kind, "expect_count") == 0) {
        return expect_count(run, node, error);
    }
    if (strcmp(kind, "forget") == 0) {
        run->cursor = run->log.size;
        return TUTTI_OK;
    }
    *ret_known = false;
    return TUTTI_OK;
}
