// Starts a Region's proxy in a worker thread. A child process is not necessary: the proxy only needs a separate event loop. Also, a
// thread cannot outlive its starter, even if the starter is killed.
import { Worker } from 'node:worker_threads';
import type { FrontFault, OnStruck } from './faults.ts';
import type { FrontReply, FrontSettings, FrontStart } from './settings.ts';

export interface Front {
  ports: { writer: number; reader: number; replication: number };
  /** Takes effect for the next command of every session. A new role ends all sessions. */
  change(settings: Partial<FrontSettings>): Promise<void>;
  /** Faults: see faults.ts. */
  arm(fault: FrontFault): Promise<void>;
  heal(): Promise<void>;
  onStruck(listener: OnStruck): void;
  stop(): Promise<void>;
}

/** @throws when a port is taken. */
export async function startFront(start: FrontStart): Promise<Front> {
  // Node runs the TypeScript itself, even under a test runner that was started with other arguments.
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: start, execArgv: [] });
  const waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  let lastReply = 0;
  let struck: OnStruck = () => {};
  const ended = (error: Error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };

  const ports = await new Promise<Front['ports']>((resolve, reject) => {
    worker.on('message', (message: FrontReply) => {
      if (message.kind === 'ready') return resolve(message.ports);
      if (message.kind === 'struck') return struck(message.fault, message.clientPort);
      const asked = waiting.get(message.reply);
      waiting.delete(message.reply);
      if (message.error === undefined) asked?.resolve();
      else asked?.reject(new Error(message.error));
    });
    worker.on('error', (error) => {
      reject(error);
      ended(error as Error);
    });
    worker.on('exit', () => ended(new Error('the front has ended')));
  });

  type Request =
    | { kind: 'stop' | 'heal' }
    | { kind: 'settings'; settings: Partial<FrontSettings> }
    | { kind: 'arm'; fault: FrontFault };
  const ask = (request: Request) =>
    new Promise<void>((resolve, reject) => {
      lastReply += 1;
      waiting.set(lastReply, { resolve, reject });
      worker.postMessage({ ...request, reply: lastReply });
    });

  return {
    ports,
    change: (settings) => ask({ kind: 'settings', settings }),
    arm: (fault) => ask({ kind: 'arm', fault }),
    heal: () => ask({ kind: 'heal' }),
    onStruck: (listener) => {
      struck = listener;
    },
    async stop() {
      await ask({ kind: 'stop' }).catch(() => {});
      await worker.terminate();
    },
  };
}
