/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Inside of the coordinator: what its files offer each other. Its state: coord_state_priv.h.
 */
#ifndef TT_COORD_COORD_PRIV_H
#define TT_COORD_COORD_PRIV_H

#include "coord/coord_state_priv.h"

#include <string.h>

/* ---- coord_task.c: what the five tasks are ---- */

/** Static facts of a task. */
typedef struct tt_coord_task {
    tt_agent agent;
    tt_source source; /**< Who says the answer. */
    tt_topic topic;   /**< Where the answer is published. */
    bool is_per_symbol;
    bool needs_indicators;
    bool is_optional;    /**< Who builds on it asks only that it was tried. */
    uint16_t interval_s; /**< Defaults; the rest of them. */
    uint16_t timeout_s;
    const char *depends_on; /**< As in the configuration. */
    uint8_t max_parallel;
    bool run_on_start;
    bool enabled;
} tt_coord_task;
const tt_coord_task *tt_coord_task_get(tt_task task);
/** Slot of a task and a symbol (key 0 for the portfolio); COORD_NO_SLOT if there is none. */
uint32_t tt_coord_slot_find(const tt_coord *coord, tt_task task, uint32_t key);
static inline tt_task tt_coord_slot_task(const tt_coord *coord, uint32_t slot)
{
    TT_ASSERT(slot < coord->slot_count);
    bool is_portfolio = slot == coord->slot_count - 1;
    return is_portfolio ? TT_task_PORTFOLIO_CHECK : (tt_task)(slot / coord->symbol_count);
}
static inline uint32_t tt_coord_slot_key(const tt_coord *coord, uint32_t slot)
{
    TT_ASSERT(slot < coord->slot_count);
    return slot == coord->slot_count - 1 ? 0 : slot % coord->symbol_count + 1;
}
/** Offers an event to the machine of a slot; false if its state does not allow it. */
bool tt_coord_slot_step(tt_coord *coord, uint32_t slot, uint8_t event);
static inline bool tt_coord_is_symbol(const tt_coord *coord, uint32_t key)
{
    return key >= 1 && key <= coord->symbol_count;
}
/** Memory of a symbol; `key` must be one. */
static inline tt_coord_symbol *tt_coord_symbol_get(const tt_coord *coord, uint32_t key)
{
    TT_ASSERT(tt_coord_is_symbol(coord, key));
    return &coord->symbols[key - 1];
}
/** Name of a symbol, or "portfolio" for key 0. */
const char *tt_coord_key_text(const tt_coord *coord, uint32_t key);

/* ---- coord_publish.c: saying things ---- */

/** Publishes as the coordinator; returns the sequence number, 0 if the bus had no room. */
tt_seq tt_coord_publish(tt_coord *coord, tt_topic topic, uint32_t key, const void *payload);

/** As tt_coord_publish, with a correlation of its own instead of the inherited one; from `source`.
 */
tt_seq tt_coord_publish_as(
    tt_coord *coord,
    tt_topic topic,
    tt_source source,
    uint32_t key,
    const void *payload,
    const tt_uuid *correlation);

/** Facts of a system event. */
typedef struct tt_coord_note {
    tt_system_event_type event;
    tt_severity severity;
    uint32_t key;
    const char *subject;
    int64_t old_value;
    int64_t new_value;
    const tt_uuid *correlation; /**< NULL = inherit. */
} tt_coord_note;
void tt_coord_event(tt_coord *coord, const tt_coord_note *note, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void tt_coord_notify(tt_coord *coord, tt_severity severity, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** CLOSE or CANCEL_ENTRIES. */
void tt_coord_command_positions(
    tt_coord *coord, uint32_t key, tt_position_command_type command, tt_exit_reason reason);
void tt_coord_command_reduce(tt_coord *coord, uint32_t key, tt_ratio reduce_pct);
/** Publishes that every stop farther than `stop_pct` percent from the price moves to there. */
void tt_coord_command_tighten(tt_coord *coord, tt_ratio stop_pct);

/* ---- coord_memory.c: what is known of a symbol ---- */

/** Tells whether TA and sentiment of the symbol take opposite sides. */
bool tt_coord_is_opposed(const tt_coord_symbol *symbol);

tutti_status tt_coord_on_indicators(void *ctx, tt_bus *bus, const tt_msg *msg);
tutti_status tt_coord_on_ta(void *ctx, tt_bus *bus, const tt_msg *msg);
tutti_status tt_coord_on_regime(void *ctx, tt_bus *bus, const tt_msg *msg);
tutti_status tt_coord_on_sentiment(void *ctx, tt_bus *bus, const tt_msg *msg);
tutti_status tt_coord_on_account(void *ctx, tt_bus *bus, const tt_msg *msg);
/** Side of the position that a trade of `side` meets: the netting one; in hedging, when it
 * `closes`, the other one, else that of its own side. NONE = flat. */
tt_side tt_coord_held_against(const tt_coord_symbol *symbol, uint8_t side, bool closes);
tutti_status tt_coord_on_position(void *ctx, tt_bus *bus, const tt_msg *msg);
/** Remembers an output in the moment it is published; what comes later by delivery is the same. */
void tt_coord_remember_ta(tt_coord *coord, uint32_t key, tt_seq seq, const tt_ta_signal *ta);
void tt_coord_remember_regime(
    tt_coord *coord, uint32_t key, tt_seq seq, const tt_regime_update *regime);
void tt_coord_remember_sentiment(
    tt_coord *coord, uint32_t key, tt_seq seq, const tt_sentiment_update *sentiment);
/** Which agents of a symbol have an output that is not older than its window, and how old it is. An
 * age equal to the window still counts. */
typedef struct tt_coord_known {
    tt_dur ta_age;
    tt_dur regime_age;
    tt_dur sentiment_age;
    bool has_ta;
    bool has_regime;
    bool has_sentiment;
} tt_coord_known;

void tt_coord_known_get(const tt_coord *coord, uint32_t key, tt_coord_known *ret_known);

/* ---- coord_parts.c: what a source holds ---- */

tutti_status tt_coord_on_sub_account(void *ctx, tt_bus *bus, const tt_msg *msg);
/** Source of a signal that is remembered; 0 = it is not. */
uint32_t tt_coord_source_of(const tt_coord *coord, tt_seq signal_seq);
/** Whether a signal of `source` is about its own part: the parts are told. */
bool tt_coord_parts_apply(const tt_coord *coord, uint32_t source);
/** `held` if the source has a part on that side, or nobody stands for one; else NONE. `is_short`:
 * of the short position in hedging. */
tt_side tt_coord_parts_side(
    const tt_coord *coord, uint32_t key, uint32_t source, tt_side held, bool is_short);

/* ---- coord_schedule.c: when a task is due ---- */

/** Sets up all schedules at the start of a session. */
void tt_coord_schedule_start(tt_coord *coord);
/** Plans the turns of all enabled slots that have none, after a restart. */
void tt_coord_schedule_resume(tt_coord *coord);
/** Cancels all turns and drops what waits; calls in flight go on. */
void tt_coord_schedule_stop(tt_coord *coord);
/** Switches a task; false if it was so already. */
bool tt_coord_schedule_enable(tt_coord *coord, tt_task task, bool enabled);
/** A turn of a schedule has come. */
void tt_coord_schedule_turn(tt_coord *coord, uint32_t slot);
/** Arms the turns that found no timer. */
void tt_coord_schedule_arm_missing(tt_coord *coord);
/** A bar of a symbol has closed: a turn of each task that starts with bars. */
void tt_coord_schedule_bar(tt_coord *coord, uint32_t key);
/** Tells whether tasks may be asked at all: in a session, and not halted. */
bool tt_coord_schedule_is_open(const tt_coord *coord);

/* ---- coord_depend.c: which tasks a task builds on ---- */

/** Checks the lists of tasks: known names; no circle in depends_on. */
TUTTI_NODISCARD tutti_status tt_coord_depends_check(const tt_coord_config *config, tt_error *error);
/** Reads a list of tasks that was checked: bit n = task n. */
uint8_t tt_coord_depends_bits(const char *list);
/** Tells whether a task that a slot builds on keeps it waiting. */
bool tt_coord_depends_awaits(const tt_coord *coord, uint32_t slot);
/** A slot that waits for other tasks begins to lose its patience; and stops to. */
void tt_coord_depends_arm(tt_coord *coord, uint32_t slot);
void tt_coord_depends_release(tt_coord *coord, uint32_t slot);
/** It has waited long enough. */
void tt_coord_depends_expire(tt_coord *coord, uint32_t slot);

/* ---- coord_dispatch.c: who waits, and when he is asked ---- */

/** Puts a slot among those that wait for their call; `event` is why: DUE, FORCE or RECOVER. */
void tt_coord_dispatch_wait(tt_coord *coord, uint32_t slot, uint8_t event);
/** Takes a waiting slot out of the list. */
void tt_coord_dispatch_remove(tt_coord *coord, uint32_t slot);
/** Asks an idle or waiting slot as soon as a call is free, whatever its schedule says. */
void tt_coord_dispatch_force(tt_coord *coord, uint32_t slot);
/** Asks every waiting slot that is ready, in the order in which they came due. */
void tt_coord_dispatch_run(tt_coord *coord);
/** A bar of the symbol has come: nobody waits for it any more. */
void tt_coord_dispatch_bar(tt_coord *coord, uint32_t key);
/** Drops what waits. */
void tt_coord_dispatch_drop(tt_coord *coord);
/** Drops what waits, and its timers. */
void tt_coord_dispatch_stop(tt_coord *coord);
/** Why a waiting slot is not asked. */
tt_coord_wait tt_coord_dispatch_reason(const tt_coord *coord, uint32_t slot);

/* ---- coord_call.c: the call in flight ---- */

/** Asks the agent of a waiting slot. False if bus or timers have no room; the slot still waits. */
bool tt_coord_call(tt_coord *coord, uint32_t slot);
/** Tells whether the budget has room for a call of a slot. */
bool tt_coord_call_is_affordable(const tt_coord *coord, uint32_t slot);
/** Sets the budget of a call aside, before the call. False if a budget is spent. */
bool tt_coord_call_reserve(tt_coord *coord, uint32_t slot);
/** Counts what the call in flight cost; and what one that was given up cost in truth. */
void tt_coord_call_settle(tt_coord *coord, uint32_t slot, tt_money cost);
void tt_coord_call_settle_late(tt_coord *coord, uint32_t slot, tt_money cost);
/** Slot of the call in flight with that number, or COORD_NO_SLOT. */
uint32_t tt_coord_call_find(const tt_coord *coord, tt_seq call_seq);
/** Ends a call with an accepted answer. */
void tt_coord_call_succeed(tt_coord *coord, uint32_t slot);
/** Ends a call without one: event, counters, degradation. `event` is FAIL or TIMEOUT. */
void tt_coord_call_fail(
    tt_coord *coord, uint32_t slot, uint8_t event, tt_coord_failure kind, const char *why);
/** The time of the call in flight is over. */
void tt_coord_call_timeout(tt_coord *coord, uint32_t slot);
/** Drops all calls in flight after a restart and lets them wait anew; returns how many. */
uint32_t tt_coord_call_recover(tt_coord *coord);

/* ---- coord_budget.c: what calls may cost ---- */

/** Tells whether a call that may cost `amount` fits the day of the account and of all together. */
bool tt_coord_budget_has(const tt_coord *coord, uint32_t account, tt_money amount);
/** Sets `amount` aside for a call. False if it does not fit: counted, and told once a day. */
bool tt_coord_budget_reserve(tt_coord *coord, uint32_t account, tt_money amount);
/** A call has ended: `reserved` is given back, `cost` is spent. */
void tt_coord_budget_settle(tt_coord *coord, uint32_t account, tt_money reserved, tt_money cost);
/** A call that was charged with its whole reservation did cost `cost`. */
void tt_coord_budget_correct(tt_coord *coord, uint32_t account, tt_money charged, tt_money cost);

/* ---- coord_answer.c, coord_check.c: what agents say ---- */

tutti_status tt_coord_on_answer(void *ctx, tt_bus *bus, const tt_msg *msg);
/** Range checks of agent outputs. @retval TUTTI_INVALID `error` names field, value and range. */
TUTTI_NODISCARD tutti_status tt_coord_check_ta(const tt_ta_signal *ta, tt_error *error);
TUTTI_NODISCARD tutti_status tt_coord_check_regime(const tt_regime_update *regime, tt_error *error);
TUTTI_NODISCARD tutti_status
tt_coord_check_sentiment(const tt_sentiment_update *sentiment, tt_error *error);
TUTTI_NODISCARD tutti_status
tt_coord_check_signal(const tt_trading_signal *signal, tt_error *error);
TUTTI_NODISCARD tutti_status
tt_coord_check_portfolio(const tt_portfolio_update *update, uint32_t symbol_count, tt_error *error);

/* ---- coord_regime.c: hysteresis ---- */

/** Takes a detection: `update` holds what the agent named and leaves with the regime in force, the
 * candidate, its count, and the adjustments that belong to the regime in force. */
void tt_coord_regime_apply(
    const tt_coordinator_config *config, tt_coord_hysteresis *hysteresis, tt_regime_update *update);

/* ---- coord_signal.c and what it is made of ---- */

/** A signal on its way to a proposal. */
typedef struct tt_coord_decision {
    const tt_trading_signal *signal; /**< Lent while the signal is in delivery. */
    tt_ratio confidence;             /**< After consensus. */
    tt_ratio size_reduction_pct;     /**< By the arbiter. */
    tt_seq signal_seq;
    tt_seq consensus_seq;
    tt_seq conflict_seq;
    uint32_t key;
    tt_coord_intent intent;
    tt_side side;          /**< Of the order that would follow. */
    uint8_t leverage_cap;  /**< 0 = none. */
    bool is_accepted;      /**< What risk takes of it is accepted. */
    bool waits_for_others; /**< Others hold the side that an entry would be against. */
    tt_uuid correlation;   /**< All zero = that of the message in delivery. */
} tt_coord_decision;

tutti_status tt_coord_on_signal(void *ctx, tt_bus *bus, const tt_msg *msg);
/** Multiplier of the confidence for an agreement of `agreeing` / `present`, rounded half-even at 18
 * digits; thresholds compare exactly. 1 when nobody is present. */
tt_ratio tt_coord_consensus_multiplier(
    const tt_consensus_config *config, uint32_t agreeing, uint32_t present);
/** Counts the votes, publishes them, and scales the confidence of `decision`. */
void tt_coord_consensus_run(tt_coord *coord, tt_coord_decision *decision);
/** Adds a conflict of two confidences. */
tt_conflict_item *tt_coord_conflict_add(
    tt_conflict_decision *conflict, tt_conflict_type type, tt_ratio a, tt_ratio b);
/** Tells whether a regime speaks for a side. */
bool tt_coord_regime_agrees(uint8_t regime, tt_side side);
/** Side of an open position; NONE when it is flat. */
tt_side tt_coord_side_of(const tt_coord_symbol *symbol);
/** Writes the conflicts of an entry into `conflict`; `count` is 0 when there are none. */
void tt_coord_conflict_detect(
    const tt_coord *coord, const tt_coord_decision *decision, tt_conflict_decision *conflict);
/** Settles the conflicts that are listed in `conflict`: action, reduction, cap, reason. */
void tt_coord_arbiter_decide(
    const tt_arbiter_config *config, tt_ratio confidence, tt_conflict_decision *conflict);
/** Returns how cautious a resolution is; higher is more cautious. */
int tt_coord_caution_of(tt_resolution action);
/** Decides what a signal asks for, given the position of its symbol. */
void tt_coord_signal_classify(const tt_coord *coord, tt_coord_decision *decision);
/** Returns why no entry of a symbol is made now, or NULL. */
const char *tt_coord_reason_against_entry(const tt_coord *coord, uint32_t key);
/** Fills what the agents of the symbol contribute, as far as it is within its window. */
void tt_coord_proposal_context(
    const tt_coord *coord, uint32_t key, const tt_coord_known *known, tt_trade_proposal *proposal);
/** Publishes the proposal of a decision. */
void tt_coord_propose(tt_coord *coord, const tt_coord_decision *decision);

/* ---- coord_symbols.c: related symbols ---- */

/** Finds the keys of the related symbols. */
void tt_coord_related_setup(tt_coord *coord);
/** Remembers what was decided on a symbol. */
void tt_coord_related_remember(
    tt_coord *coord, uint32_t key, tt_seq seq, const tt_trading_signal *signal);
/** Adds the conflict of an entry with a related symbol, if there is one. */
void tt_coord_related_detect(
    const tt_coord *coord, const tt_coord_decision *decision, tt_conflict_decision *conflict);

/* ---- coord_review.c: a position when the regime changes ---- */

/** A position changed: it is judged in the regime in which it was opened. */
void tt_coord_review_position(tt_coord *coord, uint32_t key, bool was_open);
/** The regime in force may have changed. */
void tt_coord_review_regime(tt_coord *coord, uint32_t key);
/** Judges a position that waits for it, if that is possible now. */
void tt_coord_review_run(tt_coord *coord, uint32_t key);
/** Does with a position what was decided. */
void tt_coord_review_act(tt_coord *coord, uint32_t key, const tt_conflict_decision *decision);

/* ---- coord_held.c: a trade of which risk took much ---- */

/** Remembers an entry that was proposed, so that it can be looked at again. */
void tt_coord_held_remember(
    tt_coord *coord,
    const tt_coord_decision *decision,
    const tt_trade_proposal *proposal,
    tt_seq proposal_seq);
tutti_status tt_coord_on_verdict(void *ctx, tt_bus *bus, const tt_msg *msg);

/* ---- coord_case.c, coord_chain.c, coord_approval.c, coord_opinion.c: arbiters ---- */

/** Opens a case for the conflicts of an entry and asks the first arbiter. */
void tt_coord_case_open(
    tt_coord *coord,
    const tt_coord_decision *decision,
    const tt_conflict_decision *conflict,
    const tt_uuid *correlation);
/** Keeps a signal without its votes: they may not be there in the message. */
void tt_coord_case_keep(tt_coord_case *open, const tt_trading_signal *signal);
/** Ends the open case of a symbol, if there is one: its trade is not made. */
void tt_coord_case_drop(tt_coord *coord, uint32_t key, const char *why);
/** Asks the next arbiter of each case whose call was lost in a restart; returns how many. */
uint32_t tt_coord_case_recover(tt_coord *coord);
/** Key of the case whose call in flight has that number; 0 = none. */
uint32_t tt_coord_case_find_call(const tt_coord *coord, tt_seq call_seq);
/** An answer to the call in flight of a case. */
void tt_coord_case_answer(tt_coord *coord, uint32_t key, const tt_msg *msg);
/** Counts what a call of a case that was given up cost in truth; false if it was none. */
bool tt_coord_case_settle_late(tt_coord *coord, const tt_agent_answer *answer);
/** The time of the arbiter that was asked is over. */
void tt_coord_case_timeout(tt_coord *coord, uint32_t key);
/** Puts an opinion that was checked into the decision of a case; and takes it out again: what is
 * not followed changes nothing. */
void tt_coord_case_hold(tt_coord_case *open, const tt_arbiter_opinion *opinion);
void tt_coord_case_let_go(tt_coord_case *open);
/** The case of a symbol; `key` must be one. */
tt_coord_case *tt_coord_case_get(const tt_coord *coord, uint32_t key);
/** Account of an arbiter. */
uint32_t tt_coord_case_account(uint8_t arbiter);
/** Cancels the timer of a case. */
void tt_coord_case_release_timer(tt_coord *coord, tt_coord_case *open);
/** Gives the call in flight up, if there is one: it counts as all that it may cost. */
void tt_coord_case_release(tt_coord *coord, tt_coord_case *open);
/** Publishes a stage of a case; `name` is who it is about. */
void tt_coord_case_tell(
    tt_coord *coord,
    uint32_t key,
    tt_case_stage stage,
    const char *name,
    tt_seq subject_seq,
    const char *why);
/** Publishes the decision of a case, ends it, and proposes the trade if it goes on. */
void tt_coord_case_conclude(tt_coord *coord, uint32_t key);
/** Concludes with the fallback of the conflicts. */
void tt_coord_case_fall_back(tt_coord *coord, uint32_t key, const char *why);
/** Offers an event to the machine of a case; asserts that its state allows it. */
void tt_coord_case_step(tt_coord *coord, uint32_t key, uint8_t event);
/** Asks a person. False if that is not possible now. */
bool tt_coord_approval_ask(tt_coord *coord, uint32_t key, const tt_arbiter_opinion *opinion);
/** Copies a case that waits for a person. */
void tt_coord_approval_get(const tt_coord *coord, uint32_t key, tt_coord_approval *ret_approval);
/** Nobody answered in time. */
void tt_coord_approval_expire(tt_coord *coord, uint32_t key);
/** Carries out approve or reject; writes what to reply. */
tt_reply_status tt_coord_approval_take(
    tt_coord *coord,
    const tt_coordinator_command *command,
    tt_seq command_seq,
    char *message,
    size_t size);
/** Checks an opinion: ranges, and that it only reduces the risk of the trade of its case. */
TUTTI_NODISCARD tutti_status tt_coord_check_opinion(
    const tt_coord_case *open, const tt_arbiter_opinion *opinion, tt_error *error);

/* ---- coord_state.c: running, paused, halted ---- */

extern const tt_sm_def tt_coord_state_def;
extern const tt_sm_def tt_coord_task_def;
extern const tt_sm_def tt_coord_degradation_def;
extern const tt_sm_def tt_coord_case_def;
/** Offers an event to the coordinator's machine; `why` is told with the system event. `cause` is
 * remembered even where the state stays: a breaker makes a person's halt a breaker's, too.
 * Returns false, with no state changed, if the table does not allow it. */
bool tt_coord_state_step(tt_coord *coord, uint8_t event, uint8_t cause, const char *why);
bool tt_coord_is_running(const tt_coord *coord);

/* ---- coord_session.c, coord_commands.c ---- */

tutti_status tt_coord_on_session(void *ctx, tt_bus *bus, const tt_msg *msg);
/** Tells whether the step in progress began with a restart: what is then overdue was not late. */
bool tt_coord_is_recovering(const tt_coord *coord);
tutti_status tt_coord_on_command(void *ctx, tt_bus *bus, const tt_msg *msg);
tutti_status tt_coord_on_reply(void *ctx, tt_bus *bus, const tt_msg *msg);

/* ---- coord_emergency.c: breakers ---- */

tutti_status tt_coord_on_alert(void *ctx, tt_bus *bus, const tt_msg *msg);
/** The UTC day is over. */
void tt_coord_day_over(tt_coord *coord);

/* ---- coord_close.c: closing and reducing until it is seen ---- */

/** Closes positions until they are flat; key 0 = all symbols. */
void tt_coord_close(tt_coord *coord, uint32_t key, tt_exit_reason reason);
/** Reduces all positions by a share, until they are that small; or one of them. */
void tt_coord_reduce(tt_coord *coord, tt_ratio reduce_pct);
void tt_coord_reduce_one(tt_coord *coord, uint32_t key, tt_ratio reduce_pct);
/** Looks again at what must be flat. */
void tt_coord_close_check(tt_coord *coord);
/** A position changed: whatever opens while all must be flat is closed again. */
void tt_coord_close_watch(tt_coord *coord, uint32_t key);

/* ---- coord_hold.c: orders that fail ---- */

tutti_status tt_coord_on_execution(void *ctx, tt_bus *bus, const tt_msg *msg);
/** Tells whether the symbol gets no entries because its orders failed. */
bool tt_coord_is_held(const tt_coord *coord, uint32_t key);
/** The time of a hold is over. */
void tt_coord_hold_end(tt_coord *coord, uint32_t key);

/* ---- coord_watch.c: the health check ---- */

/** Begins the checks at the start of a session, or after a restart. */
void tt_coord_health_start(tt_coord *coord);
void tt_coord_health_stop(tt_coord *coord);
void tt_coord_health_check(tt_coord *coord);

/* ---- coord_health.c: parts that are down ---- */

/** Tells people when a part stops working, and when it works again. */
tutti_status tt_coord_on_health(void *ctx, tt_bus *bus, const tt_msg *msg);
tutti_status tt_coord_on_feed(void *ctx, tt_bus *bus, const tt_msg *msg);
/** Notes that a part is down, or is back; nothing if that was known. */
void tt_coord_outage_set(
    tt_coord *coord, tt_part part, bool is_down, int64_t failures, const char *message);
/** An outage that has ended counts no longer. */
void tt_coord_outage_forget(tt_coord *coord, uint32_t part);
/** Failures that all outages count as. */
uint32_t tt_coord_outage_weight(const tt_coord *coord);

/* ---- coord_degradation.c ---- */

void tt_coord_degradation_failure(tt_coord *coord, tt_coord_failure kind);
void tt_coord_degradation_success(tt_coord *coord);
/** An order was accepted or filled. */
void tt_coord_degradation_order(tt_coord *coord);
/** No failure has come for some time. */
void tt_coord_degradation_quiet(tt_coord *coord);
/** Goes to the level that failures and outages ask for. */
void tt_coord_degradation_follow(tt_coord *coord);
/** Tells whether a turn of a task is left out at this level. */
bool tt_coord_degradation_skips(const tt_coord *coord, tt_task task);
/** Why an arbiter of the chain is not asked at this level, or NULL. */
const char *tt_coord_degradation_bars(const tt_coord *coord, uint8_t arbiter);

/* ---- coord_group.c: two entries of which one cancels the other ---- */

tutti_status tt_coord_on_group(void *ctx, tt_bus *bus, const tt_msg *msg);
/** Why a group of a symbol cannot be proposed now; NULL if it can. */
const char *tt_coord_group_fault(const tt_coord *coord, uint32_t key, const tt_entry_group *group);
/** The group that a command asks for. */
tt_entry_group tt_coord_group_of(const tt_coordinator_command *command);

#endif
