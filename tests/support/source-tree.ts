// The TypeScript files of the project as syntax trees: their imports and the length of their functions.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';
import { projectDirectory } from './template.ts';

interface Node {
  type: string;
  span: { start: number; end: number };
  [property: string]: unknown;
}

const folders = ['functions', 'local', 'operations', 'bench', 'tests'];

/** Paths from the project's root, with `/`. AssemblyScript is another language, and not in it. */
export const sourceFiles = (): string[] =>
  folders.flatMap((folder) =>
    readdirSync(join(projectDirectory, folder), { recursive: true, encoding: 'utf8' })
      .map((path) => join(folder, path))
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
      .filter((path) => !path.includes('/assembly/') && !path.includes('/.state/')),
  );

export const textOf = (file: string): string => readFileSync(join(projectDirectory, file), 'utf8');

/** Files of the project that `file` imports, types too. */
export function importsOf(file: string): string[] {
  const targets = new Set<string>();
  walk(treeOf(file).body, '', (node) => {
    const source = (node.source as { value?: string } | null | undefined)?.value ?? dynamicImport(node);
    if (source?.startsWith('.')) targets.add(join(file, '..', source));
  });
  return [...targets];
}

function dynamicImport(node: Node): string | undefined {
  if (node.type === 'TsImportType') return (node.argument as { value: string }).value;
  if (node.type !== 'CallExpression' || (node.callee as Node).type !== 'Import') return undefined;
  const [first] = node.arguments as { expression: { value?: unknown } }[];
  return typeof first?.expression.value === 'string' ? first.expression.value : undefined;
}

const functionTypes = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** The functions of a file, with the lines that each spans. What `describe` takes groups tests and is not one of them. */
export function functionsOf(file: string): { name: string; lines: number }[] {
  const { body, lineOf } = treeOf(file);
  const found: { name: string; lines: number }[] = [];
  walk(body, '', (node, name) => {
    const isMethod = node.type === 'MethodProperty' || node.type === 'ClassMethod' || node.type === 'Constructor';
    if ((!functionTypes.has(node.type) && !isMethod) || name === 'describe') return;
    found.push({ name, lines: lineOf(node.span.end - 1) - lineOf(node.span.start) + 1 });
  });
  return found;
}

/** Circles of imports inside of `folder`, each once: `a -> b -> a`. */
export function cyclesOf(folder: string, imports: Map<string, string[]>): string[] {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, trail: string[]) => {
    const at = trail.indexOf(file);
    if (at >= 0) cycles.push([...trail.slice(at), file].join(' -> '));
    if (at >= 0 || done.has(file)) return;
    for (const target of imports.get(file) ?? []) {
      if (target.startsWith(folder)) visit(target, [...trail, file]);
    }
    done.add(file);
  };
  for (const file of imports.keys()) if (file.startsWith(folder)) visit(file, []);
  return cycles;
}

function treeOf(file: string): { body: unknown; lineOf: (position: number) => number } {
  const bytes = readFileSync(join(projectDirectory, file));
  const tree = parseSync(bytes.toString(), { syntax: 'typescript', target: 'es2024' });
  // Positions are bytes and count on from one parsed file to the next. A module begins at its first token.
  const leading = /^(?:\s|\/\/.*|\/\*[\s\S]*?\*\/|#!.*)*/.exec(bytes.toString())?.[0] ?? '';
  const base = tree.span.start - Buffer.byteLength(leading);
  const ends: number[] = [];
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) ends.push(at);
  const lineOf = (position: number) => {
    const line = ends.findIndex((end) => end >= position - base);
    return line < 0 ? ends.length : line;
  };
  return { body: tree.body, lineOf };
}

/** Calls `visit` with each node and the name that it has or is called by. */
function walk(value: unknown, name: string, visit: (node: Node, name: string) => void): void {
  if (Array.isArray(value)) {
    for (const element of value) walk(element, name, visit);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const node = value as Node;
  const own = nameOf(node) ?? name;
  if (typeof node.type === 'string') visit(node, own);
  for (const [key, child] of Object.entries(node)) if (key !== 'span') walk(child, own, visit);
}

function nameOf(node: Node): string | undefined {
  const named = (node.identifier ?? node.key ?? (node.type === 'VariableDeclarator' ? node.id : undefined)) as
    | { value?: unknown }
    | undefined;
  if (typeof named?.value === 'string') return named.value;
  if (node.type !== 'CallExpression') return undefined;
  const callee = node.callee as { value?: unknown; object?: { value?: unknown } };
  const called = callee.value ?? callee.object?.value;
  return typeof called === 'string' ? called : undefined;
}
