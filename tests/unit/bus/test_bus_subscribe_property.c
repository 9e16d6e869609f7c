/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Random subscribing, unsubscribing, wrapping, declaring and publishing, from outside and from
 * inside handlers, against a model that keeps plain lists and works every set out anew for each
 * message.
 *
 * What a handler does follows from the number of the message and its own; the model does the same.
 */
#include "base/random.h"
#include "bus_fixture.h"

#define SUBS_MAX  200
#define QUEUE_MAX 4096
#define WRAPS     3
#define TOPICS    6
#define LOG_MAX   200000
#define STEPS     400

static const char *const topic_names[TOPICS] = {"a.x", "a.y", "ab.x", "b", "b.x.y", "c"};
static const char *const patterns[] = {"*", "a.*", "*.x", "?.x", "b*", "a?.x", "c", "zz"};
#define PATTERNS (sizeof patterns / sizeof patterns[0])
static const char *const wrap_names[WRAPS] = {"w0", "w1", "w2"};

/** A subscription as the model sees it. */
struct sub {
    uint32_t number; /**< Counts from 1; what the log names. */
    int topic;       /**< -1: by pattern. */
    const char *pattern;
    uint32_t key;
    bool is_there;
};

struct model_msg {
    tt_seq seq;
    int topic; /**< -1: none of ours. */
    uint32_t key;
    uint8_t priority;
};

static struct {
    tt_bus *bus;
    tt_topic ids[TOPICS];
    bool is_declared[TOPICS];
    struct sub subs[SUBS_MAX];
    uint32_t sub_count;
    struct model_msg queue[QUEUE_MAX];
    uint32_t queued;
    const char *wraps[WRAPS]; /**< Pattern; NULL: not there. */
    uint32_t wrap_order[WRAPS];
    uint32_t wrap_count;
    uint64_t seen[LOG_MAX];
    uint32_t seen_count;
    uint64_t expected[LOG_MAX];
    uint32_t expected_count;
    bool is_model; /**< Whose turn it is: the acts of a handler change one side only. */
    uint32_t real_subs;
    uint64_t real_ids[SUBS_MAX];
    tt_seq next_seq; /**< Of the model. */
} run;

static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 31)) * UINT64_C(0x7fb5d329728ea185);
    x = (x ^ (x >> 27)) * UINT64_C(0x81dadef4bc2dd44d);
    return x ^ (x >> 33);
}

static bool is_fit(const char *pattern, const char *name)
{
    if (*pattern == '*') {
        return is_fit(pattern + 1, name) || (*name != '\0' && is_fit(pattern, name + 1));
    }
    if (*name == '\0') {
        return *pattern == '\0';
    }
    return (*pattern == '?' || *pattern == *name) && is_fit(pattern + 1, name + 1);
}

/* Both sides: the same five acts. */

static tutti_status handle(void *ctx, tt_bus *bus, const tt_msg *msg);

static tutti_status go_around(void *ctx, tt_bus *bus, const tt_msg *msg, const tt_bus_next *next)
{
    run.seen[run.seen_count++] = msg->seq << 16 | (60000 + (uintptr_t)ctx);
    return tt_bus_proceed(next, bus, msg);
}

static void act_declare(int topic)
{
    if (run.is_model) {
        if (!run.is_declared[topic]) {
            run.is_declared[topic] = true;
            run.queue[run.queued++] =
                (struct model_msg){.seq = run.next_seq++, .topic = -1, .priority = 3};
        }
        return;
    }
    const tt_bus_topic_decl decl = {.name = topic_names[topic], .schema = "x:u64", .key_max = 4};
    tt_topic id = TT_TOPIC_NONE;
    assert_int_equal(tt_bus_declare(run.bus, &decl, &id, NULL), TUTTI_OK);
    run.ids[topic] = id;
}

static void act_subscribe(uint64_t bits)
{
    int topic = (int)(bits % TOPICS);
    bool is_exact = (bits >> 8) % 2 == 0;
    const char *pattern = is_exact ? NULL : patterns[(bits >> 16) % PATTERNS];
    uint32_t key = (bits >> 24) % 3 == 0 ? (uint32_t)(1 + (bits >> 32) % 2) : 0;
    if (is_exact) {
        act_declare(topic);
    }
    if (run.is_model) {
        if (run.sub_count < SUBS_MAX) {
            run.subs[run.sub_count] = (struct sub){
                .number = run.sub_count + 1,
                .topic = is_exact ? topic : -1,
                .pattern = pattern,
                .key = key,
                .is_there = true};
            run.sub_count++;
        }
        return;
    }
    if (run.real_subs == SUBS_MAX) {
        return;
    }
    const tt_bus_subscription request = {
        .name = "s",
        .topic = is_exact ? run.ids[topic] : TT_TOPIC_NONE,
        .pattern = pattern,
        .handler = handle,
        .ctx = (void *)(uintptr_t)(run.real_subs + 1),
        .key = key};
    assert_int_equal(
        tt_bus_subscribe_to(run.bus, &request, &run.real_ids[run.real_subs]), TUTTI_OK);
    run.real_subs++;
}

static void act_unsubscribe(uint64_t bits)
{
    uint32_t count = run.is_model ? run.sub_count : run.real_subs;
    if (count == 0) {
        return;
    }
    uint32_t victim = (uint32_t)(bits % count);
    if (run.is_model) {
        run.subs[victim].is_there = false;
    } else {
        (void)tt_bus_unsubscribe_id(run.bus, run.real_ids[victim]);
    }
}

static void model_unwrap(uint32_t wrap)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < run.wrap_count; i++) {
        if (run.wrap_order[i] != wrap) {
            run.wrap_order[kept++] = run.wrap_order[i];
        }
    }
    run.wrap_count = kept;
    run.wraps[wrap] = NULL;
}

/** Wraps, or takes away what is there. */
static void act_wrap(uint64_t bits)
{
    uint32_t wrap = (uint32_t)(bits % WRAPS);
    const char *pattern = patterns[(bits >> 8) % PATTERNS];
    if (run.is_model) {
        if (run.wraps[wrap]) {
            model_unwrap(wrap);
        } else {
            run.wraps[wrap] = pattern;
            run.wrap_order[run.wrap_count++] = wrap;
        }
        return;
    }
    if (!tt_bus_unwrap(run.bus, wrap_names[wrap])) {
        void *ctx = (void *)(uintptr_t)wrap;
        assert_int_equal(tt_bus_wrap(run.bus, pattern, wrap_names[wrap], go_around, ctx), TUTTI_OK);
    }
}

static void act_publish(uint64_t bits)
{
    int topic = (int)(bits % TOPICS);
    uint32_t key = (uint32_t)((bits >> 8) % 3);
    uint8_t priority = (uint8_t)(1 + (bits >> 16) % 4);
    act_declare(topic);
    if (run.is_model) {
        run.queue[run.queued++] = (struct model_msg){run.next_seq++, topic, key, priority};
        return;
    }
    tt_bus_post post = fixture_post(run.ids[topic]);
    post.key = key;
    post.priority = priority;
    assert_int_equal(tt_bus_publish(run.bus, &post, NULL), TUTTI_OK);
}

static void act(uint64_t bits)
{
    uint64_t rest = bits >> 8;
    switch (bits % 8) {
    case 0:
    case 1:
        act_subscribe(rest);
        return;
    case 2:
    case 3:
        act_unsubscribe(rest);
        return;
    case 4:
        act_wrap(rest);
        return;
    case 5:
        act_declare((int)(rest % TOPICS));
        return;
    default:
        act_publish(rest);
    }
}

/** What a handler does: less than one act on average, so that chains end. */
static void act_in_handler(tt_seq seq, uint64_t number)
{
    uint64_t bits = mix(seq * 1009 + number);
    if (bits % 24 == 0) {
        act(mix(bits));
    }
}

static tutti_status handle(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    run.seen[run.seen_count++] = msg->seq << 16 | (uintptr_t)ctx;
    assert_true(run.seen_count < LOG_MAX - 16);
    act_in_handler(msg->seq, (uintptr_t)ctx);
    return TUTTI_OK;
}

static struct model_msg model_dequeue(void)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < run.queued; i++) {
        best = run.queue[i].priority > run.queue[best].priority ? i : best;
    }
    struct model_msg msg = run.queue[best];
    memmove(&run.queue[best], &run.queue[best + 1], (run.queued - best - 1) * sizeof msg);
    run.queued--;
    return msg;
}

/** Works the set of a message out anew: exact ones first, then those by pattern. */
static uint32_t model_set(const struct model_msg *msg, const char *name, uint32_t *ret_set)
{
    uint32_t count = 0;
    for (int is_pattern = 0; is_pattern < 2; is_pattern++) {
        for (uint32_t i = 0; i < run.sub_count; i++) {
            const struct sub *sub = &run.subs[i];
            bool is_for = is_pattern ? sub->pattern && is_fit(sub->pattern, name)
                                     : !sub->pattern && sub->topic == msg->topic;
            if (sub->is_there && is_for) {
                ret_set[count++] = i;
            }
        }
    }
    return count;
}

static uint32_t model_wraps(const char *name, uint32_t *ret_wraps)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < run.wrap_count; i++) {
        if (is_fit(run.wraps[run.wrap_order[i]], name)) {
            ret_wraps[count++] = run.wrap_order[i];
        }
    }
    return count;
}

/** A topic below 0 is `topic_declarations`: only patterns get it. */
static void model_deliver(struct model_msg msg)
{
    uint32_t set[SUBS_MAX];
    uint32_t wraps[WRAPS];
    const char *name = msg.topic < 0 ? "topic_declarations" : topic_names[msg.topic];
    uint32_t count = model_set(&msg, name, set);
    uint32_t wrap_count = model_wraps(name, wraps);
    for (uint32_t i = 0; i < count; i++) {
        const struct sub *sub = &run.subs[set[i]];
        if (sub->key != 0 && sub->key != msg.key) {
            continue;
        }
        for (uint32_t w = 0; w < wrap_count; w++) {
            run.expected[run.expected_count++] = msg.seq << 16 | (60000 + wraps[w]);
        }
        run.expected[run.expected_count++] = msg.seq << 16 | sub->number;
        act_in_handler(msg.seq, sub->number);
    }
}

static void random_step(fixture *fix, tt_random *random)
{
    uint64_t acts[8];
    uint64_t count = tt_random_below(random, 8);
    fixture_later(fix, 1);
    for (uint64_t i = 0; i < count; i++) {
        acts[i] = tt_random_u64(random);
        act(acts[i]);
    }
    tt_bus_run(run.bus);
    run.is_model = true;
    for (uint64_t i = 0; i < count; i++) {
        act(acts[i]);
    }
    while (run.queued > 0) {
        model_deliver(model_dequeue());
    }
    run.is_model = false;
    assert_int_equal(run.next_seq, tt_bus_next_seq(run.bus));
    assert_int_equal(run.seen_count, run.expected_count);
    assert_memory_equal(run.seen, run.expected, run.seen_count * sizeof run.seen[0]);
}

static void run_seed(uint64_t seed)
{
    static fixture fix;
    tt_random random;
    memset(&run, 0, sizeof run);
    tt_random_init(&random, seed, 0);
    fixture_open(
        &fix,
        &(tt_bus_options){.topics_max = TOPICS, .depth_max = 10000, .subscriptions_max = 300});
    run.bus = fix.bus;
    run.next_seq = 1;
    for (int i = 0; i < STEPS && run.seen_count < LOG_MAX / 2; i++) {
        random_step(&fix, &random);
    }
    assert_true(run.seen_count > 1000);
    uint32_t there = 0;
    for (uint32_t i = 0; i < run.sub_count; i++) {
        there += run.subs[i].is_there;
    }
    assert_int_equal(tt_bus_subscriber_count(run.bus, TT_TOPIC_NONE), there);
    tt_arena_fini(&fix.arena);
}

/** TUTTI_TEST_SEED repeats one seed. */
static void random_changes_match_the_model(void **state)
{
    (void)state;
    const char *wanted = getenv("TUTTI_TEST_SEED");
    uint64_t first = wanted ? strtoull(wanted, NULL, 10) : 1;
    uint64_t last = wanted ? first : 10;
    for (uint64_t seed = first; seed <= last; seed++) {
        print_message("seed %llu\n", (unsigned long long)seed);
        run_seed(seed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_changes_match_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
