/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * tutti topics: the catalogue of topics, from the registry; and who in the core gets what with a
 * configuration.
 */
#include "base/json.h"
#include "cli/cli.h"
#include "model/message.h"
#include "model/topics_reference.h"

#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
    "topics [--json]\n"
    "       tutti topics --subscribers CONFIG.yaml [--set section.key=value]... [--json]";

enum {
    CATALOGUE_BYTES = 1 << 20
};

static const char *const edges[] = {
    [TT_EDGE_NONE] = "none",
    [TT_EDGE_AGENT] = "agent",
    [TT_EDGE_VENUE] = "venue",
    [TT_EDGE_NOTIFY] = "notify",
};

static void write_text(tt_json_writer *writer, const char *key, const char *value)
{
    tt_json_key(writer, key);
    tt_json_text(writer, value);
}

static void write_number(tt_json_writer *writer, const char *key, uint64_t value)
{
    tt_json_key(writer, key);
    tt_json_u64(writer, value);
}

static void write_subscribers(tt_json_writer *writer, const tt_bus *bus, tt_topic topic)
{
    tt_bus_subscriber_stats stats;
    tt_json_key(writer, "subscribers");
    tt_json_begin_array(writer);
    for (uint32_t i = 0; tt_bus_subscriber_stats_get(bus, topic, i, &stats); i++) {
        tt_json_text(writer, stats.name);
    }
    tt_json_end_array(writer);
}

/** One topic; `bus` may be NULL. */
static void write_topic(tt_json_writer *writer, const tt_topic_info *info, const tt_bus *bus)
{
    tt_json_begin_object(writer);
    write_text(writer, "name", info->name);
    write_number(writer, "number", (uint64_t)info->topic);
    write_text(writer, "payload", info->layout->name);
    write_text(writer, "kind", tt_enum_text(&tt_enum_msg_kind, info->kind));
    write_text(writer, "priority", tt_enum_text(&tt_enum_priority, info->priority));
    write_number(writer, "ttl_ms", info->ttl_ms);
    write_number(writer, "history", info->history);
    tt_json_key(writer, "input");
    tt_json_bool(writer, (info->origin & TT_ORIGIN_IN) != 0);
    tt_json_key(writer, "core");
    tt_json_bool(writer, (info->origin & TT_ORIGIN_CORE) != 0);
    write_text(writer, "edge", edges[info->edge]);
    write_text(writer, "meaning", info->doc);
    if (bus) {
        write_subscribers(writer, bus, info->topic);
    }
    tt_json_end_object(writer);
}

static void write_json(const tt_bus *bus, char *memory)
{
    tt_json_writer writer;
    size_t length = 0;
    tt_json_writer_init(&writer, memory, CATALOGUE_BYTES, true);
    tt_json_begin_object(&writer);
    tt_json_key(&writer, "topics");
    tt_json_begin_array(&writer);
    for (uint16_t topic = 1; topic < TT_TOPIC_COUNT; topic++) {
        write_topic(&writer, tt_topic_info_get(topic), bus);
    }
    tt_json_end_array(&writer);
    tt_json_end_object(&writer);
    tutti_status status = tt_json_finish(&writer, &length);
    TT_ASSERT(status == TUTTI_OK); // the registry is far smaller
    puts(memory);
}

static void print_subscribers(const tt_bus *bus)
{
    for (uint16_t topic = 1; topic < TT_TOPIC_COUNT; topic++) {
        const tt_topic_info *info = tt_topic_info_get(topic);
        tt_bus_subscriber_stats stats;
        printf("%-22s", info->name);
        for (uint32_t i = 0; tt_bus_subscriber_stats_get(bus, info->topic, i, &stats); i++) {
            printf("%s%s", i > 0 ? ", " : " ", stats.name);
        }
        if (info->edge != TT_EDGE_NONE) {
            printf("  -> %s", edges[info->edge]);
        }
        putchar('\n');
    }
}

/** What an engine with that configuration has subscribed. */
static tt_exit list_subscribers(const tt_cli_options *options, char *memory)
{
    tt_config *config = NULL;
    tt_engine *engine = NULL;
    tt_error error = {0};
    tt_exit code = tt_cli_load_config(options, options->arguments[0], &config);
    if (code != TT_EXIT_OK) {
        return code;
    }
    if (tt_engine_new(&config->engine, &engine, &error) != TUTTI_OK) {
        code = tt_cli_fail(&error, TT_CATEGORY_CONFIG, options->json);
    } else if (options->json) {
        write_json(tt_engine_bus(engine), memory);
    } else {
        print_subscribers(tt_engine_bus(engine));
    }
    tt_engine_free(engine);
    free(config);
    return code;
}

static tt_exit list(const tt_cli_options *options, bool with_subscribers, char *memory)
{
    if (with_subscribers) {
        return list_subscribers(options, memory);
    }
    if (options->json) {
        write_json(NULL, memory);
        return TT_EXIT_OK;
    }
    tt_text_buf text;
    tt_text_init(&text, memory, CATALOGUE_BYTES);
    tt_topics_reference(&text);
    fputs(memory, stdout);
    return TT_EXIT_OK;
}

tt_exit tt_cmd_topics(int argc, char **argv)
{
    bool with_subscribers = false;
    const tt_cli_own own[] = {{.name = "subscribers", .flag = &with_subscribers}, {0}};
    const tt_cli_syntax syntax = {
        .usage = usage, .allowed = "sj", .own = own, .words_max = TT_CLI_WORDS_MAX};
    tt_cli_options options;
    tt_exit code = tt_cli_parse(argc, argv, &syntax, &options);
    if (code != TT_EXIT_OK) {
        return code;
    }
    if (with_subscribers && options.argument_count != 1) {
        return tt_cli_usage(usage, "this needs", "one configuration file beside --subscribers");
    }
    if (!with_subscribers && options.argument_count > 0) {
        return tt_cli_usage(usage, "only --subscribers takes a file", options.arguments[0]);
    }
    char *memory = malloc(CATALOGUE_BYTES);
    if (memory == NULL) {
        return TT_EXIT_INTERNAL;
    }
    code = list(&options, with_subscribers, memory);
    free(memory);
    return code;
}
