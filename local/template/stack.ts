// What a Region runs, as the template declares it for given parameters: functions, state machine, rule, queue and pipe.
import { conditionHolds, evaluate, evaluateText, type Scope } from './evaluate.ts';
import type { Template } from './read-template.ts';
import { type StackOptions, scopeOf } from './resource-names.ts';

export interface FunctionDefinition {
  logicalId: string;
  name: string;
  arn: string;
  /** `file.export`, below the function's build directory. */
  handler: string;
  timeoutSeconds: number;
  memoryMegabytes: number;
  /** Undefined: bounded by the account only. */
  reservedConcurrency: number | undefined;
  environment: Record<string, string>;
}

export interface Stack {
  region: string;
  accountId: string;
  /** By logical id. */
  functions: Record<string, FunctionDefinition>;
  stateMachine: { name: string; arn: string; definitionUri: string; substitutions: Record<string, string> };
  bucket: string;
  /** Of the rule that feeds the queue, in EventBridge's form. */
  eventPattern: Record<string, unknown>;
  queue: { arn: string; visibilityTimeoutSeconds: number };
  pipe: PipeDefinition;
  /** Of the queue that takes what `pipe` cannot start an execution with; null where there is none. */
  smallBatchPipe: PipeDefinition | null;
  /** What the primary's writer takes of forwarded sessions; undefined where the template does not say. */
  forwardedSessionsCap: number | undefined;
}

export interface PipeDefinition {
  batchSize: number;
  batchingWindowSeconds: number;
  inputTemplate: string | null;
}

/** Lambda refuses an environment over 4 KB, all names and values together. */
const maxEnvironmentBytes = 4096;

/** A pipe, by the ARN of the queue that it reads. */
function pipeOf(
  id: string,
  template: Template,
  scope: Scope,
): { id: string; source: string; definition: PipeDefinition } {
  const path = `${id}.Properties`;
  const pipe = propertiesOf(id, template);
  const queueParameters = (pipe.SourceParameters as { SqsQueueParameters?: Record<string, unknown> })
    ?.SqsQueueParameters;
  const numberOf = (name: string, otherwise: number) => {
    const node = queueParameters?.[name];
    return node === undefined ? otherwise : Number(evaluateText(node, scope, `${path}.${name}`));
  };
  const { InputTemplate: input } = (pipe.TargetParameters ?? {}) as { InputTemplate?: unknown };
  return {
    id,
    source: evaluateText(pipe.Source, scope, `${path}.Source`),
    definition: {
      batchSize: numberOf('BatchSize', 10),
      batchingWindowSeconds: numberOf('MaximumBatchingWindowInSeconds', 0),
      // Null: records are handed on as they are.
      inputTemplate: input === undefined ? null : evaluateText(input, scope, `${path}.TargetParameters.InputTemplate`),
    },
  };
}

/** @throws {Error} naming the path of what is missing, unknown or beyond a limit of Lambda. */
export function readStack(template: Template, options: StackOptions): Stack {
  const scope = scopeOf(template, options);
  const existing = Object.entries(template.Resources).filter(
    ([id, { Condition }]) => Condition === undefined || conditionHolds(Condition, scope, `${id}.Condition`),
  );
  const ofType = (type: string) => existing.filter(([, resource]) => resource.Type === type);
  const idsOf = (type: string) => ofType(type).map(([id]) => id);

  const functions = Object.fromEntries(
    idsOf('AWS::Serverless::Function').map((id) => [id, functionOf(id, template, scope)]),
  );

  const arnsOfTargets = (ruleId: string) =>
    ((evaluate(propertiesOf(ruleId, template).Targets, scope, `${ruleId}.Targets`) ?? []) as { Arn: string }[]).map(
      ({ Arn }) => Arn,
    );
  const fed = new Set(idsOf('AWS::Events::Rule').flatMap(arnsOfTargets));
  const pipes = idsOf('AWS::Pipes::Pipe').map((id) => pipeOf(id, template, scope));
  const fedPipes = pipes.filter(({ source }) => fed.has(source));
  const pipeId = only(
    fedPipes.map(({ id }) => id),
    'pipe that reads a queue of a rule',
  );
  const [{ source, definition: pipe }] = fedPipes as [ReturnType<typeof pipeOf>];
  const queueId = only(
    idsOf('AWS::SQS::Queue').filter((id) => scope.resource(id, 'Arn') === source),
    `queue that ${pipeId} reads`,
  );
  const ruleId = only(
    idsOf('AWS::Events::Rule').filter((id) => arnsOfTargets(id).includes(source)),
    `rule that feeds ${queueId}`,
  );
  const bucketId = only(
    idsOf('AWS::S3::Bucket').filter((id) => 'NotificationConfiguration' in propertiesOf(id, template)),
    'bucket with notifications',
  );
  const numberAt = (node: unknown, path: string, otherwise: number) =>
    node === undefined ? otherwise : Number(evaluateText(node, scope, path));

  return {
    region: options.region,
    accountId: options.accountId,
    functions,
    stateMachine: stateMachineOf(only(idsOf('AWS::Serverless::StateMachine'), 'state machine'), template, scope),
    bucket: scope.resource(bucketId, undefined) ?? '',
    eventPattern: evaluate(propertiesOf(ruleId, template).EventPattern, scope, `${ruleId}.EventPattern`) as Record<
      string,
      unknown
    >,
    queue: {
      arn: source,
      visibilityTimeoutSeconds: numberAt(
        propertiesOf(queueId, template).VisibilityTimeout,
        `${queueId}.VisibilityTimeout`,
        30,
      ),
    },
    pipe,
    smallBatchPipe: pipes.find(({ id }) => id !== pipeId)?.definition ?? null,
    forwardedSessionsCap:
      'ForwardedSessionsCap' in template.Parameters
        ? Number(evaluateText({ Ref: 'ForwardedSessionsCap' }, scope, 'ForwardedSessionsCap'))
        : undefined,
  };
}

function stateMachineOf(id: string, template: Template, scope: Scope): Stack['stateMachine'] {
  const machine = propertiesOf(id, template);
  const substitutions = Object.entries((machine.DefinitionSubstitutions as Record<string, unknown>) ?? {});
  return {
    name: evaluateText(machine.Name ?? id, scope, `${id}.Name`),
    arn: scope.resource(id, undefined) ?? '',
    definitionUri: evaluateText(machine.DefinitionUri, scope, `${id}.DefinitionUri`),
    substitutions: Object.fromEntries(
      substitutions.map(([name, node]) => [name, evaluateText(node, scope, `${id}.DefinitionSubstitutions.${name}`)]),
    ),
  };
}

const propertiesOf = (id: string, template: Template) => template.Resources[id]?.Properties ?? {};

function only(ids: string[], what: string): string {
  if (ids.length === 1 && ids[0] !== undefined) return ids[0];
  throw new Error(`template: one ${what} expected, ${ids.length} found${ids.length > 0 ? `: ${ids.join(', ')}` : ''}`);
}

function functionOf(logicalId: string, template: Template, scope: Scope): FunctionDefinition {
  const globals = template.Globals.Function ?? {};
  const properties: Record<string, unknown> = { ...globals, ...propertiesOf(logicalId, template) };
  const path = `Resources.${logicalId}.Properties`;
  const numberOf = (name: string, otherwise: number) =>
    properties[name] === undefined ? otherwise : Number(evaluateText(properties[name], scope, `${path}.${name}`));
  const variables = [globals, propertiesOf(logicalId, template)].flatMap((level) =>
    Object.entries((level.Environment as { Variables?: Record<string, unknown> } | undefined)?.Variables ?? {}),
  );
  const evaluated = Object.entries(Object.fromEntries(variables))
    .map(([name, node]) => [name, evaluate(node, scope, `${path}.Environment.Variables.${name}`)] as const)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, evaluateText(value, scope, `${path}.Environment.Variables.${name}`)] as const);
  const environmentBytes = evaluated.reduce((sum, [name, value]) => sum + Buffer.byteLength(name + value), 0);
  if (environmentBytes > maxEnvironmentBytes) {
    throw new Error(`template: ${path}.Environment has ${environmentBytes} bytes; Lambda takes ${maxEnvironmentBytes}`);
  }
  const reserved = evaluate(properties.ReservedConcurrentExecutions, scope, `${path}.ReservedConcurrentExecutions`);
  return {
    logicalId,
    name: scope.resource(logicalId, undefined) ?? logicalId,
    arn: scope.resource(logicalId, 'Arn') ?? logicalId,
    handler: evaluateText(properties.Handler, scope, `${path}.Handler`),
    timeoutSeconds: numberOf('Timeout', 3),
    memoryMegabytes: numberOf('MemorySize', 128),
    reservedConcurrency: reserved === undefined ? undefined : Number(reserved),
    environment: Object.fromEntries(evaluated),
  };
}
