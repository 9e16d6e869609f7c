/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Effects that a venue did not take.
 */
#include "host/send_failure.h"

#include <string.h>

static void fill_report(const tt_msg *msg, const tt_error *error, tt_venue_report *report)
{
    *report = (tt_venue_report){0};
    if (msg->topic == TT_TOPIC_ORDER_INTENTS) {
        const tt_order_intent *intent = TT_PAYLOAD(msg, ORDER_INTENTS, order_intent);
        report->kind = TT_report_kind_SEND_FAILED;
        report->order_id = intent->order_id;
        memcpy(report->client_order_id, intent->client_order_id, sizeof report->client_order_id);
    } else if (msg->topic == TT_TOPIC_ORDER_AMENDS) {
        const tt_order_amend *amend = TT_PAYLOAD(msg, ORDER_AMENDS, order_amend);
        report->kind = TT_report_kind_AMEND_REJECTED;
        report->order_id = amend->order_id;
        report->amend_id = amend->amend_id;
        memcpy(report->client_order_id, amend->client_order_id, sizeof report->client_order_id);
    } else {
        const tt_order_cancel *cancel = TT_PAYLOAD(msg, ORDER_CANCELS, order_cancel);
        report->kind = TT_report_kind_CANCEL_REJECTED;
        report->order_id = cancel->order_id;
        memcpy(report->client_order_id, cancel->client_order_id, sizeof report->client_order_id);
    }
    TT_TEXT_SET(report->reason, error->message);
}

tutti_status tt_send_effect(
    tt_venue *venue,
    tt_time now,
    const tt_msg *msg,
    tt_send_failure *ret_failure,
    bool *ret_has_failed,
    tt_error *error)
{
    tt_error refusal = {0};
    *ret_has_failed = false;
    tutti_status status = venue->effect(venue->ctx, now, msg, &refusal);
    if (status == TUTTI_OK) {
        return TUTTI_OK;
    }
    if (!tutti_status_is_retryable(status)) {
        if (error != NULL) {
            *error = refusal;
        }
        return status;
    }
    if (msg->topic == TT_TOPIC_ORDER_QUERIES || msg->topic == TT_TOPIC_VENUE_QUERIES) {
        return TUTTI_OK;
    }
    fill_report(msg, &refusal, &ret_failure->report);
    ret_failure->input = (tt_input){
        .time = now,
        .topic = TT_TOPIC_VENUE_REPORTS,
        .source = TT_SOURCE_HOST,
        .key = msg->key,
        .cause = msg->seq,
        .correlation = msg->correlation,
        .payload = &ret_failure->report,
        .payload_size = sizeof ret_failure->report,
    };
    *ret_has_failed = true;
    return TUTTI_OK;
}
