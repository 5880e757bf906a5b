import { getContainerRuntimeClient } from 'testcontainers';
import { labels, mayBeAlive } from './starter.ts';

/** Removes this project's containers whose starter is gone, also stopped ones. @returns how many. */
export async function removeLeftovers(label: string): Promise<number> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const found = await dockerode.listContainers({ all: true, filters: { label: [`${labels.project}=${label}`] } });
  const orphans = found.filter((container) => !mayBeAlive(container.Labels[labels.starter] ?? ''));
  await Promise.all(
    orphans.map(({ Id }) => dockerode.getContainer(Id).remove({ force: true, v: true }).catch(ignoreGone)),
  );
  return orphans.length;
}

/** Another start may remove the same containers at the same time. */
function ignoreGone(error: { statusCode?: number }): void {
  if (error.statusCode !== 404 && error.statusCode !== 409) throw error;
}
