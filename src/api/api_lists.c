/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Lists from the read model: orders, fills, positions and the others, with limit and offset; one
 * item of them.
 */
#include "api/api_priv.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/** Where all routes of the interface begin. */
#define PREFIX "/api/v1/"

/** HTTP code of a failure of the read model. */
static int code_of(tutti_status status)
{
    if (status == TUTTI_INVALID || status == TUTTI_NOT_FOUND) {
        return 400;
    }
    return status == TUTTI_BUSY ? 503 : 500;
}

bool tt_api_open_query(tt_api *api)
{
    tt_error error = {0};
    if (api->query != NULL && !tt_store_query_is_in_place(api->query)) {
        tt_store_query_close(api->query);
        api->query = NULL;
        api->performance = (tt_api_performance){0}; // Rows of another database.
    }
    if (api->query == NULL && api->options.store_path != NULL &&
        tt_store_query_open(api->options.store_path, &api->query, &error) != TUTTI_OK) {
        api->query = NULL;
    }
    return api->query != NULL;
}

/** Reads what a list is to be filtered by; false has refused it. */
static bool read_filter(
    const tt_api *api,
    const tt_http_request *request,
    tt_store_filter *ret_filter,
    tt_http_reply *reply)
{
    static const tt_api_number limits = {"limit", 1, TT_STORE_LIMIT_MAX};
    static const tt_api_number offsets = {"offset", 0, UINT32_MAX};
    static const tt_api_number ids = {"id", 1, UINT64_MAX};
    uint64_t limit = 0;
    uint64_t offset = 0;
    uint64_t id = 0;
    uint32_t key = 0;
    if (!tt_api_take_number(request, &limits, &limit, reply) ||
        !tt_api_take_number(request, &offsets, &offset, reply) ||
        !tt_api_take_number(request, &ids, &id, reply) ||
        !tt_api_take_symbol(api, request, 400, &key, reply)) {
        return false;
    }
    const char *state = tt_http_query(request, "state");
    state = state == NULL ? tt_http_query(request, "status") : state;
    if (state != NULL && state[0] == 0) {
        tt_api_problem_detail(reply, 400, "a parameter is not right", "state is empty");
        return false;
    }
    *ret_filter = (tt_store_filter){
        .limit = (uint32_t)limit,
        .offset = (uint32_t)offset,
        .instrument = key,
        .id = id,
        .state = state == NULL || strcmp(state, "all") == 0 ? NULL : state,
    };
    return true;
}

static void refuse_absent(tt_http_reply *reply)
{
    tt_api_problem(reply, 503, "the read model is not there (yet)");
}

static void
give(tt_http_reply *reply, tutti_status status, tt_store_text *text, const tt_error *error)
{
    if (status != TUTTI_OK) {
        // What else went wrong names paths of this machine.
        const char *detail = status == TUTTI_INVALID ? error->message : NULL;
        tt_api_problem_detail(
            reply, code_of(status), "the list could not be read with these parameters", detail);
        return;
    }
    reply->code = 200;
    reply->content_type = "application/json";
    reply->body = text->data;
    reply->size = text->length;
}

void tt_api_answer_equity(tt_api *api, const tt_api_call *call, tt_http_reply *reply)
{
    uint64_t points = 0;
    tt_store_text text = {0};
    tt_error error = {0};
    static const tt_api_number wanted = {"points", 2, TT_STORE_POINTS_MAX};
    if (!tt_api_take_number(call->request, &wanted, &points, reply)) {
        return;
    }
    if (!tt_api_open_query(api)) {
        refuse_absent(reply);
    } else {
        tt_store_span span = {.points = (uint32_t)points};
        give(reply, tt_store_equity_json(api->query, &span, &text, &error), &text, &error);
    }
}

/** The list that a route is about: the part of its path behind the prefix. */
static tt_store_list list_of(const tt_api_call *call)
{
    char name[32];
    tt_store_list list = TT_STORE_LIST_COUNT;
    const char *start = call->route->pattern + sizeof PREFIX - 1;
    size_t length = strcspn(start, "/");
    TT_ASSERT(length < sizeof name);
    memcpy(name, start, length);
    name[length] = 0;
    bool is_list = tt_store_list_find(name, &list);
    TT_ASSERT(is_list);
    return list;
}

void tt_api_answer_list(tt_api *api, const tt_api_call *call, tt_http_reply *reply)
{
    tt_store_filter filter;
    tt_store_text text = {0};
    tt_error error = {0};
    if (!read_filter(api, call->request, &filter, reply)) {
        return;
    }
    if (!tt_api_open_query(api)) {
        refuse_absent(reply);
        return;
    }
    tutti_status status = tt_store_list_json(api->query, list_of(call), &filter, &text, &error);
    give(reply, status, &text, &error);
}

/** Cuts a list of one item down to the item. False if it is empty. */
static bool keep_item(tt_store_text *text)
{
    char *start = strchr(text->data, '[');
    char *end = start == NULL ? NULL : strstr(start, "], \"count\"");
    for (char *next = end; next != NULL; next = strstr(next + 1, "], \"count\"")) {
        end = next; // Lists within the item end earlier.
    }
    char *item = end == NULL ? NULL : memchr(start, '{', (size_t)(end - start));
    if (item == NULL) {
        return false;
    }
    text->length = (size_t)(end - item);
    memmove(text->data, item, text->length);
    text->data[text->length++] = '\n';
    text->data[text->length] = 0;
    return true;
}

void tt_api_answer_item(tt_api *api, const tt_api_call *call, tt_http_reply *reply)
{
    tt_store_filter filter = {.limit = 1};
    tt_store_text text = {0};
    tt_error error = {0};
    if (tt_text_parse_u64(call->param, strlen(call->param), &filter.id) != TUTTI_OK ||
        filter.id == 0 || filter.id > INT64_MAX) {
        tt_api_problem_detail(reply, 400, "the id is no number", "ids are whole numbers from 1");
        return;
    }
    if (!tt_api_open_query(api)) {
        refuse_absent(reply);
        return;
    }
    tutti_status status = tt_store_list_json(api->query, list_of(call), &filter, &text, &error);
    if (status == TUTTI_OK && !keep_item(&text)) {
        free(text.data);
        tt_api_problem(reply, 404, "there is none with this id");
        return;
    }
    give(reply, status, &text, &error);
}

char *tt_api_logged_command(tt_api *api, uint64_t request_id)
{
    tt_store_filter filter = {.limit = 1, .id = request_id};
    tt_store_text text = {0};
    tt_error error = {0};
    if (!tt_api_open_query(api) ||
        tt_store_list_json(api->query, TT_STORE_COMMANDS, &filter, &text, &error) != TUTTI_OK) {
        return NULL;
    }
    if (!keep_item(&text)) {
        free(text.data);
        return NULL;
    }
    return text.data;
}
