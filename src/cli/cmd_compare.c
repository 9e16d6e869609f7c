/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti compare: two runs side by side, from their journals: settings that differ, and results.
 */
#include "base/json.h"
#include "cli/journal_source.h"
#include "cli/report_columns.h"
#include "host/replay.h"
#include "report/render.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] = "compare DIR DIR [--json]";

enum {
    KEY_MAX = 96,
    VALUE_MAX = 288,
    SCRATCH = 64 * 1024
};

/** One setting in force, as text; longer values are cut. */
typedef struct setting {
    char key[KEY_MAX];
    char value[VALUE_MAX];
} setting;

/** One of the runs. */
typedef struct side {
    tt_config *config;
    tt_report *report;
    setting *settings;
    size_t count;
    uint32_t left_out; /**< Settings of another release. */
} side;

static void copy_text(char *to, size_t size, tt_slice text)
{
    size_t length = text.length < size ? text.length : size - 1;
    memcpy(to, text.data, length);
    to[length] = 0;
}

static void take_member(tt_json_reader *reader, tt_slice key, setting *at)
{
    tt_json_token value;
    bool is_key = tt_slice_is(key, "key");
    bool is_value = tt_slice_is(key, "value");
    if (tt_json_next(reader, &value) != TUTTI_OK) {
        return;
    }
    if (is_key) {
        copy_text(at->key, sizeof at->key, value.text);
    } else if (is_value && (value.kind == TT_JSON_TRUE || value.kind == TT_JSON_FALSE)) {
        snprintf(at->value, sizeof at->value, "%s", value.kind == TT_JSON_TRUE ? "true" : "false");
    } else if (is_value) {
        copy_text(at->value, sizeof at->value, value.text);
    }
}

static bool read_setting(tt_json_reader *reader, setting *at)
{
    tt_json_token token;
    *at = (setting){0};
    if (tt_json_next(reader, &token) != TUTTI_OK || token.kind != TT_JSON_OBJECT) {
        return false;
    }
    while (tt_json_next(reader, &token) == TUTTI_OK && token.kind == TT_JSON_KEY) {
        take_member(reader, token.text, at);
    }
    return token.kind == TT_JSON_OBJECT_END;
}

/** Keeps the settings that `json` lists (tt_config_render_json). */
static tutti_status keep_settings(side *run, const char *json, tt_error *error)
{
    static unsigned char scratch[SCRATCH];
    tt_json_reader reader;
    tt_json_token token;
    setting next;
    size_t room = 0;
    tt_json_reader_init(&reader, json, strlen(json), scratch, sizeof scratch);
    while (tt_json_next(&reader, &token) == TUTTI_OK && token.kind != TT_JSON_ARRAY) {
    }
    while (read_setting(&reader, &next)) {
        if (run->count == room) {
            room = room == 0 ? 512 : 2 * room;
            setting *larger = realloc(run->settings, room * sizeof *larger);
            if (larger == NULL) {
                return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the settings");
            }
            run->settings = larger;
        }
        run->settings[run->count++] = next;
    }
    return TUTTI_OK;
}

static tutti_status read_settings(side *run, tt_error *error)
{
    char *json = NULL;
    TUTTI_TRY(tt_config_render_json(run->config, &json, error));
    tutti_status status = keep_settings(run, json, error);
    free(json);
    return status;
}

static tutti_status read_steps(tt_journal_source *source, tt_report *report, tt_error *error)
{
    const void *step = NULL;
    size_t size = 0;
    tutti_status status = TUTTI_OK;
    while ((status = tt_journal_source_next(source, &step, &size, error)) == TUTTI_OK) {
        tt_report_apply(report, step, size);
    }
    return status == TUTTI_END ? TUTTI_OK : status;
}

/** Reads a run from an open source, and takes its configuration. */
static tutti_status
read_source(const char *path, tt_journal_source *source, side *run, tt_error *error)
{
    if (tt_journal_is_library(source->reader)) {
        return tt_error_set(
            error, TUTTI_INVALID, "%s is the journal of a program with libtutti, not a run", path);
    }
    run->left_out = source->settings_left_out;
    if (tt_report_new(source->config->engine.instruments.count, &run->report) != TUTTI_OK) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the report");
    }
    TUTTI_TRY(read_steps(source, run->report, error));
    run->config = source->config;
    source->config = NULL;
    return read_settings(run, error);
}

static tutti_status read_run(const char *path, side *run, tt_error *error)
{
    tt_journal_source source;
    tutti_status status = tt_journal_source_open(path, &source, error);
    if (status == TUTTI_OK) {
        status = read_source(path, &source, run, error);
    }
    tt_journal_source_close(&source);
    return status;
}

static void free_run(side *run)
{
    tt_report_free(run->report);
    free(run->config);
    free(run->settings);
}

static const char *value_of(const side *run, const char *key)
{
    for (size_t i = 0; i < run->count; i++) {
        if (strcmp(run->settings[i].key, key) == 0) {
            return run->settings[i].value;
        }
    }
    return NULL;
}

typedef void (*setting_fn)(uint32_t number, const char *key, const char *first, const char *second);

/** Tells each setting that is not the same, in the order of the first run, then what only the
 * second has. Returns how many there are. */
static uint32_t tell_settings(const side runs[2], setting_fn tell)
{
    uint32_t found = 0;
    for (size_t i = 0; i < runs[0].count; i++) {
        const setting *at = &runs[0].settings[i];
        const char *other = value_of(&runs[1], at->key);
        if (other == NULL || strcmp(other, at->value) != 0) {
            tell(found++, at->key, at->value, other);
        }
    }
    for (size_t i = 0; i < runs[1].count; i++) {
        const setting *at = &runs[1].settings[i];
        if (value_of(&runs[0], at->key) == NULL) {
            tell(found++, at->key, NULL, at->value);
        }
    }
    return found;
}

static void
put_setting_text(uint32_t number, const char *key, const char *first, const char *second)
{
    if (number == 0) {
        puts("Settings that differ");
    }
    printf("  %s\n", key);
    printf("      %-10s %s\n", "first", first == NULL ? "-" : first);
    printf("      %-10s %s\n", "second", second == NULL ? "-" : second);
}

static void put_value_json(const char *name, const char *value)
{
    printf(",\"%s\":", name);
    if (value == NULL) {
        fputs("null", stdout);
    } else {
        tt_render_json_text(stdout, value);
    }
}

static void
put_setting_json(uint32_t number, const char *key, const char *first, const char *second)
{
    printf("%s{\"key\":", number == 0 ? "" : ",");
    tt_render_json_text(stdout, key);
    put_value_json("first", first);
    put_value_json("second", second);
    putchar('}');
}

static void put_run(const char *name, const char *path, const side *run)
{
    const tt_report_numbers *numbers = tt_report_numbers_get(run->report);
    char start[TT_TIME_TEXT_MAX];
    char end[TT_TIME_TEXT_MAX];
    tt_time_format(numbers->start, start);
    tt_time_format(numbers->end, end);
    printf("%-7s %s: %s to %s, %" PRIu64 " bars", name, path, start, end, numbers->bars);
    printf(", %" PRIu64 " ticks\n", numbers->ticks);
    if (run->left_out > 0) {
        printf(
            "        another release made it: %" PRIu32 " settings are not compared\n",
            run->left_out);
    }
}

static void print_text(const tt_cli_options *options, const side runs[2])
{
    const tt_report_numbers *first = tt_report_numbers_get(runs[0].report);
    const tt_report_numbers *second = tt_report_numbers_get(runs[1].report);
    const char *currency = runs[0].config->engine.trade.account.currency;
    bool is_same = strcmp(currency, runs[1].config->engine.trade.account.currency) == 0;
    put_run("first", options->arguments[0], &runs[0]);
    put_run("second", options->arguments[1], &runs[1]);
    putchar('\n');
    if (tell_settings(runs, put_setting_text) == 0) {
        puts("All settings are the same.");
    }
    putchar('\n');
    const tt_report_columns table = {
        .numbers = {first, first, second}, .titles = {"", "first", "second"}, .first = 1};
    tt_report_columns_print(&table, is_same ? currency : "");
}

static tutti_status put_report_json(const char *name, const side *run)
{
    const tt_report_context context = {
        .title = run->config->run.name,
        .currency = run->config->engine.trade.account.currency,
        .instruments = &run->config->engine.instruments,
    };
    char *text = NULL;
    TUTTI_TRY(tt_report_json(run->report, &context, false, &text));
    printf(",\"%s\":%s", name, text);
    free(text);
    return TUTTI_OK;
}

static tutti_status print_json(const side runs[2])
{
    fputs("{\"settings\":[", stdout);
    (void)tell_settings(runs, put_setting_json);
    putchar(']');
    TUTTI_TRY(put_report_json("first", &runs[0]));
    TUTTI_TRY(put_report_json("second", &runs[1]));
    puts("}");
    return TUTTI_OK;
}

tt_exit tt_cmd_compare(int argc, char **argv)
{
    tt_cli_options options;
    const tt_cli_syntax syntax = {usage, "j", NULL, "two folders", 2, 2};
    tt_exit code = tt_cli_parse(argc, argv, &syntax, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    side runs[2] = {0};
    tt_error error = {0};
    tutti_status status = read_run(options.arguments[0], &runs[0], &error);
    if (status == TUTTI_OK) {
        status = read_run(options.arguments[1], &runs[1], &error);
    }
    if (status == TUTTI_OK && options.json) {
        status = print_json(runs);
    } else if (status == TUTTI_OK) {
        print_text(&options, runs);
    }
    free_run(&runs[0]);
    free_run(&runs[1]);
    return status == TUTTI_OK ? TT_EXIT_OK : tt_cli_fail(&error, TT_CATEGORY_RUN, options.json);
}
