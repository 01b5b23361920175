/** The key that signs tokens. */
import { join } from "node:path";

const SECRET_BYTES = 48;
/** As for JWT_SECRET: a shorter key could be guessed, and an empty one cannot sign. */
const MIN_CHARACTERS = 32;

/**
 * The secret kept in `dataDir`, made on first use with mode 0600. Two servers that start at once agree:
 * the file is created exclusively, and who loses reads what the other wrote. Throws where the file holds
 * fewer than 32 characters.
 */
export async function keptSecret(dataDir: string): Promise<string> {
  const path = join(dataDir, "jwt-secret");
  const random = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  // Written aside and linked into place, so that no reader sees half a secret.
  const aside = `${path}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(aside, random.toBase64(), { mode: 0o600 });
  try {
    await Deno.link(aside, path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  } finally {
    await Deno.remove(aside);
  }
  const secret = (await Deno.readTextFile(path)).trim();
  if (secret.length >= MIN_CHARACTERS) return secret;
  throw new Error(
    `the secret in ${path} has fewer than ${MIN_CHARACTERS} characters: remove the file to have one made`,
  );
}
