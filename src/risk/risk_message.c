/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Why a proposal was refused, in words: what was measured, and what is allowed.
 */
#include "base/text.h"
#include "risk/risk_priv.h"

/* The row's value and limit stand behind `words`, with `unit`, joined by `relation`. */
typedef struct refusal_words {
    const char *words;
    const char *unit;
    const char *relation; /* NULL: the words say it all. */
} refusal_words;

static const refusal_words REFUSALS[TT_risk_code_COUNT] = {
    [TT_risk_code_INVALID_PROPOSAL] = {"not well formed: ", "", NULL},
    [TT_risk_code_TRADING_HALTED] = {"drawdown is ", " %", ", limit "},
    [TT_risk_code_IN_COOLDOWN] = {"seconds of cooldown left: ", "", NULL},
    [TT_risk_code_PROTECTION_LOCK] = {"seconds of the protection left: ", "", NULL},
    [TT_risk_code_ENTRY_WINDOW] = {"no entries at this time of the day; seconds left: ", "", NULL},
    [TT_risk_code_TRADE_COUNT] = {"entries of this day: ", "", ", limit "},
    [TT_risk_code_NO_EQUITY] = {"no account state with equity; equity is ", "", NULL},
    [TT_risk_code_NO_PRICE] =
        {"no fresh price of the symbol; age of the last in seconds is ", "", ", limit "},
    [TT_risk_code_UNRESOLVED_ORDER] =
        {"orders of the symbol whose outcome is unknown, or too many in flight: ", "", NULL},
    [TT_risk_code_MAX_POSITIONS] = {"positions would be ", "", ", limit "},
    [TT_risk_code_STOP_LOSS_REQUIRED] = {"an entry needs a stop_loss", "", NULL},
    [TT_risk_code_STOP_TOO_TIGHT] = {"stop distance is ", " %", ", least "},
    [TT_risk_code_STOP_TOO_WIDE] = {"stop distance is ", " %", ", most "},
    [TT_risk_code_LOW_RR] = {"reward over risk is ", "", ", least "},
    [TT_risk_code_CONFIDENCE_TOO_LOW] = {"confidence is ", "", ", least "},
    [TT_risk_code_EXPOSURE_LIMIT] = {"exposure would be ", "", ", limit "},
    [TT_risk_code_CORRELATED_EXPOSURE] = {"correlated exposure would be ", "", ", limit "},
    [TT_risk_code_INSUFFICIENT_MARGIN] = {"margin needed is ", "", ", available "},
    [TT_risk_code_CIRCUIT_BREAKER] = {"breakers in force for this day or week: ", "", NULL},
    [TT_risk_code_BUDGET] = {"capital in use would be ", "", ", reserved or left "},
    [TT_risk_code_SIZE_TOO_SMALL] = {"after all cuts the order would be ", "", ", least "},
    [TT_risk_code_NO_POSITION] = {"no position is open that this would reduce", "", NULL},
};

static const char *const RULES[TT_RISK_RULE_COUNT] = {
#define RULE_TEXT(id, text) text,
    TT_RISK_RULE_LIST(RULE_TEXT)
#undef RULE_TEXT
};

static void append_rules(tt_text_buf *buf, uint32_t broken_rules)
{
    const char *separator = "";
    for (int i = 0; i < TT_RISK_RULE_COUNT; i++) {
        if (broken_rules & (1u << i)) {
            tt_text_append_text(buf, separator);
            tt_text_append_text(buf, RULES[i]);
            separator = "; ";
        }
    }
}

/* What holds all entries back; the first that applies. */
static const char *halt_cause(const tt_risk_trial *trial)
{
    if (trial->state->breached[TT_breach_type_MAX_DRAWDOWN]) {
        return "halted by the drawdown breaker until risk is reset; ";
    }
    if (trial->state->is_killed) {
        return "halted by the coordinator until the halt is released; ";
    }
    return "positions are being closed and not flat yet; ";
}

static void append_number(tt_text_buf *buf, tt_dec number, const char *unit)
{
    char text[TT_DEC_TEXT_MAX];
    tt_text_append(buf, text, tt_dec_format(number, text));
    tt_text_append_text(buf, unit);
}

/* Which cooldown or protection it is. */
static void append_lock(tt_text_buf *buf, uint8_t lock)
{
    if (lock != TT_lock_reason_NONE) {
        tt_text_append_text(buf, " (");
        tt_text_append_text(buf, tt_enum_text(&tt_enum_lock_reason, lock));
        tt_text_append_text(buf, ")");
    }
}

static bool has_number(uint8_t code)
{
    return code != TT_risk_code_STOP_LOSS_REQUIRED && code != TT_risk_code_NO_POSITION;
}

void tt_risk_message_refused(const tt_risk_trial *trial, char *text, size_t size)
{
    const tt_risk_verdict *verdict = trial->verdict;
    const tt_risk_check *row = &verdict->checks[verdict->count - 1];
    const refusal_words *refusal = &REFUSALS[verdict->code];
    tt_text_buf buf;
    tt_text_init(&buf, text, size);
    tt_text_append_text(&buf, tt_enum_text(&tt_enum_risk_code, verdict->code));
    tt_text_append_text(&buf, ": ");
    if (verdict->code == TT_risk_code_TRADING_HALTED) {
        tt_text_append_text(&buf, halt_cause(trial));
    }
    tt_text_append_text(&buf, refusal->words);
    if (verdict->code == TT_risk_code_INVALID_PROPOSAL) {
        append_rules(&buf, trial->broken_rules);
    } else if (has_number(verdict->code)) {
        append_number(&buf, row->value.d, refusal->unit);
    }
    if (refusal->relation) {
        tt_text_append_text(&buf, refusal->relation);
        append_number(&buf, row->limit.d, refusal->unit);
    }
    append_lock(&buf, verdict->lock);
}
