import { describe, expect, it } from '@jest/globals';
import validate from 'asl-validator';
import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { preprocessInput } from '../../functions/shared/contract.ts';
import { parameterOverrides, regions, template } from '../support/template.ts';

const arnOf = (name: string) => `arn:aws:states:us-east-1:000000000000:stateMachine:book-reviews-${name}`;

/** The definition as CloudFormation gives it to Step Functions. */
function definition(): StateMachineDefinition {
  const text = JSON.stringify(template.Resources.DrainMachine?.Properties.Definition, (_, value) => {
    if (value?.['Fn::Sub'] !== undefined) return value['Fn::Sub'].replace('${AWS::Partition}', 'aws');
    return value?.Ref === 'StateMachine' ? arnOf('ingest') : value;
  });
  return JSON.parse(text);
}

/** Runs a drain while `running` executions of the drain machine run, itself among them. @returns what it started */
async function drainsStarted(running: number): Promise<unknown[]> {
  const started: unknown[] = [];
  const handlers = {
    'List running drains': ({ StateMachineArn }: { StateMachineArn: string }) => {
      expect(StateMachineArn).toBe(arnOf('drain'));
      return { Executions: Array.from({ length: running }, () => ({ Status: 'RUNNING' })) };
    },
    Drain: (input: unknown) => {
      started.push(input);
      return {};
    },
  };
  const machine = new StateMachine(definition(), { validationOptions: { checkArn: false } });
  const { result } = machine.run(
    {},
    {
      overrides: { taskResourceLocalHandlers: handlers as never },
      context: { StateMachine: { Id: arnOf('drain') } } as never,
    },
  );
  await result;
  return started;
}

describe('the drain machine', () => {
  it('is valid', () => {
    expect(validate(definition(), { checkPaths: true, checkArn: true }).errorsText()).toBe('');
  });

  it('starts one drain, with the input that preprocess takes for one', async () => {
    const started = await drainsStarted(1);
    expect(started).toEqual([{ StateMachineArn: arnOf('ingest'), Input: {} }]);
    expect(preprocessInput.safeParse((started[0] as { Input: unknown }).Input).success).toBe(true);
  });

  it('starts none while another drain is under way', async () => {
    expect(await drainsStarted(2)).toEqual([]);
  });

  it('is what the schedule starts, so that a scheduled drain and one by hand know of each other', () => {
    const target = template.Resources.DrainSchedule?.Properties.Target;
    expect(target).toMatchObject({ Arn: { Ref: 'DrainMachine' }, Input: '{}' });
    expect(template.Parameters.DrainMinutes?.Default).toBeGreaterThanOrEqual(5);
    for (const region of regions) expect(parameterOverrides(region)).not.toHaveProperty('DrainMinutes');
  });
});
