// All that graphql-eslint knows of schemas and of Relay, and where we hold another opinion.

import plugin from "@graphql-eslint/eslint-plugin";

const { configs, parser } = plugin;

const exceptions = {
  // Things stand in the order in which people read them; the alphabet is what search is for.
  alphabetize: "off",
  // A payload and a value have no life of their own, so no id; an event is known by its position.
  "strict-id-in-types": [
    "error",
    {
      exceptions: {
        suffixes: ["Change", "Connection", "Edge", "Error", "Payload", "Shortage"],
        types: [
          "Actor",
          "CustomerTotals",
          "DeadLetter",
          "DomainEvent",
          "Money",
          "OrderAddress",
          "OrderExport",
          "PageInfo",
          "ProcessStep",
          "Projection",
          "Sales",
          "UnitPrice",
        ],
      },
    },
  ],
  // `id` is the global id; `orderId` is the order's id as events and other systems have it.
  "no-typename-prefix": "off",
  // We have mutations and subscriptions; the rule is for those who want neither.
  "no-root-type": "off",
  // A refusal is an answer with `errors`, a fault ends the operation: nothing is left to be null.
  "require-nullable-result-in-root": "off",
  // A payload answers what its command changed; a second question is a second operation.
  "require-field-of-type-query-in-mutation-result": "off",
  // The standard @deprecated has no argument for a date: it stands in the reason, and
  // `orderlog schema check` wants it there.
  "require-deprecation-date": "off",
  // Edges are there for those who want cursors, `nodes` and plain lists for those who do not;
  // an event is no node, for nobody asks for it again: it never changes.
  "relay-edge-types": [
    "error",
    { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false },
  ],
  // The log and a history are read forwards only.
  "relay-arguments": ["error", { includeBoth: false }],
  // More than `schema-all` asks for; @oneOf is GraphQL's own, printed without a description, and
  // our own directives describe their arguments in their own descriptions, for lack of a place.
  "require-description": [
    "error",
    {
      types: true,
      rootField: true,
      FieldDefinition: true,
      InputValueDefinition: true,
      EnumValueDefinition: true,
      ignoredSelectors: ["[parent.kind=DirectiveDefinition]"],
    },
  ],
};

const named = Object.entries(exceptions).map(([name, rule]) => [`@graphql-eslint/${name}`, rule]);

export default [
  {
    files: ["*.graphql"],
    languageOptions: { parser, parserOptions: { graphQLConfig: { schema: "*.graphql" } } },
    plugins: { "@graphql-eslint": plugin },
    rules: {
      ...configs["flat/schema-all"].rules,
      ...configs["flat/schema-relay"].rules,
      ...Object.fromEntries(named),
    },
  },
];
