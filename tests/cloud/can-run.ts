// What the emulated cloud needs, and where local/setup/ puts it.
import { execFile } from 'node:child_process';
import { readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { listenHostForContainers } from '../../local/database/containers/listen-host.ts';
import { findProgram } from '../../local/find-program.ts';
import { findLambdaImage } from '../../local/sam/lambda-image.ts';
import { environmentsDirectory, findSamCli } from '../../local/sam/sam-cli.ts';

export interface Programs {
  /** Runs MiniStack. */
  python: string;
  aws: string;
  sam: string;
  /** Lambda's runtime interface emulator, which the SAM CLI brings. */
  runtimeEmulator: string;
  lambdaImage: string;
}

const environment = join(environmentsDirectory(), 'cloud/bin');

/** @returns the programs, or the reason why the tests are skipped. */
export async function findPrograms(): Promise<Programs | string> {
  const python = findProgram(['python'], [environment]);
  const aws = findProgram(['aws'], [environment]);
  if (!python || !aws) return 'MiniStack is not installed: local/setup/cloud.sh says why';
  const sam = findSamCli();
  if (!sam) return 'the SAM CLI is not installed: local/setup/sam-cli.sh says why';
  const runtimeEmulator = findRuntimeEmulator(sam);
  if (!runtimeEmulator) return "this SAM CLI does not bring Lambda's runtime interface emulator";
  if (!(await promisify(execFile)('docker', ['info']).catch(() => undefined))) return 'no Docker engine answers';
  const lambdaImage = await findLambdaImage().catch(() => undefined);
  if (!lambdaImage) return "there is no image of Lambda's runtime: local/setup/lambda-image.sh says why";
  return { python, aws, sam, runtimeEmulator, lambdaImage };
}

function findRuntimeEmulator(sam: string): string | undefined {
  const libraries = join(dirname(realpathSync(sam)), '../lib');
  const name = process.arch === 'x64' ? 'aws-lambda-rie-x86_64' : 'aws-lambda-rie-arm64';
  try {
    const versions = readdirSync(libraries).filter((entry) => entry.startsWith('python3'));
    return findProgram(
      [name],
      versions.map((version) => join(libraries, version, 'site-packages/samcli/local/rapid')),
    );
  } catch {
    return undefined;
  }
}

/** On Docker Desktop containers have no address of this machine, and S3's clients need one for the names of buckets. */
export async function findBridge(): Promise<string> {
  const address = await listenHostForContainers();
  if (address === '127.0.0.1')
    throw new Error('containers reach this machine by no address: the tests need Docker on Linux');
  return address;
}
