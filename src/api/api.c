/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The life of the HTTP interface.
 */
#include "api/api_priv.h"

#include <openssl/crypto.h>
#include <stdlib.h>

static void on_tick(void *ctx)
{
    tt_api *api = ctx;
    int64_t now_ns = tt_http_server_now(api->server);
    if (api->options.take_status(api->options.ctx, &api->status)) {
        api->has_status = true;
    }
    tt_api_auth_refresh(api, now_ns);
    tt_api_commands_tick(api, now_ns);
    tt_api_stream_tick(api, now_ns);
}

tutti_status tt_api_open(const tt_api_options *options, tt_api **result, tt_error *error)
{
    const tt_api_config *config = options->config;
    const uint32_t per_minute[TT_TIER_COUNT] = {
        [TT_TIER_DEFAULT] = config->limit_default,
        [TT_TIER_MODERATE] = config->limit_moderate,
        [TT_TIER_EXPENSIVE] = config->limit_expensive,
        [TT_TIER_PROTECTIVE] = config->limit_protective,
    };
    tt_api *api = calloc(1, sizeof *api);
    if (api == NULL || tt_limits_new(per_minute, &api->limits) != TUTTI_OK) {
        free(api);
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the interface");
    }
    api->options = *options;
    api->auth.is_failed = true; // Until tt_api_secure has worked.
    tt_http_options server = {
        .listen = config->listen, .handler = tt_api_on_request, .tick = on_tick, .ctx = api};
    tutti_status status = tt_http_server_open(&server, &api->server, error);
    if (status != TUTTI_OK) {
        tt_api_close(api);
        return status;
    }
    *result = api;
    return TUTTI_OK;
}

tutti_status tt_api_secure(tt_api *api, tt_error *error)
{
    return tt_api_auth_open(api, error);
}

void tt_api_address(const tt_api *api, char *text, size_t size)
{
    tt_http_server_address(api->server, text, size);
}

void tt_api_page_link(const tt_api *api, char *text, size_t size)
{
    char address[128];
    tt_http_server_address(api->server, address, sizeof address);
    // Behind '#': a browser keeps it to itself, no server and no log sees it.
    snprintf(text, size, "%s/#key=%s", address, api->auth.page_secret);
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
        tt_limits_free(api->limits);
        OPENSSL_cleanse(&api->auth, sizeof api->auth);
        free(api);
    }
}
