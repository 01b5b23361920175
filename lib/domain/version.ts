/** The product's version, of the server and the agent alike. */
export const VERSION = "0.1.0";
