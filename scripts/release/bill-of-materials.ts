/** Of an SPDX document (https://spdx.github.io/spdx-spec/v2.3/) what is looked at here; the rest of it is passed on. */
export interface SpdxDocument {
  /** SPDXIDs: of what the document is the bill of materials. */
  readonly documentDescribes: readonly string[];
  readonly packages: readonly SpdxPackage[];
  readonly relationships: readonly Relationship[];
}

export interface SpdxPackage {
  readonly SPDXID: string;
  readonly name: string;
  /** In what npm writes: the folder, such as node_modules/express. */
  readonly packageFileName: string;
}

interface Relationship {
  readonly spdxElementId: string;
  readonly relatedSpdxElement: string;
  readonly relationshipType: string;
}

/**
 * The bill of materials of the programs: of npm's, which has everything that is installed, the packages in these folders. (npm's own
 * --omit=dev also leaves out what the programs have in common with the tools that build and test them.)
 */
export function billOfPrograms<T extends SpdxDocument>(installed: T, folders: readonly string[]): T {
  const [product = ''] = installed.documentDescribes;
  const parts = folders.map((folder) => packageIn(folder, installed));
  const kept = new Set([product, ...parts.map(({ SPDXID }) => SPDXID)]);
  const isKept = (id: string) => kept.has(id) || id === 'SPDXRef-DOCUMENT';
  const relationships = installed.relationships.filter(
    ({ spdxElementId, relatedSpdxElement }) => isKept(spdxElementId) && isKept(relatedSpdxElement),
  );
  return {
    ...installed,
    packages: installed.packages.filter(({ SPDXID }) => kept.has(SPDXID)),
    relationships: [...relationships, ...parts.map(({ SPDXID }) => contains(product, SPDXID))],
  };
}

function packageIn(folder: string, { packages }: SpdxDocument): SpdxPackage {
  const found = packages.find(({ packageFileName }) => packageFileName === folder);
  if (found === undefined)
    throw new Error(`${folder} is in the programs, but not in the bill of materials that npm writes`);
  return found;
}

function contains(spdxElementId: string, relatedSpdxElement: string): Relationship {
  return { spdxElementId, relatedSpdxElement, relationshipType: 'CONTAINS' };
}
