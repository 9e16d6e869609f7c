/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Why did this happen? Follows a message back through the journal: a fill to its order, verdict,
 * conflict and consensus, signal, agent outputs, indicators, bar; a change of state to the alert,
 * the account, the command or the report of a failure that led to it.
 */
#ifndef TT_REPORT_TRACE_H
#define TT_REPORT_TRACE_H

#include "base/error.h"
#include "model/instrument.h"
#include "model/registry.h"

#include <stdio.h>

/** All messages of a journal in memory, found by number. */
typedef struct tt_trace_log tt_trace_log;

/** Reads and checks a whole journal. @retval as tt_journal_reader_next. */
TUTTI_NODISCARD tutti_status
tt_trace_log_open(const char *journal_dir, tt_trace_log **result, tt_error *error);
void tt_trace_log_close(tt_trace_log *log);
/** Finds a message by number, or NULL. @lends{until close} */
const tt_msg *tt_trace_log_find(const tt_trace_log *log, tt_seq seq);
/** Topics and sources, with those that the journal declares. @lends{until close} */
const tt_registry *tt_trace_log_registry(const tt_trace_log *log);
/** Number of messages, and the i-th in sequence order. */
size_t tt_trace_log_count(const tt_trace_log *log);
const tt_msg *tt_trace_log_at(const tt_trace_log *log, size_t index);

/** One link of a chain: what the message is to the fill. */
typedef struct tt_trace_link {
    const char *role; /**< "fill", "order", "verdict", "consensus", ... */
    const tt_msg *msg;
    int depth; /**< 0 = the fill; deeper = further back. */
} tt_trace_link;

#define TT_TRACE_LINKS_MAX 256

/** The chain behind a message. */
typedef struct tt_trace {
    const tt_registry *registry; /**< Names of topics and sources. @lends{until the log closes} */
    tt_trace_link links[TT_TRACE_LINKS_MAX];
    uint32_t count;
    bool was_cut; /**< More links than fit. */
} tt_trace;

/** Follows a fill, or any other message, back to its origin. @retval TUTTI_NOT_FOUND no message of
 * that number. */
TUTTI_NODISCARD tutti_status
tt_trace_follow(const tt_trace_log *log, tt_seq seq, tt_trace *trace, tt_error *error);

/** Prints a chain for a trader. */
void tt_trace_print(FILE *out, const tt_trace *trace, const tt_instruments *instruments);
/** Prints a chain as one JSON object: {"fill": seq, "chain": [{role, depth, message}, ...]}. */
TUTTI_NODISCARD tutti_status
tt_trace_print_json(FILE *out, const tt_trace *trace, const tt_instruments *instruments);

#endif
