// The template for `sam local invoke` against the Regions that stay. SAM passes on only variables that a template names, and
// the real one does not name the SDK's endpoint variables: the functions know nothing of a simulation. So this copy names
// them, points at the bundles that run here, and is for this machine's instruction set.
import { join } from 'node:path';
import { isMap, isScalar, parseDocument } from 'yaml';
import { architecture } from '../sam/lambda-image.ts';

export const endpointVariables = ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL_SECRETS_MANAGER'] as const;

/** @param template the text of template.yaml. Only the parts named above change. Directories are absolute. */
export function samTemplate(
  template: string,
  { project, buildDirectory }: { project: string; buildDirectory: string },
): string {
  // Keeps tags such as `!Ref` as they are written.
  const document = parseDocument(template, { logLevel: 'silent' });
  for (const name of endpointVariables) document.setIn(['Globals', 'Function', 'Environment', 'Variables', name], '');
  document.setIn(['Parameters', 'Architecture', 'Default'], architecture);
  const resources = document.get('Resources');
  if (!isMap(resources)) throw new Error('template.yaml has no Resources');
  for (const { key } of resources.items) {
    const logicalId = String(isScalar(key) ? key.value : key);
    const type = document.getIn(['Resources', logicalId, 'Type']);
    const properties = ['Resources', logicalId, 'Properties'];
    if (type === 'AWS::Serverless::Function') {
      document.setIn([...properties, 'CodeUri'], join(buildDirectory, logicalId));
    }
    if (type === 'AWS::Serverless::StateMachine') {
      const definition = document.getIn([...properties, 'DefinitionUri']);
      if (typeof definition === 'string') document.setIn([...properties, 'DefinitionUri'], join(project, definition));
    }
  }
  return document.toString({ lineWidth: 0 });
}
