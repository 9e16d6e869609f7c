/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The tables and the projection.
 *
 * Rows carry the sequence number of the message that they come from. Money, prices, quantities and
 * ratios are TEXT, as exact as in the message; times are nanoseconds since 1970; numbers of the
 * venue, which may use all 64 bits, are TEXT. 0 means none, as in the messages.
 */
#include "store/store_schema.h"

// clang-format off
const char *const tt_store_schema[] = {
    "CREATE TABLE projection("
    " id INTEGER PRIMARY KEY CHECK(id = 1), last_seq INTEGER NOT NULL,"
    " last_time INTEGER NOT NULL, steps INTEGER NOT NULL, last_crc INTEGER NOT NULL,"
    " account_figures BLOB NOT NULL) STRICT;"
    "INSERT INTO projection VALUES(1, 0, 0, 0, 0, x'')",

    "CREATE TABLE sessions("
    " seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, event TEXT NOT NULL, mode TEXT NOT NULL,"
    " run_id TEXT NOT NULL, seed TEXT NOT NULL, config_hash TEXT NOT NULL) STRICT",

    "CREATE TABLE orders("
    " order_id INTEGER PRIMARY KEY, client_order_id TEXT NOT NULL, created_at INTEGER NOT NULL,"
    " updated_at INTEGER NOT NULL, updated_seq INTEGER NOT NULL, instrument INTEGER,"
    " symbol TEXT, side TEXT NOT NULL, type TEXT NOT NULL, tif TEXT, role TEXT NOT NULL,"
    " state TEXT NOT NULL, qty TEXT NOT NULL, price TEXT NOT NULL, trigger_price TEXT,"
    " stop_loss TEXT, take_profit TEXT, reference_price TEXT, filled_qty TEXT NOT NULL,"
    " filled_notional TEXT NOT NULL, reduce_only INTEGER, leverage INTEGER, exit_reason TEXT,"
    " verdict_seq INTEGER, parent_order_id INTEGER, position_id INTEGER, venue_order_id TEXT,"
    " expire_time INTEGER, reason TEXT NOT NULL, correlation TEXT NOT NULL,"
    " amend TEXT NOT NULL DEFAULT 'none', amends INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE INDEX orders_by_state ON orders(state, created_at);"
    "CREATE INDEX orders_by_time ON orders(created_at);"
    "CREATE INDEX orders_by_instrument ON orders(instrument)",

    "CREATE TABLE fills("
    " seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, order_id INTEGER NOT NULL,"
    " position_id INTEGER NOT NULL, instrument INTEGER, symbol TEXT, exec_id TEXT NOT NULL,"
    " side TEXT NOT NULL, liquidity TEXT NOT NULL, role TEXT NOT NULL, effect TEXT NOT NULL,"
    " exit_reason TEXT NOT NULL, price TEXT NOT NULL, qty TEXT NOT NULL, notional TEXT NOT NULL,"
    " fee TEXT NOT NULL, realized_pnl TEXT NOT NULL, position_qty TEXT NOT NULL,"
    " position_cost TEXT NOT NULL, balance TEXT NOT NULL, venue_time INTEGER NOT NULL,"
    " correlation TEXT NOT NULL) STRICT;"
    "CREATE INDEX fills_by_order ON fills(order_id);"
    "CREATE INDEX fills_by_position ON fills(position_id);"
    "CREATE INDEX fills_by_instrument ON fills(instrument)",

    "CREATE TABLE positions("
    " position_id INTEGER PRIMARY KEY, instrument INTEGER, symbol TEXT, side TEXT NOT NULL,"
    " is_open INTEGER NOT NULL, qty TEXT NOT NULL, max_qty TEXT NOT NULL, cost TEXT NOT NULL,"
    " entry_price TEXT NOT NULL, mark TEXT NOT NULL, unrealized_pnl TEXT NOT NULL,"
    " realized_pnl TEXT NOT NULL, fees TEXT NOT NULL, stop_loss TEXT NOT NULL,"
    " take_profit TEXT NOT NULL, leverage INTEGER NOT NULL, exit_reason TEXT NOT NULL,"
    " opened_at INTEGER NOT NULL, closed_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,"
    " updated_seq INTEGER NOT NULL, correlation TEXT NOT NULL, position_side TEXT NOT NULL,"
    " is_external INTEGER NOT NULL) STRICT;"
    "CREATE INDEX positions_by_state ON positions(is_open);"
    "CREATE INDEX positions_by_instrument ON positions(instrument)",

    "CREATE TABLE equity("
    " seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, initial TEXT NOT NULL,"
    " balance TEXT NOT NULL, unrealized_pnl TEXT NOT NULL, equity TEXT NOT NULL,"
    " realized_pnl TEXT NOT NULL, fees TEXT NOT NULL, exposure TEXT NOT NULL,"
    " pending_exposure TEXT NOT NULL, margin_used TEXT NOT NULL, margin_available TEXT NOT NULL,"
    " cash_flow TEXT NOT NULL, open_positions INTEGER NOT NULL, open_orders INTEGER NOT NULL,"
    " unknown_orders INTEGER NOT NULL, closed_trades INTEGER NOT NULL,"
    " transfers TEXT NOT NULL) STRICT;"
    "CREATE INDEX equity_by_time ON equity(time)",

    "CREATE TABLE agent_outputs("
    " seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, topic TEXT NOT NULL, instrument INTEGER,"
    " symbol TEXT, source TEXT NOT NULL, call_seq INTEGER NOT NULL, cause INTEGER NOT NULL,"
    " correlation TEXT NOT NULL, payload TEXT NOT NULL) STRICT;"
    "CREATE INDEX agent_outputs_by_topic ON agent_outputs(topic);"
    "CREATE INDEX agent_outputs_by_instrument ON agent_outputs(instrument)",

    "CREATE TABLE signals("
    " seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, instrument INTEGER, symbol TEXT,"
    " source TEXT NOT NULL, action TEXT NOT NULL, confidence TEXT NOT NULL,"
    " entry_price TEXT NOT NULL, stop_loss TEXT NOT NULL, take_profit TEXT NOT NULL,"
    " position_size_pct TEXT NOT NULL, agreement TEXT NOT NULL, leverage INTEGER NOT NULL,"
    " valid_votes INTEGER NOT NULL, call_seq INTEGER NOT NULL, indicators_seq INTEGER NOT NULL,"
    " ta_seq INTEGER NOT NULL, regime_seq INTEGER NOT NULL, sentiment_seq INTEGER NOT NULL,"
    " reasoning TEXT NOT NULL, correlation TEXT NOT NULL, payload TEXT NOT NULL) STRICT;"
    "CREATE INDEX signals_by_instrument ON signals(instrument);"
    "CREATE INDEX signals_by_correlation ON signals(correlation, seq, source)",

    "CREATE TABLE consensus("
    " seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, instrument INTEGER, symbol TEXT,"
    " signal_seq INTEGER NOT NULL, confidence_before TEXT NOT NULL, agreement TEXT NOT NULL,"
    " multiplier TEXT NOT NULL, confidence_after TEXT NOT NULL, agreeing INTEGER NOT NULL,"
    " present INTEGER NOT NULL, correlation TEXT NOT NULL, payload TEXT NOT NULL) STRICT;"
    "CREATE INDEX consensus_by_signal ON consensus(signal_seq)",

    "CREATE TABLE conflicts("
    " seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, instrument INTEGER, symbol TEXT,"
    " signal_seq INTEGER NOT NULL, consensus_seq INTEGER NOT NULL, action TEXT NOT NULL,"
    " confidence TEXT NOT NULL, size_reduction_pct TEXT NOT NULL, leverage_cap INTEGER NOT NULL,"
    " arbiter TEXT NOT NULL, reasoning TEXT NOT NULL, correlation TEXT NOT NULL,"
    " payload TEXT NOT NULL) STRICT;"
    "CREATE INDEX conflicts_by_signal ON conflicts(signal_seq)",

    "CREATE TABLE risk_verdicts("
    " seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, instrument INTEGER, symbol TEXT,"
    " proposal_seq INTEGER NOT NULL, position_id INTEGER NOT NULL, kind TEXT NOT NULL,"
    " side TEXT NOT NULL, status TEXT NOT NULL, code TEXT NOT NULL, size_before TEXT NOT NULL,"
    " size_after TEXT NOT NULL, qty TEXT NOT NULL, reference_price TEXT NOT NULL,"
    " entry_price TEXT NOT NULL, stop_loss TEXT NOT NULL, take_profit TEXT NOT NULL,"
    " equity TEXT NOT NULL, margin_available TEXT NOT NULL, exposure_pct TEXT NOT NULL,"
    " risk_per_trade_pct TEXT NOT NULL, leverage_before INTEGER NOT NULL,"
    " leverage_after INTEGER NOT NULL, exit_reason TEXT NOT NULL,"
    " correlation TEXT NOT NULL) STRICT;"
    "CREATE INDEX risk_verdicts_by_status ON risk_verdicts(status);"
    "CREATE INDEX risk_verdicts_by_instrument ON risk_verdicts(instrument)",

    "CREATE TABLE risk_checks("
    " verdict_seq INTEGER NOT NULL REFERENCES risk_verdicts(seq) ON DELETE CASCADE,"
    " place INTEGER NOT NULL, code TEXT NOT NULL, outcome TEXT NOT NULL, value TEXT NOT NULL,"
    " limit_value TEXT NOT NULL, before_value TEXT NOT NULL, after_value TEXT NOT NULL,"
    " PRIMARY KEY(verdict_seq, place)) STRICT, WITHOUT ROWID",

    "CREATE TABLE alerts("
    " seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, instrument INTEGER, symbol TEXT,"
    " alert_type TEXT NOT NULL, severity TEXT NOT NULL, breach_type TEXT NOT NULL,"
    " code TEXT NOT NULL, value TEXT NOT NULL, limit_value TEXT NOT NULL,"
    " subject_seq INTEGER NOT NULL, until INTEGER NOT NULL, message TEXT NOT NULL,"
    " correlation TEXT NOT NULL) STRICT;"
    "CREATE INDEX alerts_by_severity ON alerts(severity)",

    "CREATE TABLE system_events("
    " seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, source TEXT NOT NULL, event TEXT NOT NULL,"
    " severity TEXT NOT NULL, subject TEXT NOT NULL, old_value INTEGER NOT NULL,"
    " new_value INTEGER NOT NULL, message TEXT NOT NULL) STRICT",

    "CREATE TABLE position_margins("
    " position_id INTEGER PRIMARY KEY, instrument INTEGER, symbol TEXT, side TEXT NOT NULL,"
    " level TEXT NOT NULL, liquidation_price TEXT NOT NULL, mark TEXT NOT NULL,"
    " distance_pct TEXT NOT NULL, margin TEXT NOT NULL, margin_ratio_pct TEXT NOT NULL,"
    " unrealized_pnl TEXT NOT NULL, leverage INTEGER NOT NULL, updated_at INTEGER NOT NULL,"
    " updated_seq INTEGER NOT NULL) STRICT",

    "CREATE TABLE commands("
    " request_id TEXT PRIMARY KEY, seq INTEGER, time INTEGER NOT NULL, command TEXT NOT NULL,"
    " task TEXT, instrument INTEGER, symbol TEXT, actor TEXT, role TEXT, reason TEXT,"
    " subject_seq INTEGER, status TEXT NOT NULL, reply TEXT NOT NULL,"
    " replied_at INTEGER NOT NULL, reply_seq INTEGER NOT NULL) STRICT;"
    "CREATE INDEX commands_by_time ON commands(time)",

    "CREATE TABLE rebalance_batches("
    " plan_seq INTEGER NOT NULL, batch INTEGER NOT NULL, instrument INTEGER NOT NULL,"
    " symbol TEXT, batches INTEGER NOT NULL, side TEXT NOT NULL, state TEXT NOT NULL,"
    " planned TEXT NOT NULL, amount TEXT NOT NULL, filled TEXT NOT NULL, due INTEGER NOT NULL,"
    " retry_at INTEGER NOT NULL, attempts INTEGER NOT NULL, code TEXT NOT NULL,"
    " proposal_seq INTEGER NOT NULL, verdict_seq INTEGER NOT NULL, order_id INTEGER NOT NULL,"
    " reason TEXT NOT NULL, updated_at INTEGER NOT NULL, updated_seq INTEGER NOT NULL,"
    " PRIMARY KEY(plan_seq, batch, instrument)) STRICT;"
    "CREATE INDEX rebalance_batches_by_state ON rebalance_batches(state)",

    "CREATE TABLE sub_accounts("
    " account INTEGER NOT NULL, instrument INTEGER NOT NULL, position_side TEXT NOT NULL,"
    " symbol TEXT, source TEXT NOT NULL, initial TEXT NOT NULL, balance TEXT NOT NULL,"
    " equity TEXT NOT NULL, realized_pnl TEXT NOT NULL, fees TEXT NOT NULL, funding TEXT NOT NULL,"
    " cash_flow TEXT NOT NULL, position_qty TEXT NOT NULL, position_cost TEXT NOT NULL,"
    " fills INTEGER NOT NULL, updated_at INTEGER NOT NULL, updated_seq INTEGER NOT NULL,"
    " transfers TEXT NOT NULL, PRIMARY KEY(account, instrument, position_side)) STRICT",

    "CREATE TABLE activity("
    " seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, topic TEXT NOT NULL, instrument INTEGER,"
    " symbol TEXT, source TEXT NOT NULL, cause INTEGER NOT NULL, correlation TEXT NOT NULL,"
    " payload TEXT NOT NULL) STRICT;"
    "CREATE INDEX activity_by_topic ON activity(topic);"
    "CREATE INDEX activity_by_instrument ON activity(instrument);"
    "CREATE INDEX proposals_by_correlation ON activity(correlation, seq, source)"
    " WHERE topic = 'trade_proposals'",

    "CREATE TABLE dead_letters("
    " seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, dead_seq INTEGER NOT NULL,"
    " dead_id INTEGER NOT NULL, dead_topic TEXT, dead_source TEXT NOT NULL, reason TEXT NOT NULL,"
    " attempts INTEGER NOT NULL, handler TEXT NOT NULL, message TEXT NOT NULL) STRICT",
};

/* What every agent says, whole, beside the tables that take it apart. */
static const char output_sql[] =
    "INSERT INTO agent_outputs VALUES(@seq, @time, @topic, @instrument, @symbol, @source,"
    " :call_seq, @cause, @correlation, @payload)";

/* What has no table of its own, whole. */
static const char activity_sql[] =
    "INSERT INTO activity VALUES(@seq, @time, @topic, @instrument, @symbol, @source, @cause,"
    " @correlation, @payload)";

const tt_projection_row tt_store_projection[] = {
    {TT_TOPIC_SESSION_EVENTS,
     "INSERT INTO sessions VALUES(@seq, @time, :event, :mode, :run_id, :seed, :config_hash)"},
    {TT_TOPIC_ORDER_INTENTS,
     "INSERT INTO orders VALUES(:order_id, :client_order_id, @time, @time, @seq, @instrument,"
     " @symbol, :side, :type, :tif, :role, 'new', :qty, :price, :trigger_price, :stop_loss,"
     " :take_profit, :reference_price, '0', '0', :reduce_only, :leverage, :exit_reason,"
     " :verdict_seq, :parent_order_id, :position_id, '0', :expire_time, '', @correlation,"
     " 'none', 0)"},
    // An order is known by its intent; should that be missing, what the event knows is worth a row.
    {TT_TOPIC_EXECUTION_EVENTS,
     "INSERT INTO orders(order_id, client_order_id, created_at, updated_at, updated_seq,"
     " instrument, symbol, side, type, role, state, qty, price, filled_qty, filled_notional,"
     " parent_order_id, position_id, venue_order_id, reason, correlation) VALUES(:order_id,"
     " :client_order_id, @time, @time, @seq, @instrument, @symbol, :side, :type, :role,"
     " :new_state, :qty, :price, :filled_qty, :filled_notional, :parent_order_id,"
     " :position_id, CAST(:venue_order_id AS TEXT), :reason, @correlation)"
     " ON CONFLICT(order_id) DO UPDATE SET updated_at = excluded.updated_at,"
     " updated_seq = excluded.updated_seq,"
     " state = excluded.state, filled_qty = excluded.filled_qty,"
     " filled_notional = excluded.filled_notional,"
     " position_id = CASE WHEN excluded.position_id <> 0 THEN excluded.position_id ELSE"
     " position_id END, venue_order_id = CASE WHEN excluded.venue_order_id <> '0' THEN"
     " excluded.venue_order_id ELSE venue_order_id END,"
     " qty = CASE :event WHEN 'order_amended' THEN excluded.qty ELSE qty END,"
     " price = CASE WHEN :event = 'order_amended' AND excluded.type = 'limit' THEN"
     " excluded.price ELSE price END, trigger_price = CASE WHEN :event = 'order_amended' AND"
     " excluded.type IN ('stop', 'stop_limit') THEN excluded.price ELSE trigger_price END,"
     " amend = CASE :event WHEN 'order_amending' THEN 'under_way'"
     " WHEN 'order_amended' THEN 'in_force' WHEN 'order_amend_rejected' THEN 'rejected'"
     " WHEN 'order_amend_lost' THEN 'lost' ELSE amend END,"
     " amends = amends + (:event = 'order_amended'),"
     " reason = CASE WHEN excluded.reason <> '' THEN excluded.reason ELSE reason END"},
    {TT_TOPIC_FILLS,
     "INSERT INTO fills VALUES(@seq, @time, :order_id, :position_id, @instrument, @symbol,"
     " :exec_id, :side, :liquidity, :role, :effect, :exit_reason, :price, :qty, :notional,"
     " :fee, :realized_pnl, :position_qty, :position_cost, :balance, :venue_time, @correlation)"},
    {TT_TOPIC_POSITION_UPDATES,
     "INSERT INTO positions VALUES(:position_id, @instrument, @symbol, :side,"
     " :event <> 'position_closed', :qty, :max_qty, :cost, :entry_price, :mark,"
     " :unrealized_pnl, :realized_pnl, :fees, :stop_loss, :take_profit, :leverage,"
     " :exit_reason, :opened_at, CASE WHEN :event = 'position_closed' THEN @time ELSE 0 END,"
     " @time, @seq, @correlation, :position_side, :is_external)"
     " ON CONFLICT(position_id) DO UPDATE SET side = excluded.side,"
     " is_open = excluded.is_open, qty = excluded.qty, max_qty = excluded.max_qty,"
     " cost = excluded.cost, entry_price = excluded.entry_price, mark = excluded.mark,"
     " unrealized_pnl = excluded.unrealized_pnl, realized_pnl = excluded.realized_pnl,"
     " fees = excluded.fees, stop_loss = excluded.stop_loss,"
     " take_profit = excluded.take_profit, leverage = excluded.leverage,"
     " exit_reason = CASE WHEN excluded.exit_reason <> 'none' THEN excluded.exit_reason ELSE"
     " exit_reason END, closed_at = excluded.closed_at, updated_at = excluded.updated_at,"
     " updated_seq = excluded.updated_seq, is_external = excluded.is_external"},
    {TT_TOPIC_POSITION_MARGINS,
     "INSERT INTO position_margins VALUES(:position_id, @instrument, @symbol, :side, :level,"
     " :liquidation_price, :mark, :distance_pct, :margin, :margin_ratio_pct, :unrealized_pnl,"
     " :leverage, @time, @seq) ON CONFLICT(position_id) DO UPDATE SET side = excluded.side,"
     " level = excluded.level, liquidation_price = excluded.liquidation_price,"
     " mark = excluded.mark, distance_pct = excluded.distance_pct, margin = excluded.margin,"
     " margin_ratio_pct = excluded.margin_ratio_pct, unrealized_pnl = excluded.unrealized_pnl,"
     " leverage = excluded.leverage, updated_at = excluded.updated_at,"
     " updated_seq = excluded.updated_seq"},
    {TT_TOPIC_ACCOUNT_UPDATES,
     "INSERT INTO equity VALUES(@seq, @time, :initial, :balance, :unrealized_pnl, :equity,"
     " :realized_pnl, :fees, :exposure, :pending_exposure, :margin_used, :margin_available,"
     " :cash_flow, :open_positions, :open_orders, :unknown_orders, :closed_trades, :transfers)"},
    {TT_TOPIC_TA_SIGNALS, output_sql},
    {TT_TOPIC_REGIME_UPDATES, output_sql},
    {TT_TOPIC_SENTIMENT_UPDATES, output_sql},
    {TT_TOPIC_PORTFOLIO_UPDATES, output_sql},
    {TT_TOPIC_TRADING_SIGNALS, output_sql},
    {TT_TOPIC_TRADING_SIGNALS,
     "INSERT INTO signals VALUES(@seq, @time, @instrument, @symbol, @source, :action,"
     " :confidence, :entry_price, :stop_loss, :take_profit, :position_size_pct, :agreement,"
     " :leverage, :valid_votes, :call_seq, :indicators_seq, :ta_seq, :regime_seq,"
     " :sentiment_seq, :reasoning, @correlation, @payload)"},
    {TT_TOPIC_CONSENSUS,
     "INSERT INTO consensus VALUES(@seq, @time, @instrument, @symbol, :signal_seq,"
     " :confidence_before, :agreement, :multiplier, :confidence_after, :agreeing, :present,"
     " @correlation, @payload)"},
    {TT_TOPIC_CONFLICT_DECISIONS,
     "INSERT INTO conflicts VALUES(@seq, @time, @instrument, @symbol, :signal_seq,"
     " :consensus_seq, :action, :confidence, :size_reduction_pct, :leverage_cap, :arbiter,"
     " :reasoning, @correlation, @payload)"},
    {TT_TOPIC_RISK_VERDICTS,
     "INSERT INTO risk_verdicts VALUES(@seq, @time, @instrument, @symbol, :proposal_seq,"
     " :position_id, :kind, :side, :status, :code, :size_before, :size_after, :qty,"
     " :reference_price, :entry_price, :stop_loss, :take_profit, :equity, :margin_available,"
     " :exposure_pct, :risk_per_trade_pct, :leverage_before, :leverage_after, :exit_reason,"
     " @correlation)"},
    {TT_TOPIC_RISK_VERDICTS,
     "INSERT INTO risk_checks VALUES(@seq, @index, $code, $outcome, $value, $limit, $before,"
     " $after)"},
    {TT_TOPIC_RISK_ALERTS,
     "INSERT INTO alerts VALUES(@seq, @time, @instrument, @symbol, :alert_type, :severity,"
     " :breach_type, :code, :value, :limit, :subject_seq, :until, :message, @correlation)"},
    {TT_TOPIC_SYSTEM_EVENTS,
     "INSERT INTO system_events VALUES(@seq, @time, @source, :event, :severity, :subject,"
     " :old_value, :new_value, :message)"},
    // A command and its reply are one row, whichever of them is there.
    {TT_TOPIC_COORDINATOR_COMMANDS,
     "INSERT INTO commands VALUES(:request_id, @seq, @time, :command, :task, @instrument, @symbol,"
     " :actor, :role, :reason, :subject_seq, '', '', 0, 0) ON CONFLICT(request_id) DO NOTHING"},
    {TT_TOPIC_BUS_COMMANDS,
     "INSERT INTO commands VALUES(:request_id, @seq, @time, 'bus_' || :command,"
     " COALESCE(NULLIF(:subscriber, ''), :dead_topic), NULL, NULL, :actor, :role, :reason,"
     " :dead_id, '', '', 0, 0) ON CONFLICT(request_id) DO NOTHING"},
    {TT_TOPIC_COMMAND_REPLIES,
     "INSERT INTO commands VALUES(:request_id, NULL, @time, :command, NULL, @instrument, @symbol,"
     " NULL, NULL, NULL, NULL, :status, :message, @time, @seq) ON CONFLICT(request_id) DO UPDATE"
     " SET status = excluded.status, reply = excluded.reply, replied_at = excluded.replied_at,"
     " reply_seq = excluded.reply_seq"},
    {TT_TOPIC_REBALANCE_BATCHES,
     "INSERT INTO rebalance_batches VALUES(:plan_seq, :batch, @instrument, @symbol, :batches,"
     " :side, :state, :planned, :amount, :filled, :due, :retry_at, :attempts, :code,"
     " :proposal_seq, :verdict_seq, :order_id, :reason, @time, @seq)"
     " ON CONFLICT(plan_seq, batch, instrument) DO UPDATE SET state = excluded.state,"
     " amount = excluded.amount, filled = excluded.filled, due = excluded.due,"
     " retry_at = excluded.retry_at, attempts = excluded.attempts, code = excluded.code,"
     " proposal_seq = excluded.proposal_seq, verdict_seq = excluded.verdict_seq,"
     " order_id = excluded.order_id, reason = excluded.reason,"
     " updated_at = excluded.updated_at, updated_seq = excluded.updated_seq"},
    {TT_TOPIC_SUB_ACCOUNT_UPDATES,
     "INSERT INTO sub_accounts VALUES(:account, COALESCE(@instrument, 0), :position_side, @symbol,"
     " :account_source, :initial, :balance, :equity, :realized_pnl, :fees, :funding, :cash_flow,"
     " :position_qty, :position_cost, :fills, @time, @seq, :transfers)"
     " ON CONFLICT(account, instrument, position_side) DO UPDATE SET source = excluded.source,"
     " initial = excluded.initial, balance = excluded.balance, equity = excluded.equity,"
     " realized_pnl = excluded.realized_pnl, fees = excluded.fees, funding = excluded.funding,"
     " cash_flow = excluded.cash_flow, transfers = excluded.transfers,"
     " position_qty = excluded.position_qty,"
     " position_cost = excluded.position_cost, fills = excluded.fills,"
     " updated_at = excluded.updated_at, updated_seq = excluded.updated_seq"},
    {TT_TOPIC_REBALANCE_PLANS, activity_sql},
    {TT_TOPIC_NOTIFICATIONS, activity_sql},
    {TT_TOPIC_HEALTH_REPORTS, activity_sql},
    {TT_TOPIC_FEED_EVENTS, activity_sql},
    {TT_TOPIC_CONFLICT_CASES, activity_sql},
    {TT_TOPIC_ARBITER_OPINIONS, activity_sql},
    {TT_TOPIC_TRADE_PROPOSALS, activity_sql},
    {TT_TOPIC_POSITION_COMMANDS, activity_sql},
    {TT_TOPIC_ORDER_CANCELS, activity_sql},
    {TT_TOPIC_ORDER_AMENDS, activity_sql},
    {TT_TOPIC_EXIT_EVENTS, activity_sql},
    {TT_TOPIC_FUNDING, activity_sql},
    {TT_TOPIC_VENUE_TRADES, activity_sql},
    {TT_TOPIC_RECONCILIATIONS, activity_sql},
    {TT_TOPIC_BALANCE_RECONCILIATIONS, activity_sql},
    {TT_TOPIC_CASH_BOOKINGS, activity_sql},
    {TT_TOPIC_PROFIT_BAGS, activity_sql},
    {TT_TOPIC_BUS_ALERTS, activity_sql},
    {TT_TOPIC_ENTRY_GROUPS, activity_sql},
    {TT_TOPIC_ENTRY_GROUP_EVENTS, activity_sql},
    {TT_TOPIC_WAITING_FILLS, activity_sql},
    {TT_TOPIC_DEAD_LETTERS,
     "INSERT INTO dead_letters VALUES(@seq, @time, :dead_seq, :dead_id, :dead_topic,"
     " :dead_source, :reason, :attempts, :handler, :message)"},
};
// clang-format on

const size_t tt_store_schema_count = sizeof tt_store_schema / sizeof tt_store_schema[0];
const size_t tt_store_projection_count = sizeof tt_store_projection / sizeof tt_store_projection[0];
