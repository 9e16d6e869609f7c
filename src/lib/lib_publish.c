/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Publishing on the thread that owns the bus, and posting from others.
 */
#include "base/uuid.h"
#include "lib/lib_priv.h"

#include <stdlib.h>
#include <string.h>

/** Room for a payload in the shape that the bus wants. */
struct lib_payload {
    _Alignas(16) unsigned char bytes[TT_PAYLOAD_MAX];
};

/** Bytes of any content: their number, then they themselves. */
static tutti_status
pack_bytes(const tutti_post *post, uint32_t max, struct lib_payload *payload, uint32_t *ret_size)
{
    if (post->size > max) {
        return TUTTI_INVALID;
    }
    const uint16_t count = (uint16_t)post->size;
    memcpy(payload->bytes, &count, sizeof count);
    if (count > 0) {
        memcpy(payload->bytes + sizeof count, post->payload, count);
    }
    uint32_t used = (uint32_t)sizeof count + count;
    *ret_size = (used + 15) & ~15U;
    memset(payload->bytes + used, 0, *ret_size - used);
    return TUTTI_OK;
}

/** A struct: as it is, filled up to the size that it has in a message. */
static tutti_status
pack_struct(const tutti_post *post, uint32_t bytes, struct lib_payload *payload, uint32_t *ret_size)
{
    *ret_size = (bytes + 15) & ~15U;
    if (post->size != bytes && post->size != *ret_size) {
        return TUTTI_INVALID;
    }
    memcpy(payload->bytes, post->payload, post->size);
    memset(payload->bytes + post->size, 0, *ret_size - post->size);
    return TUTTI_OK;
}

/** Shape of a topic; 0 when there is none, or when its payload has a list. */
static uint32_t shape_of(const tutti_bus *bus, tutti_topic topic)
{
    if (topic >= TT_TOPIC_USER_FIRST) {
        uint32_t index = topic - TT_TOPIC_USER_FIRST;
        return index < bus->options.topics_max
                   ? atomic_load_explicit(&bus->shapes[index], memory_order_acquire)
                   : 0;
    }
    const tt_topic_info *info = tt_topic_info_get(topic);
    return info && info->layout->item_size == 0 ? info->layout->size : 0;
}

static tutti_status
pack(const tutti_bus *bus, const tutti_post *post, struct lib_payload *payload, uint32_t *ret_size)
{
    uint32_t shape = shape_of(bus, post->topic);
    if (shape == 0 || (!post->payload && post->size > 0)) {
        return TUTTI_INVALID;
    }
    return (shape & TT_LIB_SHAPE_IS_BYTES) != 0
               ? pack_bytes(post, shape & ~TT_LIB_SHAPE_IS_BYTES, payload, ret_size)
               : pack_struct(post, shape, payload, ret_size);
}

/** Turns a public post into one of the bus; `payload` is room for a copy of what it carries.
 * @retval TUTTI_INVALID no such topic, or the size does not fit. */
static tutti_status convert(
    const tutti_bus *bus,
    const tutti_post *post,
    struct lib_payload *payload,
    tt_bus_post *ret_post,
    uint32_t *ret_size)
{
    TUTTI_TRY(pack(bus, post, payload, ret_size));
    *ret_post = (tt_bus_post){
        .topic = (tt_topic)post->topic,
        .source = (tt_source)post->source,
        .key = post->key,
        .payload = payload->bytes,
        .priority = post->priority,
        .ttl_ms = post->ttl_ms,
        .target = (tt_source)post->target,
        .cause = post->cause,
    };
    memcpy(ret_post->correlation.bytes, post->correlation, sizeof post->correlation);
    memcpy(ret_post->idempotency.bytes, post->idempotency, sizeof post->idempotency);
    return TUTTI_OK;
}

/** What is to be published, in the step that is under way or in one of its own. */
struct publication {
    tt_bus_post post;
    const tt_msg *request; /**< A response to it; NULL: none. */
    bool is_request;
    int64_t limit_ns; /**< Of a request, as the next two. */
    uint64_t subscription;
    uint64_t tag;
    tt_bus_loop *loop; /**< Not NULL: it is an input with a key, which the loop keeps. */
    tt_uuid key;
    tt_seq seq;
    tutti_status status;
};

static void publish(void *ctx, tt_bus *core)
{
    struct publication *publication = ctx;
    if (publication->is_request) {
        int64_t now_ns = tt_bus_now(core).ns;
        int64_t room_ns = INT64_MAX - now_ns;
        tt_time deadline = {
            now_ns + (publication->limit_ns < room_ns ? publication->limit_ns : room_ns - 1)};
        publication->status = tt_bus_request(
            core,
            &publication->post,
            deadline,
            publication->subscription,
            publication->tag,
            &publication->seq);
    } else if (publication->request) {
        publication->status =
            tt_bus_respond(core, publication->request, &publication->post, &publication->seq);
    } else {
        publication->status = tt_bus_publish(core, &publication->post, &publication->seq);
    }
    if (publication->loop && publication->status == TUTTI_OK) {
        tt_bus_loop_keep_key(publication->loop, &publication->key, publication->seq);
    }
}

/** What a handler publishes with a key: the bus remembers it, the journal for a restart. */
static void publish_within(tutti_bus *bus, struct publication *publication)
{
    const tt_uuid key = publication->post.idempotency;
    publish(publication, bus->bus);
    if (bus->group && publication->status == TUTTI_OK && !tt_uuid_is_zero(key)) {
        tt_bus_loop_record_key(bus->loop, &key, publication->seq);
    }
}

/** What is published outside of any handler is an input, and its key one of posts: the journal has
 * it. Tells whether the key came before. */
static bool become_input(tutti_bus *bus, struct publication *publication)
{
    tt_bus_post *post = &publication->post;
    post->flags |= TT_MSG_INPUT;
    if (tt_uuid_is_zero(post->idempotency)) {
        return false;
    }
    publication->loop = bus->loop;
    publication->key = post->idempotency;
    post->idempotency = (tt_uuid){0};
    publication->seq = tt_bus_loop_find_repeat(bus->loop, post->topic, &publication->key);
    return publication->seq != 0;
}

static tutti_status carry_out(
    tutti_bus *bus, const tutti_post *post, struct publication *publication, uint64_t *ret_seq)
{
    struct lib_payload payload;
    uint32_t size = 0;
    TUTTI_TRY(convert(bus, post, &payload, &publication->post, &size));
    if (tt_lib_is_handling(bus)) {
        publish_within(bus, publication);
    } else if (become_input(bus, publication)) {
        publication->status = TUTTI_EXISTS;
    } else if (bus->is_calling) {
        publish(publication, bus->bus);
    } else {
        TUTTI_TRY(tt_bus_loop_within(bus->loop, publish, publication));
    }
    if (ret_seq) {
        *ret_seq = publication->seq;
    }
    return publication->status;
}

tutti_status tutti_bus_publish(tutti_bus *bus, const tutti_post *post, uint64_t *ret_seq)
{
    struct publication publication = {0};
    return carry_out(bus, post, &publication, ret_seq);
}

tutti_status tutti_bus_respond(
    tutti_bus *bus, const tutti_message *request, const tutti_post *post, uint64_t *ret_seq)
{
    struct publication publication = {.request = (const tt_msg *)(const void *)request};
    return carry_out(bus, post, &publication, ret_seq);
}

tutti_status tutti_bus_request(
    tutti_bus *bus,
    const tutti_post *post,
    int64_t limit_ns,
    uint64_t subscription,
    uint64_t tag,
    uint64_t *ret_seq)
{
    struct publication publication = {
        .is_request = true, .limit_ns = limit_ns, .subscription = subscription, .tag = tag};
    return carry_out(bus, post, &publication, ret_seq);
}

/** Why the inbox opens no publisher, in words. */
static tutti_status
explain(const tutti_publisher_options *options, tutti_status status, tutti_error *error)
{
    (void)tt_error_set(error, status, "cannot open a publisher: %s", tutti_status_text(status));
    if (!options->name || options->name[0] == '\0' || strlen(options->name) >= TT_LIB_NAME_MAX) {
        tt_error_hint(error, "it needs a name of at most %d bytes", TT_LIB_NAME_MAX - 1);
    } else if (status == TUTTI_LIMIT) {
        tt_error_hint(
            error, "a bus has 256 publishers in its life, and 16 MiB for their own rings");
    } else if (options->ring_bytes != 0 && options->is_shared) {
        tt_error_hint(error, "one that is shared has no ring of its own: leave ring_bytes 0");
    } else if (options->ring_bytes != 0) {
        tt_error_hint(error, "a ring is a power of two from 16 KiB");
    } else if (status == TUTTI_INVALID) {
        tt_error_hint(
            error, "rate_per_s goes to 1,000,000,000, burst to 1,000,000; the source is declared");
    }
    return status;
}

tutti_status tutti_publisher_open(
    tutti_bus *bus,
    const tutti_publisher_options *options,
    tutti_publisher **result,
    tutti_error *error)
{
    tutti_publisher *publisher = calloc(1, sizeof *publisher);
    if (!publisher) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for a publisher");
    }
    const tt_publisher_options core = {
        .name = options->name,
        .source = options->source,
        .rate_per_s = options->rate_per_s,
        .burst = options->burst,
        .ring_bytes = options->ring_bytes,
        .is_trusted = options->is_trusted,
        .is_shared = options->is_shared,
    };
    tutti_status status = tt_inbox_open(bus->inbox, &core, &publisher->publisher);
    if (status != TUTTI_OK) {
        free(publisher);
        return explain(options, status, error);
    }
    publisher->bus = bus;
    (void)pthread_mutex_lock(&bus->lock);
    publisher->next = bus->publishers;
    bus->publishers = publisher;
    (void)pthread_mutex_unlock(&bus->lock);
    *result = publisher;
    return TUTTI_OK;
}

tutti_status
tutti_publisher_post(tutti_publisher *publisher, const tutti_post *request, int64_t wait_ns)
{
    struct lib_payload payload;
    tt_bus_post post;
    uint32_t size = 0;
    TUTTI_TRY(convert(publisher->bus, request, &payload, &post, &size));
    // A handler that waits for room waits for itself.
    if (wait_ns <= 0 || tt_bus_loop_is_mine(publisher->bus->loop)) {
        return tt_inbox_post_try(publisher->publisher, &post, size);
    }
    if (wait_ns == TUTTI_WAIT_FOREVER) {
        return tt_inbox_post_wait(publisher->publisher, &post, size);
    }
    return tt_inbox_post_timed(publisher->publisher, &post, size, (tt_dur){wait_ns});
}

void tutti_publisher_stats_get(const tutti_publisher *publisher, tutti_publisher_stats *ret_stats)
{
    tt_publisher_stats stats;
    tt_publisher_stats_get(publisher->publisher, &stats);
    *ret_stats = (tutti_publisher_stats){
        .posted = stats.posted,
        .refused = stats.refused,
        .timed_out = stats.timed_out,
        .waited = stats.waited,
        .rate_limited = stats.rate_limited,
        .invalid = stats.invalid,
        .after_stop = stats.after_stop,
    };
}
