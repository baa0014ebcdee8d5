/**
 * The SharedWorker that introduces tabs to the leader: it hands a tab's port on to the leader's worker. It keeps
 * nothing that could not be lost: when it dies, the tabs sign up with the next one.
 */
import type { ConnectMessage, ToBroker } from '../protocol/tabs.ts';

declare const self: SharedWorkerGlobalScope;

interface Seeker {
  readonly tab: string;
  readonly build: string;
  readonly epoch: number;
  readonly port: MessagePort;
}

let leader: { readonly epoch: number; readonly port: MessagePort } | null = null;
/** Tabs that heard of a leader before it signed up here; at most one entry a tab. */
let seekers: Seeker[] = [];

self.onconnect = ({ ports: [page] }) => {
  if (!page) return;
  page.onmessage = ({ data, ports: [port] }: MessageEvent<ToBroker>) => {
    if (!port) return;
    switch (data.kind) {
      case 'lead':
        if (leader && leader.epoch > data.epoch) return;
        leader?.port.close();
        leader = { epoch: data.epoch, port };
        break;
      case 'seek':
        seekers = [
          ...seekers.filter((seeker) => seeker.tab !== data.tab),
          { tab: data.tab, build: data.build, epoch: data.epoch, port },
        ];
        break;
      default:
        data satisfies never;
    }
    introduce();
  };
};

function introduce(): void {
  if (!leader) return;
  const { epoch, port } = leader;
  for (const seeker of seekers) {
    if (seeker.epoch <= epoch)
      port.postMessage({ kind: 'connect', tab: seeker.tab, build: seeker.build } satisfies ConnectMessage, [
        seeker.port,
      ]);
  }
  seekers = seekers.filter((seeker) => seeker.epoch > epoch);
}
