import assert from "node:assert/strict";
import { API_DOCS_PATH, apiDocs, fill } from "@/scripts/api_docs.ts";
import { agentMayCall, examplesOf } from "@/scripts/api_docs/examples.ts";
import { FIELD_RULES } from "@/scripts/api_docs/field_rules.ts";
import { requestTable } from "@/scripts/api_docs/fields.ts";
import { anchor, json, table } from "@/scripts/api_docs/markdown.ts";
import {
  bodySchema,
  type OpenApiDocument,
  operationsOf,
} from "@/scripts/api_docs/openapi.ts";
import { type TestApp, testApp } from "@/tests/support/app.ts";

async function openApi(app: TestApp): Promise<OpenApiDocument> {
  return await (await app.request("/openapi.json")).json();
}

Deno.test("docs/API_DOCS.md: is what the application says of itself", async () => {
  assert.equal(
    await Deno.readTextFile(API_DOCS_PATH),
    await apiDocs(),
    "run `deno task docs` and commit docs/API_DOCS.md",
  );
});

Deno.test("docs/API_DOCS.md: has every route, and every link in it leads somewhere", async () => {
  await using app = await testApp();
  const text = await Deno.readTextFile(API_DOCS_PATH);
  const headings = text.matchAll(/^#+ (.+)$/gm).map(([, h = ""]) => h)
    .toArray();
  for (const { method, path } of operationsOf(await openApi(app))) {
    assert.ok(headings.includes(`${method} ${path}`), `${method} ${path}`);
  }
  assert.doesNotMatch(text, /\{\{/, "a {{name}} that shares its line");
  const anchors = headings.map(anchor);
  const links = text.matchAll(/\]\((#[^)]+)\)/g).map(([, l = ""]) => l)
    .toArray();
  assert.ok(links.length > 10);
  for (const link of links) assert.ok(anchors.includes(link), link);
});

Deno.test("agentMayCall: says of every route with a token what the application does", async () => {
  await using app = await testApp();
  const { agent } = await app.account("alice");
  const secured = operationsOf(await openApi(app)).filter((o) => o.security);
  assert.ok(secured.length >= 8);
  for (const { method, path, requestBody } of secured) {
    const body = requestBody ? {} : undefined;
    const answer = await app.send(method, path, body, agent);
    const refused = (await answer.json()).code === "forbidden";
    assert.equal(agentMayCall(path), !refused, `${method} ${path}`);
  }
});

Deno.test("introduction: a token counts from the header, then from the body", async () => {
  await using app = await testApp();
  const { agent } = await app.account("alice");
  const path = "/api/monitor/register";
  const named = { deviceName: "meter-1" };
  const statusOf = async (body: unknown, token?: string) =>
    (await app.send("POST", path, body, token)).status;
  assert.equal(await statusOf({ ...named, token: agent }), 200);
  assert.equal(await statusOf({ ...named, token: "wrong" }, agent), 200);
  assert.equal(await statusOf({ ...named, token: agent }, "wrong"), 401);
});

Deno.test("introduction: checks come in the order of media type, JSON, token, fields", async () => {
  await using app = await testApp();
  const codeOf = async (contentType: string, body: string, token: string) => {
    const answer = await app.request("/api/monitor/register", {
      method: "POST",
      headers: {
        "content-type": contentType,
        "authorization": `Bearer ${token}`,
      },
      body,
    });
    return (await answer.json()).code;
  };
  const { agent } = await app.account("alice");
  assert.equal(await codeOf("text/plain", "{", ""), "media_type_unsupported");
  assert.equal(await codeOf("application/json", "{", ""), "bad_json");
  assert.equal(await codeOf("application/json", "{}", ""), "unauthenticated");
  assert.equal(await codeOf("application/json", "{}", agent), "fields_invalid");
});

Deno.test("introduction: fields that a route does not know are ignored", async () => {
  await using app = await testApp();
  const { agent } = await app.account("alice");
  const body = { deviceName: "meter-1", colour: "blue" };
  const answer = await app.send("POST", "/api/monitor/register", body, agent);
  assert.equal(answer.status, 200);
});

Deno.test("FIELD_RULES: names fields that exist", async () => {
  await using app = await testApp();
  const { schemas } = (await openApi(app)).components;
  for (const name of Object.keys(FIELD_RULES)) {
    const [schema = "", ...path] = name.split(".");
    const fields = requestTable({ $ref: schema }, schemas);
    assert.ok(fields.includes(`| \`${path.join(".")}\` `), name);
  }
});

Deno.test("examplesOf: shows no body that is not JSON, and waits for no end of one", async () => {
  const operation = {
    method: "GET",
    path: "/events",
    summary: "",
    tags: [],
    responses: {},
  };
  const endless = new ReadableStream();
  const headers = { "content-type": "text/event-stream" };
  const send = () => Promise.resolve(new Response(endless, { headers }));
  const examples = await examplesOf([operation], send);
  assert.equal(
    examples.get("GET /events"),
    "```http\nGET /events HTTP/1.1\n\nHTTP/1.1 200 OK\nContent-Type: text/event-stream\n\n...\n```",
  );
});

Deno.test("examplesOf: refuses a route that takes a body and has no example of one", async () => {
  await using app = await testApp();
  const [register] = operationsOf(await openApi(app));
  assert.ok(register && bodySchema(register.requestBody));
  await assert.rejects(
    examplesOf([{ ...register, path: "/api/new" }], app.request),
    /BODIES has none for POST \/api\/new/,
  );
});

Deno.test("examplesOf: refuses an example that the application refuses", async () => {
  await using app = await testApp();
  const login = operationsOf(await openApi(app)).find((o) =>
    o.path === "/api/auth/login"
  );
  assert.ok(login);
  await assert.rejects(examplesOf([login], app.request), /credentials_wrong/);
});

Deno.test("requestTable: writes rules, nested fields and links to named objects", () => {
  const schemas = {
    Meter: {
      type: "object",
      required: ["phase"],
      properties: {
        phase: { type: "string", enum: ["a", "b"], default: "a" },
        port: { type: ["integer", "null"], minimum: 0, maximum: 65535 },
        name: { type: "string", minLength: 1, maxLength: 9 },
        site: { type: "object", properties: { x: { type: "number" } } },
        peers: { type: "array", maxItems: 3, items: { $ref: "#/x/Peer" } },
      },
    },
  };
  assert.equal(
    requestTable({ $ref: "#/x/Meter" }, schemas),
    `
| field    | type                  | required | rules                 |
| -------- | --------------------- | -------- | --------------------- |
| \`phase\`  | string                | yes      | \`a\`, \`b\`; default \`a\` |
| \`port\`   | integer or null       | no       | 0 to 65535            |
| \`name\`   | string                | no       | 1 to 9 characters     |
| \`site\`   | object                | no       |                       |
| \`site.x\` | number                | no       |                       |
| \`peers\`  | list of [Peer](#peer) | no       | at most 3             |
`.trim(),
  );
});

Deno.test("table: escapes bars and leaves out columns that are empty", () => {
  assert.equal(
    table(["a", "b", "c"], [["x|y", "", "1"], ["z", "", "2"]]),
    "| a    | c   |\n| ---- | --- |\n| x\\|y | 1   |\n| z    | 2   |",
  );
});

Deno.test("json: keeps short parts on one line and equals what it was given", () => {
  const value = {
    ips: ["10.0.0.1"],
    none: [],
    nothing: {},
    text: "[ a, b ]",
    many: Array.from({ length: 30 }, (_, i) => ({ i })),
  };
  const text = json(value);
  assert.deepEqual(JSON.parse(text), value);
  assert.match(text, /^ {2}"ips": \["10\.0\.0\.1"\],$/m);
  assert.match(text, /^ {4}\{ "i": 29 \}$/m);
  assert.ok(text.split("\n").every((line) => line.length <= 80));
});

Deno.test("fill: replaces lines by blocks, and refuses those it has no block for", () => {
  assert.equal(fill("a\n{{b}}\nc {{b}}", { b: "1\n2" }), "a\n1\n2\nc {{b}}");
  assert.throws(() => fill("{{b}}", {}), /no block for b/);
});
