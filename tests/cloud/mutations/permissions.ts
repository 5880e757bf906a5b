// Every permission that a role of the application has, what uses it, and what becomes of the use without it.
import { template } from '../../support/template.ts';

/** What must stop without a permission of the role. */
export type Use = 'ingest' | 'log' | 'drain' | 'schedule' | 'migrate' | 'doctor' | 'summary' | 'daily' | 'replication';

export const uses: Record<string, Use> = {
  PreprocessRole: 'ingest',
  DbProcessingRole: 'ingest',
  PostprocessRole: 'ingest',
  StateMachineRole: 'ingest',
  UploadPipeRole: 'ingest',
  DrainMachineRole: 'drain',
  DrainScheduleRole: 'schedule',
  MigrateRole: 'migrate',
  DoctorRole: 'doctor',
  DailySummaryRole: 'summary',
  DailySummaryScheduleRole: 'daily',
  ReplicationRole: 'replication',
};

/** Permissions without which nothing stops on the emulator. docs/emulated-aws.md has a row for each of these. */
export interface Harmless {
  roles: string[];
  /** With a star at the end where all that begin so are meant. */
  actions: string[];
  /** Whether the emulator refuses something without it. */
  isAsked: boolean;
  because: string;
}

const vpcRoles = ['DbProcessingRole', 'MigrateRole', 'DailySummaryRole', 'DoctorRole'];
const functionRoles = ['PreprocessRole', 'PostprocessRole', ...vpcRoles];
const machineRoles = ['StateMachineRole', 'DrainMachineRole'];

export const harmless: Harmless[] = [
  {
    roles: [...functionRoles, ...machineRoles],
    actions: ['xray:*'],
    isAsked: false,
    because: 'the emulator keeps no traces',
  },
  {
    roles: machineRoles,
    actions: ['logs:*'],
    isAsked: false,
    because: 'the emulator keeps no log of a state machine',
  },
  {
    roles: vpcRoles,
    actions: ['ec2:*'],
    isAsked: false,
    because: 'it asks only when it makes or changes a function, and refuses the deployment then',
  },
  {
    roles: ['StateMachineRole'],
    actions: ['states:RedriveExecution'],
    isAsked: false,
    because: 'only a person who redrives an execution needs it',
  },
  {
    roles: ['UploadPipeRole'],
    actions: ['sqs:GetQueueAttributes'],
    isAsked: false,
    because: 'the extension reads the queue without it',
  },
  {
    roles: ['UploadPipeRole'],
    actions: ['sqs:DeleteMessage'],
    isAsked: true,
    because: 'the messages come again, and nothing is ingested twice',
  },
  {
    roles: ['PostprocessRole'],
    actions: ['s3:GetObjectTagging', 's3:PutObjectTagging'],
    isAsked: false,
    because: 'the emulator copies tags without it',
  },
  {
    roles: ['PostprocessRole'],
    actions: ['s3:AbortMultipartUpload'],
    isAsked: false,
    because: 'only a copy in parts that fails needs it',
  },
  {
    roles: ['DbProcessingRole', 'PostprocessRole'],
    actions: ['s3:ListBucket'],
    isAsked: false,
    because: 'the emulator answers 404 for an object that is gone also to a role that may not list',
  },
  {
    roles: ['DrainScheduleRole', 'DailySummaryScheduleRole'],
    actions: ['sqs:SendMessage'],
    isAsked: false,
    because: 'only a schedule that cannot start its target needs it',
  },
];

export interface Permission {
  role: string;
  policy: string;
  /** Its place in the policy, as deployed. */
  statement: number;
  action: string;
  use: Use;
  /** Undefined where the use must stop without it. */
  harmless: Harmless | undefined;
}

/** The emulator never asks for these where nothing is deployed. They are taken away all at once. */
const isIdle = ({ action, role }: { action: string; role: string }) =>
  /^(xray|ec2):/.test(action) || (action.startsWith('logs:') && machineRoles.includes(role));

/** Those that are taken away one at a time. */
export const permissions = (): Permission[] => allPermissions().filter((one) => !isIdle(one));

/** Those that are taken away all at once. */
export const idlePermissions = (): Permission[] => allPermissions().filter(isIdle);

interface Statement {
  Action: string | string[];
}
type Policy = { PolicyName: string; PolicyDocument: { Statement: (Statement | { 'Fn::If': [string, Statement] })[] } };

export function allPermissions(): Permission[] {
  return Object.keys(uses).flatMap((role) => {
    const policies = template.Resources[role]?.Properties.Policies as Policy[];
    return policies.flatMap(({ PolicyName: policy, PolicyDocument }) =>
      PolicyDocument.Statement.flatMap((one, statement) =>
        [('Fn::If' in one ? one['Fn::If'][1] : one).Action].flat().map((action) => ({
          ...{ role, policy, statement, action },
          use: useOf(role, action),
          harmless: harmless.find((entry) => names(entry, role, action)),
        })),
      ),
    );
  });
}

const names = ({ roles, actions }: Harmless, role: string, action: string) =>
  roles.includes(role) &&
  actions.some((name) => (name.endsWith('*') ? action.startsWith(name.slice(0, -1)) : action === name));

function useOf(role: string, action: string): Use {
  if (action.startsWith('logs:')) return 'log';
  // An event names its file, so only a drain lists.
  if (role === 'PreprocessRole' && action === 's3:ListBucket') return 'drain';
  return uses[role] ?? 'ingest';
}

/** The table of docs/emulated-aws.md. */
export const rowsOfPage = (): string[] =>
  harmless.map(({ roles, actions, isAsked, because }) => {
    const codes = (names: string[]) => names.map((name) => `\`${name}\``).join(', ');
    return `| ${codes(actions)} | ${codes(roles)} | ${isAsked ? 'yes' : 'no'} | ${because} |`;
  });
