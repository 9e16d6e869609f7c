/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Pairs the events of two runs and compares their outcome.
 */
#include "host/what_if_compare.h"

#include "journal/journal.h"
#include "report/message_text.h"

#include <stdlib.h>
#include <string.h>

/** What counts as the outcome. Sums that follow from earlier differences (equity, margin) do not.
 */
static const char *const fields_of[TT_TOPIC_COUNT] = {
    [TT_TOPIC_TRADING_SIGNALS] = "action,confidence",
    [TT_TOPIC_REGIME_UPDATES] = "regime",
    [TT_TOPIC_CONSENSUS] = "agreement,confidence_after",
    [TT_TOPIC_CONFLICT_DECISIONS] = "action,size_reduction_pct,leverage_cap",
    [TT_TOPIC_RISK_VERDICTS] = "kind,side,status,code,qty,leverage_after,stop_loss,take_profit",
    [TT_TOPIC_RISK_ALERTS] = "alert_type,breach_type,code",
    [TT_TOPIC_SYSTEM_EVENTS] = "event,subject,new_value",
    [TT_TOPIC_ORDER_INTENTS] = "role,side,type,qty,price,trigger_price",
    [TT_TOPIC_ORDER_AMENDS] = "qty,price,trigger_price",
    [TT_TOPIC_FILLS] = "role,side,effect,qty,price",
    [TT_TOPIC_POSITION_UPDATES] = "event,side,exit_reason,realized_pnl,fees",
};

const char *tt_compare_fields(uint16_t topic)
{
    return topic < TT_TOPIC_COUNT ? fields_of[topic] : NULL;
}

/** Tells whether a message is an event that is compared. */
static bool is_event(const tt_msg *msg)
{
    if (msg->topic == TT_TOPIC_POSITION_UPDATES) {
        return TT_PAYLOAD(msg, POSITION_UPDATES, position_update)->event ==
               TT_position_event_CLOSED;
    }
    if (msg->topic == TT_TOPIC_TRADING_SIGNALS) {
        return TT_PAYLOAD(msg, TRADING_SIGNALS, trading_signal)->action != TT_action_HOLD;
    }
    return tt_compare_fields(msg->topic) != NULL;
}

/** Finds the next field of the list of names; NULL at its end. */
static const tt_field *next_field(const tt_layout *layout, tt_slice *names)
{
    while (names->data != NULL && names->length > 0) {
        tt_slice name = tt_slice_split(names, ',');
        for (uint16_t i = 0; i < layout->field_count; i++) {
            if (tt_slice_is(name, layout->fields[i].name)) {
                return &layout->fields[i];
            }
        }
    }
    return NULL;
}

static bool has_same_outcome(const tt_msg *a, const tt_msg *b)
{
    const tt_layout *layout = tt_topic_info_get(a->topic)->layout;
    const unsigned char *one = tt_msg_payload(a);
    const unsigned char *other = tt_msg_payload(b);
    tt_slice names = tt_slice_of(fields_of[a->topic]);
    for (const tt_field *field = next_field(layout, &names); field != NULL;
         field = next_field(layout, &names)) {
        if (memcmp(one + field->offset, other + field->offset, field->size) != 0) {
            return false;
        }
    }
    return true;
}

void tt_compare_describe(const tt_msg *msg, const tt_instruments *instruments, tt_text_buf *text)
{
    const tt_layout *layout = tt_topic_info_get(msg->topic)->layout;
    const unsigned char *payload = tt_msg_payload(msg);
    tt_slice names = tt_slice_of(fields_of[msg->topic]);
    const char *separator = "";
    for (const tt_field *field = next_field(layout, &names); field != NULL;
         field = next_field(layout, &names)) {
        tt_text_appendf(text, "%s%s=", separator, field->name);
        tt_field_to_text(field, payload + field->offset, instruments, text);
        separator = " ";
    }
}

static tutti_status gather(tt_compare *compare, int side, const tt_message_list *list)
{
    compare->count[side] = 0;
    for (const tt_msg *msg = tt_step_next(list->bytes, list->size, NULL); msg != NULL;
         msg = tt_step_next(list->bytes, list->size, msg)) {
        if (!is_event(msg)) {
            continue;
        }
        if (compare->count[side] == compare->capacity[side]) {
            size_t wanted = compare->capacity[side] == 0 ? 64 : 2 * compare->capacity[side];
            const tt_msg **grown = realloc(compare->lists[side], wanted * sizeof *grown);
            if (grown == NULL) {
                return TUTTI_NO_MEMORY;
            }
            compare->lists[side] = grown;
            compare->capacity[side] = wanted;
        }
        compare->lists[side][compare->count[side]++] = msg;
    }
    return TUTTI_OK;
}

static tutti_status clear_used(tt_compare *compare)
{
    if (compare->count[1] > compare->used_capacity) {
        bool *grown = realloc(compare->used, compare->capacity[1] * sizeof *grown);
        if (grown == NULL) {
            return TUTTI_NO_MEMORY;
        }
        compare->used = grown;
        compare->used_capacity = compare->capacity[1];
    }
    if (compare->count[1] > 0) {
        memset(compare->used, 0, compare->count[1] * sizeof *compare->used);
    }
    return TUTTI_OK;
}

/** What kind of order or fill it is: an entry is never the same event as a stop. */
static uint8_t role_of(const tt_msg *msg)
{
    if (msg->topic == TT_TOPIC_ORDER_INTENTS) {
        return TT_PAYLOAD(msg, ORDER_INTENTS, order_intent)->role;
    }
    return msg->topic == TT_TOPIC_FILLS ? TT_PAYLOAD(msg, FILLS, fill)->role : 0;
}

/** Finds the partner of an event in the second list: of the same moment if there is one, else the
 * first that is left. NULL: there is none. */
static const tt_msg *find_partner(tt_compare *compare, const tt_msg *msg)
{
    size_t best = compare->count[1];
    for (size_t i = 0; i < compare->count[1]; i++) {
        const tt_msg *other = compare->lists[1][i];
        if (compare->used[i] || other->topic != msg->topic || other->key != msg->key ||
            role_of(other) != role_of(msg)) {
            continue;
        }
        if (other->time.ns == msg->time.ns) {
            best = i;
            break;
        }
        best = best == compare->count[1] ? i : best;
    }
    if (best == compare->count[1]) {
        return NULL;
    }
    compare->used[best] = true;
    return compare->lists[1][best];
}

/** Where the differences of a stretch go. */
typedef struct teller {
    tt_difference_fn told;
    void *ctx;
    tt_seq input;
} teller;

static void tell(const teller *to, const tt_msg *before, const tt_msg *after)
{
    if (to->told != NULL) {
        const tt_difference difference = {to->input, before, after};
        to->told(to->ctx, &difference);
    }
}

/** Tells what only the second run has, up to a moment. */
static size_t tell_rest(
    const tt_compare *compare,
    size_t from,
    tt_time until,
    tt_difference_counts *counts,
    const teller *to)
{
    for (; from < compare->count[1] && compare->lists[1][from]->time.ns <= until.ns; from++) {
        if (!compare->used[from]) {
            counts->only_after[compare->lists[1][from]->topic]++;
            tell(to, NULL, compare->lists[1][from]);
        }
    }
    return from;
}

/** Partners of the first list, found before anything is told. */
static void find_partners(tt_compare *compare, const tt_msg **partners)
{
    for (size_t i = 0; i < compare->count[0]; i++) {
        partners[i] = find_partner(compare, compare->lists[0][i]);
    }
}

static void tell_all(
    tt_compare *compare, const tt_msg **partners, tt_difference_counts *counts, const teller *to)
{
    size_t rest = 0;
    for (size_t i = 0; i < compare->count[0]; i++) {
        const tt_msg *before = compare->lists[0][i];
        const tt_msg *after = partners[i];
        // What only the second run has at this very moment comes behind what both have.
        rest = tell_rest(compare, rest, (tt_time){before->time.ns - 1}, counts, to);
        if (after != NULL && has_same_outcome(before, after)) {
            counts->same[before->topic]++;
            continue;
        }
        if (after != NULL) {
            counts->changed[before->topic]++;
        } else {
            counts->only_before[before->topic]++;
        }
        tell(to, before, after);
    }
    (void)tell_rest(compare, rest, TT_TIME_NEVER, counts, to);
}

tutti_status tt_compare_stretch(
    tt_compare *compare,
    const tt_message_list sides[2],
    tt_seq input,
    tt_difference_counts *counts,
    tt_difference_fn told,
    void *told_ctx)
{
    TUTTI_TRY(gather(compare, 0, &sides[0]));
    TUTTI_TRY(gather(compare, 1, &sides[1]));
    TUTTI_TRY(clear_used(compare));
    const tt_msg **partners = calloc(compare->count[0] + 1, sizeof *partners);
    if (partners == NULL) {
        return TUTTI_NO_MEMORY;
    }
    const teller to = {told, told_ctx, input};
    find_partners(compare, partners);
    tell_all(compare, partners, counts, &to);
    free(partners);
    return TUTTI_OK;
}

void tt_compare_fini(tt_compare *compare)
{
    free(compare->lists[0]);
    free(compare->lists[1]);
    free(compare->used);
    *compare = (tt_compare){0};
}
