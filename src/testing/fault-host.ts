/** How a test in the page drives a worker that breaks verbs on OPFS, where files open synchronously: in workers alone. */

/** Posted by the worker when it has come to the point at which it waits to be stopped. */
export interface AtPoint {
  /** Transactions that the verb has committed. */
  readonly commits: number;
}

export interface FaultHost {
  readonly titles: () => readonly string[];
  /** How many points a verb passes. */
  points(title: string): Promise<number>;
  /**
   * Fills a new book in this directory of OPFS and carries the verb out. At the point of that number (null: at none) it posts
   * AtPoint and does nothing more: it has to be terminated.
   */
  run(directory: string, title: string, at: number | null): Promise<void>;
  /**
   * Opens the book that a terminated worker left, and holds it against what the verb does when nothing goes wrong; the same
   * request is made again.
   * @param commits how many transactions had been committed; null where nobody knows
   * @returns what is wrong; null when nothing is
   */
  startAgain(directory: string, title: string, commits: number | null): Promise<string | null>;
}
