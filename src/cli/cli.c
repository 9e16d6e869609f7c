/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Options, errors and progress of the commands.
 */
#include "cli/cli.h"

#include "cli/help.h"
#include "report/render.h"

#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

static const struct option long_options[] = {
    {"out", required_argument, NULL, 'o'},
    {"data", required_argument, NULL, 'd'},
    {"set", required_argument, NULL, 's'},
    {"json", no_argument, NULL, 'j'},
    {"quiet", no_argument, NULL, 'q'},
    {"journal", required_argument, NULL, 'J'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* getopt's numbers of a command's own options: behind all letters. */
#define OWN_FIRST 256
#define OWN_MAX   24

/* Whether --json stands on the command line. */
static bool is_json_asked;

void tt_cli_look_for_json(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        is_json_asked |= strcmp(argv[i], "--json") == 0;
    }
}

/** An error as programs read it. */
static void print_envelope(tutti_status status, const char *message, const char *hint, tt_exit code)
{
    printf("{\"error\": {\"category\": \"%s\", \"message\": ", tutti_status_name(status));
    tt_render_json_text(stdout, message);
    fputs(", \"hint\": ", stdout);
    tt_render_json_text(stdout, hint);
    printf(
        ", \"retryable\": %s, \"exit_code\": %d}}\n",
        tutti_status_is_retryable(status) ? "true" : "false",
        (int)code);
}

tt_exit tt_cli_refuse(const char *message, const char *hint)
{
    if (is_json_asked) {
        print_envelope(TUTTI_INVALID, message, hint, TT_EXIT_USAGE);
    } else {
        fprintf(stderr, "tutti: %s\n%s\n", message, hint);
    }
    return TT_EXIT_USAGE;
}

tt_exit tt_cli_usage(const char *usage, const char *problem, const char *detail)
{
    char message[256];
    char hint[1024];
    snprintf(message, sizeof message, "%s: %s", problem, detail);
    snprintf(hint, sizeof hint, "usage: tutti %s", usage);
    return tt_cli_refuse(message, hint);
}

/** The option that getopt_long has just read, as a person would write it. */
static const char *option_name(const struct option *table, int letter, char **argv)
{
    static char name[32];
    for (const struct option *row = table; row->name != NULL; row++) {
        if (row->val == letter) {
            snprintf(name, sizeof name, "--%s", row->name);
            return name;
        }
    }
    if (letter == 0) {
        return argv[optind - 1]; // A long one that is in no table.
    }
    snprintf(name, sizeof name, "-%c", letter);
    return name;
}

static void take_option(int letter, tt_cli_options *options)
{
    switch (letter) {
    case 'o':
        options->out_dir = optarg;
        break;
    case 'd':
        options->data = optarg;
        break;
    case 's':
        options->sets[options->set_count++] = optarg;
        break;
    case 'J':
        options->journal = optarg;
        break;
    case 'j':
        options->json = true;
        break;
    case 'q':
        options->quiet = true;
        break;
    default:
        TT_ASSERT(false);
    }
}

/** Options of all commands, then those of this one. */
static void make_table(const tt_cli_own *own, struct option *table)
{
    size_t shared = sizeof long_options / sizeof long_options[0] - 1;
    memcpy(table, long_options, sizeof long_options);
    for (int i = 0; own != NULL && own[i].name != NULL; i++) {
        TT_ASSERT(i < OWN_MAX);
        int has_value = own[i].value != NULL ? required_argument : no_argument;
        table[shared++] = (struct option){own[i].name, has_value, NULL, OWN_FIRST + i};
    }
    table[shared] = (struct option){NULL, 0, NULL, 0};
}

static tt_exit take_own(const tt_cli_own *row, const char *usage)
{
    if (row->flag != NULL) {
        *row->flag = true;
        return TT_EXIT_OK;
    }
    if (*row->value != NULL) {
        return tt_cli_usage(usage, "this option is given twice", row->name);
    }
    *row->value = optarg;
    return TT_EXIT_OK;
}

/** Refuses an option, with the one that was meant if it is near. */
static tt_exit
refuse_option(const tt_cli_syntax *syntax, const struct option *table, const char *given)
{
    char typed[64] = "";
    char detail[192];
    tt_help_near near = {.typed = typed};
    if (strncmp(given, "--", 2) == 0) {
        snprintf(typed, sizeof typed, "%.*s", (int)strcspn(given + 2, "="), given + 2);
    }
    for (const struct option *row = table; typed[0] != 0 && row->name != NULL; row++) {
        if (row->val >= OWN_FIRST || row->val == 'h' || strchr(syntax->allowed, row->val) != NULL) {
            tt_help_compare(&near, row->name);
        }
    }
    bool is_near = near.name != NULL;
    snprintf(
        detail,
        sizeof detail,
        "%.80s%s%s%s",
        given,
        is_near ? "; did you mean --" : "",
        is_near ? near.name : "",
        is_near ? "?" : "");
    return tt_cli_usage(syntax->usage, "this command has no such option", detail);
}

static tt_exit take_any(
    int letter,
    char **argv,
    const struct option *table,
    const tt_cli_syntax *syntax,
    tt_cli_options *options)
{
    // What looks like the next option is one: its name is no folder, and no reason.
    if (optarg != NULL && optarg == argv[optind - 1] && strncmp(optarg, "--", 2) == 0) {
        return tt_cli_usage(
            syntax->usage, "this option needs a value", option_name(table, letter, argv));
    }
    if (letter >= OWN_FIRST) {
        return take_own(&syntax->own[letter - OWN_FIRST], syntax->usage);
    }
    if (letter == 'h') {
        tt_help_command(stdout, syntax->usage);
        exit(TT_EXIT_OK);
    }
    if (letter == ':') {
        return tt_cli_usage(
            syntax->usage, "this option needs a value", option_name(table, optopt, argv));
    }
    if (letter == '?' || strchr(syntax->allowed, letter) == NULL) {
        return refuse_option(
            syntax, table, option_name(table, letter == '?' ? optopt : letter, argv));
    }
    take_option(letter, options);
    return TT_EXIT_OK;
}

/** Whether as many words are there as a command takes. */
static tt_exit count_words(const tt_cli_syntax *syntax, const tt_cli_options *options)
{
    if (options->argument_count < syntax->words_min) {
        return tt_cli_usage(syntax->usage, "this needs", syntax->words);
    }
    if (options->argument_count > syntax->words_max) {
        const char *word = options->arguments[syntax->words_max];
        return tt_cli_usage(syntax->usage, "this word is not understood", word);
    }
    return TT_EXIT_OK;
}

tt_exit
tt_cli_parse(int argc, char **argv, const tt_cli_syntax *syntax, tt_cli_options *ret_options)
{
    struct option table[sizeof long_options / sizeof long_options[0] + OWN_MAX];
    *ret_options = (tt_cli_options){0};
    if (argc > TT_CLI_WORDS_MAX) {
        return tt_cli_usage(
            syntax->usage, "the command line has too many words, after", argv[TT_CLI_WORDS_MAX]);
    }
    make_table(syntax->own, table);
    opterr = 0;
    optind = 1;
    for (int letter = getopt_long(argc, argv, ":h", table, NULL); letter != -1;
         letter = getopt_long(argc, argv, ":h", table, NULL)) {
        tt_exit code = take_any(letter, argv, table, syntax, ret_options);
        if (code != TT_EXIT_OK) {
            return code;
        }
    }
    while (optind < argc) {
        ret_options->arguments[ret_options->argument_count++] = argv[optind++];
    }
    return count_words(syntax, ret_options);
}

static tt_exit exit_of(tutti_status status, tt_error_category category)
{
    static const tt_exit by_category[] = {
        [TT_CATEGORY_USAGE] = TT_EXIT_USAGE,
        [TT_CATEGORY_CONFIG] = TT_EXIT_CONFIG,
        [TT_CATEGORY_DATA] = TT_EXIT_DATA,
        [TT_CATEGORY_RUN] = TT_EXIT_DATA,
        [TT_CATEGORY_SESSION] = TT_EXIT_NO_SESSION,
    };
    if (category == TT_CATEGORY_SESSION && status == TUTTI_INVALID) {
        return TT_EXIT_FAILED; // It was understood and refused.
    }
    if (category == TT_CATEGORY_SESSION && status == TUTTI_PARSE) {
        return TT_EXIT_USAGE;
    }
    switch (status) {
    case TUTTI_IO:
    case TUTTI_NO_SPACE:
    case TUTTI_PERMISSION:
        return TT_EXIT_IO;
    case TUTTI_BUSY:
        return TT_EXIT_BUSY;
    case TUTTI_EXISTS:
        // In a configuration it is a key that is given twice.
        return category == TT_CATEGORY_CONFIG ? TT_EXIT_CONFIG : TT_EXIT_BUSY;
    case TUTTI_VERSION:
        return TT_EXIT_VERSION;
    case TUTTI_CORRUPT:
        return category == TT_CATEGORY_DATA ? TT_EXIT_DATA : TT_EXIT_CORRUPT;
    case TUTTI_NO_MEMORY:
    case TUTTI_STATE:
        return TT_EXIT_INTERNAL;
    case TUTTI_OK:
    case TUTTI_INVALID:
    case TUTTI_LIMIT:
    case TUTTI_RANGE:
    case TUTTI_PARSE:
    case TUTTI_NOT_FOUND:
    case TUTTI_TIMEOUT:
    case TUTTI_END:
    case TUTTI_STATUS_COUNT:
        break;
    }
    return by_category[category];
}

tt_exit tt_cli_fail(const tt_error *error, tt_error_category category, bool json)
{
    tt_exit code = exit_of(error->status, category);
    if (!json) {
        fprintf(stderr, "tutti: %s\n", error->message);
        if (error->hint[0] != 0) {
            fprintf(stderr, "       %s\n", error->hint);
        }
        return code;
    }
    print_envelope(error->status, error->message, error->hint, code);
    return code;
}

tt_exit tt_cli_load_config(const tt_cli_options *options, const char *path, tt_config **ret_config)
{
    tt_error error = {0};
    tt_config *config = calloc(1, sizeof *config);
    tt_config_overrides overrides = {
        .environment = (const char *const *)environ,
        .sets = options->sets,
        .set_count = (uint32_t)options->set_count,
        .data_path = options->data,
    };
    tutti_status status = config == NULL ? tt_error_set(&error, TUTTI_NO_MEMORY, "no memory")
                                         : tt_config_load(path, &overrides, config, &error);
    if (status != TUTTI_OK) {
        free(config);
        return tt_cli_fail(&error, TT_CATEGORY_CONFIG, options->json);
    }
    *ret_config = config;
    return TT_EXIT_OK;
}

static void draw_bar(double share, double seconds, uint64_t items)
{
    enum {
        WIDTH = 30
    };
    char bar[WIDTH + 1];
    int full = (int)(share * WIDTH);
    memset(bar, '.', WIDTH);
    memset(bar, '#', (size_t)(full < WIDTH ? full : WIDTH));
    bar[WIDTH] = 0;
    double rate = seconds > 0 ? (double)items / seconds : 0;
    double remaining = share > 0 ? seconds * (1 - share) / share : 0;
    fprintf(
        stderr,
        "\r[%s] %3.0f %%  %" PRIu64 " events  %.0f/s  %.0f s left ",
        bar,
        share * 100,
        items,
        rate,
        remaining);
    fflush(stderr);
}

void tt_cli_progress(void *ctx, const tt_feed_progress *progress, double seconds, bool is_done)
{
    (void)ctx;
    bool is_terminal = isatty(STDERR_FILENO) != 0;
    double share = progress->bytes_total == 0
                       ? 0
                       : (double)progress->bytes_done / (double)progress->bytes_total;
    if (is_terminal) {
        draw_bar(is_done ? 1 : share, seconds, progress->items);
        if (is_done) {
            fputc('\n', stderr);
        }
    } else if (is_done) {
        fprintf(
            stderr,
            "%" PRIu64 " events in %.2f s, %.0f/s\n",
            progress->items,
            seconds,
            seconds > 0 ? (double)progress->items / seconds : 0);
    }
}

static volatile int stop_flag;

static void ask_to_stop(int signal_number)
{
    (void)signal_number;
    stop_flag = 1;
}

const volatile int *tt_cli_stop_flag(void)
{
    // A write that a signal interrupts goes on: what was printed stays whole.
    struct sigaction action = {.sa_handler = ask_to_stop, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return &stop_flag;
}
