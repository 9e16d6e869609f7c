/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What a journal holds, in numbers: its files, and what its messages are.
 */
#ifndef TT_REPORT_JOURNAL_STATS_H
#define TT_REPORT_JOURNAL_STATS_H

#include "journal/journal.h"
#include "model/registry.h"

/** Everything that is counted. */
typedef struct tt_journal_stats {
    tt_journal_survey files;
    tt_journal_end end;
    uint64_t messages;
    uint64_t inputs;
    uint64_t message_bytes;
    uint64_t topic_messages[TT_TOPIC_PLACES]; /**< By tt_topic_place. */
    uint64_t topic_bytes[TT_TOPIC_PLACES];
    tt_time first_time;
    tt_seq largest_step; /**< First message of the step with the most bytes; 0 = no step. */
    uint64_t largest_step_bytes;
    uint64_t largest_step_messages;
    char tail[320]; /**< Why bytes behind the last commit do not count; "" = there are none. */
} tt_journal_stats;

/** Takes one step. */
void tt_journal_stats_take(tt_journal_stats *stats, const void *step, size_t size);
/** Takes what the reader knows after TUTTI_END. */
void tt_journal_stats_finish(tt_journal_stats *stats, const tt_journal_reader *reader);

#endif
