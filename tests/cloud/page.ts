// The commands of docs/deployment.md, as the page has them, and what the test does with each block of them.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const projectDirectory = resolve(import.meta.dirname, '../..');

/** The shell blocks of the page in their order, without the indentation of lists. */
export function readBlocks(): string[] {
  const page = readFileSync(join(projectDirectory, 'docs/deployment.md'), 'utf8');
  return [...page.matchAll(/^( *)```sh\n(.*?)^ *```$/gms)].map(([, indent = '', text = '']) =>
    text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}

export type Plan = {
  /** Words that the block has, and by which steps call it. */
  has: string;
} & (
  | { run: 'whole' }
  /** The lines with these words are run. */
  | { run: RegExp; because: string }
  | { run: 'not'; because: string }
);

/** One entry a block, in the order of the page. */
export const plan: Record<string, Plan> = {
  quota: { has: 'get-account-settings', run: 'whole' },
  install: { has: 'npm ci', run: 'not', because: 'set-up has installed the packages, and the test sets the PATH' },
  database: { has: '# global database', run: 'whole' },
  databasePeer: { has: 'sam deploy --config-env database-us-east-1', run: 'whole' },
  databaseOutputs: { has: "starts_with(OutputKey,'Database')", run: 'whole' },
  application: { has: 'sam build', run: 'whole' },
  doctor: { has: 'npm run doctor', run: 'whole' },
  applicationOutputs: { has: "OutputKey=='ReviewBucketName'", run: 'whole' },
  applicationPeers: { has: 'sam deploy --config-env us-east-1', run: 'whole' },
  upload: { has: 'npm run make-reviews', run: 'whole' },
  reports: { has: 'aws s3 ls', run: 'whole' },
  rows: {
    has: 'mysql --host',
    run: /^aws secretsmanager /,
    because: 'the certificates come from the internet and the client runs in the VPC: the test reads the rows itself',
  },
  drain: { has: 'start-execution', run: 'whole' },
  summary: { has: 'DailySummaryFunction', run: 'whole' },
  deleteApplication: { has: 'sam delete --config-env us-east-2', run: 'whole' },
  deleteSecondary: { has: 'sam delete --config-env database-us-east-2', run: 'whole' },
  deletePrimary: { has: 'sam delete --config-env database-us-east-1', run: 'whole' },
  empty: { has: 'aws s3 rb', run: 'whole' },
  deleteKeys: { has: 'schedule-key-deletion', run: 'whole' },
};

export type Step = keyof typeof plan;

/** The commands of a step, as the page has them. @throws where the plan and the page disagree */
export function commandsOf(step: Step): string {
  const names = Object.keys(plan);
  const block = readBlocks()[names.indexOf(step)];
  const entry = plan[step];
  if (block === undefined || !entry || !block.includes(entry.has))
    throw new Error(`the page has no block ${step} in its place`);
  if (entry.run === 'not') throw new Error(`${step} is not to be run: ${entry.because}`);
  const { run } = entry;
  return run === 'whole'
    ? block
    : block
        .split('\n')
        .filter((line) => run.test(line))
        .join('\n');
}
