import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env.ORDERLOG_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
  worker: { format: "es" },
  server: {
    proxy: { "/graphql": { target: server, ws: true }, "/demo": server },
    // What the playground shows of the API: the operations beside the schema, the catalogue of events.
    fs: { allow: [".."] },
  },
  build: {
    outDir: "../platform/orderlog_server/web",
    emptyOutDir: true,
    target: "es2022",
    // The playground carries a whole code editor; the console itself stays small.
    chunkSizeWarningLimit: 6000,
    rolldownOptions: {
      input: ["index.html", "playground.html"],
      // "use no memo" speaks to a compiler that is not part of this build.
      checks: { moduleLevelDirective: false },
    },
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.ts"] },
});
