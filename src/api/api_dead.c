/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Dead letters that the bus keeps, and the handlers it leaves alone: what a person can act on. All
 * there ever were stand in the read model.
 */
#include "api/api_priv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void put_dead(const tt_api *api, FILE *out, const tt_engine_dead *dead)
{
    const tt_topic_info *topic = tt_topic_info_get(dead->topic);
    fprintf(
        out,
        "{\"dead_id\": %" PRIu64 ", \"dead_seq\": %" PRIu64 ", \"dead_topic\": \"%s\""
        ", \"dead_source\": \"%s\", \"symbol\": ",
        dead->id,
        dead->seq,
        topic == NULL ? "" : topic->name,
        tt_source_text(dead->source));
    tt_api_put_text(out, tt_api_symbol(api, dead->key));
    fprintf(
        out,
        ", \"reason\": \"%s\", \"handler\": ",
        tt_enum_text(&tt_enum_dead_reason, dead->reason));
    tt_api_put_text(out, dead->handler);
    fprintf(out, ", \"attempts\": %u, ", dead->attempts);
    tt_api_put_time(out, "first_failure", dead->first_failure);
    fputs(", ", out);
    tt_api_put_time(out, "last_failure", dead->last_failure);
    fputs(", \"message\": ", out);
    tt_api_put_text(out, dead->text);
    fputc('}', out);
}

void tt_api_render_quarantine(const tt_api *api, FILE *out)
{
    const tt_engine_bus_status *bus = &api->status.bus;
    fputs("{\"items\": [", out);
    for (uint32_t i = 0; i < bus->quarantined_count; i++) {
        const tt_engine_quarantined *row = &bus->quarantined[i];
        fputs(i == 0 ? "\n  {\"handler\": " : ",\n  {\"handler\": ", out);
        tt_api_put_text(out, row->name);
        fprintf(
            out,
            ", \"failures_in_a_row\": %u, \"skipped\": %" PRIu64 "}",
            row->failures,
            row->skipped);
    }
    fprintf(
        out,
        "], \"count\": %u, \"left_out\": %u}\n",
        bus->quarantined_count,
        bus->quarantined_left_out);
}

/** Asks the core; a problem when it does not answer, or the memory is short. */
static FILE *open_page(
    tt_api *api,
    uint64_t before,
    uint32_t limit,
    tt_engine_dead_page *ret_page,
    tt_http_reply *reply)
{
    const tt_api_options *options = &api->options;
    FILE *out =
        options->read_dead != NULL && options->read_dead(options->ctx, before, limit, ret_page)
            ? open_memstream(&reply->body, &reply->size)
            : NULL;
    if (out == NULL) {
        tt_api_problem_detail(
            reply,
            503,
            "the core does not answer",
            "it is at a long step, or has stopped: ask again");
    }
    return out;
}

static void close_page(FILE *out, tt_http_reply *reply)
{
    fclose(out);
    reply->code = 200;
    reply->content_type = "application/json";
}

void tt_api_answer_kept(tt_api *api, const tt_api_call *call, tt_http_reply *reply)
{
    static tt_engine_dead_page page; // of the thread of the interface
    static const tt_api_number ids = {"before", 1, UINT64_MAX};
    static const tt_api_number limits = {"limit", 1, TT_ENGINE_DEAD_MAX};
    uint64_t before = 0;
    uint64_t limit = 0;
    if (!tt_api_take_number(call->request, &ids, &before, reply) ||
        !tt_api_take_number(call->request, &limits, &limit, reply)) {
        return;
    }
    FILE *out =
        open_page(api, before, limit == 0 ? TT_ENGINE_DEAD_MAX : (uint32_t)limit, &page, reply);
    if (out == NULL) {
        return;
    }
    fputs("{\"items\": [", out);
    for (uint32_t i = page.count; i > 0; i--) { // newest first, as lists are
        fputs(i == page.count ? "\n  " : ",\n  ", out);
        put_dead(api, out, &page.rows[i - 1]);
    }
    fprintf(out, "], \"count\": %u, \"left_out\": %u}\n", page.count, page.left_out);
    close_page(out, reply);
}

void tt_api_answer_dead(tt_api *api, const tt_api_call *call, tt_http_reply *reply)
{
    static tt_engine_dead_page page; // of the thread of the interface
    uint64_t id = 0;
    if (tt_text_parse_u64(call->param, strlen(call->param), &id) != TUTTI_OK || id == 0) {
        tt_api_problem_detail(reply, 400, "the id is no number", "ids are whole numbers from 1");
        return;
    }
    FILE *out = open_page(api, id == UINT64_MAX ? 0 : id + 1, 1, &page, reply);
    if (out == NULL) {
        return;
    }
    if (page.count == 0 || page.rows[0].id != id) {
        fclose(out);
        free(reply->body);
        reply->body = NULL;
        tt_api_problem_detail(
            reply,
            404,
            "no dead letter of this id is kept",
            "it was delivered, thrown away, dropped for room, or never was; "
            "GET /api/v1/dead_letters has all that there were");
        return;
    }
    put_dead(api, out, &page.rows[0]);
    fputc('\n', out);
    close_page(out, reply);
}
