// Writes files under local/.state/ that say how programs reach the Regions of `npm run local`.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { sandboxEnvironment } from '../lambda/environment.ts';
import type { Region } from '../region.ts';
import { openContainerDoor } from '../sam/container-door.ts';
import { portsOf, samEnvironment } from '../sam/sam-environment.ts';
import { sampleEventsOf } from '../sam/sample-events.ts';
import { environmentFile } from '../state-directory.ts';
import type { FunctionDefinition } from '../template/stack.ts';
import { samTemplate } from './sam-template.ts';
import type { TwoRegions } from './two-regions.ts';

export interface Endpoint {
  mysql: { host: string; port: number; user: string; password: string; database: string; caFile: string };
  s3: { endpoint: string; bucket: string; accessKeyId: string; secretAccessKey: string };
  role: 'primary' | 'secondary';
}

export interface WrittenEndpoints {
  endpoints: Record<string, Endpoint>;
  endpointsFile: string;
  /** For `sam local invoke --env-vars`, one per Region. */
  samEnvironmentFiles: Record<string, string>;
  samTemplateFile: string;
  /** Directories with the sample events of events/, as they are for each Region. */
  sampleEvents: Record<string, string>;
  /** For `sam local invoke --add-host`, where it is needed. */
  addHost: string | undefined;
  /** The files say how to reach what is gone then. */
  remove(): Promise<void>;
}

const project = resolve(import.meta.dirname, '../..');

/**
 * Writes ca.pem, sam-template.yaml, endpoints.json, sam-env.REGION.json, environment.FUNCTION.REGION.json and events.REGION/; passwords are in them, so only
 * their owner can read them. Opens the Regions' ports to containers. `buildDirectory`: where the bundles for `sam local invoke` are.
 */
export async function writeEndpoints(
  { regions, globalDatabase }: TwoRegions,
  directory: string,
  buildDirectory = join(project, '.aws-sam/build'),
): Promise<WrittenEndpoints> {
  await mkdir(directory, { recursive: true });
  const written: string[] = [];
  const write = async (name: string, text: string) => {
    const path = join(directory, name);
    await writeFile(path, text, { mode: 0o600 });
    written.push(path);
    return path;
  };
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

  const caFile = await write('ca.pem', globalDatabase.certificateAuthorityPem);
  const template = await readFile(join(project, 'template.yaml'), 'utf8');
  const samTemplateFile = await write('sam-template.yaml', samTemplate(template, { project, buildDirectory }));
  const endpoints: WrittenEndpoints['endpoints'] = {};
  const samEnvironmentFiles: Record<string, string> = {};
  const sampleEvents: Record<string, string> = {};
  const door = await openContainerDoor(regions.flatMap(({ region }) => portsOf(region)));
  for (const { name, role, region, database } of regions) {
    const { certificateAuthorityPem: _pem, ...mysql } = database();
    const { endpoint, bucket, accessKeyId, secretAccessKey } = region.s3;
    endpoints[name] = {
      mysql: { ...mysql, caFile },
      s3: { endpoint, bucket, accessKeyId, secretAccessKey },
      role: role(),
    };
    samEnvironmentFiles[name] = await write(`sam-env.${name}.json`, json(samEnvironment(region, door)));
    for (const definition of Object.values(region.stack.functions)) {
      const file = environmentFile(definition.logicalId, name);
      await write(file, json(environmentOf(definition, region, buildDirectory)));
    }
    sampleEvents[name] = await sampleEventsOf(name, { from: join(project, 'events'), to: directory });
    if (sampleEvents[name].startsWith(directory)) written.push(sampleEvents[name]);
  }
  const endpointsFile = await write('endpoints.json', json(endpoints));
  return {
    endpoints,
    endpointsFile,
    samEnvironmentFiles,
    samTemplateFile,
    sampleEvents,
    addHost: door.addHost,
    remove: async () => {
      await door.close();
      await Promise.all(written.map((path) => rm(path, { recursive: true, force: true })));
    },
  };
}

const environmentOf = (definition: FunctionDefinition, { name, s3, secretsEndpoint }: Region, buildDirectory: string) =>
  sandboxEnvironment(definition, {
    region: name,
    taskRoot: join(buildDirectory, definition.logicalId),
    s3Endpoint: s3.endpoint,
    secretsEndpoint,
    credentials: s3,
  });
