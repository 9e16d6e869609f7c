/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * One command to a running session.
 */
#ifndef TT_CLI_SESSION_ASK_H
#define TT_CLI_SESSION_ASK_H

#include "cli/session_client.h"

/** A member of the body that one command alone has. */
typedef struct tt_session_extra {
    const char *member; /**< NULL ends a list. */
    const char *value;  /**< NULL = it is left out. */
} tt_session_extra;

/** What is asked. */
typedef struct tt_session_ask {
    tt_session_client client;
    const char *name;              /**< Of the command of the terminal. */
    const char *question;          /**< Asked before; NULL = it is not dangerous. */
    const char *symbol;            /**< For the question; NULL = none. */
    const char *reason;            /**< NULL = none. */
    const tt_session_extra *extra; /**< Ended by NULL; NULL = none. */
    bool is_sure;
    char path[512]; /**< Below /api/v1/. */
} tt_session_ask;

/** Tells whether a word can be a part of an address: it holds only what needs no escape. */
bool tt_session_is_plain(const char *word);
/** Appends what the address says of the symbol, if there is one; false if it is too long. */
bool tt_session_ask_symbol(tt_session_ask *ask);
/** Asks the person if need be, sends the command, prints the answer. @blocks{until it is
 * answered} */
tt_exit tt_session_ask_run(tt_session_ask *ask, const tt_cli_options *options);

#endif
