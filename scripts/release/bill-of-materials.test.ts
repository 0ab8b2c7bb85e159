import { describe, expect, it } from '@jest/globals';
import { billOfPrograms } from './bill-of-materials.ts';

const product = { SPDXID: 'SPDXRef-product', name: 'product', packageFileName: '' };
const bundled = { SPDXID: 'SPDXRef-bundled', name: 'bundled', packageFileName: 'node_modules/bundled' };
const shared = { SPDXID: 'SPDXRef-shared', name: 'shared', packageFileName: 'node_modules/shared' };
const tool = { SPDXID: 'SPDXRef-tool', name: 'tool', packageFileName: 'node_modules/tool' };

function relationship(spdxElementId: string, relationshipType: string, relatedSpdxElement: string) {
  return { spdxElementId, relatedSpdxElement, relationshipType };
}

const installed = {
  spdxVersion: 'SPDX-2.3',
  documentDescribes: ['SPDXRef-product'],
  packages: [product, bundled, shared, tool],
  relationships: [
    relationship('SPDXRef-DOCUMENT', 'DESCRIBES', 'SPDXRef-product'),
    relationship('SPDXRef-bundled', 'DEPENDENCY_OF', 'SPDXRef-product'),
    relationship('SPDXRef-shared', 'DEPENDENCY_OF', 'SPDXRef-bundled'),
    relationship('SPDXRef-shared', 'DEPENDENCY_OF', 'SPDXRef-tool'),
    relationship('SPDXRef-tool', 'DEV_DEPENDENCY_OF', 'SPDXRef-product'),
  ],
};

describe('the bill of materials of the programs', () => {
  it('has the packages that are in them, also those that a tool needs too', () => {
    expect(billOfPrograms(installed, ['node_modules/bundled', 'node_modules/shared'])).toEqual({
      spdxVersion: 'SPDX-2.3',
      documentDescribes: ['SPDXRef-product'],
      packages: [product, bundled, shared],
      relationships: [
        relationship('SPDXRef-DOCUMENT', 'DESCRIBES', 'SPDXRef-product'),
        relationship('SPDXRef-bundled', 'DEPENDENCY_OF', 'SPDXRef-product'),
        relationship('SPDXRef-shared', 'DEPENDENCY_OF', 'SPDXRef-bundled'),
        relationship('SPDXRef-product', 'CONTAINS', 'SPDXRef-bundled'),
        relationship('SPDXRef-product', 'CONTAINS', 'SPDXRef-shared'),
      ],
    });
  });

  it('is not written where npm knows nothing of a package', () => {
    expect(() => billOfPrograms(installed, ['node_modules/unknown'])).toThrow(
      'node_modules/unknown is in the programs',
    );
  });
});
