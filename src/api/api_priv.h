/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Inside of the HTTP interface. All of it belongs to the thread that serves.
 */
#ifndef TT_API_API_PRIV_H
#define TT_API_API_PRIV_H

#include "api/api.h"
#include "api/api_commands.h"
#include "api/api_confirm.h"
#include "api/api_limits.h"
#include "api/api_tokens.h"
#include "net/http_server.h"
#include "report/performance.h"
#include "store/store_query.h"

#include <stdio.h>
#include <sys/stat.h>

/** Streams of events that are open at a time; one more is refused with 503. */
#define TT_API_STREAMS_MAX 16u

/** The token file as it was read last. */
typedef struct tt_api_tokens {
    tt_tokens tokens;
    struct stat facts;     /**< Of the file, to see that it has changed. */
    bool is_failed;        /**< It cannot be used: nobody is let in. */
    int64_t checked_ns;    /**< When it was looked at last. */
    uint64_t reload_count; /**< Times that it was read. */
    tt_token page;         /**< Viewer of the status page, in memory alone; id 0 = none. */
    char page_secret[TT_TOKEN_SECRET_MAX];
} tt_api_tokens;

/** One reader of the stream of events. */
typedef struct tt_api_stream {
    uint64_t ticket;  /**< 0 = free. */
    uint64_t dropped; /**< Events that it was too slow for and has not been told of. */
    char actor[TT_TOKEN_NAME_MAX];
} tt_api_stream;

/** Performance figures as they were read last. */
typedef struct tt_api_performance {
    tt_performance figures;
    tt_performance_paid paid;
    tt_seq last_seq; /**< How far the read model was. */
    int64_t read_ns; /**< When; 0 = they were not read. */
} tt_api_performance;

struct tt_api {
    tt_api_options options;
    tt_http_server *server;
    tt_store_query *query; /**< Read model; opened when it is there. */
    tt_api_performance performance;
    tt_api_status status; /**< Newest status. */
    bool has_status;
    uint64_t requests;
    uint64_t failed_requests; /**< Answered with 4xx or 5xx. */
    uint64_t denied;          /**< With 401 or 403. */
    uint64_t limited;         /**< With 429. */
    uint64_t stream_dropped;  /**< Events that streams were too slow for. */
    int64_t pulse_ns;         /**< When streams were told the status last. */
    tt_api_tokens auth;
    tt_limits *limits;
    tt_confirmations confirmations;
    tt_api_commands commands;
    tt_api_stream streams[TT_API_STREAMS_MAX];
    tt_api_msg msg; /**< The message in work. */
};

typedef struct tt_api_route tt_api_route;

/** A request whose sender is known and may ask. */
typedef struct tt_api_call {
    const tt_http_request *request;
    const tt_api_route *route;
    const char *actor; /**< Name of the token; "" = nobody had to be known. */
    tt_role role;
    char param[64]; /**< What stands for {name} or {id} in the pattern. */
} tt_api_call;

/** Renders a page, or metrics, or JSON onto a stream. */
typedef void (*tt_api_render_fn)(const tt_api *api, FILE *out);
/** Answers a call. */
typedef void (*tt_api_answer_fn)(tt_api *api, const tt_api_call *call, tt_http_reply *reply);

/** One row of the table of routes; the OpenAPI document comes from it. */
struct tt_api_route {
    tt_http_method method;
    const char *pattern; /**< Whole path; one part may be {name} or {id}. */
    tt_role role;        /**< Least role that may ask. */
    tt_tier tier;
    tt_api_answer_fn answer;
    const char *summary;
    tt_api_render_fn render;         /**< For answers made from the status alone. */
    const char *content_type;        /**< NULL = application/json. */
    tt_command command;              /**< Posted by the answer; NONE = none. */
    tt_bus_command_type bus_command; /**< Likewise, to the bus itself. */
    bool is_public_start;            /**< Answers before there is a status. */
    bool needs_confirmation;
    bool takes_symbol; /**< A query parameter `symbol` names the instrument. */
    bool takes_topic;  /**< A query parameter `topic` names the topic of dead letters. */
    bool takes_any;    /**< Query parameters that mean nothing are let through: who scrapes or
                            probes may add some of its own. */
};

/* ---- api_routes.c ---- */

extern const tt_api_route tt_api_routes[];
size_t tt_api_route_count(void);
/** Finds the route of a request and fills what stands for {...}. NULL: none; `ret_allow` then lists
 * the methods of that path, or is empty. */
const tt_api_route *
tt_api_route_find(tt_http_method method, const char *path, char param[64], char ret_allow[32]);

/* ---- api_parameters.c ---- */

/** A whole number as a parameter of an address. */
typedef struct tt_api_number {
    const char *name;
    uint64_t least;
    uint64_t most;
} tt_api_number;

/** Names of the parameters that a route takes in its query, ended by NULL. */
const char *const *tt_api_route_parameters(const tt_api_route *route);
/** Refuses parameters that the route does not take, and one that is given twice. */
bool tt_api_check_parameters(const tt_api_call *call, tt_http_reply *reply);
/** Reads a number, 0 where there is none; false has refused what is none or out of its bounds. */
bool tt_api_take_number(
    const tt_http_request *request,
    const tt_api_number *wanted,
    uint64_t *ret_number,
    tt_http_reply *reply);
/** Reads the parameter `symbol` as the key of an instrument, 0 where there is none; false has
 * refused one that is not known, with that code. */
bool tt_api_take_symbol(
    const tt_api *api,
    const tt_http_request *request,
    int code,
    uint32_t *ret_key,
    tt_http_reply *reply);

/* ---- api_auth.c ---- */

/** Reads the token file, or makes one with a token for this machine. */
TUTTI_NODISCARD tutti_status tt_api_auth_open(tt_api *api, tt_error *error);
/** Reads the file again when it has changed. */
void tt_api_auth_refresh(tt_api *api, int64_t now_ns);
/** Finds who asks; NULL fills the reply with why not. */
const tt_token *tt_api_auth_who(tt_api *api, const tt_http_request *request, tt_http_reply *reply);
/** Tells whether a token of this name still stands. */
bool tt_api_auth_knows(const tt_api *api, const char *name);
/** Why the address of a request is not ours to answer, or NULL: a page of another site may have
 * been let to send it. */
const char *tt_api_find_foreign(const tt_api *api, const tt_http_request *request);

/* ---- api_request.c ---- */

/** Answers any request. */
void tt_api_on_request(void *ctx, const tt_http_request *request, tt_http_reply *reply);

/* ---- api_reply.c ---- */

/** Fills a problem+json reply (RFC 9457). */
void tt_api_problem(tt_http_reply *reply, int code, const char *title);
/** The same with what exactly is wrong. */
void tt_api_problem_detail(tt_http_reply *reply, int code, const char *title, const char *detail);
/** Adds a header to a reply. */
__attribute__((format(printf, 2, 3))) void
tt_api_add_header(tt_http_reply *reply, const char *format, ...);
/** Writes a text as a JSON string. */
void tt_api_put_text(FILE *out, const char *text);
/** Writes "key": "moment", or null for none. */
void tt_api_put_time(FILE *out, const char *key, tt_time time);
/** Writes "key": "decimal". */
void tt_api_put_dec(FILE *out, const char *key, tt_dec value);
/** Symbol of a key; "" for none. */
const char *tt_api_symbol(const tt_api *api, uint32_t key);

/* ---- answers ---- */

void tt_api_answer_render(tt_api *api, const tt_api_call *call, tt_http_reply *reply);
/** A list of the read model: orders, fills, positions, ... */
void tt_api_answer_list(tt_api *api, const tt_api_call *call, tt_http_reply *reply);
/** One item of a list by its id. */
void tt_api_answer_item(tt_api *api, const tt_api_call *call, tt_http_reply *reply);
/** Reads a command that an earlier process, or this one long ago, was asked: one JSON object of
 * the read model, from malloc. NULL: there is none, or no read model. */
char *tt_api_logged_command(tt_api *api, uint64_t request_id);
/** Opens the read model when it is first asked for, and again when the session has made it anew;
 * false when it is not there. */
bool tt_api_open_query(tt_api *api);
void tt_api_answer_performance(tt_api *api, const tt_api_call *call, tt_http_reply *reply);
void tt_api_answer_equity(tt_api *api, const tt_api_call *call, tt_http_reply *reply);
void tt_api_answer_command(tt_api *api, const tt_api_call *call, tt_http_reply *reply);
void tt_api_answer_confirm(tt_api *api, const tt_api_call *call, tt_http_reply *reply);
void tt_api_answer_commands(tt_api *api, const tt_api_call *call, tt_http_reply *reply);
void tt_api_answer_command_state(tt_api *api, const tt_api_call *call, tt_http_reply *reply);
void tt_api_answer_who(tt_api *api, const tt_api_call *call, tt_http_reply *reply);
void tt_api_answer_ready(tt_api *api, const tt_api_call *call, tt_http_reply *reply);
void tt_api_answer_events(tt_api *api, const tt_api_call *call, tt_http_reply *reply);

/** A dead letter that is kept, by its id. */
void tt_api_answer_dead(tt_api *api, const tt_api_call *call, tt_http_reply *reply);
void tt_api_answer_kept(tt_api *api, const tt_api_call *call, tt_http_reply *reply);

/* ---- api_command_tell.c ---- */

/** What became of a command. What was refused is a problem with the same members. */
void tt_api_command_tell(const tt_api *api, const tt_api_command *at, tt_http_reply *reply);
/** That nobody knows yet. */
void tt_api_command_tell_timeout(const tt_api_command *at, tt_http_reply *reply);
/** A command that an earlier process was asked, as the read model has it. False if it has none. */
bool tt_api_command_logged(tt_api *api, uint64_t request_id, tt_api_command *at);

/** Sends messages and the pulse to the streams when it is time, and ends those whose token is gone.
 */
void tt_api_stream_tick(tt_api *api, int64_t now_ns);
/** Takes what the core said of commands, and answers those who wait. */
void tt_api_commands_tick(tt_api *api, int64_t now_ns);

/** Writes the metrics of the bus. */
void tt_api_put_bus_metrics(
    FILE *out, const tt_engine_status *engine, const tt_engine_bus_status *bus);
/** Writes part / whole with six digits, rounded down; 1 when there is no whole. */
void tt_api_put_ratio(FILE *out, uint64_t part, uint64_t whole);
/** Name of the topic of a handler; "*" for one by pattern. */
const char *tt_api_handler_topic(const tt_engine_handler *handler);
void tt_api_render_health(const tt_api *api, FILE *out);
void tt_api_render_parts(const tt_api *api, FILE *out);
/** Metrics of what tt_api_render_parts tells. */
void tt_api_put_health_metrics(FILE *out, const tt_api *api);
void tt_api_render_metrics(const tt_api *api, FILE *out);
void tt_api_render_status(const tt_api *api, FILE *out);
void tt_api_render_bus(const tt_api *api, FILE *out);
void tt_api_render_quarantine(const tt_api *api, FILE *out);
void tt_api_render_account(const tt_api *api, FILE *out);
void tt_api_render_exposure(const tt_api *api, FILE *out);
void tt_api_render_execution(const tt_api *api, FILE *out);
void tt_api_render_risk(const tt_api *api, FILE *out);
void tt_api_render_allocation(const tt_api *api, FILE *out);
void tt_api_render_approvals(const tt_api *api, FILE *out);
void tt_api_render_page(const tt_api *api, FILE *out);
void tt_api_render_openapi(const tt_api *api, FILE *out);

#endif
