/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The bus from C++: a class as a subscriber, decimals, a publisher of another thread.
 * c++ bus_cpp.cc $(pkg-config --cflags --libs tutti) -pthread && ./a.out
 */
#include <tutti/text.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

static void check(tutti_status status, const tutti_error &error)
{
    if (status != TUTTI_OK) {
        throw std::runtime_error(std::string(error.message) + " (" + error.hint + ")");
    }
}

/** As the schema "price:price qty:qty" says. */
struct Trade {
    tutti_decimal price;
    tutti_decimal qty;
};

static tutti_decimal decimal(const char *text)
{
    tutti_decimal value;
    check(tutti_decimal_parse(text, std::strlen(text), &value), tutti_error());
    return value;
}

static std::string text(tutti_decimal value)
{
    char buffer[TUTTI_DECIMAL_TEXT_MAX];
    return std::string(buffer, tutti_decimal_format(value, buffer));
}

class Printer
{
  public:
    unsigned seen = 0;

    /** No exception may leave a handler: it is called from C. */
    static tutti_status handle(void *ctx, tutti_bus *, const tutti_message *message)
    {
        const Trade *trade = static_cast<const Trade *>(tutti_message_payload(message));
        Printer *self = static_cast<Printer *>(ctx);
        try {
            std::string qty = text(trade->qty);
            std::string price = text(trade->price);
            std::printf("trade %u: %s at %s\n", ++self->seen, qty.c_str(), price.c_str());
        } catch (...) {
            return TUTTI_NO_MEMORY;
        }
        return TUTTI_OK;
    }
};

int main()
{
    try {
        tutti_error error = tutti_error();
        tutti_bus *made = nullptr;
        check(tutti_bus_new(nullptr, &made, &error), error);
        std::unique_ptr<tutti_bus, void (*)(tutti_bus *)> bus(made, tutti_bus_free);

        tutti_topic_options topic = tutti_topic_options();
        topic.name = "trades";
        topic.schema = "price:price qty:qty";
        tutti_topic trades = 0;
        tutti_source desk = 0;
        check(tutti_bus_declare_topic(bus.get(), &topic, &trades, &error), error);
        check(tutti_bus_declare_source(bus.get(), "desk", &desk, &error), error);

        Printer printer;
        tutti_subscription subscription = tutti_subscription();
        subscription.name = "printer";
        subscription.topic = trades;
        subscription.handler = Printer::handle;
        subscription.ctx = &printer;
        uint64_t id = 0;
        check(tutti_bus_subscribe(bus.get(), &subscription, &id, &error), error);

        tutti_publisher_options options = tutti_publisher_options();
        options.name = "feed";
        options.source = desk;
        tutti_publisher *publisher = nullptr;
        check(tutti_publisher_open(bus.get(), &options, &publisher, &error), error);
        check(tutti_bus_start(bus.get(), &error), error);
        std::thread feed([&] {
            const Trade two[] = {
                {decimal("101.25"), decimal("2")}, {decimal("99"), decimal("0.5")}};
            for (const Trade &trade : two) {
                tutti_post post = tutti_post();
                post.topic = trades;
                post.payload = &trade;
                post.size = sizeof trade;
                if (tutti_publisher_post(publisher, &post, TUTTI_WAIT_FOREVER) != TUTTI_OK) {
                    return; // the bus has stopped
                }
            }
        });
        feed.join();
        tutti_stop_report report = tutti_stop_report();
        tutti_status status = tutti_bus_stop(bus.get(), INT64_C(10000000000), &report);
        std::printf(
            "stop: %s, %u seen, %llu not delivered\n",
            tutti_status_name(status),
            printer.seen,
            static_cast<unsigned long long>(report.undelivered));
        return status != TUTTI_OK;
    } catch (const std::exception &problem) {
        std::fprintf(stderr, "%s\n", problem.what());
        return 1;
    }
}
