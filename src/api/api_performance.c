/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Performance figures, kept for a while: those of the account are in the read model, those of the
 * trades are worked out from its closed positions.
 */
#include "api/api_priv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/** How long figures are given without looking again. */
#define KEEP_NS (30 * TT_NS_PER_S)

static void take_account(void *ctx, const tt_account_figures *figures, tt_money fees)
{
    tt_api_performance *next = ctx;
    next->figures.account = *figures;
    next->paid.fees = fees;
}

static void take_trade(void *ctx, const tt_store_trade *trade)
{
    tt_api_performance *next = ctx;
    tt_performance_trade taken = {
        .realized_pnl = trade->realized_pnl,
        .fees = trade->fees,
        .opened_at = trade->opened_at,
        .closed_at = trade->closed_at,
        .source = TT_SOURCE_NONE,
    };
    (void)tt_source_find(trade->source, strlen(trade->source), &taken.source);
    tt_performance_add_trade(&next->figures, &taken);
}

static void take_funding(void *ctx, tt_money funding)
{
    ((tt_api_performance *)ctx)->paid.funding = funding;
}

/** Brings the figures up to date; on failure they stay as they were. */
static tutti_status refresh(tt_api *api, tt_error *error)
{
    tt_api_performance next = {0};
    const tt_store_figures figures = {
        .account = take_account,
        .trade = take_trade,
        .funding = take_funding,
        .ctx = &next,
    };
    TUTTI_TRY(tt_store_figures_read(api->query, &figures, &next.last_seq, error));
    next.read_ns = tt_http_server_now(api->server);
    api->performance = next;
    return TUTTI_OK;
}

static void give(const tt_api *api, tt_http_reply *reply)
{
    const tt_api_performance *known = &api->performance;
    FILE *out = open_memstream(&reply->body, &reply->size);
    if (out == NULL) {
        reply->code = 500;
        return;
    }
    fputs("{\"currency\": ", out);
    tt_api_put_text(out, api->options.currency);
    fprintf(out, ", \"last_seq\": %" PRIu64 ", \"performance\": ", known->last_seq);
    tt_performance_json(&known->figures, &known->paid, true, out);
    fputs("}\n", out);
    fclose(out);
    reply->code = 200;
    reply->content_type = "application/json";
}

void tt_api_answer_performance(tt_api *api, const tt_api_call *call, tt_http_reply *reply)
{
    (void)call;
    tt_error error = {0};
    if (!tt_api_open_query(api)) {
        tt_api_problem(reply, 503, "the read model is not there (yet)");
        return;
    }
    int64_t age_ns = tt_http_server_now(api->server) - api->performance.read_ns;
    bool is_fresh = api->performance.read_ns != 0 && age_ns < KEEP_NS;
    if (!is_fresh && refresh(api, &error) != TUTTI_OK) {
        tt_api_problem_detail(reply, 503, "the read model could not be read", error.message);
        return;
    }
    give(api, reply);
}
