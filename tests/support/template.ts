// The application's template as each Region's configuration in samconfig.toml gives it to CloudFormation.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readTemplate } from '../../local/template/read-template.ts';
import { readStack } from '../../local/template/stack.ts';

export const projectDirectory = resolve(import.meta.dirname, '../..');
export const regions = ['us-east-1', 'us-east-2'];

const fromProject = (path: string) => readFileSync(resolve(projectDirectory, path), 'utf8');

export const template = readTemplate(fromProject('template.yaml'));
export const definitionText = fromProject('statemachine/book-reviews.asl.json');

/** `parameter_overrides` of a config environment: a list of texts `Name=value`. */
export function parameterOverrides(configEnvironment: string): Record<string, string> {
  const section = fromProject('samconfig.toml').split(`[${configEnvironment}.deploy.parameters]`)[1] ?? '';
  const list = section.match(/^parameter_overrides = \[\n(.*?)^\]/ms)?.[1] ?? '';
  return Object.fromEntries(
    [...list.matchAll(/^ {2}"(\w+)=(.*)",$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
}

export const stackOf = (region: string, parameters: Record<string, string> = {}) =>
  readStack(template, {
    region,
    accountId: '000000000000',
    stackName: 'book-reviews',
    parameters: { ...parameterOverrides(region), ...parameters },
  });
