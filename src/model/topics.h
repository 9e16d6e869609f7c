/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The registry of topics: one row declares a topic completely.
 *
 * T(id, "name", payload, kind, priority, ttl in seconds (0 = never expires), history (messages
 *   kept), origin flags, edge, "meaning"). The order of rows is the topic's number in the journal:
 *   append only.
 *
 * Origin: IN  - may come from outside as an input;  CORE - published by a module of the core. A
 * refused input stands in the journal as an input of dead_letters, so that a replay has it, too.
 * Edge (who executes the effect that the message is): none, agent (call it at once), venue (only
 * when the message is durable: intent before wire), notify (tell a person).
 */
#ifndef TT_MODEL_TOPICS_H
#define TT_MODEL_TOPICS_H

#include "model/payloads.h"

#include <stdbool.h>
#include <stddef.h>

// clang-format off
#define TT_TOPIC_LIST(T)                                                                           \
    T(MARKET_BAR, "market_data.bar", bar, EVENT, NORMAL,                                           \
      300, 1000, IN | TT_ORIGIN_CORE, NONE, "A completed bar; key = instrument.")                  \
    T(MARKET_QUOTE, "market_data.quote", quote, EVENT, NORMAL,                                     \
      300, 256, IN, NONE, "Best bid and ask changed.")                                             \
    T(MARKET_TRADE, "market_data.trade", trade, EVENT, NORMAL,                                     \
      300, 256, IN, NONE, "A trade happened at the venue.")                                        \
    T(MARKET_DEPTH, "market_data.depth", depth, EVENT, NORMAL,                                     \
      300, 64, IN, NONE, "Book levels changed.")                                                   \
    T(FEED_EVENTS, "feed_events", feed_event, EVENT, NORMAL,                                       \
      0, 256, IN, NONE, "Refused rows, gaps, end of data.")                                        \
    T(CLOCK, "clock", clock, EVENT, NORMAL,                                                        \
      0, 16, IN, NONE, "Time passed; due timers fire.")                                            \
    T(SESSION_EVENTS, "session_events", session_event, EVENT, URGENT,                              \
      0, 64, IN, NONE, "Start, recovery and stop of a session.")                                   \
    T(AGENT_ANSWERS, "agent_answers", agent_answer, RESPONSE, NORMAL,                              \
      300, 64, IN, NONE, "What an agent answered; untrusted until the coordinator checked it.")    \
    T(VENUE_REPORTS, "venue_reports", venue_report, EVENT, HIGH,                                   \
      0, 256, IN, NONE, "What the venue says of an order.")                                        \
    T(COORDINATOR_COMMANDS, "coordinator_commands", coordinator_command, COMMAND, URGENT,          \
      300, 64, IN, NONE, "What a person asks.")                                                    \
    T(INDICATORS, "indicators", indicators, EVENT, NORMAL,                                         \
      300, 256, CORE, NONE, "Indicators at the close of a bar; key = instrument.")                 \
    T(AGENT_CALLS, "agent_calls", agent_call, REQUEST, NORMAL,                                     \
      300, 256, CORE, AGENT, "The coordinator asks an agent.")                                     \
    T(TA_SIGNALS, "ta_signals", ta_signal, SIGNAL, NORMAL,                                         \
      300, 256, CORE, NONE, "Technical analysis of one symbol.")                                   \
    T(REGIME_UPDATES, "regime_updates", regime_update, SIGNAL, NORMAL,                             \
      900, 256, CORE, NONE, "Market regime of one symbol, after hysteresis.")                      \
    T(SENTIMENT_UPDATES, "sentiment_updates", sentiment_update, SIGNAL, NORMAL,                    \
      5400, 256, CORE, NONE, "Sentiment of one symbol.")                                           \
    T(TRADING_SIGNALS, "trading_signals", trading_signal, SIGNAL, HIGH,                            \
      300, 256, CORE, NONE, "A decision to trade or to hold.")                                     \
    T(PORTFOLIO_UPDATES, "portfolio_updates", portfolio_update, SIGNAL, NORMAL,                    \
      300, 64, CORE, NONE, "Allocation and rebalance decision.")                                   \
    T(CONSENSUS, "consensus", consensus, EVENT, HIGH,                                              \
      300, 256, CORE, NONE, "How the other agents vote on a signal.")                              \
    T(CONFLICT_DECISIONS, "conflict_decisions", conflict_decision, EVENT, HIGH,                    \
      300, 256, CORE, NONE, "Conflicts of a signal and how they were settled.")                    \
    T(TRADE_PROPOSALS, "trade_proposals", trade_proposal, REQUEST, HIGH,                           \
      60, 256, CORE, NONE, "A trade that risk must judge.")                                        \
    T(COMMAND_REPLIES, "command_replies", command_reply, RESPONSE, URGENT,                         \
      300, 64, CORE, NONE, "Answer to a command.")                                                 \
    T(SYSTEM_EVENTS, "system_events", system_event, EVENT, HIGH,                                   \
      300, 256, CORE, NONE, "State of the coordinator and of the session.")                        \
    T(NOTIFICATIONS, "notifications", notification, ALERT, URGENT,                                 \
      300, 64, CORE, NOTIFY, "Something a person must know.")                                      \
    T(POSITION_COMMANDS, "position_commands", position_command, COMMAND, URGENT,                   \
      0, 64, CORE, NONE, "Close or reduce positions; key 0 = all.")                                \
    T(RISK_VERDICTS, "risk_verdicts", risk_verdict, EVENT, HIGH,                                   \
      300, 256, CORE, NONE, "The judgement of risk with every check.")                             \
    T(RISK_ALERTS, "risk_alerts", risk_alert, ALERT, URGENT,                                       \
      300, 256, CORE, NONE, "Rejections, breakers, failures of orders.")                           \
    T(ORDER_INTENTS, "order_intents", order_intent, COMMAND, HIGH,                                 \
      0, 1000, CORE, VENUE, "An order to send, recorded before it is sent.")                       \
    T(ORDER_CANCELS, "order_cancels", order_cancel, COMMAND, URGENT,                               \
      0, 256, CORE, VENUE, "A cancel to send.")                                                    \
    T(ORDER_QUERIES, "order_queries", order_query, REQUEST, HIGH,                                  \
      0, 256, CORE, VENUE, "What became of an order whose outcome is unknown?")                    \
    T(EXECUTION_EVENTS, "execution_events", execution_event, EVENT, HIGH,                          \
      0, 1000, CORE, NONE, "Every change of an order's state.")                                    \
    T(FILLS, "fills", fill, EVENT, HIGH,                                                           \
      0, 1000, CORE, NONE, "One execution, booked.")                                               \
    T(POSITION_UPDATES, "position_updates", position_update, EVENT, HIGH,                          \
      0, 256, CORE, NONE, "A position changed.")                                                   \
    T(ACCOUNT_UPDATES, "account_updates", account_update, EVENT, HIGH,                             \
      0, 256, CORE, NONE, "The account changed.")                                                  \
    T(DEAD_LETTERS, "dead_letters", dead_letter, EVENT, LOW,                                       \
      0, 256, IN | TT_ORIGIN_CORE, NONE, "What nobody could handle, with the reason.")             \
    T(TOPIC_DECLARATIONS, "topic_declarations", topic_declaration, EVENT, HIGH,                    \
      0, 16, IN | TT_ORIGIN_CORE, NONE, "A topic declared at run time.")                           \
    T(SOURCE_DECLARATIONS, "source_declarations", source_declaration, EVENT, HIGH,                 \
      0, 16, IN | TT_ORIGIN_CORE, NONE, "A source declared at run time.")                          \
    T(BUS_COMMANDS, "bus_commands", bus_command, COMMAND, URGENT,                                  \
      300, 64, IN, NONE, "What a person asks of the bus.")                                         \
    T(BUS_ALERTS, "bus_alerts", bus_alert, ALERT, HIGH,                                            \
      300, 64, IN | TT_ORIGIN_CORE, NONE, "The bus is not well, or is well again.")                \
    T(CONFLICT_CASES, "conflict_cases", conflict_case, EVENT, HIGH,                                \
      300, 256, CORE, NONE, "Stages of a conflict that arbiters or a person settle.")              \
    T(ARBITER_OPINIONS, "arbiter_opinions", arbiter_opinion, SIGNAL, HIGH,                         \
      300, 256, CORE, NONE, "What an arbiter said of a conflict: it can only reduce risk.")        \
    T(HEALTH_REPORTS, "health_reports", health_report, EVENT, HIGH,                                \
      0, 64, IN, NONE, "A part outside the core stopped working, or works again.")                 \
    T(EXIT_EVENTS, "exit_events", exit_event, EVENT, HIGH,                                         \
      0, 256, CORE, NONE, "An exit rule moved a stop or closes a position.")                       \
    T(FUNDING_PAYMENTS, "funding_payments", funding_payment, EVENT, HIGH,                          \
      0, 64, IN, NONE, "The venue paid or took funding for a position.")                           \
    T(FUNDING, "funding", funding, EVENT, HIGH,                                                    \
      0, 256, CORE, NONE, "A funding payment, booked.")                                            \
    T(VENUE_TRADES, "venue_trades", venue_trade, EVENT, HIGH,                                      \
      0, 256, IN, NONE, "A trade on our account that no order of ours caused.")                    \
    T(POSITION_MARGINS, "position_margins", position_margin, EVENT, HIGH,                          \
      0, 256, CORE, NONE, "How near a leveraged position is to its liquidation.")                  \
    T(REBALANCE_PLANS, "rebalance_plans", rebalance_plan, EVENT, HIGH,                             \
      0, 64, CORE, NONE, "Allocation at a check, and what is done about it.")                      \
    T(REBALANCE_BATCHES, "rebalance_batches", rebalance_batch, EVENT, HIGH,                        \
      0, 256, CORE, NONE, "A trade of a batch of a plan changed its state; key = instrument.")     \
    T(VENUE_QUERIES, "venue_queries", venue_query, REQUEST, HIGH,                                  \
      0, 64, CORE, VENUE, "What does the venue hold, and which orders work there?")                \
    T(VENUE_POSITIONS, "venue_positions", venue_position, EVENT, HIGH,                             \
      0, 64, IN, NONE, "What the venue holds of an instrument.")                                   \
    T(RECONCILIATIONS, "reconciliations", reconciliation, EVENT, HIGH,                             \
      0, 256, CORE, NONE, "The books and the venue differ, or agree again.")                       \
    T(PROFIT_BAGS, "profit_bags", profit_bag, EVENT, HIGH,                                         \
      0, 64, CORE, NONE, "A share of a profit was set aside, or booked.")                          \
    T(SUB_ACCOUNT_UPDATES, "sub_account_updates", sub_account_update, EVENT, HIGH,                 \
      0, 256, CORE, NONE, "What a source of trades has done with the account.")                    \
    T(POST_KEYS, "post_keys", post_key, EVENT, LOW,                                                \
      0, 16, IN | TT_ORIGIN_CORE, NONE, "Idempotency key of a message, for a restart.")          \
    T(ENTRY_GROUPS, "entry_groups", entry_group, SIGNAL, HIGH,                                     \
      60, 64, IN | TT_ORIGIN_CORE, NONE, "Two entries: the first that fills cancels the other.")   \
    T(ENTRY_GROUP_EVENTS, "entry_group_events", entry_group_event, EVENT, HIGH,                    \
      0, 256, CORE, NONE, "Every change of the state of such a group.")                            \
    T(WAITING_FILLS, "waiting_fills", waiting_fill, EVENT, HIGH,                                   \
      0, 64, CORE, NONE, "A close was told before its entry: it waits, is booked, or is released.")\
    T(ORDER_AMENDS, "order_amends", order_amend, COMMAND, HIGH,                                    \
      0, 256, CORE, VENUE, "Other values for a working order, recorded before they are sent.")     \
    T(VENUE_BALANCES, "venue_balances", venue_balance, EVENT, HIGH,                                \
      0, 64, IN, NONE, "How much cash the account has at the venue.")                              \
    T(VENUE_TRANSFERS, "venue_transfers", venue_transfer, EVENT, HIGH,                             \
      0, 64, IN, NONE, "The venue tells of a deposit or a withdrawal.")                            \
    T(BALANCE_RECONCILIATIONS, "balance_reconciliations", balance_reconciliation, EVENT, HIGH,     \
      0, 64, CORE, NONE, "The cash of the books and of the venue differ, or agree again.")         \
    T(CASH_BOOKINGS, "cash_bookings", cash_booking, EVENT, HIGH,                                   \
      0, 256, CORE, NONE, "Cash that no trade moved, booked: a transfer, a lost fee or funding.")

// clang-format on

#define TT_ORIGIN_IN   1u
#define TT_ORIGIN_CORE 2u

typedef enum tt_edge {
    TT_EDGE_NONE,
    TT_EDGE_AGENT,
    TT_EDGE_VENUE,
    TT_EDGE_NOTIFY
} tt_edge;

/* TT_TOPIC_MARKET_BAR is 1; 0 is no topic. */
typedef enum tt_topic {
    TT_TOPIC_NONE,
#define TT_TOPIC_ID_(id, name, payload, kind, prio, ttl, history, origin, edge, doc) TT_TOPIC_##id,
    TT_TOPIC_LIST(TT_TOPIC_ID_)
#undef TT_TOPIC_ID_
    TT_TOPIC_COUNT
} tt_topic;

typedef enum tt_field_kind {
    TT_KIND_price,
    TT_KIND_qty,
    TT_KIND_money,
    TT_KIND_ratio,
    TT_KIND_time,
    TT_KIND_dur,
    TT_KIND_u64,
    TT_KIND_i64,
    TT_KIND_seq,
    TT_KIND_u32,
    TT_KIND_key,
    TT_KIND_u16,
    TT_KIND_topic,
    TT_KIND_source,
    TT_KIND_u8,
    TT_KIND_flag,
    TT_KIND_enum,
    TT_KIND_uuid,
    TT_KIND_hash,
    TT_KIND_text,
    TT_KIND_reserved,
    TT_KIND_list
} tt_field_kind;

typedef struct tt_layout tt_layout;

/** One field of a payload. */
typedef struct tt_field {
    const char *name;
    const char *doc;
    const tt_enum_info *enumeration; /**< For kind enum. */
    const tt_layout *item;           /**< For kind list. */
    uint16_t offset;
    uint16_t size;
    tt_field_kind kind;
} tt_field;

/** Name of a kind, as in "price". @thread{any} */
const char *tt_field_kind_name(tt_field_kind kind);
/** Finds a kind by its name; false if there is none. @thread{any} */
bool tt_field_kind_find(const char *name, tt_field_kind *ret_kind);
/** Bytes of a field of a kind; 0 = each field says it (text, reserved, list). @thread{any} */
uint16_t tt_field_kind_size(tt_field_kind kind);

/** The shape of a payload. */
struct tt_layout {
    const char *name;
    const tt_field *fields;
    uint16_t field_count;
    uint16_t size;       /**< sizeof the struct, list included. */
    uint16_t fixed_size; /**< Bytes before the list; equals `size` when there is none. */
    uint16_t item_size;  /**< 0 when there is no list. */
    uint16_t item_max;
    uint16_t count_offset; /**< Offset of the field `count`. */
    uint8_t count_size;    /**< 1 or 2 bytes. */
    /** The short answer of tt_payload_check about the fixed part, or about an item: true says that
     * its fields are right, false that they must be looked at. NULL: they always must. */
    bool (*is_plain)(const unsigned char *bytes);
};

/* tt_layout_bar and so on, one for each payload and each item of a list. */
#define TT_LAYOUT_DECLARE_(p) extern const tt_layout tt_layout_##p;
TT_ITEM_LIST(TT_LAYOUT_DECLARE_)
TT_PAYLOAD_LIST(TT_LAYOUT_DECLARE_)
TT_VIEW_LIST(TT_LAYOUT_DECLARE_)
#undef TT_LAYOUT_DECLARE_

/* tt_payload_is_plain_bar and so on: `is_plain` of each of them. @thread{any} */
#define TT_PLAIN_DECLARE_(p) bool tt_payload_is_plain_##p(const unsigned char *bytes);
TT_ITEM_LIST(TT_PLAIN_DECLARE_)
TT_PAYLOAD_LIST(TT_PLAIN_DECLARE_)
TT_VIEW_LIST(TT_PLAIN_DECLARE_)
#undef TT_PLAIN_DECLARE_

/** One row of the registry. */
typedef struct tt_topic_info {
    const char *name;
    const char *doc;
    const tt_layout *layout;
    uint32_t ttl_ms; /**< 0 = never expires. */
    uint32_t history;
    tt_topic topic;
    tt_edge edge;
    uint8_t kind;
    uint8_t priority;
    uint8_t origin;
} tt_topic_info;

/** Returns the row of a topic, or NULL for a number that is none. @thread{any} */
const tt_topic_info *tt_topic_info_get(uint16_t topic);
/** Finds a topic by name; TT_TOPIC_NONE if there is none. @thread{any} */
tt_topic tt_topic_find(const char *name, size_t length);
/** Returns all payload layouts (not those of items) in their order; NULL ends the list.
 * @thread{any} */
const tt_layout *const *tt_layout_all(void);
/** Mixes all that decides how bytes of this shape are understood into a fingerprint: names, kinds,
 * places, sizes, texts of enumerations, the items of a list. @thread{any} */
uint64_t tt_layout_mix(uint64_t fingerprint, const tt_layout *layout);
/** The same with a topic: its number and name, and its layout. @thread{any} */
uint64_t
tt_topic_mix(uint64_t fingerprint, uint32_t number, const char *name, const tt_layout *layout);
/** What a fingerprint begins with (FNV-1a). */
#define TT_LAYOUT_FINGERPRINT_BASIS UINT64_C(0xcbf29ce484222325)
/** Fingerprint of all topics with their layouts, never 0: two builds with the same one understand
 * each other's messages. Costs some 100 us. @thread{any} */
uint64_t tt_layout_fingerprint(void);
/** Value of the field `count`, which may exceed the capacity in an unchecked payload; 0 without a
 * list. @thread{any} */
uint16_t tt_layout_item_count(const tt_layout *layout, const void *payload);
/** Bytes that a payload needs in a message: the fixed part and the used items, rounded up to 16.
 * 0 when `count` exceeds the capacity of the list. Reads nothing behind the used items.
 * @thread{any} */
uint16_t tt_layout_used_size(const tt_layout *layout, const void *payload);

#endif
