/** What a tab's worker does, whatever the book: contends for the lead, and gives the tabs that come a line to the open book. */
import { type ConnectMessage, type FromLeader, type FromWorker, type ToWorker } from '../protocol/tabs.ts';
import { Leader, messageOf, type OpenBook, type Opened } from './leader.ts';
import { Sessions } from './sessions.ts';

declare const self: DedicatedWorkerGlobalScope;

export interface ServedBook extends OpenBook {
  /** Serves the LeaderApi on a port; returns what frees all that was subscribed through it. */
  serve(port: MessagePort): () => void;
}

export interface TabWorkerParts<B extends ServedBook> {
  /** Gets ready to lead, without touching a file: a tab that waits takes over sooner. `memory`: nothing lasts in this window. */
  prepare(): Promise<'lasting' | 'memory'>;
  nextEpoch(): Promise<number>;
  open(epoch: number, onRepair: () => void): Promise<Opened<B>>;
  openInMemory(): Promise<Opened<B>>;
}

export function runTabWorker<B extends ServedBook>(parts: TabWorkerParts<B>): void {
  const tell = (message: FromWorker) => self.postMessage(message);
  const { locks } = navigator as Partial<WorkerNavigator>;
  let wanted = false;
  /** Of the page that this worker belongs to. */
  let ownBuild: string | null = null;
  let serving: { readonly book: B; readonly epoch: number; readonly sessions: Sessions } | null = null;

  const serveBook = (book: B, epoch: number) => {
    serving = { book, epoch, sessions: new Sessions(locks, (port) => book.serve(port)) };
  };

  const leader = new Leader({
    locks: locks ?? { request: () => Promise.reject(new Error('This browser has no Web Locks.')) },
    nextEpoch: () => parts.nextEpoch(),
    open: async (epoch, onRepair) => {
      const opened = await parts.open(epoch, onRepair);
      if (opened.kind !== 'open') return opened;
      const { book } = opened;
      serveBook(book, epoch);
      const close = async () => {
        serving?.sessions.endAll();
        serving = null;
        await book.close();
      };
      return { kind: 'open', book: { close, ...(book.spoiled && { spoiled: book.spoiled }) } };
    },
    tell,
  });

  async function contend(): Promise<void> {
    wanted = true;
    try {
      const kind = await parts.prepare();
      if (!wanted) return;
      if (kind === 'lasting') leader.contend();
      else await openInMemory();
    } catch (error) {
      tell({ kind: 'failed', message: messageOf(error) });
    }
  }

  /** A book in memory lives as long as the page: there is nothing to hand over. */
  async function openInMemory(): Promise<void> {
    if (!serving) {
      const opened = await parts.openInMemory();
      if (opened.kind !== 'open') {
        tell(opened);
        return;
      }
      serveBook(opened.book, 1);
    }
    tell({ kind: 'unsaved' });
  }

  function connect({ tab, build }: ConnectMessage, port: MessagePort): void {
    // A tab that heard of a leader of its own build may come to the one after it.
    if (serving && build === ownBuild) {
      serving.sessions.add(tab, port, serving.epoch);
      return;
    }
    port.postMessage({ kind: 'farewell' } satisfies FromLeader);
    port.close();
  }

  let broker: MessagePort | null = null;
  self.onmessage = ({ data, ports: [port] }: MessageEvent<ToWorker>) => {
    switch (data.kind) {
      case 'contend':
        ownBuild = data.build;
        void contend();
        break;
      case 'release':
        wanted = false;
        void leader.release();
        break;
      case 'connect':
        if (port) connect(data, port);
        break;
      case 'broker':
        broker?.close();
        broker = port ?? null;
        if (!broker) break;
        broker.onmessage = ({ data: request, ports: [line] }: MessageEvent<ConnectMessage>) => {
          if (line) connect(request, line);
        };
        break;
      default:
        data satisfies never;
    }
  };
}
