/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The status page: one file, embedded at build time, that asks the interface itself for its data.
 */
#include "api/api_priv.h"

extern const char tt_page_html[];
extern const unsigned tt_page_html_size;

void tt_api_render_page(const tt_api *api, FILE *out)
{
    (void)api;
    fwrite(tt_page_html, 1, tt_page_html_size, out);
}
