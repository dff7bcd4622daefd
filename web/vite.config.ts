import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

// The API during `npm run dev`: a running `stanch serve`, or the fixture server.
const api = process.env["STANCH_URL"] ?? "http://127.0.0.1:4180";

export default defineConfig({
  plugins: [svelte()],
  server: { proxy: { "/api": api } },
  build: {
    target: "es2022",
    // Inlined assets would be data: URLs, which the page's content policy refuses for fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  test: { include: ["test/unit/**/*.test.ts"], environment: "node" },
});
