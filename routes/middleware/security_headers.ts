import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";
import type { AppDeps } from "@/routes/deps.ts";

/** The strict headers of every answer. */
export function securityHeaders(
  { dev, publicUrl, tls }: AppDeps["config"],
): MiddlewareHandler {
  const https = tls !== null || (publicUrl?.startsWith("https:") ?? false);
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      // Vite's development client puts its styles into <style> elements and talks over a socket.
      styleSrc: dev ? ["'self'", "'unsafe-inline'"] : ["'self'"],
      connectSrc: dev ? ["'self'", "ws:"] : ["'self'"],
      imgSrc: ["'self'", "data:"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    referrerPolicy: "same-origin",
    xFrameOptions: "DENY",
    strictTransportSecurity: https ? "max-age=31536000" : false,
  });
}
