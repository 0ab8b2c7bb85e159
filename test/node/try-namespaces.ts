import { runCommand } from '../control-plane/leashed-process.ts';
import { createTemporaryFolder } from '../control-plane/temporary-folder.ts';
import { privileged } from './privileged.ts';

/**
 * Why a node's namespaces can't be made, with what must work in them. Capabilities, seccomp, AppArmor and missing kernel modules all
 * stand in the way: trying tells more than looking, and loads the modules. Nothing of the try is left.
 */
export async function tryNamespaces({
  env,
  signal,
}: {
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
}): Promise<string[]> {
  // Where a node's folder will be too: not every file system can be under an overlay, itself for one.
  const folder = await createTemporaryFolder('sync-sidecar-try-');
  try {
    const args = ['--mount', '--pid', '--net', '--fork', '--mount-proc', '/bin/sh', '-ec', script, 'try', folder.path];
    const { code, stderr } = await runCommand({ command: 'unshare', args, env, signal });
    if (code === 0) return [];
    return [explain(stderr.trim().replaceAll('\n', '; '))];
  } finally {
    await folder.remove();
  }
}

function explain(words: string): string {
  return (
    `namespaces with an overlay mount, a bridge and a veth pair can't be made (${words}): ${privileged}, ` +
    'and let TMPDIR be on a volume; else see whether the kernel has the modules overlay, bridge and veth'
  );
}

const script = `
cd "$1"
mkdir lower upper work merged
mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay merged
ip link add bridge0 type bridge
ip link add veth0 type veth peer name veth1
`;
