/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Dead letters that the bus keeps, and the handlers it leaves alone: what a person can act on. All
 * there ever were stand in the read model.
 */
#include "api/api_priv.h"

#include <inttypes.h>
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

void tt_api_render_dead(const tt_api *api, FILE *out)
{
    const tt_engine_bus_status *bus = &api->status.bus;
    fputs("{\"items\": [", out);
    for (uint32_t i = bus->dead_count; i > 0; i--) { // newest first, as lists are
        fputs(i == bus->dead_count ? "\n  " : ",\n  ", out);
        put_dead(api, out, &bus->dead[i - 1]);
    }
    fprintf(out, "], \"count\": %u, \"left_out\": %u}\n", bus->dead_count, bus->dead_left_out);
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

void tt_api_answer_dead(tt_api *api, const tt_api_call *call, tt_http_reply *reply)
{
    const tt_engine_bus_status *bus = &api->status.bus;
    uint64_t id = 0;
    if (tt_text_parse_u64(call->param, strlen(call->param), &id) != TUTTI_OK || id == 0) {
        tt_api_problem_detail(reply, 400, "the id is no number", "ids are whole numbers from 1");
        return;
    }
    uint32_t i = 0;
    while (i < bus->dead_count && bus->dead[i].id != id) {
        i++;
    }
    FILE *out = i == bus->dead_count ? NULL : open_memstream(&reply->body, &reply->size);
    if (out == NULL) {
        tt_api_problem_detail(
            reply,
            404,
            "no dead letter of this id is shown",
            "it was delivered, thrown away, dropped for room, or is none of the newest 64; "
            "GET /api/v1/dead_letters has all that there were");
        return;
    }
    put_dead(api, out, &bus->dead[i]);
    fputc('\n', out);
    fclose(out);
    reply->code = 200;
    reply->content_type = "application/json";
}
