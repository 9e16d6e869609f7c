/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Compares what two runs decided and did within the same stretch of market data.
 *
 * Numbers of messages, orders and fills differ from run to run and mean nothing here. Messages are
 * the same event if topic and key agree, at the same moment or else in their order; what is
 * compared is what the table below names: the outcome, not the state around it.
 */
#ifndef TT_HOST_WHAT_IF_COMPARE_H
#define TT_HOST_WHAT_IF_COMPARE_H

#include "base/error.h"
#include "base/text.h"
#include "model/instrument.h"
#include "model/message.h"

/** Messages of one run within one stretch. */
typedef struct tt_message_list {
    const unsigned char *bytes;
    size_t size;
} tt_message_list;

/** One event that is not the same in both runs. */
typedef struct tt_difference {
    tt_seq input;         /**< Recorded input at which it happened. */
    const tt_msg *before; /**< With the recorded settings; NULL: it does not happen. */
    const tt_msg *after;  /**< With the changed ones; NULL: it does not happen. */
} tt_difference;

typedef void (*tt_difference_fn)(void *ctx, const tt_difference *difference);

/** Events by topic. */
typedef struct tt_difference_counts {
    uint64_t same[TT_TOPIC_COUNT];
    uint64_t changed[TT_TOPIC_COUNT];
    uint64_t only_before[TT_TOPIC_COUNT];
    uint64_t only_after[TT_TOPIC_COUNT];
} tt_difference_counts;

/** Room of a comparison; released with tt_compare_fini. */
typedef struct tt_compare {
    const tt_msg **lists[2];
    size_t capacity[2];
    size_t count[2];
    bool *used; /**< Of the second list. */
    size_t used_capacity;
} tt_compare;

/** Names of the fields that are compared and shown for a topic, separated by commas; NULL: the
 * topic is none of those that are compared. */
const char *tt_compare_fields(uint16_t topic);
/** Compares one stretch. `told` gets the differences in order of time. @retval TUTTI_NO_MEMORY. */
TUTTI_NODISCARD tutti_status tt_compare_stretch(
    tt_compare *compare,
    const tt_message_list sides[2],
    tt_seq input,
    tt_difference_counts *counts,
    tt_difference_fn told,
    void *told_ctx);
void tt_compare_fini(tt_compare *compare);
/** Writes the compared fields of a message: "status=approved code=NONE ...". */
void tt_compare_describe(const tt_msg *msg, const tt_instruments *instruments, tt_text_buf *text);

#endif
