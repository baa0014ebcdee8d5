/** The tabs that the leader serves: one session each, ended when its tab goes, connects anew, or the leader gives up. */
import { tabLock, type FromLeader } from '../protocol/tabs.ts';

interface Session {
  readonly port: MessagePort;
  readonly stop: () => void;
  readonly watch: AbortController;
}

export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #locks: Pick<LockManager, 'request'> | undefined;
  readonly #serve: (port: MessagePort) => () => void;

  /**
   * @param locks where tabs hold a lock while they live; undefined where there are none
   * @param serve serves one port; returns what frees all that the tab had here
   */
  constructor(locks: Pick<LockManager, 'request'> | undefined, serve: (port: MessagePort) => () => void) {
    this.#locks = locks;
    this.#serve = serve;
  }

  get size(): number {
    return this.#sessions.size;
  }

  add(tab: string, port: MessagePort, epoch: number): void {
    this.#end(tab);
    const watch = new AbortController();
    const session: Session = { port, stop: this.#serve(port), watch };
    this.#sessions.set(tab, session);
    port.postMessage({ kind: 'welcome', epoch } satisfies FromLeader);
    // Granted when the tab no longer holds it: closed, crashed or put to sleep.
    this.#locks
      ?.request(tabLock(tab), { mode: 'shared', signal: watch.signal }, () => {
        if (this.#sessions.get(tab) === session) this.#end(tab);
      })
      .catch(() => undefined);
  }

  /** Says farewell to every tab. */
  endAll(): void {
    for (const tab of [...this.#sessions.keys()]) this.#end(tab);
  }

  #end(tab: string): void {
    const session = this.#sessions.get(tab);
    if (!session) return;
    this.#sessions.delete(tab);
    session.watch.abort();
    session.stop();
    session.port.postMessage({ kind: 'farewell' } satisfies FromLeader);
    session.port.close();
  }
}
