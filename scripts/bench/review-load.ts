// A process that sends reviews over TLS connections that are kept, and prints how long the answers took. Ours, because it is fifty
// lines: a steady rate that counts from the moment at which a request was due is what load generators of this size lack.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from './statistics.ts';

/** What is sent: as many as the connections carry, or so many a second. */
export interface ReviewLoad {
  readonly port: number;
  readonly bodyFile: string;
  readonly connections: number;
  readonly count: number;
  readonly perSecond?: number;
}

/** Milliseconds. */
export interface LoadResult {
  readonly took: number;
  readonly p50: number;
  readonly p99: number;
}

if (process.argv[2] !== undefined) {
  process.stdout.write(JSON.stringify(await send(JSON.parse(process.argv[2]) as ReviewLoad)));
}

async function send({ port, bodyFile, connections, count, perSecond }: ReviewLoad): Promise<LoadResult> {
  // The certificate is of a CA that only the cluster knows; what a check costs is no part of what is measured.
  const agent = new Agent({ keepAlive: true, maxSockets: connections, rejectUnauthorized: false });
  const post = poster({ agent, port, body: readFileSync(bodyFile) });
  const started = performance.now();
  const taken = await (perSecond === undefined ? closed(post, connections, count) : steady(post, perSecond, count));
  const took = performance.now() - started;
  agent.destroy();
  return { took, p50: percentile(taken, 50), p99: percentile(taken, 99) };
}

type Post = () => Promise<void>;

/** Each connection sends its next review when it has its answer. */
async function closed(post: Post, connections: number, count: number): Promise<number[]> {
  const taken: number[] = [];
  let left = count;
  const connection = async (): Promise<void> => {
    while (left-- > 0) {
      const started = performance.now();
      await post();
      taken.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  return taken;
}

/** Whatever the answers do, a review is due every so often, and its time counts from then. */
async function steady(post: Post, perSecond: number, count: number): Promise<number[]> {
  const started = performance.now();
  const sent = Array.from({ length: count }, async (_, index) => {
    const due = started + (index * 1000) / perSecond;
    await sleep(Math.max(0, due - performance.now()));
    await post();
    return performance.now() - due;
  });
  return Promise.all(sent);
}

function poster({ agent, port, body }: { agent: Agent; port: number; body: Buffer }): Post {
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  const options = { agent, port, host: '127.0.0.1', method: 'POST', path: '/mutate?timeout=5s', headers };
  return () =>
    new Promise((resolve, reject) => {
      const sent = request(options, (response) => {
        response.resume().on('end', resolve).on('error', reject);
        if (response.statusCode !== 200) reject(new Error(`answered with ${response.statusCode}`));
      });
      sent.on('error', reject).end(body);
    });
}
