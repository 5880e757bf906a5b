// Every permission that a role of the application has, and what uses it.
import { template } from '../../support/template.ts';

/** What must stop without a permission of the role. */
export type Use = 'ingest' | 'drain' | 'schedule' | 'migrate' | 'doctor' | 'summary' | 'replication';

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
  ReplicationRole: 'replication',
};

/** The emulator does not ask for these, or only when it makes a function: role and action, and why. Nobody takes them away. */
export const neverAsked: [RegExp, string][] = [
  [/ xray:/, 'the emulator keeps no traces'],
  [/MachineRole logs:/, 'the emulator delivers the log of a state machine itself'],
  [/ ec2:/, 'it is asked when the function is created, and refuses the deployment'],
];

/** Nothing stops without these, on the emulator: role and action, and why. */
const notNeeded: [RegExp, string][] = [
  [/ logs:/, 'the function runs, only its log stays empty'],
  [/UploadPipeRole sqs:DeleteMessage/, 'the messages come again, and nothing is ingested twice'],
  [/UploadPipeRole sqs:GetQueueAttributes/, 'the extension does not need it'],
  [/ states:RedriveExecution/, 'only who redrives an execution needs it'],
  [/ s3:(Get|Put)ObjectTagging/, 'the emulator does not ask for it when it copies'],
  [/ s3:AbortMultipartUpload/, 'only a copy in parts that fails needs it'],
  [/(DbProcessing|Postprocess)Role s3:ListBucket/, 'the emulator answers 404 for an object that is gone without it'],
  [/DrainScheduleRole sqs:SendMessage/, 'only a schedule that cannot start a drain needs it'],
];

export interface Permission {
  role: string;
  policy: string;
  /** Its place in the policy, as deployed. */
  statement: number;
  action: string;
  use: Use;
  /** Why nothing stops without it. */
  because: string | undefined;
}

interface Statement {
  Action: string | string[];
}
type Policy = { PolicyName: string; PolicyDocument: { Statement: (Statement | { 'Fn::If': [string, Statement] })[] } };

/** Those that can be taken away to see something. */
export function permissions(): Permission[] {
  return allPermissions().filter(
    ({ role, action }) => !neverAsked.some(([pattern]) => pattern.test(`${role} ${action}`)),
  );
}

function allPermissions(): Permission[] {
  return Object.entries(uses).flatMap(([role, use]) => {
    const policies = template.Resources[role]?.Properties.Policies as Policy[];
    return policies.flatMap(({ PolicyName: policy, PolicyDocument }) =>
      PolicyDocument.Statement.flatMap((one, statement) =>
        [('Fn::If' in one ? one['Fn::If'][1] : one).Action].flat().map((action) => ({
          role,
          policy,
          statement,
          action,
          use: role === 'PreprocessRole' && action === 's3:ListBucket' ? 'drain' : use,
          because: notNeeded.find(([pattern]) => pattern.test(`${role} ${action}`))?.[1],
        })),
      ),
    );
  });
}
