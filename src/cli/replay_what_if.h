/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti replay --set: what would have been different.
 */
#ifndef TT_CLI_REPLAY_WHAT_IF_H
#define TT_CLI_REPLAY_WHAT_IF_H

#include "cli/cli.h"

/** Differences that are listed when nothing else is said. */
#define TT_WHAT_IF_SHOWN_DEFAULT 20

/** What is asked. */
typedef struct tt_what_if_options {
    const char *path;
    const char *const *sets;
    int set_count;
    tt_seq until;         /**< UINT64_MAX = all. */
    uint64_t differences; /**< Listed at most. */
    bool json;
} tt_what_if_options;

/** Runs both configurations and prints the comparison. */
tt_exit tt_replay_what_if(const tt_what_if_options *options);

#endif
