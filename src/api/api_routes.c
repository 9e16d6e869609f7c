/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The table of routes: what stands where, who may ask, how often. `docs/api.md` lists the same
 * rows, and so does the OpenAPI document.
 *
 * A halt and a flattening are for traders: whoever may open a position may end all of them. What
 * lets trading start again is for administrators. What can only lower the risk is counted apart
 * (protective), so that no other request keeps it from being heard.
 */
#include "api/api_priv.h"

#include <string.h>

#define V1 "/api/v1/"

// clang-format off
#define VIEW(path, how, text) {.method = TT_HTTP_GET, .pattern = V1 path, .role = TT_role_VIEWER, \
        .answer = how, .summary = text}
#define SHOW(path, how, text) {.method = TT_HTTP_GET, .pattern = V1 path, .role = TT_role_VIEWER, \
        .answer = tt_api_answer_render, .render = how, .summary = text}
#define LIST(path, text)      VIEW(path, tt_api_answer_list, text)
#define POST(path, who, how_often, what, text) .method = TT_HTTP_POST, .pattern = V1 path,        \
        .role = TT_role_##who, .tier = TT_TIER_##how_often, .command = TT_command_##what,         \
        .answer = tt_api_answer_command, .summary = text
#define POST_BUS(path, how_often, what, text) .method = TT_HTTP_POST, .pattern = V1 path,         \
        .role = TT_role_ADMIN, .tier = TT_TIER_##how_often,                                       \
        .bus_command = TT_bus_command_type_##what, .answer = tt_api_answer_command, .summary = text
#define CONFIRM_AT(path, who, how_often, text) .method = TT_HTTP_POST,                            \
        .pattern = V1 path "/confirm", .role = TT_role_##who, .tier = TT_TIER_##how_often,        \
        .answer = tt_api_answer_confirm, .summary = text
#define CONFIRM(path, who, text) CONFIRM_AT(path, who, MODERATE, text)

const tt_api_route tt_api_routes[] = {
    {.method = TT_HTTP_GET, .pattern = "/", .answer = tt_api_answer_render,
     .render = tt_api_render_page, .content_type = "text/html; charset=utf-8",
     .is_public_start = true, .summary = "Status page; holds nothing of the session itself"},
    {.method = TT_HTTP_GET, .pattern = "/healthz", .answer = tt_api_answer_render,
     .render = tt_api_render_health, .is_public_start = true, .takes_any = true,
     .summary = "The process answers"},
    {.method = TT_HTTP_GET, .pattern = "/readyz", .answer = tt_api_answer_ready,
     .is_public_start = true, .summary = "The session works: 200, else 503 with the reason"},
    {.method = TT_HTTP_GET, .pattern = "/metrics", .role = TT_role_VIEWER,
     .answer = tt_api_answer_render, .render = tt_api_render_metrics,
     .content_type = "text/plain; version=0.0.4", .takes_any = true,
     .summary = "Metrics for Prometheus"},
    {.method = TT_HTTP_GET, .pattern = V1 "openapi.json", .role = TT_role_VIEWER,
     .answer = tt_api_answer_render, .render = tt_api_render_openapi, .is_public_start = true,
     .summary = "This interface as an OpenAPI document"},
    VIEW("whoami", tt_api_answer_who, "Name and role of the token"),
    VIEW("events", tt_api_answer_events, "Stream of events (server-sent events)"),

    SHOW("coordinator/status", tt_api_render_status,
         "State, degradation, tasks, statistics, health"),
    SHOW("health", tt_api_render_parts,
         "Feed, venue, journal, read model, pool, memory beside their limits; queues; alerts"),
    {POST("coordinator/pause", ADMIN, PROTECTIVE, PAUSE, "Pause: tasks run, nothing is traded")},
    {POST("coordinator/resume", ADMIN, MODERATE, RESUME, "Resume; refused while halted")},
    {POST("coordinator/halt", TRADER, PROTECTIVE, HALT,
          "Halt: nothing runs, entries are cancelled")},
    {POST("coordinator/release", ADMIN, MODERATE, RELEASE,
          "Release a halt of a person into a pause"),
     .needs_confirmation = true},
    {CONFIRM("coordinator/release", ADMIN, "Confirmation for it")},
    {POST("coordinator/flatten", TRADER, PROTECTIVE, FLATTEN,
          "Close positions of all symbols, or of one, until flat"),
     .needs_confirmation = true, .takes_symbol = true},
    {CONFIRM_AT("coordinator/flatten", TRADER, PROTECTIVE, "Confirmation for it"),
     .takes_symbol = true},
    {POST("coordinator/task/{name}/run", TRADER, EXPENSIVE, FORCE_RUN,
          "Run a task now; tasks of symbols need one"),
     .takes_symbol = true},
    {POST("coordinator/task/{name}/enable", ADMIN, MODERATE, ENABLE_TASK, "Switch a task on")},
    {POST("coordinator/task/{name}/disable", ADMIN, MODERATE, DISABLE_TASK, "Switch a task off")},

    SHOW("approvals", tt_api_render_approvals, "Conflicts that wait for a person"),
    {POST("approvals/{id}/approve", TRADER, MODERATE, APPROVE,
          "Let the trade of a conflict go on")},
    {POST("approvals/{id}/reject", TRADER, PROTECTIVE, REJECT, "Abort it")},

    SHOW("risk/state", tt_api_render_risk, "Losses, breakers, cooldowns, rejections"),
    {POST("risk/reset", ADMIN, EXPENSIVE, RESET_RISK,
          "Reset breakers and cooldowns; releases a halt into a pause"),
     .needs_confirmation = true},
    {CONFIRM("risk/reset", ADMIN, "Confirmation for it")},
    {POST("risk/budgets/{source}/reserve", ADMIN, MODERATE, RESERVE_BUDGET,
          "Reserve an amount of the capital for a source of trades; adds to what it has")},
    {POST("risk/budgets/{source}/release", ADMIN, MODERATE, RELEASE_BUDGET,
          "Release an amount of what is reserved for a source of trades, or all of it")},

    LIST("positions", "Positions; status: open, closed, all"),
    SHOW("positions/exposure", tt_api_render_exposure, "Exposure, margin, unrealised profit"),
    VIEW("positions/{id}", tt_api_answer_item, "One position"),
    {POST("positions/{id}/close", TRADER, PROTECTIVE, CLOSE_POSITION,
          "Close a position at the market, until flat"),
     .needs_confirmation = true},
    {CONFIRM_AT("positions/{id}/close", TRADER, PROTECTIVE, "Confirmation for it")},

    {POST("positions/{id}/protect", TRADER, MODERATE, PROTECT_POSITION,
          "Set the stop, the target or both of a position (stop_loss, take_profit)"),
     .needs_confirmation = true},
    {CONFIRM("positions/{id}/protect", TRADER, "Confirmation for it")},
    {POST("positions/{id}/assign", TRADER, MODERATE, ASSIGN_POSITION,
          "Take a position that was found at the venue into management")},

    LIST("orders", "Orders; state: an order state, working, final, all"),
    VIEW("orders/{id}", tt_api_answer_item, "One order"),
    {POST("orders/{id}/cancel", TRADER, PROTECTIVE, CANCEL_ORDER, "Cancel a working order"),
     .needs_confirmation = true},
    {CONFIRM_AT("orders/{id}/cancel", TRADER, PROTECTIVE, "Confirmation for it")},
    {POST("orders/{id}/amend", TRADER, MODERATE, AMEND_ORDER,
          "Give a working entry another qty, price or trigger_price"),
     .needs_confirmation = true},
    {CONFIRM("orders/{id}/amend", TRADER, "Confirmation for it")},

    {POST("entry-groups", TRADER, MODERATE, PLACE_GROUP,
          "Two entries of which the first that fills cancels the other"),
     .needs_confirmation = true, .takes_symbol = true},
    {CONFIRM("entry-groups", TRADER, "Confirmation for it"), .takes_symbol = true},

    SHOW("portfolio/allocation", tt_api_render_allocation,
         "What is held and what should be; the plan in work with its batches"),
    {POST("portfolio/rebalance", TRADER, EXPENSIVE, REBALANCE,
          "Plan a rebalance and carry it out, if the allocation asks for one"),
     .needs_confirmation = true},
    {CONFIRM("portfolio/rebalance", TRADER, "Confirmation for it")},
    {POST("portfolio/rebalance/force", TRADER, EXPENSIVE, FORCE_REBALANCE,
          "The same below the threshold and before its time"),
     .needs_confirmation = true},
    {CONFIRM("portfolio/rebalance/force", TRADER, "Confirmation for it")},
    {POST("portfolio/rebalance/cancel", TRADER, PROTECTIVE, CANCEL_REBALANCE,
          "Drop the batches of the plan that wait; what is sent goes on")},

    SHOW("account", tt_api_render_account, "Balance, equity, profit and loss, margin"),
    {POST("account/acknowledge/transfer", ADMIN, MODERATE, ACKNOWLEDGE_TRANSFER,
          "Book what the venue has more than the books as a deposit or withdrawal"),
     .needs_confirmation = true},
    {CONFIRM("account/acknowledge/transfer", ADMIN, "Confirmation for it")},
    {POST("account/acknowledge/cost", ADMIN, MODERATE, ACKNOWLEDGE_COST,
          "Book what the venue has more than the books as a fee: a result"),
     .needs_confirmation = true},
    {CONFIRM("account/acknowledge/cost", ADMIN, "Confirmation for it")},
    SHOW("stats/execution", tt_api_render_execution, "Orders, fills, reports, bus"),
    SHOW("bus", tt_api_render_bus, "How the bus is doing"),
    SHOW("orchestration/message-bus/stats", tt_api_render_bus, "The same, under its older name"),
    VIEW("equity", tt_api_answer_equity, "The equity curve; points: how many"),
    VIEW("performance", tt_api_answer_performance,
         "Win rate, profit factor, drawdown, Sharpe and others; at most 30 seconds old"),
    LIST("sessions", "Starts, recoveries, stops"),
    LIST("fills", "Executions"),
    LIST("agent_outputs", "What agents said"),
    LIST("signals", "Decisions to trade or to hold"),
    LIST("consensus", "Votes on signals"),
    LIST("conflicts", "Conflicts and how they were settled"),
    LIST("verdicts", "Judgements of risk with every check"),
    LIST("alerts", "Alerts"),
    LIST("system_events", "Events of the session"),
    LIST("command_log", "Commands of people and their replies, all of the run"),
    LIST("position_margins", "How near positions are to liquidation"),
    LIST("rebalance_batches", "Batches of rebalances; state: a batch state"),
    LIST("sub_accounts", "What each source of trades has done with the account"),
    LIST("activity", "What has no list of its own; state: a topic"),
    LIST("dead_letters", "What nobody could handle, all of the run"),
    VIEW("dead_letters/kept", tt_api_answer_kept,
         "Dead letters that can be delivered again, newest first, in pages of 64"),
    VIEW("dead_letters/{id}", tt_api_answer_dead, "One of them, by its dead_id"),
    {POST_BUS("dead_letters/redrive", EXPENSIVE, REDRIVE_ALL,
              "Deliver all dead letters again, or those of a topic"),
     .needs_confirmation = true, .takes_topic = true},
    {CONFIRM("dead_letters/redrive", ADMIN, "Confirmation for it"), .takes_topic = true},
    {POST_BUS("dead_letters/discard", EXPENSIVE, DISCARD_ALL,
              "Throw all dead letters away, or those of a topic"),
     .needs_confirmation = true, .takes_topic = true},
    {CONFIRM("dead_letters/discard", ADMIN, "Confirmation for it"), .takes_topic = true},
    {POST_BUS("dead_letters/{id}/redrive", MODERATE, REDRIVE,
              "Deliver a dead letter again, to the handler that failed"),
     .needs_confirmation = true},
    {CONFIRM("dead_letters/{id}/redrive", ADMIN, "Confirmation for it")},
    {POST_BUS("dead_letters/{id}/discard", MODERATE, DISCARD, "Throw a dead letter away"),
     .needs_confirmation = true},
    {CONFIRM("dead_letters/{id}/discard", ADMIN, "Confirmation for it")},
    SHOW("quarantine", tt_api_render_quarantine, "Handlers that are left alone after failures"),
    {POST_BUS("quarantine/{name}/release", MODERATE, RELEASE,
              "Let a handler in quarantine have messages again")},
    VIEW("commands", tt_api_answer_commands, "Newest commands of people and what came of them"),
    VIEW("commands/{id}", tt_api_answer_command_state, "One command, by its request id"),
};
// clang-format on

size_t tt_api_route_count(void)
{
    return sizeof tt_api_routes / sizeof tt_api_routes[0];
}

/** Matches a path; what stands for {...} is one whole part. */
static bool matches(const char *pattern, const char *path, char param[64])
{
    while (*pattern != 0 && *pattern != '{') {
        if (*pattern++ != *path++) {
            return false;
        }
    }
    if (*pattern == 0) {
        return *path == 0;
    }
    size_t length = strcspn(path, "/");
    if (length == 0 || length >= 64) {
        return false;
    }
    memcpy(param, path, length);
    param[length] = 0;
    return strcmp(strchr(pattern, '}') + 1, path + length) == 0;
}

/** More exact patterns stand before those with a part that is free: the first one counts. */
const tt_api_route *
tt_api_route_find(tt_http_method method, const char *path, char param[64], char ret_allow[32])
{
    bool has_get = false;
    bool has_post = false;
    tt_http_method wanted = method == TT_HTTP_HEAD ? TT_HTTP_GET : method;
    char own[64] = {0};
    for (size_t i = 0; i < tt_api_route_count(); i++) {
        const tt_api_route *route = &tt_api_routes[i];
        own[0] = 0;
        if (!matches(route->pattern, path, own)) {
            continue;
        }
        if (route->method == wanted) {
            memcpy(param, own, sizeof own);
            return route;
        }
        has_get |= route->method == TT_HTTP_GET;
        has_post |= route->method == TT_HTTP_POST;
    }
    const char *allow =
        has_get ? (has_post ? "GET, HEAD, POST" : "GET, HEAD") : (has_post ? "POST" : "");
    memcpy(ret_allow, allow, strlen(allow) + 1);
    return NULL;
}
