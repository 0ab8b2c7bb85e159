import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startProcess, type LeashedProcess } from '../control-plane/leashed-process.ts';
import { makeNodeCgroup, memoryHierarchy, removeStaleCgroups, type NodeCgroup } from '../node/cgroups.ts';

let init: LeashedProcess;
let cgroup: NodeCgroup;
let folder: string;

beforeEach(async () => {
  init = await startProcess({ command: 'sleep', args: ['1000'], env: process.env });
  const suffix = crypto.randomUUID().slice(0, 6);
  cgroup = await makeNodeCgroup(suffix, init.pid);
  folder = join(memoryHierarchy(), cgroup.path);
  // Empty ones, as the kubelet has them while no pod runs: several, because the kernel lists them in an order of its own.
  for (const name of ['kubepods', 'kubepods/besteffort', ...'abcdefgh']) mkdirSync(join(folder, name));
});

afterEach(async () => {
  await init.kill();
  await cgroup.remove();
});

describe('the cgroup of a node', () => {
  it('stays as it is as long as the PID 1 of the node lives', async () => {
    const before = readdirSync(folder, { recursive: true });

    const removed = await removeStaleCgroups({ now: inAMinute() });

    expect(removed).not.toContain(cgroup.path.slice(1));
    expect(readdirSync(folder, { recursive: true })).toEqual(before);
  });

  it('goes when PID 1 has ended', async () => {
    await init.kill();

    await removeStaleCgroups({ now: inAMinute() });

    expect(existsSync(folder)).toBe(false);
  });

  it('stays while it is so new that PID 1 may not be in it yet', async () => {
    await init.kill();

    await removeStaleCgroups({ now: Date.now() });

    expect(existsSync(folder)).toBe(true);
  });

  it('goes without an error when two clean at the same time', async () => {
    await init.kill();

    await Promise.all([removeStaleCgroups({ now: inAMinute() }), removeStaleCgroups({ now: inAMinute() })]);

    expect(existsSync(folder)).toBe(false);
  });
});

function inAMinute(): number {
  return Date.now() + 60_000;
}
