/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the commands share: exit codes, options, errors, progress.
 */
#ifndef TT_CLI_CLI_H
#define TT_CLI_CLI_H

#include "config/config.h"
#include "host/backtest.h"

#include <stdbool.h>

/** Exit codes; documented in the manual page, never renumbered. */
typedef enum tt_exit {
    TT_EXIT_OK = 0,
    TT_EXIT_FAILED = 1,  /**< The answer is no: a verification or an expectation failed. */
    TT_EXIT_USAGE = 2,   /**< The command line is not right. */
    TT_EXIT_CONFIG = 3,  /**< The configuration is not right. */
    TT_EXIT_DATA = 4,    /**< An input file is missing or not right. */
    TT_EXIT_IO = 5,      /**< The system refused: disk full, permission, input or output error. */
    TT_EXIT_CORRUPT = 6, /**< A journal is damaged. */
    TT_EXIT_BUSY = 7,    /**< Something is in use: a port, a journal. */
    TT_EXIT_VERSION = 8, /**< A file was written by a newer version. */
    TT_EXIT_NO_SESSION = 9,   /**< No session answers, or not in time. */
    TT_EXIT_UNDELIVERED = 10, /**< A session stopped before exchange and journal had all. */
    TT_EXIT_BEHIND = 11,      /**< A session stopped; only its read model is behind. */
    TT_EXIT_INTERNAL = 70,    /**< A fault of Tutti itself. */
} tt_exit;

/** Where an error came from; decides the exit code together with the status. */
typedef enum tt_error_category {
    TT_CATEGORY_USAGE,
    TT_CATEGORY_CONFIG,
    TT_CATEGORY_DATA,
    TT_CATEGORY_RUN,
    TT_CATEGORY_SESSION, /**< A running session said no, or nothing. */
} tt_error_category;

/** Folder of a session that is not named. */
#define TT_CLI_OUT_DIR "out/paper"

/** Words of a command line at most. */
#define TT_CLI_WORDS_MAX 1024

/** Options that most commands know. */
typedef struct tt_cli_options {
    const char *out_dir;
    const char *data;
    const char *journal;
    const char *config_path;
    const char *sets[TT_CLI_WORDS_MAX]; /**< Values of --set, in their order. */
    int set_count;
    const char *arguments[TT_CLI_WORDS_MAX]; /**< What stands beside the options. */
    int argument_count;
    bool json;
    bool quiet;
} tt_cli_options;

/** An option that one command has for itself; it takes a value, or is a flag. */
typedef struct tt_cli_own {
    const char *name;   /**< Without the dashes. */
    const char **value; /**< NULL beforehand: an option given twice is refused. */
    bool *flag;
} tt_cli_own;

/** What a command line may hold. */
typedef struct tt_cli_syntax {
    const char *usage;
    const char *allowed;   /**< Letters out of: o (--out), d (--data), s (--set), j (--json), q
                              (--quiet), J (--journal). */
    const tt_cli_own *own; /**< Ended by a row without a name; NULL = none. */
    const char *words;     /**< What stands beside the options: "one folder"; NULL = nothing. */
    int words_min;         /**< How many words these are. */
    int words_max;
} tt_cli_syntax;

/** Reads the options, and counts the words. Prints what is wrong itself. Returns TT_EXIT_OK or the
 * exit code to end with. */
tt_exit
tt_cli_parse(int argc, char **argv, const tt_cli_syntax *syntax, tt_cli_options *ret_options);
/** Notes whether --json stands on a command line: errors of usage are then told as all others. */
void tt_cli_look_for_json(int argc, char **argv);
/** Prints what is wrong with a command line, and how it is used. Returns TT_EXIT_USAGE. */
tt_exit tt_cli_usage(const char *usage, const char *problem, const char *detail);
/** Prints what is wrong with a command line, and one line of what would be right. Returns
 * TT_EXIT_USAGE. */
tt_exit tt_cli_refuse(const char *message, const char *hint);
/** Prints an error (as a JSON envelope with --json) and returns its exit code. */
tt_exit tt_cli_fail(const tt_error *error, tt_error_category category, bool json);
/** Loads a configuration with overrides from environment and --set. Prints the error itself. */
tt_exit tt_cli_load_config(const tt_cli_options *options, const char *path, tt_config **ret_config);

/** Draws a progress line on standard error when it is a terminal; a plain line at the end
 * otherwise. */
void tt_cli_progress(void *ctx, const tt_feed_progress *progress, double seconds, bool is_done);
/** Flag that SIGINT and SIGTERM set; installs the handlers at the first call. */
const volatile int *tt_cli_stop_flag(void);

/** One command. */
typedef struct tt_command_row {
    const char *name; /**< At most 32 letters. */
    tt_exit (*run)(int argc, char **argv);
    const char *summary;
} tt_command_row;

/** Commands that stand together in the overview. */
typedef struct tt_command_group {
    const char *title;
    const tt_command_row *rows; /**< Ended by a row without a name. */
} tt_command_group;

/** All commands, ended by a group without a title. */
extern const tt_command_group tt_command_groups[];
/** The command of a name, or NULL. */
const tt_command_row *tt_command_find(const char *name);

tt_exit tt_cmd_backtest(int argc, char **argv);
tt_exit tt_cmd_compare(int argc, char **argv);
tt_exit tt_cmd_verify(int argc, char **argv);
tt_exit tt_cmd_why(int argc, char **argv);
tt_exit tt_cmd_config(int argc, char **argv);
tt_exit tt_cmd_replay(int argc, char **argv);
tt_exit tt_cmd_run(int argc, char **argv);
tt_exit tt_cmd_scenario(int argc, char **argv);
tt_exit tt_cmd_journal(int argc, char **argv);
tt_exit tt_cmd_performance(int argc, char **argv);
tt_exit tt_cmd_status(int argc, char **argv);
tt_exit tt_cmd_list(int argc, char **argv);
tt_exit tt_cmd_ask(int argc, char **argv);
tt_exit tt_cmd_straddle(int argc, char **argv);
tt_exit tt_cmd_dead(int argc, char **argv);
tt_exit tt_cmd_quarantine(int argc, char **argv);
tt_exit tt_cmd_store(int argc, char **argv);
tt_exit tt_cmd_token(int argc, char **argv);
tt_exit tt_cmd_topics(int argc, char **argv);
tt_exit tt_cmd_version(int argc, char **argv);

#endif
