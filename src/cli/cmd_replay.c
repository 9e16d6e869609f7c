/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti replay: runs the recorded inputs of a journal again. Nothing leaves the program: no order,
 * no agent call, no file.
 */
#include "cli/activity.h"
#include "cli/replay_view.h"
#include "cli/replay_what_if.h"
#include "host/core_thread.h"
#include "host/paper_clock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "replay DIR [--until SEQ] [--step] [--speed X] [--text] [--json] [--quiet]\n"
    "       tutti replay DIR --set section.key=value... [--until SEQ] [--differences N] [--json]";

/** A replay that is compared with what was recorded. */
typedef struct replay {
    const tt_cli_options *options;
    tt_journal_source source;
    tt_engine *engine;
    tt_message_printer printer;
    tt_replay_prompt prompt;
    tt_paper_clock clock;
    tt_ratio speed; /**< 0 = as fast as possible. */
    tt_seq until;   /**< UINT64_MAX = all. */
    uint64_t messages;
    bool has_clock;
    bool shows_steps;
    bool asks; /**< Shows steps to a person. */
} replay;

/** The words of the command's own options. */
typedef struct replay_words {
    const char *until;
    const char *speed;
    const char *differences;
    bool step;
    bool text;
} replay_words;

static tutti_status parse_speed(const char *word, tt_ratio *ret_speed, tt_error *error)
{
    if (word == NULL) {
        return TUTTI_OK;
    }
    const tt_dec least = TT_DEC_C(1, 3);
    const tt_dec most = TT_DEC_C(1000000, 0);
    if (tt_dec_parse(word, strlen(word), &ret_speed->d) == TUTTI_OK &&
        !tt_dec_lt(ret_speed->d, least) && !tt_dec_lt(most, ret_speed->d)) {
        return TUTTI_OK;
    }
    tt_error_set(error, TUTTI_INVALID, "--speed: '%s' is not a number from 0.001 to 1000000", word);
    tt_error_hint(error, "1 is real time, 60 a minute in a second; without --speed nothing waits");
    return TUTTI_INVALID;
}

static tutti_status
parse_count(const char *option, const char *word, uint64_t *ret_number, tt_error *error)
{
    if (word == NULL ||
        (tt_text_parse_u64(word, strlen(word), ret_number) == TUTTI_OK && *ret_number > 0)) {
        return TUTTI_OK;
    }
    tt_error_set(error, TUTTI_PARSE, "%s: '%s' is not a number of at least 1", option, word);
    return TUTTI_PARSE;
}

/** Lets the event time of the step come. Ctrl-C ends the waiting. */
static void wait_for(replay *run, tt_time time)
{
    const int64_t look_ns = 5 * TT_NS_PER_MS;
    const volatile int *stop = tt_cli_stop_flag();
    if (tt_dec_is_zero(run->speed.d)) {
        return;
    }
    if (!run->has_clock) {
        tt_paper_clock_start(&run->clock, time, run->speed);
        run->has_clock = true;
    }
    while (*stop == 0 && tt_paper_clock_now(&run->clock).ns < time.ns) {
        if (fflush(stdout) != 0) {
            return;
        }
        tt_sleep_ns(look_ns);
    }
}

static void show_activity(const replay *run, const void *step, size_t size)
{
    for (const tt_msg *msg = tt_step_next(step, size, NULL); msg != NULL;
         msg = tt_step_next(step, size, msg)) {
        if (tt_is_activity(msg)) {
            tt_activity_print(stdout, msg, run->printer.instruments);
        }
    }
}

static void show_step(replay *run, uint64_t number, const void *step, size_t size, tt_seq last)
{
    tt_replay_prompt *prompt = &run->prompt;
    if (!run->shows_steps) {
        if (!tt_dec_is_zero(run->speed.d) && !run->options->quiet) {
            show_activity(run, step, size);
        }
        return;
    }
    if (prompt->is_quiet || last < prompt->until) {
        return;
    }
    tt_replay_print_step(&run->printer, number, step, size);
    prompt->until = 0;
    if (run->asks && --prompt->steps == 0) {
        tt_replay_ask(prompt);
    }
}

/** Number of the last message of a step. */
static tt_seq last_of(const void *step, size_t size, uint64_t *messages)
{
    tt_seq last = 0;
    for (const tt_msg *msg = tt_step_next(step, size, NULL); msg != NULL;
         msg = tt_step_next(step, size, msg)) {
        last = msg->seq;
        (*messages)++;
    }
    return last;
}

static tutti_status fail_until(const replay *run, tt_error *error)
{
    tt_journal_end end;
    tt_journal_reader_end(run->source.reader, &end);
    tt_error_set(
        error, TUTTI_NOT_FOUND, "there is no message %" PRIu64 " in this journal", run->until);
    tt_error_hint(error, "its last message is %" PRIu64, end.last_seq);
    return TUTTI_NOT_FOUND;
}

/** Replays step by step. TUTTI_CORRUPT with `ret_difference` filled: one differs. */
static tutti_status replay_all(replay *run, tt_replay_difference *ret_difference, tt_error *error)
{
    const volatile int *stop = tt_cli_stop_flag();
    tt_seq last = 0;
    for (uint64_t number = 1; *stop == 0 && last < run->until && !run->prompt.has_quit; number++) {
        const void *step = NULL;
        size_t size = 0;
        tutti_status status = tt_journal_reader_next(run->source.reader, &step, &size, error);
        if (status == TUTTI_END) {
            return run->until == UINT64_MAX ? TUTTI_OK : fail_until(run, error);
        }
        TUTTI_TRY(status);
        wait_for(run, tt_step_next(step, size, NULL)->time);
        TUTTI_TRY(tt_replay_compare(run->engine, step, size, ret_difference, error));
        last = last_of(step, size, &run->messages);
        show_step(run, number, step, size, last);
    }
    return TUTTI_OK;
}

static void print_result(const replay *run)
{
    tt_journal_end end;
    tt_journal_reader_end(run->source.reader, &end);
    if (run->options->json) {
        printf(
            "{\"replayed\":true,\"steps\":%" PRIu64 ",\"messages\":%" PRIu64
            ",\"last_seq\":%" PRIu64 "}\n",
            end.step_count,
            run->messages,
            end.last_seq);
        return;
    }
    printf(
        "%s: %" PRIu64 " steps replayed, %" PRIu64 " messages, up to message %" PRIu64
        ": the same bytes\n",
        run->options->arguments[0],
        end.step_count,
        run->messages,
        end.last_seq);
}

static tt_exit fail(replay *run, const tt_replay_difference *difference, const tt_error *error)
{
    if (difference->input == NULL) {
        return tt_cli_fail(error, TT_CATEGORY_RUN, run->options->json);
    }
    if (run->options->json) {
        tt_replay_print_difference(&run->printer, difference);
        return TT_EXIT_CORRUPT;
    }
    tt_exit code = tt_cli_fail(error, TT_CATEGORY_RUN, false);
    run->printer.json = false;
    tt_replay_print_difference(&run->printer, difference);
    return code;
}

static tutti_status open_replay(replay *run, tt_error *error)
{
    TUTTI_TRY(tt_journal_source_open(run->options->arguments[0], &run->source, error));
    TUTTI_TRY(tt_journal_reader_require_own(run->source.reader, error));
    if (tt_journal_is_library(run->source.reader) || run->source.settings_left_out > 0) {
        return tt_journal_config(run->source.reader, run->source.config, error); // says why not
    }
    TUTTI_TRY(tt_journal_require_all(run->source.dir, error));
    run->printer.registry = tt_journal_names_registry(run->source.names);
    run->printer.instruments = &run->source.config->engine.instruments;
    run->printer.out = stdout;
    return tt_engine_new(&run->source.config->engine, &run->engine, error);
}

static tt_exit compare(replay *run)
{
    tt_error error = {0};
    tt_replay_difference difference = {0};
    tutti_status status = open_replay(run, &error);
    if (status == TUTTI_OK) {
        run->prompt.steps = 1;
        status = replay_all(run, &difference, &error);
    }
    tt_exit code = TT_EXIT_OK;
    if (status == TUTTI_OK) {
        print_result(run);
    } else {
        code = fail(run, &difference, &error);
    }
    tt_engine_free(run->engine);
    tt_journal_source_close(&run->source);
    return code;
}

static tt_exit run_compare(const tt_cli_options *options, const replay_words *words)
{
    tt_error error = {0};
    replay *run = calloc(1, sizeof *run);
    if (run == NULL) {
        return TT_EXIT_INTERNAL;
    }
    run->options = options;
    run->until = UINT64_MAX;
    tutti_status status = parse_speed(words->speed, &run->speed, &error);
    if (status == TUTTI_OK) {
        status = parse_count("--until", words->until, &run->until, &error);
    }
    tt_exit code = TT_EXIT_OK;
    if (status != TUTTI_OK) {
        code = tt_cli_fail(&error, TT_CATEGORY_USAGE, options->json);
    } else {
        run->shows_steps = words->step;
        run->printer.json = tt_cli_wants_json(options->json, words->text);
        run->asks = words->step && !run->printer.json && isatty(STDIN_FILENO) != 0 &&
                    isatty(STDOUT_FILENO) != 0;
        code = compare(run);
    }
    free(run);
    return code;
}

static tt_exit run_what_if(const tt_cli_options *options, const replay_words *words)
{
    tt_error error = {0};
    tt_what_if_options asked = {
        .path = options->arguments[0],
        .sets = options->sets,
        .set_count = options->set_count,
        .until = UINT64_MAX,
        .differences = TT_WHAT_IF_SHOWN_DEFAULT,
        .json = options->json,
    };
    tutti_status status = parse_count("--until", words->until, &asked.until, &error);
    if (status == TUTTI_OK) {
        status = parse_count("--differences", words->differences, &asked.differences, &error);
    }
    if (status != TUTTI_OK) {
        return tt_cli_fail(&error, TT_CATEGORY_USAGE, options->json);
    }
    return tt_replay_what_if(&asked);
}

tt_exit tt_cmd_replay(int argc, char **argv)
{
    static tt_cli_options options;
    replay_words words = {0};
    const tt_cli_own own[] = {
        {"until", &words.until, NULL},
        {"speed", &words.speed, NULL},
        {"differences", &words.differences, NULL},
        {"step", NULL, &words.step},
        {"text", NULL, &words.text},
        {NULL, NULL, NULL},
    };
    const tt_cli_syntax syntax = {usage, "sjq", own, "one folder", 1, 1};
    tt_exit code = tt_cli_parse(argc, argv, &syntax, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    if (options.set_count == 0) {
        return words.differences == NULL
                   ? run_compare(&options, &words)
                   : tt_cli_usage(usage, "this needs changed settings (--set)", "--differences");
    }
    if (words.step || words.speed != NULL || words.text) {
        return tt_cli_usage(
            usage,
            "with --set two runs are compared; this does not go with it",
            words.step            ? "--step"
            : words.speed != NULL ? "--speed"
                                  : "--text");
    }
    return run_what_if(&options, &words);
}
