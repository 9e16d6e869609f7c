/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Expectations: which message matches, and what is said when none does.
 *
 * A pattern is a mapping of fields; those of the head (topic, source, key, kind, priority) and, in
 * `payload` or beside them, those of the payload. It matches a message in which every named field
 * has the named value: numbers and times by value, texts to the letter, lists element by element.
 */
#include "base/calendar.h"
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
    tt_time expected_time;
    tt_time actual_time;
    if (tt_time_parse(expected_text, expected_length, &expected_time) == TUTTI_OK &&
        tt_time_parse(actual_text, actual_length, &actual_time) == TUTTI_OK) {
        return expected_time.ns == actual_time.ns;
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
        // A field of the payload goes before one of the head: `kind` of a report is meant, not of
        // its message.
        struct fy_node *value = tt_scenario_get(tt_scenario_get(actual, "payload"), key);
        if (value == NULL) {
            value = tt_scenario_get(actual, key);
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
    TT_ASSERT(actual != NULL); // What is rendered is JSON.
    bool is_match = is_equal(pattern, fy_document_root(actual));
    fy_document_destroy(actual);
    return is_match;
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

/** Says what was wanted, and the last message of that topic, which is mostly the one that was
 * meant. */
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
        result->failure,
        sizeof result->failure,
        "%s:%d: %s\n  expected: %s\n  nearest:  %.1200s",
        run->path,
        result->failed_line,
        what,
        wanted == NULL ? "?" : wanted,
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

tutti_status tt_scenario_expect_count(scenario *run, struct fy_node *node, tt_error *error)
{
    static const char *const keys[] = {"count", "of", NULL};
    TUTTI_TRY(tt_scenario_check_keys(run, node, keys, error));
    struct fy_node *pattern = tt_scenario_get(node, "of");
    int64_t wanted = 0;
    if (pattern == NULL) {
        return tt_scenario_fail_at(run, node, error, "expect_count needs `count` and `of`");
    }
    TUTTI_TRY(tt_scenario_integer(run, node, "count", &wanted, error));
    TUTTI_TRY(tt_scenario_check_pattern(run, pattern, error));
    int64_t count = 0;
    for (const tt_msg *msg = tt_scenario_next(run, NULL); msg != NULL;
         msg = tt_scenario_next(run, msg)) {
        count += matches(run, pattern, msg);
    }
    if (count == wanted) {
        run->result->expectations++;
    } else {
        char what[96];
        snprintf(
            what,
            sizeof what,
            "%" PRId64 " messages were expected in all, there are %" PRId64,
            wanted,
            count);
        describe(run, pattern, what);
    }
    return TUTTI_OK;
}

/** Calls `expect` for a pattern, or for each of a list, until one fails. */
static tutti_status each_pattern(
    scenario *run,
    struct fy_node *node,
    void (*expect)(scenario *, struct fy_node *),
    tt_error *error)
{
    if (node == NULL || !fy_node_is_sequence(node)) {
        TUTTI_TRY(tt_scenario_check_pattern(run, node, error));
        expect(run, node);
        return TUTTI_OK;
    }
    if (fy_node_sequence_item_count(node) == 0) {
        return tt_scenario_fail_at(run, node, error, "this list of patterns is empty");
    }
    void *place = NULL;
    for (struct fy_node *item = fy_node_sequence_iterate(node, &place); item != NULL;
         item = fy_node_sequence_iterate(node, &place)) {
        TUTTI_TRY(tt_scenario_check_pattern(run, item, error));
        expect(run, item);
        if (run->result->failed_line != 0) {
            return TUTTI_OK;
        }
    }
    return TUTTI_OK;
}

tutti_status tt_scenario_expect(scenario *run, struct fy_node *node, tt_error *error)
{
    return each_pattern(run, node, expect_one, error);
}

tutti_status tt_scenario_expect_none(scenario *run, struct fy_node *node, tt_error *error)
{
    return each_pattern(run, node, expect_none, error);
}

tutti_status tt_scenario_forget(scenario *run, struct fy_node *node, tt_error *error)
{
    (void)node;
    (void)error;
    run->cursor = run->log.size;
    return TUTTI_OK;
}
