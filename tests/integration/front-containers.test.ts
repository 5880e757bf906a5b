import { createServer } from 'node:net';
import { afterAll, describe, expect, it } from '@jest/globals';
import { GenericContainer, getContainerRuntimeClient } from 'testcontainers';
import { labels, thisStarter } from '../../local/database/containers/starter.ts';
import { removeLeftovers, startGlobalDatabase } from '../../local/database/global-database.ts';
import { findMysqlImage } from '../../local/database/image.ts';

const label = 'front-containers-test';

async function idsOf(): Promise<string[]> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const found = await dockerode.listContainers({ all: true, filters: { label: [`${labels.project}=${label}`] } });
  return found.map(({ Id }) => Id);
}

async function startIdle(starter: string) {
  return new GenericContainer(await findMysqlImage())
    .withEntrypoint(['sleep', 'infinity'])
    .withLabels({ [labels.project]: label, [labels.starter]: starter })
    .withAutoCleanup(false)
    .start();
}

describe('the containers of a global database', () => {
  afterAll(async () => {
    const { dockerode } = (await getContainerRuntimeClient()).container;
    for (const id of await idsOf()) await dockerode.getContainer(id).remove({ force: true });
  });

  it('are removed by the next start when their starter is gone, and left alone while it lives', async () => {
    const [host, pid] = thisStarter().split(' ');
    const mine = await startIdle(thisStarter());
    await startIdle(`${host} ${pid} 1`); // the number was given out again since
    await startIdle(`${host} 999999999 1`);
    const others = await startIdle(`another-machine 999999999 1`);
    expect(await removeLeftovers(label)).toBe(2);
    expect((await idsOf()).sort()).toEqual([mine.getId(), others.getId()].sort());
    await mine.stop({ timeout: 0 });
    await others.stop({ timeout: 0 });
  });

  it('are gone after a start that failed half way', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', () => resolve()));
    const { port } = taken.address() as { port: number };
    const regions = { primary: 'us-east-1', secondary: 'us-west-2' };
    const ports = { 'us-west-2': { writer: 0, reader: port } };
    const start = startGlobalDatabase({ regions, rttMs: 0, lagMs: 0, label, ports });
    await expect(start).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`);
    expect(await idsOf()).toEqual([]);
    taken.close();
  });
});
