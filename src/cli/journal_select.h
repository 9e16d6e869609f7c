/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What `tutti journal dump` and `tail` have in common: their options, and the way through a journal
 * to the messages that are wanted.
 */
#ifndef TT_CLI_JOURNAL_SELECT_H
#define TT_CLI_JOURNAL_SELECT_H

#include "cli/journal_source.h"

/** Room for the rows of options. */
#define TT_SELECT_OWN_MAX 16

/** A selection of messages on its way to standard output. */
typedef struct tt_selection {
    tt_filter_words words;
    bool as_text;
    bool until_closed; /**< Of tail alone. */
    tt_journal_source source;
    tt_journal_filter filter;
    tt_message_printer printer;
    uint64_t skip; /**< Wanted messages that are passed over, for --last. */
    uint64_t printed;
    bool is_done; /**< Nothing more can be wanted. */
} tt_selection;

/** A command that shows a selection. */
typedef struct tt_select_command {
    const char *usage;
    bool is_tail;                            /**< Has the options of tail, too. */
    void (*prepare)(tt_filter_words *words); /**< Before the words are read; may be NULL. */
    tutti_status (*show)(tt_selection *, tt_error *); /**< TUTTI_END: all was shown. */
} tt_select_command;

/** Reads the command line, opens the journal, shows what is wanted. */
tt_exit tt_select_run(const tt_select_command *command, int argc, char **argv);
/** Prints what is wanted of the steps up to the end that is committed now.
 * @retval TUTTI_END there is nothing more for now. */
TUTTI_NODISCARD tutti_status tt_select_print(tt_selection *selection, tt_error *error);

#endif
