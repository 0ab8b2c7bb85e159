import type { Section } from './changelog.ts';
import { registryOf } from './registry.ts';

export interface NotesOptions {
  readonly section: Section;
  readonly version: string;
  /** On GitHub: owner/name. */
  readonly repository: string;
}

/** The text of a release on GitHub: what the changelog says, where images and chart are, and how to see that they are from here. */
export function releaseNotes({ section, version, repository }: NotesOptions): string {
  const page = `https://github.com/${repository}`;
  return [
    withAbsoluteLinks(inOneLine(section.text), `${page}/blob/v${version}`),
    '## Install',
    fenced(installation(registryOf(repository), version)),
    '## Verify',
    "Images and chart are signed by this repository's release workflow, without a key, and have an attestation of where they were built:",
    fenced(verification({ version, repository, page })),
    '`sync-sidecar.spdx.json` names the packages that the programs are made of.',
  ].join('\n\n');
}

/** GitHub shows each line of a release's text as one; an item of a list goes on in lines that are indented. */
function inOneLine(markdown: string): string {
  return markdown.replaceAll(/\n +(?=[^\s-])/g, ' ');
}

/** A release's text isn't in the tree of the repository, so what the changelog links from there would lead nowhere. */
function withAbsoluteLinks(markdown: string, base: string): string {
  return markdown.replaceAll(/\]\((?![a-z]+:)([^)\s]+)\)/g, (_, path: string) => `](${base}/${path})`);
}

function installation(registry: string, version: string): string {
  return [
    `helm install sync-sidecar oci://${registry}/charts/sync-sidecar --version ${version} \\`,
    '  --namespace sync-sidecar --create-namespace --wait',
  ].join('\n');
}

interface Origin {
  readonly version: string;
  readonly repository: string;
  readonly page: string;
}

/** https://docs.sigstore.dev/cosign/verifying/verify/: who signed is the workflow, at the tag that it ran for. */
function verification({ version, repository, page }: Origin): string {
  const names = ['sync-sidecar-webhook', 'sync-sidecar', 'charts/sync-sidecar'];
  return [
    `for name in ${names.join(' ')}; do`,
    `  cosign verify ${registryOf(repository)}/$name:${version} \\`,
    '    --certificate-oidc-issuer https://token.actions.githubusercontent.com \\',
    `    --certificate-identity ${page}/.github/workflows/release.yaml@refs/tags/v${version}`,
    `  gh attestation verify oci://${registryOf(repository)}/$name:${version} --repo ${repository}`,
    'done',
  ].join('\n');
}

function fenced(commands: string): string {
  return `\`\`\`sh\n${commands}\n\`\`\``;
}
