/** What a session does behind its two lanes, once both have nothing to do: history first, then a snapshot for others. */
import { Abort } from './abort.ts';
import { HistoryFetch, type HistoryParts } from './history-fetch.ts';
import type { Transport } from './ports.ts';
import { SnapshotUpload, type UploadParts } from './snapshot-upload.ts';

export interface BehindParts extends HistoryParts, Pick<UploadParts, 'measures'> {
  /** Of the session as it is now. */
  readonly transport: () => Transport;
}

export class Behind {
  readonly #parts: BehindParts;
  readonly #history: HistoryFetch;
  readonly #upload: SnapshotUpload;
  readonly #abort = new Abort();
  #running = false;
  #again = false;

  constructor(parts: BehindParts) {
    this.#parts = parts;
    this.#history = new HistoryFetch(parts);
    this.#upload = new SnapshotUpload(parts);
  }

  /** Everything new is here and everything made here is sent: looks whether there is something to do. */
  settled(): void {
    this.#again = true;
    if (!this.#running) void this.#run();
  }

  /** Ends it for good; what was done stays. */
  stop(): void {
    this.#abort.abort();
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      while (this.#again && !this.#abort.aborted) {
        this.#again = false;
        const transport = this.#parts.transport();
        const whole = await this.#history.run(transport, this.#abort);
        if (whole && transport.snapshots) await this.#upload.consider(transport.snapshots, this.#abort);
      }
    } finally {
      this.#running = false;
    }
  }
}
