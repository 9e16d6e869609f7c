/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The configuration of a run: one YAML file, overridden by environment and command line, checked as
 * a whole before anything starts.
 *
 * Every key is declared in a table of its module (see model/config_kinds.h); nothing else is
 * accepted. An error names the place (file:line:column, or the override), the key, what is wrong,
 * and, as its hint, what would be right. Aliases, anchors, tags, merge keys and further documents
 * of YAML are refused. Numbers go from text to decimal without passing through floating point.
 *
 * Precedence: defaults < file < environment (TUTTI__SECTION__KEY=value) < --set section.key=value <
 * --data.
 *
 * All functions: @thread{any} @alloc{yes}; texts that they give are released with free().
 */
#ifndef TT_CONFIG_CONFIG_H
#define TT_CONFIG_CONFIG_H

#include "agent/agent_config.h"
#include "base/error.h"
#include "config/run_config.h"
#include "engine/engine_config.h"
#include "feed/feed_config.h"
#include "llm/llm_config.h"
#include "venue/venue_config.h"

#include <tutti/status.h>

#include <stddef.h>
#include <stdint.h>

/** Largest file in bytes. */
#define TT_CONFIG_SIZE_MAX ((size_t)1 << 20)
/** Bound of keys over all sections; the schema asserts it. */
#define TT_CONFIG_KEYS_MAX 768

/** Where a value comes from. */
typedef enum tt_config_source {
    TT_CONFIG_DEFAULT,
    TT_CONFIG_FILE,
    TT_CONFIG_ENVIRONMENT,
    TT_CONFIG_SET,  /**< --set */
    TT_CONFIG_DATA, /**< --data */
} tt_config_source;

/** Origin of one value. */
typedef struct tt_config_origin {
    tt_config_source source;
    uint32_t line; /**< From 1, in a file; else 0. */
    uint32_t column;
    uint64_t given; /**< Of an item of a list: one bit for each of its keys that stands there. */
} tt_config_origin;

/** Everything of a run; plain values, no pointers. */
typedef struct tt_config {
    tt_engine_config engine; /**< Its seed and run_id are those of `run`. */
    tt_feed_module_config feed;
    tt_venue_config venue;
    tt_agent_module_config agents;
    tt_llm_module_config llm;
    tt_run_config run;
    tt_clock_config clock;
    tt_journaling_config journal;
    tt_health_config health;
    tt_bus_health_config bus_health;
    tt_store_config store;
    tt_api_config api;
    /** Of each key, in the order of the schema, and of each item of a list. They are not part of
     * what is compared or recorded. */
    tt_config_origin origins[TT_CONFIG_KEYS_MAX];
    tt_config_origin instrument_origins[TT_INSTRUMENTS_MAX];
    tt_config_origin pair_origins[TT_RISK_CORRELATION_PAIRS_MAX];
    tt_config_origin symbol_limit_origins[TT_RISK_SYMBOLS_MAX];
    tt_config_origin entry_window_origins[TT_RISK_ENTRY_WINDOWS_MAX];
    tt_config_origin capital_origins[TT_SUB_ACCOUNTS_MAX - 1];
    tt_config_origin budget_origins[TT_RISK_BUDGETS_MAX];
    tt_config_origin protection_origins[TT_RISK_PROTECTIONS_MAX];
    tt_config_origin symbol_exits_origins[TT_INSTRUMENTS_MAX];
    tt_config_origin related_origins[TT_RELATED_SYMBOLS_MAX];
    tt_config_origin arbiter_origins[TT_ARBITERS_MAX];
    tt_config_origin provider_origins[TT_LLM_PROVIDERS_MAX];
    tt_config_origin voter_origins[TT_LLM_VOTERS_MAX];
    tt_config_origin target_origins[TT_MAX_plan_row];
    tt_config_origin bag_origins[TT_MAX_bag_part];
} tt_config;

/** What stands above the file; zero = nothing. @borrows{for the call} */
typedef struct tt_config_overrides {
    const char *const *environment; /**< NAME=value, ended by NULL; only TUTTI__ names count. */
    const char *const *sets;        /**< section.key=value */
    uint32_t set_count;
    const char *data_path; /**< Replaces feed.path; NULL = none. */
} tt_config_overrides;

/**
 * Fills the defaults. They are valid but for one thing: there is no instrument.
 */
void tt_config_init(tt_config *config);
/**
 * Reads a file and what stands above it, checks all, and fills `config`.
 *
 * @retval TUTTI_NOT_FOUND, TUTTI_IO, TUTTI_PERMISSION the file. @retval TUTTI_LIMIT too large or
 * deep.
 * @retval TUTTI_PARSE, TUTTI_RANGE, TUTTI_EXISTS, TUTTI_INVALID, TUTTI_NOT_FOUND a key or value;
 * see `error`. On failure `config` is unspecified. `overrides` and `error` may be NULL.
 * @blocks{disk}
 */
TUTTI_NODISCARD tutti_status tt_config_load(
    const char *path, const tt_config_overrides *overrides, tt_config *config, tt_error *error);
/** Settles for a backtest what nobody has set: its journal does not wait for the disk
 * (journal.durability none), as there is no money that an order could lose. */
void tt_config_for_backtest(tt_config *config);
/** As tt_config_load, from text; places are named "configuration:line:column". */
TUTTI_NODISCARD tutti_status tt_config_load_text(
    const char *text,
    size_t length,
    const tt_config_overrides *overrides,
    tt_config *config,
    tt_error *error);
/** Reads what tt_config_render wrote; the same values come back. */
TUTTI_NODISCARD tutti_status
tt_config_parse_text(const void *text, size_t length, tt_config *config, tt_error *error);
/** As tt_config_parse_text, of any release and for those who only look: a key that this release has
 * not, or a value that it would refuse, is left out, so that its default stands there.
 * `ret_left_out` gets how many they were; other than 0: nothing may be run with it. */
TUTTI_NODISCARD tutti_status tt_config_parse_any(
    const void *text, size_t length, tt_config *config, uint32_t *ret_left_out, tt_error *error);

/**
 * Writes the canonical text: every key with the value in force, in the order of the schema. Equal
 * configurations give equal texts, whatever their origin. @gives{release with free()}
 */
TUTTI_NODISCARD tutti_status
tt_config_render(const tt_config *config, char **ret_text, tt_error *error);
/** As tt_config_render, with the origin of each value as a comment. @gives{release with free()} */
TUTTI_NODISCARD tutti_status
tt_config_render_origins(const tt_config *config, char **ret_text, tt_error *error);
/** Writes what is in force as JSON: {"settings": [{"key", "value", "origin", "line"}, ...]}, "as"
 * in place of the origin where a value is as another one. Decimals and times (seconds) are texts.
 * @gives{release with free()} */
TUTTI_NODISCARD tutti_status
tt_config_render_json(const tt_config *config, char **ret_text, tt_error *error);
/** Writes the reference of all keys as Markdown. @gives{release with free()} */
TUTTI_NODISCARD tutti_status tt_config_reference(char **ret_text, tt_error *error);
/** The same as JSON: {"settings": [{"key", "default", "allowed", "meaning"}, ...]}, "required" or
 * "as" where there is no default. @gives{release with free()} */
TUTTI_NODISCARD tutti_status tt_config_reference_json(char **ret_text, tt_error *error);

#endif
