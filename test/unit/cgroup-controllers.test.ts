import { expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { handDownControllers } from '../node/cgroup-controllers.ts';
import { scratchFolder } from '../scratch-folder.ts';

function cgroup(folder: string, { controllers = '', handedDown = '' }): string {
  writeFileSync(join(folder, 'cgroup.controllers'), `${controllers}\n`);
  writeFileSync(join(folder, 'cgroup.subtree_control'), `${handedDown}\n`);
  return join(folder, 'cgroup.subtree_control');
}

it('asks for the controllers that the kubelet wants, are there and are not handed down yet', async () => {
  using folder = scratchFolder();
  const control = cgroup(folder.path, {
    controllers: 'cpuset cpu io memory hugetlb pids rdma',
    handedDown: 'cpu memory pids',
  });

  await handDownControllers(folder.path);

  expect(readFileSync(control, 'utf8')).toBe('+cpuset +hugetlb');
});

it('leaves alone what hands down all that it has', async () => {
  using folder = scratchFolder();
  const control = cgroup(folder.path, { controllers: 'cpu memory pids', handedDown: 'cpu io memory pids' });

  await handDownControllers(folder.path);

  expect(readFileSync(control, 'utf8')).toBe('cpu io memory pids\n');
});

it('says what is missing, where and why when that is refused', async () => {
  using folder = scratchFolder();
  cgroup(folder.path, { controllers: 'cpu memory hugetlb', handedDown: 'cpu' });
  const refuse = () => Promise.reject(new Error('EBUSY: resource busy or locked, write'));

  await expect(handDownControllers(folder.path, refuse)).rejects.toThrow(
    `A node needs the cgroup controllers memory, hugetlb, and ${folder.path} does not hand them down (Error: EBUSY: resource busy or locked, write).
In a container that is so because its own processes are in that cgroup: start it with the cgroup namespace of its host.`,
  );
});
