/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A handler that fails, the alerts about it, and what is done then: its dead letters are delivered
 * again when the trouble is over.
 * cc bus_watch.c $(pkg-config --cflags --libs tutti) && ./a.out
 */
#include <tutti/operate.h>

#include <stdio.h>

static int is_broken = 1;

static tutti_status settle(void *ctx, tutti_bus *bus, const tutti_message *message)
{
    (void)ctx;
    (void)bus;
    printf("invoice %u: %s\n", message->key, is_broken ? "no connection" : "settled");
    return is_broken ? TUTTI_IO : TUTTI_OK; /* a failed delivery is a dead letter */
}

static tutti_status tell(void *ctx, tutti_bus *bus, const tutti_message *message)
{
    tutti_alert alert;
    (void)ctx;
    (void)bus;
    if (tutti_alert_read(message, &alert)) {
        printf(
            "alert %s %s: %lld, limit %lld\n",
            alert.name,
            alert.is_raised ? "raised" : "has passed",
            (long long)alert.value,
            (long long)alert.limit);
    }
    return TUTTI_OK;
}

static void post(tutti_bus *bus, tutti_topic topic, tutti_source source, uint32_t number)
{
    const int64_t cents = 100 * (int64_t)number;
    const tutti_post invoice = {
        .topic = topic, .source = source, .key = number, .payload = &cents, .size = sizeof cents};
    (void)tutti_bus_publish(bus, &invoice, NULL);
    (void)tutti_bus_turn(bus); /* looks, and posts what it finds; a started bus does it by itself */
    (void)tutti_bus_turn(bus); /* delivers that */
}

static void redrive(tutti_bus *bus)
{
    tutti_dead dead;
    while (tutti_bus_dead_next(bus, 0, &dead)) {
        if (tutti_bus_dead_redrive(bus, dead.id) != TUTTI_OK) {
            return;
        }
    }
}

int main(void)
{
    const tutti_watch_options limits = {.every_ns = 1, .failures_in_row_max = 3};
    const tutti_topic_options topic = {"invoices", "cents:i64", .key_max = 99};
    const tutti_subscription handler = {"settle", .pattern = "invoices", .handler = settle};
    const tutti_subscription listener = {"tell", .pattern = "bus_alerts", .handler = tell};
    tutti_error error = {0};
    tutti_bus *bus = NULL;
    tutti_topic invoices;
    tutti_source shop;
    uint64_t id;
    if (tutti_bus_new(NULL, &bus, &error) ||
        tutti_bus_declare_topic(bus, &topic, &invoices, &error) ||
        tutti_bus_declare_source(bus, "shop", &shop, &error) ||
        tutti_bus_subscribe(bus, &handler, &id, &error) ||
        tutti_bus_subscribe(bus, &listener, &id, &error) || tutti_bus_watch(bus, &limits, &error)) {
        fprintf(stderr, "%s\n%s\n", error.message, error.hint);
        tutti_bus_free(bus);
        return 1;
    }
    (void)tutti_bus_turn(bus); /* the first look: what comes from now on counts */
    for (uint32_t number = 1; number <= 3; number++) {
        post(bus, invoices, shop, number);
    }
    is_broken = 0;
    redrive(bus);
    post(bus, invoices, shop, 4);
    tutti_bus_free(bus);
    return 0;
}
