// Reads CloudFormation YAML as plain values. Each short tag (!Sub x) becomes its long form ({ 'Fn::Sub': x }).
import { type CollectionTag, parseDocument, type ScalarTag } from 'yaml';

/** Tags whose long form has no `Fn::` before it. */
const bare = new Set(['Ref', 'Condition']);

const intrinsics = [
  'Ref',
  'Condition',
  'Sub',
  'GetAtt',
  'If',
  'Equals',
  'Not',
  'And',
  'Or',
  'Join',
  'Select',
  'Split',
  'FindInMap',
  'Base64',
  'Cidr',
  'GetAZs',
  'ImportValue',
  'Transform',
];

const longForm = (name: string) => (bare.has(name) ? name : `Fn::${name}`);

// `resolve` of a collection gets the node, whose nested tags are resolved already.
const customTags = intrinsics.flatMap((name): (ScalarTag | CollectionTag)[] => [
  {
    tag: `!${name}`,
    resolve: (text: string) => ({ [longForm(name)]: name === 'GetAtt' ? text.split(/\.(.*)/s, 2) : text }),
  },
  ...(['seq', 'map'] as const).map((collection) => ({
    tag: `!${name}`,
    collection,
    resolve: (node: unknown) => ({ [longForm(name)]: (node as { toJSON(): unknown }).toJSON() }),
  })),
]);

/** The top level of a template. The code that uses the lower levels checks them. */
export interface Template {
  Parameters: Record<string, { Default?: unknown; Type?: string }>;
  Conditions: Record<string, unknown>;
  Mappings: Record<string, Record<string, Record<string, unknown>>>;
  Globals: { Function?: Record<string, unknown> };
  Resources: Record<string, { Type: string; Condition?: string; Properties: Record<string, unknown> }>;
}

/** @throws {Error} naming line and column, if the text is not YAML or has a tag that CloudFormation does not know. */
export function readTemplate(text: string): Template {
  const document = parseDocument(text, { customTags });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) throw new Error(`template: ${problem.message}`);
  const read = (document.toJS() ?? {}) as Partial<Template>;
  const resources = Object.entries(read.Resources ?? {}).map(([id, resource]) => [
    id,
    { ...resource, Properties: resource.Properties ?? {} },
  ]);
  return {
    Parameters: read.Parameters ?? {},
    Conditions: read.Conditions ?? {},
    Mappings: read.Mappings ?? {},
    Globals: read.Globals ?? {},
    Resources: Object.fromEntries(resources),
  };
}
