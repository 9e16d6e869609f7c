/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Loading libcurl: once, whole, or with the reason why not.
 */
#include "../../lib/test.h"
#include "net/curl_library.h"

static void the_library_is_loaded_whole_and_stays(void **state)
{
    (void)state;
    tt_error error = {0};
    const tt_curl *first = NULL;
    const tt_curl *second = NULL;
    assert_int_equal(tt_curl_get(&first, &error), TUTTI_OK);
    assert_int_equal(tt_curl_get(&second, NULL), TUTTI_OK);
    assert_ptr_equal(first, second);
    assert_string_equal(first->easy_strerror(CURLE_OK), "No error");
#define CHECK(name) assert_non_null(first->name);
    TT_CURL_FUNCTIONS(CHECK)
#undef CHECK
}

static void a_library_that_is_missing_or_another_one_is_told(void **state)
{
    (void)state;
    tt_curl functions;
    tt_error error = {0};
    assert_int_equal(tt_curl_load("libcurl_none.so.4", &functions, &error), TUTTI_NOT_FOUND);
    assert_non_null(strstr(error.message, "libcurl cannot be loaded: libcurl_none.so.4: "));
    assert_non_null(strstr(error.hint, "libcurl4"));
    // It is there, and has none of the functions.
    error = (tt_error){0};
    assert_int_equal(tt_curl_load("libz.so.1", &functions, &error), TUTTI_NOT_FOUND);
    assert_non_null(strstr(error.message, "curl_global_init"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_library_is_loaded_whole_and_stays),
        cmocka_unit_test(a_library_that_is_missing_or_another_one_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
