/** Registering and logging in. */
import {
  type LoginRequest,
  MAX_PASSWORD_BYTES,
  type RegisterRequest,
} from "@/lib/contract/auth.ts";
import type { RegistrationMode } from "@/lib/config.ts";
import { DomainError } from "@/lib/domain/errors.ts";
import type { User } from "@/lib/domain/user.ts";
import type { Passwords } from "@/lib/auth/passwords.ts";

/** Where accounts are kept. */
export interface UserDirectory {
  /** With `onlyFirst` throws `registration_closed` for any account but the first. */
  create(
    user: Omit<User, "role">,
    options: { onlyFirst: boolean },
  ): Promise<User>;
  findByName(username: string): Promise<User | null>;
  hasAny(): Promise<boolean>;
}

// A hash of no password in use: an unknown user costs the same time as a wrong password.
const NOBODYS_HASH =
  "$2b$10$3E/a9K1.o0m6g/HoNodvDe.a3YEH0DCja7CPXKlnc6ZS11fBW8AqK";

export class Accounts {
  readonly #users: UserDirectory;
  readonly #passwords: Passwords;
  readonly #registration: RegistrationMode;
  readonly #now: () => number;

  constructor(options: {
    users: UserDirectory;
    passwords: Passwords;
    registration: RegistrationMode;
    now: () => number;
  }) {
    this.#users = options.users;
    this.#passwords = options.passwords;
    this.#registration = options.registration;
    this.#now = options.now;
  }

  /** The first account can always be made: without it nobody could let others in. */
  async registrationIsOpen(): Promise<boolean> {
    return this.#registration === "open" || !await this.#users.hasAny();
  }

  /** Makes an account. Throws `registration_closed`, `username_taken` or `email_taken`. */
  async register(request: RegisterRequest): Promise<User> {
    if (!await this.registrationIsOpen()) {
      throw new DomainError(
        "registration_closed",
        "registration is closed: ask the administrator for an account",
      );
    }
    const passwordHash = await this.#passwords.hash(request.password);
    const user = {
      id: crypto.randomUUID(),
      username: request.username,
      email: request.email,
      passwordHash,
      createdAt: this.#now(),
    };
    // Somebody else may have become the first while this password was hashed.
    const onlyFirst = this.#registration !== "open";
    return await this.#users.create(user, { onlyFirst });
  }

  /** The account of this name and password. Throws `credentials_wrong`, the same for an unknown name. */
  async logIn({ username, password }: LoginRequest): Promise<User> {
    const user = await this.#users.findByName(username.trim());
    const matches = await this.#passwords.matches(
      password,
      user?.passwordHash ?? NOBODYS_HASH,
    );
    // bcrypt would ignore what is beyond 72 bytes, and so take a password that was never set.
    if (!user || !matches || byteLength(password) > MAX_PASSWORD_BYTES) {
      throw new DomainError(
        "credentials_wrong",
        "the user name or the password is wrong",
      );
    }
    return user;
  }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
