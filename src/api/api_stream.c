/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The stream of events (server-sent events): messages as they happen, and the status once a second.
 *
 * Nothing waits for a reader: what does not fit into the room of its connection is dropped and
 * counted, and the reader is told how much as soon as there is room again (event `dropped`).
 */
#include "api/api_priv.h"
#include "model/message_json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const int64_t pulse_every_ns = INT64_C(1000000000);

static void send_text(tt_api *api, tt_api_stream *stream, const char *text, size_t size)
{
    tutti_status status = tt_http_server_send(api->server, stream->ticket, text, size);
    if (status == TUTTI_NOT_FOUND) {
        *stream = (tt_api_stream){0}; // The reader has gone.
    } else if (status != TUTTI_OK) {
        stream->dropped++;
        api->stream_dropped++;
    }
}

/** Tells a reader what it has missed, once there is room. */
static void tell_dropped(tt_api *api, tt_api_stream *stream)
{
    char text[96];
    uint64_t dropped = stream->dropped;
    if (dropped == 0) {
        return;
    }
    int size =
        snprintf(text, sizeof text, "event: dropped\ndata: {\"count\": %" PRIu64 "}\n\n", dropped);
    if (tt_http_server_send(api->server, stream->ticket, text, (size_t)size) == TUTTI_OK) {
        stream->dropped = 0;
    }
}

static void send_all(tt_api *api, const char *text, size_t size)
{
    for (uint32_t i = 0; i < TT_API_STREAMS_MAX; i++) {
        tt_api_stream *stream = &api->streams[i];
        if (stream->ticket != 0) {
            tell_dropped(api, stream);
            send_text(api, stream, text, size);
        }
    }
}

static bool has_reader(const tt_api *api)
{
    for (uint32_t i = 0; i < TT_API_STREAMS_MAX; i++) {
        if (api->streams[i].ticket != 0) {
            return true;
        }
    }
    return false;
}

static void send_message(tt_api *api, const tt_msg *msg)
{
    char text[TT_MESSAGE_JSON_MAX + 128];
    tt_text_buf buf;
    if (!has_reader(api)) {
        return;
    }
    tt_text_init(&buf, text, sizeof text);
    tt_text_appendf(
        &buf, "id: %" PRIu64 "\nevent: %s\ndata: ", msg->seq, tt_topic_info_get(msg->topic)->name);
    tt_msg_to_json(msg, api->options.instruments, &buf);
    tt_text_append_text(&buf, "\n\n");
    if (!buf.truncated) {
        send_all(api, buf.data, buf.length);
    }
}

/** Writes text on one line: a line feed would end the data. */
static void put_on_one_line(FILE *out, const char *text)
{
    for (const char *at = text; *at != 0; at++) {
        if (*at != '\n') {
            fputc(*at, out);
        }
    }
}

static void put_rendered(const tt_api *api, FILE *out, const char *key, tt_api_render_fn render)
{
    char *text = NULL;
    size_t size = 0;
    FILE *inner = open_memstream(&text, &size);
    if (inner == NULL) {
        return;
    }
    render(api, inner);
    fclose(inner);
    fprintf(out, "%s\"%s\": ", key[0] == 's' ? "" : ", ", key);
    put_on_one_line(out, text);
    free(text);
}

static void send_pulse(tt_api *api)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        return;
    }
    fputs("event: status\ndata: {", out);
    put_rendered(api, out, "status", tt_api_render_status);
    put_rendered(api, out, "account", tt_api_render_account);
    put_rendered(api, out, "risk", tt_api_render_risk);
    put_rendered(api, out, "bus", tt_api_render_bus);
    fputs("}\n\n", out);
    fclose(out);
    send_all(api, text, size);
    free(text);
}

void tt_api_stream_tick(tt_api *api, int64_t now_ns)
{
    while (api->options.take_event != NULL &&
           api->options.take_event(api->options.ctx, &api->msg)) {
        send_message(api, &api->msg.head);
    }
    if (now_ns - api->pulse_ns < pulse_every_ns) {
        return;
    }
    api->pulse_ns = now_ns;
    for (uint32_t i = 0; i < TT_API_STREAMS_MAX; i++) {
        tt_api_stream *stream = &api->streams[i];
        // A token that was revoked sees nothing more.
        if (stream->ticket != 0 &&
            (api->auth.is_failed || !tt_api_auth_knows(api, stream->actor))) {
            tt_http_server_end(api->server, stream->ticket);
            *stream = (tt_api_stream){0};
        }
    }
    if (api->has_status && has_reader(api)) {
        send_pulse(api);
    }
}

void tt_api_answer_events(tt_api *api, const tt_api_call *call, tt_http_reply *reply)
{
    tt_api_stream *place = NULL;
    for (uint32_t i = 0; i < TT_API_STREAMS_MAX && place == NULL; i++) {
        place = api->streams[i].ticket == 0 ? &api->streams[i] : NULL;
    }
    if (place == NULL) {
        tt_api_problem(reply, 503, "too many streams are open");
        return;
    }
    reply->body = strdup(": a stream of what happens from now on\n\n");
    reply->size = reply->body == NULL ? 0 : strlen(reply->body);
    reply->code = 200;
    reply->content_type = "text/event-stream";
    reply->kind = TT_HTTP_STREAM;
    if (call->request->head->method == TT_HTTP_HEAD) {
        reply->kind = TT_HTTP_WHOLE;
        return;
    }
    *place = (tt_api_stream){.ticket = call->request->ticket};
    memcpy(place->actor, call->actor, strlen(call->actor) + 1);
}
