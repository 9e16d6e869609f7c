/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A day is one of UTC. Its return is its last equity by that of the day before it, or by the
 * initial balance. A day without a record returned 0; a Saturday or Sunday without one is no day.
 */
#include "model/account_figures.h"

#include "base/calendar.h"
#include "base/error.h"

/** Returns that are counted lie within this many times the equity, so that sums cannot overflow. */
#define RETURN_MAX TT_DEC_C(1000, 0)

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
static void end_days(tt_account_figures *figures, tt_time next)
{
    const tt_account_record *last = &figures->last;
    int64_t day = tt_time_day(last->time);
    int64_t next_day = tt_time_day(next);
    if (day >= next_day) {
        return;
    }
    add_return(&figures->returns, return_of(figures->day_start, last->equity));
    figures->day_start = last->equity;
    while (++day < next_day) {
        uint32_t weekday = tt_time_weekday((tt_time){day * TT_NS_PER_DAY});
        figures->returns.count += weekday < 6;
    }
}

static void follow_peak(tt_account_figures *figures, const tt_account_record *record)
{
    tt_drawdown *current = &figures->current;
    if (tt_dec_le(figures->peak.d, record->equity.d)) {
        bool is_worst = current->since.ns != 0 && current->since.ns == figures->worst.since.ns;
        if (is_worst) {
            figures->worst.until = record->time;
        }
        figures->peak = record->equity;
        *current = (tt_drawdown){0};
        return;
    }
    if (current->since.ns == 0) {
        current->since = figures->last.time;
    }
    current->amount.d = tt_dec_xsub(figures->peak.d, record->equity.d);
    tt_dec hundred = tt_dec_xmul(current->amount.d, TT_DEC_C(100, 0));
    bool has_peak = tt_dec_sign(figures->peak.d) > 0;
    current->pct.d = has_peak ? tt_dec_xdiv(hundred, figures->peak.d) : TT_DEC_ZERO;
    if (tt_dec_lt(figures->worst.pct.d, current->pct.d)) {
        current->trough = record->time;
        figures->worst = *current;
    }
}

tt_money tt_account_moved(tt_money base, tt_money before, tt_money after)
{
    bool is_share = tt_dec_sign(before.d) > 0 && tt_dec_sign(after.d) > 0;
    tt_money moved = base;
    if (!is_share ||
        tt_dec_muldiv(base.d, after.d, before.d, TT_ROUND_CEILING, &moved.d) != TUTTI_OK) {
        moved.d = tt_dec_xadd(base.d, tt_dec_xsub(after.d, before.d));
    }
    return moved;
}

/** The records so far end with the equity before a transfer, `record` has that after it. */
static void
take_transfer(tt_account_figures *figures, tt_money before, const tt_account_record *record)
{
    figures->peak = tt_account_moved(figures->peak, before, record->equity);
    figures->day_start = tt_account_moved(figures->day_start, before, record->equity);
    if (figures->current.since.ns != 0) {
        figures->current.amount.d = tt_dec_xsub(figures->peak.d, record->equity.d);
    }
}

void tt_account_figures_add(tt_account_figures *figures, const tt_account_record *record)
{
    if (figures->first.ns == 0) {
        figures->first = record->time;
        figures->last = *record;
        figures->peak = record->initial;
        figures->day_start = record->initial;
    }
    if (figures->last.open_positions > 0) {
        figures->exposed_ns += record->time.ns - figures->last.time.ns;
    }
    end_days(figures, record->time);
    tt_dec change = tt_dec_xsub(record->transfers.d, figures->last.transfers.d);
    tt_account_record before = *record;
    before.equity.d = tt_dec_xsub(record->equity.d, change);
    follow_peak(figures, &before);
    if (!tt_dec_is_zero(change)) {
        take_transfer(figures, before.equity, record);
    }
    figures->last = *record;
}

tt_return_sums tt_account_figures_returns(const tt_account_figures *figures)
{
    tt_return_sums sums = figures->returns;
    if (figures->first.ns != 0) {
        add_return(&sums, return_of(figures->day_start, figures->last.equity));
    }
    return sums;
}
