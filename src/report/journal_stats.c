/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Counts the messages of a journal.
 */
#include "report/journal_stats.h"

#include "model/text.h"

void tt_journal_stats_take(tt_journal_stats *stats, const void *step, size_t size)
{
    uint64_t messages = 0;
    const tt_msg *first = tt_step_next(step, size, NULL);
    for (const tt_msg *msg = first; msg != NULL; msg = tt_step_next(step, size, msg)) {
        if (stats->messages + messages == 0) {
            stats->first_time = msg->time;
        }
        messages++;
        stats->inputs += (msg->flags & TT_MSG_INPUT) != 0;
        stats->topic_messages[tt_topic_place(msg->topic)]++;
        stats->topic_bytes[tt_topic_place(msg->topic)] += tt_msg_bytes(msg);
    }
    stats->messages += messages;
    stats->message_bytes += size;
    if (first != NULL && size > stats->largest_step_bytes) {
        stats->largest_step = first->seq;
        stats->largest_step_bytes = size;
        stats->largest_step_messages = messages;
    }
}

void tt_journal_stats_finish(tt_journal_stats *stats, const tt_journal_reader *reader)
{
    tt_journal_reader_end(reader, &stats->end);
    TT_TEXT_SET(stats->tail, tt_journal_reader_tail(reader));
}
