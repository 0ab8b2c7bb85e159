import { describe, expect, it } from '@jest/globals';
import { copiedFiles, defaultOf, parseDockerfile } from './dockerfile.ts';

const instructions = parseDockerfile(`
# A comment, and \\
ARG NODE_IMAGE=docker.io/library/node:24
FROM \${NODE_IMAGE} AS files
copy a.sh \\
# in the middle
     b.sh /collect/

FROM scratch
  COPY --from=files /image/ /
ARG VERSION
`);

describe('a Dockerfile', () => {
  it('is read as instructions, each in one line, without comments', () => {
    expect(instructions).toEqual([
      { name: 'ARG', text: 'NODE_IMAGE=docker.io/library/node:24' },
      { name: 'FROM', text: '${NODE_IMAGE} AS files' },
      { name: 'COPY', text: 'a.sh b.sh /collect/' },
      { name: 'FROM', text: 'scratch' },
      { name: 'COPY', text: '--from=files /image/ /' },
      { name: 'ARG', text: 'VERSION' },
    ]);
  });

  it('copies files from the context, unless they are of another stage', () => {
    expect(copiedFiles(instructions)).toEqual(['a.sh', 'b.sh']);
  });

  it('may have a default for an argument', () => {
    expect(defaultOf('NODE_IMAGE', instructions)).toBe('docker.io/library/node:24');
    expect(defaultOf('VERSION', instructions)).toBeUndefined();
  });
});
