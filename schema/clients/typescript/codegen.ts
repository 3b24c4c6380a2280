import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "schema.graphql",
  documents: "operations/*.graphql",
  generates: {
    "gql/": {
      preset: "client",
      config: {
        documentMode: "string",
        enumsAsTypes: true,
        useTypeImports: true,
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
