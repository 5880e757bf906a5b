import { getContainerRuntimeClient } from 'testcontainers';
import { labels, thisStarter } from '../database/containers/starter.ts';

/** Removes the containers that this program has started, also those that are still starting. */
export async function removeOwnContainers(label: string): Promise<void> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const filters = { label: [`${labels.project}=${label}`, `${labels.starter}=${thisStarter()}`] };
  const own = await dockerode.listContainers({ all: true, filters });
  await Promise.allSettled(own.map(({ Id }) => dockerode.getContainer(Id).remove({ force: true, v: true })));
}
