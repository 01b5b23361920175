/** The error format of every route: application/problem+json (RFC 9457). */
import { z } from "zod";

export const PROBLEM_MEDIA_TYPE = "application/problem+json";

export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() }))
    .optional(),
}).meta({
  id: "Problem",
  example: {
    type: "about:blank",
    title: "Bad Request",
    status: 400,
    detail: "the request has 1 bad field: connections[3].destPort",
    code: "fields_invalid",
    errors: [{
      path: "connections[3].destPort",
      message: "must be from 0 to 65535",
    }],
  },
});
export type Problem = z.infer<typeof problem>;
