/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The OpenAPI document, written from the table of routes. What the standard has no word for stands
 * under x-tutti-role, x-tutti-tier and x-tutti-confirmation.
 */
#include "api/api_priv.h"

#include <string.h>

static const char head[] =
    "{\"openapi\": \"3.1.0\",\n"
    " \"info\": {\"title\": \"Tutti\", \"version\": \"" TUTTI_VERSION_TEXT "\"},\n"
    " \"components\": {\"securitySchemes\": {\"token\": {\"type\": \"http\", "
    "\"scheme\": \"bearer\"}},\n"
    "  \"schemas\": {\n"
    "   \"Problem\": {\"type\": \"object\", \"properties\": {\"type\": {\"type\": \"string\"}, "
    "\"title\": {\"type\": \"string\"}, \"status\": {\"type\": \"integer\"}, "
    "\"detail\": {\"type\": \"string\"}}},\n"
    "   \"Command\": {\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
    "\"request_id\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 9007199254740991}, "
    "\"reason\": {\"type\": \"string\", \"maxLength\": 95}, "
    "\"confirmation\": {\"type\": \"string\"}";

/** Members that single commands have; numbers come as numbers or texts. */
static const char *const numbers[] = {
    "stop_loss",
    "take_profit",
    "amount",
    "qty",
    "price",
    "trigger_price",
    "size_pct",
    "leverage",
    "upper_entry",
    "upper_stop",
    "upper_target",
    "lower_entry",
    "lower_stop",
    "lower_target",
};

static const char end_of_head[] =
    ", \"style\": {\"type\": \"string\", \"enum\": [\"breakout\", \"reversion\"]}}}}},\n"
    " \"paths\": {";

static bool is_command(const tt_api_route *route)
{
    return route->command != TT_command_NONE || route->bus_command != TT_bus_command_type_NONE;
}

static bool is_first_of_path(size_t row)
{
    for (size_t i = 0; i < row; i++) {
        if (strcmp(tt_api_routes[i].pattern, tt_api_routes[row].pattern) == 0) {
            return false;
        }
    }
    return true;
}

static void put_parameter(FILE *out, bool *has_one, const char *name, const char *place)
{
    fprintf(
        out,
        "%s{\"name\": \"%s\", \"in\": \"%s\", \"required\": %s, \"schema\": {\"type\": "
        "\"string\"}}",
        *has_one ? ", " : "",
        name,
        place,
        strcmp(place, "path") == 0 ? "true" : "false");
    *has_one = true;
}

static void put_parameters(FILE *out, const tt_api_route *route)
{
    const char *const *names = tt_api_route_parameters(route);
    bool has_one = false;
    fputs(", \"parameters\": [", out);
    if (strstr(route->pattern, "{name}") != NULL) {
        put_parameter(out, &has_one, "name", "path");
    } else if (strstr(route->pattern, "{source}") != NULL) {
        put_parameter(out, &has_one, "source", "path");
    } else if (strstr(route->pattern, "{id}") != NULL) {
        put_parameter(out, &has_one, "id", "path");
    }
    for (size_t i = 0; names[i] != NULL; i++) {
        put_parameter(out, &has_one, names[i], "query");
    }
    fputc(']', out);
}

static void put_responses(FILE *out, const tt_api_route *route)
{
    static const int errors[] = {400, 401, 403, 404, 409, 429, 503, 504};
    const char *type = route->content_type == NULL ? "application/json" : route->content_type;
    if (route->answer == tt_api_answer_events) {
        type = "text/event-stream";
    }
    fprintf(
        out,
        ", \"responses\": {\"%d\": {\"description\": \"Done\", \"content\": {\"%s\": {}}}",
        route->answer == tt_api_answer_confirm ? 201 : 200,
        type);
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        bool is_of_people = errors[i] == 401 || errors[i] == 403;
        bool is_of_commands = errors[i] == 409 || errors[i] == 504;
        if ((is_of_people && route->role == TT_role_NONE) ||
            (is_of_commands && !is_command(route))) {
            continue;
        }
        fprintf(
            out,
            ", \"%d\": {\"description\": \"Problem\", \"content\": {\"application/problem+json\": "
            "{\"schema\": {\"$ref\": \"#/components/schemas/Problem\"}}}}",
            errors[i]);
    }
    fputc('}', out);
}

static void put_operation(FILE *out, const tt_api_route *route)
{
    fprintf(out, "\"%s\": {\"summary\": ", route->method == TT_HTTP_POST ? "post" : "get");
    tt_api_put_text(out, route->summary);
    fprintf(
        out,
        ", \"x-tutti-role\": \"%s\", \"x-tutti-tier\": \"%s\"",
        tt_enum_text(&tt_enum_role, (uint8_t)route->role),
        tt_tier_text(route->tier));
    if (is_command(route)) {
        bool is_of_bus = route->bus_command != TT_bus_command_type_NONE;
        fprintf(
            out,
            ", \"x-tutti-command\": \"%s%s\", \"x-tutti-confirmation\": %s",
            is_of_bus ? "bus_" : "",
            is_of_bus ? tt_enum_text(&tt_enum_bus_command_type, (uint8_t)route->bus_command)
                      : tt_enum_text(&tt_enum_command, (uint8_t)route->command),
            route->needs_confirmation ? "true" : "false");
        fputs(
            ", \"requestBody\": {\"content\": {\"application/json\": {\"schema\": {\"$ref\": "
            "\"#/components/schemas/Command\"}}}}",
            out);
    }
    if (route->role != TT_role_NONE) {
        fputs(", \"security\": [{\"token\": []}]", out);
    }
    put_parameters(out, route);
    put_responses(out, route);
    fputc('}', out);
}

void tt_api_render_openapi(const tt_api *api, FILE *out)
{
    (void)api;
    bool has_path = false;
    fputs(head, out);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        fprintf(out, ", \"%s\": {\"type\": [\"number\", \"string\"]}", numbers[i]);
    }
    fputs(end_of_head, out);
    for (size_t i = 0; i < tt_api_route_count(); i++) {
        if (!is_first_of_path(i)) {
            continue;
        }
        fprintf(out, "%s\n  \"%s\": {", has_path ? "," : "", tt_api_routes[i].pattern);
        has_path = true;
        bool has_operation = false;
        for (size_t j = i; j < tt_api_route_count(); j++) {
            if (strcmp(tt_api_routes[j].pattern, tt_api_routes[i].pattern) == 0) {
                fputs(has_operation ? ",\n   " : "", out);
                put_operation(out, &tt_api_routes[j]);
                has_operation = true;
            }
        }
        fputc('}', out);
    }
    fputs("\n }}\n", out);
}
