/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Every enumeration that stands in a message: one row a value, with the text that JSON and the
 * documentation use. Values are stored in the journal: rows are appended, never reordered. The rows
 * stand in enums_<subject>.h.
 */
#ifndef TT_MODEL_ENUMS_H
#define TT_MODEL_ENUMS_H

#include "model/enums_agents.h"
#include "model/enums_coord.h"
#include "model/enums_orders.h"
#include "model/enums_portfolio.h"
#include "model/enums_risk.h"
#include "model/enums_system.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// clang-format off
#define TT_ENUM_LIST(X)                                                                            \
    X(priority) X(msg_kind) X(mode) X(side) X(liquidity) X(order_type) X(tif) X(order_role)        \
    X(order_state) X(report_kind) X(execution_event_type) X(position_event) X(fill_effect)         \
    X(exit_reason) X(task) X(agent) X(answer_status) X(trend) X(bias) X(rsi_signal)                \
    X(macd_signal) X(level_position) X(regime) X(volatility) X(volume_profile) X(strictness)       \
    X(sentiment_bias) X(action) X(portfolio_action) X(vote_result) X(conflict_type) X(resolution)  \
    X(coordinator_state) X(degradation) X(command) X(reply_status) X(system_event_type)            \
    X(severity) X(proposal_kind) X(verdict) X(risk_code) X(check_outcome) X(alert_type)            \
    X(breach_type) X(position_command_type) X(feed_event_type) X(session_event_type)               \
    X(dead_reason) X(feed_kind) X(row_policy) X(bar_time) X(durability) X(idle)                    \
    X(bus_command_type) X(bus_alert_type) X(case_stage) X(llm_protocol) X(role) X(task_start)      \
    X(part) X(exit_action) X(lock_reason) X(protection) X(protection_scope) X(emergency_action)    \
    X(external_kind) X(position_mode) X(liquidation_level)                                         \
    X(rebalance_strategy) X(plan_outcome) X(batch_state) X(late_policy)                            \
    X(reconcile_stage) X(discrepancy)                                                              \
    X(bag_event) X(health_measure) X(health_level) X(group_style) X(group_state)                   \
    X(waiting_event) X(cash_kind)

// clang-format on

/* enum tt_side { TT_side_BUY, ... , TT_side_COUNT } and so on. */
#define TT_ENUM_VALUE_(e, name, text) TT_##e##_##name,
// clang-format off
#define TT_ENUM_DECLARE_(e)                                                                        \
    typedef enum tt_##e { TT_ENUM_##e(TT_ENUM_VALUE_) TT_##e##_COUNT } tt_##e;
// clang-format on
TT_ENUM_LIST(TT_ENUM_DECLARE_)
#undef TT_ENUM_DECLARE_
#undef TT_ENUM_VALUE_

/** Describes one enumeration: its name and the text of each value. */
typedef struct tt_enum_info {
    const char *name;
    const char *const *texts;
    uint8_t count;
} tt_enum_info;

#define TT_ENUM_INFO_DECLARE_(e) extern const tt_enum_info tt_enum_##e;
TT_ENUM_LIST(TT_ENUM_INFO_DECLARE_)
#undef TT_ENUM_INFO_DECLARE_

/** Returns all enumerations in their order; NULL ends the list. @thread{any} */
const tt_enum_info *const *tt_enum_all(void);
/** Returns the text of `value`, or "?" for a value outside the enumeration. */
const char *tt_enum_text(const tt_enum_info *info, uint8_t value);
/** Finds the value whose text is `text` (case counts). Returns false if there is none. */
bool tt_enum_find(const tt_enum_info *info, const char *text, size_t length, uint8_t *value);
/** Tells whether an order in this state has ended: nothing of it can still be executed. False for a
 * value outside the enumeration. @thread{any} */
bool tt_order_state_is_final(uint8_t state);

#endif
