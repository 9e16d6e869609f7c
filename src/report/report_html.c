/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The report as one self-contained page: a template around the report's own JSON.
 */
#include "report/render.h"
#include "report/report.h"

#include <stdio.h>
#include <stdlib.h>

extern const char tt_report_head_html[];
extern const unsigned tt_report_head_html_size;
extern const char tt_report_tail_html[];
extern const unsigned tt_report_tail_html_size;

tutti_status
tt_report_html(const tt_report *report, const tt_report_context *context, char **ret_text)
{
    char *json = NULL;
    size_t size = 0;
    TUTTI_TRY(tt_report_json(report, context, true, &json));
    FILE *out = open_memstream(ret_text, &size);
    if (out == NULL) {
        free(json);
        return TUTTI_NO_MEMORY;
    }
    fwrite(tt_report_head_html, 1, tt_report_head_html_size, out);
    // Texts in the JSON have every < escaped, so that nothing in it can end the script element.
    fputs(json, out);
    fwrite(tt_report_tail_html, 1, tt_report_tail_html_size, out);
    free(json);
    return tt_render_finish(out, ret_text);
}
