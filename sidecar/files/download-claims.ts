import type { PlannedDownload } from '../projection/plan.ts';
import type { WantedDownload } from '../projection/wanted-download.ts';

/** The paths that belong to objects by `.url` keys, and what has to be downloaded for them. */
export class DownloadClaims {
  readonly #claims = new Map<string, PlannedDownload>();

  values(): PlannedDownload[] {
    return [...this.#claims.values()];
  }

  /** Takes in whose some paths are now; answers whether something else is wanted. */
  update(paths: ReadonlySet<string>, planned: readonly PlannedDownload[]): boolean {
    if (planned.length === 0 && this.#claims.size === 0) return false;
    let news = false;
    const current = new Map(planned.map((download) => [download.path, download]));
    for (const path of paths) {
      const download = current.get(path);
      news ||= isNews(this.#claims.get(path), download);
      if (download) this.#claims.set(path, download);
      else this.#claims.delete(path);
    }
    return news;
  }

  /** Notes that the file of a claim is there, so that it is news when it isn't any more. */
  got(planned: PlannedDownload): void {
    this.#claims.set(planned.path, { ...planned, missing: false });
  }

  /** The claim that a download was made for; nothing if the path belongs to another object meanwhile, or wants another URL. */
  find({ path, source, url }: WantedDownload): PlannedDownload | undefined {
    const claimed = this.#claims.get(path);
    return claimed?.source === source && claimed.claim.url === url ? claimed : undefined;
  }
}

function isNews(before: PlannedDownload | undefined, now: PlannedDownload | undefined): boolean {
  return (
    before?.source !== now?.source ||
    before?.claim.url !== now?.claim.url ||
    (now !== undefined && now.missing && !before?.missing)
  );
}
