/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Several threads around one bus: two producers post, a rule on the bus adds up, a slow consumer
 * takes from a mailbox that keeps the newest value of each key. Stops in order and reports.
 * cc bus_threads.c $(pkg-config --cflags --libs tutti) -pthread && ./a.out
 */
#include <tutti/bus.h>

#include <pthread.h>
#include <stdio.h>

#define POSTS 100000

static tutti_topic ticks;
static tutti_source feeds;

static void *produce(void *ctx)
{
    tutti_publisher *publisher = ctx;
    for (uint32_t i = 0; i < POSTS; i++) {
        const uint64_t value = i;
        const tutti_post post = {
            .topic = ticks, .key = 1 + i % 4, .payload = &value, .size = sizeof value};
        if (tutti_publisher_post(publisher, &post, TUTTI_WAIT_FOREVER) != TUTTI_OK) {
            break; /* the bus has stopped */
        }
    }
    return NULL;
}

static void *consume(void *ctx)
{
    tutti_mailbox *mailbox = ctx;
    const tutti_message *message;
    uint64_t taken = 0;
    while (tutti_mailbox_take(mailbox, TUTTI_WAIT_FOREVER, &message) == TUTTI_OK) {
        taken++;
        (void)tutti_mailbox_done(mailbox);
    }
    printf("consumer: %s\n", taken > 0 && taken <= 2 * POSTS ? "newest values taken" : "nothing");
    return NULL;
}

static tutti_status add(void *ctx, tutti_bus *bus, const tutti_message *message)
{
    uint64_t *sum = ctx;
    *sum += *(const uint64_t *)tutti_message_payload(message);
    (void)bus;
    return TUTTI_OK;
}

static int run(tutti_bus *bus, uint64_t *sum, tutti_error *error)
{
    const tutti_topic_options topic = {
        .name = "ticks", .schema = "value:u64", .key_max = 4, .history_count = 16};
    const tutti_subscription adder = {
        .name = "adder", .pattern = "ticks", .handler = add, .ctx = sum};
    const tutti_mailbox_options slow = {
        .name = "slow", .pattern = "*", .policy = TUTTI_MAILBOX_CONFLATE, .count_max = 16};
    tutti_publisher *publishers[2];
    tutti_mailbox *mailbox;
    pthread_t threads[3];
    uint64_t id;
    if (tutti_bus_declare_topic(bus, &topic, &ticks, error) ||
        tutti_bus_declare_source(bus, "feeds", &feeds, error) ||
        tutti_bus_subscribe(bus, &adder, &id, error) ||
        tutti_mailbox_open(bus, &slow, &mailbox, error) || tutti_bus_start(bus, error)) {
        return 1;
    }
    for (int i = 0; i < 2; i++) {
        const tutti_publisher_options options = {.name = i ? "b" : "a", .source = feeds};
        if (tutti_publisher_open(bus, &options, &publishers[i], error)) {
            return 1;
        }
        pthread_create(&threads[i], NULL, produce, publishers[i]);
    }
    pthread_create(&threads[2], NULL, consume, mailbox);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    tutti_stop_report report;
    tutti_status status = tutti_bus_stop(bus, 10000000000, &report);
    pthread_join(threads[2], NULL);
    printf(
        "stop: %s, %llu not delivered\n",
        tutti_status_name(status),
        (unsigned long long)report.undelivered);
    return status != TUTTI_OK;
}

int main(void)
{
    tutti_error error = {0};
    tutti_bus *bus = NULL;
    uint64_t sum = 0;
    int code = tutti_bus_new(NULL, &bus, &error) || run(bus, &sum, &error);
    if (error.status != TUTTI_OK) {
        fprintf(stderr, "%s\n%s\n", error.message, error.hint);
    }
    printf("adder: %llu\n", (unsigned long long)sum);
    tutti_bus_free(bus);
    return code;
}
