import { describe, expect, it } from '@jest/globals';
import validate from 'asl-validator';
import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { preprocessInput } from '../../functions/shared/contract.ts';
import { parameterOverrides, regions, template } from '../support/template.ts';

const arnOf = (name: string) => `arn:aws:states:us-east-1:000000000000:stateMachine:book-reviews-${name}`;

const target = template.Resources.DrainSchedule?.Properties.Target as { Arn: unknown; Input: string };
const scheduledInput = JSON.parse(target.Input);

/** The definition as CloudFormation gives it to Step Functions. */
function definition(): StateMachineDefinition {
  const text = JSON.stringify(template.Resources.DrainMachine?.Properties.Definition, (_, value) => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of CloudFormation
    if (value?.['Fn::Sub'] !== undefined) return value['Fn::Sub'].replace('${AWS::Partition}', 'aws');
    return value?.Ref === 'StateMachine' ? arnOf('ingest') : value;
  });
  return JSON.parse(text);
}

/** Runs a drain while `running` executions of the drain machine run, itself among them. @returns what it started */
async function drainsStarted(running: number, input: object = {}): Promise<unknown[]> {
  const started: unknown[] = [];
  const start = (parameters: unknown) => {
    started.push(parameters);
    return {};
  };
  const handlers = {
    'List running drains': ({ StateMachineArn }: { StateMachineArn: string }) => {
      expect(StateMachineArn).toBe(arnOf('drain'));
      return { Executions: Array.from({ length: running }, () => ({ Status: 'RUNNING' })) };
    },
    Drain: start,
    'Drain all but the fresh': start,
  };
  const machine = new StateMachine(definition(), { validationOptions: { checkArn: false } });
  const { result } = machine.run(input as never, {
    overrides: { taskResourceLocalHandlers: handlers as never },
    context: { StateMachine: { Id: arnOf('drain') } } as never,
  });
  await result;
  return started;
}

describe('the drain machine', () => {
  it('is valid', () => {
    expect(validate(definition(), { checkPaths: true, checkArn: true }).errorsText()).toBe('');
  });

  it.each([
    ['by hand', {}, {}],
    ['by hand with what the console suggests as input', { Comment: 'Insert your JSON here' }, {}],
    ['by schedule', scheduledInput, scheduledInput],
  ])('starts one drain %s, with an input that preprocess takes for one', async (_how, input, expected) => {
    expect(await drainsStarted(1, input)).toEqual([{ StateMachineArn: arnOf('ingest'), Input: expected }]);
    expect(preprocessInput.parse(expected)).toEqual(expected);
  });

  it('starts none while another drain is under way', async () => {
    expect(await drainsStarted(2)).toEqual([]);
  });

  it('is what the schedule starts, so that a scheduled drain and one by hand know of each other', () => {
    expect(target).toMatchObject({ Arn: { Ref: 'DrainMachine' } });
    // What one drain by schedule leaves as too fresh, the next one takes.
    const { AllowedValues } = template.Parameters.DrainMinutes as { AllowedValues: number[] };
    const leastMinutes = Math.min(...AllowedValues.filter((minutes) => minutes > 0));
    expect(scheduledInput).toEqual({ minAgeSeconds: leastMinutes * 60 });
    expect(template.Parameters.DrainMinutes?.Default).toBeGreaterThanOrEqual(5);
    for (const region of regions) expect(parameterOverrides(region)).not.toHaveProperty('DrainMinutes');
  });
});
