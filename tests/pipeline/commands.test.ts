// The commands as a person meets them: started as programs, stopped by Ctrl-C, two at once, after a crash.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

let directory: string;
let started: ChildProcess[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'commands-'));
  started = [];
});
afterEach(async () => {
  for (const child of started) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  }
  while (started.some(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) await sleep(50);
  rmSync(directory, { recursive: true });
});

/** A command of the project, with what it has printed so far. */
function run(...args: string[]) {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, BOOK_REVIEWS_STATE_DIRECTORY: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (text += part));
  const exited = new Promise<number | null>((resolve) => child.once('close', (status) => resolve(status)));
  return {
    pid: child.pid as number,
    exited,
    text: () => text,
    interrupt: () => child.kill('SIGINT'),
    kill: () => child.kill('SIGKILL'),
    /** Resolves when `words` were printed; throws when the command ended without them. */
    async said(words: string | RegExp) {
      while (!text.match(words)) {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`ended without ${words}: ${text}`);
        await sleep(20);
      }
    },
  };
}

/** A process and all below it, parents first; where there is no /proc, the process alone. */
function descendants(pid: number): number[] {
  if (!existsSync('/proc/self')) return [pid];
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    const stat = /^\d+$/.test(entry) && statOf(Number(entry));
    if (stat) parents.set(Number(entry), stat.parent);
  }
  const found = [pid];
  for (const one of found) for (const [child, parent] of parents) if (parent === one) found.push(child);
  return found;
}

function statOf(pid: number): { state: string; parent: number } | null {
  try {
    const [state = '', parent] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
    return { state, parent: Number(parent) };
  } catch {
    return null;
  }
}
const isAlive = (pid: number) => !['Z', 'X', undefined].includes(statOf(pid)?.state);
const onLinux = existsSync('/proc/self');

const containersOf = (pid: number) =>
  execFileSync('docker', [
    'ps',
    '--all',
    '--filter',
    'label=book-reviews.label',
    '--format',
    '{{.ID}} {{.Label "book-reviews.starter"}}',
  ])
    .toString()
    .split('\n')
    .filter((line) => line.split(' ')[2] === String(pid));

describe('the demo', () => {
  it('says which option is wrong, and how to see them all', async () => {
    const demo = run('local/demo.ts', '--reviews', 'lots');
    expect(await demo.exited).toBe(2);
    expect(demo.text()).toContain("--reviews takes a whole number from 1 to 50000000, not 'lots'");
    expect(demo.text()).toContain('--help');
  });

  it('is refused while another one runs, and Ctrl-C while it starts leaves nothing', async () => {
    const first = run('local/demo.ts', '--reviews', '100');
    await first.said('Two Regions on this machine');
    const second = run('local/demo.ts', '--reviews', '100');
    expect(await second.exited).toBe(1);
    expect(second.text()).toContain(`'npm run demo' is already running here with process id ${first.pid}`);
    for (let waited = 0; waited < 20_000 && containersOf(first.pid).length < 2; waited += 100) await sleep(100);
    expect(containersOf(first.pid)).toHaveLength(2);
    const processes = descendants(first.pid);
    first.interrupt();
    expect(await first.exited).toBe(130);
    expect(first.text()).toContain('every container and process of this run is gone');
    expect(containersOf(first.pid)).toEqual([]);
    expect(processes.filter(isAlive)).toEqual([]);
    expect(existsSync(join(directory, 'run.lock'))).toBe(false);
  });

  it('stops in the middle of its work by Ctrl-C, pressed twice, and leaves nothing', async () => {
    const demo = run('local/demo.ts', '--reviews', '20000');
    await demo.said('Uploading');
    await sleep(1_500);
    const processes = descendants(demo.pid);
    demo.interrupt();
    await sleep(50);
    demo.interrupt();
    expect(await demo.exited).toBe(130);
    if (onLinux) expect(processes.length).toBeGreaterThan(3);
    expect(containersOf(demo.pid)).toEqual([]);
    expect(processes.filter(isAlive)).toEqual([]);
  });

  it('removes what a crash left behind, also the lock', async () => {
    const crashing = run('local/demo.ts', '--reviews', '20000');
    await crashing.said('Uploading');
    const processes = descendants(crashing.pid);
    crashing.kill();
    await crashing.exited;
    expect(containersOf(crashing.pid)).toHaveLength(2);
    for (let waited = 0; waited < 5_000 && processes.some(isAlive); waited += 100) await sleep(100);
    expect(processes.filter(isAlive)).toEqual([]);

    const next = run('local/demo.ts', '--reviews', '100');
    await next.said('Removed what a crash left behind: 2 containers');
    expect(containersOf(crashing.pid)).toEqual([]);
    next.interrupt();
    expect(await next.exited).toBe(130);
  });
});

describe('the Regions that stay', () => {
  const ports = String(20_000 + (process.pid % 400) * 30);

  it('say how to reach them, take up what is uploaded, and stop by Ctrl-C', async () => {
    const local = run('local/start.ts', '--port-base', ports);
    await local.said('stay until Ctrl-C');
    const endpoints = JSON.parse(readFileSync(join(directory, 'endpoints.json'), 'utf8'));
    expect(Object.keys(endpoints)).toEqual(['us-east-1', 'us-east-2']);
    expect(endpoints['us-east-1']).toEqual({
      mysql: {
        host: '127.0.0.1',
        port: Number(ports) + 10,
        user: expect.any(String),
        password: expect.any(String),
        database: 'book_reviews',
        caFile: join(directory, 'ca.pem'),
      },
      s3: {
        endpoint: `http://127.0.0.1:${Number(ports) + 12}`,
        bucket: expect.any(String),
        accessKeyId: expect.any(String),
        secretAccessKey: expect.any(String),
      },
      role: 'primary',
    });
    expect(endpoints['us-east-2']).toMatchObject({ mysql: { port: Number(ports) + 21 }, role: 'secondary' });
    const sam = JSON.parse(readFileSync(join(directory, 'sam-env.us-east-2.json'), 'utf8'));
    expect(sam.DbProcessingFunction).toMatchObject({
      DATABASE_READER_ENDPOINT: `host.docker.internal:${Number(ports) + 21}`,
      AWS_ENDPOINT_URL_S3: expect.stringMatching(`:${Number(ports) + 22}$`),
      AWS_REGION: 'us-east-2',
    });

    const second = run('local/start.ts', '--port-base', ports);
    expect(await second.exited).toBe(1);
    expect(second.text()).toContain(`already running here with process id ${local.pid}`);

    const { S3Client, PutObjectCommand } = await import('@aws-sdk/client-s3');
    const { endpoint, bucket: Bucket, ...credentials } = endpoints['us-east-2'].s3;
    const s3 = new S3Client({ region: 'us-east-2', endpoint, credentials });
    const Body = '{"reviewerID":"A1","asin":"B1"}\n{"asin":"B2"}\n';
    await s3.send(new PutObjectCommand({ Bucket, Key: 'book-review/reviews/by hand.json', Body }));
    s3.destroy();
    await local.said(
      /us-east-2 {2}completed {2}book-review\/reviews\/by hand\.json: 1 inserted, 0 already present, 1 rejected/,
    );

    const { createConnection } = await import('mysql2/promise');
    const { caFile, ...address } = endpoints['us-east-2'].mysql;
    const ssl = { ca: readFileSync(caFile), verifyIdentity: true };
    const connection = await createConnection({ ...address, ssl });
    const [rows] = await connection.query('SELECT reviewer_id, region_indicator FROM book_reviews');
    expect(rows).toEqual([{ reviewer_id: 'A1', region_indicator: 'us-east-2' }]);
    await connection.end();

    process.kill(local.pid, 'SIGUSR2');
    await local.said(/us-east-1 {2}drain .*\n.*us-east-2 {2}drain /);

    const processes = descendants(local.pid);
    local.interrupt();
    expect(await local.exited).toBe(130);
    expect(containersOf(local.pid)).toEqual([]);
    expect(processes.filter(isAlive)).toEqual([]);
    expect(existsSync(join(directory, 'endpoints.json'))).toBe(false);
  });

  it('answer the commands about a file, its rejected lines and a reviewer', async () => {
    const local = run('local/start.ts', '--port-base', ports);
    await local.said('stay until Ctrl-C');
    const { S3Client, PutObjectCommand } = await import('@aws-sdk/client-s3');
    const {
      endpoint,
      bucket: Bucket,
      ...credentials
    } = JSON.parse(readFileSync(join(directory, 'endpoints.json'), 'utf8'))['us-east-2'].s3;
    const s3 = new S3Client({ region: 'us-east-2', endpoint, credentials });
    const Body = '{"reviewerID":"A1","asin":"B1"}\n{"reviewerID":"A2","asin":"B1"}\n{"asin":"\u001b[2J"}\n';
    await s3.send(new PutObjectCommand({ Bucket, Key: 'book-review/reviews/us-east-2/by hand.json', Body }));
    s3.destroy();
    await local.said(/completed {2}\S+by hand\.json/);

    const here = ['--region', 'us-east-2', '--local'];
    const ask = async (command: string, ...args: string[]) => {
      const asked = run(`operations/${command}.ts`, ...here, ...args);
      const status = await asked.exited;
      return { status, text: asked.text() };
    };
    const statusOf = async () => JSON.parse((await ask('status', '--rows', '--json', 'us-east-2/by hand.json')).text);
    expect((await statusOf()).files).toMatchObject([
      { state: 'completed', totals: { lines: 3, inserted: 2, rejected: 1 }, rowsNow: 2 },
    ]);
    const unknown = await ask('status', 'us-east-2/other.json');
    expect(unknown).toMatchObject({
      status: 3,
      text: expect.stringContaining('Nothing is known of us-east-2/other.json'),
    });

    const rejected = await ask('rejected', '--file', 'us-east-2/by hand.json', '--reason', 'malformed-json');
    expect(rejected.text).toContain('1 rejected record in 1 file');
    expect(rejected.text).toContain('\\u001b[2J');

    expect(await ask('erase', '--reviewer', 'A1')).toMatchObject({ status: 2, text: expect.stringContaining('--yes') });
    expect((await statusOf()).files).toMatchObject([{ rowsNow: 2 }]);
    const erased = await ask('erase', '--reviewer', 'A1', '--yes');
    expect(erased.text).toContain('Deleted: 1 row');
    expect(erased.text).toContain(`s3://${Bucket}/book-review/completed/us-east-2/by hand.json`);
    expect(erased.status).toBe(0);
    expect((await statusOf()).files).toMatchObject([{ state: 'completed', rowsNow: 1 }]);

    const named = ['--file', 'us-east-2/by hand.json', '--yes'];
    expect((await ask('withdraw', ...named, '--dry-run')).text).toContain('Nothing was changed');
    expect((await statusOf()).files).toMatchObject([{ state: 'completed', rowsNow: 1 }]);
    const withdrawn = await ask('withdraw', ...named, '--reason', 'wrong file', '--by', 'Ann');
    expect(withdrawn.text).toContain('then: us-east-2 0 rows, us-east-1 0 rows');
    expect(withdrawn.status).toBe(0);
    expect((await statusOf()).files).toMatchObject([
      { state: 'withdrawn', rowsNow: 0, withdrawals: [{ reason: 'wrong file', by: 'Ann', rows: 1 }] },
    ]);
    expect(await ask('withdraw', ...named)).toMatchObject({ status: 1, text: expect.stringContaining('already') });

    // The file still contains the reviewer whose row was erased.
    const undone = await ask('withdraw', ...named, '--undo', '--wait', '0');
    expect(undone.text).toContain('back under reviews/');
    await local.said(/completed {2}\S+by hand\.json[\s\S]*completed {2}\S+by hand\.json/);
    expect((await statusOf()).files).toMatchObject([
      { state: 'completed', rowsNow: 2, withdrawals: [{ undoneWhen: expect.any(String) }] },
    ]);

    local.interrupt();
    expect(await local.exited).toBe(130);
  });

  it('say which ports are in use', async () => {
    const { createServer } = await import('node:net');
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(Number(ports) + 22, '127.0.0.1', resolve));
    const local = run('local/start.ts', '--port-base', ports);
    expect(await local.exited).toBe(2);
    expect(local.text()).toContain(`port ${Number(ports) + 22} is in use`);
    await new Promise((resolve) => taken.close(resolve));
  });
});
