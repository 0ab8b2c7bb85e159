import { readFile } from 'node:fs/promises';
import { busyboxImage } from '../../test/node/images.ts';
import { startProductNode, type ProductNode } from '../../test/product/product-node.ts';
import { readExample } from './example.ts';
import type { Narrator } from './narrator.ts';
import { startPodOnNode } from './node-pod.ts';
import { allPromises } from './promises.ts';
import type { OpenStage } from './stage.ts';

/** A control plane and a node, on which the pod really runs; needs Linux and root. `install`: may install what builds images. */
export function nodeStage({ install }: { install: boolean }): OpenStage {
  return async (options, stack) => {
    const { narrator, onProgress, endProgress, signal } = options;
    const { KUBECONFIG: _ignored, ...env } = options.env;
    narrator.title('A control plane and a node of its own');
    const product = await startProductNode({ env, images: [], install, onProgress, signal });
    stack.defer(() => product.stop());
    const { node, webhook } = product;
    endProgress();
    await tellNode(product, narrator);
    const namespace = await node.createNamespace('demo');

    narrator.title('The webhook');
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

async function tellNode({ node, nodeStartMs }: ProductNode, narrator: Narrator): Promise<void> {
  const [{ status }] = (await node.get<{ items: [{ status: NodeStatus }] }>('nodes')).items;
  const { kubeletVersion, containerRuntimeVersion, kernelVersion } = status.nodeInfo;
  const runtime = containerRuntimeVersion.replace('://', ' ');
  const seconds = (nodeStartMs / 1000).toFixed(1);
  narrator.note(`kubelet ${kubeletVersion}, ${runtime}, Linux ${kernelVersion}: the node was Ready after ${seconds} s`);
  narrator.note('It lives in namespaces of its own, and nothing of it stays; a KUBECONFIG of yours is not used');
}

interface NodeStatus {
  nodeInfo: { kubeletVersion: string; containerRuntimeVersion: string; kernelVersion: string };
}
