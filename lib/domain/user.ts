/** Accounts. */

export type Role = "administrator" | "user";

export interface User {
  id: string;
  /** As typed at registration; unique without regard to case. */
  username: string;
  /** As typed at registration; unique without regard to case. */
  email: string;
  passwordHash: string;
  role: Role;
  /** ms since the epoch. */
  createdAt: number;
}

/** What a token may be used for: `session` all that its user may do, `agent` only to report. */
export type Scope = "session" | "agent";

/** Who makes a request, after its token was verified. */
export interface Principal {
  user: Pick<User, "id" | "username" | "email" | "role">;
  scope: Scope;
  /** When the token ends, in ms since the epoch. */
  expiresAt: number;
}

/** Whose devices somebody may see: an administrator all, others their own. */
export interface Viewer {
  userId: string;
  seesAll: boolean;
}

/** The view of a fleet that a user has. */
export function viewerOf(user: Pick<User, "id" | "role">): Viewer {
  return { userId: user.id, seesAll: user.role === "administrator" };
}

/**
 * The form in which user names and e-mail addresses are compared: NFKC without case. By way of upper
 * case, since only that makes one of ß and SS, or of the two small sigmas.
 */
export function foldName(name: string): string {
  return name.normalize("NFKC")
    .toLowerCase().toUpperCase().toLowerCase()
    .normalize("NFKC");
}
