import { expect, it } from '@jest/globals';
import { runCommand } from '../control-plane/leashed-process.ts';
import { sidecarImage, webhookImage } from '../node/images.ts';
import { containerStatus } from '../product/running-pod.ts';
import { logs, pod, restricted, untilEnded } from './pods.ts';
import { node, useNode } from './use-node.ts';

useNode();

const programs = [
  { program: 'sidecar', image: sidecarImage },
  { program: 'webhook', image: webhookImage },
] as const;
const flags = ['--help', '--version', '--no-such-flag=1'] as const;

/** Each as a container that runs as the user of its image. */
const runs = programs.flatMap((program) =>
  flags.map((flag, at) => ({ ...program, flag, name: `${program.program}-${at}` })),
);
const containers = runs.map(({ name, image, flag }) => ({ name, image, args: [flag], securityContext: restricted }));

it("the arguments of a container are the flags of the program, whose exit code is the container's", async () => {
  const ref = { namespace: await node.createNamespace('arguments'), name: 'arguments' };
  const spec = { serviceAccountName: 'default', restartPolicy: 'Never' };
  await node.apply([pod(ref, { containers, spec })]);

  const ended = await untilEnded(ref);

  const exitCode = (name: string): number | undefined => containerStatus(ended, name).state.terminated?.exitCode;
  const inPod = runs.map(async ({ name }) => ({ name, code: exitCode(name), output: await logs(ref, name) }));
  const here = runs.map(async ({ name, program, flag }) => ({ name, ...(await runHere(program, flag)) }));
  expect(await Promise.all(inPod)).toEqual(await Promise.all(here));
}, 90_000);

/** What the images were built from. */
async function runHere(program: string, flag: string): Promise<{ code: number | null; output: string }> {
  const { code, stdout, stderr } = await runCommand({
    command: process.execPath,
    args: [`dist/${program}.cjs`, flag],
    env: {},
  });
  return { code, output: stdout + stderr };
}
