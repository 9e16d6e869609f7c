/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Any bytes as a configuration: refused with a place and a reason, or accepted; then its canonical
 * text must give the same values. As another release's, they are refused only when they are no
 * document, and nothing is left out of what is accepted.
 */
#include "base/error.h"
#include "config/config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static tt_config config;
    static tt_config back;
    tt_error error = {0};
    char *text = NULL;
    tutti_status status = tt_config_load_text((const char *)data, size, NULL, &config, &error);
    TT_ASSERT(status == error.status && (status == TUTTI_OK) == (error.message[0] == '\0'));
    uint32_t left_out = 0;
    tutti_status any = tt_config_parse_any(data, size, &back, &left_out, NULL);
    TT_ASSERT((any == TUTTI_OK && left_out == 0) == (status == TUTTI_OK));
    if (status != TUTTI_OK) {
        return 0;
    }
    TT_ASSERT(tt_config_render(&config, &text, &error) == TUTTI_OK);
    TT_ASSERT(tt_config_parse_text(text, strlen(text), &back, &error) == TUTTI_OK);
    TT_ASSERT(memcmp(&config, &back, offsetof(tt_config, origins)) == 0);
    free(text);
    return 0;
}
