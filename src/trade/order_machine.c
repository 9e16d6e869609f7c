/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The states of an order and every legal transition between them.
 *
 *     NEW               the intent is recorded
 *     PENDING           handed to the edge; the venue has not answered
 *     SUBMITTED         the venue has it, nothing filled
 *     PARTIALLY_FILLED  the venue has it, a part is filled
 *     UNKNOWN           nobody knows; counted as the worst case and queried until resolved
 *     FILLED CANCELLED REJECTED EXPIRED FAILED   final; never left again
 *
 * Reports come late, twice and out of order. What the table does not list changes no state: an
 * acknowledgement after a fill, a second cancel, any word about a final order. Executions are the
 * exception: they are money, so they are booked in every state (order_report.c); after the end of
 * an order they change the books and raise an alert, but not the state.
 *
 * An unknown order stays unknown when a part of it fills: that the venue once had the order does
 * not say that the rest still works. Only an answer to a query, a first acknowledgement, a full
 * fill or a final report resolves it. FAILED is reserved for what the venue never had or does not
 * know any more.
 */
#include "trade/order.h"

static const char *const state_names[] = {
#define STATE_NAME(e, name, text) text,
    TT_ENUM_order_state(STATE_NAME)
#undef STATE_NAME
};

static const char *const event_names[] = {
#define EVENT_NAME(name) #name,
    TT_ORDER_EVENT_LIST(EVENT_NAME)
#undef EVENT_NAME
};

#define ROW(from, event, to, says)                                                                 \
    {                                                                                              \
        TT_order_state_##from, TT_ORDER_EVENT_##event, TT_order_state_##to, 0,                     \
            TT_execution_event_type_ORDER_##says                                                   \
    }

/* clang-format off */
static const tt_sm_row rows[] = {
    ROW(NONE, CREATE, NEW, CREATED),
    ROW(NEW, SENT, PENDING, SENT),

    ROW(PENDING, ACCEPTED, SUBMITTED, PLACED),
    ROW(PENDING, FILL_PART, PARTIALLY_FILLED, PARTIAL_FILL),
    ROW(PENDING, FILL_REST, FILLED, FILLED),
    ROW(PENDING, CANCELLED, CANCELLED, CANCELLED),
    ROW(PENDING, REJECTED, REJECTED, REJECTED),
    ROW(PENDING, EXPIRED, EXPIRED, EXPIRED),
    ROW(PENDING, FAILED, FAILED, ERROR),
    ROW(PENDING, DOUBT, UNKNOWN, UNKNOWN),

    ROW(SUBMITTED, FILL_PART, PARTIALLY_FILLED, PARTIAL_FILL),
    ROW(SUBMITTED, FILL_REST, FILLED, FILLED),
    ROW(SUBMITTED, CANCELLED, CANCELLED, CANCELLED),
    ROW(SUBMITTED, REJECTED, REJECTED, REJECTED),
    ROW(SUBMITTED, EXPIRED, EXPIRED, EXPIRED),
    ROW(SUBMITTED, DOUBT, UNKNOWN, UNKNOWN),

    ROW(PARTIALLY_FILLED, FILL_PART, PARTIALLY_FILLED, PARTIAL_FILL),
    ROW(PARTIALLY_FILLED, FILL_REST, FILLED, FILLED),
    ROW(PARTIALLY_FILLED, CANCELLED, CANCELLED, CANCELLED),
    ROW(PARTIALLY_FILLED, REJECTED, REJECTED, REJECTED),
    ROW(PARTIALLY_FILLED, EXPIRED, EXPIRED, EXPIRED),
    ROW(PARTIALLY_FILLED, DOUBT, UNKNOWN, UNKNOWN),

    ROW(UNKNOWN, ACCEPTED, SUBMITTED, RESOLVED),
    ROW(UNKNOWN, WORKING, SUBMITTED, RESOLVED),
    ROW(UNKNOWN, WORKING_PART, PARTIALLY_FILLED, RESOLVED),
    ROW(UNKNOWN, FILL_PART, UNKNOWN, PARTIAL_FILL),
    ROW(UNKNOWN, FILL_REST, FILLED, FILLED),
    ROW(UNKNOWN, CANCELLED, CANCELLED, CANCELLED),
    ROW(UNKNOWN, REJECTED, REJECTED, REJECTED),
    ROW(UNKNOWN, EXPIRED, EXPIRED, EXPIRED),
    ROW(UNKNOWN, FAILED, FAILED, ERROR),
};
/* clang-format on */
#undef ROW

#define FINAL(name) (1u << TT_order_state_##name)

const tt_sm_def tt_order_machine = {
    .name = "order",
    .states = state_names,
    .state_count = TT_order_state_COUNT,
    .events = event_names,
    .event_count = TT_ORDER_EVENT_COUNT,
    .rows = rows,
    .row_count = sizeof rows / sizeof rows[0],
    .initial = TT_order_state_NONE,
    .finals = FINAL(FILLED) | FINAL(CANCELLED) | FINAL(REJECTED) | FINAL(EXPIRED) | FINAL(FAILED),
};
