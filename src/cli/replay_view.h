/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * How `tutti replay` shows steps, and the first message that differs.
 */
#ifndef TT_CLI_REPLAY_VIEW_H
#define TT_CLI_REPLAY_VIEW_H

#include "cli/journal_source.h"
#include "host/replay.h"

/** Prints a step: its input, and what it caused, each under its cause. */
void tt_replay_print_step(
    tt_message_printer *printer, uint64_t number, const void *step, size_t size);
/** Prints what differs: the input of the step, and both messages side by side, field by field.
 * With JSON the whole answer of the command. */
void tt_replay_print_difference(
    tt_message_printer *printer, const tt_replay_difference *difference);

/** What a person wants to see next, in step mode. */
typedef struct tt_replay_prompt {
    uint64_t steps; /**< Print so many before the next question. */
    tt_seq until;   /**< Print nothing before the step with this message; 0 = print. */
    bool is_quiet;  /**< To the end without printing or asking. */
    bool has_quit;
} tt_replay_prompt;

/** Asks on the terminal; unchanged answers to nonsense are asked again. */
void tt_replay_ask(tt_replay_prompt *prompt);

#endif
