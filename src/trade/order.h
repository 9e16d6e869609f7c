/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Orders inside the trade module: the record, the table that holds them, and the state machine.
 *
 * Invariants (asserted by tt_order_table_check):
 *  1. A record is in exactly one list: that of its instrument while its state is not final, the
 * list of recent orders after that, or the free list.
 *  2. A final state never changes.
 *  3. filled_qty is the sum of the executions that were booked; each execution is booked once.
 *  4. pending_exposure is (qty - filled_qty) x worst price for a live order that may open or
 * increase a position, and 0 for every other order.
 *  5. A live order always has a timer armed while an answer of the venue is due.
 *  6. At most one amend of an order waits for its answer; until then the order counts with the
 * worse of both values, and no fill up to the larger quantity ends it.
 */
#ifndef TT_TRADE_ORDER_H
#define TT_TRADE_ORDER_H

#include "base/map.h"
#include "bus/timers.h"
#include "model/limits.h"
#include "model/payloads.h"
#include "sm/sm.h"

/** Execution ids kept with an order to recognise a repeat; older ones are recognised by the
 * cumulative quantity (see tt_order_check_execution). */
#define TT_ORDER_EXECS 16
/** Executions of an order that may be booked ahead of a missing one. */
#define TT_ORDER_AHEAD 8
/** Final orders that are remembered, so that late and repeated reports find them. */
#define TT_ORDERS_RECENT 512
#define TT_ORDER_SLOTS   (TT_ORDERS_MAX + TT_ORDERS_RECENT)
/** Stops, and targets, of one position from which a change waits for an answer of the venue. */
#define TT_PROTECT_LIVE_MAX 4u
#define TT_TARGETS_LIVE_MAX 8u
/** Targets that a position can have at once. */
#define TT_LADDER_MAX 4u
/** Slots that entries may not use: they belong to the stops, targets and closes of all instruments.
 */
#define TT_ORDERS_RESERVED                                                                         \
    (2u * TT_INSTRUMENTS_MAX * (TT_PROTECT_LIVE_MAX + TT_TARGETS_LIVE_MAX + 1u))

/** What happens to an order, as its state machine sees it. */
#define TT_ORDER_EVENT_LIST(E)                                                                     \
    E(CREATE)       /* the intent is published */                                                  \
    E(SENT)         /* the intent reached the edge of the core */                                  \
    E(ACCEPTED)     /* the venue acknowledged */                                                   \
    E(WORKING)      /* an answer shows that the order works at the venue, nothing filled */        \
    E(WORKING_PART) /* the same, partly filled */                                                  \
    E(FILL_PART)    /* an execution that leaves a rest */                                          \
    E(FILL_REST)    /* an execution that completes the order */                                    \
    E(CANCELLED)                                                                                   \
    E(REJECTED)                                                                                    \
    E(EXPIRED)                                                                                     \
    E(FAILED) /* certain: the venue does not have the order */                                     \
    E(DOUBT)  /* what became of the order is not known */
typedef enum tt_order_event {
#define TT_ORDER_EVENT_ID_(name) TT_ORDER_EVENT_##name,
    TT_ORDER_EVENT_LIST(TT_ORDER_EVENT_ID_)
#undef TT_ORDER_EVENT_ID_
    TT_ORDER_EVENT_COUNT
} tt_order_event;

/** Why a cancel was asked for; the text stands in order_cancels. */
typedef enum tt_cancel_reason {
    TT_CANCEL_NONE,
    TT_CANCEL_EXPIRED,
    TT_CANCEL_CLOSING,
    TT_CANCEL_COMMAND,
    TT_CANCEL_REPLACED,
    TT_CANCEL_FLAT,
    TT_CANCEL_STOPPING,
    TT_CANCEL_WITHDRAWN,
    TT_CANCEL_GROUP,
    TT_CANCEL_COUNT
} tt_cancel_reason;

/** An execution that was booked while one before it is missing: the part of the order's cumulative
 * quantity that it covers. */
typedef struct tt_execution_ahead {
    tt_qty from;
    tt_qty to;
    uint64_t exec_id;
    uint64_t reserved;
} tt_execution_ahead;

/** An amend on its way: the values that were asked for (order_amend.c). */
typedef struct tt_amend {
    tt_qty qty; /**< Total, with what is filled. */
    tt_price price;
    tt_price trigger_price;
    uint64_t id;         /**< Sequence of its order_amends message; 0 = none is on its way. */
    uint32_t seen_query; /**< query_count at the newest answer that did not show it, at first that
                              when it was sent; for answers that do not name their query. */
    uint8_t unseen;      /**< Such answers: one counts once. */
    uint8_t reserved[3];
} tt_amend;

/** One order. Slot numbers are index + 1; 0 = none. */
typedef struct tt_order {
    tt_order_intent intent; /**< What was sent, with the values that amends have made of it. */
    tt_amend amend;
    tt_qty filled_qty;
    tt_qty venue_filled;       /**< Largest cumulative quantity that the venue named. */
    tt_qty covered_qty;        /**< Everything up to this cumulative quantity is booked. */
    tt_money filled_notional;  /**< Sum of price x quantity. */
    tt_money pending_exposure; /**< Share in the account's pending exposure. */
    tt_money pending_margin;
    tt_uuid correlation;
    tt_execution_ahead ahead[TT_ORDER_AHEAD];
    uint64_t venue_order_id; /**< 0 until the venue named it. */
    uint64_t amended_by;     /**< Newest amend in force; 0 = none. */
    tt_time doubt_at;        /**< Without word by then the order is unknown; 0 = nothing is due. */
    tt_time query_at;        /**< Next query; 0 = none. */
    tt_time expire_at;       /**< When an entry is withdrawn; 0 = never. */
    tt_time status_at;       /**< When an order that works is asked about; 0 = never. */
    tt_time armed_at;        /**< Deadline of `timer`. */
    tt_timer_id timer;
    uint64_t exec_ids[TT_ORDER_EXECS]; /**< Ring of the newest. */
    uint32_t exec_count;               /**< Executions booked. */
    uint32_t ahead_count;
    uint32_t instrument;
    uint32_t next; /**< The slot that follows in its list. */
    uint32_t previous;
    uint32_t query_count;
    uint32_t not_found_query; /**< query_count at the newest NOT_FOUND; as seen_query. */
    uint8_t not_found_count;  /**< Answers NOT_FOUND in a row. */
    uint8_t state;            /**< tt_order_state. */
    uint8_t acked;            /**< The venue is known to have seen the order. */
    uint8_t query_open;       /**< A query waits for its answer. */
    uint8_t cancel_reason;    /**< tt_cancel_reason; not NONE = a cancel was sent. */
    uint8_t close_reason;     /**< tt_exit_reason: a fill of this entry is to be closed at once. */
    uint8_t is_allocation; /**< A purchase of the portfolio: exit rules leave its position alone. */
    uint8_t account;       /**< Sub-account that it trades for; 0 = the house. */
    uint8_t silent_queries; /**< Doublings of the wait for the next query. */
    uint8_t group;          /**< Place of its group of entries, from 1; 0 = none. */
    uint8_t is_unwanted;    /**< The other entry of its group filled: what it opens is closed. */
    uint8_t may_hide;       /**< An entry that may have filled before what waits for it. */
    tt_seq counted_query;   /**< Negative answers to queries up to it do not count: one was counted
                             * already, or the venue's newest positive word came behind it. */
} tt_order;
/* Its bytes are state: no byte of it may be undefined. */
_Static_assert(sizeof(tt_order) == 992, "no padding");

/** All orders; one region. */
typedef struct tt_order_table {
    tt_order records[TT_ORDER_SLOTS];
    uint32_t first[TT_INSTRUMENTS_MAX]; /**< Live orders of an instrument, oldest first. */
    uint32_t last[TT_INSTRUMENTS_MAX];
    uint32_t recent_first; /**< Final orders, oldest first. */
    uint32_t recent_last;
    uint32_t recent_count;
    uint32_t free_first;
    uint32_t used; /**< Slots that were ever used. */
    uint32_t live_count;
    tt_sm_counts transitions; /**< How often each row of the machine was taken. */
} tt_order_table;

/** The table, its index by order id, and the machine. Pointers: not state. */
typedef struct tt_orders {
    tt_order_table *table;
    tt_map *map; /**< Order id to slot; live and recent orders. */
    tt_sm machine;
} tt_orders;

/** The transition table of an order; `flags` of a row is the tt_execution_event_type to publish. */
extern const tt_sm_def tt_order_machine;

/** Takes the memory of the table and its index. @retval TUTTI_NO_MEMORY. @thread{setup} */
TUTTI_NODISCARD tutti_status tt_orders_init(tt_orders *orders, tt_arena *arena);
/** Finds an order that is live or recent by its id, or NULL. */
tt_order *tt_order_find(tt_orders *orders, uint64_t order_id);
/** Oldest live order of an instrument, and the one after `order`; NULL at the end. */
tt_order *tt_order_first(tt_orders *orders, uint32_t instrument);
tt_order *tt_order_after(tt_orders *orders, const tt_order *order);
/** Tells whether one more order fits. For reduce-only orders false only when nearly every slot of
 * the table holds a live order. */
bool tt_order_has_room(const tt_orders *orders, bool reduce_only);
/** Adds a record in state NONE; there must be room. */
tt_order *tt_order_add(tt_orders *orders, const tt_order_intent *intent, uint32_t instrument);
/** Moves an order that became final to the recent ones; the oldest of these is forgotten. */
void tt_order_retire(tt_orders *orders, tt_order *order);
/** Asserts the invariants; O(orders). For tests and recovery. */
void tt_order_table_check(tt_orders *orders);

/** What is left to fill; never below zero. */
tt_qty tt_order_remaining(const tt_order *order);
/** Quantity at which the order is surely filled: the larger one while an amend is on its way. */
tt_qty tt_order_full_qty(const tt_order *order);
/** Price that values an order of these values: its limit, else its trigger, else what sized it. */
tt_price tt_order_value_price(tt_price price, tt_price trigger, tt_price reference);
/** Tells whether the venue has named more quantity than was booked. */
bool tt_order_has_gap(const tt_order *order);

/** How an execution relates to what was booked before. */
typedef enum tt_execution_check {
    TT_EXECUTION_NEW,
    TT_EXECUTION_REPEATED,
    TT_EXECUTION_CONTRADICTED, /**< A new id for a quantity that is booked already. */
    TT_EXECUTION_UNTRACKED     /**< Too many executions are ahead of a missing one. */
} tt_execution_check;
/** Checks one execution of an order against those that were booked; changes nothing. */
tt_execution_check tt_order_check_execution(const tt_order *order, const tt_venue_report *report);
/** Notes a new execution: id, quantities, notional. */
void tt_order_note_execution(tt_order *order, const tt_venue_report *report, tt_money notional);

#endif
