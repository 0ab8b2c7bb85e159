import { readFile } from 'node:fs/promises';
import { createTemporaryFolder } from '../../test/control-plane/temporary-folder.ts';
import { busyboxImage, sidecarImage } from '../../test/node/images.ts';
import { startNode, type ClusterNode } from '../../test/node/node.ts';
import { prepareNode, type PreparedNode } from '../../test/node/prepare-node.ts';
import { startWebhookOnNode } from '../../test/product/webhook-on-node.ts';
import { readExample } from './example.ts';
import { startPodOnNode } from './node-pod.ts';
import { allPromises } from './promises.ts';
import type { OpenStage, StageOptions } from './stage.ts';

/** A control plane and a node, on which the pod really runs; needs Linux and root. `install`: may install what builds images. */
export function nodeStage({ install }: { install: boolean }): OpenStage {
  return async (options, stack) => {
    const { narrator, signal } = options;
    narrator.title('A control plane and a node of its own');
    const node = await startMachine({ ...options, install }, stack);
    const namespace = await node.createNamespace('demo');

    narrator.title('The webhook');
    const webhook = await startWebhookOnNode(node, { folder: node.folder, env: { SIDECAR_IMAGE: sidecarImage } });
    stack.defer(() => webhook.stop());
    narrator.note("is a process in the node's network, registered as manifests/base does: reached by its Service");

    const script = await readFile(`${import.meta.dirname}/application.sh`, 'utf8');
    const example = await readExample(({ spec: { containers } }) => {
      Object.assign(containers[0], { image: busyboxImage, command: ['/tini', '--', 'sh', '-c', script] });
    });
    return {
      ...{ cluster: node, namespace, webhook, example, promises: allPromises },
      replaced: `its image can't be pulled here: in its place ${busyboxImage}, with scripts/demo/application.sh`,
      startPod: (pod) => startPodOnNode({ node, narrator, signal, ref: { namespace, name: pod.metadata.name } }, stack),
      lookAround: ({ metadata: { name } }) => [
        `kubectl --namespace ${namespace} exec ${name} --container app -- find /etc/dashboards -type f`,
        `kubectl --namespace ${namespace} logs ${name} --container app`,
      ],
    };
  };
}

interface MachineOptions extends StageOptions {
  install: boolean;
}

async function startMachine(options: MachineOptions, stack: AsyncDisposableStack): Promise<ClusterNode> {
  const { narrator, onProgress, endProgress, signal } = options;
  const prepared = await prepare(options, stack);
  const start = performance.now();
  const node = await startNode({ ...prepared, onProgress, signal });
  stack.defer(() => node.stop());
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  endProgress();
  const [{ status }] = (await node.get<{ items: [{ status: NodeStatus }] }>('nodes')).items;
  const { kubeletVersion, containerRuntimeVersion, kernelVersion } = status.nodeInfo;
  const runtime = containerRuntimeVersion.replace('://', ' ');
  narrator.note(`kubelet ${kubeletVersion}, ${runtime}, Linux ${kernelVersion}: the node was Ready after ${seconds} s`);
  narrator.note('It lives in namespaces of its own, and nothing of it stays; a KUBECONFIG of yours is not used');
  return node;
}

interface NodeStatus {
  nodeInfo: { kubeletVersion: string; containerRuntimeVersion: string; kernelVersion: string };
}

async function prepare({ install, ...options }: MachineOptions, stack: AsyncDisposableStack): Promise<PreparedNode> {
  const { KUBECONFIG: _ignored, ...env } = options.env;
  const watch = { env, onProgress: options.onProgress, signal: options.signal };
  const archives = await createTemporaryFolder('sync-sidecar-node-');
  stack.defer(() => archives.remove());
  return prepareNode({ ...watch, install, folder: archives.path, images: [sidecarImage] });
}
