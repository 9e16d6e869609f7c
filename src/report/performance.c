/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Works out performance figures.
 *
 * The ratios are those of W. F. Sharpe, "The Sharpe Ratio" (Journal of Portfolio Management, 1994),
 * with a risk-free return of 0; of F. Sortino and L. Price, "Performance Measurement in a Downside
 * Risk Framework" (Journal of Investing, 1994), with a target of 0; of T. W. Young, "Calmar Ratio"
 * (Futures, 1991), with the mean daily return of a year in place of the compound one:
 *   Sharpe  = mean / s x sqrt(252), s with n - 1
 *   Sortino = mean / sqrt(sum of min(r, 0)^2 / n) x sqrt(252)
 *   Calmar  = mean x 252 / largest drawdown
 *
 * A day is one of UTC. Its return is its last equity by that of the day before it, or by the
 * initial balance. A day without a record returned 0; a Saturday or Sunday without one is no day.
 */
#include "report/performance.h"

#include "base/calendar.h"

#define RETURN_UNITS 1e10
/** Returns that are counted lie within this many times the equity, so that sums cannot overflow. */
#define RETURN_MAX TT_DEC_C(1000, 0)

/* ---- trades ---- */

static void add_result(tt_trade_figures *figures, const tt_performance_trade *trade)
{
    tt_dec result = tt_dec_xsub(trade->realized_pnl.d, trade->fees.d);
    figures->trades++;
    figures->fees.d = tt_dec_xadd(figures->fees.d, trade->fees.d);
    figures->held_ns += trade->closed_at.ns - trade->opened_at.ns;
    if (tt_dec_sign(result) > 0) {
        figures->wins++;
        figures->gross_profit.d = tt_dec_xadd(figures->gross_profit.d, result);
        figures->largest_win.d = tt_dec_max(figures->largest_win.d, result);
    } else if (tt_dec_sign(result) < 0) {
        figures->losses++;
        figures->gross_loss.d = tt_dec_xadd(figures->gross_loss.d, result);
        figures->largest_loss.d = tt_dec_min(figures->largest_loss.d, result);
    }
}

void tt_performance_add_trade(tt_performance *performance, const tt_performance_trade *trade)
{
    TT_ASSERT(trade->source < TT_SOURCE_COUNT);
    add_result(&performance->all, trade);
    add_result(&performance->sources[trade->source], trade);
}

void tt_performance_clear_trades(tt_performance *performance)
{
    performance->all = (tt_trade_figures){0};
    for (unsigned i = 0; i < TT_SOURCE_COUNT; i++) {
        performance->sources[i] = (tt_trade_figures){0};
    }
}

tt_dec tt_trade_figures_net(const tt_trade_figures *figures)
{
    return tt_dec_xadd(figures->gross_profit.d, figures->gross_loss.d);
}

tt_dec tt_trade_figures_win_rate(const tt_trade_figures *figures)
{
    if (figures->trades == 0) {
        return TT_DEC_ZERO;
    }
    tt_dec wins = tt_dec_from_i64((int64_t)figures->wins * 100, 0);
    return tt_dec_xdiv(wins, tt_dec_from_i64((int64_t)figures->trades, 0));
}

bool tt_trade_figures_profit_factor(const tt_trade_figures *figures, tt_dec *ret_factor)
{
    tt_dec loss = tt_dec_xneg(figures->gross_loss.d);
    return tt_dec_sign(loss) > 0 &&
           tt_dec_div(figures->gross_profit.d, loss, TT_ROUND_HALF_EVEN, ret_factor) == TUTTI_OK;
}

/* ---- equity ---- */

/** What equity came to of what it was, in units of 10^-10; 0 when there was none. */
static int64_t return_of(tt_money before, tt_money after)
{
    tt_dec ratio = TT_DEC_ZERO;
    int64_t units = 0;
    if (tt_dec_sign(before.d) <= 0 ||
        tt_dec_div(tt_dec_xsub(after.d, before.d), before.d, TT_ROUND_HALF_EVEN, &ratio) !=
            TUTTI_OK) {
        return 0;
    }
    ratio = tt_dec_max(tt_dec_min(ratio, RETURN_MAX), tt_dec_xneg(RETURN_MAX));
    tutti_status status = tt_dec_to_i64(ratio, 10, TT_ROUND_HALF_EVEN, &units);
    TT_ASSERT(status == TUTTI_OK);
    return units;
}

static void add_return(tt_return_sums *sums, int64_t units)
{
    tt_i128 square = (tt_i128)units * units;
    sums->count++;
    sums->sum += units;
    sums->squares += square;
    sums->downside += units < 0 ? square : 0;
}

/** Ends the day of the last record, and counts the days without one up to the next. */
static void end_days(tt_performance *performance, tt_time next)
{
    const tt_performance_equity *last = &performance->last;
    int64_t day = tt_time_day(last->time);
    int64_t next_day = tt_time_day(next);
    if (day >= next_day) {
        return;
    }
    add_return(&performance->returns, return_of(performance->day_start, last->equity));
    performance->day_start = last->equity;
    while (++day < next_day) {
        uint32_t weekday = tt_time_weekday((tt_time){day * TT_NS_PER_DAY});
        performance->returns.count += weekday < 6;
    }
}

static void follow_peak(tt_performance *performance, const tt_performance_equity *record)
{
    tt_drawdown *current = &performance->current;
    if (tt_dec_le(performance->peak.d, record->equity.d)) {
        bool is_worst = current->since.ns != 0 && current->since.ns == performance->worst.since.ns;
        if (is_worst) {
            performance->worst.until = record->time;
        }
        performance->peak = record->equity;
        *current = (tt_drawdown){0};
        return;
    }
    if (current->since.ns == 0) {
        current->since = performance->last.time;
    }
    current->amount.d = tt_dec_xsub(performance->peak.d, record->equity.d);
    tt_dec hundred = tt_dec_xmul(current->amount.d, TT_DEC_C(100, 0));
    bool has_peak = tt_dec_sign(performance->peak.d) > 0;
    current->pct.d = has_peak ? tt_dec_xdiv(hundred, performance->peak.d) : TT_DEC_ZERO;
    if (tt_dec_lt(performance->worst.pct.d, current->pct.d)) {
        current->trough = record->time;
        performance->worst = *current;
    }
}

void tt_performance_add_equity(tt_performance *performance, const tt_performance_equity *record)
{
    if (performance->first.ns == 0) {
        performance->first = record->time;
        performance->last = *record;
        performance->peak = record->initial;
        performance->day_start = record->initial;
    }
    if (performance->last.open_positions > 0) {
        performance->exposed_ns += record->time.ns - performance->last.time.ns;
    }
    end_days(performance, record->time);
    follow_peak(performance, record);
    performance->last = *record;
}

/* ---- ratios ---- */

/** The returns with that of the day of the last record. */
static tt_return_sums all_returns(const tt_performance *performance)
{
    tt_return_sums sums = performance->returns;
    if (performance->first.ns != 0) {
        add_return(&sums, return_of(performance->day_start, performance->last.equity));
    }
    return sums;
}

uint32_t tt_performance_return_count(const tt_performance *performance)
{
    return all_returns(performance).count;
}

double tt_performance_sharpe(const tt_performance *performance)
{
    tt_return_sums sums = all_returns(performance);
    tt_i128 count = sums.count;
    tt_i128 spread = count * sums.squares - sums.sum * sums.sum; // n (n - 1) s^2, exact
    if (count < 2 || spread <= 0) {
        return 0;
    }
    double deviation = __builtin_sqrt((double)spread / ((double)count * ((double)count - 1)));
    return (double)sums.sum / (double)count / deviation * __builtin_sqrt(TT_PERFORMANCE_PERIODS);
}

double tt_performance_sortino(const tt_performance *performance)
{
    tt_return_sums sums = all_returns(performance);
    double count = sums.count;
    if (sums.count < 2 || sums.downside == 0) {
        return 0;
    }
    double deviation = __builtin_sqrt((double)sums.downside / count);
    return (double)sums.sum / count / deviation * __builtin_sqrt(TT_PERFORMANCE_PERIODS);
}

double tt_performance_calmar(const tt_performance *performance)
{
    tt_return_sums sums = all_returns(performance);
    if (sums.count < 2 || tt_dec_sign(performance->worst.pct.d) <= 0) {
        return 0;
    }
    double year = (double)sums.sum / RETURN_UNITS / sums.count * TT_PERFORMANCE_PERIODS;
    return year / (tt_dec_to_double(performance->worst.pct.d) / 100);
}
