/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The loops of the threads around a carrier, for those that are made of one-way channels. They are
 * inlined into each carrier's file together with its own functions.
 */
#ifndef TT_BENCH_HANDOFF_LOOPS_H
#define TT_BENCH_HANDOFF_LOOPS_H

#include "handoff.h"
#include "place.h"

#define HANDOFF_INLINE static inline __attribute__((always_inline))

/** Sends one message on a channel; false: full. */
typedef bool (*handoff_send_fn)(void *channel, uint32_t producer, const void *bytes, uint32_t size);
/** Takes the oldest message, or NULL; it is lent until the release. */
typedef const void *(*handoff_peek_fn)(void *channel);
typedef void (*handoff_release_fn)(void *channel);

HANDOFF_INLINE void handoff_put(
    handoff_job *job, void *channel, uint32_t producer, const void *bytes, handoff_send_fn send)
{
    uint32_t polls = 0;
    while (!send(channel, producer, bytes, job->size)) {
        handoff_wait(job, &polls);
    }
}

HANDOFF_INLINE const void *handoff_get(handoff_job *job, void *channel, handoff_peek_fn peek)
{
    uint32_t polls = 0;
    const void *message = peek(channel);
    while (message == NULL) {
        handoff_wait(job, &polls);
        message = peek(channel);
    }
    return message;
}

HANDOFF_INLINE void handoff_produce(handoff_job *job, uint32_t producer, handoff_send_fn send)
{
    handoff_source source;
    handoff_source_init(&source, job->size, producer);
    uint64_t number = 0;
    for (; !handoff_is_over(job); number++) {
        handoff_put(job, job->requests, producer, handoff_take(&source, number), send);
    }
    job->producer[producer].sent = number;
    handoff_put(job, job->requests, producer, handoff_end(&source), send);
}

HANDOFF_INLINE void
handoff_consume(handoff_job *job, handoff_peek_fn peek, handoff_release_fn release)
{
    uint32_t ended = 0;
    const void *message = handoff_get(job, job->requests, peek);
    uint64_t start = place_ticks();
    for (;;) {
        ended += handoff_arrived(job, message);
        release(job->requests);
        if (ended == job->producers) {
            break;
        }
        message = handoff_get(job, job->requests, peek);
    }
    job->ticks = place_ticks() - start;
}

HANDOFF_INLINE void handoff_sample(handoff_producer *producer, uint64_t ticks)
{
    if (producer->sample_count < HANDOFF_SAMPLES_MAX) {
        producer->samples[producer->sample_count++] =
            ticks < UINT32_MAX ? (uint32_t)ticks : UINT32_MAX;
    }
}

HANDOFF_INLINE void handoff_ping(
    handoff_job *job,
    uint32_t producer,
    handoff_send_fn send,
    handoff_peek_fn peek,
    handoff_release_fn release)
{
    handoff_source source;
    handoff_source_init(&source, job->size, producer);
    void *answers = job->answers[producer];
    uint64_t number = 0;
    uint64_t before = place_ticks();
    for (; !handoff_is_over(job); number++) {
        handoff_put(job, job->requests, producer, handoff_take(&source, number), send);
        uint64_t answer;
        memcpy(&answer, handoff_get(job, answers, peek), 8);
        release(answers);
        uint64_t now = place_ticks();
        if (answer != number) {
            bench_fail("%s: a wrong answer came back", job->carrier->name);
        }
        handoff_sample(&job->producer[producer], now - before);
        before = now;
    }
    job->producer[producer].sent = number;
    handoff_put(job, job->requests, producer, handoff_end(&source), send);
}

HANDOFF_INLINE void handoff_pong(
    handoff_job *job, handoff_send_fn send, handoff_peek_fn peek, handoff_release_fn release)
{
    uint32_t ended = 0;
    while (ended < job->producers) {
        const unsigned char *message = handoff_get(job, job->requests, peek);
        uint64_t producer;
        memcpy(&producer, message + 8, 8);
        if (handoff_arrived(job, message)) {
            ended++;
        } else {
            handoff_put(job, job->answers[producer], 0, message, send);
        }
        release(job->requests);
    }
}

/** Defines the four loops of a carrier from its <name>_send, _peek and _release, and the carrier
 * from <name>_open and _close, which handle one channel for some producers. */
#define HANDOFF_CARRIER(id, text, ours)                                                            \
    static void id##_open_all(handoff_job *job)                                                    \
    {                                                                                              \
        job->requests = id##_open(job->size, job->producers);                                      \
        for (uint32_t i = 0; job->is_two_way && i < job->producers; i++) {                         \
            job->answers[i] = id##_open(job->size, 1);                                             \
        }                                                                                          \
    }                                                                                              \
    static void id##_close_all(handoff_job *job)                                                   \
    {                                                                                              \
        id##_close(job->requests);                                                                 \
        for (uint32_t i = 0; job->is_two_way && i < job->producers; i++) {                         \
            id##_close(job->answers[i]);                                                           \
        }                                                                                          \
    }                                                                                              \
    static void id##_produce(handoff_job *job, uint32_t producer)                                  \
    {                                                                                              \
        handoff_produce(job, producer, id##_send);                                                 \
    }                                                                                              \
    static void id##_consume(handoff_job *job)                                                     \
    {                                                                                              \
        handoff_consume(job, id##_peek, id##_release);                                             \
    }                                                                                              \
    static void id##_ping(handoff_job *job, uint32_t producer)                                     \
    {                                                                                              \
        handoff_ping(job, producer, id##_send, id##_peek, id##_release);                           \
    }                                                                                              \
    static void id##_pong(handoff_job *job)                                                        \
    {                                                                                              \
        handoff_pong(job, id##_send, id##_peek, id##_release);                                     \
    }                                                                                              \
    const handoff_carrier handoff_##id = {                                                         \
        .name = text,                                                                              \
        .is_ours = ours,                                                                           \
        .open = id##_open_all,                                                                     \
        .close = id##_close_all,                                                                   \
        .produce = id##_produce,                                                                   \
        .consume = id##_consume,                                                                   \
        .ping = id##_ping,                                                                         \
        .pong = id##_pong,                                                                         \
    }

#endif
