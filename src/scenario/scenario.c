/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Runs a scenario: reads the file, builds an engine with the edges it asks for, carries out the
 * steps.
 */
#include "agent/agents.h"
#include "base/calendar.h"
#include "host/files.h"
#include "host/replay.h"
#include "scenario/scenario_priv.h"
#include "venue/sim.h"

#include <stdlib.h>
#include <string.h>

/* ---- the log of messages ---- */

static bool grow_block(void **block, size_t *capacity, size_t needed, size_t element)
{
    if (needed <= *capacity) {
        return true;
    }
    size_t wanted = *capacity == 0 ? 65536 : *capacity;
    while (wanted < needed) {
        wanted *= 2;
    }
    void *grown = aligned_alloc(16, wanted * element);
    if (grown == NULL) {
        return false;
    }
    if (*block != NULL) {
        memcpy(grown, *block, *capacity * element);
    }
    free(*block);
    *block = grown;
    *capacity = wanted;
    return true;
}

static void print_step(scenario *run, const void *step, size_t size)
{
    for (const tt_msg *msg = tt_step_next(step, size, NULL); msg != NULL;
         msg = tt_step_next(step, size, msg)) {
        run->result->messages++;
        if (run->options->transcript != NULL) {
            tt_text_buf text;
            tt_text_init(&text, run->line, sizeof run->line);
            tt_msg_to_json(msg, &run->config->engine.instruments, &text);
            fprintf(run->options->transcript, "%s\n", run->line);
        }
    }
}

static tutti_status record_step(void *ctx, const void *step, size_t size, tt_error *error)
{
    scenario *run = ctx;
    message_log *log = &run->log;
    if (!grow_block((void **)&log->bytes, &log->capacity, log->size + size, 1) ||
        !grow_block(
            (void **)&log->steps, &log->step_capacity, log->step_count + 1, sizeof(size_t))) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "the scenario has more messages than fit");
    }
    memcpy(log->bytes + log->size, step, size);
    log->steps[log->step_count++] = log->size;
    log->size += size;
    print_step(run, step, size);
    return TUTTI_OK;
}

const tt_msg *tt_scenario_next(const scenario *run, const tt_msg *previous)
{
    return run->log.size == 0 ? NULL : tt_step_next(run->log.bytes, run->log.size, previous);
}

/* ---- engine and edges ---- */

static tutti_status make_driver(scenario *run, tt_error *error)
{
    tt_driver_parts parts = {
        .config = &run->config->engine,
        .engine = run->engine,
        .agents = run->has_scripted_agents ? NULL : &run->agents,
        .venue = run->has_scripted_venue ? NULL : &run->venue,
        .agent_latency = run->config->agents.agents.latency,
        .sink = record_step,
        .sink_ctx = run,
    };
    if (tt_driver_init(&run->driver, &parts) != TUTTI_OK) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the driver");
    }
    run->has_driver = true;
    return TUTTI_OK;
}

tutti_status tt_scenario_restart(scenario *run, tt_error *error)
{
    tt_driver_fini(&run->driver);
    tt_engine_free(run->engine);
    run->engine = NULL;
    run->has_driver = false;
    TUTTI_TRY(tt_engine_new(&run->config->engine, &run->engine, error));
    for (size_t i = 0; i < run->log.step_count; i++) {
        size_t start = run->log.steps[i];
        size_t end = i + 1 < run->log.step_count ? run->log.steps[i + 1] : run->log.size;
        TUTTI_TRY(tt_replay_step(run->engine, run->log.bytes + start, end - start, error));
    }
    TUTTI_TRY(make_driver(run, error));
    return tt_driver_session(
        &run->driver,
        TT_session_event_type_RECOVERED,
        TT_mode_SCENARIO,
        run->now,
        run->config_hash,
        error);
}

/** Reads `venue: sim|script` or `agents: rules|script`. */
static tutti_status
read_choice(scenario *run, const char *key, const char *first, bool *ret_is_script, tt_error *error)
{
    char text[32];
    struct fy_node *node = tt_scenario_get(fy_document_root(run->document), key);
    tt_scenario_text(node, text, sizeof text);
    *ret_is_script = strcmp(text, "script") == 0;
    if (node != NULL && !*ret_is_script && strcmp(text, first) != 0) {
        return tt_scenario_fail_at(run, node, error, "`%s` is %s or script", key, first);
    }
    return TUTTI_OK;
}

/** Errors name the scenario file, where the text is its own. */
static void name_file(const scenario *run, tt_error *error)
{
    static const char source[] = "configuration:";
    if (strncmp(error->message, source, strlen(source)) == 0) {
        char rest[sizeof error->message];
        TT_TEXT_SET(rest, error->message + strlen(source));
        tt_text_format(error->message, sizeof error->message, "%s:%s", run->path, rest);
    }
}

static tutti_status load_inline(
    scenario *run, struct fy_node *node, const tt_config_overrides *overrides, tt_error *error)
{
    char *text = tt_scenario_text_of(run, "config");
    bool is_own = text != NULL;
    text = is_own ? text : fy_emit_node_to_string(node, FYECF_MODE_BLOCK | FYECF_WIDTH_INF);
    if (text == NULL) {
        return tt_scenario_fail_at(run, node, error, "this configuration cannot be read");
    }
    tutti_status status = tt_config_load_text(text, strlen(text), overrides, run->config, error);
    free(text);
    if (status != TUTTI_OK && is_own) {
        name_file(run, error);
    }
    return status;
}

/** Path of a file that the scenario names, seen from the scenario's own folder. */
static tutti_status
resolve_path(const scenario *run, const char *name, char path[TT_PATH_MAX], tt_error *error)
{
    char folder[TT_PATH_MAX];
    const char *slash = strrchr(run->path, '/');
    if (name[0] == '/' || slash == NULL) {
        snprintf(path, TT_PATH_MAX, "%s", name);
        return TUTTI_OK;
    }
    snprintf(folder, sizeof folder, "%.*s", (int)(slash - run->path), run->path);
    return tt_path_join(path, folder, name, error);
}

static tutti_status load_config(scenario *run, tt_error *error)
{
    struct fy_node *node = tt_scenario_get(fy_document_root(run->document), "config");
    tt_config_overrides overrides = {
        .sets = run->options->sets,
        .set_count = (uint32_t)run->options->set_count,
    };
    run->config = calloc(1, sizeof *run->config);
    if (run->config == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory");
    }
    if (node == NULL) {
        return tt_scenario_fail_at(
            run,
            fy_document_root(run->document),
            error,
            "`config` is missing: a file name, or the configuration itself");
    }
    if (fy_node_is_mapping(node)) {
        return load_inline(run, node, &overrides, error);
    }
    char name[512];
    char path[TT_PATH_MAX];
    tt_scenario_text(node, name, sizeof name);
    TUTTI_TRY(resolve_path(run, name, path, error));
    return tt_config_load(path, &overrides, run->config, error);
}

static tutti_status open_edges(scenario *run, tt_error *error)
{
    const tt_config *config = run->config;
    const tt_instruments *instruments = &config->engine.instruments;
    TUTTI_TRY(read_choice(run, "agents", "rules", &run->has_scripted_agents, error));
    TUTTI_TRY(read_choice(run, "venue", "sim", &run->has_scripted_venue, error));
    TUTTI_TRY(tt_agents_open(&config->agents, instruments, &run->agents, error));
    TUTTI_TRY(tt_sim_venue_open(
        &config->venue, instruments, config->engine.seed, NULL, &run->venue, error));
    const tt_account_config *account = &config->engine.trade.account;
    tt_sim_venue_endow(&run->venue, account->initial_balance, account->currency);
    return TUTTI_OK;
}

static tutti_status read_start(scenario *run, tt_error *error)
{
    char text[64];
    struct fy_node *node = tt_scenario_get(fy_document_root(run->document), "start");
    tt_scenario_text(node, text, sizeof text);
    if (node == NULL) {
        TT_TEXT_SET(text, "2024-01-01T00:00:00Z");
    }
    if (tt_time_parse(text, strlen(text), &run->now) != TUTTI_OK || run->now.ns <= 0 ||
        run->now.ns > TT_TIME_MAX.ns) {
        return tt_scenario_fail_at(
            run,
            node,
            error,
            "'%s' is no time from 1970 to 2200; 2024-01-01T00:00:00Z would be one",
            text);
    }
    return TUTTI_OK;
}

static tutti_status prepare(scenario *run, tt_error *error)
{
    static const char *const keys[] = {"name", "config", "start", "agents", "venue", "steps", NULL};
    struct fy_node *root = fy_document_root(run->document);
    TUTTI_TRY(tt_scenario_check_keys(run, root, keys, error));
    tt_scenario_text(tt_scenario_get(root, "name"), run->result->name, sizeof run->result->name);
    TUTTI_TRY(load_config(run, error));
    TUTTI_TRY(read_start(run, error));
    TUTTI_TRY(open_edges(run, error));
    TUTTI_TRY(tt_engine_new(&run->config->engine, &run->engine, error));
    TUTTI_TRY(make_driver(run, error));
    return tt_driver_session(
        &run->driver,
        TT_session_event_type_STARTED,
        TT_mode_SCENARIO,
        run->now,
        run->config_hash,
        error);
}

static tutti_status carry_out(scenario *run, tt_error *error)
{
    struct fy_node *root = fy_document_root(run->document);
    struct fy_node *steps = tt_scenario_get(root, "steps");
    if (steps == NULL || !fy_node_is_sequence(steps) || fy_node_sequence_item_count(steps) == 0) {
        return tt_scenario_fail_at(
            run, root, error, "`steps` is missing: a list of at least one step");
    }
    void *place = NULL;
    for (struct fy_node *step = fy_node_sequence_iterate(steps, &place); step != NULL;
         step = fy_node_sequence_iterate(steps, &place)) {
        TUTTI_TRY(tt_scenario_step(run, step, error));
        if (run->result->failed_line != 0) {
            break;
        }
    }
    return TUTTI_OK;
}

static void close_scenario(scenario *run)
{
    if (run->has_driver) {
        tt_driver_fini(&run->driver);
    }
    tt_engine_free(run->engine);
    tt_agents_close(&run->agents);
    if (run->venue.close != NULL) {
        run->venue.close(run->venue.ctx);
    }
    fy_document_destroy(run->document);
    free(run->text);
    free(run->config);
    free(run->log.bytes);
    free(run->log.steps);
    free(run);
}

tutti_status tt_scenario_run(
    const char *path,
    const tt_scenario_options *options,
    tt_scenario_result *result,
    tt_error *error)
{
    *result = (tt_scenario_result){0};
    scenario *run = calloc(1, sizeof *run);
    if (run == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for a scenario");
    }
    run->path = path;
    run->options = options;
    run->result = result;
    tutti_status status = tt_scenario_open(run, error);
    if (status == TUTTI_OK) {
        status = prepare(run, error);
    }
    if (status == TUTTI_OK) {
        status = carry_out(run, error);
    }
    close_scenario(run);
    return status;
}
