import type { CodegenConfig } from "@graphql-codegen/cli";

/** ORDERLOG_SCHEMA points elsewhere only while a schema change is being tried out. */
const config: CodegenConfig = {
  schema: [
    process.env.ORDERLOG_SCHEMA ?? "../schema/schema.graphql",
    // A mark of the console's own: see src/graphql/permitted.ts.
    "directive @personal on FIELD",
  ],
  documents: ["src/**/*.{ts,tsx}", "!src/gql/**"],
  generates: {
    "src/gql/allowed.ts": { plugins: ["./codegen/allowed.cjs"] },
    "src/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        // 64-bit numbers and exact decimals travel as text; a JavaScript number would round them.
        scalars: {
          BigInt: "string",
          CurrencyCode: "string",
          Date: "string",
          DateTime: "string",
          Decimal: "string",
          JSON: "unknown",
          Position: "string",
        },
      },
    },
  },
};

export default config;
