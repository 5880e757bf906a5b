// What is sent to the topic of a stack, seen by a queue that subscribes to it.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../local/until.ts';
import type { Cloud, RegionName } from './cloud.ts';

export interface Messages {
  /** Waits for a message that has the text. @throws {Error} where none comes */
  expectOne(text: string, seconds: number): Promise<void>;
}

/** A queue hears what the Region's topic sends while `run` goes on. */
export async function withMessages(
  { shell, physicalId }: Cloud,
  region: RegionName,
  run: (messages: Messages) => Promise<void>,
): Promise<void> {
  const aws = async (command: string) => (await shell.run(`aws ${command} --region ${region} --output text`)).trim();
  const topic = await physicalId(region, 'AlarmTopic');
  const name = `listener-${Date.now().toString(36)}`;
  const arn = topic.replace(':sns:', ':sqs:').replace(/[^:]+$/, name);
  const file = join(shell.project, `${name}.json`);
  await writeFile(file, JSON.stringify({ Policy: JSON.stringify(admitting(topic, arn)) }));
  const url = await aws(`sqs create-queue --queue-name ${name} --attributes file://${file} --query QueueUrl`);
  const subscription = await aws(
    `sns subscribe --topic-arn ${topic} --protocol sqs --notification-endpoint ${arn} --query SubscriptionArn`,
  );
  let heard = '';
  const hear = async () => {
    heard += await aws(`sqs receive-message --queue-url ${url} --wait-time-seconds 1 --query 'Messages[].Body'`);
    return heard;
  };
  try {
    await run({
      expectOne: (text, seconds) =>
        until(`a message with ${text}`, async () => (await hear()).includes(text), {
          withinMs: seconds * 1000,
          pauseMs: 200,
        }),
    });
  } finally {
    await aws(`sns unsubscribe --subscription-arn ${subscription}`);
    await aws(`sqs delete-queue --queue-url ${url}`);
    await rm(file, { force: true });
  }
}

const admitting = (topic: string, queue: string) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: queue,
      Condition: { ArnEquals: { 'aws:SourceArn': topic } },
    },
  ],
});
