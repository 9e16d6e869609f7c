/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A journal that a command reads, with the configuration that it was made with.
 */
#ifndef TT_CLI_JOURNAL_SOURCE_H
#define TT_CLI_JOURNAL_SOURCE_H

#include "cli/cli.h"
#include "cli/journal_filter.h"
#include "host/files.h"
#include "journal/journal.h"
#include "journal/journal_names.h"
#include "model/message_json.h"
#include "report/message_text.h"

#include <stdio.h>

/** A journal that is open to read. */
typedef struct tt_journal_source {
    tt_journal_reader *reader;
    tt_config *config;          /**< All zero for the journal of a program with libtutti. */
    tt_journal_names *names;    /**< What was declared in the steps that were taken. */
    uint32_t settings_left_out; /**< Of `config`: this release has not what another one recorded. */
    tt_seq skipped_to;          /**< Steps before this message were not read; 0 = none. */
    tt_journal_reader *earlier; /**< Reads them for names; NULL = no name was missed yet. */
    char dir[TT_PATH_MAX];
} tt_journal_source;

/** Opens the journal in the folder `path`, or in its folder `journal`. Close it also after a
 * failure. */
TUTTI_NODISCARD tutti_status
tt_journal_source_open(const char *path, tt_journal_source *source, tt_error *error);
void tt_journal_source_close(tt_journal_source *source);
/** Moves a fresh source to the segment where what is wanted begins: see tt_journal_reader_skip. */
TUTTI_NODISCARD tutti_status
tt_journal_source_skip(tt_journal_source *source, tt_seq from_seq, tt_time since, tt_error *error);
/** Next step; what it declares is taken. @retval as tt_journal_reader_next. */
TUTTI_NODISCARD tutti_status tt_journal_source_next(
    tt_journal_source *source, const void **ret_step, size_t *ret_size, tt_error *error);
/** Reads the declarations before the start, as far as needed, if a message names what was not
 * declared since. */
TUTTI_NODISCARD tutti_status
tt_journal_source_explain(tt_journal_source *source, const tt_msg *msg, tt_error *error);

/** How messages are printed. */
typedef struct tt_message_printer {
    const tt_registry *registry;
    const tt_instruments *instruments;
    FILE *out;
    bool json;
    char line[TT_MESSAGE_JSON_MAX + 1]; /**< With the line feed. */
} tt_message_printer;

void tt_message_print(tt_message_printer *printer, const tt_msg *msg);
/** Tells whether to print JSON lines: asked for, or nobody reads it on a terminal and text was not
 * asked for. */
bool tt_cli_wants_json(bool json, bool text);
/** Prints bytes in a unit that suits their number, such as "12.3 MiB". */
void tt_cli_put_bytes(FILE *out, uint64_t bytes);
/** Prints a digest in hexadecimal digits. */
void tt_cli_put_digest(FILE *out, const uint8_t *digest);

tt_exit tt_cmd_journal_dump(int argc, char **argv);
tt_exit tt_cmd_journal_repair(int argc, char **argv);
tt_exit tt_cmd_journal_stats(int argc, char **argv);
tt_exit tt_cmd_journal_tail(int argc, char **argv);
tt_exit tt_cmd_journal_verify(int argc, char **argv);

#endif
