import type { ClientId } from '../../core/ids.ts';

/** Live connections by device, so that revoking a device ends them at once. */
export class Connections {
  readonly #controllers = new Map<ClientId, AbortController>();

  /** Aborted when the device's access ends. */
  signalOf(clientId: ClientId): AbortSignal {
    let controller = this.#controllers.get(clientId);
    if (!controller) {
      controller = new AbortController();
      this.#controllers.set(clientId, controller);
    }
    return controller.signal;
  }

  /** Ends whatever the device has open. */
  end(clientId: ClientId): void {
    this.#controllers.get(clientId)?.abort();
    this.#controllers.delete(clientId);
  }
}
