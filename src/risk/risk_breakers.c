/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The breakers on equity, and the command that ends them.
 *
 *   daily_loss     trips at a loss since the start of the UTC day;  ends with the day
 *   weekly_loss    trips at a loss since the start of the ISO week; ends with the week
 *   max_drawdown   trips at a fall from the peak;                   ends by RESET_RISK alone
 *
 * Each raises one alert when it trips and stays in force until its end, whatever equity does in
 * between; so a breach is never raised twice. Days and weeks begin in risk_state.c. RESET_RISK ends
 * all three and makes the present equity the new peak and the start of day and week: a person has
 * looked at the loss and accepts it, and a further one counts from there.
 */
#include "base/error.h"
#include "risk/risk_priv.h"

/** One breaker on equity. */
typedef struct breaker {
    tt_breach_type breach;
    tt_severity severity;
    tt_money start; /**< From where the loss counts. */
    tt_money floor; /**< Equity at or below it trips. */
    tt_money warn;  /**< Equity at or below it is told. */
    tt_ratio limit; /**< Percent of `start`. */
    tt_time until;  /**< 0 = no end. */
    const char *what;
} breaker;

#define BREAKER_COUNT 3

static void list_breakers(const tt_risk *risk, breaker list[BREAKER_COUNT])
{
    const tt_risk_account *account = &risk->state->account;
    const tt_breakers_config *config = &risk->config.breakers;
    list[0] = (breaker){
        .breach = TT_breach_type_DAILY_LOSS,
        .severity = TT_severity_HIGH,
        .start = account->day_start,
        .floor = account->daily_floor,
        .warn = account->daily_warn,
        .limit = config->daily_loss_pct,
        .until = account->day_end,
        .what = "loss of the UTC day",
    };
    list[1] = (breaker){
        .breach = TT_breach_type_WEEKLY_LOSS,
        .severity = TT_severity_HIGH,
        .start = account->week_start,
        .floor = account->weekly_floor,
        .warn = account->weekly_warn,
        .limit = config->weekly_loss_pct,
        .until = account->week_end,
        .what = "loss of the ISO week",
    };
    list[2] = (breaker){
        .breach = TT_breach_type_MAX_DRAWDOWN,
        .severity = TT_severity_CRITICAL,
        .start = account->peak,
        .floor = account->drawdown_floor,
        .warn = account->drawdown_warn,
        .limit = config->max_drawdown_pct,
        .what = "drawdown from the peak",
    };
}

static tutti_status trip(tt_risk *risk, const tt_msg *msg, const breaker *tripped)
{
    char value[TT_DEC_TEXT_MAX];
    char limit[TT_DEC_TEXT_MAX];
    tt_risk_alert alert = {
        .value = tt_risk_drawdown(tripped->start, risk->state->account.equity),
        .limit = tripped->limit,
        .subject_seq = msg->seq,
        .until = tripped->until,
        .alert_type = TT_alert_type_CIRCUIT_BREAKER,
        .severity = (uint8_t)tripped->severity,
        .breach_type = (uint8_t)tripped->breach,
        .code = TT_risk_code_CIRCUIT_BREAKER,
    };
    (void)tt_dec_format_fixed(alert.value.d, 2, value);
    (void)tt_dec_format(alert.limit.d, limit);
    tt_text_format(
        alert.message,
        sizeof alert.message,
        "%s is %s %%, limit %s %%: no entries until %s",
        tripped->what,
        value,
        limit,
        tripped->until.ns == 0 ? "risk is reset by a person" : "it ends");
    risk->state->breached[tripped->breach] = true;
    return tt_risk_raise(risk, 0, &alert);
}

/* Cheap for the common case: three comparisons. A floor at or above the equity at the start of its
 * period means a start that was not positive, which trips at once. */
static bool is_near(const tt_risk_account *account)
{
    bool is_below_peak = tt_dec_lt(account->equity.d, account->peak.d);
    return tt_dec_le(account->equity.d, account->daily_warn.d) ||
           tt_dec_le(account->equity.d, account->weekly_warn.d) ||
           (is_below_peak && tt_dec_le(account->equity.d, account->drawdown_warn.d));
}

/* Part of the limit has been lost; each is told once in its period. */
static tutti_status warn(tt_risk *risk, const tt_msg *msg, const breaker *watched)
{
    char value[TT_DEC_TEXT_MAX];
    char limit[TT_DEC_TEXT_MAX];
    tt_risk_alert alert = {
        .value = tt_risk_drawdown(watched->start, risk->state->account.equity),
        .limit = watched->limit,
        .subject_seq = msg->seq,
        .alert_type = TT_alert_type_LOSS_WARNING,
        .severity = TT_severity_WARNING,
        .breach_type = (uint8_t)watched->breach,
    };
    (void)tt_dec_format_fixed(alert.value.d, 2, value);
    (void)tt_dec_format(alert.limit.d, limit);
    tt_text_format(
        alert.message,
        sizeof alert.message,
        "%s is %s %%: near the breaker at %s %%",
        watched->what,
        value,
        limit);
    risk->state->warned[watched->breach] = true;
    return tt_risk_raise(risk, 0, &alert);
}

static tutti_status watch_one(tt_risk *risk, const tt_msg *msg, const breaker *watched)
{
    const tt_risk_state *state = risk->state;
    tt_dec equity = state->account.equity.d;
    bool is_drawdown = watched->breach == TT_breach_type_MAX_DRAWDOWN;
    bool can_trip = !is_drawdown || tt_dec_lt(equity, state->account.peak.d);
    if (!can_trip || state->breached[watched->breach]) {
        return TUTTI_OK;
    }
    if (tt_dec_le(equity, watched->floor.d)) {
        return trip(risk, msg, watched);
    }
    bool is_told = state->warned[watched->breach];
    return tt_dec_le(equity, watched->warn.d) && !is_told ? warn(risk, msg, watched) : TUTTI_OK;
}

tutti_status tt_risk_breakers_watch(tt_risk *risk, const tt_msg *msg)
{
    if (!is_near(&risk->state->account)) {
        return TUTTI_OK;
    }
    breaker list[BREAKER_COUNT];
    list_breakers(risk, list);
    tutti_status status = TUTTI_OK;
    for (int i = 0; i < BREAKER_COUNT && status == TUTTI_OK; i++) {
        status = watch_one(risk, msg, &list[i]);
    }
    return status;
}

/* Names what the reset ends, for the reply. */
static void describe_reset(const tt_risk *risk, char *text, size_t size)
{
    const uint8_t *breached = risk->state->breached;
    char equity[TT_DEC_TEXT_MAX];
    (void)tt_dec_format_fixed(risk->state->account.equity.d, 2, equity);
    tt_text_format(
        text,
        size,
        "risk reset:%s%s%s%s%s ended; losses count from an equity of %s",
        breached[TT_breach_type_MAX_DRAWDOWN] ? " max_drawdown," : "",
        breached[TT_breach_type_WEEKLY_LOSS] ? " weekly_loss," : "",
        breached[TT_breach_type_DAILY_LOSS] ? " daily_loss," : "",
        breached[TT_breach_type_CONSECUTIVE_LOSSES] ? " consecutive_losses," : "",
        " cooldowns",
        equity);
}

tutti_status tt_risk_breakers_command(tt_risk *risk, const tt_coordinator_command *command)
{
    tt_command_reply reply = {.request_id = command->request_id, .command = command->command};
    if (!risk->state->account.is_known) {
        reply.status = TT_reply_status_REFUSED;
        TT_TEXT_SET(reply.message, "there is no account state yet, so there is nothing to reset");
    } else {
        reply.status = TT_reply_status_DONE;
        describe_reset(risk, reply.message, sizeof reply.message);
        tt_risk_state_reset(risk->state, &risk->tables->shares, tt_bus_now(risk->core->bus));
    }
    return tt_risk_reply(risk, &reply);
}
