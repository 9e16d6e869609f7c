/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What every test includes: cmocka with the headers that it wants in front, and a check that an
 * expression breaks an invariant.
 */
#ifndef TT_TESTS_LIB_TEST_H
#define TT_TESTS_LIB_TEST_H

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/** Evaluates `expr` in a child process and requires that it aborts. */
#define TT_EXPECT_ABORT(expr)                                                                      \
    do {                                                                                           \
        pid_t child_ = fork();                                                                     \
        assert_true(child_ >= 0);                                                                  \
        if (child_ == 0) {                                                                         \
            int null_ = open("/dev/null", O_WRONLY);                                               \
            (void)dup2(null_, STDERR_FILENO);                                                      \
            (void)(expr);                                                                          \
            _exit(0);                                                                              \
        }                                                                                          \
        int status_ = 0;                                                                           \
        assert_int_equal(waitpid(child_, &status_, 0), child_);                                    \
        assert_true(WIFSIGNALED(status_) && WTERMSIG(status_) == SIGABRT);                         \
    } while (0)

#endif
