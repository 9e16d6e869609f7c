/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the files of the trade module share. Everything here runs on the thread of the engine and
 * allocates nothing after setup.
 */
#ifndef TT_TRADE_TRADE_PRIV_H
#define TT_TRADE_TRADE_PRIV_H

#include "trade/books.h"
#include "trade/exits.h"
#include "trade/order.h"
#include "trade/order_amend.h"
#include "trade/order_group.h"
#include "trade/send_rate.h"
#include "trade/sub_accounts.h"
#include "trade/trade.h"

/** Exit rules of one instrument: those of its row in exits.symbols, else those of all. */
typedef struct tt_exit_rules {
    tt_exits_config exits;
    tt_ladder_config ladder;
} tt_exit_rules;

/** The module: wiring and configuration; state is behind `orders` and `books`. */
struct tt_trade_module {
    tt_core *core;
    tt_trade_config config;
    tt_orders orders;
    tt_books *books;
    tt_send_rates *rates;
    tt_sub_accounts *sub_accounts;
    tt_groups *groups;
    tt_amends *amends;
    tt_sm group_machine;
    tt_exit *exits;                          /**< [leg - 1]; a region of its own. */
    tt_exit_rules rules[TT_INSTRUMENTS_MAX]; /**< [instrument - 1] */
};

/** Timers of the module. Subject: order id, instrument, or leg. */
typedef enum tt_trade_timer {
    TT_TRADE_TIMER_ORDER,
    TT_TRADE_TIMER_CLOSE,
    TT_TRADE_TIMER_EXIT,
    TT_TRADE_TIMER_SYNC,
    TT_TRADE_TIMER_WAITING
} tt_trade_timer;

static inline tt_position *tt_trade_position(tt_trade_module *trade, uint32_t leg)
{
    return &trade->books->positions[leg - 1];
}
static inline bool tt_trade_is_hedging(const tt_trade_module *trade)
{
    return trade->config.account.position_mode == TT_position_mode_HEDGING;
}
/** Leg of a position of an instrument; `position_side` counts in hedging alone. */
static inline uint32_t
tt_trade_leg(const tt_trade_module *trade, uint32_t instrument, uint8_t position_side)
{
    bool is_short = tt_trade_is_hedging(trade) && position_side == TT_side_SELL;
    return is_short ? instrument + TT_INSTRUMENTS_MAX : instrument;
}
static inline uint32_t tt_leg_instrument(uint32_t leg)
{
    return leg > TT_INSTRUMENTS_MAX ? leg - TT_INSTRUMENTS_MAX : leg;
}
/** Exit rules of a leg: those of its instrument. */
static inline const tt_exit_rules *tt_leg_rules(const tt_trade_module *trade, uint32_t leg)
{
    return &trade->rules[tt_leg_instrument(leg) - 1];
}
/** Leg that takes what an order which only reduces fills beyond the position: the same in netting,
 * the other one of the instrument in hedging. */
static inline uint32_t tt_leg_of_excess(const tt_trade_module *trade, uint32_t leg)
{
    if (!tt_trade_is_hedging(trade)) {
        return leg;
    }
    return leg > TT_INSTRUMENTS_MAX ? leg - TT_INSTRUMENTS_MAX : leg + TT_INSTRUMENTS_MAX;
}
/** Last leg in use; legs of instruments that are not configured are flat. */
static inline uint32_t tt_trade_last_leg(const tt_trade_module *trade)
{
    uint32_t count = trade->core->instruments->count;
    return tt_trade_is_hedging(trade) ? TT_INSTRUMENTS_MAX + count : count;
}
/** Side that messages name the leg by: buy or sell in hedging, none in netting. */
static inline uint8_t tt_leg_side(const tt_trade_module *trade, uint32_t leg)
{
    if (!tt_trade_is_hedging(trade)) {
        return TT_side_NONE;
    }
    return leg > TT_INSTRUMENTS_MAX ? TT_side_SELL : TT_side_BUY;
}
/** Leg that an order acts on. */
static inline uint32_t tt_order_leg(const tt_trade_module *trade, const tt_order *order)
{
    return tt_trade_leg(trade, order->instrument, order->intent.position_side);
}
static inline tt_time tt_trade_now(const tt_trade_module *trade)
{
    return tt_bus_now(trade->core->bus);
}
/** Oldest live order of a leg, and the one after `order`; NULL at the end. */
tt_order *tt_leg_first(tt_trade_module *trade, uint32_t leg);
tt_order *tt_leg_after(tt_trade_module *trade, uint32_t leg, const tt_order *order);
/** Tells whether a message key names an instrument. */
bool tt_trade_has_instrument(const tt_trade_module *trade, uint32_t key);

/* --- trade.c: what leaves the module --- */
/** A message of this module. `correlation` NULL = that of the message in delivery. */
typedef struct tt_trade_post {
    tt_topic topic;
    uint32_t key;
    const tt_uuid *correlation;
    const void *payload;
} tt_trade_post;
/** Publishes; false if the bus had no room (counted; the bus leaves a dead letter). */
bool tt_trade_publish(tt_trade_module *trade, const tt_trade_post *post, tt_seq *ret_seq);
/** The same with another cause than the message in delivery; 0 = that one. */
bool tt_trade_publish_for(
    tt_trade_module *trade, const tt_trade_post *post, tt_seq cause, tt_seq *ret_seq);
/** What an alert is about. */
typedef struct tt_trade_alert {
    tt_alert_type type;
    tt_severity severity;
    tt_risk_code code;
    uint32_t key;
    tt_seq subject;
    const tt_uuid *correlation;
    tt_ratio value; /**< What was measured, and its limit; 0 = nothing. */
    tt_ratio limit;
} tt_trade_alert;
/** Publishes a risk alert with a formatted message. */
void tt_trade_raise(tt_trade_module *trade, const tt_trade_alert *alert, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* --- order_submit.c --- */
/** Publishes an intent and adds its order. `intent` holds all but order_id and client_order_id.
 * Returns NULL if there is no room for an entry, or if the bus refused the message. */
tt_order *tt_order_submit(
    tt_trade_module *trade,
    tt_order_intent *intent,
    uint32_t instrument,
    const tt_uuid *correlation);
/** Offers an event to the order's machine; on a legal one publishes the execution event, updates
 * the account's sums and, at the end of the order, retires it. Returns false if it was not legal.
 */
bool tt_order_step(
    tt_trade_module *trade,
    tt_order *order,
    tt_order_event event,
    tt_report_kind kind,
    const char *reason);
/** Publishes an execution event: `change` says what has happened, and gets what is known of the
 * order. By itself for what changes no state (a fill after the end). */
void tt_order_publish_event(
    tt_trade_module *trade, const tt_order *order, tt_execution_event *change, const char *reason);
/** Asks the venue to cancel; once per order until the cancel proved lost. */
void tt_order_request_cancel(tt_trade_module *trade, tt_order *order, tt_cancel_reason reason);
/** Sends the cancel of an order again whose first one had no effect. */
void tt_order_repeat_cancel(tt_trade_module *trade, tt_order *order);
/** Cancels the live entries of a leg. `close_reason`: what to do with a fill that still comes, of
 * them or of one that ended lately (NONE = keep it as a position). */
void tt_order_cancel_entries(
    tt_trade_module *trade, uint32_t leg, tt_cancel_reason reason, tt_exit_reason close_reason);
/** The same for the entries of one sub-account. */
void tt_order_cancel_entries_of(
    tt_trade_module *trade, uint32_t leg, uint8_t account, tt_exit_reason close_reason);
/** What follows from a change of an order or of a position, in any order and any number of times:
 * protective orders and closings are brought in line. `has_ended`: this change ended the order. */
void tt_order_follow_up(tt_trade_module *trade, tt_order *order, bool has_ended);
/** The same for a position that something else changed. */
void tt_leg_follow_up(tt_trade_module *trade, uint32_t leg);

/** Tells whether an approved verdict has a side, and a quantity and a price within the bounds. */
bool tt_order_verdict_is_usable(const tt_risk_verdict *verdict);
/** Tells whether the books can hold the position if all entries of a leg fill, and this one of
 * `qty` on `side`. `except`: the order whose place it takes, or NULL. */
bool tt_order_fits_books(
    tt_trade_module *trade, uint32_t leg, const tt_order *except, uint8_t side, tt_qty qty);
/** What an approved entry is sent as; `is_stop`: it waits until the market has come to its price.
 */
tt_order_intent tt_order_entry_intent(
    const tt_trade_module *trade, const tt_msg *msg, const tt_risk_verdict *verdict, bool is_stop);

/* --- order_group.c --- */
/** Takes a verdict that is half of a group; false if it is not. */
bool tt_group_on_verdict(tt_trade_module *trade, const tt_msg *msg, const tt_risk_verdict *verdict);
/** An entry has filled, and the fill is booked. */
void tt_group_on_fill(tt_trade_module *trade, tt_order *order, tt_qty fill_qty);
/** An entry is over. */
void tt_group_on_end(tt_trade_module *trade, const tt_order *order);

/** Why an entry cannot get another price because of its group; NULL if it can. */
const char *tt_group_amend_fault(tt_trade_module *trade, const tt_order *order, tt_price new_price);

/* --- order_amend.c, amend_report.c: other values for a working order --- */
/** A person asks for it: refused at once, sent at once, or proposed to risk; replies once. */
void tt_amend_on_command(
    tt_trade_module *trade, const tt_msg *msg, const tt_coordinator_command *command);
/** Takes a verdict about an amend; false if it is not about one. */
bool tt_amend_on_verdict(tt_trade_module *trade, const tt_msg *msg, const tt_risk_verdict *verdict);
/** Publishes an event of an amend; the state of the order stays. */
void tt_amend_publish(
    tt_trade_module *trade,
    const tt_order *order,
    tt_execution_event_type event,
    tt_report_kind kind,
    const char *reason);

/* --- send_rate.c --- */
/** Tells whether `count` orders or requests may be sent now. */
bool tt_trade_rate_has(tt_trade_module *trade, tt_send_kind kind, uint32_t count);
/** Counts one that is sent. */
void tt_trade_rate_take(tt_trade_module *trade, tt_send_kind kind);
/** When `count` may be sent. */
tt_time tt_trade_rate_ready_at(tt_trade_module *trade, tt_send_kind kind, uint32_t count);

/* --- order_timeout.c --- */
/** Arms the order's timer at the earliest thing that is due. */
void tt_order_arm(tt_trade_module *trade, tt_order *order);
/** Forgets all deadlines. */
void tt_order_disarm(tt_trade_module *trade, tt_order *order);
/** Makes a live order unknown: alert, query now and every query_interval. */
void tt_order_doubt(
    tt_trade_module *trade, tt_order *order, tt_report_kind kind, const char *reason);
/** Asks the venue about an unknown order now, or as soon as the rate of requests allows. */
void tt_order_ask_again(tt_trade_module *trade, tt_order *order);
/** Asks the venue what became of an order. */
void tt_order_send_query(tt_trade_module *trade, tt_order *order);
/** Asks about an order that works, when the rate of requests allows; without an answer in time it
 * becomes unknown. */
void tt_order_check_status(tt_trade_module *trade, tt_order *order);
/** Lifts the deadline for an answer if nothing is open any more, else keeps it. */
void tt_order_settle(tt_trade_module *trade, tt_order *order);
/** Handler of the module's order timers. */
void tt_order_on_timer(tt_trade_module *trade, uint64_t order_id);

/* --- position.c --- */
/** Tells whether a fill stays within the bounds of the books. */
bool tt_position_can_book(
    const tt_trade_module *trade, const tt_order *order, const tt_venue_report *report);
/** Books an execution: fills, position_updates, account_updates. */
void tt_position_book(tt_trade_module *trade, const tt_order *order, const tt_venue_report *report);
/** Books an execution that had waited, or a part of it, on a leg; `cause`: of its fill. */
void tt_position_book_waited(
    tt_trade_module *trade, const tt_waiting_exec *what, uint32_t leg, tt_seq cause);
/** Publishes an update of a position that no fill caused. */
void tt_position_publish(tt_trade_module *trade, uint32_t leg, tt_position_event event);

/* --- waiting.c: executions that were told before the entry that they close --- */
/** How much of what an execution reduces beyond a leg its unfilled entries may explain; 0 in
 * netting, and when the list is full. */
tt_qty tt_waiting_room(tt_trade_module *trade, uint32_t leg, tt_qty excess);
/** Puts a part of an execution aside and asks about the entries of its leg. */
void tt_waiting_put(
    tt_trade_module *trade,
    const tt_order *order,
    const tt_venue_report *report,
    tt_qty qty,
    tt_money fee);
/** Books what waits for a leg, as far as it is held now. */
void tt_waiting_book(tt_trade_module *trade, uint32_t leg);
/** A report was handled: releases what no entry explains any more. */
void tt_waiting_on_report(tt_trade_module *trade, tt_order *order, const tt_msg *msg);
/** The ended entries of a leg were asked about, and have not answered in time. */
void tt_waiting_on_timer(tt_trade_module *trade, uint32_t leg);
/** After a restart: looks at every leg that something waits for. */
void tt_waiting_recover(tt_trade_module *trade);
/** Tells whether entries of an instrument are held back: something waits. */
bool tt_waiting_blocks(const tt_trade_module *trade, uint32_t instrument);
/** The worst case of what waits: that no entry explains it. */
void tt_waiting_worst(const tt_trade_module *trade, tt_money *ret_exposure, tt_money *ret_margin);
/** Asserts the invariants. For tests and recovery. */
void tt_waiting_check(tt_trade_module *trade);

/* --- sub_accounts.c --- */
/** Source that a verdict of this step goes back to; 0 = none. Later it may be forgotten. */
uint32_t tt_sub_source(tt_trade_module *trade, tt_seq verdict_seq);
/** Number of the sub-account of a source, made if there is room; 0 = the house. */
uint8_t tt_sub_of_source(tt_trade_module *trade, uint32_t source);
/** The same, but none is made: 0 while the source has traded nothing. */
uint8_t tt_sub_find(const tt_trade_module *trade, uint32_t source);
/** Books an execution that the position has taken: `own` is the sub-account of the order, quantity
 * and notional are signed. */
void tt_sub_book(
    tt_trade_module *trade,
    uint32_t leg,
    uint8_t own,
    bool reduces,
    tt_qty qty,
    tt_money notional,
    tt_money fee);
/** Shares funding that the account has booked. */
void tt_sub_fund(tt_trade_module *trade, uint32_t leg, tt_money amount);
/** Books cash that no trade moved: it is all of the house. */
void tt_sub_cash(tt_trade_module *trade, tt_cash_kind kind, tt_money amount);
/** Gives the sub-accounts of account.capital their capital, and the house the rest. @thread{setup}
 */
void tt_sub_endow(tt_trade_module *trade);
/** Publishes the sub-accounts that have a capital: at the start of a session. */
void tt_sub_tell(tt_trade_module *trade);
/** Asserts that the parts sum to the whole. */
void tt_sub_check(tt_trade_module *trade);

/* --- capital.c: what sub-accounts start with --- */
/** Checks the rows of account.capital. @retval TUTTI_INVALID with the row in `error`. */
TUTTI_NODISCARD tutti_status tt_capital_check(const tt_trade_config *config, tt_error *error);
/** The source that a row names; 0 = none. */
uint16_t tt_capital_source(const tt_capital_config *row);
/** The capital of a row: its amount, or its share of `balance`, rounded down to a millionth. */
tt_money tt_capital_of(const tt_capital_config *row, tt_money balance);

/* --- sub_parts.c: positions by their parts --- */
/** Whether positions are seen by their parts: account.sub_accounts is on. */
bool tt_sub_is_parted(const tt_trade_module *trade);
/** What a sub-account holds on the side of a position, without sign; at most the position. */
tt_qty tt_sub_held(const tt_trade_module *trade, uint32_t leg, uint8_t number);
/** The sub-account of the portfolio; 0 = it has none. */
uint8_t tt_sub_allocation(const tt_trade_module *trade);
/** What the portfolio has allocated of a position; 0 while positions are not seen by parts. */
tt_qty tt_sub_allocated(const tt_trade_module *trade, uint32_t leg);
/** The rest of it: what exit rules and protective orders are about. */
tt_qty tt_sub_traded(const tt_trade_module *trade, uint32_t leg);
/** Tells whether others than a sub-account, the portfolio aside, hold a part of a position; false
 * while positions are not seen by parts. */
bool tt_sub_others_trade(const tt_trade_module *trade, uint32_t leg, uint8_t own);
/** Signed quantity and cost of that rest, as those booked it who hold it. */
tt_sub_position tt_sub_trade(const tt_trade_module *trade, uint32_t leg);

/* --- funding.c, external.c, liquidation.c --- */
tutti_status tt_trade_on_funding(void *ctx, tt_bus *bus, const tt_msg *msg);
tutti_status tt_trade_on_venue_trade(void *ctx, tt_bus *bus, const tt_msg *msg);
/** Books a trade that no order of ours caused, and brings closings and protection in line.
 * False if the books cannot hold it: nothing is changed. */
bool tt_external_book(
    tt_trade_module *trade, uint32_t leg, const tt_venue_trade *what, const tt_uuid *correlation);

/* --- sync.c, sync_repair.c: the books against the venue --- */
tutti_status tt_trade_on_venue_position(void *ctx, tt_bus *bus, const tt_msg *msg);
/** A session starts or goes on: compares at once, then every interval. */
void tt_sync_start(tt_trade_module *trade, tt_mode mode);
/** Returns how often in a row the venue did not answer in time, once people were told; else 0. */
uint32_t tt_sync_failures(const tt_trade_module *trade);

/* --- sync_funding.c --- */
/** A session asks for the payments from its start on; one that goes on, from where it was. */
void tt_sync_start_funding(tt_trade_module *trade);
/** A query is sent: nothing of its answer has come. */
void tt_sync_clear_listed(tt_trade_module *trade);
/** Counts a payment, booked now or before, that the answer that is being read lists: once, however
 * often it comes. `side` NULL = it was refused. */
void tt_sync_count_payment(
    tt_trade_module *trade, tt_venue_side *side, const tt_funding_payment *payment);
/** Counts what the answer to this query lists, if it is the one that is being read; `is_first`: it
 * was not listed in it before. */
void tt_sync_count_listed(tt_trade_module *trade, uint64_t query_id, bool is_first);
/** Tells whether all came that the answer lists; `told` is its last position. */
bool tt_sync_has_payments(const tt_trade_module *trade, const tt_venue_position *told);
/** A listed payment is about to be booked: tells people of one that was lost on its way. */
void tt_sync_note_missed(tt_trade_module *trade, const tt_msg *msg);
/** The answer is complete; `told` is its last position. */
void tt_sync_end_funding(tt_trade_module *trade, const tt_venue_position *told);
void tt_sync_on_timer(tt_trade_module *trade);
/** Tells whether an order of a leg may hide a fill, or an execution waits for its entry. */
bool tt_sync_awaits_word(tt_trade_module *trade, uint32_t leg);
/** Compares one position with what the venue says of it. True while it must be looked at again. */
bool tt_sync_compare(tt_trade_module *trade, uint32_t leg, const tt_msg *msg);
/** A trade of no order of ours was booked as the venue told it. */
void tt_sync_note_external(tt_trade_module *trade, uint32_t leg, const tt_venue_trade *what);
/** Lifts what holds entries back as soon as nothing does any more. */
void tt_sync_follow(tt_trade_module *trade, uint32_t leg);
/** Tells whether entries of an instrument are held back. */
bool tt_sync_blocks(const tt_trade_module *trade, uint32_t instrument);

/* --- sync_balance.c: the cash of the books against the venue --- */
tutti_status tt_trade_on_venue_balance(void *ctx, tt_bus *bus, const tt_msg *msg);
/** Compares the cash with what the answer has told of it; `msg` is its last position, and all
 * positions are compared. True while it must be looked at again soon. */
bool tt_sync_compare_balance(tt_trade_module *trade, const tt_msg *msg);
/** Cash was booked that may be what the venue has more, or a part of it. */
void tt_sync_note_cash(tt_trade_module *trade, tt_money amount);

/* --- cash.c: cash that no trade moved --- */
/** What is booked; a fee is taken by a negative amount. */
typedef struct tt_cash_change {
    tt_money amount;
    tt_cash_kind kind;
    bool is_acknowledged;
    uint64_t transfer_id; /**< 0 = the venue did not tell of it. */
    tt_time venue_time;
    tt_seq subject_seq;
    tt_seq found_seq; /**< Of balance_reconciliations; 0 = none. */
} tt_cash_change;
tutti_status tt_trade_on_venue_transfer(void *ctx, tt_bus *bus, const tt_msg *msg);
/** Tells whether the books can hold a change of the cash. */
bool tt_cash_can_book(const tt_trade_module *trade, tt_money amount);
/** A person says what a confirmed difference from the venue is: books it if the amount is just
 * that. Writes what was done, or why not. */
tt_reply_status
tt_cash_acknowledge(tt_trade_module *trade, const tt_msg *msg, char *ret_text, size_t size);
/** Books it: cash_bookings and account_updates. Returns the number of the booking. */
tt_seq tt_cash_book(tt_trade_module *trade, const tt_cash_change *what);

/** Computes the liquidation price of a position that changed. */
void tt_liquidation_update(const tt_trade_module *trade, uint32_t leg, tt_position *position);
/** Publishes how near a position is to its liquidation, if asked (`is_told`), and warns. */
void tt_liquidation_watch(tt_trade_module *trade, uint32_t leg, bool is_told);

/* --- account.c --- */
/** Brings the account's sums in line with an order that changed; `was_unknown`: its state before.
 */
void tt_account_order_changed(tt_trade_module *trade, tt_order *order, uint8_t old_state);
/** The same when an amend of the order is sent or answered. */
void tt_account_order_amended(tt_trade_module *trade, tt_order *order);
/** Initial + transfers. */
tt_money tt_account_endowment(const tt_account *account);
/** Initial + transfers + realised - fees. */
tt_money tt_account_balance(const tt_account *account);
/** Computes the account as it is. */
void tt_account_compute(const tt_trade_module *trade, tt_account_update *ret_account);
/** Publishes the account. `cause_fill`: 0 = not a fill. */
void tt_account_publish(tt_trade_module *trade, tt_seq cause_fill);
/** Publishes the account if something changed since; asserts the invariants. */
void tt_account_flush(tt_trade_module *trade);
/** Asserts every invariant of the module; O(orders). For tests and recovery. */
void tt_trade_check(tt_trade_module *trade);

/* --- protect.c --- */
/** Brings stops and targets of an instrument in line with its position. */
void tt_protect_sync(tt_trade_module *trade, uint32_t leg);
/** A stop or target ended; alerts, and closes the position if it cannot be protected. */
void tt_protect_on_end(tt_trade_module *trade, const tt_order *order);

/** Asserts that nothing protects what is not held, and that an open position with a stop level has
 * a stop, unless it is being closed. */
void tt_protect_check(tt_trade_module *trade, uint32_t leg);

/* --- exit_rules.c --- */
/** Tells whether the rules of all, and those of each symbol, can be followed.
 * @retval TUTTI_INVALID with the key, or the row, in `error`. */
TUTTI_NODISCARD tutti_status tt_exit_rules_check(
    const tt_trade_config *config, const tt_instruments *instruments, tt_error *error);
/** Fills the rules of each instrument from a configuration that was checked. */
void tt_exit_rules_fill(tt_trade_module *trade);

/* --- exits.c --- */
/** Brings the exit rules of an instrument in line with its position: a new one starts anew. */
void tt_exits_follow(tt_trade_module *trade, uint32_t instrument);
/** The mark of an open position changed: rules that depend on the price act. */
void tt_exits_on_price(tt_trade_module *trade, uint32_t instrument);
/** Best bid and ask changed: rules that depend on the market act. */
void tt_exits_on_quote(tt_trade_module *trade, uint32_t instrument, const tt_quote *quote);
/** Handler of the module's exit timers. */
void tt_exits_on_timer(tt_trade_module *trade, uint32_t instrument);
/** Why a stop at this level closes the position. */
tt_exit_reason
tt_exits_reason_of_stop(const tt_trade_module *trade, uint32_t instrument, tt_price level);

/* --- exits.c, exit_stop.c, exit_market.c: between the rules --- */
/** A decision of a rule, with what it rests on. */
typedef struct tt_exit_decision {
    tt_exit_action action;
    tt_exit_reason reason;
    tt_price stop_before;
    tt_ratio value;
    tt_ratio limit;
    tt_time due;
    const char *message;
} tt_exit_decision;
/** Publishes a decision; its own handler, or this function if the bus has no room, acts on it. */
void tt_exit_decide(tt_trade_module *trade, uint32_t instrument, const tt_exit_decision *decision);
/** Tells whether no rule may act on a position any more, or yet. */
bool tt_exit_is_over(tt_trade_module *trade, uint32_t instrument);
/** Arms the timer at the earliest thing that is due. */
void tt_exit_arm(tt_trade_module *trade, uint32_t instrument);
/** `price` changed by `pct` percent, up or down; rounded half to even. */
tt_price tt_exit_shifted(tt_price price, tt_ratio pct, bool is_up);
/** Break-even and trailing: moves the stop if the price asks for it. */
void tt_exit_move_stop(tt_trade_module *trade, uint32_t instrument);
/** The stop in force is at least as tight as what the rules have set before. */
void tt_exit_keep_stop(tt_trade_module *trade, uint32_t instrument);
/** A breaker asks for it: the stop of an open position moves to at most `stop_pct` percent from the
 * mark, if it is farther; so does that of what the entries on their way still fill. */
void tt_exit_tighten(tt_trade_module *trade, uint32_t leg, tt_ratio stop_pct);
/** The same for a position that was looked at after a tightening; `has_grown`: something filled. */
void tt_exit_tighten_late(tt_trade_module *trade, uint32_t leg, bool has_grown);
/** Notes that the price is beyond the stop, or is not any more. */
void tt_exit_watch_stop(tt_trade_module *trade, uint32_t instrument);
/** The guard's time has come. */
void tt_exit_guard_due(tt_trade_module *trade, uint32_t instrument);
/** The market was bad for long enough. */
void tt_exit_market_due(tt_trade_module *trade, uint32_t instrument);

/* --- ladder.c --- */
/** Where a part of a position is to be sold with a profit. */
typedef struct tt_target {
    tt_price level;
    tt_qty qty;
} tt_target;
/** Tells whether a ladder can be climbed; `prefix` stands before its keys in what is told.
 * @retval TUTTI_INVALID with the key in `error`. */
TUTTI_NODISCARD tutti_status
tt_ladder_config_check(const tt_ladder_config *config, const char *prefix, tt_error *error);
/** Writes the targets of an open position, the nearest first; their quantities are what is held.
 * Returns how many; 0 without a target. */
uint32_t tt_ladder_targets(
    const tt_trade_module *trade, uint32_t instrument, tt_target ret_targets[TT_LADDER_MAX]);

/* --- close.c --- */
/** What to close. */
typedef struct tt_close_request {
    tt_qty target;
    tt_order_role role;
    tt_exit_reason reason;
    tt_seq verdict_seq;
    tt_uuid correlation;
    uint32_t source;        /**< Whose trade it is; 0 = nobody's. */
    uint8_t part;           /**< 0 = the whole position; n + 1 = what sub-account n holds of it. */
    bool spares_allocation; /**< What the portfolio has allocated stays beside `target`. */
} tt_close_request;
/** Starts to close or reduce a position, or a part of it; a weaker request than the one in work
 * changes nothing. */
void tt_close_begin(tt_trade_module *trade, uint32_t leg, const tt_close_request *request);
/** Sends the next order of a closing if none works; ends it when the position is small enough. */
void tt_close_step(tt_trade_module *trade, uint32_t leg);
/** The venue works again: what waits for another attempt is sent now. */
void tt_close_wake(tt_trade_module *trade);
/** The order of a closing ended. */
void tt_close_on_end(tt_trade_module *trade, const tt_order *order);
/** A verdict of kind CLOSE or REBALANCE was approved. */
void tt_close_by_verdict(tt_trade_module *trade, const tt_msg *msg, const tt_risk_verdict *verdict);
/** Closes a fill that nobody wants any more: of an entry that was withdrawn because everything was
 * to be closed, or of an order that must only reduce but opened a position. Call after booking it.
 */
void tt_close_unwanted_fill(tt_trade_module *trade, const tt_order *order, tt_qty fill_qty);
/** Tells whether a position of the instrument is being closed or reduced. */
bool tt_close_is_active(const tt_trade_module *trade, uint32_t leg);
/** Tells whether all that is traded of a position, what is allocated apart, is being closed or
 * reduced. */
bool tt_close_is_of_all(const tt_trade_module *trade, uint32_t leg);

/* --- recover.c --- */
/** Queries every live order after a restart and brings protection and closings in line. */
void tt_trade_recover(tt_trade_module *trade);

/* --- handlers, each in the file of its subject --- */
tutti_status tt_trade_on_verdict(void *ctx, tt_bus *bus, const tt_msg *msg);
tutti_status tt_trade_on_group(void *ctx, tt_bus *bus, const tt_msg *msg);
tutti_status tt_trade_on_intent(void *ctx, tt_bus *bus, const tt_msg *msg);
tutti_status tt_trade_on_report(void *ctx, tt_bus *bus, const tt_msg *msg);
tutti_status tt_trade_on_command(void *ctx, tt_bus *bus, const tt_msg *msg);
tutti_status tt_trade_on_person(void *ctx, tt_bus *bus, const tt_msg *msg);
tutti_status tt_trade_on_health(void *ctx, tt_bus *bus, const tt_msg *msg);
tutti_status tt_trade_on_feed_event(void *ctx, tt_bus *bus, const tt_msg *msg);
tutti_status tt_trade_on_bar(void *ctx, tt_bus *bus, const tt_msg *msg);
tutti_status tt_trade_on_trade(void *ctx, tt_bus *bus, const tt_msg *msg);
tutti_status tt_trade_on_quote(void *ctx, tt_bus *bus, const tt_msg *msg);
tutti_status tt_trade_on_indicators(void *ctx, tt_bus *bus, const tt_msg *msg);
tutti_status tt_trade_on_exit_event(void *ctx, tt_bus *bus, const tt_msg *msg);

#endif
