// Starts a container whose port is published at a port of this machine that Docker picks.
import type { GenericContainer, StartedTestContainer } from 'testcontainers';

const attempts = 3;

/**
 * Docker picks out of the ports that connections from this machine use, too. Such a connection can be at the port that it picked, so it
 * is asked again then.
 * @throws what the last attempt throws
 */
export async function startContainer(
  container: Pick<GenericContainer, 'start'>,
  attempt = 1,
): Promise<StartedTestContainer> {
  try {
    return await container.start();
  } catch (error) {
    if (attempt === attempts || !/address already in use/.test((error as Error).message)) throw error;
    return startContainer(container, attempt + 1);
  }
}
