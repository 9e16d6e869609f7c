/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Every payload: from one table of fields come the struct, the field descriptors (JSON codec,
 * validation, documentation) and the proof that the struct has no padding, so that its bytes are
 * its encoding.
 *
 * A row is F(P, kind, field, argument, "meaning"), P being the payload itself. Kinds: price qty
 * money ratio (16 bytes each), time dur u64 i64 seq (8), u32 key (4), u16 topic source (2), u8 flag
 * enum (1; argument of enum: its name), uuid (16), text (argument: bytes, NUL padded), hash (32
 * bytes), reserved (argument: bytes, zero), list (argument: item payload; always the last field,
 * counted by the field `count`; capacity TT_MAX_<item>). Messages carry only the used items of a
 * list. The rows stand in payloads_<subject>.h.
 */
#ifndef TT_MODEL_PAYLOADS_H
#define TT_MODEL_PAYLOADS_H

#include "base/types.h"
#include "model/enums.h"
#include "model/payloads_agents.h"
#include "model/payloads_books.h"
#include "model/payloads_coord.h"
#include "model/payloads_market.h"
#include "model/payloads_orders.h"
#include "model/payloads_portfolio.h"
#include "model/payloads_risk.h"
#include "model/payloads_system.h"
#include "model/payloads_venue.h"

#include <stdint.h>

// clang-format off
/* Payload layouts in the order of their ids; item payloads of lists come first. */
#define TT_ITEM_LIST(X)                                                                            \
    X(depth_level) X(answer_byte) X(model_vote) X(rebalance_trade) X(consensus_vote)               \
    X(conflict_item) X(risk_check) X(plan_row) X(venue_order)                                      \
    X(bag_part)
#define TT_PAYLOAD_LIST(X)                                                                         \
    X(bar) X(quote) X(trade) X(depth) X(feed_event) X(clock) X(session_event) X(agent_answer)      \
    X(venue_report) X(coordinator_command) X(indicators) X(agent_call) X(ta_signal)                \
    X(regime_update) X(sentiment_update) X(trading_signal) X(portfolio_update) X(consensus)        \
    X(conflict_decision) X(trade_proposal) X(command_reply) X(system_event) X(notification)        \
    X(position_command) X(risk_verdict) X(risk_alert) X(order_intent) X(order_cancel)              \
    X(order_query) X(execution_event) X(fill) X(position_update) X(account_update) X(dead_letter)  \
    X(topic_declaration) X(source_declaration) X(bus_command) X(bus_alert) X(conflict_case)        \
    X(arbiter_opinion) X(health_report) X(exit_event) X(funding_payment) X(funding)                \
    X(venue_trade) X(position_margin)                                                              \
    X(rebalance_plan) X(rebalance_batch)                                                           \
    X(venue_query) X(venue_position) X(reconciliation)                                             \
    X(profit_bag)                                                                                  \
    X(sub_account_update)                                                                          \
    X(post_key)                                                                                    \
    X(entry_group) X(entry_group_event)                                                            \
    X(waiting_fill) X(order_amend)                                                                 \
    X(venue_balance) X(venue_transfer) X(balance_reconciliation) X(cash_booking)
/* What is made from payloads for who reads them; in no message. */
#define TT_VIEW_LIST(X) X(verdict_view)

#define TT_C_price(n, a) tt_price n;
#define TT_C_qty(n, a) tt_qty n;
#define TT_C_money(n, a) tt_money n;
#define TT_C_ratio(n, a) tt_ratio n;
#define TT_C_time(n, a) tt_time n;
#define TT_C_dur(n, a) tt_dur n;
#define TT_C_u64(n, a) uint64_t n;
#define TT_C_i64(n, a) int64_t n;
#define TT_C_seq(n, a) tt_seq n;
#define TT_C_u32(n, a) uint32_t n;
#define TT_C_key(n, a) uint32_t n;
#define TT_C_u16(n, a) uint16_t n;
#define TT_C_topic(n, a) uint16_t n;
#define TT_C_source(n, a) uint16_t n;
#define TT_C_u8(n, a) uint8_t n;
#define TT_C_flag(n, a) uint8_t n;
#define TT_C_enum(n, a) uint8_t n;
#define TT_C_uuid(n, a) tt_uuid n;
#define TT_C_hash(n, a) uint8_t n[32];
#define TT_C_text(n, a) char n[a];
#define TT_C_reserved(n, a) uint8_t n[a];
#define TT_C_list(n, a) struct tt_##a n[TT_MAX_##a];

// clang-format on

#define TT_FIELD_DECLARE_(p, kind, name, arg, doc) TT_C_##kind(name, arg)
#define TT_PAYLOAD_DECLARE_(p)                                                                     \
    typedef struct tt_##p {                                                                        \
        TT_FIELDS_##p(TT_FIELD_DECLARE_, p)                                                        \
    } tt_##p;
TT_ITEM_LIST(TT_PAYLOAD_DECLARE_)
TT_PAYLOAD_LIST(TT_PAYLOAD_DECLARE_)
TT_VIEW_LIST(TT_PAYLOAD_DECLARE_)
#undef TT_PAYLOAD_DECLARE_
#undef TT_FIELD_DECLARE_

#endif
