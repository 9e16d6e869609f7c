/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the files of the portfolio module share.
 *
 * Invariants:
 *  1. At most one plan is in work; its trades (legs) are numbered by batch, and within a batch
 * sells stand before buys.
 *  2. Only legs of one batch are ever DUE or SENT: the lowest batch that is not final.
 *  3. No buy of a batch is proposed while a sell of it is not final.
 *  4. A leg is proposed at most max_attempts times and only while the coordinator is RUNNING; its
 *     amount never grows.
 *  5. A wake-up is armed whenever time alone can move something.
 */
#ifndef TT_PORTFOLIO_PORTFOLIO_PRIV_H
#define TT_PORTFOLIO_PORTFOLIO_PRIV_H

#include "portfolio/plan.h"
#include "portfolio/portfolio.h"

/** What happens to a leg. */
typedef enum tt_leg_event {
    TT_LEG_EVENT_PLAN, /**< The plan is made. */
    TT_LEG_EVENT_FALL_DUE,
    TT_LEG_EVENT_SEND,
    TT_LEG_EVENT_RETRY, /**< The proposal came to nothing; another one follows. */
    TT_LEG_EVENT_FINISH,
    TT_LEG_EVENT_GIVE_UP,
    TT_LEG_EVENT_SKIP, /**< It is not wanted any more. */
    TT_LEG_EVENT_COUNT
} tt_leg_event;

/** One trade of one batch. */
typedef struct tt_leg {
    tt_money planned;
    tt_money amount; /**< planned, or less. */
    tt_money filled;
    tt_money filled_before; /**< By orders before `order_id`. */
    tt_seq proposal_seq;
    tt_seq verdict_seq;
    uint64_t order_id;
    tt_time retry_at; /**< 0 = at once. */
    tt_time deadline; /**< While SENT: given up then. */
    uint32_t instrument;
    uint8_t state; /**< tt_batch_state. */
    uint8_t side;
    uint8_t batch;
    uint8_t attempts;
    uint8_t code;    /**< tt_risk_code of the last refusal. */
    uint8_t is_exit; /**< Sells whatever is left. */
    uint8_t reserved[14];
} tt_leg;
_Static_assert(sizeof(tt_leg) == 128, "no padding");

/** The plan in work, or the last one. */
typedef struct tt_plan_state {
    tt_ratio confidence;
    tt_seq plan_seq;
    tt_seq advice_seq;
    tt_time start; /**< Batch n is due at start + n x interval. */
    tt_dur interval;
    tt_uuid correlation;
    uint32_t leg_count;
    uint8_t is_active;
    uint8_t strategy;
    uint8_t batches;
    uint8_t scaled; /**< Batches whose buys were cut to what the sells brought. */
    uint8_t is_cancelled;
    uint8_t reserved[7];
} tt_plan_state;
_Static_assert(sizeof(tt_plan_state) == 80, "no padding");

/** What is known of an instrument. */
typedef struct tt_holding {
    tt_money value;       /**< Signed, at the last mark. */
    tt_money others;      /**< What other sources hold of it, at the last mark, without sign. */
    tt_qty qty;           /**< Signed: both sides together; its own part if parts are told. */
    tt_qty sides[2];      /**< Of the long and of the short position. */
    tt_qty own[2];        /**< The portfolio's part of them. */
    tt_price mark;        /**< Of the position; 0 = none. */
    tt_price price;       /**< Close of the last bar; 0 = none. */
    uint32_t live_orders; /**< That are no stop and no target. */
    uint8_t reserved[12];
} tt_holding;
_Static_assert(sizeof(tt_holding) == 160, "no padding");

/** All state but the legs. */
typedef struct tt_portfolio_state {
    tt_money equity;
    tt_ratio max_deviation_pct;
    tt_time last_check;
    tt_time last_plan;
    tt_time woken_at; /**< Deadline of `timer`. */
    tt_timer_id timer;
    uint64_t checks;
    uint64_t plans;
    uint64_t refused_plans;
    uint64_t trades_done;
    uint64_t trades_failed;
    uint64_t trades_skipped;
    uint64_t agent_refused;
    uint64_t publish_failures;
    uint8_t has_account;
    uint8_t is_active;         /**< In a session. */
    uint8_t coordinator_state; /**< tt_coordinator_state. */
    uint8_t degradation;
    uint8_t drift;     /**< tt_severity of the last check. */
    uint8_t has_parts; /**< Positions are told by their parts: only its own is held. */
    uint8_t reserved[10];
    tt_plan_state plan;
    tt_holding holdings[TT_INSTRUMENTS_MAX];
} tt_portfolio_state;
_Static_assert(sizeof(tt_portfolio_state) == 224 + 160 * TT_INSTRUMENTS_MAX, "no padding");

/** What is set aside; one region. */
typedef struct tt_bags_state {
    tt_money set_aside; /**< Sum over all bags. */
    tt_money day_total;
    struct tt_bag {
        tt_money pending;
        tt_money booked;
    } bags[TT_MAX_bag_part];
    int64_t day; /**< UTC day of `day_total`. */
    uint8_t reserved[8];
} tt_bags_state;
_Static_assert(sizeof(tt_bags_state) == 48 + 32 * TT_MAX_bag_part, "no padding");

/** The module: wiring and configuration; state is behind `state`, `legs` and `counts`. */
struct tt_portfolio {
    tt_core *core;
    tt_portfolio_module_config config;
    uint32_t target_keys[TT_MAX_plan_row]; /**< Instrument of each target. */
    tt_portfolio_state *state;
    tt_leg *legs; /**< [TT_PORTFOLIO_LEGS_MAX] */
    tt_bags_state *bags;
    tt_sm machine;
    tt_sm_counts *counts;
};

static inline tt_time tt_portfolio_now(const tt_portfolio *portfolio)
{
    return tt_bus_now(portfolio->core->bus);
}
static inline bool tt_portfolio_knows(const tt_portfolio *portfolio, uint32_t key)
{
    return key >= 1 && key <= portfolio->core->instruments->count;
}
static inline tt_holding *tt_portfolio_holding(const tt_portfolio *portfolio, uint32_t key)
{
    return &portfolio->state->holdings[key - 1];
}

/* --- portfolio_publish.c --- */
/** Publishes; returns the number, 0 if the bus had no room (counted). `correlation` NULL = that of
 * the message in delivery. */
tt_seq tt_portfolio_publish(
    tt_portfolio *portfolio,
    tt_topic topic,
    uint32_t key,
    const tt_uuid *correlation,
    const void *payload);
/** Publishes the change of a leg. */
void tt_portfolio_tell_leg(
    tt_portfolio *portfolio, const tt_leg *leg, uint8_t old_state, const char *reason);
/** Raises or lowers the level of the drift: an event when it changes, a notification when it is
 * high. */
void tt_portfolio_tell_drift(tt_portfolio *portfolio, tt_ratio deviation);

/* --- portfolio_check.c: from advice or command to a plan --- */
/** Values the holdings that have targets. False without targets or account. */
bool tt_portfolio_value(const tt_portfolio *portfolio, tt_plan_input *ret_input);
/** Publishes that the plan in work has ended. */
void tt_portfolio_end_plan(tt_portfolio *portfolio);
tutti_status tt_portfolio_on_update(void *ctx, tt_bus *bus, const tt_msg *msg);
tutti_status tt_portfolio_on_command(void *ctx, tt_bus *bus, const tt_msg *msg);

/* --- portfolio_legs.c: the batches of a plan --- */
extern const tt_sm_def tt_portfolio_leg_def;
/** Offers an event to the machine of a leg and publishes the change. */
void tt_leg_step(tt_portfolio *portfolio, tt_leg *leg, tt_leg_event event, const char *reason);
bool tt_leg_is_final(const tt_leg *leg);
/** Fills the legs of a plan whose facts stand in the state, and publishes them. */
void tt_legs_start(tt_portfolio *portfolio, const tt_plan *plan);
/** Tells whether the session runs, and its coordinator is neither paused nor halted. */
bool tt_portfolio_is_running(const tt_portfolio *portfolio);
/** Skips all legs that are not sent, of one instrument or of all (0). Returns how many. */
uint32_t tt_legs_drop(tt_portfolio *portfolio, uint32_t instrument, const char *reason);
/** Tells whether a leg is sent. */
bool tt_legs_are_sent(const tt_portfolio *portfolio);
/** Does what can be done now, and arms the next wake-up. */
void tt_legs_work(tt_portfolio *portfolio);
/** Ends an attempt of a leg that came to nothing: another one later, or none. */
void tt_leg_fail_attempt(tt_portfolio *portfolio, tt_leg *leg, tt_dur wait, const char *reason);

/* --- portfolio_bags.c: profits that are set aside --- */
/** Checks the section and its rows. */
TUTTI_NODISCARD tutti_status
tt_bags_config_check(const tt_portfolio_module_config *config, tt_error *error);
/** Takes the share of the profit of a position that was closed. */
void tt_bags_take(tt_portfolio *portfolio, const tt_msg *msg, const tt_position_update *position);

/* --- portfolio_follow.c: what becomes of a leg --- */
tutti_status tt_portfolio_on_verdict(void *ctx, tt_bus *bus, const tt_msg *msg);
tutti_status tt_portfolio_on_alert(void *ctx, tt_bus *bus, const tt_msg *msg);
tutti_status tt_portfolio_on_intent(void *ctx, tt_bus *bus, const tt_msg *msg);
tutti_status tt_portfolio_on_execution(void *ctx, tt_bus *bus, const tt_msg *msg);

#endif
