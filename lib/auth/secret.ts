/** The key that signs tokens. */
import { join } from "node:path";

const SECRET_BYTES = 48;

/**
 * The secret kept in `dataDir`, made on first use with mode 0600. Two servers that start at once agree:
 * the file is created exclusively, and who loses reads what the other wrote.
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
  return (await Deno.readTextFile(path)).trim();
}
