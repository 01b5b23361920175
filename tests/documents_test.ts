/** What README.md and the guides name is there: settings, tasks, commands, flags, variables, paths. */
import assert from "node:assert/strict";
import denoJson from "@/deno.json" with { type: "json" };
import { HELP as AGENT_HELP } from "@/agent/config.ts";
import { SERVER_HELP } from "@/lib/config.ts";
import { anchor } from "@/scripts/api_docs/markdown.ts";
import { SOCKET_STATES } from "@/lib/domain/connection.ts";
import { HELP as SIMULATE_HELP } from "@/scripts/simulate/options.ts";

const GUIDES = ["README.md", "docs/QUICKSTART.md", "docs/AGENT.md"];
const HELP_OF_TASK: Readonly<Record<string, string>> = {
  start: SERVER_HELP,
  agent: AGENT_HELP,
  simulate: SIMULATE_HELP,
};
/** Read by Deno itself or by the tests, or no variables at all. */
const OTHER_NAMES: readonly string[] = [
  ...SOCKET_STATES,
  "CHROMIUM_PATH",
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
  "--quiet",
  "--flag",
];
const PACKAGES = Object.keys(denoJson.imports);
/** Made by the programs, or no paths at all. */
const NOT_IN_THE_TREE = /^((\.\/)?data\b|dist\/|application\/|task\/)/;

Deno.test("README.md: has the two commands, each alone on its line", async () => {
  const readme = await Deno.readTextFile("README.md");
  for (const task of ["demo", "test"]) {
    const line = new RegExp(`^npx -y deno@2\\.9\\.6 task ${task}$`, "gm");
    assert.equal(readme.match(line)?.length, 1, task);
  }
});

Deno.test("README.md: its table of settings is the server's", async () => {
  const rows = await tableBelow("README.md", "### Settings of the server");
  const withFlag = rows.filter(([flag]) => flag !== "")
    .map(([flag, variable, value]) => [flag, variable, value]);
  const inHelp = SERVER_HELP.matchAll(
    /^ {2}--([\w-]+) +([A-Z_]+) +.+?(?: \(default (.+)\))?$/gm,
  ).map(([, flag, variable, value = ""]) => [`--${flag}`, variable, value]);
  assert.deepEqual(withFlag, [...inHelp]);
  const variablesOnly = rows.filter(([flag]) => flag === "")
    .map(([, variable]) => variable);
  const inHelpOnly = SERVER_HELP.matchAll(/^ {2}([A-Z_]+) {2,}/gm)
    .map(([, variable]) => variable);
  assert.deepEqual(variablesOnly, [...inHelpOnly]);
});

Deno.test("README.md: its table of tasks is deno.json's", async () => {
  const rows = await tableBelow("README.md", "### Tasks");
  const tasks = Object.keys(denoJson.tasks).filter((n) => !n.includes(":"));
  assert.deepEqual(rows.map(([task]) => task).sort(), tasks.sort());
});

Deno.test("README.md: its stack names every package", async () => {
  const rows = await tableBelow("README.md", "## Stack");
  const choices = rows.map(([, choice]) => choice).join();
  for (const name of PACKAGES) {
    if (name === "@/") continue;
    assert.ok(new RegExp(`(^|[ ,])${name}($|[ ,/])`).test(choices), name);
  }
});

Deno.test("guides: name tasks and flags that exist", async () => {
  let commands = 0;
  for (const guide of GUIDES) {
    for (const { task, args } of commandsIn(await Deno.readTextFile(guide))) {
      commands++;
      assert.ok(task in denoJson.tasks, `${guide}: task ${task}`);
      const flags = args.match(/(?<=^|\s)--[\w-]+/g) ?? [];
      for (const flag of flags) {
        const help = HELP_OF_TASK[task] ?? "";
        assert.ok(names(help, flag), `${guide}: ${task} ${flag}`);
      }
    }
  }
  assert.ok(commands > 20);
});

Deno.test("guides: name variables and flags that some program reads", async () => {
  const helps = Object.values(HELP_OF_TASK).join("\n");
  let count = 0;
  for (const guide of GUIDES) {
    for (const span of codeSpans(await Deno.readTextFile(guide))) {
      const variable = /^\$?([A-Z]+_[A-Z_]+)(=.*)?$/.exec(span)?.[1];
      const flag = /^--(?!allow-)[\w-]+/.exec(span)?.[0];
      const name = variable ?? flag;
      if (!name || OTHER_NAMES.includes(name)) continue;
      count++;
      assert.ok(names(helps, name), `${guide}: ${name}`);
    }
  }
  assert.ok(count > 20);
});

Deno.test("guides: name paths and headings that exist", async () => {
  let paths = 0;
  for (const guide of GUIDES) {
    const text = await Deno.readTextFile(guide);
    const folder = guide.slice(0, guide.lastIndexOf("/") + 1);
    for (const [, target = ""] of text.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const [path = "", heading] = target.split("#");
      const file = path === "" ? guide : folder + path;
      await Deno.stat(file);
      paths++;
      if (heading === undefined) continue;
      const headings = (await Deno.readTextFile(file)).matchAll(/^#+ (.+)$/gm);
      const anchors = headings.map(([, each = ""]) => anchor(each));
      assert.ok([...anchors].includes(`#${heading}`), `${guide}: ${target}`);
    }
    for (const span of codeSpans(text)) {
      if (!/^[\w.]+(\/[\w.]+)*\/?$/.test(span) || !span.includes("/")) continue;
      const [first = ""] = span.split("/");
      if (NOT_IN_THE_TREE.test(span) || PACKAGES.includes(first)) continue;
      const inScan = `agent/${span}`;
      paths++;
      await Deno.stat(span).catch(() => Deno.stat(inScan)).catch(() =>
        assert.fail(`${guide}: there is no ${span}`)
      );
    }
  }
  assert.ok(paths > 20);
});

/** The cells of the first table below a heading, without the marks of code. */
async function tableBelow(path: string, heading: string): Promise<string[][]> {
  const text = await Deno.readTextFile(path);
  const start = text.indexOf(`\n${heading}\n`);
  assert.ok(start >= 0, heading);
  const table = /(?:^\|.*\n)+/m.exec(text.slice(start))?.[0] ?? "";
  return table.trim().split("\n").slice(2).map((line) =>
    line.split("|").slice(1, -1).map((c) => c.trim().replaceAll("`", ""))
  );
}

/** True where a text has the name as a whole. */
function names(text: string, name: string): boolean {
  return new RegExp(`${name}(?![\\w-])`).test(text);
}

/** The `deno task` commands of a text, with what follows them on the line. */
function commandsIn(text: string): { task: string; args: string }[] {
  const joined = text.replaceAll(/ \\\n\s*/g, " ");
  return joined.matchAll(
    /\bdeno(?:@[\d.]+)? task ([a-z:]+)([^`\n]*)/g,
  ).map(([, task = "", args = ""]) => ({ task, args })).toArray();
}

function codeSpans(text: string): string[] {
  const prose = text.replaceAll(/^ *```.*?^ *```$/gms, "");
  return prose.matchAll(/`([^`]+)`/g).map(([, span = ""]) => span).toArray();
}
