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
 */
#include "report/performance.h"

#define RETURN_UNITS 1e10

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

/* ---- ratios ---- */

uint32_t tt_performance_return_count(const tt_performance *performance)
{
    return tt_account_figures_returns(&performance->account).count;
}

double tt_performance_sharpe(const tt_performance *performance)
{
    tt_return_sums sums = tt_account_figures_returns(&performance->account);
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
    tt_return_sums sums = tt_account_figures_returns(&performance->account);
    double count = sums.count;
    if (sums.count < 2 || sums.downside == 0) {
        return 0;
    }
    double deviation = __builtin_sqrt((double)sums.downside / count);
    return (double)sums.sum / count / deviation * __builtin_sqrt(TT_PERFORMANCE_PERIODS);
}

double tt_performance_calmar(const tt_performance *performance)
{
    tt_return_sums sums = tt_account_figures_returns(&performance->account);
    if (sums.count < 2 || tt_dec_sign(performance->account.worst.pct.d) <= 0) {
        return 0;
    }
    double year = (double)sums.sum / RETURN_UNITS / sums.count * TT_PERFORMANCE_PERIODS;
    return year / (tt_dec_to_double(performance->account.worst.pct.d) / 100);
}
