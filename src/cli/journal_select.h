/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What `tutti journal dump` and `tail` have in common: their options, and the way through a journal
 * to the messages that are wanted.
 */
#ifndef TT_CLI_JOURNAL_SELECT_H
#define TT_CLI_JOURNAL_SELECT_H

#include "cli/journal_source.h"

/** Room for the rows of tt_select_own. */
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

/** Fills the rows of the options; `is_tail` adds those of tail. */
void tt_select_own(tt_selection *selection, bool is_tail, tt_cli_own rows[TT_SELECT_OWN_MAX]);
/** Opens the journal, reads the words. A wrong word has `ret_is_usage` set. */
TUTTI_NODISCARD tutti_status tt_select_open(
    tt_selection *selection, const char *path, bool json, bool *ret_is_usage, tt_error *error);
void tt_select_close(tt_selection *selection);
/** Prints what is wanted of the steps up to the end that is committed now.
 * @retval TUTTI_END there is nothing more for now. */
TUTTI_NODISCARD tutti_status tt_select_print(tt_selection *selection, tt_error *error);

#endif
