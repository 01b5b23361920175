/** The reference: every route, and the objects that requests and answers hold. */
import { agentMayCall } from "@/scripts/api_docs/examples.ts";
import {
  answerTable,
  parameterTable,
  referredNames,
  requestTable,
  resolve,
} from "@/scripts/api_docs/fields.ts";
import { code } from "@/scripts/api_docs/markdown.ts";
import {
  bodySchema,
  type OpenApiDocument,
  type Operation,
  operationsOf,
  refName,
  type Schema,
} from "@/scripts/api_docs/openapi.ts";

type Schemas = OpenApiDocument["components"]["schemas"];

/** The chapters of the reference as Markdown: one a tag, then the objects. `examples` by `METHOD /path`. */
export function reference(
  document: OpenApiDocument,
  examples: ReadonlyMap<string, string>,
): string {
  const { schemas } = document.components;
  const operations = operationsOf(document);
  const byTag = Map.groupBy(operations, ({ tags }) => tags[0] ?? "Other");
  const chapters = [...byTag].map(([tag, group]) => [
    `## ${tag}`,
    ...group.map((operation) => route(operation, schemas, examples)),
  ]);
  return [...chapters.flat(), objects(operations, schemas)].join("\n\n");
}

function route(
  operation: Operation,
  schemas: Schemas,
  examples: ReadonlyMap<string, string>,
): string {
  const name = `${operation.method} ${operation.path}`;
  const { parameters = [] } = operation;
  return [
    `### ${name}`,
    `${operation.summary}.`,
    `Token: ${tokenText(operation)}.`,
    ...parameters.length > 0 ? [parameterTable(parameters)] : [],
    ...requestText(bodySchema(operation.requestBody), schemas),
    ...answersText(operation, schemas),
    ...refusalsText(operation),
    "Example:",
    examples.get(name) ?? "",
  ].join("\n\n");
}

function tokenText({ security, path }: Operation): string {
  if (!security) return "none";
  return agentMayCall(path)
    ? `scope ${code("agent")} or ${code("session")}`
    : `scope ${code("session")}`;
}

function requestText(schema: Schema | undefined, schemas: Schemas): string[] {
  if (!schema) return [];
  const forms = schema.anyOf ?? [schema];
  return forms.flatMap((form, i) => [
    i === 0 ? "Request:" : "Or:",
    requestTable(form, schemas),
  ]);
}

function answersText({ responses }: Operation, schemas: Schemas): string[] {
  return Object.entries(responses)
    .filter(([status]) => Number(status) < 400)
    .flatMap(([status, answer]) => {
      const schema = bodySchema(answer);
      const said = `Answer ${code(status)}, ${answer.description}`;
      if (!schema) return [`${said}, without a body.`];
      const hasFields = resolve(schema, schemas).properties !== undefined;
      return hasFields
        ? [`${said}:`, answerTable(schema, schemas)]
        : [`${said}.`];
    });
}

function refusalsText({ responses }: Operation): string[] {
  const refusals = Object.entries(responses)
    .filter(([status]) => Number(status) >= 400)
    .map(([status, { description }]) => {
      const codes = description.split(", ").map(code).join(", ");
      return `- ${code(status)} ${codes}`;
    });
  return refusals.length > 0 ? ["Refusals:", refusals.join("\n")] : [];
}

/** The objects that fields refer to by name, each once. */
function objects(operations: readonly Operation[], schemas: Schemas): string {
  const inRequests = new Set<string>();
  const inAnswers = new Set<string>();
  for (const { requestBody, responses } of operations) {
    for (const form of formsOf(bodySchema(requestBody))) {
      for (const name of referredNames(form, schemas)) inRequests.add(name);
    }
    for (const answer of Object.values(responses)) {
      const schema = bodySchema(answer);
      if (!schema) continue;
      for (const name of referredNames(schema, schemas)) inAnswers.add(name);
    }
  }
  const section = (name: string, write: typeof requestTable) => [
    `### ${name}`,
    write({ $ref: `#/components/schemas/${name}` }, schemas),
  ];
  return [
    "## Objects",
    ...[...inRequests].flatMap((name) => section(name, requestTable)),
    ...[...inAnswers.difference(inRequests)]
      .flatMap((name) => section(name, answerTable)),
  ].join("\n\n");
}

function formsOf(schema: Schema | undefined): Schema[] {
  if (!schema) return [];
  return refName(schema) === null && schema.anyOf ? schema.anyOf : [schema];
}
