/** Writes down whom the schema lets ask for what: of each root field, and of fields with a rule of their own. */

const ROOTS = ["Query", "Mutation", "Subscription"];

const audiences = (node) =>
  node?.directives
    ?.find(({ name }) => name.value === "allowed")
    ?.arguments[0].value.values.map(({ value }) => value);

function rulesOf(type) {
  const isRoot = ROOTS.includes(type.name);
  return Object.values(type.getFields()).flatMap((field) => {
    const rule = audiences(field.astNode) ?? (isRoot ? audiences(type.astNode) : undefined);
    return rule ? [[`${type.name}.${field.name}`, rule]] : [];
  });
}

module.exports.plugin = (schema) => {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => "getInterfaces" in type && !type.name.startsWith("__"),
  );
  const rules = Object.fromEntries(types.flatMap(rulesOf));
  return `export const ALLOWED = ${JSON.stringify(rules, null, 2)} as const;\n`;
};
