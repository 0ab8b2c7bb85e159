/** Where the release workflow of a repository on GitHub, owner/name, puts images and chart. Names in a registry are in lower case. */
export function registryOf(repository: string): string {
  const [owner = ''] = repository.split('/');
  return `ghcr.io/${owner.toLowerCase()}`;
}
