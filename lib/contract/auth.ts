/** Requests and answers of `/api/auth/*`. */
import { z } from "zod";
import { text } from "@/lib/contract/fields.ts";

export const MIN_PASSWORD_CHARACTERS = 6;
/** bcrypt reads 72 bytes and ignores the rest, so longer passwords are refused. */
export const MAX_PASSWORD_BYTES = 72;
export const MAX_USERNAME_LENGTH = 64;
export const MAX_EMAIL_LENGTH = 254;

const USERNAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._@+-]*$/u;

const username = text("username", MAX_USERNAME_LENGTH).pipe(
  z.string().regex(
    USERNAME,
    "username may hold letters, digits, spaces and . _ @ + - and starts with a letter or digit",
  ),
).meta({ example: "alice" });

const email = text("email", MAX_EMAIL_LENGTH)
  .pipe(z.email("email must be an e-mail address"))
  .meta({ example: "alice@example.org" });

const password = z.string({ error: "password must be a string" })
  .refine(
    (value) => [...value].length >= MIN_PASSWORD_CHARACTERS,
    `password must have at least ${MIN_PASSWORD_CHARACTERS} characters`,
  )
  .refine(
    (value) => new TextEncoder().encode(value).length <= MAX_PASSWORD_BYTES,
    `password must have at most ${MAX_PASSWORD_BYTES} bytes`,
  ).meta({ example: "correct horse" });

export const registerRequest = z.object({
  username,
  email,
  password,
  confirmPassword: z.string({ error: "confirmPassword must be a string" })
    .min(1, "confirmPassword must not be empty")
    .meta({ example: "correct horse" }),
}).refine((value) => value.password === value.confirmPassword, {
  path: ["confirmPassword"],
  message: "confirmPassword must equal password",
  // Also beside other bad fields, so that one answer names them all.
  when: (payload) => {
    const value = payload.value as Record<string, unknown> | null;
    return typeof value?.password === "string" &&
      typeof value.confirmPassword === "string" && value.confirmPassword !== "";
  },
}).meta({ id: "RegisterRequest" });
export type RegisterRequest = z.infer<typeof registerRequest>;

export const loginRequest = z.object({
  username: z.string({ error: "username must be a string" })
    .min(1, "username must not be empty").max(MAX_EMAIL_LENGTH, {
      error: `username must have at most ${MAX_EMAIL_LENGTH} characters`,
    }).meta({ example: "alice" }),
  password: z.string({ error: "password must be a string" })
    .min(1, "password must not be empty").max(4096, {
      error: "password must have at most 4096 characters",
    }).meta({ example: "correct horse" }),
}).meta({ id: "LoginRequest" });
export type LoginRequest = z.infer<typeof loginRequest>;

export const ROLES = ["administrator", "user"] as const;

/** An account as others may see it. */
export const userView = z.object({
  id: z.string(),
  username: z.string(),
  email: z.string(),
  role: z.enum(ROLES),
}).meta({ id: "User" });
export type UserView = z.infer<typeof userView>;

export const authResponse = z.object({ token: z.string(), user: userView })
  .meta({ id: "AuthResponse" });
export type AuthResponse = z.infer<typeof authResponse>;

/** A token that may only report, for an agent's command line. */
export const agentTokenResponse = z.object({
  token: z.string(),
  expiresAt: z.string().meta({ example: "2027-01-31T12:00:00.000Z" }),
}).meta({ id: "AgentToken" });
export type AgentTokenResponse = z.infer<typeof agentTokenResponse>;
