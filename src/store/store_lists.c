/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The lists.
 */
#include "store/store_lists.h"

// clang-format off
const tt_list_row tt_store_lists[TT_STORE_LIST_COUNT] = {
    [TT_STORE_SESSIONS] = {
        .name = "sessions", .table = "sessions", .order = "seq",
        .columns = "seq, time AS \"t:time\", event, mode, run_id, seed, config_hash"},
    [TT_STORE_ORDERS] = {
        .name = "orders", .table = "orders", .order = "order_id", .id = "order_id",
        .state = "state",
        .states = &tt_enum_order_state, .has_instrument = true,
        .columns =
            "order_id, client_order_id, created_at AS \"t:created_at\","
            " updated_at AS \"t:updated_at\", symbol, side, type, tif, role, state, qty, price,"
            " trigger_price, stop_loss, take_profit, reference_price, filled_qty, filled_notional,"
            " reduce_only AS \"b:reduce_only\", leverage, exit_reason, verdict_seq,"
            " parent_order_id, position_id, venue_order_id, expire_time AS \"t:expire_time\","
            " amend, amends, reason, correlation"},
    [TT_STORE_FILLS] = {
        .name = "fills", .table = "fills", .order = "seq", .id = "order_id", .state = "effect",
        .states = &tt_enum_fill_effect,
        .has_instrument = true,
        .columns =
            "seq, time AS \"t:time\", order_id, position_id, symbol, exec_id, side, liquidity,"
            " role, effect, exit_reason, price, qty, notional, fee, realized_pnl, position_qty,"
            " position_cost, balance, venue_time AS \"t:venue_time\", correlation"},
    [TT_STORE_POSITIONS] = {
        .name = "positions", .table = "positions", .order = "position_id", .id = "position_id",
        .state = "is_open", .has_instrument = true,
        .columns =
            "position_id, symbol, side, is_open AS \"b:is_open\", qty, max_qty, cost, entry_price,"
            " mark, unrealized_pnl, realized_pnl, fees, stop_loss, take_profit, leverage,"
            " exit_reason, opened_at AS \"t:opened_at\", closed_at AS \"t:closed_at\","
            " updated_at AS \"t:updated_at\", updated_seq, correlation, position_side,"
            " is_external AS \"b:is_external\""},
    [TT_STORE_AGENT_OUTPUTS] = {
        .name = "agent_outputs", .table = "agent_outputs", .order = "seq", .id = "call_seq",
        .state = "topic", .has_instrument = true,
        .columns =
            "seq, time AS \"t:time\", topic, symbol, source, call_seq, cause, correlation,"
            " payload AS \"j:payload\""},
    [TT_STORE_SIGNALS] = {
        .name = "signals", .table = "signals", .order = "seq", .id = "seq", .state = "action",
        .states = &tt_enum_action,
        .has_instrument = true,
        .columns =
            "seq, time AS \"t:time\", symbol, source, action, confidence, entry_price, stop_loss,"
            " take_profit, position_size_pct, agreement, leverage, valid_votes, call_seq,"
            " indicators_seq, ta_seq, regime_seq, sentiment_seq, reasoning, correlation,"
            " json_extract(payload, '$.votes') AS \"j:votes\""},
    [TT_STORE_CONSENSUS] = {
        .name = "consensus", .table = "consensus", .order = "seq", .id = "signal_seq",
        .has_instrument = true,
        .columns =
            "seq, time AS \"t:time\", symbol, signal_seq, confidence_before, agreement, multiplier,"
            " confidence_after, agreeing, present, correlation,"
            " json_extract(payload, '$.votes') AS \"j:votes\""},
    [TT_STORE_CONFLICTS] = {
        .name = "conflicts", .table = "conflicts", .order = "seq", .id = "signal_seq",
        .state = "action",
        .states = &tt_enum_resolution, .has_instrument = true,
        .columns =
            "seq, time AS \"t:time\", symbol, signal_seq, consensus_seq, action, confidence,"
            " size_reduction_pct, leverage_cap, arbiter, reasoning, correlation,"
            " json_extract(payload, '$.conflicts') AS \"j:conflicts\""},
    [TT_STORE_VERDICTS] = {
        .name = "verdicts", .table = "risk_verdicts", .order = "seq", .id = "seq",
        .state = "status",
        .states = &tt_enum_verdict, .has_instrument = true,
        .columns =
            "seq, time AS \"t:time\", symbol, proposal_seq, position_id, kind, side, status, code,"
            " size_before, size_after, qty, reference_price, entry_price, stop_loss, take_profit,"
            " equity, margin_available, exposure_pct, risk_per_trade_pct, leverage_before,"
            " leverage_after, exit_reason, correlation,"
            " (SELECT json_group_array(json_object('code', code, 'outcome', outcome,"
            " 'value', value, 'limit', limit_value, 'before', before_value, 'after', after_value))"
            " FROM"
            " (SELECT * FROM risk_checks WHERE verdict_seq = seq ORDER BY place)) AS \"j:checks\""},
    [TT_STORE_ALERTS] = {
        .name = "alerts", .table = "alerts", .order = "seq", .id = "subject_seq",
        .state = "severity",
        .states = &tt_enum_severity, .has_instrument = true,
        .columns =
            "seq, time AS \"t:time\", symbol, alert_type, severity, breach_type, code, value,"
            " limit_value AS \"limit\", subject_seq, until AS \"t:until\", message, correlation"},
    [TT_STORE_SYSTEM_EVENTS] = {
        .name = "system_events", .table = "system_events", .order = "seq", .state = "severity",
        .states = &tt_enum_severity,
        .columns =
            "seq, time AS \"t:time\", source, event, severity, subject, old_value, new_value,"
            " message"},
    [TT_STORE_COMMANDS] = {
        .name = "command_log", .table = "commands", .order = "time", .id = "request_id",
        .state = "status",
        .states = &tt_enum_reply_status, .has_instrument = true,
        .columns =
            "request_id, seq, time AS \"t:time\", command, task, symbol, actor, role, reason,"
            " subject_seq, status, reply, replied_at AS \"t:replied_at\", reply_seq"},
    [TT_STORE_POSITION_MARGINS] = {
        .name = "position_margins", .table = "position_margins", .order = "position_id",
        .id = "position_id",
        .state = "level",
        .states = &tt_enum_liquidation_level, .has_instrument = true,
        .columns =
            "position_id, symbol, side, level, liquidation_price, mark, distance_pct, margin,"
            " margin_ratio_pct, unrealized_pnl, leverage, updated_at AS \"t:updated_at\","
            " updated_seq"},
    [TT_STORE_BATCHES] = {
        .name = "rebalance_batches", .table = "rebalance_batches", .order = "updated_seq",
        .id = "plan_seq",
        .state = "state",
        .states = &tt_enum_batch_state, .has_instrument = true,
        .columns =
            "plan_seq, batch, symbol, batches, side, state, planned, amount, filled,"
            " due AS \"t:due\", retry_at AS \"t:retry_at\", attempts, code, proposal_seq,"
            " verdict_seq, order_id, reason, updated_at AS \"t:updated_at\", updated_seq"},
    [TT_STORE_SUB_ACCOUNTS] = {
        .name = "sub_accounts", .table = "sub_accounts", .order = "updated_seq", .id = "account",
        .has_instrument = true,
        .columns =
            "account, source, symbol, position_side, initial, transfers, balance, equity,"
            " realized_pnl, fees, funding, cash_flow, position_qty, position_cost, fills,"
            " updated_at AS \"t:updated_at\", updated_seq"},
    [TT_STORE_ACTIVITY] = {
        .name = "activity", .table = "activity", .order = "seq", .id = "cause", .state = "topic",
        .has_instrument = true,
        .columns =
            "seq, time AS \"t:time\", topic, symbol, source, cause, correlation,"
            " payload AS \"j:payload\""},
    [TT_STORE_DEAD_LETTERS] = {
        .name = "dead_letters", .table = "dead_letters", .order = "seq", .id = "dead_seq",
        .state = "reason",
        .states = &tt_enum_dead_reason,
        .columns =
            "seq, time AS \"t:time\", dead_seq, dead_id, dead_topic, dead_source, reason, attempts,"
            " handler, message"},
};
// clang-format on
