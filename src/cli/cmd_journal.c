/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti journal: prints the messages of a journal as JSON lines.
 */
#include "cli/cli.h"
#include "host/files.h"
#include "host/replay.h"
#include "model/message_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] = "journal dump DIR [TOPIC]";

/** What a dump works with. */
typedef struct dump {
    tt_journal_reader *reader;
    tt_config *config;
    char line[TT_MESSAGE_JSON_MAX];
    tt_topic topic; /**< TT_TOPIC_NONE: all. */
} dump;

static void print_step(dump *run, const void *step, size_t size)
{
    for (const tt_msg *msg = tt_step_next(step, size, NULL); msg != NULL;
         msg = tt_step_next(step, size, msg)) {
        if (run->topic == TT_TOPIC_NONE || run->topic == msg->topic) {
            tt_text_buf text;
            tt_text_init(&text, run->line, sizeof run->line);
            tt_msg_to_json(msg, &run->config->engine.instruments, &text);
            puts(run->line);
        }
    }
}

static tutti_status print_all(const char *path, dump *run, tt_error *error)
{
    char dir[TT_PATH_MAX];
    TUTTI_TRY(tt_journal_locate(path, dir, error));
    TUTTI_TRY(tt_journal_reader_open(dir, &run->reader, error));
    TUTTI_TRY(tt_journal_config(run->reader, run->config, error));
    for (;;) {
        const void *step = NULL;
        size_t size = 0;
        tutti_status status = tt_journal_reader_next(run->reader, &step, &size, error);
        if (status == TUTTI_END) {
            return TUTTI_OK;
        }
        TUTTI_TRY(status);
        print_step(run, step, size);
    }
}

static tt_exit dump_journal(const tt_cli_options *options)
{
    dump *run = calloc(1, sizeof *run);
    tt_config *config = calloc(1, sizeof *config);
    tt_error error = {0};
    tutti_status status = TUTTI_OK;
    if (run == NULL || config == NULL) {
        status = tt_error_set(&error, TUTTI_NO_MEMORY, "no memory");
    } else if (options->argument_count == 3) {
        run->topic = tt_topic_find(options->arguments[2], strlen(options->arguments[2]));
        if (run->topic == TT_TOPIC_NONE) {
            status = tt_error_set(
                &error, TUTTI_NOT_FOUND, "there is no topic '%s'", options->arguments[2]);
            tt_error_hint(&error, "`tutti topics` lists them");
        }
    }
    if (status == TUTTI_OK) {
        run->config = config;
        status = print_all(options->arguments[1], run, &error);
        tt_journal_reader_close(run->reader);
    }
    free(run);
    free(config);
    return status == TUTTI_OK ? TT_EXIT_OK : tt_cli_fail(&error, TT_CATEGORY_RUN, options->json);
}

tt_exit tt_cmd_journal(int argc, char **argv)
{
    tt_cli_options options;
    tt_exit code = tt_cli_parse(argc, argv, "j", usage, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    if (options.argument_count < 2 || options.argument_count > 3 ||
        strcmp(options.arguments[0], "dump") != 0) {
        fprintf(stderr, "usage: tutti %s\n", usage);
        return TT_EXIT_USAGE;
    }
    return dump_journal(&options);
}
