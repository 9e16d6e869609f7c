/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Groups of two entries of which the first that fills cancels the other: state of the trade module.
 */
#ifndef TT_TRADE_ORDER_GROUP_H
#define TT_TRADE_ORDER_GROUP_H

#include "model/limits.h"
#include "model/payloads.h"
#include "sm/sm.h"

/** Groups that can be at work at once; one more is refused. */
#define TT_GROUPS_MAX 64u

/** What happens to a group, as its state machine sees it. */
#define TT_GROUP_EVENT_LIST(E)                                                                     \
    E(SENT)       /* both entries are recorded */                                                  \
    E(REFUSED)    /* one of them cannot be: none is sent */                                        \
    E(FILL)       /* one fills; the other is not wanted any more */                                \
    E(END)        /* one ended without a fill */                                                   \
    E(OTHER_FILL) /* the one that is not wanted has filled */                                      \
    E(OTHER_END)  /* it is over */
typedef enum tt_group_event {
#define TT_GROUP_EVENT_ID_(name) TT_GROUP_EVENT_##name,
    TT_GROUP_EVENT_LIST(TT_GROUP_EVENT_ID_)
#undef TT_GROUP_EVENT_ID_
    TT_GROUP_EVENT_COUNT
} tt_group_event;

/** A group at work. */
typedef struct tt_group {
    uint64_t group_seq;    /**< The message that asked for it; 0 = the place is free. */
    uint64_t order_ids[2]; /**< In the order of their proposals. */
    uint64_t winner;       /**< The order that filled first; 0 = none yet. */
    tt_uuid correlation;
    uint32_t instrument;
    uint8_t state; /**< tt_group_state. */
    uint8_t reserved[11];
} tt_group;
_Static_assert(sizeof(tt_group) == 64, "no padding");

/** The group whose verdicts come in this step: nothing is sent before both are there. */
typedef struct tt_group_asked {
    tt_order_intent intents[2];
    uint64_t group_seq; /**< 0 = none is asked for. */
    tt_uuid correlation;
    uint32_t instrument;
    uint8_t count;   /**< Verdicts that have come. */
    uint8_t refused; /**< One of them was no approval. */
    uint8_t code;    /**< tt_risk_code of it. */
    uint8_t reserved_2[1];
    uint32_t source; /**< Who asked: its sub-account trades. */
    uint8_t reserved[12];
} tt_group_asked;
_Static_assert(sizeof(tt_group_asked) == 2 * sizeof(tt_order_intent) + 48, "no padding");

/** All groups; one region. */
typedef struct tt_groups {
    tt_group list[TT_GROUPS_MAX];
    tt_group_asked asked;
    tt_sm_counts transitions;
    uint64_t refused; /**< Groups of which nothing was sent. */
    uint64_t repairs; /**< Fills of both that an order had to undo. */
} tt_groups;

/** The transition table of a group. */
extern const tt_sm_def tt_group_machine;

#endif
