/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

void plant_open(struct plant *plant, const tutti_bus_options *options)
{
    tutti_error error = {0};
    const tutti_topic_options readings = {
        .name = "plant.readings",
        .schema = "sensor:u32 celsius:i64",
        .key_max = 9,
        .history_count = 8};
    const tutti_topic_options notes = {
        .name = "plant.notes", .schema = "bytes[40]", .history_count = 4};
    memset(plant, 0, sizeof *plant);
    tutti_status status = tutti_bus_new(options, &plant->bus, &error);
    if (status != TUTTI_OK) {
        fail_msg("%s; %s", error.message, error.hint);
    }
    assert_int_equal(
        tutti_bus_declare_topic(plant->bus, &readings, &plant->readings, &error), TUTTI_OK);
    assert_int_equal(tutti_bus_declare_topic(plant->bus, &notes, &plant->notes, &error), TUTTI_OK);
    assert_int_equal(
        tutti_bus_declare_source(plant->bus, "plant", &plant->source, &error), TUTTI_OK);
}

void plant_close(struct plant *plant)
{
    tutti_bus_free(plant->bus);
}

tutti_status plant_say(struct plant *plant, uint32_t key, int64_t celsius, uint64_t *ret_seq)
{
    const struct reading reading = {.sensor = key, .celsius = celsius};
    const tutti_post post = {
        .topic = plant->readings,
        .source = plant->source,
        .key = key,
        .payload = &reading,
        .size = sizeof reading};
    return tutti_bus_publish(plant->bus, &post, ret_seq);
}

tutti_status see(void *ctx, tutti_bus *bus, const tutti_message *message)
{
    (void)bus;
    struct seen *seen = ctx;
    const struct reading *reading = tutti_message_payload(message);
    if (seen->count < 64) {
        seen->seq[seen->count] = message->seq;
        seen->value[seen->count] = reading->celsius;
    }
    seen->count++;
    return seen->answer;
}

uint64_t plant_watch(struct plant *plant, const char *pattern, struct seen *seen)
{
    tutti_error error = {0};
    uint64_t id = 0;
    const tutti_subscription request = {
        .name = "watcher", .pattern = pattern, .handler = see, .ctx = seen};
    assert_int_equal(tutti_bus_subscribe(plant->bus, &request, &id, &error), TUTTI_OK);
    return id;
}
