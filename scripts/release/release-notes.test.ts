import { expect, it } from '@jest/globals';
import { sectionsOf } from './changelog.ts';
import { releaseNotes } from './release-notes.ts';

it('the notes of a release are its section with links that lead somewhere, how to install it, and how to verify it', () => {
  const [section] = sectionsOf(
    '## 0.1.0 - 2026-11-26\n\n### Sidecar\n\n- As [ever](docs/a.md#b),\n  see [semver](https://semver.org).\n',
  );

  expect(releaseNotes({ section: section!, version: '0.1.0', repository: 'Some-Team/sync-sidecar' })).toBe(
    `### Sidecar

- As [ever](https://github.com/Some-Team/sync-sidecar/blob/v0.1.0/docs/a.md#b), see [semver](https://semver.org).

## Install

\`\`\`sh
helm install sync-sidecar oci://ghcr.io/some-team/charts/sync-sidecar --version 0.1.0 \\
  --namespace sync-sidecar --create-namespace --wait
\`\`\`

## Verify

Images and chart are signed by this repository's release workflow, without a key, and have an attestation of where they were built:

\`\`\`sh
for name in sync-sidecar-webhook sync-sidecar charts/sync-sidecar; do
  cosign verify ghcr.io/some-team/$name:0.1.0 \\
    --certificate-oidc-issuer https://token.actions.githubusercontent.com \\
    --certificate-identity https://github.com/Some-Team/sync-sidecar/.github/workflows/release.yaml@refs/tags/v0.1.0
  gh attestation verify oci://ghcr.io/some-team/$name:0.1.0 --repo Some-Team/sync-sidecar
done
\`\`\`

\`sync-sidecar.spdx.json\` names the packages that the programs are made of.`,
  );
});
