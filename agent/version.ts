/** The agent's version, the same as the product's in deno.json. */
export const AGENT_VERSION = "0.1.0";
