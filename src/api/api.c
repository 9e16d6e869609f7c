/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Routes of the HTTP interface and its life.
 */
#include "api/api_priv.h"

#include <stdlib.h>
#include <string.h>

void tt_api_problem(tt_http_reply *reply, int code, const char *title)
{
    FILE *out = open_memstream(&reply->body, &reply->size);
    reply->code = code;
    reply->content_type = "application/problem+json";
    if (out != NULL) {
        fprintf(
            out, "{\"type\": \"about:blank\", \"title\": \"%s\", \"status\": %d}\n", title, code);
        fclose(out);
    }
}

static void render_health(const tt_api *api, FILE *out)
{
    (void)api;
    fputs("{\"status\": \"ok\"}\n", out);
}

/** A route whose answer is made from the status alone. */
typedef struct route {
    const char *path;
    const char *content_type;
    tt_api_render_fn render;
    bool needs_status;
} route;

static const route routes[] = {
    {"/", "text/html; charset=utf-8", tt_api_render_page, false},
    {"/healthz", "application/json", render_health, false},
    {"/metrics", "text/plain; version=0.0.4", tt_api_render_metrics, true},
    {"/api/v1/coordinator/status", "application/json", tt_api_render_status, true},
    {"/api/v1/orchestration/message-bus/stats", "application/json", tt_api_render_bus, true},
    {"/api/v1/account", "application/json", tt_api_render_account, true},
};

static void answer_route(const tt_api *api, const route *found, tt_http_reply *reply)
{
    if (found->needs_status && !api->has_status) {
        tt_api_problem(reply, 503, "the session is starting");
        return;
    }
    FILE *out = open_memstream(&reply->body, &reply->size);
    if (out == NULL) {
        return; // The reply stands at 500.
    }
    found->render(api, out);
    fclose(out);
    reply->code = 200;
    reply->content_type = found->content_type;
}

static void take_newest(tt_api *api)
{
    if (api->options.take_status(api->options.ctx, &api->status)) {
        api->has_status = true;
    }
}

static void on_tick(void *ctx)
{
    take_newest(ctx);
}

static void on_request(void *ctx, const tt_http_request *request, tt_http_reply *reply)
{
    tt_api *api = ctx;
    bool is_answered = false;
    take_newest(api);
    api->requests++;
    for (size_t i = 0; i < sizeof routes / sizeof routes[0] && !is_answered; i++) {
        if (strcmp(routes[i].path, request->path) == 0) {
            answer_route(api, &routes[i], reply);
            is_answered = true;
        }
    }
    if (!is_answered && !tt_api_answer_list(api, request, reply)) {
        tt_api_problem(reply, 404, "there is nothing at this address");
    }
    api->failed_requests += reply->code >= 400;
}

tutti_status tt_api_open(const tt_api_options *options, tt_api **result, tt_error *error)
{
    tt_api *api = calloc(1, sizeof *api);
    if (api == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the interface");
    }
    api->options = *options;
    tt_http_options server = {
        .listen = options->listen, .handler = on_request, .tick = on_tick, .ctx = api};
    tutti_status status = tt_http_server_open(&server, &api->server, error);
    if (status != TUTTI_OK) {
        tt_api_close(api);
        return status;
    }
    *result = api;
    return TUTTI_OK;
}

void tt_api_address(const tt_api *api, char *text, size_t size)
{
    tt_http_server_address(api->server, text, size);
}

void tt_api_run(tt_api *api)
{
    tt_http_server_run(api->server);
}

void tt_api_stop(tt_api *api)
{
    tt_http_server_stop(api->server);
}

void tt_api_close(tt_api *api)
{
    if (api != NULL) {
        tt_http_server_close(api->server);
        tt_store_query_close(api->query);
        free(api);
    }
}
