/** The client build: hashed files and a manifest under dist/client, which lib/web/assets.ts reads. */
import { defineConfig } from "vite";
import preact from "@preact/preset-vite";
import tailwindcss from "@tailwindcss/vite";

/** Where `dev` runs the server; its pages are reached through Vite, on port 5173. */
const SERVER_URL = "http://localhost:3000";

export default defineConfig({
  plugins: [preact(), tailwindcss()],
  appType: "custom",
  // Vite does not read deno.json's imports.
  resolve: { alias: { "@/": `${import.meta.dirname}/` } },
  server: {
    host: "127.0.0.1",
    port: 5173,
    strictPort: true,
    // Vite serves the client's sources; everything else is the server's.
    // Its Host header stays, since the server compares it with the page's origin.
    proxy: {
      "^/(?!@|islands/|components/|lib/|node_modules/)": {
        target: SERVER_URL,
        changeOrigin: false,
      },
    },
  },
  build: {
    outDir: "dist/client",
    manifest: "manifest.json",
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: "islands/client.ts" },
  },
});
