/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The status table: every way in which a call can fail, with its retry class and text.
 *
 * Domain outcomes (an order was rejected, risk refused a trade) are messages, never a status.
 */
#ifndef TUTTI_STATUS_H
#define TUTTI_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

/** Retry classes: FINAL never helps to repeat; RETRY may; CALLER means that the call was wrong. */
#define TUTTI_STATUS_TABLE(S)                                                                      \
    S(OK, "ok", FINAL, "success")                                                                  \
    S(INVALID, "invalid", CALLER, "an argument or a value is not valid")                           \
    S(STATE, "state", CALLER, "the call is not legal in this state")                               \
    S(LIMIT, "limit", RETRY, "a declared bound was reached")                                       \
    S(RANGE, "range", CALLER, "a number is out of range or would lose digits")                     \
    S(PARSE, "parse", CALLER, "the text or bytes do not have the required form")                   \
    S(NOT_FOUND, "not_found", CALLER, "the named thing does not exist")                            \
    S(EXISTS, "exists", CALLER, "the named thing exists already")                                  \
    S(IO, "io", FINAL, "the operating system refused an input or output")                          \
    S(NO_SPACE, "no_space", FINAL, "no space is left on the device")                               \
    S(PERMISSION, "permission", CALLER, "the operating system denied the access")                  \
    S(CORRUPT, "corrupt", FINAL, "stored bytes are damaged")                                       \
    S(VERSION, "version", CALLER, "the data was written by another version")                       \
    S(BUSY, "busy", RETRY, "the resource is held by another owner")                                \
    S(TIMEOUT, "timeout", RETRY, "the time limit passed")                                          \
    S(NO_MEMORY, "no_memory", FINAL, "memory could not be had at start-up")                        \
    S(END, "end", FINAL, "there is nothing more")

/** Result of a call; must be looked at. */
// clang-format off
typedef enum tutti_status {
#define TUTTI_STATUS_ROW(name, text, retry, doc) TUTTI_##name,
    TUTTI_STATUS_TABLE(TUTTI_STATUS_ROW)
#undef TUTTI_STATUS_ROW
    TUTTI_STATUS_COUNT
} tutti_status;
// clang-format on

/** Version of the library that the program runs with, such as "0.1.0". Before version 1 each minor
 * version has a soname of its own. @thread{any} */
const char *tutti_version(void);

#define TUTTI_NODISCARD __attribute__((warn_unused_result))

/** Returns the stable lower-case name of a status, such as "not_found". @thread{any} */
const char *tutti_status_name(tutti_status status);
/** Returns one English sentence on what a status means. @thread{any} */
const char *tutti_status_text(tutti_status status);
/** Tells whether repeating the call later can help. @thread{any} */
int tutti_status_is_retryable(tutti_status status);

/** Returns from the calling function when `expr` is not TUTTI_OK. The only macro that returns. */
#define TUTTI_TRY(expr)                                                                            \
    do {                                                                                           \
        tutti_status try_status_ = (expr);                                                         \
        if (try_status_ != TUTTI_OK) {                                                             \
            return try_status_;                                                                    \
        }                                                                                          \
    } while (0)

#ifdef __cplusplus
}
#endif

#endif
