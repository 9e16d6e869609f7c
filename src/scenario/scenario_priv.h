/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Inside of a scenario run: the state that its steps share.
 */
#ifndef TT_SCENARIO_SCENARIO_PRIV_H
#define TT_SCENARIO_SCENARIO_PRIV_H

#include "config/config.h"
#include "host/driver.h"
#include "model/message_json.h"
#include "scenario/scenario.h"

#include <libfyaml.h>

/** Messages of the run, one after another as the journal would hold them. */
typedef struct message_log {
    unsigned char *bytes; /**< Aligned to 16: every message has a multiple of 16 bytes. */
    size_t size;
    size_t capacity;
    size_t *steps; /**< Offset of each step. */
    size_t step_count;
    size_t step_capacity;
} message_log;

/** A running scenario. */
typedef struct scenario {
    const char *path;
    const tt_scenario_options *options;
    tt_scenario_result *result;
    char *text; /**< Of the file; the document refers to it. */
    size_t text_size;
    struct fy_document *document;
    tt_config *config;
    tt_engine *engine;
    tt_agents agents;
    tt_venue venue;
    tt_driver driver;
    bool has_driver;
    bool has_scripted_agents;
    bool has_scripted_venue;
    tt_time now;
    message_log log;
    size_t cursor;         /**< Offset behind the last message that an expectation has met. */
    uint64_t next_exec_id; /**< For scripted fills. */
    uint64_t next_request_id;
    uint64_t next_feed_seq;
    uint8_t config_hash[32];
    char line[TT_MESSAGE_JSON_MAX];
} scenario;

/** Reads and parses the file into `run->document`. */
TUTTI_NODISCARD tutti_status tt_scenario_open(scenario *run, tt_error *error);
/** The text under a key of the root, with blanks for all that stands before it: lines and columns
 * are those of the file. NULL when the root is not written in lines. @gives{release with free()} */
char *tt_scenario_text_of(const scenario *run, const char *name);
/** Fails with file, line and column of a node. */
tutti_status tt_scenario_fail_at(
    const scenario *run, struct fy_node *node, tt_error *error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/** Line of a node, from 1. */
int tt_scenario_line(struct fy_node *node);
/** Text of a scalar, cut to the buffer; empty when the node is NULL or no scalar. */
void tt_scenario_text(struct fy_node *node, char *text, size_t size);
/** Value of `key` in a mapping, or NULL. */
struct fy_node *tt_scenario_get(struct fy_node *mapping, const char *key);
/** Checks that a mapping has no other keys than those of the list (ended by NULL). */
TUTTI_NODISCARD tutti_status tt_scenario_check_keys(
    const scenario *run, struct fy_node *mapping, const char *const *keys, tt_error *error);
/** Reads the instrument named by the key `symbol`; absent: the first one. */
TUTTI_NODISCARD tutti_status tt_scenario_instrument(
    const scenario *run, struct fy_node *mapping, uint32_t *ret_key, tt_error *error);
/** Reads a payload from a mapping (NULL: all zero). */
TUTTI_NODISCARD tutti_status tt_scenario_payload(
    scenario *run, struct fy_node *node, tt_topic topic, void *payload, tt_error *error);
/** Reads the whole number of `key`, from 0 to 100000. */
TUTTI_NODISCARD tutti_status tt_scenario_integer(
    const scenario *run,
    struct fy_node *mapping,
    const char *key,
    int64_t *ret_number,
    tt_error *error);
/** Reads the payload of a mapping that may name a `symbol` beside its fields. */
TUTTI_NODISCARD tutti_status tt_scenario_payload_of(
    scenario *run, struct fy_node *mapping, tt_topic topic, void *payload, tt_error *error);
/** Seconds of a scalar as a duration of at most a year. */
TUTTI_NODISCARD tutti_status
tt_scenario_seconds(const scenario *run, struct fy_node *node, tt_dur *ret_span, tt_error *error);

/** Advances edges and timers to `until`, and the scenario with them. */
TUTTI_NODISCARD tutti_status tt_scenario_advance(scenario *run, tt_time until, tt_error *error);
/** Market data, one function a step. */
TUTTI_NODISCARD tutti_status tt_scenario_bar(scenario *run, struct fy_node *node, tt_error *error);
TUTTI_NODISCARD tutti_status tt_scenario_bars(scenario *run, struct fy_node *node, tt_error *error);
TUTTI_NODISCARD tutti_status
tt_scenario_quote(scenario *run, struct fy_node *node, tt_error *error);
TUTTI_NODISCARD tutti_status
tt_scenario_trade(scenario *run, struct fy_node *node, tt_error *error);
/** Checks that a pattern can match a message at all: its topic, fields and values exist. */
TUTTI_NODISCARD tutti_status
tt_scenario_check_pattern(const scenario *run, struct fy_node *pattern, tt_error *error);
/** Carries out one item of `steps`. */
TUTTI_NODISCARD tutti_status tt_scenario_step(scenario *run, struct fy_node *step, tt_error *error);
/** Steps that expect something; one that is not met is told in `run->result`. */
TUTTI_NODISCARD tutti_status
tt_scenario_expect(scenario *run, struct fy_node *node, tt_error *error);
TUTTI_NODISCARD tutti_status
tt_scenario_expect_none(scenario *run, struct fy_node *node, tt_error *error);
TUTTI_NODISCARD tutti_status
tt_scenario_expect_count(scenario *run, struct fy_node *node, tt_error *error);
TUTTI_NODISCARD tutti_status
tt_scenario_forget(scenario *run, struct fy_node *node, tt_error *error);
/** Replaces the engine by one that replays all that was recorded, then tells it that it has
 * recovered. */
TUTTI_NODISCARD tutti_status tt_scenario_restart(scenario *run, tt_error *error);

/** Messages of the log: first (`previous` NULL) or next one; NULL at the end. */
const tt_msg *tt_scenario_next(const scenario *run, const tt_msg *previous);

#endif
