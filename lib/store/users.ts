/** Accounts in Deno KV. */
import {
  DomainError,
  type FieldError,
  fieldError,
} from "@/lib/domain/errors.ts";
import { foldName, type User } from "@/lib/domain/user.ts";
import { keys } from "@/lib/store/keys.ts";
import { commit, CONFLICT, retry } from "@/lib/store/open.ts";

// NFKC writes one letter as eighteen at most, and a key of KV ends at 2,048 bytes.
const MAX_FOLDED_BYTES = 1_024;

export class UserStore {
  readonly #kv: Deno.Kv;

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  /**
   * Stores a new account; the first one ever becomes the administrator.
   * Throws `username_taken` or `email_taken`, naming both fields where both are, and `fields_invalid`
   * where one is too long to be a key. With `onlyFirst` throws `registration_closed` for any but the first.
   */
  async create(
    user: Omit<User, "role">,
    { onlyFirst = false }: { onlyFirst?: boolean } = {},
  ): Promise<User> {
    const byName = keys.userByName(keyText("username", user.username));
    const byEmail = keys.userByEmail(keyText("email", user.email));
    return await retry(async () => {
      const [name, email, administrator] = await this.#kv.getMany<
        [string, string, string]
      >([byName, byEmail, keys.administrator()]);
      if (onlyFirst && administrator.value !== null) {
        throw new DomainError(
          "registration_closed",
          "registration is closed: the first account exists",
        );
      }
      refuseTaken(name.value !== null, email.value !== null);
      const role = administrator.value === null ? "administrator" : "user";
      const created: User = { ...user, role };
      const operation = this.#kv.atomic()
        .check(name, email, administrator)
        .set(keys.user(user.id), created)
        .set(byName, user.id)
        .set(byEmail, user.id);
      if (role === "administrator") {
        operation.set(keys.administrator(), user.id);
      }
      return (await commit(operation)).ok ? created : CONFLICT;
    });
  }

  async findById(id: string): Promise<User | null> {
    return (await this.#kv.get<User>(keys.user(id))).value;
  }

  /** The account of this name, without regard to case. */
  async findByName(username: string): Promise<User | null> {
    const folded = foldName(username);
    if (isTooLong(folded)) return null;
    const { value: id } = await this.#kv.get<string>(keys.userByName(folded));
    return id === null ? null : await this.findById(id);
  }

  /** True once somebody has registered. */
  async hasAny(): Promise<boolean> {
    return (await this.#kv.get(keys.administrator())).value !== null;
  }
}

function isTooLong(folded: string): boolean {
  return new TextEncoder().encode(folded).length > MAX_FOLDED_BYTES;
}

function keyText(field: "username" | "email", name: string): string {
  const folded = foldName(name);
  if (!isTooLong(folded)) return folded;
  throw fieldError("fields_invalid", field, `${field} is too long`);
}

function refuseTaken(nameTaken: boolean, emailTaken: boolean): void {
  if (!nameTaken && !emailTaken) return;
  const fields: FieldError[] = [];
  if (nameTaken) {
    fields.push({
      path: "username",
      message: "this username has an account already",
    });
  }
  if (emailTaken) {
    fields.push({
      path: "email",
      message: "this email has an account already",
    });
  }
  throw new DomainError(
    nameTaken ? "username_taken" : "email_taken",
    fields.map((field) => field.message).join(", "),
    { fields },
  );
}
