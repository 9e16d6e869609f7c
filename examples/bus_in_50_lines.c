/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A typed topic, a rule that answers, and, if a folder is named, a journal of everything:
 * cc bus_in_50_lines.c $(pkg-config --cflags --libs tutti) && ./a.out out/plant */
#include <tutti/bus.h>

#include <stdio.h>

struct reading { // as the schema says
    uint32_t sensor;
    int64_t celsius;
};
static tutti_topic readings, alarms;

static tutti_status watch(void *ctx, tutti_bus *bus, const tutti_message *message)
{
    const struct reading *reading = tutti_message_payload(message);
    tutti_post alarm = {.topic = alarms, .source = message->source, .key = message->key};
    alarm.payload = ctx, alarm.size = 3;
    return reading->celsius > 90 ? tutti_bus_publish(bus, &alarm, NULL) : TUTTI_OK; // queues
}

static tutti_status print(void *ctx, tutti_bus *bus, const tutti_message *message)
{
    (void)bus;
    uint32_t size;
    const char *text = tutti_message_bytes(message, &size);
    return printf("%s: %.*s, sensor %u\n", (char *)ctx, (int)size, text, message->key) < 0;
}

int main(int argc, char **argv)
{
    tutti_bus_options options = {.journal = argc > 1 ? argv[1] : NULL};
    tutti_topic_options typed = {"plant.readings", "sensor:u32 celsius:i64", .key_max = 9};
    tutti_topic_options bytes = {"plant.alarms", "bytes[80]", .key_max = 9};
    tutti_subscription rule = {"rule", .pattern = "*.r*", .handler = watch, .ctx = "hot"};
    tutti_subscription log = {"log", .pattern = "*.alarms", .handler = print, .ctx = "alarm"};
    tutti_error error;
    tutti_bus *bus;
    tutti_source plant;
    uint64_t id;
    if (tutti_bus_new(&options, &bus, &error) ||
        tutti_bus_declare_source(bus, "plant", &plant, &error) ||
        tutti_bus_declare_topic(bus, &typed, &readings, &error) ||
        tutti_bus_declare_topic(bus, &bytes, &alarms, &error) ||
        tutti_bus_subscribe(bus, &rule, &id, &error) ||
        tutti_bus_subscribe(bus, &log, &id, &error)) {
        return fprintf(stderr, "%s\n%s\n", error.message, error.hint);
    }
    for (uint32_t i = 1; i <= 5; i++) {
        struct reading reading = {i, 80 + 4 * (int64_t)i};
        tutti_post post = {.topic = readings, .source = plant, .key = i, .size = sizeof reading};
        post.payload = &reading;
        (void)tutti_bus_publish(bus, &post, NULL); // what it causes is done on return
    }
    tutti_bus_free(bus);
}
