/** The parts of an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1) that the generator reads. */

export interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  enum?: string[];
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
  default?: unknown;
  description?: string;
}

export interface Parameter {
  name: string;
  in: string;
  required: boolean;
  schema: Schema;
}

interface Content {
  content?: Record<string, { schema: Schema }>;
}

export interface Answer extends Content {
  description: string;
}

interface PathItem {
  summary: string;
  tags: string[];
  security?: unknown[];
  parameters?: Parameter[];
  requestBody?: Content;
  responses: Record<string, Answer>;
}

export interface OpenApiDocument {
  info: { version: string };
  components: { schemas: Record<string, Schema> };
  paths: Record<string, Record<string, PathItem>>;
}

/** One method of one path. */
export interface Operation extends PathItem {
  /** In upper case. */
  method: string;
  path: string;
}

/** Every operation in the document's order. */
export function operationsOf({ paths }: OpenApiDocument): Operation[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
    }))
  );
}

/** The schema of a body, whatever its media type; undefined where there is none. */
export function bodySchema(body: Content | undefined): Schema | undefined {
  return Object.values(body?.content ?? {})[0]?.schema;
}

/** The name that a reference points to, such as `Device`; null where the schema stands for itself. */
export function refName({ $ref }: Schema): string | null {
  return $ref?.split("/").at(-1) ?? null;
}
