import { defineConfig } from "vitest/config";

const server = process.env["PLAYHEAD_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  base: "/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: { target: "es2023", outDir: "dist", assetsDir: "assets", sourcemap: false, reportCompressedSize: true },
  server: {
    proxy: {
      "/api": server,
      "/health": server,
    },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
