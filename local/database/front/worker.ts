// A Region's proxy in a thread. It does not share its event loop with the simulation, the pipeline or a test. It always ends with its
// starter.
import { parentPort, workerData } from 'node:worker_threads';
import { createFaultPoint } from './faults.ts';
import { listen } from './listener.ts';
import { openReplicationWire } from './replication-delay.ts';
import type { FrontReply, FrontRequest, FrontStart } from './settings.ts';

const start = workerData as FrontStart;
let settings = start.settings;
const current = () => settings;

const answer = (reply: FrontReply) => parentPort?.postMessage(reply);
const faults = createFaultPoint((fault, clientPort) => answer({ kind: 'struck', fault, clientPort }));
const listeners = await listen(start.ports, start.tls, current, faults);
const { listenHost, source } = start.replication;
const wire = await openReplicationWire(listenHost, source, () => settings.rttMs / 2 + settings.lagMs);

async function act(request: FrontRequest): Promise<void> {
  if (request.kind === 'stop') {
    await Promise.all([listeners.stop(), wire.stop()]);
    return;
  }
  if (request.kind === 'arm') return faults.arm(request.fault);
  if (request.kind === 'heal') return faults.heal();
  const before = settings.role;
  settings = { ...settings, ...request.settings };
  if (settings.role !== before) await listeners.roleChanged();
}

parentPort?.on('message', (request: FrontRequest) => {
  act(request).then(
    () => answer({ kind: 'done', reply: request.reply }),
    (error: Error) => answer({ kind: 'done', reply: request.reply, error: error.message }),
  );
});
answer({ kind: 'ready', ports: { ...listeners.ports, replication: wire.port } });
