/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The report of a run: counts, money and curves, gathered from the messages alone, so that a report
 * made during a run and one made later from the journal are the same.
 */
#ifndef TT_REPORT_REPORT_H
#define TT_REPORT_REPORT_H

#include "base/error.h"
#include "model/instrument.h"
#include "model/message.h"
#include "report/performance.h"
#include "report/votes.h"

/** Points kept of each curve; when they are full, every second one goes and the spacing doubles. */
#define TT_REPORT_POINTS_MAX 4096
/** Closed trades that are listed; later ones are counted only. */
#define TT_REPORT_TRADES_MAX 20000

/** A point of the equity curve: the last value of its span and the lowest. */
typedef struct tt_equity_point {
    tt_time time;
    tt_money equity;
    tt_money lowest;
} tt_equity_point;

/** A point of a price curve. */
typedef struct tt_price_point {
    tt_time time;
    tt_price close;
} tt_price_point;

/** A position that was opened and closed. */
typedef struct tt_closed_trade {
    tt_time opened_at;
    tt_time closed_at;
    tt_price entry_price; /**< Mean of the fills that opened it, rounded to 9 digits for display. */
    tt_price exit_price;  /**< Price of the last fill; the mark, where none closed it. */
    tt_qty qty;           /**< Largest quantity held. */
    tt_money realized_pnl;
    tt_money fees;
    uint64_t position_id;
    uint64_t exit_fill_id;
    uint32_t instrument;
    uint8_t side; /**< buy = long. */
    uint8_t exit_reason;
} tt_closed_trade;

/** What one agent did. */
typedef struct tt_agent_counts {
    uint64_t calls;
    uint64_t answers[TT_answer_status_COUNT];
    uint64_t outputs; /**< Answers that the coordinator accepted and published. */
} tt_agent_counts;

/** Every number of a report. */
typedef struct tt_report_numbers {
    uint64_t messages;
    uint64_t inputs;
    uint64_t topics[TT_TOPIC_COUNT];
    uint64_t bars;
    uint64_t ticks;
    uint64_t refused_rows;       /**< Of the feed. */
    tt_feed_event first_refused; /**< The first of them. */
    uint64_t signals;            /**< trading_signals that were not HOLD. */
    uint64_t holds;
    uint64_t conflicts; /**< Signals with a conflict that was decided. */
    uint64_t resolutions[TT_resolution_COUNT];
    uint64_t proposals;
    uint64_t verdicts[TT_verdict_COUNT];
    uint64_t rejections[TT_risk_code_COUNT];
    uint64_t alerts[TT_alert_type_COUNT];
    uint64_t orders;
    uint64_t fills;
    uint64_t closed_trades;
    uint64_t long_trades;
    uint64_t short_trades;
    uint64_t winning_trades;
    uint64_t exits[TT_exit_reason_COUNT];
    uint64_t dead_letters;
    tt_agent_counts agents[TT_agent_COUNT];
    tt_account_update account; /**< Last state of the account. */
    tt_money funding;          /**< Of the account so far; negative = paid. */
    tt_sub_account_update parts[TT_SUB_ACCOUNTS_MAX]; /**< Last record of each sub-account. */
    bool has_part[TT_SUB_ACCOUNTS_MAX];               /**< There was one. */
    tt_money peak_equity;
    tt_ratio max_drawdown_pct;
    tt_time start;
    tt_time end;
} tt_report_numbers;

/** What a report says of the run beside the messages. */
typedef struct tt_report_context {
    const char *title;
    const char *currency;
    const tt_instruments *instruments;
    const uint8_t *digest; /**< 32 bytes, or NULL when no journal was kept. */
    const char *delivery;  /**< JSON object: what a session has delivered; NULL = no session. */
    double wall_seconds;   /**< 0 = not measured; never in files that are compared. */
} tt_report_context;

typedef struct tt_report tt_report;

/** @retval TUTTI_NO_MEMORY. */
TUTTI_NODISCARD tutti_status tt_report_new(uint32_t instrument_count, tt_report **result);
void tt_report_free(tt_report *report);
/** Takes the messages of one step. */
void tt_report_apply(tt_report *report, const void *step, size_t size);

const tt_report_numbers *tt_report_numbers_get(const tt_report *report);
/** Trades that are over and the account, without what is listed above. */
const tt_performance *tt_report_performance(const tt_report *report);
const tt_equity_point *tt_report_equity(const tt_report *report, uint32_t *ret_count);
const tt_price_point *
tt_report_prices(const tt_report *report, uint32_t instrument, uint32_t *ret_count);
/** Models that voted on trading decisions, and what became of their votes (votes.h). */
const tt_model_score *tt_report_models(const tt_report *report, uint32_t *ret_count);
/** Votes of models for which there was no room. */
uint64_t tt_report_votes_lost(const tt_report *report);
const tt_closed_trade *tt_report_trades(const tt_report *report, uint32_t *ret_count);

/** Renders the numbers as JSON (all keys, rejections by code, agents by name), into memory that the
 * caller frees. Without curves: with `with_curves` also equity, prices and trades. */
TUTTI_NODISCARD tutti_status tt_report_json(
    const tt_report *report, const tt_report_context *context, bool with_curves, char **ret_text);
/** Prints the closing table for a person. */
TUTTI_NODISCARD tutti_status
tt_report_table(const tt_report *report, const tt_report_context *context, char **ret_text);
/** Renders the self-contained page. */
TUTTI_NODISCARD tutti_status
tt_report_html(const tt_report *report, const tt_report_context *context, char **ret_text);

#endif
