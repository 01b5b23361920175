/** Schemas as tables of fields. */
import { FIELD_RULES } from "@/scripts/api_docs/field_rules.ts";
import { anchor, code, table } from "@/scripts/api_docs/markdown.ts";
import {
  type Parameter,
  refName,
  type Schema,
} from "@/scripts/api_docs/openapi.ts";

type Schemas = Readonly<Record<string, Schema>>;

/** The fields of a request, or of an object that requests hold. */
export function requestTable(schema: Schema, schemas: Schemas): string {
  return table(
    ["field", "type", "required", "rules"],
    fieldsOf(schema, schemas).map(({ path, schema, required, rule }) => [
      code(path),
      typeText(schema),
      required ? "yes" : "no",
      rulesText(schema, rule),
    ]),
  );
}

/** The fields of an answer: it always has those that its schema requires, and ours require all but few. */
export function answerTable(schema: Schema, schemas: Schemas): string {
  return table(
    ["field", "type", "notes"],
    fieldsOf(schema, schemas).map(({ path, schema, required, rule }) => [
      code(path),
      typeText(schema),
      [required ? "" : "may be absent", rulesText(schema, rule)]
        .filter((text) => text !== "").join("; "),
    ]),
  );
}

export function parameterTable(parameters: readonly Parameter[]): string {
  return table(
    ["parameter", "in", "type", "required", "rules"],
    parameters.map(({ name, in: place, required, schema }) => [
      code(name),
      place,
      typeText(schema),
      required ? "yes" : "no",
      rulesText(schema, undefined),
    ]),
  );
}

/** The names of the schemas that a schema's fields refer to, directly or through others. */
export function referredNames(schema: Schema, schemas: Schemas): Set<string> {
  const names = new Set<string>();
  const visit = (each: Schema) => {
    const name = refName(each);
    if (name !== null && names.has(name)) return;
    if (name !== null) names.add(name);
    childrenOf(resolve(each, schemas)).forEach(visit);
  };
  childrenOf(resolve(schema, schemas)).forEach(visit);
  return names;
}

/** The schema itself where it is a reference. Throws for a name that the document does not define. */
export function resolve(schema: Schema, schemas: Schemas): Schema {
  const name = refName(schema);
  if (name === null) return schema;
  const found = schemas[name];
  if (!found) throw new Error(`the document does not define ${name}`);
  return found;
}

interface Field {
  /** As one would write it: `device.id`, `connections[].protocol`. */
  path: string;
  schema: Schema;
  required: boolean;
  rule: string | undefined;
}

/**
 * Fields, with those of nested objects beneath them; objects that have a name are linked instead.
 * `owner` is the name under which FIELD_RULES knows the object.
 */
function fieldsOf(
  schema: Schema,
  schemas: Schemas,
  owner = `${refName(schema)}.`,
): Field[] {
  const { properties = {}, required = [] } = resolve(schema, schemas);
  return Object.entries(properties).flatMap(([path, property]) => {
    const field: Field = {
      path,
      schema: property,
      required: required.includes(path),
      rule: FIELD_RULES[owner + path],
    };
    const nested = property.items ?? property;
    const prefix = property.items ? `${path}[].` : `${path}.`;
    const inner = refName(nested) === null
      ? fieldsOf(nested, schemas, owner + prefix)
      : [];
    return [
      field,
      ...inner.map((each) => ({ ...each, path: prefix + each.path })),
    ];
  });
}

function childrenOf(schema: Schema): Schema[] {
  return [
    ...Object.values(schema.properties ?? {}),
    ...schema.anyOf ?? [],
    ...schema.items ? [schema.items] : [],
  ];
}

function typeText(schema: Schema): string {
  const name = refName(schema);
  if (name !== null) return `[${name}](${anchor(name)})`;
  if (schema.anyOf) return schema.anyOf.map(typeText).join(" or ");
  if (schema.items) return `list of ${typeText(schema.items)}`;
  return [schema.type ?? []].flat().join(" or ");
}

function rulesText(schema: Schema, rule: string | undefined): string {
  const { description, items } = schema;
  const choices = (schema.enum ?? items?.enum ?? []).filter((c) => c !== "");
  return [
    choices.length > 1 ? choices.map(code).join(", ") : "",
    range(schema.minimum, schema.maximum, ""),
    lengthText(schema),
    schema.maxItems === undefined ? "" : `at most ${schema.maxItems}`,
    description ?? "",
    rule ?? "",
    schema.default === undefined || schema.default === ""
      ? ""
      : `default ${code(String(schema.default))}`,
  ].filter((text) => text !== "").join("; ");
}

function lengthText({ minLength, maxLength }: Schema): string {
  return minLength === 1 && maxLength === undefined
    ? "not empty"
    : range(minLength, maxLength, " characters");
}

function range(
  min: number | undefined,
  max: number | undefined,
  unit: string,
): string {
  if (min !== undefined && max !== undefined) return `${min} to ${max}${unit}`;
  if (max !== undefined) return `at most ${max}${unit}`;
  return min === undefined ? "" : `at least ${min}${unit}`;
}
