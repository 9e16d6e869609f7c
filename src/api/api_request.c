/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Any request, in this order: is it for us, which route, who asks, how often, may he. What is
 * public needs nobody, but is counted too.
 */
#include "api/api_priv.h"

#include <stdlib.h>
#include <string.h>

static void tell_limit(tt_http_reply *reply, const tt_limit_verdict *verdict)
{
    if (verdict->limit > 0) {
        tt_api_add_header(
            reply,
            "X-RateLimit-Limit: %u\r\nX-RateLimit-Remaining: %u\r\nX-RateLimit-Reset: %u\r\n",
            verdict->limit,
            verdict->remaining,
            verdict->reset_s);
    }
}

/** Counts the request; false if there were too many. */
static bool take_limit(
    tt_api *api,
    const tt_http_request *request,
    const char *token,
    tt_tier tier,
    tt_http_reply *reply)
{
    int64_t now_ns = tt_http_server_now(api->server);
    tt_limit_verdict verdict = tt_limits_take(api->limits, token, request->peer, tier, now_ns);
    if (!verdict.is_allowed) {
        char detail[128] = "too many clients ask at a time";
        if (!verdict.is_table_full) {
            snprintf(
                detail,
                sizeof detail,
                "the limit of this tier (%s) is %u a minute; ask again in %u seconds",
                tt_tier_text(tier),
                verdict.limit,
                verdict.reset_s);
        }
        tt_api_problem_detail(reply, 429, "too many requests", detail);
        tt_api_add_header(reply, "Retry-After: %u\r\n", verdict.reset_s);
        api->limited++;
    }
    tell_limit(reply, &verdict);
    return verdict.is_allowed;
}

static void refuse_role(tt_api *api, const tt_api_route *route, tt_http_reply *reply)
{
    char detail[96];
    snprintf(
        detail,
        sizeof detail,
        "this needs a token with the role %s",
        tt_enum_text(&tt_enum_role, (uint8_t)route->role));
    tt_api_problem_detail(reply, 403, "this token may not do that", detail);
    api->denied++;
}

static const tt_api_route *
find_route(const tt_http_request *request, char param[64], tt_http_reply *reply)
{
    char allow[32];
    const tt_api_route *route =
        tt_api_route_find(request->head->method, request->path, param, allow);
    if (route == NULL && allow[0] == 0) {
        tt_api_problem(reply, 404, "there is nothing at this address");
    } else if (route == NULL) {
        tt_api_problem(reply, 405, "this address does not answer this method");
        tt_api_add_header(reply, "Allow: %s\r\n", allow);
    }
    return route;
}

/** Answers with a route that is for everybody. */
static void answer_public(
    tt_api *api, const tt_http_request *request, const tt_api_call *call, tt_http_reply *reply)
{
    if (take_limit(api, request, "", call->route->tier, reply)) {
        call->route->answer(api, call, reply);
    }
}

static void answer(tt_api *api, const tt_http_request *request, tt_http_reply *reply)
{
    tt_api_call call = {.request = request, .actor = ""};
    const char *foreign = tt_api_find_foreign(api, request);
    if (foreign != NULL) {
        tt_api_problem(reply, strstr(foreign, "Host") != NULL ? 421 : 403, foreign);
        return;
    }
    // Addresses are no secret (the document lists them), but who is nobody learns nothing of ids.
    call.route = find_route(request, call.param, reply);
    if (call.route == NULL) {
        return;
    }
    if (call.route->role == TT_role_NONE) {
        answer_public(api, request, &call, reply);
        return;
    }
    const tt_token *token = tt_api_auth_who(api, request, reply);
    if (token == NULL) {
        tt_http_reply limited = {.code = 500, .content_type = "text/plain"};
        if (!take_limit(api, request, "", TT_TIER_DEFAULT, &limited)) {
            free(reply->body);
            *reply = limited;
        }
        return;
    }
    if (!take_limit(api, request, token->name, call.route->tier, reply)) {
        return;
    }
    if (token->role < call.route->role) {
        refuse_role(api, call.route, reply);
        return;
    }
    if (!tt_api_check_parameters(&call, reply)) {
        return;
    }
    call.actor = token->name;
    call.role = token->role;
    call.route->answer(api, &call, reply);
}

void tt_api_on_request(void *ctx, const tt_http_request *request, tt_http_reply *reply)
{
    tt_api *api = ctx;
    if (api->options.take_status(api->options.ctx, &api->status)) {
        api->has_status = true;
    }
    api->requests++;
    answer(api, request, reply);
    api->failed_requests += reply->kind == TT_HTTP_WHOLE && reply->code >= 400;
}

void tt_api_answer_render(tt_api *api, const tt_api_call *call, tt_http_reply *reply)
{
    const tt_api_route *route = call->route;
    if (!route->is_public_start && !api->has_status) {
        tt_api_problem(reply, 503, "the session is starting");
        return;
    }
    FILE *out = open_memstream(&reply->body, &reply->size);
    if (out == NULL) {
        return; // The reply stands at 500.
    }
    route->render(api, out);
    fclose(out);
    reply->code = 200;
    reply->content_type = route->content_type == NULL ? "application/json" : route->content_type;
}

void tt_api_render_health(const tt_api *api, FILE *out)
{
    (void)api;
    fputs("{\"status\": \"ok\"}\n", out);
}

/** Ready: the core tells its status, and lets people in. */
void tt_api_answer_ready(tt_api *api, const tt_api_call *call, tt_http_reply *reply)
{
    (void)call;
    const char *why = !api->has_status                ? "the session is starting"
                      : api->status.engine.is_stopped ? "the engine has stopped itself"
                      : api->auth.is_failed           ? "the file of tokens cannot be used"
                                                      : NULL;
    if (why != NULL) {
        tt_api_problem(reply, 503, why);
        return;
    }
    reply->body = strdup("{\"status\": \"ready\"}\n");
    reply->size = reply->body == NULL ? 0 : strlen(reply->body);
    reply->content_type = "application/json";
    reply->code = 200;
}

void tt_api_answer_who(tt_api *api, const tt_api_call *call, tt_http_reply *reply)
{
    FILE *out = open_memstream(&reply->body, &reply->size);
    if (out == NULL) {
        return;
    }
    // Names are checked when a token is made: they need no escapes.
    fprintf(
        out,
        "{\"name\": \"%s\", \"role\": \"%s\", \"run\": ",
        call->actor,
        tt_enum_text(&tt_enum_role, (uint8_t)call->role));
    tt_api_put_text(out, api->options.run_name);
    fputs("}\n", out);
    fclose(out);
    reply->code = 200;
    reply->content_type = "application/json";
}
