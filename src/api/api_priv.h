/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Inside of the HTTP interface.
 */
#ifndef TT_API_API_PRIV_H
#define TT_API_API_PRIV_H

#include "api/api.h"
#include "net/http_server.h"
#include "store/store_query.h"

#include <stdio.h>

struct tt_api {
    tt_api_options options;
    tt_http_server *server;
    tt_store_query *query; /**< Read model; opened when it is there. */
    tt_api_status status;  /**< Newest status. */
    bool has_status;
    uint64_t requests;
    uint64_t failed_requests; /**< Answered with 4xx or 5xx. */
};

/** Renders a page, or metrics, or JSON onto a stream. */
typedef void (*tt_api_render_fn)(const tt_api *api, FILE *out);

/** Writes the metrics of the bus. */
void tt_api_put_bus_metrics(
    FILE *out, const tt_engine_status *engine, const tt_engine_bus_status *bus);
/** Writes part / whole with six digits, rounded down; 1 when there is no whole. */
void tt_api_put_ratio(FILE *out, uint64_t part, uint64_t whole);
/** Name of the topic of a handler; "*" for one by pattern. */
const char *tt_api_handler_topic(const tt_engine_handler *handler);
void tt_api_render_metrics(const tt_api *api, FILE *out);
void tt_api_render_status(const tt_api *api, FILE *out);
void tt_api_render_bus(const tt_api *api, FILE *out);
void tt_api_render_account(const tt_api *api, FILE *out);
void tt_api_render_page(const tt_api *api, FILE *out);

/** Answers a list of the read model: orders, fills, positions, ... False when `path` is none. */
bool tt_api_answer_list(tt_api *api, const tt_http_request *request, tt_http_reply *reply);
/** Fills a problem+json reply. */
void tt_api_problem(tt_http_reply *reply, int code, const char *title);

#endif
