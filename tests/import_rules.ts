/**
 * Reads the imports of source files and holds them against the rules of the layout. Pure: files
 * come in as text. Uses Deno's own parser by way of `Deno.lint`, which exists under `deno test`.
 */
import { isBuiltin } from "node:module";
import { posix } from "node:path";

/** Source files by their path from the root, such as `lib/domain/address.ts`. */
export type SourceTree = ReadonlyMap<string, string>;

export interface ImportRules {
  /**
   * Each area (a folder, or a file at the top) with the areas that it may import besides itself.
   * `type X` allows type-only imports of X, `*` allows everything.
   */
  areas: Readonly<Record<string, readonly string[]>>;
  /** The packages that may be imported by name. */
  packages: readonly string[];
  /** The files that may read the environment. */
  environmentReaders: readonly string[];
  maxLines: number;
}

/** Every way in which a tree breaks the rules, one line each: `path: what is wrong`. */
export function violations(tree: SourceTree, rules: ImportRules): string[] {
  return [...tree].flatMap(([path, source]) => {
    const found = fileViolations(path, source, rules);
    return found.map((violation) => `${path}: ${violation}`);
  });
}

function fileViolations(
  path: string,
  source: string,
  rules: ImportRules,
): string[] {
  const area = areaOf(path, rules);
  if (area === null) return ["lies in no known folder"];
  const found: string[] = [];
  const lines = source.trimEnd().split("\n").length;
  if (lines > rules.maxLines) {
    found.push(`has ${lines} lines, more than ${rules.maxLines}`);
  }
  const { imports, readsEnvironment } = readSource(path, source);
  const free = rules.areas[area]?.includes("*") ?? false;
  if (readsEnvironment && !free && !rules.environmentReaders.includes(path)) {
    found.push("reads the environment");
  }
  for (const each of imports) {
    const violation = importViolation(path, area, each, rules);
    if (violation !== null) found.push(violation);
  }
  return found;
}

function importViolation(
  path: string,
  area: string,
  { specifier, typeOnly }: Import,
  rules: ImportRules,
): string | null {
  const allowed = rules.areas[area] ?? [];
  if (specifier === null) {
    return allowed.includes("*")
      ? null
      : "imports something that is no literal, so that nobody can check it";
  }
  const target = localPath(path, specifier);
  if (target === null) return packageViolation(specifier, rules);
  const targetArea = areaOf(target, rules);
  if (targetArea === area || allowed.includes("*")) return null;
  if (targetArea !== null && allowed.includes(targetArea)) return null;
  if (!allowed.includes(`type ${targetArea}`)) {
    return `may not import ${specifier}`;
  }
  return typeOnly ? null : `may import only types from ${specifier}`;
}

function packageViolation(
  specifier: string,
  { packages }: ImportRules,
): string | null {
  if (specifier.startsWith("node:")) {
    return isBuiltin(specifier)
      ? null
      : `imports ${specifier}, unknown to Node`;
  }
  if (/^[./]/.test(specifier)) {
    return `imports ${specifier}, which starts with neither "@/" nor "./"`;
  }
  const [, name = specifier] = /^((?:@[^/]+\/)?[^/]+)/.exec(specifier) ?? [];
  return packages.includes(name)
    ? null
    : `imports ${specifier}, which deno.json does not name`;
}

/** The path of an import of ours from the root; null for a package, and for any other notation. */
function localPath(from: string, specifier: string): string | null {
  if (specifier.startsWith("@/")) return posix.normalize(specifier.slice(2));
  if (!specifier.startsWith("./")) return null;
  return posix.join(posix.dirname(from), specifier);
}

/** The area that a path lies in: the longest that fits; null where none does. */
function areaOf(path: string, { areas }: ImportRules): string | null {
  const fits = Object.keys(areas).filter((area) =>
    path === area || path.startsWith(`${area}/`)
  );
  return fits.sort((a, b) => b.length - a.length)[0] ?? null;
}

interface Import {
  /** Null where it is computed. */
  specifier: string | null;
  typeOnly: boolean;
}

interface SourceFacts {
  imports: Import[];
  readsEnvironment: boolean;
}

/** What a file imports, and whether it touches `Deno.env` or `process.env`. */
function readSource(path: string, source: string): SourceFacts {
  const facts: SourceFacts = { imports: [], readsEnvironment: false };
  const add = (specifier: string | null, typeOnly: boolean) =>
    facts.imports.push({ specifier, typeOnly });
  const visitor: Deno.lint.LintVisitor = {
    // `import { type A }` stays an import at run time under verbatimModuleSyntax, `import type` does not.
    ImportDeclaration: (node) =>
      add(node.source.value, node.importKind === "type"),
    ExportAllDeclaration: (node) =>
      add(node.source.value, node.exportKind === "type"),
    ExportNamedDeclaration: (node) => {
      if (node.source) add(node.source.value, node.exportKind === "type");
    },
    ImportExpression: (node) => add(literal(node.source), false),
    TSImportType: (node) => add(literal(node.argument), true),
    // A worker's module is an import too: new URL("./worker.ts", import.meta.url).
    NewExpression: (node) => {
      const [first] = node.arguments;
      const url = first ? literal(first) : null;
      if (url !== null && /\.tsx?$/.test(url)) add(url, false);
    },
    MemberExpression: (node) => {
      const property = node.computed
        ? literal(node.property)
        : name(node.property);
      const object = name(node.object);
      if (property === "env" && (object === "Deno" || object === "process")) {
        facts.readsEnvironment = true;
      }
    },
    VariableDeclarator: (node) => {
      const from = node.init ? name(node.init) : null;
      if (from !== "Deno" && from !== "process") return;
      // `const { env } = Deno`, and any alias that would hide it.
      facts.readsEnvironment = true;
    },
  };
  const rule = { create: () => visitor };
  Deno.lint.runPlugin({ name: "imports", rules: { read: rule } }, path, source);
  return facts;
}

function literal(node: Deno.lint.Node): string | null {
  if (node.type === "TSLiteralType") return literal(node.literal);
  return node.type === "Literal" && typeof node.value === "string"
    ? node.value
    : null;
}

function name(node: Deno.lint.Node): string | null {
  return node.type === "Identifier" ? node.name : null;
}
