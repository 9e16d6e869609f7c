/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the rule agents share: indicators as numbers, scores back as decimals, declining a call.
 *
 * Floating point stands here for scores and confidences alone, with + - * / only; prices and
 * money are decimals throughout.
 */
#ifndef TT_AGENT_RULES_H
#define TT_AGENT_RULES_H

#include "agent/agent.h"

/** The indicators that the rules reason with, as numbers. */
typedef struct tt_rule_view {
    double close;
    double rsi;
    double ema_9;
    double ema_21;
    double ema_50;
    double ema_200;
    double macd_hist;
    double macd_hist_prev;
    double atr;
    double atr_avg;
    double adx;
    double plus_di;
    double minus_di;
    double chop;
    double bb_upper;
    double bb_lower;
    double high_20;
    double low_20;
    double roc;
    double volume;
    double volume_avg;
} tt_rule_view;

/** Converts a set of indicators. @thread{any} @alloc{never} */
void tt_rule_view_fill(tt_rule_view *view, const tt_indicators *indicators);

/** Answers that the agent has no opinion, and why. @thread{any} @alloc{never} */
void tt_rule_decline(tt_agent_answer *answer, const char *why);
/** Returns the instrument of a request whose indicators are warm; else declines and returns NULL.
 */
const tt_instrument *tt_rule_begin(
    const tt_instruments *instruments, const tt_agent_request *request, tt_agent_answer *answer);
/** Rounds a score to 4 decimals; it stays within low and high. @thread{any} @alloc{never} */
tt_ratio tt_rule_score(double value, double low, double high);

static inline double tt_rule_clamp(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}
static inline double tt_rule_abs(double value)
{
    return value < 0 ? -value : value;
}
static inline int tt_rule_sign(double value)
{
    return (value > 0) - (value < 0);
}
/** part / whole, clamped to -1..1; 0 when the whole is not positive: no scale, no statement. */
static inline double tt_rule_share(double part, double whole)
{
    return whole > 0 ? tt_rule_clamp(part / whole, -1, 1) : 0;
}

#endif
